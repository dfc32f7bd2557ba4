"""Need, use and limit of each quota, side by side, and what is left when the stack is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from lib.operations.aws import Refused
from lib.operations.preflight.amounts import Amounts
from lib.operations.preflight.quotas import Quota, Scope
from lib.operations.preflight.site import Site
from lib.operations.verify.run import unreadable


class State(Enum):
    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "not known"
    NEEDS_AWS = "needs AWS"
    NOT_APPLICABLE = "not applicable"


NO_QUOTAS = "an emulator knows no quotas"


class Source(Enum):
    """Where a limit is from."""

    ACCOUNT = "the account's"
    DEFAULT = "AWS's default"
    DOCUMENTED = "documented default"


@dataclass(frozen=True)
class Limit:
    value: float
    source: Source


@dataclass(frozen=True)
class Row:
    """One quota in one place. `used` and `own` are what others and this very stack have of it already."""

    quota: Quota
    region: str
    place: str
    needed: float
    state: State
    used: float = 0
    own: float = 0
    limit: Limit | None = None
    reason: str = ""
    """Why it is not known, or not asked."""
    refusal: Refused | None = None

    @property
    def after(self) -> float:
        """Of it in use when the stack is there; what the stack has already is part of what it needs."""
        return self.used + self.needed

    @property
    def share(self) -> float:
        """Of the limit, after; more than one is too much."""
        return self.after / self.limit.value if self.limit and self.limit.value else float(self.after > 0)

    @property
    def is_counted(self) -> bool:
        """Whether what is in use is known."""
        return self.limit is not None or self.reason == NO_QUOTAS

    @property
    def where(self) -> str:
        return "the account" if self.quota.scope is Scope.ACCOUNT else self.place or self.region


Counted = Callable[[Site], Iterator[Row]]


def rows(quota: Quota, site: Site) -> list[Row]:
    """Of a quota, in each place where the stack needs some of it. Nothing is raised."""
    if quota.scope is Scope.ACCOUNT:
        sites = [site.everywhere_at_once()]
    else:
        sites = [site.in_region(region) for region in site.planned.regions]
    return [row for each in sites for row in _rows(quota, each)]


def rows_in(quota: Quota, site: Site) -> list[Row]:
    """The same in one region only, as if the stack's own were that."""
    return list(_rows(quota, site))


def _rows(quota: Quota, site: Site) -> Iterator[Row]:
    try:
        need = _by_zone(quota.need(site), site)
    except Refused as error:
        yield _unknown(quota, site, "", 0, error)
        return
    for place, needed in sorted(need.items()):
        yield _row(quota, site, place, needed)


def _row(quota: Quota, site: Site, place: str, needed: float) -> Row:
    try:
        used, own = _used(quota, site, place)
        limit = limit_of(quota, site)
    except Refused as error:
        return _unknown(quota, site, place, needed, error)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return Row(quota, site.region, place, needed, State.UNKNOWN, reason=unreadable(error))
    if limit is None:
        return Row(quota, site.region, place, needed, State.NEEDS_AWS, used, own, None, NO_QUOTAS)
    row = Row(quota, site.region, place, needed, State.OK, used, own, limit)
    if row.after > limit.value:
        return Row(quota, site.region, place, needed, State.PROBLEM, used, own, limit)
    return row


def _unknown(quota: Quota, site: Site, place: str, needed: float, error: Refused) -> Row:
    if site.emulated and not error.is_denial:
        return Row(quota, site.region, place, needed, State.NEEDS_AWS, reason="the emulator does not answer")
    return Row(quota, site.region, place, needed, State.UNKNOWN, reason=str(error), refusal=error)


def _by_zone(need: Amounts, site: Site) -> Amounts:
    """Numbers of zones become their names."""
    return {site.zone_name(place) if place else "": amount for place, amount in need.items()}


def _used(quota: Quota, site: Site, place: str) -> tuple[float, float]:
    if quota.use is None:
        return 0, 0
    found = [each for each in quota.use(site) if each.place == place]
    own = sum(each.amount for each in found if each.is_own)
    return sum(each.amount for each in found) - own, own


def limit_of(quota: Quota, site: Site) -> Limit | None:
    """None where it cannot be asked. Raises Refused.

    All quotas of a service come in one list, because AWS answers ten of these a second and five for a single quota:
    https://docs.aws.amazon.com/servicequotas/latest/userguide/reference_limits.html
    A quota that was never touched is not among those of the account.
    """
    if not quota.code:
        return Limit(quota.default, Source.DOCUMENTED)
    if site.emulated:
        return None
    for operation, source in (
        ("list_service_quotas", Source.ACCOUNT),
        ("list_aws_default_service_quotas", Source.DEFAULT),
    ):
        value = _listed(quota, site, operation)
        if value is not None:
            return Limit(value, source)
    return Limit(quota.default, Source.DOCUMENTED)


def _listed(quota: Quota, site: Site, operation: str) -> float | None:
    try:
        answer = site.ask("service-quotas", operation, ServiceCode=quota.service)
    except Refused as error:
        if error.code == "NoSuchResourceException":
            return None
        raise
    for each in answer["Quotas"]:
        # With an ErrorReason there is no value that means anything.
        if each["QuotaCode"] == quota.code and "Value" in each and "ErrorReason" not in each:
            return float(each["Value"])
    return None
