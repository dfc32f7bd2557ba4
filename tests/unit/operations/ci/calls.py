"""The calls of AWS's API that the stack's resources take, and the IAM actions that allow them."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name

from lib.evidence.template import Block
from localaws.resources.table import TABLE, tagging_of

GOLDEN = Path(__file__).parents[3] / "golden"
RECORDED: dict[str, list[str]] = json.loads((Path(__file__).parent / "calls.json").read_text())
"""Type, of a data source too -> calls that an apply, a plan and a destruction of each blueprint in the tier dev made on
the embedded AWS: what its journal has in `facts.calls`."""

Call = tuple[str, str]
"""botocore's names of a service and of an operation: ("ecs", "create_service")."""


READING = ("describe_", "get_", "head_", "list_", "simulate_")
"""How operations begin that change nothing."""


def templates(tier: str = "*") -> list[Block]:
    return [json.loads(path.read_text()) for path in sorted(GOLDEN.glob(f"*-{tier}.json"))]


def kinds() -> set[str]:
    """Every type that is in a template of any blueprint."""
    return {kind for template in templates() for kind in template["resource"]}


def calls_of(kind: str) -> set[Call]:
    """All that the table of the embedded AWS may call for a type, updates too, which no apply of one template shows."""
    service = TABLE[kind].service
    return {(service, word) for word in {*_words(TABLE[kind]), *_words(tagging_of(kind))} if word in _methods(service)}


def recorded() -> set[Call]:
    split = (each.partition(":") for calls in RECORDED.values() for each in calls)
    return {(service, operation) for service, _, operation in split}


def _words(value: Any) -> Iterator[str]:
    """Texts in a row of the table, and in the code that it names. `describe_vpcs:Vpcs[0]` begins with an operation."""
    if isinstance(value, str):
        yield value.partition(":")[0]
    elif is_dataclass(value):
        for each in fields(value):
            yield from _words(getattr(value, each.name))
    elif isinstance(value, list | tuple | frozenset):
        for each in value:
            yield from _words(each)
    elif isinstance(value, dict):
        yield from _words(list(value.values()))
    elif isinstance(value, types.FunctionType):
        yield from _words_of_code(value)


def _words_of_code(function: types.FunctionType) -> Iterator[str]:
    waiting, seen = [function], set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        for code in _codes(one.__code__):
            yield from (each for constant in code.co_consts for each in _words(constant))
            named = [one.__globals__.get(name) for name in code.co_names]
            waiting += [each for each in named if isinstance(each, types.FunctionType) and _is_of_the_table(each)]
            yield from (each for value in named if isinstance(value, dict | tuple) for each in _words(value))
        for cell in one.__closure__ or ():
            if isinstance(cell.cell_contents, types.FunctionType):
                waiting.append(cell.cell_contents)
            else:
                yield from _words(cell.cell_contents)


def _is_of_the_table(function: types.FunctionType) -> bool:
    return function.__module__.startswith("localaws.resources.special")


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


@cache
def _methods(service: str) -> dict[str, str]:
    """Operation, as Python has it -> as AWS has it."""
    return {xform_name(each): each for each in _model(service).operation_names}


@cache
def _services() -> frozenset[str]:
    return frozenset(botocore.session.Session().get_available_services())


@cache
def _model(service: str) -> Any:
    return botocore.session.Session().get_service_model(service)


_SERVICES = {"cloudwatch": "cloudwatch", "events": "events", "elbv2": "elasticloadbalancing"}
"""Service -> what its actions begin with, where it does not sign by that."""

OTHERWISE: dict[Call, tuple[str, ...]] = {
    ("s3", "delete_bucket_encryption"): ("s3:PutEncryptionConfiguration",),
    ("s3", "delete_bucket_lifecycle"): ("s3:PutLifecycleConfiguration",),
    ("s3", "delete_bucket_cors"): ("s3:PutBucketCORS",),
    ("s3", "delete_bucket_ownership_controls"): ("s3:PutBucketOwnershipControls",),
    ("s3", "delete_objects"): ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    ("s3", "delete_public_access_block"): ("s3:PutBucketPublicAccessBlock",),
    ("s3", "get_bucket_encryption"): ("s3:GetEncryptionConfiguration",),
    ("s3", "get_bucket_lifecycle_configuration"): ("s3:GetLifecycleConfiguration",),
    ("s3", "get_public_access_block"): ("s3:GetBucketPublicAccessBlock",),
    ("s3", "head_bucket"): ("s3:ListBucket",),
    ("s3", "list_buckets"): ("s3:ListAllMyBuckets",),
    ("s3", "list_object_versions"): ("s3:ListBucketVersions",),
    ("s3", "list_objects_v2"): ("s3:ListBucket",),
    ("s3", "put_bucket_cors"): ("s3:PutBucketCORS",),
    ("s3", "get_bucket_cors"): ("s3:GetBucketCORS",),
    ("s3", "put_bucket_encryption"): ("s3:PutEncryptionConfiguration",),
    ("s3", "put_bucket_lifecycle_configuration"): ("s3:PutLifecycleConfiguration",),
    ("s3", "put_public_access_block"): ("s3:PutBucketPublicAccessBlock",),
}
"""Call -> the actions that allow it, where they are not named like it.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html, each operation's "Permissions\""""

_VERBS = {"create": "POST", "delete": "DELETE", "get": "GET", "update": "PATCH", "tag": "POST", "untag": "DELETE"}
"""Of API Gateway, whose actions are HTTP's.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html"""


def is_call(call: Call) -> bool:
    service, operation = call
    return service in _services() and operation in _methods(service)


def actions_of(call: Call) -> tuple[str, ...]:
    service, operation = call
    if service == "apigatewayv2":
        return (f"apigateway:{_VERBS[operation.partition('_')[0]]}",)
    prefix = _SERVICES.get(service) or _model(service).signing_name
    return OTHERWISE.get(call, (f"{prefix}:{_methods(service)[operation]}",))
