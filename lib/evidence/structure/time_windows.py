"""Windows of time: backups and maintenance have the time that they need, and keep out of each other's way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lib.evidence.reading import blocks, is_known, referred, text
from lib.evidence.template import Block, Template

_RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDB"
_DOCUMENTS = "https://docs.aws.amazon.com/documentdb/latest/developerguide/API_CreateDBCluster.html"
_CACHE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_Create"

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES
CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"
DAILY = re.compile(f"{CLOCK}-{CLOCK}")
_DAY = f"({'|'.join(_DAYS)})"
WEEKLY = re.compile(f"{_DAY}:{CLOCK}-{_DAY}:{CLOCK}", re.IGNORECASE)


class Windows(NamedTuple):
    """The arguments of a kind that tell its windows, how long each has to be at least, and where AWS says so."""

    daily: str
    weekly: str
    least_minutes: int
    page: str


KINDS = {
    "aws_db_instance": Windows("backup_window", "maintenance_window", 30, f"{_RDS}Instance.html"),
    "aws_rds_cluster": Windows("preferred_backup_window", "preferred_maintenance_window", 30, f"{_RDS}Cluster.html"),
    "aws_rds_cluster_instance": Windows("", "preferred_maintenance_window", 30, f"{_RDS}Instance.html"),
    "aws_docdb_cluster": Windows("preferred_backup_window", "preferred_maintenance_window", 30, _DOCUMENTS),
    "aws_elasticache_replication_group": Windows(
        "snapshot_window", "maintenance_window", 60, f"{_CACHE}ReplicationGroup.html"
    ),
    "aws_elasticache_cluster": Windows("snapshot_window", "maintenance_window", 60, f"{_CACHE}CacheCluster.html"),
}


class Window(NamedTuple):
    """A time of each week, in minutes after Monday 00:00 UTC. One over the week's end ends beyond the week."""

    start: int
    end: int


def windows_are_apart(template: Template) -> list[str]:
    """Each window is written as AWS reads it and long enough, and no backup falls into a maintenance: neither that of
    the resource itself nor that of its cluster."""
    found = []
    for kind, windows in KINDS.items():
        for name, block in template.named(kind).items():
            found += [f"{kind}.{name}: {each}, see {windows.page}" for each in _wrong(template, windows, block)]
    return found


def _wrong(template: Template, windows: Windows, block: Block) -> Iterator[str]:
    for argument, read, form in (
        (windows.daily, daily, "hh24:mi-hh24:mi"),
        (windows.weekly, weekly, "ddd:hh24:mi-ddd:hh24:mi"),
    ):
        value = text(block, argument)
        if not value or not is_known(value):
            continue
        parts = read(value)
        if not parts:
            yield f"{argument} {value!r} is not of the form {form}"
        elif (length := parts[0].end - parts[0].start) < windows.least_minutes:
            yield f"{argument} {value!r} has {length} minutes, and {windows.least_minutes} is the least"
    maintenance = text(block, windows.weekly)
    cluster = blocks(template).get(referred(block.get("cluster_identifier")) or "", {})
    for backup in (text(block, windows.daily), text(cluster, KINDS["aws_rds_cluster"].daily)):
        if overlap(daily(backup), weekly(maintenance)):
            yield f"{windows.weekly} {maintenance!r} falls into the backup at {backup!r}"


def daily(value: str) -> list[Window]:
    """The seven windows of a week that `03:00-04:00` is; none of anything else."""
    if not (parts := DAILY.fullmatch(value)):
        return []
    start, end = _minutes(parts[1], parts[2]), _minutes(parts[3], parts[4])
    length = (end - start) % _DAY_MINUTES
    return [Window(day * _DAY_MINUTES + start, day * _DAY_MINUTES + start + length) for day in range(7)]


def weekly(value: str) -> list[Window]:
    """The one window that `sun:23:30-mon:00:30` is; none of anything else."""
    if not (parts := WEEKLY.fullmatch(value)):
        return []
    start = _DAYS.index(parts[1].lower()) * _DAY_MINUTES + _minutes(parts[2], parts[3])
    end = _DAYS.index(parts[4].lower()) * _DAY_MINUTES + _minutes(parts[5], parts[6])
    return [Window(start, start + (end - start) % _WEEK_MINUTES)]


def overlap(one: list[Window], other: list[Window]) -> bool:
    """Whether any two windows have a minute in common, also around the end of the week. Touching is none."""
    return any(
        first.start + shift < second.end and second.start < first.end + shift
        for first in one
        for second in other
        for shift in (-_WEEK_MINUTES, 0, _WEEK_MINUTES)
    )


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)
