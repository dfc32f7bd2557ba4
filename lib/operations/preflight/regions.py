"""Where else a stack would fit, once a quota is full where it is meant to go."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lib.operations.aws import POOL_SIZE, Refused
from lib.operations.preflight.measure import Row, State, rows_in
from lib.operations.preflight.quotas import QUOTAS, Quota, Scope
from lib.operations.preflight.services import missing
from lib.operations.preflight.site import Site


@dataclass(frozen=True)
class Region:
    """An enabled region. `rows`: the scarce quotas there, if it is worth while; `reason`: why it is not."""

    name: str
    rows: tuple[Row, ...] = ()
    reason: str = ""

    @property
    def has_room(self) -> bool:
        return not self.reason and all(row.state is State.OK for row in self.rows)

    @property
    def tightest(self) -> Row:
        """The row of which least is left."""
        return max(self.rows, key=lambda row: row.share)


def others(site: Site, full: Sequence[Row]) -> list[Region]:
    """Every other region that the account may use, those with most room first. Raises Refused when they cannot be
    listed."""
    asked = [quota for quota in QUOTAS if _is_worth_asking(quota, full)]
    with ThreadPoolExecutor(POOL_SIZE) as pool:
        found = list(pool.map(lambda name: _region(site, name, asked), enabled(site)))
    return sorted(found, key=lambda each: (not each.has_room, each.tightest.share if each.rows else 0, each.name))


def enabled(site: Site) -> list[str]:
    """All but the site's own."""
    regions = site.ask("ec2", "describe_regions")["Regions"]
    return sorted(str(each["RegionName"]) for each in regions if each["RegionName"] != site.region)


def _is_worth_asking(quota: Quota, full: Sequence[Row]) -> bool:
    is_regional = quota.scope in (Scope.REGION, Scope.ZONE)
    return is_regional and (quota.is_scarce or any(row.quota is quota for row in full))


def _region(site: Site, name: str, quotas: Sequence[Quota]) -> Region:
    there = site.moved(name)
    try:
        if lacking := missing(there):
            return Region(name, reason=f"has no {', '.join(lacking)}")
        zones, needed = len(there.zones()), there.planned.zones_needed
        if zones < needed:
            return Region(name, reason=f"has {zones} zones, not {needed}")
        found = tuple(row for quota in quotas for row in rows_in(quota, there))
    except Refused as error:
        return Region(name, reason=f"cannot be asked: {error}")
    unknown = next((row for row in found if row.state is State.UNKNOWN), None)
    return Region(name, found, f"is not known: {unknown.reason}" if unknown else "")
