"""Templates with arguments, blocks and resources removed or replaced at random: whatever JSON somebody may write."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from lib.evidence.reading import blocks, decoded
from lib.evidence.template import Block, Template

_OPENED = "\0opened"
"""The only key of a table that stands for a JSON text."""

Place = tuple[Any, Any]
"""A table or a list, and the key or the position of something in it."""

_REFERENCE = "${aws_vpc.gone[0].id}"
_MIXED: list[Any] = [0, "text", None, {"key": ["value"]}, [["inner"]], True, _REFERENCE]


def _listed(value: Any) -> Any:
    """A list of one for its only item, and the other way round."""
    return value[0] if isinstance(value, list) and len(value) == 1 else [value]


def _spelt(value: Any) -> Any:
    """A number or a truth value as a text, a text as a number."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return len(value) if isinstance(value, str) else "12"


REPLACEMENTS: dict[str, Callable[[Any], Any]] = {
    "null": lambda _: None,
    "list of one": _listed,
    "spelt": _spelt,
    "reference": lambda _: _REFERENCE,
    "reference in a text": lambda _: f"a-{_REFERENCE}-b",
    "empty table": lambda _: {},
    "empty list": lambda _: [],
    "empty text": lambda _: "",
    "text": lambda _: "text, of no use",
    "table": lambda value: {"key": value},
    "mixed list": lambda _: [*_MIXED],
    "list of a list": lambda value: [[value]],
    "huge number": lambda _: 10**400,
    "infinity": lambda _: "inf",
    "negative": lambda _: -1.5,
    "true": lambda _: True,
    "json": lambda _: '[{"name": 1}, [], "x"]',
    "broken expression": lambda _: '${upper("${',
}
REMOVED = "removed"
_MOST_CHANGES = 60


@st.composite
def mutilated(draw: st.DrawFn, documents: Callable[[], dict[str, Block]]) -> str:
    """The text of one of the documents, with some of its parts changed."""
    document = opened(documents()[draw(st.sampled_from(sorted(documents())))])
    places = list(places_inside(document))
    how = st.sampled_from([REMOVED, *sorted(REPLACEMENTS)])
    number = st.integers(0, max(0, len(places) - 1))
    for position, change in draw(st.lists(st.tuples(number, how), min_size=1, max_size=_MOST_CHANGES)):
        if places:
            apply(change, places[position])
    return json.dumps(closed(document))


def places_inside(document: Block) -> Iterator[Place]:
    """Every place in its blocks. What is wrong with the sections around them, reading a template tells."""
    providers = document.get("provider", {}).get("aws", [])
    for block in (*blocks(Template(document)).values(), *document.get("output", {}).values(), *providers):
        yield from places_of(block)
    yield from places_of(document.get("terraform"))


def apply(change: str, place: Place) -> None:
    """Does nothing where something else was changed around it before."""
    holder, key = place
    is_there = key in holder if isinstance(holder, dict) else key < len(holder)
    if is_there and change == REMOVED:
        del holder[key]
    elif is_there:
        holder[key] = REPLACEMENTS[change](holder[key])


def places_of(value: Any) -> Iterator[Place]:
    """Every place in a value, however deep."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in list(items):
        if key != _OPENED:
            yield value, key
        yield from places_of(child)


def opened(value: Any) -> Any:
    """A copy in which JSON texts are what they say, to be changed inside."""
    if isinstance(value, dict):
        return {key: opened(child) for key, child in value.items()}
    if isinstance(value, list):
        return [opened(child) for child in value]
    inner = decoded(value)
    return value if inner is None else {_OPENED: opened(inner)}


def closed(value: Any) -> Any:
    """The same with texts in place of what was opened."""
    if isinstance(value, dict):
        if value.keys() == {_OPENED}:
            return json.dumps(closed(value[_OPENED]))
        return {key: closed(child) for key, child in value.items()}
    return [closed(child) for child in value] if isinstance(value, list) else value
