"""Databases: storage that can grow, with the speed that its kind has, and monitoring that somebody may write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lib.evidence.reading import number, text
from lib.evidence.template import Block, Template

_RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/"
_GROWTH = f"{_RDS}UserGuide/USER_PIOPS.Autoscaling.html"
_STORAGE = f"{_RDS}UserGuide/CHAP_Storage.html"
_INSTANCE = f"{_RDS}APIReference/API_CreateDBInstance.html"

LEAST_GROWTH_PERCENT = 110
"""The limit of growth, of what there is at first."""


class Speed(NamedTuple):
    """What gp3 can be told from a size on: input and output operations a second, and MiB a second."""

    from_gib: int
    iops: tuple[int, int]
    throughput: tuple[int, int]


_STRIPED = ((12_000, 64_000), (500, 4_000))
SPEEDS = {
    "mariadb": Speed(400, *_STRIPED),
    "mysql": Speed(400, *_STRIPED),
    "postgres": Speed(400, *_STRIPED),
    "db2": Speed(400, *_STRIPED),
    "oracle": Speed(200, *_STRIPED),
    "sqlserver": Speed(20, (3_000, 16_000), (125, 1_000)),
}
"""Engine, by the start of its name -> what gp3 can be told. Smaller disks have one speed, and are told none."""

_PROVISIONED = ("io1", "io2")


def databases_have_their_storage(template: Template) -> list[str]:
    """A database's limit of growth leaves room to grow, its disk is told only the speed that its kind, size and engine
    have, and Enhanced Monitoring has an interval with a role and no role without."""
    found = []
    for name, block in template.named("aws_db_instance").items():
        problems = [*_wrong_growth(block), *_wrong_speed(block), *_wrong_monitoring(block)]
        found += [f"aws_db_instance.{name}: {problem}" for problem in problems]
    for kind in ("aws_rds_cluster", "aws_rds_cluster_instance"):
        for name, block in template.named(kind).items():
            found += [f"{kind}.{name}: {problem}" for problem in _wrong_monitoring(block)]
    return found


def _wrong_growth(block: Block) -> Iterator[str]:
    first, most = number(block, "allocated_storage"), number(block, "max_allocated_storage")
    # 0 is no growth.
    if first is not None and most and most * 100 < first * LEAST_GROWTH_PERCENT:
        yield (
            f"max_allocated_storage {most:g} is less than {LEAST_GROWTH_PERCENT} percent of allocated_storage "
            f"{first:g}, see {_GROWTH}"
        )


def _wrong_speed(block: Block) -> Iterator[str]:
    kind = text(block, "storage_type")
    iops, throughput = number(block, "iops"), number(block, "storage_throughput")
    if kind in _PROVISIONED and block.get("iops") is None:
        yield f"storage_type {kind} needs iops, see {_STORAGE}"
    if kind in ("gp2", "standard") and iops:
        yield f"iops {iops:g} is not to be told to storage_type {kind}, see {_STORAGE}"
    if kind and kind != "gp3" and throughput:
        yield f"storage_throughput {throughput:g} is for storage_type gp3 only, not {kind}, see {_INSTANCE}"
    engine = next((each for each in SPEEDS if text(block, "engine").startswith(each)), None)
    size = number(block, "allocated_storage")
    if kind == "gp3" and engine and size is not None:
        for argument, value, (least, most) in (
            ("iops", iops, SPEEDS[engine].iops),
            ("storage_throughput", throughput, SPEEDS[engine].throughput),
        ):
            if value and size < SPEEDS[engine].from_gib:
                yield (
                    f"{argument} {value:g} is not to be told to gp3 below {SPEEDS[engine].from_gib} GiB of "
                    f"{engine}, and there are {size:g}, see {_STORAGE}"
                )
            elif value and not least <= value <= most:
                yield f"{argument} {value:g} is not from {least} to {most}, those of gp3 with {engine}, see {_STORAGE}"


def _wrong_monitoring(block: Block) -> Iterator[str]:
    interval, role = number(block, "monitoring_interval"), block.get("monitoring_role_arn")
    if interval and role is None:
        yield f"monitoring_interval {interval:g} needs a monitoring_role_arn, see {_INSTANCE}"
    if role is not None and (interval == 0 or block.get("monitoring_interval") is None):
        yield f"monitoring_role_arn needs a monitoring_interval above 0, see {_INSTANCE}"
