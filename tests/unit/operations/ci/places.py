"""Environments to test with, and what their policies allow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from lib.evidence.policies.arns import overlap
from lib.evidence.reading import as_list
from lib.evidence.template import Block
from lib.operations.ci.place import Place, place_of
from lib.settings import load

ACCOUNT = "111122223333"
REPOSITORY = "octocat/platform"


@cache
def place(blueprint: str = "catalog", suffix: str = "prod") -> Place:
    settings = load(suffix, environ={"TAP_BLUEPRINT": blueprint})
    return place_of(settings, partition="aws", account=ACCOUNT, state_bucket="platform-state")


def statements(policies: Mapping[str, Block]) -> list[Block]:
    return [each for policy in policies.values() for each in policy["Statement"]]


def allowing(said: Iterable[Block], action: str, arn: str = "*") -> list[Block]:
    """The statements that allow an action on what an ARN, or a glob of some, stands for; whatever their conditions."""
    return [
        each
        for each in said
        if any(_is_like(action, pattern) for pattern in as_list(each["Action"]))
        and any(overlap(arn, resource) for resource in as_list(each["Resource"]))
    ]


def _is_like(action: str, pattern: str) -> bool:
    return re.fullmatch(pattern.replace("*", ".*"), action, re.IGNORECASE) is not None
