"""The database as one instance: each test says what would break in AWS if it failed."""

from __future__ import annotations

import pytest

from tests.template import Block, Template
from tests.unit.components.exposed import exposed
from tests.unit.components.test_postgres import KEY_ARN, NAME, alarm, why
from tests.unit.components.test_postgres import instance as build


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
        alarm_cpu_percent=70,
        alarm_connections_percent=60,
        alarm_free_storage_percent=25,
    )


@pytest.fixture(scope="module")
def instance(template: Template) -> Block:
    return template.only("aws_db_instance")


@pytest.fixture(scope="module")
def plain() -> Block:
    return build().only("aws_db_instance")


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


def test_is_not_reachable_from_outside(instance: Block) -> None:
    assert instance["publicly_accessible"] is False


def test_a_standby_follows_the_settings(instance: Block, plain: Block) -> None:
    assert instance["multi_az"] is True
    assert plain["multi_az"] is False


def test_backups_and_windows_are_those_of_the_settings(instance: Block) -> None:
    assert (instance["backup_retention_period"], instance["backup_window"]) == (14, "01:00-02:00")
    assert instance["maintenance_window"] == "tue:04:30-tue:05:30"
    assert instance["copy_tags_to_snapshot"] is True


def test_no_name_of_a_last_snapshot_is_a_change(instance: Block) -> None:
    assert instance["lifecycle"] == {"ignore_changes": ["final_snapshot_identifier"]}


def test_names_its_certificate_authority(instance: Block) -> None:
    assert instance["ca_cert_identifier"] == "rds-ca-rsa2048-g1"


def test_parameters_force_tls_and_log_what_is_slow(template: Template, instance: Block) -> None:
    group = template.only("aws_db_parameter_group")
    assert (group["name"], group["family"]) == (f"{NAME}-postgres16", "postgres16")
    assert group["description"] == "Parameters of the database"
    assert group["parameter"] == [
        {"name": "rds.force_ssl", "value": "1", "apply_method": "pending-reboot"},
        {"name": "log_min_duration_statement", "value": "1000"},
        {"name": "log_lock_waits", "value": "1"},
        {"name": "max_connections", "value": "200", "apply_method": "pending-reboot"},
    ]
    assert instance["parameter_group_name"] == template.reference("aws_db_parameter_group", "name")


def test_exports_both_logs_to_the_groups_that_aws_writes_to(template: Template, instance: Block) -> None:
    assert instance["enabled_cloudwatch_logs_exports"] == ["postgresql", "upgrade"]
    assert [group["name"] for group in template.all("aws_cloudwatch_log_group")] == [
        f"/aws/rds/instance/{NAME}/postgresql",
        f"/aws/rds/instance/{NAME}/upgrade",
    ]


def test_insights_are_encrypted_and_kept_as_long_as_their_mode_asks_for(instance: Block, plain: Block) -> None:
    for each, mode, days in ((instance, "advanced", 465), (plain, "standard", 7)):
        assert each["performance_insights_enabled"] is True
        assert each["performance_insights_kms_key_id"] == KEY_ARN
        assert each["database_insights_mode"] == mode
        assert each["performance_insights_retention_period"] == days


def test_enhanced_monitoring_is_as_often_as_the_settings_say(instance: Block) -> None:
    assert instance["monitoring_interval"] == 15


def test_exposes_what_others_wire_to(template: Template) -> None:
    for name in ("address", "arn", "resource_id"):
        assert exposed(template, name) == template.reference("aws_db_instance", name)
    secret = template.reference("aws_db_instance", "master_user_secret[0].secret_arn")
    assert exposed(template, "master_secret_arn") == secret


def test_has_no_readers_and_does_not_speak_of_any(template: Template) -> None:
    assert exposed(template, "reader_address") is None
    assert "DATABASE_READER_HOST" not in exposed(template, "access")["environment"]


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
    assert alarm(template, role) == {
        "comparison": "GreaterThanThreshold",
        "dimensions": {"DBInstanceIdentifier": NAME},
        "period_seconds": 60,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 2,
        **expected,
    }


def test_has_four_alarms(template: Template) -> None:
    roles = [each["role"] for each in exposed(template, "alarms")]
    assert roles == ["cpu", "storage", "connections", "wraparound"]


def test_alarms_name_the_limits_of_the_settings(template: Template) -> None:
    assert why(template, "cpu").startswith("The database computes above 70 %")
    assert why(template, "cpu").endswith("then at the instance_class.")
    assert "60 % of 200 connections are open; beyond that the database refuses" in why(template, "connections")


def test_addresses_in_the_state_are_a_promise(template: Template) -> None:
    names = {name.rpartition("_")[0] for kind in template.document["resource"] for name in template.named(kind)}
    assert names == {
        "database_instance",
        "database_monitoring_policy",
        "database_monitoring_role",
        "database_parameter_group",
        "database_postgresql_log",
        "database_security_group",
        "database_subnet_group",
        "database_upgrade_log",
    }
