"""Calls of the AWS API at one endpoint: clients, the account, and what of the answers is no AWS answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

_TIMEOUT_SECONDS = 60
_CONNECTIONS = 20
_GONE_CODES = ("NotFound", "NoSuch", "DoesNotExist", "NonExistent", "Not_Found", "404")
_GONE_MESSAGES = ("does not exist", "doesn't exist", "not found", "Unable to describe task")


class Defect(Exception):  # noqa: N818 -- not an error of the user's, and not one that anybody catches by name
    """The local AWS did not answer as AWS does: it broke down, or has no such operation."""


class Call(NamedTuple):
    service: str
    operation: str
    params: Mapping[str, Any]
    seconds: float

    @property
    def writes(self) -> bool:
        """Whether it tells AWS something, as opposed to asking."""
        return not self.operation.startswith(("describe_", "get_", "list_", "head_"))


class Connection:
    """botocore's clients by service and region; may be used from several threads."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        self.region = region
        self._endpoint_url = endpoint_url
        self._session = botocore.session.Session()
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.RLock()

    @cached_property
    def account(self) -> str:
        return str(self.client("sts").get_caller_identity()["Account"])

    def client(self, service: str, region: str | None = None) -> Any:
        key = (service, region or self.region)
        # botocore makes clients from shared caches: one at a time.
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._session.create_client(
                    service,
                    key[1],
                    endpoint_url=self._endpoint_url,
                    # Nothing checks them; some have to be there, and the user's own must not be sent.
                    aws_access_key_id="local",
                    aws_secret_access_key="local",
                    config=Config(
                        retries={"total_max_attempts": 1},
                        s3={"addressing_style": "path"},
                        max_pool_connections=_CONNECTIONS,
                        read_timeout=_TIMEOUT_SECONDS,
                        # Host prefixes, such as AWS Cloud Map's `data-`, are no names on a loopback address.
                        inject_host_prefix=False,
                    ),
                )
            return self._clients[key]

    def shape(self, service: str, operation: str) -> Any:
        """The input of an operation."""
        client = self.client(service)
        return client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape

    def call(
        self, service: str, operation: str, params: Mapping[str, Any] | None = None, region: str | None = None
    ) -> tuple[dict[str, Any], Call]:
        start = time.monotonic()
        try:
            answer = getattr(self.client(service, region), operation)(**params or {})
        except (ClientError, ResponseParserError) as error:
            if "<!doctype html" in str(error).lower():
                raise Defect(f"{service}:{operation}: the local AWS broke down or has no such operation") from error
            raise
        answer.pop("ResponseMetadata", None)
        return answer, Call(service, operation, params or {}, time.monotonic() - start)


def is_gone(error: ClientError) -> bool:
    """Whether AWS says that there is no such object; its services have no common code for it."""
    code, message = str(error.response["Error"].get("Code", "")), str(error.response["Error"].get("Message", ""))
    return any(each in code for each in _GONE_CODES) or any(each in message for each in _GONE_MESSAGES)


def message(error: Exception) -> str:
    """What went wrong, with the operation and AWS's own words."""
    if isinstance(error, ClientError):
        told = error.response["Error"]
        return f"{error.operation_name}: {told.get('Code')}: {told.get('Message')}"
    if isinstance(error, Defect | ValueError) or type(error).__module__.startswith("botocore"):
        return str(error)
    return f"{type(error).__name__}: {error}"
