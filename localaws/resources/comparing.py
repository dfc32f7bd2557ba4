"""What was asked for against what AWS shows: the same meaning in different forms is the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from localaws.resources.mapper import MISSING, PAIRS, Path
from localaws.resources.names import find
from localaws.resources.searching import search

NOTHING: Final[tuple[Any, ...]] = ({}, [], None, "")
"""To say these is to say nothing."""


class Lack(NamedTuple):
    path: Path
    asked: Any
    shown: Any
    """MISSING if there is nothing."""


def canonical(value: Any) -> Any:
    """One form of what the API has several of: pairs are maps, JSON is what it says, {Quantity, Items} is the items."""
    if isinstance(value, Mapping):
        if "Quantity" in value and set(value) <= {"Quantity", "Items"}:
            return canonical(value.get("Items") or [])
        return {str(key): canonical(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return _pairs(value) or [canonical(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return _text(value.decode(errors="replace") if isinstance(value, bytes) else value)


def _pairs(values: Sequence[Any]) -> dict[str, Any] | None:
    for key, half in PAIRS:
        if values and all(isinstance(each, Mapping) and set(each) == {key, half} for each in values):
            return {str(each[key]): canonical(each[half]) for each in values}
    return None


def _text(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return canonical(json.loads(value))
    except ValueError:
        return value


def _same(asked: Any, shown: Any) -> bool:
    """Scalars: 1 is "1", true is "true", 30 is 30.0."""
    if isinstance(asked, bool) or isinstance(shown, bool):
        return str(asked).lower() == str(shown).lower()
    if isinstance(asked, int | float) or isinstance(shown, int | float):
        try:
            return float(asked) == float(shown)
        except (TypeError, ValueError):
            return False
    return str(asked) == str(shown)


def _covers(asked: Any, shown: Any) -> bool:
    return not any(True for _ in lacking(asked, shown))


def lacking(asked: Any, shown: Any, at: Path = ()) -> Iterator[Lack]:
    """What `shown` does not have of `asked`; both in canonical form."""
    if isinstance(asked, Mapping):
        yield from _lacking_members(asked, shown, at)
    elif isinstance(asked, list):
        yield from _lacking_items(asked, shown, at)
    elif isinstance(shown, list) and len(shown) == 1:
        yield from lacking(asked, shown[0], at)
    elif isinstance(shown, list | Mapping) or not _same(asked, shown):
        yield Lack(at, asked, shown)


def _lacking_members(asked: Mapping[str, Any], shown: Any, at: Path) -> Iterator[Lack]:
    if not isinstance(shown, Mapping):
        if asked:
            yield Lack(at, asked, shown)
        return
    for name, value in asked.items():
        key = name if name in shown else find(shown, name)
        if key is not None:
            yield from lacking(value, shown[key], (*at, name))
        elif value not in NOTHING:
            yield Lack((*at, name), value, MISSING)


def _lacking_items(asked: list[Any], shown: Any, at: Path) -> Iterator[Lack]:
    """In whatever order: AWS promises none."""
    others = shown if isinstance(shown, list) else list(shown.values()) if isinstance(shown, Mapping) else [shown]
    for each in asked:
        if any(_covers(each, other) for other in others):
            continue
        if len(asked) == len(others) == 1:
            yield from lacking(each, others[0], at)
        else:
            yield Lack(at, each, others)


def at_path(found: Any, path: Path, shown_as: Mapping[str, str]) -> Any:
    """What an object shows of the member at `path` of a request, in canonical form; MISSING if nothing."""
    for end in range(len(path), 0, -1):
        other = shown_as.get(".".join(path[:end]))
        if other is not None:
            found, path = canonical(search(other, found)), path[end:]
            break
    else:
        found = canonical(found)
    for step in path:
        if not isinstance(found, Mapping):
            return MISSING
        key = step if step in found else find(found, step)
        if key is None:
            return MISSING
        found = found[key]
    return MISSING if found is None else found


def digest(value: Any) -> str:
    """The same for the same value, in whatever order its lists are: AWS promises none."""
    return hashlib.sha256(json.dumps(_ordered(value), sort_keys=True, default=str).encode()).hexdigest()[:16]


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _ordered(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted(
            (_ordered(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True, default=str)
        )
    return str(value).lower() if isinstance(value, bool) else value
