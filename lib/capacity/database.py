"""What the database carries: connections of all pools, queries on its processor, operations on its disk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from lib.capacity import limits
from lib.capacity.bounds import Bound, Fit
from lib.capacity.platform import Need, Platform
from lib.capacity.sizes import memory_gib, vcpus
from lib.settings.data import AuroraDatabase, InstanceDatabase

_UNIT = "database"
_CLASS = "database.instance_class"
_GIB = 1024**3
_ALL = 100


def database_bounds(platform: Platform) -> Iterator[Bound]:
    database = platform.settings.database
    if isinstance(database, InstanceDatabase):
        yield from _instance(platform, database)
    elif isinstance(database, AuroraDatabase):
        yield from _aurora(platform, database)


def database_fits(platform: Platform) -> Iterator[Fit]:
    """The pool that all tasks may have when as many as ever run, and a deployment starts as many again."""
    users = platform.with_store("database")
    if platform.settings.database is not None and users:
        yield Fit(
            what="database connections that each task and instance may have",
            there_is=_usable_connections(platform, platform.settings.database) // platform.most_deploying(users),
            asked=platform.assumptions.database_connections_per_task,
            setting="database.max_connections",
        )


def _instance(platform: Platform, database: InstanceDatabase) -> Iterator[Bound]:
    """Without a standby in another zone there is nothing left when its zone fails."""
    queries = _Queries(platform)
    is_large = database.storage_gb >= limits.LARGE_DISK_GIB
    operations = limits.DISK_OPERATIONS_OF_LARGE if is_large else limits.DISK_OPERATIONS
    for measure, setting, need, there_is in (
        ("connections", "database.max_connections", queries.connections, _usable_connections(platform, database)),
        ("vCPUs", _CLASS, queries.vcpus, _vcpus(platform, database, least=False)),
        ("disk operations/s", "database.storage_gb", queries.disk_operations, operations.value),
    ):
        left = there_is if database.multi_az else 0
        yield platform.bound(_UNIT, measure, setting, need, there_is, zone_lost=(need, left))


def _aurora(platform: Platform, database: AuroraDatabase) -> Iterator[Bound]:
    """A zone takes its servers with it; a reader becomes the writer. Without readers nothing is left for minutes."""
    queries = _Queries(platform)
    always = database.readers
    most = database.reader_scaling.max_readers if database.reader_scaling else always
    left = 1 + most - math.ceil((1 + most) / platform.zones)
    connections, each = _usable_connections(platform, database), _vcpus(platform, database, least=False)
    least = _vcpus(platform, database, least=True)
    yield platform.bound(
        _UNIT,
        "connections",
        "database.max_connections",
        queries.connections,
        connections,
        zone_lost=(queries.connections, connections if left else 0),
    )
    yield platform.bound(
        f"{_UNIT} writer",
        "vCPUs",
        "database.max_acu" if database.is_serverless else _CLASS,
        queries.at_writer(most),
        each,
        zone_lost=(queries.at_writer(left - 1), each if left else 0),
        at_once=(queries.at_writer(always), least),
    )
    if most:
        yield platform.bound(
            f"{_UNIT} readers",
            "vCPUs",
            "database.reader_scaling" if database.reader_scaling else "database.readers",
            queries.at_readers(most),
            each * most,
            zone_lost=(queries.at_readers(left - 1), each * (left - 1)),
            at_once=(queries.at_readers(always), least * always),
        )


@dataclass(frozen=True)
class _Queries:
    """What users need of the database."""

    platform: Platform

    def rate(self, users: float) -> float:
        names = self.platform.with_store("database")
        return self.platform.rate(users, names) * self.platform.assumptions.database_queries_per_request

    def connections(self, users: float) -> float:
        pool = self.platform.assumptions.database_connections_per_task
        return self.platform.wanted_deploying(users, self.platform.with_store("database")) * pool

    def vcpus(self, users: float) -> float:
        return self.rate(users) * self.platform.assumptions.database_cpu_milliseconds_per_query / 1000

    def disk_operations(self, users: float) -> float:
        return self.rate(users) * self.platform.assumptions.database_disk_operations_per_query

    def at_readers(self, readers: int) -> Need:
        share = self.platform.assumptions.database_reader_percent / _ALL if readers > 0 else 0
        return lambda users: self.vcpus(users) * share

    def at_writer(self, readers: int) -> Need:
        at_readers = self.at_readers(readers)
        return lambda users: self.vcpus(users) - at_readers(users)


def _vcpus(platform: Platform, database: InstanceDatabase | AuroraDatabase, *, least: bool) -> float:
    """Of a server, as far as it answers quickly. least: before a serverless one grows."""
    if isinstance(database, AuroraDatabase) and database.is_serverless:
        whole = (database.min_acu if least else database.max_acu) * platform.assumptions.vcpus_per_acu
    else:
        whole = vcpus(database.instance_class.removeprefix("db."), _CLASS)
    return whole * platform.assumptions.full_percent / _ALL


def _usable_connections(platform: Platform, database: InstanceDatabase | AuroraDatabase) -> float:
    """Those that the server takes, its memory carries, and nobody else has."""
    allowed: list[float] = [database.max_connections]
    if isinstance(database, AuroraDatabase) and database.is_serverless:
        memory: float | None = database.max_acu * limits.ACU_GIB.value
    else:
        memory = memory_gib(database.instance_class.removeprefix("db."), _CLASS)
    if memory is not None:
        allowed.append(memory * _GIB // limits.BYTES_PER_CONNECTION.value)
    return max(0, min(allowed) - platform.assumptions.database_connections_reserved)
