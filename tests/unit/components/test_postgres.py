"""What both kinds of PostgreSQL have in common: each test says what would break in AWS if it failed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from constructs import Construct

from lib.components.account import Account
from lib.components.aurora import AuroraDatabase
from lib.components.database import InstanceDatabase
from lib.components.postgres import Postgres
from lib.naming import Names
from lib.settings import data as settings_of
from tests.template import Block, Template
from tests.unit.components.exposed import expose, exposed

KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/k"
LOG_KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/logs"
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/dev-1/database/application-AbCdEf"
NAMES = Names("shop", "dev-1")
NAME = "shop-dev-1-database"
ZONES = ("eu-west-1a", "eu-west-1b")


def instance(*, keep_data: bool = False, **settings: Any) -> Template:
    def component(scope: Construct) -> None:
        database = InstanceDatabase(
            scope,
            "database",
            names=NAMES,
            settings=settings_of.InstanceDatabase(**settings),
            vpc_id="vpc-1",
            subnet_ids=["subnet-a", "subnet-b"],
            key_arn=KEY_ARN,
            log_key_arn=LOG_KEY_ARN,
            account=Account(scope, "account", region="eu-west-1"),
            keep_data=keep_data,
        )
        _show(scope, database, database.alarms())

    return Template.of_components(component)


def aurora(*, keep_data: bool = False, zones: Sequence[str] = ZONES, **settings: Any) -> Template:
    def component(scope: Construct) -> None:
        database = AuroraDatabase(
            scope,
            "database",
            names=NAMES,
            settings=settings_of.AuroraDatabase(kind="aurora", **settings),
            vpc_id="vpc-1",
            subnet_ids=["subnet-a", "subnet-b"],
            zones=zones,
            key_arn=KEY_ARN,
            log_key_arn=LOG_KEY_ARN,
            account=Account(scope, "account", region="eu-west-1"),
            keep_data=keep_data,
        )
        _show(scope, database, database.alarms())

    return Template.of_components(component)


def _show(scope: Construct, database: Postgres, alarms: Sequence[object]) -> None:
    expose(
        scope,
        name=database.name,
        port=database.port,
        address=database.address,
        reader_address=database.reader_address,
        endpoint=database.endpoint,
        arn=database.arn,
        key_arn=database.key_arn,
        resource_id=database.resource_id,
        master_secret_arn=database.master_secret_arn,
        peer=database.peer,
        access=database.access(SECRET_ARN),
        alarms=alarms,
    )


def alarm(template: Template, role: str) -> Block:
    """What an alarm watches, without what is the same for all and what people read."""
    (found,) = [each for each in exposed(template, "alarms") if each["role"] == role]
    common = {"unit": "database", "role": role, "namespace": "AWS/RDS", "region": None}
    assert {key: found[key] for key in common} == common
    return {key: value for key, value in found.items() if key not in (*common, "why")}


def why(template: Template, role: str) -> str:
    (found,) = [each for each in exposed(template, "alarms") if each["role"] == role]
    return str(found["why"])


Build = Callable[..., Template]


@pytest.fixture(scope="module", params=[instance, aurora], ids=["instance", "aurora"])
def build(request: pytest.FixtureRequest) -> Build:
    found: Build = request.param
    return found


@pytest.fixture(scope="module")
def template(build: Build) -> Template:
    return build(database_name="orders", log_retention_days=14, alarm_cpu_percent=70)


def server(template: Template) -> Block:
    """The instance, or the cluster."""
    (found,) = [*template.all("aws_db_instance"), *template.all("aws_rds_cluster")]
    return found


def test_opens_no_port_itself(template: Template) -> None:
    group = template.only("aws_security_group")
    assert (group["name"], group["vpc_id"]) == (NAME, "vpc-1")
    assert group["description"] == "The database of the services"
    assert "ingress" not in group
    assert "egress" not in group
    assert template.all("aws_vpc_security_group_ingress_rule") == []
    assert server(template)["vpc_security_group_ids"] == [template.reference("aws_security_group", "id")]


def test_stands_in_the_given_subnets(template: Template) -> None:
    group = template.only("aws_db_subnet_group")
    assert (group["name"], group["subnet_ids"]) == (NAME, ["subnet-a", "subnet-b"])
    assert group["description"] == "Isolated subnets of the database"
    assert server(template)["db_subnet_group_name"] == template.reference("aws_db_subnet_group", "name")


def test_log_groups_end_are_encrypted_and_are_there_before_anything_is_logged(template: Template) -> None:
    groups = template.named("aws_cloudwatch_log_group")
    assert len(groups) == len(server(template)["enabled_cloudwatch_logs_exports"])
    for name, group in groups.items():
        assert (group["retention_in_days"], group["kms_key_id"]) == (14, LOG_KEY_ARN)
        assert f"aws_cloudwatch_log_group.{name}" in server(template)["depends_on"]


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


def test_enhanced_monitoring_has_a_role_that_is_ready_before_it_is_needed(template: Template) -> None:
    found = server(template)
    assert found["monitoring_interval"] == 60
    assert found["monitoring_role_arn"] == template.reference("aws_iam_role", "arn")
    (attachment,) = template.named("aws_iam_role_policy_attachment")
    assert f"aws_iam_role_policy_attachment.{attachment}" in found["depends_on"]


def test_without_enhanced_monitoring_there_is_no_role(build: Build) -> None:
    template = build(monitoring_interval_seconds=0)
    found = server(template)
    assert found["monitoring_interval"] == 0
    assert "monitoring_role_arn" not in found
    assert template.all("aws_iam_role") == []
    assert template.all("aws_iam_role_policy_attachment") == []
    assert len(found["depends_on"]) == len(template.all("aws_cloudwatch_log_group"))


def test_leaves_nothing_behind_unless_data_is_kept(template: Template) -> None:
    found = server(template)
    assert found["deletion_protection"] is False
    assert found["skip_final_snapshot"] is True
    assert "final_snapshot_identifier" not in found
    assert found["delete_automated_backups"] is True


def test_kept_data_is_protected_and_goes_into_a_last_snapshot_with_a_name_of_its_own(build: Build) -> None:
    found = server(build(keep_data=True))
    assert found["deletion_protection"] is True
    assert found["skip_final_snapshot"] is False
    assert found["final_snapshot_identifier"] == 'shop-dev-1-database-${formatdate("YYYYMMDDhhmmss", timestamp())}'
    assert "final_snapshot_identifier" in found["lifecycle"]["ignore_changes"]
    assert found["delete_automated_backups"] is False


def test_is_known_by_its_identifier_and_port(template: Template) -> None:
    assert exposed(template, "name") == NAME
    assert exposed(template, "port") == 5432


def test_its_endpoint_is_host_and_port(template: Template) -> None:
    assert exposed(template, "endpoint") == f"{exposed(template, 'address')}:5432"


def test_its_end_of_a_connection_is_its_security_group(template: Template) -> None:
    group = template.reference("aws_security_group", "id")
    assert exposed(template, "peer") == {"name": "database", "security_group_id": group}
    assert exposed(template, "access")["peer"] == exposed(template, "peer")
    assert exposed(template, "access")["ports"] == [5432]


def test_hands_out_where_it_is(template: Template) -> None:
    environment = exposed(template, "access")["environment"]
    environment.pop("DATABASE_READER_HOST", None)
    assert environment == {
        "DATABASE_HOST": exposed(template, "address"),
        "DATABASE_PORT": "5432",
        "DATABASE_NAME": "orders",
        "DATABASE_TLS": "true",
    }


def test_hands_out_the_credentials_by_reference_only(template: Template) -> None:
    access = exposed(template, "access")
    assert access["secrets"] == {
        "DATABASE_USERNAME": f"{SECRET_ARN}:username::",
        "DATABASE_PASSWORD": f"{SECRET_ARN}:password::",
    }
    assert access["secret_references"] == {"DATABASE_SECRET_ARN": SECRET_ARN}


def test_nobody_is_handed_the_master_password(template: Template) -> None:
    assert "master_user_secret" in exposed(template, "master_secret_arn")
    assert "master_user_secret" not in str(exposed(template, "access"))


def test_its_key_is_the_one_that_it_was_given(template: Template) -> None:
    assert exposed(template, "key_arn") == KEY_ARN


def test_exactly_this_secret_may_be_read_and_its_key_used_through_secrets_manager(template: Template) -> None:
    access = exposed(template, "access")
    assert access["execution_statements"] == [
        {
            "Sid": "ReadDatabaseSecret",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": [SECRET_ARN],
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


def test_every_alarm_is_the_databases_and_tells_what_to_do(template: Template) -> None:
    alarms = exposed(template, "alarms")
    assert {(each["unit"], each["namespace"]) for each in alarms} == {("database", "AWS/RDS")}
    assert len({each["role"] for each in alarms}) == len(alarms)
    assert all(len(each["why"]) > 80 for each in alarms)
