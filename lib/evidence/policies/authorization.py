"""Which actions AWS's services know, which resources each can be allowed on, and how their ARNs read.

AWS publishes this in its service authorization reference; cfn-lint carries a copy of it. The copy keeps of an ARN only
what stands before its first variable, of condition keys only those of resources, and no letter case of actions.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from lib.evidence.policies.arns import PARTS, fits

SOURCE = "cfn-lint AdditionalSpecs/Policies.json"

EXACT = {
    "dynamodb:backup": "table/<name>/backup/<name>",
    "dynamodb:export": "table/<name>/export/<name>",
    "dynamodb:import": "table/<name>/import/<name>",
    "dynamodb:index": "table/<name>/index/<name>",
    "dynamodb:stream": "table/<name>/stream/*",
    "dynamodb:table": "table/<name>",
    "logs:log-stream": "log-group:*:log-stream:*",
    "s3:accesspoint": "accesspoint/<name>",
    "s3:accesspointobject": "accesspoint/<name>/object/*",
    "s3:bucket": "<name>",
    "s3:object": "<name>/*",
    "sns:topic": "<name>",
    "sqs:queue": "<name>",
}
"""Type of resource -> the last part of its ARN, where the copy's is that of other types too.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html and those of the other services"""

_VARIABLES = {
    "${Partition}": "<partition>",
    "${Region}": "<region>",
    "${Account}": "<account>",
    "${AccountId}": "<account>",
    "${ManagementAccountId}": "<account>",
    "${VpcOwnerAccount}": "<account>",
}


def is_service(prefix: str) -> bool:
    """Whether actions begin with that: `s3`, `elasticfilesystem`."""
    return prefix.lower() in _services()


@lru_cache(maxsize=4096)
def actions(pattern: str) -> frozenset[str]:
    """The actions that a policy means, in lower case, with their service: `s3:Get*`, `*`. None: AWS knows none such."""
    service, _, name = pattern.lower().partition(":")
    if service == "*":
        return frozenset().union(*(_named(each, name or "*") for each in _services()))
    return _named(service, name)


def _named(service: str, pattern: str) -> frozenset[str]:
    known = _services().get(service, {}).get("Actions", {})
    if pattern in known:
        return frozenset({f"{service}:{pattern}"})
    like = re.compile("".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern))
    return frozenset(f"{service}:{each}" for each in known if like.fullmatch(each))


def resource_types(action: str) -> tuple[str, ...]:
    """The types of resources that an action can be allowed on: `s3:object`. None: only on `*`."""
    service, _, name = action.lower().partition(":")
    known = _services().get(service, {}).get("Actions", {}).get(name, {})
    return tuple(f"{service}:{each.lower()}" for each in known.get("Resources", []))


@cache
def formats(resource_type: str) -> tuple[str, ...]:
    """How the ARNs of a type of resource read, as globs in six parts. Raises KeyError for a type that is not known."""
    service, _, name = resource_type.partition(":")
    (known,) = [each for key, each in _services()[service]["Resources"].items() if key.lower() == name]
    return tuple(_format(each, EXACT.get(resource_type)) for each in known["ARNFormats"])


def _format(text: str, exact: str | None) -> str:
    for variable, placeholder in _VARIABLES.items():
        text = text.replace(variable, placeholder)
    *parts, last = text.replace(".*", "*").split(":", PARTS - 1)
    return ":".join((*parts, exact or last))


@cache
def formats_of_service(prefix: str) -> tuple[str, ...]:
    """How the ARNs of all that a service's actions can be allowed on read."""
    known = _services().get(prefix, {}).get("Resources", {})
    return tuple(dict.fromkeys(form for name in known for form in formats(f"{prefix}:{name.lower()}")))


@cache
def formats_with(service: str) -> tuple[str, ...]:
    """All formats that have this as the service of the ARN, which need not be what the actions begin with."""
    every = (form for prefix in _services() for form in formats_of_service(prefix))
    return tuple(dict.fromkeys(form for form in every if form.split(":")[2] == service))


def is_known_arn(arn: str) -> bool:
    """Whether a glob can be an ARN of some service's."""
    parts = arn.split(":", PARTS - 1)
    if len(parts) < PARTS:
        return False
    if "*" in parts[2] or "?" in parts[2]:
        return True
    return any(fits(arn, form) for form in formats_with(parts[2]))


@cache
def condition_keys(prefix: str) -> frozenset[str]:
    """The condition keys of a service's resources, in lower case: `s3:buckettag/${tagkey}`."""
    known = _services().get(prefix, {}).get("Resources", {})
    return frozenset(key.lower() for each in known.values() for key in each.get("ConditionKeys", []))


@cache
def _services() -> dict[str, Any]:
    """Reading takes some 30 ms; a process does it once."""
    path = Path(str(distribution("cfn-lint").locate_file("cfnlint/data/AdditionalSpecs/Policies.json")))
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
