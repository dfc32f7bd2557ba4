"""Stands between Terraform and an AWS: lets calls through, holds them until a test says go, or answers them itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_XML = "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
_OF_S3 = "<Error><Code>{code}</Code><Message>{message}</Message></Error>"
_HOP = ("connection", "transfer-encoding", "content-length", "keep-alive", "date", "server")


@dataclass
class Rule:
    """What becomes of calls that hold some words."""

    words: tuple[str, ...]
    """In method, address, headers or body; all of them."""
    code: str = ""
    """AWS's, if it is refused."""
    message: str = ""
    times: int = 1_000_000
    """How often; after that calls go through."""
    seen: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    """Until then a call that is not refused is held."""


class Between:
    """An endpoint of its own in front of another one."""

    def __init__(self, behind: str) -> None:
        self.rules: list[Rule] = []
        self._behind = urlsplit(behind)
        self._counting = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                outer.answer(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """Who asked is gone: nobody reads that either."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def refuse(self, *words: str, code: str, message: str = "no", times: int = 1_000_000) -> Rule:
        return self._add(Rule(words, code, message, times))

    def hold(self, *words: str) -> Rule:
        """The next such call."""
        return self._add(Rule(words, times=1))

    def clear(self) -> None:
        for rule in self.rules:
            rule.go.set()
        self.rules.clear()

    def _add(self, rule: Rule) -> Rule:
        self.rules.append(rule)
        return rule

    @contextmanager
    def serving(self) -> Iterator[Between]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.clear()
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        rule = self._rule(f"{request.command} {request.path}\n{request.headers}\n{body.decode(errors='replace')}")
        if rule and rule.code:
            rule.seen.set()
            form = _OF_S3 if "/s3/" in request.headers.get("Authorization", "") else _XML
            self._send(request, 403, {}, form.format(code=rule.code, message=rule.message).encode())
            return
        if rule:
            rule.seen.set()
            rule.go.wait(60)
        self._pass_on(request, body)

    def _rule(self, text: str) -> Rule | None:
        with self._counting:
            for rule in self.rules:
                if rule.times and all(word in text for word in rule.words):
                    rule.times -= 1
                    return rule
        return None

    def _pass_on(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        assert self._behind.hostname
        connection = HTTPConnection(self._behind.hostname, self._behind.port)
        try:
            connection.request(request.command, request.path, body, dict(request.headers))
            answer = connection.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
            length = answer.getheader("Content-Length") if request.command == "HEAD" else None
            self._send(request, answer.status, headers, answer.read(), length)
        finally:
            connection.close()

    def _send(
        self,
        request: BaseHTTPRequestHandler,
        status: int,
        headers: dict[str, str],
        body: bytes,
        length: str | None = None,
    ) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", length or str(len(body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)
