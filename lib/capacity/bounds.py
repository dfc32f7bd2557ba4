"""One thing that a platform has so much of, and how many users that is enough for."""

from __future__ import annotations

from dataclasses import dataclass

_DUST = 1e-9
"""What divisions leave."""


@dataclass(frozen=True)
class Bound:
    """What a unit has of something, what the users in question need of it, and how many it would be enough for.

    users: once everything has grown as far as the settings and AWS let it.
    users_zone_lost: when one availability zone has just failed, at the worst place.
    users_at_once: from one minute to the next, before anything grows.
    setting: what to change for more; words in place of a name where it is AWS that has to.
    """

    unit: str
    measure: str
    there_is: float
    needed: float
    users: int
    users_zone_lost: int
    users_at_once: int
    setting: str


@dataclass(frozen=True)
class Fit:
    """A figure that follows from the settings, and the one that it has to come up to."""

    what: str
    there_is: float
    asked: float
    setting: str

    @property
    def holds(self) -> bool:
        return self.there_is >= self.asked * (1 - _DUST)


@dataclass(frozen=True)
class Growth:
    """How something gets from where it always is to where the users in question need it, and in what time."""

    unit: str
    measure: str
    start: float
    end: float
    seconds: float
    how: str
