"""A literal of a template, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from lib.evidence.values.rule import Rule


class Literal(NamedTuple):
    """A text, number or truth value, where it stands, and all that is known of what it has to be."""

    path: str
    """`health_check.path`: names of arguments and of members of JSON documents, lists left out."""
    value: Any
    rules: tuple[Rule, ...]
    """None: nothing is known, and it counts as unchecked."""
    is_name: bool = False
    """The name of an entry of a map, and no value: judged, but not counted."""


Judge = Callable[[Any, str], Iterator[Literal]]
"""Asked for a JSON document and the path of the argument that it stands in: every literal in it."""
BlockJudge = Callable[[Any], Iterator[Literal]]
"""Asked for a whole block: literals of it, judged by what the others say."""
