"""What stands before the tasks and around them: HTTP API, firewall, load balancer, CDN, addresses, the way out."""

from __future__ import annotations

from collections.abc import Iterator

from lib.capacity import limits
from lib.capacity.bounds import Bound, Fit
from lib.capacity.platform import Platform
from lib.settings.edge import HttpApi

_AWS = "quota of AWS"
_ADDRESS_BITS = 32
_WINDOW_SECONDS = 300
_KILOBYTES_PER_GIGABIT = 1_000_000 / 8


def network_bounds(platform: Platform) -> Iterator[Bound]:
    settings, load = platform.settings, platform.load
    if settings.http_api is not None:
        yield from _http_api(platform, settings.http_api)
    if settings.firewall is not None:
        yield platform.bound("firewall", "requests/s", _AWS, load.rate, limits.FIREWALL_REQUESTS.value)
    if settings.cdn is not None:
        yield from _cdn(platform)
    yield platform.bound(
        "load balancer",
        "targets",
        f"quota {limits.TARGETS.code}",
        lambda users: platform.wanted_deploying(users, platform.workers),
        limits.TARGETS.value,
    )
    yield _addresses(platform)
    yield from _way_out(platform)


def network_fits(platform: Platform) -> Iterator[Fit]:
    settings, assumptions = platform.settings, platform.assumptions
    if settings.firewall is not None:
        limit = settings.firewall.requests_per_5_minutes_per_address
        yield Fit(
            what="users behind one address before the firewall blocks it",
            there_is=limit / _WINDOW_SECONDS // assumptions.peak_rate_per_user,
            asked=assumptions.users_per_address,
            setting="firewall.requests_per_5_minutes_per_address",
        )
    yield Fit(
        what="free addresses for the load balancer in each public subnet",
        # One is the NAT gateway's.
        there_is=_subnet_addresses(platform) - 1,
        asked=limits.LOAD_BALANCER_ADDRESSES.value,
        setting="network.subnet_prefix_length",
    )


def api_limits(region: str) -> tuple[float, float]:
    """Requests a second, and at once, of a fresh account's APIs."""
    if region in limits.SMALL_API_REGIONS:
        return limits.API_REQUESTS_IN_SMALL_REGIONS.value, limits.API_BURST_IN_SMALL_REGIONS.value
    return limits.API_REQUESTS.value, limits.API_BURST.value


def fixed_interfaces(platform: Platform) -> int:
    """Of the VPC link, and of the function that rotates the database's password: each has one in each private subnet.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
    """
    return platform.zones * ((platform.settings.http_api is not None) + bool(platform.with_store("database")))


def gateways(platform: Platform) -> int:
    return platform.zones if platform.settings.network.nat_gateways == "per_zone" else 1


def _http_api(platform: Platform, api: HttpApi) -> Iterator[Bound]:
    rate, burst = api_limits(platform.settings.region)
    yield platform.bound(
        "http api",
        "requests/s",
        "http_api.requests_per_second",
        platform.load.rate,
        min(api.requests_per_second, rate),
    )
    yield platform.bound(
        "http api",
        "requests at once",
        "http_api.burst",
        lambda users: platform.load.rate(users) * platform.assumptions.request_milliseconds / 1000,
        min(api.burst, burst),
    )


def _cdn(platform: Platform) -> Iterator[Bound]:
    assumptions = platform.assumptions

    def requests(users: float) -> float:
        return platform.load.rate(users) * assumptions.assets_per_request

    def gigabits(users: float) -> float:
        return requests(users) * assumptions.asset_kilobytes / _KILOBYTES_PER_GIGABIT

    yield platform.bound("cdn", "requests/s", _AWS, requests, limits.CDN_REQUESTS.value)
    yield platform.bound("cdn", "Gbit/s", _AWS, gigabits, limits.CDN_GIGABITS.value)


def _addresses(platform: Platform) -> Bound:
    """All tasks twice while a deployment runs; when a zone fails, all of them once in the others."""
    each, fixed = _subnet_addresses(platform), fixed_interfaces(platform)
    return platform.bound(
        "network",
        "addresses",
        "network.subnet_prefix_length",
        lambda users: platform.wanted_deploying(users, platform.workers) + fixed,
        each * platform.zones,
        zone_lost=(lambda users: platform.wanted(users, platform.workers) + fixed, each * (platform.zones - 1)),
    )


def _way_out(platform: Platform) -> Iterator[Bound]:
    """A single gateway takes the others' way out with it when its zone fails; one a zone takes its own zone's."""
    assumptions, count = platform.assumptions, gateways(platform)
    setting = "network.nat_gateways"

    def calls(users: float) -> float:
        return platform.rate(users, platform.workers) * assumptions.outside_calls_per_request

    def connections(users: float) -> float:
        return calls(users) * assumptions.outside_connection_seconds

    def gigabits(users: float) -> float:
        return calls(users) * assumptions.outside_kilobytes_per_call / _KILOBYTES_PER_GIGABIT

    ports, most, at_once = (
        each.value for each in (limits.NAT_CONNECTIONS, limits.NAT_GIGABITS, limits.NAT_GIGABITS_AT_ONCE)
    )
    yield platform.bound(
        "way out", "connections", setting, connections, ports * count, zone_lost=(connections, ports * (count - 1))
    )
    yield platform.bound(
        "way out",
        "Gbit/s",
        setting,
        gigabits,
        most * count,
        zone_lost=(gigabits, most * (count - 1)),
        at_once=(gigabits, at_once * count),
    )


def _subnet_addresses(platform: Platform) -> float:
    bits = _ADDRESS_BITS - platform.settings.network.subnet_prefix_length
    return (1 << bits) - limits.RESERVED_ADDRESSES.value
