"""FileStorage: each test says what would break in AWS if it failed."""

from __future__ import annotations

import pytest
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from lib.components.file_storage import NFS_PORT, FileStorage
from lib.naming import Names
from lib.settings.data import Files
from tests.template import Block, Template, statements
from tests.unit.components.exposed import expose, exposed

KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/k"
NAME = "shop-dev-1-files"


def build(settings: Files) -> Template:
    def component(scope: Construct) -> None:
        files = FileStorage(
            scope,
            "files",
            names=Names("shop", "dev-1"),
            settings=settings,
            vpc_id="vpc-1",
            subnet_ids=["subnet-a", "subnet-b"],
            key_arn=KEY_ARN,
        )
        expose(
            scope,
            file_system_id=files.file_system_id,
            arn=files.arn,
            access_point_id=files.access_point_id,
            access_point_arn=files.access_point_arn,
            peer=files.peer,
            alarms=files.alarms(),
            to_write=files.task_statements(read_only=False),
            to_read=files.task_statements(read_only=True),
        )
        SecurityGroup(scope, "waiting", name="waiting", depends_on=files.mount_targets)

    return Template.of_components(component)


@pytest.fixture(scope="module")
def built() -> Template:
    return build(Files(transition_to_ia_days=7, alarm_io_percent=90))


@pytest.fixture(scope="module")
def bursting() -> Template:
    return build(Files(throughput_mode="bursting", transition_to_ia_days=1, backups=False))


@pytest.fixture(scope="module")
def file_system(built: Template) -> Block:
    return built.only("aws_efs_file_system")


def test_is_encrypted_under_the_given_key(file_system: Block) -> None:
    assert file_system["encrypted"] is True
    assert file_system["kms_key_id"] == KEY_ARN


def test_carries_its_name(built: Template, file_system: Block) -> None:
    assert file_system["creation_token"] == NAME
    assert file_system["tags"] == {"Name": NAME}
    assert built.only("aws_efs_access_point")["tags"] == {"Name": NAME}


def test_lifecycle_keeps_one_transition_per_block(file_system: Block) -> None:
    assert file_system["lifecycle_policy"] == [
        {"transition_to_ia": "AFTER_7_DAYS"},
        {"transition_to_primary_storage_class": "AFTER_1_ACCESS"},
    ]


def test_one_day_is_written_in_the_singular(bursting: Template) -> None:
    policy = bursting.only("aws_efs_file_system")["lifecycle_policy"]
    assert policy[0] == {"transition_to_ia": "AFTER_1_DAY"}


def test_throughput_mode_follows_the_settings(file_system: Block, bursting: Template) -> None:
    assert file_system["throughput_mode"] == "elastic"
    assert bursting.only("aws_efs_file_system")["throughput_mode"] == "bursting"


def test_backups_follow_the_settings(built: Template, bursting: Template) -> None:
    policy = built.only("aws_efs_backup_policy")
    assert policy["file_system_id"] == built.reference("aws_efs_file_system", "id")
    assert policy["backup_policy"] == {"status": "ENABLED"}
    assert bursting.only("aws_efs_backup_policy")["backup_policy"] == {"status": "DISABLED"}


def test_has_one_mount_target_a_subnet_behind_its_security_group(built: Template) -> None:
    targets = built.all("aws_efs_mount_target")
    assert [target["subnet_id"] for target in targets] == ["subnet-a", "subnet-b"]
    group = built.reference("aws_security_group", "id", name=NAME)
    assert [target["security_groups"] for target in targets] == [[group], [group]]
    file_system = built.reference("aws_efs_file_system", "id")
    assert [target["file_system_id"] for target in targets] == [file_system, file_system]


def test_opens_no_port_itself(built: Template) -> None:
    group = built.only("aws_security_group", name=NAME)
    assert group["vpc_id"] == "vpc-1"
    assert group["description"] == "Mount targets of the shared files"
    assert "ingress" not in group
    assert "egress" not in group
    assert built.all("aws_vpc_security_group_ingress_rule") == []
    assert NFS_PORT == 2049


def test_access_point_owns_its_directory(built: Template) -> None:
    access_point = built.only("aws_efs_access_point")
    assert access_point["file_system_id"] == built.reference("aws_efs_file_system", "id")
    assert access_point["posix_user"] == {"uid": 1000, "gid": 1000}
    assert access_point["root_directory"] == {
        "path": "/shared",
        "creation_info": {"owner_uid": 1000, "owner_gid": 1000, "permissions": "750"},
    }


@pytest.mark.parametrize(
    ("sid", "operator", "key", "value"),
    [
        ("OnlyWithTls", "Bool", "aws:SecureTransport", "false"),
        ("OnlyThroughTheAccessPoint", "StringNotEquals", "elasticfilesystem:AccessPointArn", None),
        ("OnlyThroughMountTargets", "Bool", "elasticfilesystem:AccessedViaMountTarget", "false"),
    ],
)
def test_refuses_clients_that_come_another_way(
    built: Template, sid: str, operator: str, key: str, value: str | None
) -> None:
    policy = built.only("aws_efs_file_system_policy")
    (statement,) = [each for each in statements(policy["policy"]) if each["Sid"] == sid]
    assert statement == {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": [
            "elasticfilesystem:ClientMount",
            "elasticfilesystem:ClientWrite",
            "elasticfilesystem:ClientRootAccess",
        ],
        "Resource": [built.reference("aws_efs_file_system", "arn")],
        "Condition": {operator: {key: value or built.reference("aws_efs_access_point", "arn")}},
    }


def test_the_policy_is_of_this_file_system_and_allows_nothing_by_itself(built: Template) -> None:
    policy = built.only("aws_efs_file_system_policy")
    assert policy["file_system_id"] == built.reference("aws_efs_file_system", "id")
    assert [each["Effect"] for each in statements(policy["policy"])] == ["Deny", "Deny", "Deny"]


@pytest.mark.parametrize(
    ("name", "kind", "attribute"),
    [
        ("file_system_id", "aws_efs_file_system", "id"),
        ("arn", "aws_efs_file_system", "arn"),
        ("access_point_id", "aws_efs_access_point", "id"),
        ("access_point_arn", "aws_efs_access_point", "arn"),
    ],
)
def test_exposes_what_others_wire_to(built: Template, name: str, kind: str, attribute: str) -> None:
    assert exposed(built, name) == built.reference(kind, attribute)


def test_is_a_peer_by_its_security_group(built: Template) -> None:
    group = built.reference("aws_security_group", "id", name=NAME)
    assert exposed(built, "peer") == {"name": "files", "security_group_id": group}


def test_services_can_wait_for_every_mount_target(built: Template) -> None:
    assert built.only("aws_security_group", name="waiting")["depends_on"] == [
        f"aws_efs_mount_target.{name}" for name in built.named("aws_efs_mount_target")
    ]


@pytest.mark.parametrize(
    ("name", "sid", "actions"),
    [
        ("to_write", "ReadAndWriteFiles", ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]),
        ("to_read", "ReadFiles", ["elasticfilesystem:ClientMount"]),
    ],
)
def test_a_task_may_do_what_its_mount_is_for_and_through_the_access_point(
    built: Template, name: str, sid: str, actions: list[str]
) -> None:
    access_point = built.reference("aws_efs_access_point", "arn")
    assert exposed(built, name) == [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Action": actions,
            "Resource": [built.reference("aws_efs_file_system", "arn")],
            "Condition": {"StringEquals": {"elasticfilesystem:AccessPointArn": access_point}},
        }
    ]


def alarm_without_why(template: Template, role: str) -> Block:
    (alarm,) = [each for each in exposed(template, "alarms") if each["role"] == role]
    assert alarm.pop("why")
    found: Block = alarm
    return found


def test_alarm_on_the_io_limit(built: Template) -> None:
    assert alarm_without_why(built, "io") == {
        "unit": "files",
        "role": "io",
        "namespace": "AWS/EFS",
        "metric": "PercentIOLimit",
        "statistic": "Maximum",
        "comparison": "GreaterThanThreshold",
        "threshold": 90,
        "dimensions": {"FileSystemId": built.reference("aws_efs_file_system", "id")},
        "period_seconds": 300,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 2,
        "region": None,
    }


def test_alarm_on_credits_for_the_last_hour_in_bursting_mode(bursting: Template) -> None:
    assert alarm_without_why(bursting, "burst") == {
        "unit": "files",
        "role": "burst",
        "namespace": "AWS/EFS",
        "metric": "BurstCreditBalance",
        "statistic": "Minimum",
        "comparison": "LessThanThreshold",
        "threshold": 377_487_360_000,
        "dimensions": {"FileSystemId": bursting.reference("aws_efs_file_system", "id")},
        "period_seconds": 300,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 2,
        "region": None,
    }


def test_alarms_are_on_what_the_throughput_mode_reports(built: Template, bursting: Template) -> None:
    assert [alarm["role"] for alarm in exposed(built, "alarms")] == ["io"]
    assert [alarm["role"] for alarm in exposed(bursting, "alarms")] == ["io", "burst"]
