"""How checks say what is wrong, and how they take an answer apart."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from lib.operations.aws import Block

Value = TypeVar("Value")
_LONGEST = 300


class Gone(Exception):  # noqa: N818 -- what it names is gone; a check reports it as a problem
    """Something that must be there is not, or is there more than once."""


def one(found: Iterable[Value], what: str) -> Value:
    """The one of its kind. Raises Gone when there is none, and when there are several."""
    values = list(found)
    if len(values) != 1:
        raise Gone(f"there is no {what}" if not values else f"there are {len(values)} of {what} instead of one")
    return values[0]


def expect(what: str, found: object, wanted: object) -> Iterator[str]:
    """Says so when it is not what it must be."""
    if found != wanted:
        yield f"{what} is {shown(found)}, not {shown(wanted)}"


def expect_all(what: str, wanted: Mapping[str, object], found: Mapping[str, Any]) -> Iterator[str]:
    """The same of each member of an answer."""
    for name, value in wanted.items():
        yield from expect(f"{name} of {what}", found.get(name), value)


def expect_in(what: str, found: object, allowed: Collection[object]) -> Iterator[str]:
    if found not in allowed:
        yield f"{what} is {shown(found)}, not one of {shown(set(allowed))}"


def expect_within(what: str, found: Collection[Any], allowed: Collection[Any]) -> Iterator[str]:
    """Says what is there and must not be."""
    if others := [each for each in found if each not in allowed]:
        yield f"{what}: {shown(set(others))} should not be among them"


def expect_among(what: str, wanted: Collection[Any], found: Collection[Any]) -> Iterator[str]:
    """Says what is missing."""
    if missing := [each for each in wanted if each not in found]:
        yield f"{what}: {shown(set(missing))} missing"


def expect_true(holds: object, otherwise: str) -> Iterator[str]:
    if not holds:
        yield otherwise


def shown(value: object) -> str:
    """A value as people write it: a set in order, a long one without its end."""
    if isinstance(value, set | frozenset):
        text = ", ".join(sorted(map(shown, value))) or "none"
    elif isinstance(value, str):
        text = value or "empty"
    elif value is None:
        text = "not set"
    else:
        text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def statements(policy: str | Mapping[str, Any]) -> list[Block]:
    """Of a policy, as text or as IAM gives it."""
    document = json.loads(policy) if isinstance(policy, str) else policy
    found = document["Statement"]
    return list(found) if isinstance(found, list) else [found]


def as_list(value: Any) -> list[Any]:
    """Policies say one of something without a list."""
    return value if isinstance(value, list) else [value]


def tag_map(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """`[{"Key": …, "Value": …}]`, in whichever case a service writes it."""
    return {each.get("Key", each.get("key", "")): each.get("Value", each.get("value", "")) for each in tags}
