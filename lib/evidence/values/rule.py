"""What a value has to be, and who says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import regex

from lib.evidence.values.references import filled


@dataclass(frozen=True)
class Rule:
    """One thing that AWS asks of a value."""

    check: str
    """The name of the check that this is a part of: `enumerations`, `patterns`, `cidr_blocks`."""
    allowed: str
    """In words: `one of a, b`, `1 to 64 characters`."""
    source: str
    """The model and the member (`botocore ecs.CreateService launchType`), or the page of AWS's documentation."""
    accepts: Callable[[Any], bool]
    """Whether a value, with Terraform's expressions in it, may be such a one. Must not raise, whatever it gets."""


def one_of(*values: Any, source: str, check: str = "enumerations") -> Rule:
    """One of a few values, of exactly their type."""
    known = {(type(value), value) for value in values}

    def accepts(value: Any) -> bool:
        return isinstance(value, str | int | float) and (type(value), value) in known

    # A number that may be spelled stands among the values twice.
    words = dict.fromkeys(
        str(value) for value in sorted(set(values), key=lambda value: (isinstance(value, str), value))
    )
    return Rule(check, f"one of {', '.join(words)}", source, accepts)


def boolean(source: str) -> Rule:
    """A truth value, which Terraform takes as a text too."""
    return one_of(True, False, "true", "false", source=source, check="types")


def matching(pattern: str, source: str, *, allowed: str = "", check: str = "patterns") -> Rule:
    """A text that matches a pattern from its first character to its last."""
    compiled = regex.compile(pattern)

    def accepts(value: Any) -> bool:
        # A number, which Terraform takes for a text, as it spells it.
        return not isinstance(value, bool | list | dict) and compiled.fullmatch(filled(str(value))) is not None

    return Rule(check, allowed or f"a text like {pattern}", source, accepts)


def between(least: float | None, most: float | None, source: str) -> Rule:
    """A number within bounds, both of which are allowed."""

    def accepts(value: Any) -> bool:
        number = as_number(value)
        return number is not None and (least is None or number >= least) and (most is None or number <= most)

    return Rule("ranges", f"a number {_span(least, most)}".rstrip(), source, accepts)


def sized(least: int | None, most: int | None, source: str) -> Rule:
    """A text, or a list, of so many characters or items."""

    def accepts(value: Any) -> bool:
        if not isinstance(value, str | list | dict):
            return False
        size = len(filled(value) if isinstance(value, str) else value)
        return (least or 0) <= size and (most is None or size <= most)

    return Rule("lengths", f"{_span(least, most)} long", source, accepts)


def as_number(value: Any) -> float | None:
    """The number that a value is or, as Terraform takes it too, spells; None for all else."""
    if isinstance(value, bool):
        return None
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None


def _span(least: float | None, most: float | None) -> str:
    if least is None:
        return f"up to {most:g}" if most is not None else ""
    return f"from {least:g}" + (f" to {most:g}" if most is not None else "")
