"""What is told of a part of the platform, and how bad it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, TypeVar

from lib.operations.aws import Refused
from lib.operations.deployment import Deployment

Answer = TypeVar("Answer")
MEASURED_ON_AWS = "an emulator measures nothing"


class Severity(IntEnum):
    """Worst first."""

    DOWN = 0
    """Users notice it."""
    FAILED = 1
    """What was deployed is not what runs."""
    ALARM = 2
    DEGRADED = 3
    """It works, with less behind it than there should be."""
    UNHEARD = 4
    """It would not be noticed if something broke."""
    UNKNOWN = 5
    """It could not be asked."""
    NOTE = 6
    """Nothing is wrong: worth knowing before one does anything."""


@dataclass(frozen=True)
class Trouble:
    severity: Severity
    text: str


@dataclass(frozen=True)
class Line:
    """What is told of one service, database, …"""

    texts: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same for programs, as JSON has it: times are ISO 8601 in UTC; None is what nobody knows."""
    troubles: tuple[Trouble, ...] = ()
    needs_aws: str = ""
    """Why an emulator cannot tell the rest."""
    missed: tuple[Refused, ...] = ()
    """Questions to which AWS gave no answer, and without which the rest could be told all the same."""


Read = Callable[[Deployment, datetime, str], Line]
"""From a deployment, the time that it is now, and the name of a service, … to what is told of it. Raises Refused, Gone,
and what an answer without what it must have comes to."""


@dataclass(frozen=True)
class Part:
    name: str
    title: str
    called: str
    """One of it in a sentence; `{}` is its name, where there may be several."""
    outputs: tuple[str, ...]
    """Where its members stand: a map has one for each name, anything else is one by itself."""
    read: Read

    def subjects(self, stack: Deployment) -> list[str]:
        return [subject for output in self.outputs for subject in stack.names_in(output)]


def answer_or(instead: Answer, ask: Callable[[], Answer], missed: list[Refused]) -> Answer:
    """What is asked for, or what is taken instead where AWS does not answer. missed: gets to know why."""
    try:
        return ask()
    except Refused as error:
        missed.append(error)
        return instead


def iso(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value else None
