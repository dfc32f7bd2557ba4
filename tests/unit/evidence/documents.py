"""Documents as they are synthesized, and the same with nonsense in one place."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from lib.evidence.reading import at
from lib.evidence.values.literal import Judge, Literal
from lib.evidence.values.references import is_reference
from tests.template import Block
from tests.templates.samples import sample

SAMPLES = ("everything", "fleet-prod", "lms-prod", "redis-nodes", "transactions-prod")
"""Together they have every kind of resource that is judged here."""
_NONSENSE: dict[type, Any] = {str: "§ nonsense ¶", int: -7.5, float: -7.5}


def refused(literals: Iterable[Literal]) -> list[str]:
    """The paths of the literals that some rule of theirs does not accept."""
    return [each.path for each in literals if not all(rule.accepts(each.value) for rule in each.rules)]


@cache
def blocks_of(kind: str) -> tuple[Block, ...]:
    """The blocks of a kind in the samples, without what CDKTF writes about itself."""
    return tuple(
        {name: value for name, value in block.items() if name != "//"}
        for name in SAMPLES
        for block in sample(name).template.all(kind)
    )


@cache
def documents_of(kind: str, argument: str) -> tuple[Any, ...]:
    """The JSON documents in an argument, as the samples have them, each once."""
    return tuple(json.loads(text) for text in dict.fromkeys(at(block, argument) for block in blocks_of(kind)))


def spoiled(document: Any) -> Iterator[tuple[str, Any]]:
    """Path of a text or number, and the document with nonsense of the same type there; for all of them."""
    for place, value in places(document):
        changed = copy.deepcopy(document)
        inner = changed
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = _NONSENSE[type(value)]
        yield ".".join(step for step in place if isinstance(step, str)), changed


def places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Where each text and number stands that is not wholly a reference."""
    if isinstance(value, dict | list):
        for step, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*place, step))
    elif not isinstance(value, bool) and not (isinstance(value, str) and is_reference(value)):
        yield place, value


def let_pass(judge: Judge, document: Any, path: str) -> set[str]:
    """The paths at which nonsense is not found."""
    return {
        f"{path}.{below}"
        for below, changed in spoiled(document)
        if f"{path}.{below}" not in refused(judge(changed, path))
    }
