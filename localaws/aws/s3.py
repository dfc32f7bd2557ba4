"""S3: who may write a bucket's access logs."""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, Final

from moto.s3.models import FakeBucket

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


EXTENSIONS: Final[tuple[Extension, ...]] = (
    Mended(FakeBucket, "_log_permissions_enabled_policy", _reads_policies, "policies are read in one form only"),
)
