"""What values have to be that no model of AWS says: type and argument -> rules, each with the page that says so."""

from __future__ import annotations

from lib.evidence.values.arguments import balancing, compute, data, edge, everywhere, named, watching
from lib.evidence.values.rule import Rule

_OF_TYPES: dict[tuple[str, str], tuple[Rule, ...]] = {
    **balancing.ARGUMENTS,
    **compute.ARGUMENTS,
    **data.ARGUMENTS,
    **edge.ARGUMENTS,
    **watching.ARGUMENTS,
}


def own_rules(kind: str, path: str) -> tuple[Rule, ...]:
    """The rules for an argument of a type. A name that ends in `*` in the tables stands for all entries of a map."""
    entries = f"{path.rpartition('.')[0]}.*"
    return tuple(
        rule
        for place in (path, entries)
        for rule in (*_OF_TYPES.get((kind, place), ()), *everywhere.ARGUMENTS.get(place, ()), *named.rules(kind, place))
    )
