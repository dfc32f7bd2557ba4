"""Database: each test says what would break in AWS if it failed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from constructs import Construct

from lib.components.account import Account
from lib.components.database import Database
from lib.naming import Names
from lib.settings import data as settings_of
from tests.template import Block, Template
from tests.unit.components.exposed import expose, exposed

KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/k"
LOG_KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/logs"
NAME = "shop-dev-1-database"


def build(*, keep_data: bool = False, **settings: Any) -> Template:
    def component(scope: Construct) -> None:
        database = Database(
            scope,
            "database",
            names=Names("shop", "dev-1"),
            settings=settings_of.Database(**settings),
            vpc_id="vpc-1",
            subnet_ids=["subnet-a", "subnet-b"],
            key_arn=KEY_ARN,
            log_key_arn=LOG_KEY_ARN,
            account=Account(scope, "account", region="eu-west-1"),
            keep_data=keep_data,
        )
        expose(
            scope,
            name=database.name,
            port=database.port,
            endpoint=database.endpoint,
            arn=database.arn,
            secret_arn=database.secret_arn,
            peer=database.peer,
            access=database.access(),
            alarms=database.alarms(),
        )

    return Template.of_components(component)


@pytest.fixture(scope="module")
def template() -> Template:
    return build(
        major_version="16",
        instance_class="db.r7g.large",
        database_name="orders",
        storage_gb=40,
        max_storage_gb=90,
        max_connections=200,
        multi_az=True,
        backup_retention_days=14,
        backup_window="01:00-02:00",
        maintenance_window="tue:04:30-tue:05:30",
        insights="advanced",
        monitoring_interval_seconds=15,
        log_retention_days=14,
        alarm_cpu_percent=70,
        alarm_connections_percent=60,
        alarm_free_storage_percent=25,
    )


@pytest.fixture(scope="module")
def instance(template: Template) -> Block:
    return template.only("aws_db_instance")


@pytest.fixture(scope="module")
def kept() -> Block:
    return build(keep_data=True).only("aws_db_instance")


def test_is_the_postgresql_of_the_settings(instance: Block) -> None:
    assert (instance["identifier"], instance["engine"]) == (NAME, "postgres")
    assert (instance["instance_class"], instance["db_name"]) == ("db.r7g.large", "orders")
    assert instance["port"] == 5432


def test_the_version_is_the_major_only_and_the_rest_comes_by_itself(instance: Block) -> None:
    assert instance["engine_version"] == "16"
    assert instance["auto_minor_version_upgrade"] is True


def test_a_new_major_version_in_the_settings_is_carried_out(template: Template, instance: Block) -> None:
    assert instance["allow_major_version_upgrade"] is True
    assert instance["apply_immediately"] is True
    assert template.only("aws_db_parameter_group")["lifecycle"] == {"create_before_destroy": True}


def test_aws_makes_and_keeps_the_password_under_the_key(instance: Block) -> None:
    assert instance["manage_master_user_password"] is True
    assert instance["master_user_secret_kms_key_id"] == KEY_ARN
    assert instance["username"] == "postgres"
    assert not {"password", "password_wo"} & instance.keys()


def test_sign_in_by_iam_is_possible(instance: Block) -> None:
    assert instance["iam_database_authentication_enabled"] is True


def test_storage_is_encrypted_and_grows(instance: Block) -> None:
    assert (instance["storage_encrypted"], instance["kms_key_id"]) == (True, KEY_ARN)
    assert instance["storage_type"] == "gp3"
    assert (instance["allocated_storage"], instance["max_allocated_storage"]) == (40, 90)


def test_is_reachable_from_the_given_subnets_only(template: Template, instance: Block) -> None:
    assert instance["publicly_accessible"] is False
    assert instance["db_subnet_group_name"] == template.reference("aws_db_subnet_group", "name")
    assert instance["vpc_security_group_ids"] == [template.reference("aws_security_group", "id")]
    group = template.only("aws_db_subnet_group")
    assert (group["name"], group["subnet_ids"]) == (NAME, ["subnet-a", "subnet-b"])
    assert group["description"] == "Isolated subnets of the database"


def test_opens_no_port_itself(template: Template) -> None:
    group = template.only("aws_security_group")
    assert (group["name"], group["vpc_id"]) == (NAME, "vpc-1")
    assert group["description"] == "The database of the services"
    assert "ingress" not in group
    assert "egress" not in group
    assert template.all("aws_vpc_security_group_ingress_rule") == []


def test_a_standby_follows_the_settings(instance: Block, kept: Block) -> None:
    assert instance["multi_az"] is True
    assert kept["multi_az"] is False


def test_backups_and_windows_are_those_of_the_settings(instance: Block) -> None:
    assert (instance["backup_retention_period"], instance["backup_window"]) == (14, "01:00-02:00")
    assert instance["maintenance_window"] == "tue:04:30-tue:05:30"
    assert instance["copy_tags_to_snapshot"] is True


def test_names_its_certificate_authority(instance: Block) -> None:
    assert instance["ca_cert_identifier"] == "rds-ca-rsa2048-g1"


def test_parameters_force_tls_and_log_what_is_slow(template: Template, instance: Block) -> None:
    group = template.only("aws_db_parameter_group")
    assert (group["name"], group["family"]) == (f"{NAME}-postgres16", "postgres16")
    assert group["description"] == "Parameters of the database"
    assert group["parameter"] == [
        {"name": "rds.force_ssl", "value": "1"},
        {"name": "log_min_duration_statement", "value": "1000"},
        {"name": "log_lock_waits", "value": "1"},
        {"name": "max_connections", "value": "200", "apply_method": "pending-reboot"},
    ]
    assert instance["parameter_group_name"] == template.reference("aws_db_parameter_group", "name")


def test_exports_both_logs(instance: Block) -> None:
    assert instance["enabled_cloudwatch_logs_exports"] == ["postgresql", "upgrade"]


@pytest.mark.parametrize("log", ["postgresql", "upgrade"])
def test_log_groups_are_encrypted_end_and_are_there_before_the_instance(
    template: Template, instance: Block, log: str
) -> None:
    name = f"/aws/rds/instance/{NAME}/{log}"
    group = template.only("aws_cloudwatch_log_group", name=name)
    assert (group["retention_in_days"], group["kms_key_id"]) == (14, LOG_KEY_ARN)
    reference = template.reference("aws_cloudwatch_log_group", "", name=name).removeprefix("${").removesuffix(".}")
    assert reference in instance["depends_on"]


def test_there_are_two_log_groups(template: Template) -> None:
    assert len(template.all("aws_cloudwatch_log_group")) == 2


def test_insights_are_encrypted_and_kept_as_long_as_their_mode_asks_for(instance: Block, kept: Block) -> None:
    for each, mode, days in ((instance, "advanced", 465), (kept, "standard", 7)):
        assert each["performance_insights_enabled"] is True
        assert each["performance_insights_kms_key_id"] == KEY_ARN
        assert each["database_insights_mode"] == mode
        assert each["performance_insights_retention_period"] == days


def test_enhanced_monitoring_has_a_role_that_is_ready_before_the_instance(template: Template, instance: Block) -> None:
    assert instance["monitoring_interval"] == 15
    assert instance["monitoring_role_arn"] == template.reference("aws_iam_role", "arn")
    (attachment,) = template.named("aws_iam_role_policy_attachment")
    assert f"aws_iam_role_policy_attachment.{attachment}" in instance["depends_on"]


def test_the_monitoring_role_is_for_rds_of_this_account_and_reports_only(template: Template) -> None:
    role = template.only("aws_iam_role")
    (caller,) = template.document["data"]["aws_caller_identity"]
    (partition,) = template.document["data"]["aws_partition"]
    assert role["name"] == "shop-dev-1-database-monitoring"
    assert role["description"] == "RDS reports on the operating system of the database"
    assert json.loads(role["assume_role_policy"])["Statement"] == [
        {
            "Sid": "Trust",
            "Effect": "Allow",
            "Principal": {"Service": "monitoring.rds.amazonaws.com"},
            "Action": ["sts:AssumeRole"],
            "Condition": {"StringEquals": {"aws:SourceAccount": f"${{data.aws_caller_identity.{caller}.account_id}}"}},
        }
    ]
    attachment = template.only("aws_iam_role_policy_attachment")
    assert attachment["role"] == template.reference("aws_iam_role", "name")
    assert attachment["policy_arn"] == (
        f"arn:${{data.aws_partition.{partition}.partition}}"
        ":iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
    )


def test_without_enhanced_monitoring_there_is_no_role() -> None:
    template = build(monitoring_interval_seconds=0)
    instance = template.only("aws_db_instance")
    assert instance["monitoring_interval"] == 0
    assert "monitoring_role_arn" not in instance
    assert template.all("aws_iam_role") == []
    assert template.all("aws_iam_role_policy_attachment") == []
    assert len(instance["depends_on"]) == 2


def test_leaves_nothing_behind_unless_data_is_kept(instance: Block) -> None:
    assert instance["deletion_protection"] is False
    assert instance["skip_final_snapshot"] is True
    assert "final_snapshot_identifier" not in instance
    assert instance["delete_automated_backups"] is True


def test_kept_data_is_protected_and_goes_into_a_last_snapshot_with_a_name_of_its_own(kept: Block) -> None:
    assert kept["deletion_protection"] is True
    assert kept["skip_final_snapshot"] is False
    assert kept["final_snapshot_identifier"] == ('shop-dev-1-database-${formatdate("YYYYMMDDhhmmss", timestamp())}')
    assert kept["lifecycle"] == {"ignore_changes": ["final_snapshot_identifier"]}
    assert kept["delete_automated_backups"] is False


def test_exposes_what_others_wire_to(template: Template) -> None:
    def of(attribute: str) -> str:
        return template.reference("aws_db_instance", attribute)

    assert exposed(template, "name") == NAME
    assert exposed(template, "port") == 5432
    assert exposed(template, "endpoint") == of("address")
    assert exposed(template, "arn") == of("arn")
    assert exposed(template, "secret_arn") == of("master_user_secret[0].secret_arn")
    group = template.reference("aws_security_group", "id")
    assert exposed(template, "peer") == {"name": "database", "security_group_id": group}


def test_hands_out_where_it_is(template: Template) -> None:
    access = exposed(template, "access")
    assert access["environment"] == {
        "DATABASE_HOST": template.reference("aws_db_instance", "address"),
        "DATABASE_PORT": "5432",
        "DATABASE_NAME": "orders",
        "DATABASE_TLS": "true",
    }
    assert access["ports"] == [5432]
    assert access["peer"] == exposed(template, "peer")


def test_hands_out_the_credentials_by_reference_only(template: Template) -> None:
    secret = template.reference("aws_db_instance", "master_user_secret[0].secret_arn")
    assert exposed(template, "access")["secrets"] == {
        "DATABASE_USERNAME": f"{secret}:username::",
        "DATABASE_PASSWORD": f"{secret}:password::",
    }


def test_ecs_may_read_exactly_this_secret_and_use_its_key_through_secrets_manager(template: Template) -> None:
    access = exposed(template, "access")
    assert access["execution_statements"] == [
        {
            "Sid": "ReadDatabaseSecret",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": [template.reference("aws_db_instance", "master_user_secret[0].secret_arn")],
        },
        {
            "Sid": "DecryptDatabaseSecret",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": [KEY_ARN],
            "Condition": {"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}},
        },
    ]
    assert access["task_statements"] == []


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("cpu", {"metric": "CPUUtilization", "statistic": "Average", "threshold": 70, "period_seconds": 300}),
        (
            "storage",
            {
                "metric": "FreeStorageSpace",
                "statistic": "Minimum",
                "comparison": "LessThanThreshold",
                "threshold": 10 * 1024**3,
                "period_seconds": 300,
                "datapoints_to_alarm": 3,
            },
        ),
        ("connections", {"metric": "DatabaseConnections", "statistic": "Maximum", "threshold": 120}),
        (
            "wraparound",
            {
                "metric": "MaximumUsedTransactionIDs",
                "statistic": "Maximum",
                "threshold": 1_000_000_000,
                "period_seconds": 300,
            },
        ),
    ],
)
def test_alarms_watch_this_instance(template: Template, role: str, expected: Block) -> None:
    (alarm,) = [each for each in exposed(template, "alarms") if each["role"] == role]
    assert alarm.pop("why")
    assert alarm == {
        "unit": "database",
        "role": role,
        "namespace": "AWS/RDS",
        "comparison": "GreaterThanThreshold",
        "dimensions": {"DBInstanceIdentifier": NAME},
        "period_seconds": 60,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 2,
        **expected,
    }


def test_has_four_alarms(template: Template) -> None:
    roles = [alarm["role"] for alarm in exposed(template, "alarms")]
    assert roles == ["cpu", "storage", "connections", "wraparound"]


def test_alarms_name_the_limits_of_the_settings(template: Template) -> None:
    why = {alarm["role"]: alarm["why"] for alarm in exposed(template, "alarms")}
    assert "70 %" in why["cpu"]
    assert "60 % of 200 connections" in why["connections"]
