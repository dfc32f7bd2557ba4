"""What keeps data: the database and the cache."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from lib.operations.aws import Block, Refused
from lib.operations.deployment import Deployment
from lib.operations.status.metrics import Metric, measured, measured_of_each, number
from lib.operations.status.parts import MEASURED_ON_AWS, Line, Severity, Trouble, answer_or, iso
from lib.operations.times import ago, as_time, moment
from lib.operations.verify.units import cache as caches
from lib.operations.verify.units import database as databases

_GB = 1_000_000_000
_GIB = 1 << 30

_SERVES = frozenset(
    {"available", "backing-up", "configuring-enhanced-monitoring", "configuring-iam-database-auth"}
    | {"configuring-log-exports", "maintenance", "modifying", "resetting-master-credentials"}
    | {"storage-config-upgrade", "storage-initialization", "storage-optimization"}
)
"""Statuses in which a database answers.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html"""
_LATEST_BACKUP = timedelta(hours=1)
"""RDS sends logs away every five minutes: an hour without means that it does not get to.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html"""
_LATEST_ROTATION = timedelta(days=2)
"""Secrets Manager tries again where a rotation fails."""
_METRICS_OF_SERVER = {"cpu_percent": "CPUUtilization", "connections": "DatabaseConnections"}


def database(stack: Deployment, now: datetime, _: str) -> Line:
    found, servers = databases.described(stack), databases.servers(stack)
    missed: list[Refused] = []
    status = found["Status"] if stack.has_aurora else found["DBInstanceStatus"]
    restorable, rotation = as_time(found.get("LatestRestorableTime")), _next_rotation(stack, missed)
    maintenance: list[str] = []
    measurements: dict[str, Any] = {}
    if not stack.emulated:
        maintenance = answer_or(maintenance, lambda: list(_maintenance(stack, found, servers)), missed)
        measurements = _measurements_of_database(stack, now, servers, missed)
    modifications = list(_modifications(stack))
    classes = sorted({server["DBInstanceClass"] for server in servers.values()})
    times = [
        f"restorable until {moment(restorable)}" if restorable else "",
        f"password changes {moment(rotation)}" if rotation else "",
    ]
    texts = [
        f"{status}, {', '.join(classes)}, {found['Engine']} {found['EngineVersion']}",
        *_of_servers(stack, found, measurements),
        "; ".join(filter(None, times)),
    ]
    facts = {
        "status": status,
        "classes": classes,
        "servers": {name: server["DBInstanceStatus"] for name, server in servers.items()},
        "pending_modifications": modifications,
        "pending_maintenance": maintenance,
        "restorable_until": iso(restorable),
        "next_rotation": iso(rotation),
        "measured": measurements or None,
    }
    troubles = [
        *_statuses(status, servers),
        *_times(now, restorable, rotation),
        *(Trouble(Severity.NOTE, f"waits for its maintenance window: {text}") for text in modifications),
        *(Trouble(Severity.NOTE, f"maintenance: {text}") for text in maintenance),
    ]
    needs_aws = MEASURED_ON_AWS if stack.emulated else ""
    return Line(tuple(filter(None, texts)), facts, tuple(troubles), needs_aws, tuple(missed))


def _next_rotation(stack: Deployment, missed: list[Refused]) -> datetime | None:
    """Of the secret of applications, where the stack rotates one for them, or of RDS's own."""
    output = "database_secret_arn" if "database_secret_arn" in stack else "database_master_secret_arn"
    nothing: Block = {}
    secret = answer_or(nothing, lambda: stack.ask("secretsmanager", "describe_secret", SecretId=stack[output]), missed)
    return as_time(secret.get("NextRotationDate"))


def _modifications(stack: Deployment) -> Iterator[str]:
    """What was asked for and waits for the maintenance window."""
    for name, each in databases.everything(stack).items():
        for member, value in each.get("PendingModifiedValues", {}).items():
            yield f"{name}: {member} to {value}"


def _maintenance(stack: Deployment, found: Block, servers: Mapping[str, Block]) -> Iterator[str]:
    """What AWS is going to do, to the cluster and its servers."""
    arns = [server["DBInstanceArn"] for server in servers.values()]
    if stack.has_aurora:
        arns.append(found["DBClusterArn"])
    for arn in arns:
        answer = stack.ask("rds", "describe_pending_maintenance_actions", ResourceIdentifier=arn)
        for resource in answer["PendingMaintenanceActions"]:
            for action in resource.get("PendingMaintenanceActionDetails", []):
                at = as_time(action.get("CurrentApplyDate") or action.get("AutoAppliedAfterDate"))
                when = f" at {moment(at)}" if at else ""
                yield f"{action['Action']} of {arn.rpartition(':')[2]}{when}"


def _measurements_of_database(
    stack: Deployment, now: datetime, servers: Mapping[str, Block], missed: list[Refused]
) -> dict[str, Any]:
    metrics = _METRICS_OF_SERVER | (
        {"capacity_acu": "ServerlessDatabaseCapacity"} if stack.has_aurora else {"free_bytes": "FreeStorageSpace"}
    )
    return measured_of_each(stack, now, servers, metrics, missed, namespace="AWS/RDS", dimension="DBInstanceIdentifier")


def _of_servers(stack: Deployment, found: Block, measurements: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    if stack.has_database_instance:
        return [
            f"{_load(each)}, {_bytes(each['free_bytes'])} of {found['AllocatedStorage']} GB free"
            for each in measurements.values()
        ]
    writers = {member["DBInstanceIdentifier"] for member in found["DBClusterMembers"] if member["IsClusterWriter"]}
    return [
        f"{'writer' if name in writers else 'reader'} {name}: {_load(each)}, {number(each['capacity_acu'], 'ACU')}"
        for name, each in measurements.items()
    ]


def _load(each: Mapping[str, float | None]) -> str:
    return f"CPU {number(each['cpu_percent'], '%')}, {number(each['connections'])} connections"


def _bytes(value: float | None) -> str:
    # RDS calls 2^30 bytes a gigabyte.
    return number(None if value is None else value / _GIB)


def _statuses(status: str, servers: Mapping[str, Block]) -> Iterator[Trouble]:
    """The cluster's or the only instance's own, and those of a cluster's servers."""
    if status not in _SERVES:
        yield Trouble(Severity.DOWN, f"it is {status}")
    elif status != "available":
        yield Trouble(Severity.NOTE, f"it is {status}")
    if len(servers) > 1:
        for name, server in servers.items():
            if server["DBInstanceStatus"] not in _SERVES:
                yield Trouble(Severity.DEGRADED, f"{name} is {server['DBInstanceStatus']}")


def _times(now: datetime, restorable: datetime | None, rotation: datetime | None) -> Iterator[Trouble]:
    if restorable and now - restorable > _LATEST_BACKUP:
        yield Trouble(Severity.DEGRADED, f"it can be restored as it was {ago(now, restorable)} ago, not later")
    if rotation and now - rotation > _LATEST_ROTATION:
        yield Trouble(Severity.DEGRADED, f"its password should have changed {ago(now, rotation)} ago")


def cache(stack: Deployment, now: datetime, _: str) -> Line:
    return _serverless(stack, now) if stack.has_serverless_cache else _nodes(stack, now)


def _serverless(stack: Deployment, now: datetime) -> Line:
    found = caches.described(stack)
    status = found["Status"]
    limit = found["CacheUsageLimits"]["DataStorage"]["Maximum"]
    facts: dict[str, Any] = {"status": status, "limit_gb": limit}
    text = f"{status}, {found['Engine']} {found['MajorEngineVersion']}, serverless"
    troubles = tuple(_of_cache({stack["cache_name"]: status}))
    if stack.emulated:
        return Line((text,), facts | {"measured": None}, troubles, MEASURED_ON_AWS)
    # The name in lower case, as the console shows it.
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html
    missed: list[Refused] = []
    of_cache = {"clusterId": stack["cache_name"].lower()}
    values = measured(
        stack,
        now,
        {
            "used_bytes": Metric("AWS/ElastiCache", "BytesUsedForCache", of_cache),
            "connections": Metric("AWS/ElastiCache", "CurrConnections", of_cache),
            "throttled": Metric("AWS/ElastiCache", "ThrottledCmds", of_cache, "Sum"),
        },
        missed,
    )
    used = values["used_bytes"]
    if values["throttled"]:
        throttled = f"{number(values['throttled'])} commands were throttled within the last hour"
        troubles += (Trouble(Severity.DEGRADED, throttled),)
    share = number(None if used is None else used / _GB)
    texts = (text, f"{share} of {limit} GB used, {number(values['connections'])} connections")
    return Line(texts, facts | {"measured": values}, troubles, missed=tuple(missed))


def _nodes(stack: Deployment, now: datetime) -> Line:
    found, nodes = caches.described(stack), caches.nodes(stack)
    states = {node["CacheClusterId"]: node["CacheClusterStatus"] for node in nodes}
    facts = {"status": found["Status"], "nodes": states}
    text = f"{found['Status']}, {found['Engine']}, {len(nodes)} of {found['CacheNodeType']}"
    troubles = tuple(_of_cache({stack["cache_name"]: found["Status"]}, states))
    if stack.emulated:
        return Line((text,), facts | {"measured": None}, troubles, MEASURED_ON_AWS)
    missed: list[Refused] = []
    metrics = {"memory_percent": "DatabaseMemoryUsagePercentage", "connections": "CurrConnections"}
    measurements = measured_of_each(
        stack, now, states, metrics, missed, namespace="AWS/ElastiCache", dimension="CacheClusterId"
    )
    texts = [
        f"{node}: {number(each['memory_percent'], '%')} used, {number(each['connections'])} connections"
        for node, each in measurements.items()
    ]
    return Line((text, *texts), facts | {"measured": measurements}, troubles, missed=tuple(missed))


def _of_cache(whole: Mapping[str, str], nodes: Mapping[str, str] | None = None) -> Iterable[Trouble]:
    """Name -> status: `modifying` and `snapshotting` are no trouble, it answers all the while."""
    for name, status in whole.items():
        if status.lower() not in ("available", "modifying", "snapshotting"):
            yield Trouble(Severity.DOWN, f"{name} is {status}")
    for name, status in (nodes or {}).items():
        if status not in ("available", "modifying", "snapshotting"):
            yield Trouble(Severity.DEGRADED, f"{name} is {status}")
