"""Answers `/health` while it lives, `/ready` with what it reaches of its stores, and everything else with a greeting.

Runs by itself (`python3 -c <this file>`) where there is nothing but Python: the standard library of 3.9 only.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STORE_TIMEOUT_SECONDS = 3
# SSLRequest of https://www.postgresql.org/docs/current/protocol-message-formats.html
POSTGRES_ASKS_FOR_TLS = bytes.fromhex("00000008 04d2162f")


def reach_cache(host: str, port: int) -> None:
    """ElastiCache speaks TLS from the first byte, with a certificate of a public authority."""
    with socket.create_connection((host, port), STORE_TIMEOUT_SECONDS) as connection:
        ssl.create_default_context().wrap_socket(connection, server_hostname=host).close()


def reach_database(host: str, port: int) -> None:
    """PostgreSQL is asked whether it has TLS. No image knows the authority of its certificate by itself."""
    with socket.create_connection((host, port), STORE_TIMEOUT_SECONDS) as connection:
        connection.sendall(POSTGRES_ASKS_FOR_TLS)
        if connection.recv(1) != b"S":
            raise ConnectionError("offers no TLS")


def reach_files(path: str, read_only: bool) -> None:
    os.listdir(path)
    if not read_only:
        tempfile.TemporaryFile(dir=path).close()


def stores() -> dict[str, Callable[[], None]]:
    """The stores that the environment speaks of, and how to try each."""
    env = os.environ
    all_stores: dict[str, tuple[str, Callable[[], None]]] = {
        "cache": ("CACHE_HOST", lambda: reach_cache(env["CACHE_HOST"], int(env["CACHE_PORT"]))),
        "database": ("DATABASE_HOST", lambda: reach_database(env["DATABASE_HOST"], int(env["DATABASE_PORT"]))),
        "files": ("FILES_PATH", lambda: reach_files(env["FILES_PATH"], env.get("FILES_READ_ONLY") == "true")),
    }
    return {name: attempt for name, (variable, attempt) in all_stores.items() if variable in env}


def trouble(attempt: Callable[[], None]) -> str | None:
    try:
        attempt()
    except (OSError, ValueError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def secret(name: str) -> bool | str:
    """Whether it is there, never what it is. An instance gets the ARN alone: who has use for the secret reads it."""
    value = os.environ.get(name, "")
    return "by reference" if value.startswith("arn:") else bool(value)


def readiness() -> tuple[int, dict[str, object]]:
    troubles = {name: trouble(attempt) for name, attempt in stores().items()}
    secrets = {name: secret(name) for name in os.environ.get("EXPECTED_SECRETS", "").split()}
    ready = not any(troubles.values()) and all(secrets.values())
    states = {name: error or "reached" for name, error in troubles.items()}
    return (200 if ready else 503), {"ready": ready, "stores": states, "secrets": secrets}


class Handler(BaseHTTPRequestHandler):
    timeout = 2  # A silent connection must not hold up the end.

    def do_GET(self) -> None:
        path, started = self.path.partition("?")[0], time.monotonic()
        greeting: dict[str, object] = {"service": os.environ["SERVICE_NAME"], "path": path}
        status, report = readiness() if path == "/ready" else (200, greeting)
        body = json.dumps(report).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)
        milliseconds = round((time.monotonic() - started) * 1000)
        print(json.dumps({"method": self.command, "path": path, "status": status, "milliseconds": milliseconds}))

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a request gets its line when it is answered."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler)
    server.daemon_threads = False  # The end waits for the requests that are being answered.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
    server.server_close()
