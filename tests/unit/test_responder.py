"""The built-in application, really run: as the container runs it, and inside this process."""

from __future__ import annotations

import ast
import http.client
import json
import os
import runpy
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from lib import responder
from lib.responder import server

SERVER_FILE = Path(server.__file__)
SECRET_VALUE = "hunter2-and-more"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str, method: str = "GET") -> tuple[int, Any]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path)
        response = connection.getresponse()
        assert response.getheader("Content-Type") == "application/json"
        text = response.read()
        return response.status, json.loads(text) if text else None


def wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the application does not listen")


@contextmanager
def application(environment: Mapping[str, str] | None = None) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The application as ECS starts it, but for the interpreter's path."""
    port = free_port()
    interpreter, *arguments = responder.COMMAND
    assert interpreter == "python3"
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={"SERVICE_NAME": "api", "PORT": str(port), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(port)
        yield port, process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def listener(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server for one connection on a port of its own."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(1)

        def serve() -> None:
            connection, _ = door.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(door.getsockname()[1])
        thread.join(5)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for `localhost` that nobody knows, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = str(folder / "key.pem"), str(folder / "certificate.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key]
    names = ["-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, *names], check=True, capture_output=True)
    return certificate, key


def speak_tls(certificate: tuple[str, str]) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        with suppress(OSError):  # The other side may not like the certificate.
            context.wrap_socket(connection, server_side=True).close()

    return answer


class TestInItsContainer:
    def test_says_that_it_lives_whatever_its_stores_do(self) -> None:
        with application({"CACHE_HOST": "localhost", "CACHE_PORT": "1"}) as (port, _):
            assert ask(port, "/health") == (200, {"service": "api", "path": "/health"})

    def test_answers_any_other_path_with_its_name(self) -> None:
        with application() as (port, _):
            assert ask(port, "/orders/7?full=1") == (200, {"service": "api", "path": "/orders/7"})

    def test_answers_head_without_a_body(self) -> None:
        with application() as (port, _):
            assert ask(port, "/health", "HEAD") == (200, None)

    def test_is_ready_without_stores(self) -> None:
        with application() as (port, _):
            assert ask(port, "/ready") == (200, {"ready": True, "stores": {}, "secrets": {}})

    def test_never_tells_a_secret(self) -> None:
        with application({"EXPECTED_SECRETS": "APP_KEY OTHER", "APP_KEY": SECRET_VALUE}) as (port, process):
            status, report = ask(port, "/ready")
            process.terminate()
            output, _ = process.communicate(timeout=10)
        assert status == 503
        assert report == {"ready": False, "stores": {}, "secrets": {"APP_KEY": True, "OTHER": False}}
        assert SECRET_VALUE not in json.dumps(report) + output

    def test_says_of_a_secret_that_it_got_the_arn_alone(self) -> None:
        arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"
        with application({"EXPECTED_SECRETS": "DB_SECRET_ARN", "DB_SECRET_ARN": arn}) as (port, _):
            assert ask(port, "/ready") == (
                200,
                {"ready": True, "stores": {}, "secrets": {"DB_SECRET_ARN": "by reference"}},
            )

    def test_writes_a_line_of_json_for_each_request(self) -> None:
        with application() as (port, process):
            ask(port, "/a")
            ask(port, "/b", "HEAD")
            process.terminate()
            output, _ = process.communicate(timeout=10)
        lines = [json.loads(line) for line in output.splitlines() if '"path"' in line]
        assert {"method": "GET", "path": "/a", "status": 200} in [_without_time(line) for line in lines]
        assert {"method": "HEAD", "path": "/b", "status": 200} in [_without_time(line) for line in lines]
        assert all(isinstance(line["milliseconds"], int) for line in lines)

    def test_ends_at_sigterm_with_success(self) -> None:
        with application() as (port, process):
            ask(port, "/health")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=5) == 0

    def test_finishes_a_request_before_it_ends(self) -> None:
        def answer_late(connection: socket.socket) -> None:
            time.sleep(1)
            connection.sendall(b"S")

        with (
            listener(answer_late) as store,
            application({"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(store)}) as (port, process),
            closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection,
        ):
            connection.request("GET", "/ready")
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            assert connection.getresponse().status == 200
            assert process.wait(timeout=10) == 0

    def test_a_silent_connection_does_not_hold_up_the_end(self) -> None:
        with application() as (port, process), socket.create_connection(("127.0.0.1", port)):
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0

    def test_serves_several_at_once(self) -> None:
        with application() as (port, _), socket.create_connection(("127.0.0.1", port)):
            assert ask(port, "/health")[0] == 200

    def test_its_health_command_ends_with_success_while_it_lives(self) -> None:
        with application() as (port, _):
            assert _health_command(port) == 0
        assert _health_command(port) != 0

    def test_source_goes_through_terraform_unchanged(self) -> None:
        # Terraform reads ${ and %{ in any string as the start of an expression.
        assert responder.COMMAND == ("python3", "-u", "-c", responder.PROGRAM)
        assert SERVER_FILE.read_text() == responder.PROGRAM
        assert "${" not in responder.PROGRAM
        assert "%{" not in responder.PROGRAM

    def test_image_is_public_and_its_user_is_not_root(self) -> None:
        assert responder.IMAGE == "public.ecr.aws/amazonlinux/amazonlinux:2023"
        assert responder.USER == "65534:65534"


class TestOnAmazonLinux2023:
    """Its `python3` is 3.9, and stays so: https://docs.aws.amazon.com/linux/al2023/ug/python.html"""

    def test_is_written_in_the_language_of_3_9(self) -> None:
        ast.parse(responder.PROGRAM, feature_version=(3, 9))
        ast.parse(responder.HEALTH_COMMAND[2], feature_version=(3, 9))

    def test_evaluates_no_annotation(self) -> None:
        # `str | None` is an error there, unless it stays text.
        assert "\nfrom __future__ import annotations\n" in responder.PROGRAM

    def test_uses_what_the_library_of_3_9_has(self) -> None:
        imported = {
            alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
            for node in ast.walk(ast.parse(responder.PROGRAM))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        # Each seen in https://docs.python.org/3.9/library/.
        assert imported == {
            "__future__.annotations",
            "collections.abc.Callable",
            "http.server.BaseHTTPRequestHandler",
            "http.server.ThreadingHTTPServer",
            "json",
            "os",
            "signal",
            "socket",
            "ssl",
            "tempfile",
            "threading",
            "time",
        }


class TestStores:
    @pytest.fixture(autouse=True)
    def _environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("CACHE_HOST", "DATABASE_HOST", "FILES_PATH", "FILES_READ_ONLY", "EXPECTED_SECRETS"):
            monkeypatch.delenv(name, raising=False)

    def test_cache_is_reached_by_a_trusted_handshake(
        self, monkeypatch: pytest.MonkeyPatch, certificate: tuple[str, str]
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
        with listener(speak_tls(certificate)) as port:
            assert self._state(monkeypatch, "cache", CACHE_HOST="localhost", CACHE_PORT=str(port)) == "reached"

    def test_cache_with_a_strange_certificate_is_not_reached(
        self, monkeypatch: pytest.MonkeyPatch, certificate: tuple[str, str]
    ) -> None:
        with listener(speak_tls(certificate)) as port:
            state = self._state(monkeypatch, "cache", CACHE_HOST="localhost", CACHE_PORT=str(port))
        assert state.startswith("SSLCertVerificationError: ")

    def test_cache_without_tls_is_not_reached(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with listener(lambda connection: connection.sendall(b"-ERR no TLS here\r\n")) as port:
            assert "SSLError" in self._state(monkeypatch, "cache", CACHE_HOST="localhost", CACHE_PORT=str(port))

    def test_closed_port_is_not_reached(self, monkeypatch: pytest.MonkeyPatch) -> None:
        state = self._state(monkeypatch, "cache", CACHE_HOST="127.0.0.1", CACHE_PORT=str(free_port()))
        assert state.startswith("ConnectionRefusedError: ")

    def test_missing_port_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CACHE_PORT", raising=False)
        assert self._state(monkeypatch, "cache", CACHE_HOST="localhost") == "KeyError: 'CACHE_PORT'"

    def test_strange_port_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self._state(monkeypatch, "cache", CACHE_HOST="h", CACHE_PORT="x").startswith("ValueError: ")

    def test_database_is_asked_for_tls(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[bytes] = []

        def answer(connection: socket.socket) -> None:
            asked.append(connection.recv(8))
            connection.sendall(b"S")

        with listener(answer) as port:
            state = self._state(monkeypatch, "database", DATABASE_HOST="127.0.0.1", DATABASE_PORT=str(port))
        assert state == "reached"
        assert asked == [b"\x00\x00\x00\x08\x04\xd2\x16\x2f"]

    def test_database_without_tls_is_not_reached(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with listener(lambda connection: connection.sendall(b"N")) as port:
            state = self._state(monkeypatch, "database", DATABASE_HOST="127.0.0.1", DATABASE_PORT=str(port))
        assert state == "ConnectionError: offers no TLS"

    def test_files_are_reached_when_they_can_be_written(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        assert self._state(monkeypatch, "files", FILES_PATH=str(tmp_path)) == "reached"
        assert list(tmp_path.iterdir()) == []

    def test_files_that_cannot_be_written_are_not_reached(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        _refuse_to_write(monkeypatch)
        state = self._state(monkeypatch, "files", FILES_PATH=str(tmp_path), FILES_READ_ONLY="false")
        assert state == "OSError: [Errno 30] Read-only file system"

    def test_read_only_files_need_only_be_read(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        _refuse_to_write(monkeypatch)
        assert self._state(monkeypatch, "files", FILES_PATH=str(tmp_path), FILES_READ_ONLY="true") == "reached"

    def test_missing_folder_is_not_reached(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        state = self._state(monkeypatch, "files", FILES_PATH=str(tmp_path / "none"), FILES_READ_ONLY="true")
        assert state.startswith("FileNotFoundError: ")

    def test_one_store_that_is_not_reached_is_enough_to_be_unready(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("FILES_PATH", str(tmp_path))
        monkeypatch.setenv("DATABASE_HOST", "127.0.0.1")
        monkeypatch.setenv("DATABASE_PORT", str(free_port()))
        status, report = server.readiness()
        assert status == 503
        assert report["ready"] is False
        assert set(report["stores"]) == {"database", "files"}  # type: ignore[call-overload]

    def test_empty_secret_counts_as_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EXPECTED_SECRETS", "APP_KEY")
        monkeypatch.setenv("APP_KEY", "")
        assert server.readiness() == (503, {"ready": False, "stores": {}, "secrets": {"APP_KEY": False}})

    def _state(self, monkeypatch: pytest.MonkeyPatch, store: str, **environment: str) -> str:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        status, report = server.readiness()
        state = report["stores"][store]  # type: ignore[index]
        assert (status, report["ready"]) == ((200, True) if state == "reached" else (503, False))
        return str(state)


def test_runs_and_ends_in_this_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    monkeypatch.setenv("PORT", str(port))
    monkeypatch.setenv("SERVICE_NAME", "api")
    before, answers = signal.getsignal(signal.SIGTERM), []

    def talk() -> None:
        wait_for(port)
        answers.extend([ask(port, "/"), ask(port, "/ready", "HEAD")])
        os.kill(os.getpid(), signal.SIGTERM)

    caller = threading.Thread(target=talk)
    caller.start()
    try:
        runpy.run_path(str(SERVER_FILE), run_name="__main__")
    finally:
        signal.signal(signal.SIGTERM, before)
        caller.join(5)
    assert answers[0] == (200, {"service": "api", "path": "/"})
    assert answers[1][1] is None
    assert len(capsys.readouterr().out.splitlines()) == 2


def _without_time(line: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != "milliseconds"}


def _health_command(port: int) -> int:
    _, *arguments = responder.HEALTH_COMMAND
    command = [sys.executable, *arguments]
    return subprocess.run(command, env={"PORT": str(port)}, capture_output=True, check=False).returncode


def _refuse_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
