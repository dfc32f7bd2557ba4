"""A block of Terraform's beside AWS's models of it: each literal with the rules that the models have for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from lib.evidence.reading import decoded
from lib.evidence.values.literal import Literal
from lib.evidence.values.mapping import Model
from lib.evidence.values.node import Node
from lib.evidence.values.rule import Rule


class Place(NamedTuple):
    """Where a value stands in one of the models; no node: this model knows nothing of it."""

    model: Model
    node: Node | None


def literals(kind: str, block: Any, known: tuple[Model, ...]) -> Iterator[Literal]:
    """Every literal of a block. Texts that are JSON, where a model has parts for them, are gone into."""
    yield from _table(block, [Place(model, model.root) for model in known], "", kind, is_json=False)


def _table(block: Any, places: list[Place], path: str, owner: str, *, is_json: bool) -> Iterator[Literal]:
    for name, value in block.items():
        below = f"{path}.{name}" if path else name
        inner = [_member(place, name) if is_json else _part(place, name, below, owner) for place in places]
        if is_json and not any(place.node for place in inner):
            yield Literal(below, name, (_unknown(places),), is_name=True)
        yield from _value(value, inner, below, name, is_json=is_json)


def _part(place: Place, name: str, path: str, owner: str) -> Place:
    if path in place.model.names:
        return Place(place.model, place.model.at(path))
    return Place(place.model, place.node.member(name, owner) if place.node else None)


def _member(place: Place, name: str) -> Place:
    """In a document names are the API's own. CloudFormation writes them with a capital."""
    node = place.node and (place.node.step(name) or place.node.step(f"{name[:1].upper()}{name[1:]}"))
    return Place(place.model, node)


def _value(value: Any, places: list[Place], path: str, owner: str, *, is_json: bool) -> Iterator[Literal]:
    document = _document(value, places)
    if document is not None:
        value, is_json = document, True
    if isinstance(value, dict):
        yield from _map_or_table(value, places, path, owner, is_json=is_json)
    elif isinstance(value, list):
        inner = [Place(place.model, place.node and (place.node.item() or place.node)) for place in places]
        for each in value:
            yield from _value(each, inner, path, owner, is_json=is_json)
    elif value is not None:
        yield Literal(path, value, tuple(rule for place in places for rule in _rules(place.node)))


def _map_or_table(value: Any, places: list[Place], path: str, owner: str, *, is_json: bool) -> Iterator[Literal]:
    entries = [place.node.entry() if place.node else None for place in places]
    # A block that there is once, and a list of them in the model.
    blocks = [Place(place.model, place.node and (place.node.item() or place.node)) for place in places]
    if not any(entries) or any(_is_one(value, place.node, owner) for place in blocks):
        yield from _table(value, blocks, path, owner, is_json=is_json)
        return
    for name, each in value.items():
        names = tuple(rule for entry in entries if entry for rule in _rules(entry[0]))
        if names:
            yield Literal(f"{path}.{name}", name, names, is_name=True)
        inner = [Place(place.model, entry and entry[1]) for place, entry in zip(places, entries, strict=True)]
        yield from _value(each, inner, f"{path}.{name}", name, is_json=is_json)


def _is_one(value: Any, node: Node | None, owner: str) -> bool:
    """Whether a table is a pair of name and value itself, and no map that becomes a list of pairs."""
    return bool(value) and node is not None and all(node.member(name, owner) for name in value)


def _rules(node: Node | None) -> tuple[Rule, ...]:
    """What is asked of a single value, also where AWS takes a list of such."""
    if node is None:
        return ()
    return node.rules() or _rules(node.item())


def _document(value: Any, places: list[Place]) -> Any:
    """What a JSON text says where a model has a list for it; else None."""
    has_parts = any(place.node and place.node.item() for place in places)
    return decoded(value) if has_parts and isinstance(value, str) and value.startswith("[") else None


def _unknown(places: list[Place]) -> Rule:
    sources = ", ".join(place.node.source for place in places if place.node)
    return Rule("members", "a member of the API", sources, lambda _: False)
