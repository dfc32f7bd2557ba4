"""What the figures rest on that neither the settings nor AWS say: how users behave and what a request costs.

Every one of them can be said anew on the command line. What a load test of your own application measured belongs in
their place.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from lib.settings import SettingsError


def _assumed(value: float, meaning: str, *, may_be_zero: bool = False) -> Any:
    return field(default=value, metadata={"meaning": meaning, "may_be_zero": may_be_zero})


@dataclass(frozen=True)
class Assumptions:
    """Averages, unless they say otherwise."""

    concurrent_users: float = _assumed(10_000, "Users who are active at the same time: the number in question.")
    seconds_between_requests: float = _assumed(10, "From one request of a user to the next, reading included.")
    peak_factor: float = _assumed(1.5, "The busiest minutes against the average of the same users.")
    request_milliseconds: float = _assumed(200, "How long an answer takes, waiting for stores and others included.")
    cpu_milliseconds_per_request: float = _assumed(10, "Processor time of a task or instance that one request takes.")
    memory_mib_at_rest: float = _assumed(300, "Memory of a task without requests.", may_be_zero=True)
    memory_mib_per_request: float = _assumed(4, "Memory of a task for each request that is being answered.")
    full_percent: float = _assumed(90, "Use of a processor or memory above which answers become slow.")
    function_percent: float = _assumed(
        20, "Share of the requests that functions with paths or hosts answer, where there are some.", may_be_zero=True
    )
    calls_per_request: float = _assumed(
        1, "Requests that a service makes to each of those it `calls`, for one of its own.", may_be_zero=True
    )
    database_queries_per_request: float = _assumed(2, "Queries that the cache does not answer.", may_be_zero=True)
    database_cpu_milliseconds_per_query: float = _assumed(1, "Processor time of the database that one query takes.")
    database_disk_operations_per_query: float = _assumed(
        0.5, "Reads and writes of the disk that memory does not spare.", may_be_zero=True
    )
    database_reader_percent: float = _assumed(
        0, "Share of the queries that the application sends to Aurora's readers.", may_be_zero=True
    )
    database_connections_per_task: float = _assumed(10, "Size of the connection pool of a task or instance.")
    database_connections_reserved: float = _assumed(
        20, "Connections that AWS, people and other tools have open.", may_be_zero=True
    )
    vcpus_per_acu: float = _assumed(0.25, "Processor of an Aurora capacity unit: a quarter, as db.r has with its 2 GB.")
    cache_commands_per_request: float = _assumed(3, "Commands to the cache.", may_be_zero=True)
    cache_kilobytes_per_command: float = _assumed(1, "Size of what a command reads or writes.", may_be_zero=True)
    cache_kilobytes_per_user: float = _assumed(20, "A session and what else is kept of a user.", may_be_zero=True)
    cache_gigabytes_shared: float = _assumed(1, "What is kept whoever is there.", may_be_zero=True)
    cache_connections_per_task: float = _assumed(10, "Connections to the cache of a task or instance.")
    cache_node_commands_per_second: float = _assumed(50_000, "What one node answers: one thread does it, on any size.")
    file_reads_per_request: float = _assumed(0.1, "Where shared files are mounted.", may_be_zero=True)
    file_writes_per_request: float = _assumed(0.01, "Where shared files are mounted.", may_be_zero=True)
    function_milliseconds: float = _assumed(100, "How long an invocation takes.")
    table_reads_per_request: float = _assumed(1, "Consistent reads of up to 4 KB from each table.", may_be_zero=True)
    table_writes_per_request: float = _assumed(1, "Writes of up to 1 KB to each table.", may_be_zero=True)
    outside_calls_per_request: float = _assumed(
        0.2, "Calls of a task or instance to one address in the internet, say a payment provider's.", may_be_zero=True
    )
    outside_connection_seconds: float = _assumed(10, "How long the connection of such a call occupies a port of NAT.")
    outside_kilobytes_per_call: float = _assumed(20, "What goes over it.", may_be_zero=True)
    assets_per_request: float = _assumed(2, "Requests to the CDN beside each to the load balancer.", may_be_zero=True)
    asset_kilobytes: float = _assumed(50, "Size of what the CDN answers.", may_be_zero=True)
    users_per_address: float = _assumed(200, "Users behind the busiest address: an office's or a mobile carrier's.")
    metric_delay_seconds: float = _assumed(
        180,
        "From load to the metric that shows it. AWS measured 363 seconds from the rise of load to the scale-out; 180"
        " of them are the datapoints (https://aws.amazon.com/blogs/aws/"
        "amazon-ecs-introduces-new-high-resolution-metrics-for-faster-service-auto-scaling/).",
        may_be_zero=True,
    )
    task_start_seconds: float = _assumed(
        45, "From the decision to a task that listens: a place on Fargate, the image, the start.", may_be_zero=True
    )

    @property
    def peak_rate_per_user(self) -> float:
        """Requests a second at the load balancer, in the busiest minutes."""
        return self.peak_factor / self.seconds_between_requests

    def with_values(self, pairs: Iterable[str]) -> Assumptions:
        """Those of `name=value` in place of the built-in ones. Raises SettingsError that lists every wrong one."""
        values: dict[str, float] = {}
        findings: list[str] = []
        for pair in pairs:
            name, _, text = pair.partition("=")
            finding = _unknown(name) or _wrong(name, text)
            if finding is None:
                values[name] = float(text)
            else:
                findings.append(finding)
        if findings:
            raise SettingsError("assumptions", findings)
        return replace(self, **values)

    def rows(self) -> list[tuple[str, float, str]]:
        """Name, value and meaning of each."""
        return [(each.name, getattr(self, each.name), each.metadata["meaning"]) for each in fields(self)]


_FIELDS = {each.name: each.metadata for each in fields(Assumptions)}


def _unknown(name: str) -> str | None:
    if name in _FIELDS:
        return None
    near = difflib.get_close_matches(name, _FIELDS, n=1, cutoff=0.5)
    return f"{name}: unknown assumption{f'; did you mean {near[0]}?' if near else ''}"


def _wrong(name: str, text: str) -> str | None:
    try:
        value = float(text)
    except ValueError:
        return f"{name} = {text!r}: must be a number"
    if not math.isfinite(value) or value < 0 or (value == 0 and not _FIELDS[name]["may_be_zero"]):
        least = "0 or more" if _FIELDS[name]["may_be_zero"] else "more than 0"
        return f"{name} = {text}: must be {least}"
    if name.endswith("_percent") and value > 100:
        return f"{name} = {text}: must be 100 at most"
    return None
