"""What a destroy leaves: found by exact names, never another environment's, with the calls that remove it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lib.operations.aws import Refused
from lib.operations.deploy.leftovers import Known, Left, known, leftovers, remove
from lib.operations.plan import read_plan
from tests.unit.operations.fake_aws import FakeAws
from tests.unit.operations.fake_terraform import plan_of, resource_change

_REGION = "eu-west-1"
_DAY = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws(_REGION)


def left(aws: FakeAws, type: str, **values: Any) -> list[Left]:
    return leftovers(aws, [Known(type, values, _REGION)])


def names(aws: FakeAws, type: str, **values: Any) -> list[str]:
    return [each.name for each in left(aws, type, **values)]


def calls(each: Left) -> list[str]:
    return [operation for _, operation, _ in each.removals]


# ---- what is known


def test_what_is_destroyed_is_known_as_it_was() -> None:
    plan = read_plan(plan_of(resource_change("aws_kms_key.a", ["delete"], {"key_id": "1"})))
    assert known(plan, {}, _REGION) == [Known("aws_kms_key", {"key_id": "1"}, _REGION)]


def test_what_the_template_names_is_known_but_for_references() -> None:
    template = {"resource": {"aws_x": {"a": {"name": "n", "key": "${aws_y.b.id}", "count": 1}}}}
    assert known(read_plan(plan_of()), template, _REGION) == [Known("aws_x", {"name": "n", "count": 1}, _REGION)]


def test_each_is_looked_for_in_its_own_region() -> None:
    plan = read_plan(plan_of(resource_change("aws_x.a", ["delete"], {"region": "us-east-1"})))
    template = {"resource": {"aws_x": {"a": {"region": "us-east-1"}}}}
    assert [each.region for each in known(plan, template, _REGION)] == ["us-east-1", "us-east-1"]


# ---- what is found


def test_a_log_group_that_came_again_is_found_and_not_that_of_a_longer_name(aws: FakeAws) -> None:
    groups = [{"logGroupName": name} for name in ("/catalog/dev/api/application", "/catalog/dev/api/application-2")]
    aws.says("logs describe_log_groups", {"logGroups": groups})
    (found,) = left(aws, "aws_cloudwatch_log_group", name="/catalog/dev/api/application")
    assert found.removals == (("logs", "delete_log_group", {"logGroupName": "/catalog/dev/api/application"}),)


def test_a_log_group_that_is_gone_is_none(aws: FakeAws) -> None:
    aws.says("logs describe_log_groups", {"logGroups": [{"logGroupName": "/catalog/dev/api/application-2"}]})
    assert names(aws, "aws_cloudwatch_log_group", name="/catalog/dev/api/application") == []


def test_task_definitions_are_deregistered_and_deleted_and_only_those_of_the_family(aws: FakeAws) -> None:
    prefix = "arn:aws:ecs:eu-west-1:111122223333:task-definition/"
    active = {"taskDefinitionArns": [f"{prefix}catalog-dev-api:2", f"{prefix}catalog-dev-api-2:1"]}
    aws.says("ecs list_task_definitions", active, {"taskDefinitionArns": [f"{prefix}catalog-dev-api:1"]})
    found = left(aws, "aws_ecs_task_definition", family="catalog-dev-api")
    assert {each.name: calls(each) for each in found} == {
        "catalog-dev-api:2": ["deregister_task_definition", "delete_task_definitions"],
        "catalog-dev-api:1": ["delete_task_definitions"],
    }


def test_a_secret_that_may_be_taken_back_is_deleted_for_good(aws: FakeAws) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:catalog/dev/application-AbCdEf"
    secret = {"Name": "catalog/dev/application", "ARN": arn, "DeletedDate": _DAY}
    aws.says("secretsmanager describe_secret", secret)
    (found,) = left(aws, "aws_secretsmanager_secret", name="catalog/dev/application")
    assert found.what == "secret, to be taken back until 2026-12-01"
    assert found.removals == (
        ("secretsmanager", "delete_secret", {"SecretId": arn, "ForceDeleteWithoutRecovery": True}),
    )


@pytest.mark.parametrize(
    "answer",
    [
        "ResourceNotFoundException",
        {"Name": "catalog/dev/application", "ARN": "a"},
        {"Name": "catalog/dev/application-AbCdEf", "ARN": "a", "DeletedDate": _DAY},
    ],
)
def test_a_secret_that_is_gone_or_in_use_or_anothers_is_left_alone(answer: Any, aws: FakeAws) -> None:
    aws.says("secretsmanager describe_secret", answer)
    assert names(aws, "aws_secretsmanager_secret", name="catalog/dev/application") == []


def test_a_secret_that_may_not_be_looked_at_is_no_answer(aws: FakeAws) -> None:
    aws.says("secretsmanager describe_secret", "AccessDeniedException")
    with pytest.raises(Refused):
        left(aws, "aws_secretsmanager_secret", name="catalog/dev/application")


_SNAPSHOTS = {
    "aws_db_instance": ("identifier", "rds", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier"),
    "aws_rds_cluster": (
        "cluster_identifier",
        "rds",
        "describe_db_cluster_snapshots",
        "DBClusterSnapshots",
        "DBClusterSnapshotIdentifier",
    ),
    "aws_elasticache_replication_group": (
        "replication_group_id",
        "elasticache",
        "describe_snapshots",
        "Snapshots",
        "SnapshotName",
    ),
}
_OF = {
    "aws_db_instance": "DBInstanceIdentifier",
    "aws_rds_cluster": "DBClusterIdentifier",
    "aws_elasticache_replication_group": "ReplicationGroupId",
}


@pytest.mark.parametrize("type", _SNAPSHOTS)
def test_of_snapshots_the_stacks_own_last_ones_are_found_and_nobody_elses(type: str, aws: FakeAws) -> None:
    argument, service, operation, member, name = _SNAPSHOTS[type]
    own = "catalog-dev-store"
    told = [
        {name: f"{own}-20261124173300", _OF[type]: own},
        {name: f"{own}-by-hand", _OF[type]: own},
        {name: f"{own}-2-20261124173300", _OF[type]: own},
        {name: f"{own}-20261124173301", _OF[type]: "another"},
    ]
    aws.says(f"{service} {operation}", {member: told})
    (found,) = left(aws, type, **{argument: own})
    assert found.name == f"{own}-20261124173300"
    ((_, removal, parameters),) = found.removals
    assert removal == operation.removesuffix("s").replace("describe", "delete")
    assert parameters == {name: f"{own}-20261124173300"}


@pytest.mark.parametrize("type", ["aws_db_instance", "aws_rds_cluster"])
def test_automated_backups_that_are_kept_go_by_themselves(type: str, aws: FakeAws) -> None:
    argument, service, operation, member, _ = _SNAPSHOTS[type]
    aws.says(f"{service} {operation}", {member: []})
    (found,) = left(
        aws, type, **{argument: "catalog-prod-database"}, delete_automated_backups=False, backup_retention_period=14
    )
    assert found.what.endswith("go one by one within 14 days")
    assert found.removals == ()


def test_automated_backups_that_go_with_the_database_are_none(aws: FakeAws) -> None:
    aws.says("rds describe_db_snapshots", {"DBSnapshots": []})
    assert names(aws, "aws_db_instance", identifier="catalog-dev-database", delete_automated_backups=True) == []


def test_a_key_that_is_pending_deletion_is_told_with_its_day(aws: FakeAws) -> None:
    aws.says("kms describe_key", {"KeyMetadata": {"KeyState": "PendingDeletion", "DeletionDate": _DAY}})
    (found,) = left(aws, "aws_kms_key", key_id="1234")
    assert (found.name, "until 2026-12-01" in found.what, found.removals) == ("1234", True, ())


def test_a_key_that_is_in_use_is_not_left(aws: FakeAws) -> None:
    aws.says("kms describe_key", {"KeyMetadata": {"KeyState": "Enabled"}})
    assert names(aws, "aws_kms_key", key_id="1234") == []


@pytest.mark.parametrize(("policy", "count"), [([{"status": "ENABLED"}], 1), ({"status": "DISABLED"}, 0), (None, 0)])
def test_backups_of_files_are_told_where_they_were_made(policy: Any, count: int, aws: FakeAws) -> None:
    assert len(left(aws, "aws_efs_backup_policy", file_system_id="fs-1", backup_policy=policy)) == count


def test_each_is_told_once_however_often_it_is_known(aws: FakeAws) -> None:
    aws.says("logs describe_log_groups", {"logGroups": [{"logGroupName": "one"}]})
    group = Known("aws_cloudwatch_log_group", {"name": "one"}, _REGION)
    assert len(leftovers(aws, [group, group])) == 1


def test_types_that_leave_nothing_are_not_asked_for(aws: FakeAws) -> None:
    assert left(aws, "aws_vpc", id="vpc-1") == []
    assert aws.asked == []


# ---- removing


def test_it_is_removed_where_it_is(aws: FakeAws) -> None:
    aws.says("logs delete_log_group", {})
    remove(aws, Left("one", "", (("logs", "delete_log_group", {"logGroupName": "one"}),), "us-east-1"))
    assert aws.asked == [("logs delete_log_group", {"logGroupName": "one", "region": "us-east-1"})]
