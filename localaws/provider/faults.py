"""Operations that fail on request, for tests of what happens then.

LOCALAWS_FAIL=aws_ecs_service:create,aws_vpc:delete names types and operations. `created` lets a create come to its end
and fails then, which leaves an object that Terraform takes as half-made.
"""

from __future__ import annotations

from typing import NamedTuple, get_args

from localaws.provider.backend import Operation, Refused
from localaws.provider.values import Object

VARIABLE = "LOCALAWS_FAIL"
_WHEN = (*get_args(Operation), "created")


class _Rule(NamedTuple):
    kind: str
    when: str


class Faults:
    """What LOCALAWS_FAIL asks for."""

    def __init__(self, asked: str = "") -> None:
        self._rules = {_rule(word) for word in asked.split(",") if word}

    def raise_if_asked(self, kind: str, when: str, state: Object | None = None) -> None:
        """Refuses, with what is there then."""
        if _Rule(kind, when) in self._rules:
            raise Refused(f"{kind}: {when} fails on request", f"{VARIABLE} names it.", state=state)


def _rule(word: str) -> _Rule:
    kind, _, when = word.strip().partition(":")
    if when not in _WHEN:
        raise Refused(f"{VARIABLE} cannot be read", f"{word!r} is not TYPE:OPERATION, one of {', '.join(_WHEN)}.")
    return _Rule(kind, when)
