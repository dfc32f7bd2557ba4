"""From users to requests: how many there are in the busiest minutes, and who answers which share of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from lib.capacity.assumptions import Assumptions
from lib.settings import Settings, SettingsError

NO_LIMIT = 1_000_000_000
"""Users beyond whom nobody asks: what carries as many does not bind."""

_EXACT_ENOUGH = 1e-9
"""Divisions leave dust that must not cost a user."""


class Load:
    """The requests of a number of users on one platform.

    shares: name of a service, fleet or function -> its part of the requests at the load balancer, for those where the
    even split is not what happens. Raises SettingsError for names that are not there.
    """

    def __init__(self, settings: Settings, assumptions: Assumptions, shares: Mapping[str, float] | None = None) -> None:
        self._settings = settings
        self._assumptions = assumptions
        self._entry_shares = self._split(shares or {})

    def rate(self, users: float) -> float:
        """Requests a second at the load balancer, in the busiest minutes."""
        return users * self._assumptions.peak_rate_per_user

    def share(self, name: str) -> float:
        """Requests that a service, fleet or function gets for each one at the load balancer: its part of these, and
        calls of other services."""
        callers = [other for other, service in self._settings.services.items() if name in service.calls]
        calls = sum(map(self.share, callers)) * self._assumptions.calls_per_request
        return self._entry_shares.get(name, 0) + calls

    def shares_of(self, names: Iterable[str]) -> float:
        return sum(map(self.share, names))

    def most_users(self, need: Callable[[int], float], there_is: float) -> int:
        """The most users whose need is met. need: users -> what they take, never less for more of them."""
        enough = there_is + abs(there_is) * _EXACT_ENOUGH
        if need(NO_LIMIT) <= enough:
            return NO_LIMIT
        low, high = 0, NO_LIMIT
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if need(middle) <= enough else (low, middle)
        return low

    def users_at(self, rate: float) -> int:
        """The most users whose requests come to this rate."""
        return self.most_users(self.rate, rate)

    def _split(self, given: Mapping[str, float]) -> dict[str, float]:
        routed = self._settings.routed
        there = ", ".join(routed)
        findings = [f"{name}: gets no requests; there are {there}" for name in sorted(given.keys() - routed.keys())]
        findings += [f"{name} = {share * 100:g}: must be 0 or more" for name, share in given.items() if share < 0]
        if sum(given.values()) > 1 + _EXACT_ENOUGH:
            findings.append("come to more than 100 percent together")
        if findings:
            raise SettingsError("shares", findings)
        rest = 1 - sum(given.values())
        targets = [name for name in self._settings.targets if name not in given]
        functions = [name for name in routed if name not in self._settings.targets and name not in given]
        to_functions = self._assumptions.function_percent / 100 if targets else 1
        return {
            **given,
            **_evenly(functions, rest * to_functions),
            **_evenly(targets, rest * (1 - to_functions) if functions else rest),
        }


def _evenly(names: list[str], share: float) -> dict[str, float]:
    return {name: share / len(names) for name in names}
