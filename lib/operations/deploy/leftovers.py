"""What a destroy leaves in AWS, found by the exact names of what was destroyed: another environment's never match.

In an environment that keeps nothing it is removed, but for what AWS itself keeps for a while. In one that keeps its
data it is listed, with the reason, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lib.operations.aws import Aws, Block, Refused
from lib.operations.plan import Action, Plan


@dataclass(frozen=True)
class Left:
    """Something that is still there."""

    name: str
    what: str
    """And why: for people."""
    removals: tuple[tuple[str, str, Block], ...] = ()
    """Service, operation and parameters of the calls that take it away; none where only time does."""
    region: str = ""


@dataclass(frozen=True)
class Known:
    """An object that is destroyed, or was: its type, and its arguments as far as they are known."""

    type: str
    values: Mapping[str, Any]
    region: str


def known(plan: Plan, template: Mapping[str, Any], region: str) -> list[Known]:
    """What the plan destroys; and what the template names, for a destroy that goes on where another one ended."""
    of_plan = [Known(each.type, each.before, each.before.get("region") or region) for each in plan.of(Action.DELETE)]
    of_template = [
        Known(
            type,
            _literals(block),
            block.get("region", region),
        )
        for type, blocks in template.get("resource", {}).items()
        for block in blocks.values()
    ]
    return of_plan + of_template


def leftovers(aws: Aws, objects: list[Known]) -> list[Left]:
    """What is left of them, each once. Raises Refused."""
    found: dict[tuple[str, str], Left] = {}
    for finder in _FINDERS:
        for object in objects:
            if object.type == finder.type and object.values.get(finder.argument):
                for left in finder.find(aws, str(object.values[finder.argument]), object):
                    found.setdefault((left.what, left.name), left)
    return list(found.values())


def remove(aws: Aws, left: Left) -> None:
    """Raises Refused."""
    for service, operation, parameters in left.removals:
        aws.call(service, operation, region=left.region, **parameters)


@dataclass(frozen=True)
class _Finder:
    """How what is left of a type is found, by the value of one of its arguments."""

    type: str
    argument: str
    find: Callable[[Aws, str, Known], Iterator[Left]]


def _log_groups(aws: Aws, name: str, object: Known) -> Iterator[Left]:
    answer = aws.ask("logs", "describe_log_groups", region=object.region, logGroupNamePrefix=name)
    if any(group["logGroupName"] == name for group in answer["logGroups"]):
        removal = ("logs", "delete_log_group", {"logGroupName": name})
        yield Left(name, "log group, which AWS made again for late events", (removal,), object.region)


def _task_definitions(aws: Aws, family: str, object: Known) -> Iterator[Left]:
    """The apply keeps old ones for ECS to go back to: docs/adr/0012-a-rolled-back-deployment-fails.md."""
    for status in ("ACTIVE", "INACTIVE"):
        answer = aws.ask("ecs", "list_task_definitions", region=object.region, familyPrefix=family, status=status)
        for arn in answer["taskDefinitionArns"]:
            revision = arn.rpartition("/")[2]
            if revision.rpartition(":")[0] != family:
                continue
            first = [("ecs", "deregister_task_definition", {"taskDefinition": arn})] if status == "ACTIVE" else []
            removals = (*first, ("ecs", "delete_task_definitions", {"taskDefinitions": [arn]}))
            yield Left(revision, "task definition, kept for ECS to go back to", removals, object.region)


def _secrets(aws: Aws, name: str, object: Known) -> Iterator[Left]:
    try:
        found = aws.ask("secretsmanager", "describe_secret", region=object.region, SecretId=name)
    except Refused as error:
        if error.code == "ResourceNotFoundException":
            return
        raise
    if found["Name"] == name and "DeletedDate" in found:
        removal = (
            "secretsmanager",
            "delete_secret",
            {"SecretId": found["ARN"], "ForceDeleteWithoutRecovery": True},
        )
        yield Left(name, f"secret, to be taken back until {_day(found['DeletedDate'])}", (removal,), object.region)


def _database_snapshots(aws: Aws, identifier: str, object: Known) -> Iterator[Left]:
    answer = aws.ask(
        "rds", "describe_db_snapshots", region=object.region, DBInstanceIdentifier=identifier, SnapshotType="manual"
    )
    for each in answer["DBSnapshots"]:
        name = each["DBSnapshotIdentifier"]
        if each["DBInstanceIdentifier"] == identifier and _is_final(name, identifier):
            removal = ("rds", "delete_db_snapshot", {"DBSnapshotIdentifier": name})
            yield Left(name, "snapshot of the database as it was at its end", (removal,), object.region)


def _cluster_snapshots(aws: Aws, identifier: str, object: Known) -> Iterator[Left]:
    answer = aws.ask(
        "rds",
        "describe_db_cluster_snapshots",
        region=object.region,
        DBClusterIdentifier=identifier,
        SnapshotType="manual",
    )
    for each in answer["DBClusterSnapshots"]:
        name = each["DBClusterSnapshotIdentifier"]
        if each["DBClusterIdentifier"] == identifier and _is_final(name, identifier):
            removal = ("rds", "delete_db_cluster_snapshot", {"DBClusterSnapshotIdentifier": name})
            yield Left(name, "snapshot of the database as it was at its end", (removal,), object.region)


def _cache_snapshots(aws: Aws, identifier: str, object: Known) -> Iterator[Left]:
    answer = aws.ask("elasticache", "describe_snapshots", region=object.region, ReplicationGroupId=identifier)
    for each in answer["Snapshots"]:
        name = each["SnapshotName"]
        if each.get("ReplicationGroupId") == identifier and _is_final(name, identifier):
            removal = ("elasticache", "delete_snapshot", {"SnapshotName": name})
            yield Left(name, "snapshot of the cache as it was at its end", (removal,), object.region)


def _automated_backups(_: Aws, identifier: str, object: Known) -> Iterator[Left]:
    if object.values.get("delete_automated_backups") is False:
        days = object.values.get("backup_retention_period")
        yield Left(identifier, f"automated backups of the database, which go one by one within {days} days")


def _keys(aws: Aws, id: str, object: Known) -> Iterator[Left]:
    found = aws.ask("kms", "describe_key", region=object.region, KeyId=id)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        until = _day(found["DeletionDate"])
        yield Left(id, f"key, to be taken back until {until}, which costs nothing; AWS deletes none at once")


def _recovery_points(_: Aws, file_system: str, object: Known) -> Iterator[Left]:
    if any(each.get("status") == "ENABLED" for each in _blocks(object.values.get("backup_policy"))):
        yield Left(
            file_system,
            "daily backups of the files in the vault aws/efs/automatic-backup-vault, whose policy lets nobody delete "
            "them: each goes after 35 days",
        )


_FINDERS = [
    _Finder("aws_cloudwatch_log_group", "name", _log_groups),
    _Finder("aws_ecs_task_definition", "family", _task_definitions),
    _Finder("aws_secretsmanager_secret", "name", _secrets),
    _Finder("aws_db_instance", "identifier", _database_snapshots),
    _Finder("aws_rds_cluster", "cluster_identifier", _cluster_snapshots),
    _Finder("aws_elasticache_replication_group", "replication_group_id", _cache_snapshots),
    _Finder("aws_db_instance", "identifier", _automated_backups),
    _Finder("aws_rds_cluster", "cluster_identifier", _automated_backups),
    _Finder("aws_efs_backup_policy", "file_system_id", _recovery_points),
    _Finder("aws_kms_key", "key_id", _keys),
]
"""What outlives a destroy. Objects in buckets go with them, and network interfaces must be gone before their VPC."""


def _is_final(snapshot: str, of: str) -> bool:
    """Whether the stack itself took it at the end: lib/components appends the moment. Others' snapshots stay."""
    return bool(re.fullmatch(rf"{re.escape(of)}-\d{{14}}", snapshot))


def _literals(block: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in block.items() if not (isinstance(value, str) and "${" in value)}


def _blocks(value: Any) -> list[Mapping[str, Any]]:
    """Of a nested block, which a template may write without a list."""
    return value if isinstance(value, list) else [value] if value else []


def _day(moment: Any) -> str:
    return f"{moment:%Y-%m-%d}"
