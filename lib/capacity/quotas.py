"""What a stack takes of the account's quotas when all of it has grown to its most, and which of them bind first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lib.capacity import limits
from lib.capacity.load import NO_LIMIT
from lib.capacity.network import api_limits, fixed_interfaces, gateways
from lib.capacity.platform import Need, Platform
from lib.settings.data import AuroraDatabase, InstanceDatabase, NodeCache, ServerlessCache
from lib.settings.services import CapacityProvider

_SPOT = "FARGATE_SPOT"
_DATABASE_SECRETS = 2
"""User and password: ECS asks for each by itself."""


@dataclass(frozen=True)
class Use:
    """Of one quota of one region.

    needed: at the most that scaling allows, while a deployment runs.
    users: whom a fresh account's default is enough for while nothing is deployed.
    """

    quota: limits.Quota
    needed: float
    users: int

    @property
    def fits(self) -> bool:
        return self.needed <= self.quota.value


def uses(platform: Platform) -> list[Use]:
    """Those that a fresh account lacks first, and of these the one that stops the fewest users."""
    return sorted(
        [*_of_workers(platform), *_of_requests(platform), *_of_things(platform)],
        key=lambda use: (use.fits, use.users, -use.needed / use.quota.value),
    )


def _of_workers(platform: Platform) -> Iterator[Use]:
    workers, fleets = platform.workers, platform.settings.fleets
    yield from _fargate(platform, limits.FARGATE_VCPUS, on_spot=False)
    yield from _fargate(platform, limits.FARGATE_SPOT_VCPUS, on_spot=True)
    if fleets:
        yield _use(
            platform,
            limits.INSTANCE_VCPUS,
            sum(platform.most_deploying([name]) * workers[name].vcpus for name in fleets),
            lambda users: sum(platform.wanted(users, [name]) * workers[name].vcpus for name in fleets),
        )
    most = platform.most_deploying(workers)
    yield _use(platform, limits.TARGETS, most, lambda users: platform.wanted(users, workers))
    fixed = fixed_interfaces(platform)
    yield _use(platform, limits.NETWORK_INTERFACES, most + fixed, lambda users: platform.wanted(users, workers) + fixed)


def _fargate(platform: Platform, quota: limits.Quota, *, on_spot: bool) -> Iterator[Use]:
    """Only where something runs there."""
    services = platform.settings.services
    most = sum(_fargate_vcpus(platform, name, platform.most_deploying([name]), on_spot) for name in services)
    if most:
        yield _use(
            platform,
            quota,
            most,
            lambda users: sum(
                _fargate_vcpus(platform, name, platform.wanted(users, [name]), on_spot) for name in services
            ),
        )


def _of_requests(platform: Platform) -> Iterator[Use]:
    settings, assumptions = platform.settings, platform.assumptions
    answering = [name for name, function in settings.functions.items() if function.has_rule]
    if answering:

        def invocations(users: float) -> float:
            return platform.rate(users, answering) * assumptions.function_milliseconds / 1000

        yield _use(platform, limits.INVOCATIONS, invocations(assumptions.concurrent_users), invocations)
    if settings.http_api is not None:
        quota = replace(limits.API_REQUESTS, value=api_limits(settings.region)[0])
        yield _use(platform, quota, platform.load.rate(assumptions.concurrent_users), platform.load.rate)
    if settings.services:
        yield Use(limits.KEY_REQUESTS, _key_requests(platform), NO_LIMIT)


def _of_things(platform: Platform) -> Iterator[Use]:
    settings = platform.settings
    cache, database = settings.cache, settings.database
    counts = {
        limits.VPCS: 1,
        limits.ADDRESSES: gateways(platform),
        limits.NAT_GATEWAYS: 1,
        limits.LOAD_BALANCERS: 1,
        limits.RULES: len(settings.routed),
        limits.DATABASES: _servers(database) if database is not None else 0,
        limits.DATABASE_CLUSTERS: int(isinstance(database, AuroraDatabase)),
        limits.SERVERLESS_CACHES: int(isinstance(cache, ServerlessCache)),
        limits.CACHE_NODES: 1 + cache.replicas if isinstance(cache, NodeCache) else 0,
    }
    for quota, count in counts.items():
        if count:
            yield Use(quota, count, NO_LIMIT if count <= quota.value else 0)


def _use(platform: Platform, quota: limits.Quota, needed: float, need: Need) -> Use:
    return Use(quota, needed, platform.load.most_users(need, quota.value))


def _servers(database: InstanceDatabase | AuroraDatabase) -> int:
    """At the most."""
    if isinstance(database, InstanceDatabase):
        return 1
    return 1 + (database.reader_scaling.max_readers if database.reader_scaling else database.readers)


def _fargate_vcpus(platform: Platform, name: str, tasks: float, on_spot: bool) -> float:
    """Of a service's tasks, those that run on Spot, or those that do not."""
    capacity = platform.settings.services[name].capacity or platform.settings.cluster.capacity
    return platform.workers[name].vcpus * sum(
        _tasks_on(provider, capacity, tasks) for provider in capacity if (provider.name == _SPOT) == on_spot
    )


def _tasks_on(provider: CapacityProvider, capacity: tuple[CapacityProvider, ...], tasks: float) -> float:
    """The base first, then by weight.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
    """
    base = min(tasks, sum(each.base for each in capacity))
    own_base = base if provider.base else 0
    if not provider.weight:
        return own_base
    return own_base + (tasks - base) * provider.weight / sum(each.weight for each in capacity)


def _key_requests(platform: Platform) -> float:
    """Each secret that a task is given is decrypted when it starts; so many start within a second at the most."""
    secrets = max(
        len(service.secrets) + (_DATABASE_SECRETS if "database" in platform.settings.stores_of(name) else 0)
        for name, service in platform.settings.services.items()
    )
    return secrets * limits.TASKS_STARTED_AT_ONCE.value
