"""Terraform's values as plain Python: None, str, bool, int, float, list, dict, and a marker for what is not known."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from localaws.provider.block import Block, NestedBlock


class Unknown(enum.Enum):
    """The type of UNKNOWN; an enum of one, so that `value is UNKNOWN` tells a type checker what it tells a reader."""

    UNKNOWN = "(known after apply)"


UNKNOWN: Final = Unknown.UNKNOWN
"""A value that a plan leaves to the apply."""

Value: TypeAlias = "str | bool | int | float | list[Value] | dict[str, Value] | Unknown | None"
Object: TypeAlias = "dict[str, Value]"
"""One resource, data source or nested block: a value for every attribute and block of its schema. Lists, sets and a
nested block that may repeat are lists."""


def has_unknown(value: Value) -> bool:
    """Whether any part of the value is not known yet."""
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list):
        return any(map(has_unknown, value))
    return value is UNKNOWN


def is_set(value: Value) -> bool:
    """Whether there is anything: null and an empty collection are nothing."""
    return value is not None and value not in ([], {})


def in_each(nested: NestedBlock, value: Value, change: Callable[[Block, Object], Object]) -> Value:
    """The value of a nested block, with `change` made to each object in it."""
    if isinstance(value, list):
        return [change(nested.block, item) if isinstance(item, dict) else item for item in value]
    if isinstance(value, dict) and nested.nesting == "map":
        return {key: change(nested.block, item) if isinstance(item, dict) else item for key, item in value.items()}
    if isinstance(value, dict):
        return change(nested.block, value)
    return value


def empty_object(block: Block) -> Object:
    """An object of which nothing is set."""
    none: Mapping[str, Value] = {"single": None, "map": {}, "list": [], "set": []}
    return {
        **dict.fromkeys(block.attributes),
        **{name: none[nested.nesting] for name, nested in block.blocks.items()},
    }
