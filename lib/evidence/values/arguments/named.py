"""Names and sizes: what the tables of names and of sizes say of each value."""

from __future__ import annotations

from functools import cache

from lib.evidence.structure.known_names import NAMED
from lib.evidence.structure.limits import LIMITS
from lib.evidence.values.rule import Rule, matching, sized


@cache
def rules(kind: str, path: str) -> tuple[Rule, ...]:
    """What a name may be made of and how long it may be, and how long a description may be."""
    found = [
        rule
        for naming in NAMED.get(kind, ())
        if naming.argument == path
        for rule in (matching(naming.pattern, naming.page, check="names"), sized(1, naming.longest, naming.page))
    ]
    limit = LIMITS.get((kind, path))
    if limit is not None:
        found += [sized(0, limit.size, limit.page), matching(limit.pattern, limit.page)]
    return tuple(found)
