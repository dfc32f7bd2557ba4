"""Questions to AWS: read-only calls, each asked once, and what its refusals mean in words."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import Lock
from typing import Any, cast
from urllib.parse import urlsplit

import boto3
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

Block = dict[str, Any]

POOL_SIZE = 16
"""Questions at a time. AWS throttles many of these calls at 20 a second and more, and retries spread the rest."""
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=15,
    max_pool_connections=POOL_SIZE,
    # https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    retries={"mode": "standard", "total_max_attempts": 5},
)
_FETCH_TIMEOUT_SECONDS = 10

DENIED_CODES = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}
    | {"UnauthorizedOperation", "NotAuthorized", "AccessDeniedFault", "WAFAccessDenied"}
)
"""Who is asking is known, and may not."""
STRANGER_CODES = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "UnrecognizedClientException"}
    | {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthFailure", "InvalidSignatureException", "OptInRequired"}
)
"""Who is asking is not known, or not any more."""
_NEEDED = re.compile(r"not authorized to perform: ([\w-]+:\w+)")


class Refused(Exception):  # noqa: N818 -- AWS said no; who reads `except Refused` sees it
    """A call that AWS did not answer. `code` is AWS's own, `permission` what it takes where that is missing."""

    def __init__(self, sentence: str, code: str, permission: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.permission = permission

    @property
    def is_denial(self) -> bool:
        return self.code in DENIED_CODES

    @property
    def is_deaf(self) -> bool:
        """Whether no call at all would be answered: no credentials, no way to AWS."""
        return not self.code or self.code in STRANGER_CODES


class Aws:
    """An account as the credentials of the environment see it. Answers are kept: one object shows one moment."""

    def __init__(self, region: str, session: boto3.Session | None = None) -> None:
        self.region = region
        self._session = session
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = Lock()
        self._answers: dict[object, Future[Block]] = {}
        self._asking = Lock()

    def ask(self, service: str, operation: str, *, region: str | None = None, **parameters: Any) -> Block:
        """The whole answer, all pages of it. Raises Refused."""
        of = region or self.region
        key = (service, of, operation, repr(sorted(parameters.items())))
        return self._once(key, lambda: self._answer(service, of, operation, parameters))

    def call(self, service: str, operation: str, /, *, region: str | None = None, **parameters: Any) -> Block:
        """One answer, one page of it, and nothing kept: for what changes something, or has no end. Raises Refused."""
        return self._answer(service, region or self.region, operation, parameters, all_pages=False)

    def endpoint(self, service: str) -> str:
        """Where calls of a service go. Raises Refused."""
        try:
            return str(self._client(service, self.region).meta.endpoint_url)
        except BotoCoreError as error:
            raise Refused(f"{service}: {error}", "") from None

    def fetch(self, url: str, method: str = "GET", **request: Any) -> Block:
        """`status`, `headers` and `text` of the first answer, whatever it is. Raises Refused without one, and for a
        certificate that does not hold."""
        try:
            answer = urllib3.request(
                method, url, timeout=_FETCH_TIMEOUT_SECONDS, redirect=False, retries=False, **request
            )
        except urllib3.exceptions.HTTPError as error:
            raise Refused(f"{method} {url}: {error}", type(error).__name__) from None
        text = answer.data.decode(errors="replace")
        return {"status": answer.status, "headers": {k.lower(): v for k, v in answer.headers.items()}, "text": text}

    def _once(self, key: object, answer: Callable[[], Block]) -> Block:
        """Two who ask the same wait for the same answer."""
        with self._asking:
            is_first = key not in self._answers
            future = self._answers.setdefault(key, Future())
        if is_first:
            try:
                future.set_result(answer())
            except BaseException as error:
                future.set_exception(error)
        return future.result()

    def _client(self, service: str, region: str) -> Any:
        # boto3's sessions are not made for threads; its clients are.
        # https://boto3.amazonaws.com/v1/documentation/api/latest/guide/session.html#multithreading-or-multiprocessing-with-sessions
        with self._making:
            if (service, region) not in self._clients:
                self._session = self._session or boto3.Session()
                self._clients[service, region] = self._session.client(service, region_name=region, config=_CONFIG)
            return self._clients[service, region]

    def _answer(
        self, service: str, region: str, operation: str, parameters: Mapping[str, Any], *, all_pages: bool = True
    ) -> Block:
        try:
            client = self._client(service, region)
            if all_pages and client.can_paginate(operation):
                return cast(Block, client.get_paginator(operation).paginate(**parameters).build_full_result())
            answer = getattr(client, operation)(**parameters)
        except ClientError as error:
            signing_name = client.meta.service_model.signing_name
            raise refused(error, service, signing_name) from None
        except BotoCoreError as error:
            raise Refused(f"{service} {operation}: {error}", "") from None
        except ResponseParserError:
            # A proxy's page, or half an answer, time and again.
            raise Refused(f"{service} {operation}: the answer is none of AWS's", "ResponseParserError") from None
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def refused(error: ClientError, service: str, signing_name: str) -> Refused:
    """What AWS said: the call, its code, and for a missing permission which one it is."""
    details = error.response.get("Error", {})
    code, text = str(details.get("Code", "?")), str(details.get("Message", ""))
    sentence = f"{service} {error.operation_name}: {code}: {text}"
    if code not in DENIED_CODES:
        return Refused(sentence, code)
    named = _NEEDED.search(text)
    # Most actions are named like their call; where AWS names another one it says so in the text.
    permission = named[1] if named else f"{signing_name}:{error.operation_name}"
    return Refused(f"{sentence} (needs {permission})", code, permission)


def is_emulated(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether AWS is a program on this machine."""
    host = urlsplit(environ.get("AWS_ENDPOINT_URL", "")).hostname
    return host in ("localhost", "127.0.0.1", "::1")
