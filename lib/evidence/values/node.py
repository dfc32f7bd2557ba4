"""One place in a model of AWS's: what may stand there, and what is inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Protocol

from lib.evidence.values.rule import Rule


class Node(Protocol):
    """A shape of botocore's or a property of a CloudFormation schema."""

    @property
    def source(self) -> str:
        """Which model this is, and where in it."""

    def rules(self) -> tuple[Rule, ...]:
        """What a text, number or truth value that stands here has to be."""

    def member(self, name: str, owner: str) -> Node | None:
        """The part that a Terraform argument of this name stands for; `owner` is the block that the argument is in."""

    def step(self, name: str) -> Node | None:
        """The part of exactly this name."""

    def item(self) -> Node | None:
        """What a list is made of; None for what is no list."""

    def entry(self) -> tuple[Node | None, Node | None] | None:
        """What a map's keys and values have to be, also of the lists of pairs that AWS's own maps are; else None."""


def plain(name: str) -> str:
    """A name without what Terraform, botocore and CloudFormation spell differently."""
    return re.sub(r"[_\-]", "", name).lower()


def spellings(name: str, owner: str) -> Iterator[str]:
    """The plain names that an argument may go by: `load_balancer` -> LoadBalancers; `name` in `iam_role` -> RoleName;
    `value` in `metric_transformation` -> metricValue."""
    words = owner.removeprefix("aws_").split("_")
    bare = plain(name)
    fronts = ["".join(words[start:]) for start in range(len(words))]
    fronts += ["".join(words[:end]) for end in range(len(words) - 1, 0, -1)]
    for front in ("", *fronts):
        yield from _numbers(front + bare)


def _numbers(name: str) -> Iterator[str]:
    yield name
    yield f"{name}s"
    yield f"{name}es"
    if name.endswith("y"):
        yield f"{name[:-1]}ies"
    if name.endswith("s"):
        yield name[:-1]


@cache
def member_of(members: tuple[str, ...], name: str, owner: str) -> str | None:
    """Which of the members a Terraform argument stands for."""
    known = _by_plain_name(members)
    return next((known[spelling] for spelling in spellings(name, owner) if spelling in known), None)


@cache
def _by_plain_name(members: tuple[str, ...]) -> Mapping[str, str]:
    return {plain(member): member for member in members}
