"""The whole answer for one blueprint in one environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.capacity import workers
from lib.capacity.assumptions import Assumptions
from lib.capacity.bounds import Bound, Fit, Growth
from lib.capacity.database import database_bounds, database_fits
from lib.capacity.network import network_bounds, network_fits
from lib.capacity.platform import Platform
from lib.capacity.quotas import Use, uses
from lib.capacity.stores import store_bounds, store_growth
from lib.settings import Settings, load


@dataclass(frozen=True)
class Report:
    """bounds: in the order in which a request meets them. uses: the quota that binds first is the first."""

    blueprint: str
    settings: Settings
    assumptions: Assumptions
    bounds: tuple[Bound, ...]
    fits: tuple[Fit, ...]
    growth: tuple[Growth, ...]
    uses: tuple[Use, ...]

    @property
    def first(self) -> Bound:
        """What binds first."""
        return self._least(lambda bound: bound.users)

    @property
    def first_zone_lost(self) -> Bound:
        return self._least(lambda bound: bound.users_zone_lost)

    @property
    def first_at_once(self) -> Bound:
        return self._least(lambda bound: bound.users_at_once)

    @property
    def is_enough(self) -> bool:
        return self.first.users >= self.assumptions.concurrent_users

    @property
    def is_enough_zone_lost(self) -> bool:
        return self.first_zone_lost.users_zone_lost >= self.assumptions.concurrent_users

    def _least(self, users: Callable[[Bound], int]) -> Bound:
        return min(self.bounds, key=users)


def report(
    blueprint: str, settings: Settings, assumptions: Assumptions, shares: Mapping[str, float] | None = None
) -> Report:
    """shares: name of a service, fleet or function -> its part of the requests. Left out: an even split.

    Raises SettingsError for what cannot be computed.
    """
    platform = Platform(settings, assumptions, shares or {})
    groups = list(platform.workers.values())
    return Report(
        blueprint=blueprint,
        settings=settings,
        assumptions=assumptions,
        bounds=(
            *network_bounds(platform),
            *(workers.bound(group, platform.zones, assumptions, platform.load) for group in groups),
            *database_bounds(platform),
            *store_bounds(platform),
        ),
        fits=(
            *network_fits(platform),
            *(workers.fit(group, platform.zones) for group in groups),
            *database_fits(platform),
        ),
        growth=(
            *(workers.growth(group, assumptions, platform.load) for group in groups),
            *store_growth(platform),
        ),
        uses=tuple(uses(platform)),
    )


def reports(
    blueprints: Iterable[str],
    suffixes: Sequence[str],
    assumptions: Assumptions,
    shares: Mapping[str, float] | None = None,
) -> list[Report]:
    """Of each blueprint, built in or a file, in each environment. Raises SettingsError for the first wrong one."""
    return [
        report(Path(blueprint).stem, load(suffix, environ={"TAP_BLUEPRINT": blueprint}), assumptions, shares)
        for blueprint in blueprints
        for suffix in suffixes
    ]
