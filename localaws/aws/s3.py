"""S3: who may write a bucket's access logs, policies that refuse plain HTTP, and writing on a condition."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, Final

from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from localaws.aws.extending import Extension, Mended

_LOG_WRITER = "logging.s3.amazonaws.com"


def _reads_policies(_: Callable[..., bool]) -> Any:
    """Moto breaks down at a statement for everybody, such as the one that refuses plain HTTP, and knows a resource only
    as one string that ends where the log prefix does."""

    def allowed(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
        if not target_bucket.policy:
            return False
        record = f"{target_bucket.arn}/{target_prefix or ''}record"
        statements = json.loads(target_bucket.policy)["Statement"]
        return any(_lets_log(each, record) for each in statements)

    return staticmethod(allowed)


def _lets_log(statement: dict[str, Any], record: str) -> bool:
    principal = statement.get("Principal")
    return (
        statement["Effect"] == "Allow"
        and isinstance(principal, dict)
        and _LOG_WRITER in _list(principal.get("Service"))
        and any(fnmatchcase("s3:PutObject", each) for each in _list(statement.get("Action")))
        and any(fnmatchcase(record, each) for each in _list(statement.get("Resource")))
    )


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _one_by_one(original: Callable[..., Any]) -> Any:
    """Moto looks whether the key is there, and writes some time later: two may both find that it is not.

    Terraform's lock of a state is such an object, and has to be one writer's alone.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    lock = threading.Lock()

    def put_object(self: S3Response) -> Any:
        with lock:
            return original(self)

    return put_object


def _as_over_tls(original: Callable[..., Any]) -> Any:
    """Moto takes a refusal on a condition for one without. What is asked here comes from this machine alone, and counts
    as asked over TLS."""

    def get_permission(self: FakeBucket, action: str, resource: str) -> Any:
        kept = self.policy
        if kept:
            document = json.loads(kept)
            in_force = [each for each in document["Statement"] if not _refuses_plain(each)]
            self.policy = json.dumps(document | {"Statement": in_force}).encode()
        try:
            return original(self, action, resource)
        finally:
            self.policy = kept

    return get_permission


def _refuses_plain(statement: dict[str, Any]) -> bool:
    refusal = {"Bool": {"aws:SecureTransport": "false"}}
    return statement["Effect"] == "Deny" and statement.get("Condition") == refusal


EXTENSIONS: Final[tuple[Extension, ...]] = (
    Mended(FakeBucket, "_log_permissions_enabled_policy", _reads_policies, "policies are read in one form only"),
    Mended(FakeBucket, "get_permission", _as_over_tls, "a refusal of plain HTTP refuses everybody"),
    Mended(S3Response, "put_object", _one_by_one, "several may write what only the first may"),
)
