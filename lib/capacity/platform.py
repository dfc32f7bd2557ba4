"""One platform under one load: what all bounds are computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from lib.capacity.assumptions import Assumptions
from lib.capacity.bounds import Bound
from lib.capacity.load import Load
from lib.capacity.workers import Workers, all_workers
from lib.settings import Settings

Need = Callable[[float], float]
"""Users -> what they take; never less for more of them."""


@dataclass(frozen=True)
class Platform:
    """shares: see Load."""

    settings: Settings
    assumptions: Assumptions
    shares: Mapping[str, float]

    @cached_property
    def load(self) -> Load:
        return Load(self.settings, self.assumptions, self.shares)

    @cached_property
    def workers(self) -> dict[str, Workers]:
        """Name of a service or fleet -> its tasks or instances."""
        return all_workers(self.settings, self.assumptions, self.load)

    @property
    def zones(self) -> int:
        return self.settings.network.zone_count

    def bound(
        self,
        unit: str,
        measure: str,
        setting: str,
        need: Need,
        there_is: float,
        *,
        zone_lost: tuple[Need, float] | None = None,
        at_once: tuple[Need, float] | None = None,
    ) -> Bound:
        """zone_lost, at_once: what is needed and there is in these cases. Left out: the same."""
        return Bound(
            unit=unit,
            measure=measure,
            there_is=there_is,
            needed=need(self.assumptions.concurrent_users),
            users=self.load.most_users(need, there_is),
            users_zone_lost=self.load.most_users(*(zone_lost or (need, there_is))),
            users_at_once=self.load.most_users(*(at_once or (need, there_is))),
            setting=setting,
        )

    def rate(self, users: float, names: Iterable[str]) -> float:
        """Requests a second that come to these services, fleets and functions together."""
        return self.load.rate(users) * self.load.shares_of(names)

    def wanted(self, users: float, names: Iterable[str]) -> float:
        """Tasks and instances of these that so many users take."""
        return sum(self.workers[name].wanted(self.load.rate(users)) for name in names)

    def wanted_deploying(self, users: float, names: Iterable[str]) -> float:
        """The same while a deployment replaces them."""
        return sum(self.wanted(users, [name]) * self.workers[name].deploying for name in names)

    def most_deploying(self, names: Iterable[str]) -> float:
        """As many as there ever are."""
        return sum(self.workers[name].limit * self.workers[name].deploying for name in names)

    def with_store(self, store: str) -> list[str]:
        """Services and fleets that connect to a store."""
        return self.settings.users_of(store)
