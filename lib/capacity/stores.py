"""What else keeps data or answers beside the tasks: cache, tables, files, functions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from lib.capacity import limits
from lib.capacity.bounds import Bound, Growth
from lib.capacity.platform import Need, Platform
from lib.settings.compute import Function
from lib.settings.data import Files, NodeCache, ServerlessCache
from lib.settings.targets import Target

_MINUTE = 60
_KILOBYTES_PER_GIGABYTE = 1_000_000
_VALKEY_8 = ("valkey", "8")


def store_bounds(platform: Platform) -> Iterator[Bound]:
    settings = platform.settings
    if isinstance(settings.cache, ServerlessCache):
        yield from _serverless_cache(platform, settings.cache)
    elif isinstance(settings.cache, NodeCache):
        yield from _node_cache(platform)
    if settings.files is not None and (mounting := [name for name, each in settings.services.items() if each.mounts]):
        yield from _files(platform, settings.files, mounting)
    yield from _functions(platform)
    for table in settings.tables:
        yield from _table(platform, table)


def store_growth(platform: Platform) -> Iterator[Growth]:
    cache = platform.settings.cache
    if isinstance(cache, ServerlessCache):
        is_fast = (cache.engine, cache.major_version) == _VALKEY_8
        yield _doubling(
            "cache",
            "ECPU/s",
            limits.ECPUS_AT_ONCE,
            min(_ecpus(platform, platform.assumptions.concurrent_users), cache.max_ecpu_per_second),
            limits.ECPU_DOUBLING_MINUTES if is_fast else limits.ECPU_DOUBLING_MINUTES_OF_OLDER,
        )
    for table in platform.settings.tables:
        requests = platform.rate(platform.assumptions.concurrent_users, _users_of(platform, table))
        for measure, each, at_once in (
            ("reads/s", platform.assumptions.table_reads_per_request, limits.TABLE_READS_AT_ONCE),
            ("writes/s", platform.assumptions.table_writes_per_request, limits.TABLE_WRITES_AT_ONCE),
        ):
            yield _doubling(f"table {table}", measure, at_once, requests * each, limits.TABLE_DOUBLING_MINUTES)


def _doubling(unit: str, measure: str, start: limits.Limit, end: float, minutes: limits.Limit) -> Growth:
    """From what is there at first, twice as much each time."""
    times = max(0, math.ceil(math.log2(end / start.value))) if end else 0
    return Growth(
        unit=unit,
        measure=measure,
        start=start.value,
        end=max(end, start.value),
        seconds=times * minutes.value * _MINUTE,
        how=f"{times} {'doubling' if times == 1 else 'doublings'}" if times else "always there",
    )


def _serverless_cache(platform: Platform, cache: ServerlessCache) -> Iterator[Bound]:
    def ecpus(users: float) -> float:
        return _ecpus(platform, users)

    def gigabytes(users: float) -> float:
        own = users * platform.assumptions.cache_kilobytes_per_user / _KILOBYTES_PER_GIGABYTE
        return own + platform.assumptions.cache_gigabytes_shared

    yield platform.bound(
        "cache",
        "ECPU/s",
        "cache.max_ecpu_per_second",
        ecpus,
        cache.max_ecpu_per_second,
        at_once=(ecpus, min(cache.max_ecpu_per_second, limits.ECPUS_AT_ONCE.value)),
    )
    yield platform.bound("cache", "GB", "cache.max_storage_gb", gigabytes, cache.max_storage_gb)
    yield _cache_connections(platform)


def _node_cache(platform: Platform) -> Iterator[Bound]:
    """A replica in another zone takes over from the primary, which answers everything."""
    yield platform.bound(
        "cache",
        "commands/s",
        "kind = serverless, or replicas that answer reads",
        lambda users: _commands(platform, users),
        platform.assumptions.cache_node_commands_per_second,
    )
    yield _cache_connections(platform)


def _cache_connections(platform: Platform) -> Bound:
    def connections(users: float) -> float:
        each = platform.assumptions.cache_connections_per_task
        return platform.wanted_deploying(users, platform.with_store("cache")) * each

    return platform.bound("cache", "connections", "pools of the tasks", connections, limits.CACHE_CONNECTIONS.value)


def _commands(platform: Platform, users: float) -> float:
    return platform.rate(users, platform.with_store("cache")) * platform.assumptions.cache_commands_per_request


def _ecpus(platform: Platform, users: float) -> float:
    """A simple command takes one for each KB, and one at least.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/WhatIs.corecomponents.html
    """
    return _commands(platform, users) * max(1, platform.assumptions.cache_kilobytes_per_command)


def _files(platform: Platform, files: Files, mounting: Sequence[str]) -> Iterator[Bound]:
    assumptions, is_elastic = platform.assumptions, files.throughput_mode == "elastic"
    reads = limits.FILE_READS if is_elastic else limits.FILE_READS_BURSTING
    writes = limits.FILE_WRITES if is_elastic else limits.FILE_WRITES_BURSTING
    for measure, need, there_is in (
        ("reads/s", _requests_times(platform, mounting, assumptions.file_reads_per_request), reads.value),
        ("writes/s", _requests_times(platform, mounting, assumptions.file_writes_per_request), writes.value),
    ):
        yield platform.bound("files", measure, "files.throughput_mode", need, there_is)


def _functions(platform: Platform) -> Iterator[Bound]:
    """Those that reserve invocations have these and no more; the others share what the account has left."""
    functions = platform.settings.functions
    answering = [name for name, function in functions.items() if function.has_rule]
    left = limits.INVOCATIONS.value - sum(function.reserved_concurrency or 0 for function in functions.values())
    for name in answering:
        if reserved := functions[name].reserved_concurrency:
            setting = f"functions.{name}.reserved_concurrency"
            yield _invocations(platform, [name], reserved, setting)
    if others := [name for name in answering if not functions[name].reserved_concurrency]:
        yield _invocations(platform, others, left, f"quota {limits.INVOCATIONS.code}")


def _invocations(platform: Platform, names: Sequence[str], there_is: float, setting: str) -> Bound:
    unit = f"{'function' if len(names) == 1 else 'functions'} {', '.join(names)}"
    seconds = max(platform.assumptions.function_milliseconds / 1000, 1 / limits.RATE_PER_INVOCATION.value)
    need = _requests_times(platform, names, seconds)
    at_once = min(there_is, limits.INVOCATIONS_AT_ONCE.value * len(names))
    return platform.bound(unit, "invocations", setting, need, there_is, at_once=(need, at_once))


def _table(platform: Platform, table: str) -> Iterator[Bound]:
    assumptions, users = platform.assumptions, _users_of(platform, table)
    for measure, each, quota, at_once in (
        ("reads/s", assumptions.table_reads_per_request, limits.TABLE_READS, limits.TABLE_READS_AT_ONCE),
        ("writes/s", assumptions.table_writes_per_request, limits.TABLE_WRITES, limits.TABLE_WRITES_AT_ONCE),
    ):
        need = _requests_times(platform, users, each)
        setting = f"quota {quota.code}"
        yield platform.bound(f"table {table}", measure, setting, need, quota.value, at_once=(need, at_once.value))


def _requests_times(platform: Platform, names: Sequence[str], each: float) -> Need:
    return lambda users: platform.rate(users, names) * each


def _users_of(platform: Platform, table: str) -> list[str]:
    """Of those that answer requests."""
    settings = platform.settings
    programs: dict[str, Target | Function] = {**settings.targets, **settings.functions}
    return [name for name in settings.routed if table in programs[name].tables]
