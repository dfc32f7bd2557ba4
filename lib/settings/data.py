"""Settings of what is kept: cache, database, files, secrets, and what happens to them at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from lib.settings.base import LogRetentionDays, Model, Percent, Problem, SwitchedOff

TimeWindow = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")]
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = f"({'|'.join(_DAYS)})"
WeekWindow = Annotated[
    str, Field(pattern=rf"^{_DAY}:([01][0-9]|2[0-3]):[0-5][0-9]-{_DAY}:([01][0-9]|2[0-3]):[0-5][0-9]$")
]
_DAY_MINUTES = 24 * 60


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _daily_window(window: str) -> tuple[int, int]:
    """Start in minutes of the day, and length."""
    start, end = map(_minutes, window.split("-"))
    return start, (end - start) % _DAY_MINUTES


def _weekly_window(window: str) -> tuple[int, int]:
    """Start in minutes of the week, and length."""
    start, end = (_DAYS.index(edge[:3]) * _DAY_MINUTES + _minutes(edge[4:]) for edge in window.split("-"))
    return start, (end - start) % (7 * _DAY_MINUTES)


def windows_overlap(daily: str, weekly: str) -> bool:
    """Whether a daily window ("03:00-04:00") meets a weekly one ("sun:03:30-sun:04:30"). AWS refuses that."""
    day_start, day_length = _daily_window(daily)
    week_start, week_length = _weekly_window(weekly)
    after = (day_start - week_start) % _DAY_MINUTES
    before = (week_start - day_start) % _DAY_MINUTES
    return after < week_length or before < day_length


def _window_problems(
    model: NodeCache | InstanceDatabase | AuroraDatabase, daily: str, weekly: str, *, shortest: int
) -> Iterator[Problem]:
    """shortest: minutes that AWS asks of each window."""
    daily_window, weekly_window = getattr(model, daily), getattr(model, weekly)
    for field, length in ((daily, _daily_window(daily_window)[1]), (weekly, _weekly_window(weekly_window)[1])):
        if not shortest <= length <= _DAY_MINUTES:
            yield model.problem(field, f"must be {shortest} minutes to 24 hours long")
    if windows_overlap(daily_window, weekly_window):
        yield model.problem(weekly, f"must not overlap {daily} ({daily_window})", daily)


class ServerlessCache(Model):
    """ElastiCache Serverless: grows and shrinks by itself between nothing and its limits."""

    kind: Literal["serverless"] = "serverless"
    """This kind of cache; the one that is taken when `kind` is left out."""
    engine: Literal["valkey", "redis"] = "valkey"
    """Valkey costs a third less than Redis OSS."""
    major_version: Literal["7", "8"] = "8"
    """Major version of the engine; Redis OSS ends at 7, Valkey starts Serverless at 7."""
    max_storage_gb: Annotated[int, Field(ge=1, le=5000)] = 10
    """Limit of the data kept, and of its cost."""
    max_ecpu_per_second: Annotated[int, Field(ge=1000, le=15_000_000)] = 5000
    """Limit of the processing units a second, and of their cost. A simple command of up to 1 KB takes one."""
    snapshot_retention_days: Annotated[int, Field(ge=0, le=35)] = 1
    """Days that daily snapshots are kept; 0 takes none."""
    snapshot_time: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "03:00"
    """When the daily snapshot starts, UTC."""
    alarm_compute_percent: Percent = 75
    """Alarm above this share of `max_ecpu_per_second`."""
    alarm_memory_percent: Percent = 80
    """Alarm above this share of `max_storage_gb`."""

    def _own_problems(self) -> Iterator[Problem]:
        if self.engine == "redis" and self.major_version != "7":
            yield self.problem("major_version", "must be 7 for redis; 8 needs valkey", "engine")


class NodeCache(Model):
    """An ElastiCache replication group: one primary and its replicas, on nodes of a chosen size."""

    kind: Literal["replication_group"] = "replication_group"
    """This kind of cache."""
    engine: Literal["valkey", "redis"] = "valkey"
    """Valkey costs a fifth less than Redis OSS."""
    engine_version: Literal["7.1", "7.2", "8.0", "8.1", "8.2"] = "8.0"
    """Version of the engine: 7.1 for redis, 7.2 and above for valkey."""
    node_type: Annotated[str, Field(pattern=r"^cache\.[a-z0-9]+\.[a-z0-9]+$")] = "cache.t4g.small"
    """Size of each node."""
    replicas: Annotated[int, Field(ge=1, le=5)] = 1
    """Copies beside the primary, in other zones; one of them takes over when it fails."""
    snapshot_retention_days: Annotated[int, Field(ge=0, le=35)] = 1
    """Days that daily snapshots are kept; 0 takes none."""
    snapshot_window: TimeWindow = "03:00-04:00"
    """When the daily snapshot is taken, UTC."""
    maintenance_window: WeekWindow = "sun:04:30-sun:05:30"
    """When AWS may patch, UTC."""
    log_retention_days: LogRetentionDays = 30
    """How long slow log and engine log are kept."""
    alarm_cpu_percent: Percent = 75
    """Alarm above this engine CPU of a node."""
    alarm_memory_percent: Percent = 80
    """Alarm above this share of a node's memory."""

    def _own_problems(self) -> Iterator[Problem]:
        if (self.engine == "redis") != (self.engine_version == "7.1"):
            yield self.problem("engine_version", "must be 7.1 for redis and 7.2 or above for valkey", "engine")
        # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
        yield from _window_problems(self, "snapshot_window", "maintenance_window", shortest=60)


def _kinds(unit: str, default: str, *others: str) -> Discriminator:
    """Chooses between the models of a unit by `kind`, which may be left out for the default one."""

    def kind_of(value: Any) -> Any:
        return value.get("kind", default) if isinstance(value, Mapping) else getattr(value, "kind", None)

    return Discriminator(
        kind_of,
        custom_error_type=f"{unit}_kind",
        custom_error_message=f"kind must be {' or '.join((default, *others))}",
    )


Cache = Annotated[
    Annotated[ServerlessCache, Tag("serverless")] | Annotated[NodeCache, Tag("replication_group")],
    _kinds("cache", "serverless", "replication_group"),
]


class _Database(Model):
    """What every PostgreSQL of RDS has."""

    major_version: Literal["15", "16", "17"] = "17"
    """Major version of PostgreSQL; minor versions come by themselves in the maintenance window."""
    database_name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")] = "app"
    """Name of the first database."""
    max_connections: Annotated[int, Field(ge=6, le=5000)] = 80
    """Connections that a server takes; its memory must carry them (about 9.5 MB each)."""
    backup_retention_days: Annotated[int, Field(ge=1, le=35)] = 1
    """Days to which the database can be set back."""
    backup_window: TimeWindow = "03:00-04:00"
    """When the daily backup is taken, UTC."""
    maintenance_window: WeekWindow = "sun:04:30-sun:05:30"
    """When AWS may patch, UTC."""
    insights: Literal["standard", "advanced"] = "standard"
    """CloudWatch Database Insights: `standard` keeps 7 days, `advanced` keeps 15 months, at a price."""
    monitoring_interval_seconds: Literal[0, 1, 5, 10, 15, 30, 60] = 60
    """Enhanced monitoring of the operating system; 0 is off."""
    log_retention_days: LogRetentionDays = 30
    """How long the exported logs are kept, and those of the function that rotates the password."""
    password_rotation_days: Annotated[int, Field(ge=1, le=1000)] = 30
    """Days after which the password of services and fleets is another one. The one before works as long again."""
    alarm_cpu_percent: Percent = 80
    """Alarm above this CPU."""
    alarm_connections_percent: Percent = 80
    """Alarm above this share of `max_connections`."""


class InstanceDatabase(_Database):
    """One PostgreSQL instance of RDS. AWS makes and keeps its password in Secrets Manager."""

    kind: Literal["instance"] = "instance"
    """This kind of database; the one that is taken when `kind` is left out."""
    instance_class: Annotated[str, Field(pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")] = "db.t4g.micro"
    """Size of the instance."""
    storage_gb: Annotated[int, Field(ge=20, le=65_536)] = 20
    """Storage at the start (gp3)."""
    max_storage_gb: Annotated[int, Field(ge=22, le=65_536)] = 100
    """Storage grows by itself up to this."""
    multi_az: bool = False
    """A standby in another zone that takes over."""
    alarm_free_storage_percent: Percent = 10
    """Alarm below this share of `storage_gb`."""

    def _own_problems(self) -> Iterator[Problem]:
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html: at least 10 % more.
        if self.max_storage_gb * 10 < self.storage_gb * 11:
            yield self.problem(
                "max_storage_gb", f"must be at least 10 % above storage_gb ({self.storage_gb})", "storage_gb"
            )
        if self.insights == "advanced" and re.match(r"db\.t[0-9]", self.instance_class):
            yield self.problem("insights", f"advanced is not for {self.instance_class}", "instance_class")
        # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
        yield from _window_problems(self, "backup_window", "maintenance_window", shortest=30)


class ReaderScaling(Model):
    """Readers that come and go with load, beside those of `readers`."""

    max_readers: Annotated[int, Field(ge=1, le=15)]
    """Readers that never are exceeded, those of `readers` included."""
    cpu_percent: Percent = 60
    """Average CPU of the readers that scaling holds."""
    cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    """Pause after a reader was added or taken away. A new one takes minutes to come up."""


SERVERLESS_CLASS = "db.serverless"
_MOST_CONNECTIONS_OF_HALF_A_UNIT = 2000


class AuroraDatabase(_Database):
    """An Aurora PostgreSQL cluster: one writer, and readers in other zones, one of which takes over when it fails."""

    kind: Literal["aurora"]
    """This kind of database."""
    instance_class: Annotated[str, Field(pattern=r"^db\.(serverless|[a-z0-9]+\.[a-z0-9]+)$")] = SERVERLESS_CLASS
    """Size of writer and readers: `db.serverless` grows and shrinks between `min_acu` and `max_acu`."""
    readers: Annotated[int, Field(ge=0, le=15)] = 1
    """Readers beside the writer. Without one a failure of the writer costs minutes."""
    min_acu: Annotated[float, Field(ge=0.5, le=256, multiple_of=0.5)] = 0.5
    """Least capacity of a serverless server, in Aurora capacity units: 2 GB of memory and the processor to it."""
    max_acu: Annotated[float, Field(ge=1, le=256, multiple_of=0.5)] = 4
    """Most capacity of a serverless server."""
    reader_scaling: Annotated[ReaderScaling | None, SwitchedOff] = None
    """More readers under load. Left out: there are always as many as `readers` says."""
    alarm_capacity_percent: Percent = 90
    """Alarm above this share of `max_acu`."""
    alarm_lag_milliseconds: Annotated[int, Field(ge=1)] = 1000
    """Alarm when a reader is further behind the writer than this."""

    @property
    def is_serverless(self) -> bool:
        return self.instance_class == SERVERLESS_CLASS

    def _own_problems(self) -> Iterator[Problem]:
        if self.min_acu > self.max_acu:
            yield self.problem("min_acu", f"must not exceed max_acu ({self.max_acu:g})", "max_acu")
        # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
        if self.is_serverless and self.min_acu < 1 and self.max_connections > _MOST_CONNECTIONS_OF_HALF_A_UNIT:
            yield self.problem(
                "max_connections",
                f"never gets above {_MOST_CONNECTIONS_OF_HALF_A_UNIT} with min_acu {self.min_acu:g}, in AWS's hands",
                "min_acu",
                "instance_class",
            )
        if self.reader_scaling is not None:
            if self.readers == 0:
                yield self.problem("reader_scaling", "needs a reader to measure: readers = 1 or more", "readers")
            if self.reader_scaling.max_readers <= self.readers:
                yield self.problem(
                    "reader_scaling", f"must allow more readers than there always are ({self.readers})", "readers"
                )
        if self.insights == "advanced" and re.match(r"db\.t[0-9]", self.instance_class):
            yield self.problem("insights", f"advanced is not for {self.instance_class}", "instance_class")
        # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
        yield from _window_problems(self, "backup_window", "maintenance_window", shortest=30)


Database = Annotated[
    Annotated[InstanceDatabase, Tag("instance")] | Annotated[AuroraDatabase, Tag("aurora")],
    _kinds("database", "instance", "aurora"),
]


class Table(Model):
    """A DynamoDB table, paid by use. It can be set back to any second of the last days."""

    partition_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,255}$")] = "id"
    """Attribute by which items are found."""
    partition_key_type: Literal["S", "N", "B"] = "S"
    """Text, number or bytes."""
    sort_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,255}$")] | None = None
    """Attribute by which items of one partition are ordered."""
    sort_key_type: Literal["S", "N", "B"] = "S"
    """Text, number or bytes."""
    expiry_attribute: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,255}$")] | None = None
    """Attribute with the second (Unix time) after which an item is deleted."""
    backup_retention_days: Annotated[int, Field(ge=1, le=35)] = 35
    """Days to which the table can be set back."""

    def _own_problems(self) -> Iterator[Problem]:
        if self.sort_key == self.partition_key:
            yield self.problem("sort_key", "must differ from partition_key", "partition_key")
        if self.expiry_attribute is not None and self.expiry_attribute in (self.partition_key, self.sort_key):
            yield self.problem("expiry_attribute", "must not be a key of the table", "partition_key", "sort_key")


class Bucket(Model):
    """An S3 bucket for data of the applications."""

    versioned: bool = True
    """Overwritten and deleted objects can be had back."""
    old_version_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """For how long they can."""
    expire_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Age at which objects are deleted. Left out: never."""
    transition_to_ia_days: Annotated[int, Field(ge=30, le=36_500)] | None = None
    """Age at which objects move to cheaper storage (Standard-IA). Left out: never."""

    def _own_problems(self) -> Iterator[Problem]:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
        if self.expire_days and self.transition_to_ia_days and self.expire_days < self.transition_to_ia_days + 30:
            yield self.problem(
                "expire_days",
                f"must be at least 30 days after transition_to_ia_days ({self.transition_to_ia_days})",
                "transition_to_ia_days",
            )


class Files(Model):
    """One EFS file system that services mount over TLS."""

    throughput_mode: Literal["elastic", "bursting"] = "elastic"
    """`elastic` is paid by use; `bursting` goes with the amount stored."""
    transition_to_ia_days: Literal[1, 7, 14, 30, 60, 90, 180, 270, 365] = 30
    """After this many days without access a file moves to cheaper storage; it returns at the first access."""
    backups: bool = True
    """Daily backups by AWS Backup, kept for 35 days."""
    alarm_io_percent: Percent = 95
    """Alarm above this share of the I/O limit."""


class Secret(Model):
    """One secret. Its first value is made at random at the first deployment, outside Python and outside the state."""

    description: Annotated[str, Field(min_length=1, max_length=2048)]
    """What it is for."""
    length: Annotated[int, Field(ge=16, le=4096)] = 32
    """Length of the first value: letters and digits."""


class Removal(Model):
    """What happens to data when the stack, or a part of it, is destroyed."""

    keep_data: bool = False
    """Deletion protection on, a final snapshot, buckets only destroyed empty. Otherwise all goes without a trace."""
    key_deletion_window_days: Annotated[int, Field(ge=7, le=30)] = 7
    """Time in which the deletion of a KMS key can be taken back."""
    secret_recovery_days: Annotated[int, Field(ge=0, le=30)] = 0
    """Time in which the deletion of a secret can be taken back. 0: its name is free again at once."""

    def _own_problems(self) -> Iterator[Problem]:
        if 0 < self.secret_recovery_days < 7:
            yield self.problem("secret_recovery_days", "must be 0, or 7 to 30")
