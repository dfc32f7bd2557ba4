"""Rotation: each test says who would be locked out, or what be open, if it failed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from lib.components.account import Account
from lib.components.database import InstanceDatabase
from lib.components.rotation import PasswordRotation
from lib.naming import Names
from lib.settings import data as settings_of
from tests.template import Block, Template, statements
from tests.unit.components.exposed import expose, exposed

KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/database"
FUNCTION_KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/functions"
LOG_KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/logs"
NAMES = Names("shop", "dev-1")
SUBNETS = ["subnet-a", "subnet-b"]


def build(*, services: Sequence[str] = ("shop-dev-1-api", "shop-dev-1-admin"), days: int = 30) -> Template:
    def component(scope: Construct) -> None:
        account = Account(scope, "account", region="eu-west-1")
        database = InstanceDatabase(
            scope,
            "database",
            names=NAMES,
            settings=settings_of.InstanceDatabase(database_name="orders", monitoring_interval_seconds=0),
            vpc_id="vpc-1",
            subnet_ids=["subnet-x", "subnet-y"],
            key_arn=KEY_ARN,
            log_key_arn=LOG_KEY_ARN,
            account=account,
            keep_data=False,
        )
        rotation = PasswordRotation(
            scope,
            "rotation",
            names=NAMES,
            days=days,
            account=account,
            database=database,
            vpc_id="vpc-1",
            subnet_ids=SUBNETS,
            cluster_name="shop-dev-1-cluster" if services else None,
            service_names=services,
            key_arn=FUNCTION_KEY_ARN,
            log_key_arn=LOG_KEY_ARN,
            log_retention_days=90,
            recovery_days=7,
        )
        rotation.prepare_after(SnsTopic(scope, "ports"))
        expose(
            scope,
            secret_arn=rotation.secret_arn,
            function_name=rotation.function_name,
            function_arn=rotation.function_arn,
            log_group_name=rotation.log_group_name,
            peer=rotation.peer,
            access=rotation.access(),
            database_access=database.access(rotation.secret_arn),
            alarms=rotation.alarms(),
        )

    return Template.of_components(component)


@pytest.fixture(scope="module")
def template() -> Template:
    return build()


@pytest.fixture(scope="module")
def function(template: Template) -> Block:
    return template.only("aws_lambda_function")


@pytest.fixture(scope="module")
def may(template: Template) -> dict[str, Block]:
    """Sid -> statement of what the function may."""
    return {each["Sid"]: each for each in statements(template.only("aws_iam_role_policy")["policy"])}


def secret(template: Template) -> str:
    return template.reference("aws_secretsmanager_secret", "arn")


def master(template: Template) -> str:
    return template.reference("aws_db_instance", "master_user_secret[0].secret_arn")


def account_id(template: Template) -> str:
    (caller,) = template.document["data"]["aws_caller_identity"]
    return f"${{data.aws_caller_identity.{caller}.account_id}}"


def partition(template: Template) -> str:
    (name,) = template.document["data"]["aws_partition"]
    return f"${{data.aws_partition.{name}.partition}}"


def address(template: Template, kind: str) -> str:
    (name,) = template.named(kind)
    return f"{kind}.{name}"


class TestSecret:
    def test_is_under_the_databases_key_and_can_be_had_back(self, template: Template) -> None:
        found = template.only("aws_secretsmanager_secret")
        assert found["name"] == "shop/dev-1/database/application"
        assert found["kms_key_id"] == KEY_ARN
        assert found["recovery_window_in_days"] == 7

    def test_no_value_of_it_is_written_by_terraform(self, template: Template) -> None:
        assert template.all("aws_secretsmanager_secret_version") == []
        assert "ephemeral" not in template.document

    def test_who_uses_it_waits_until_its_user_signs_in(self, template: Template) -> None:
        prepared = f"{address(template, 'aws_lambda_invocation')}.id"
        bare = secret(template).removeprefix("${").removesuffix("}")
        assert exposed(template, "secret_arn") == f"${{element([{bare}, {prepared}], 0)}}"

    def test_is_what_services_and_fleets_sign_in_with(self, template: Template) -> None:
        assert exposed(template, "access") == exposed(template, "database_access")


class TestRotation:
    @pytest.mark.parametrize("days", [1, 30, 1000])
    def test_is_due_after_the_days_of_the_settings(self, days: int) -> None:
        found = build(days=days).only("aws_secretsmanager_secret_rotation")
        assert found["rotation_rules"] == {"automatically_after_days": days}

    def test_does_not_begin_while_tasks_start(self, template: Template) -> None:
        assert template.only("aws_secretsmanager_secret_rotation")["rotate_immediately"] is False

    def test_is_done_by_the_function_which_secrets_manager_may_call_by_then(self, template: Template) -> None:
        found = template.only("aws_secretsmanager_secret_rotation")
        assert found["rotation_lambda_arn"] == template.reference("aws_lambda_function", "arn")
        assert found["depends_on"] == [address(template, "aws_lambda_permission")]

    def test_begins_with_a_user_that_is_there(self, template: Template) -> None:
        found = template.only("aws_secretsmanager_secret_rotation")
        assert found["secret_id"] == exposed(template, "secret_arn")

    def test_secrets_manager_may_call_the_function_for_this_secret_and_nobody_else(self, template: Template) -> None:
        assert template.only("aws_lambda_permission") == {
            "statement_id": "SecretsManager",
            "action": "lambda:InvokeFunction",
            "function_name": template.reference("aws_lambda_function", "function_name"),
            "principal": "secretsmanager.amazonaws.com",
            "source_arn": secret(template),
            "source_account": account_id(template),
        }


class TestPreparation:
    def test_calls_the_function_once_the_ports_are_open(self, template: Template) -> None:
        found = template.only("aws_lambda_invocation")
        assert found["function_name"] == template.reference("aws_lambda_function", "function_name")
        assert json.loads(found["input"]) == {"Step": "prepare"}
        assert found["depends_on"] == ["aws_sns_topic.ports"]

    def test_is_repeated_for_another_database_and_for_another_secret(self, template: Template) -> None:
        assert template.only("aws_lambda_invocation")["triggers"] == {
            "database": template.reference("aws_db_instance", "resource_id"),
            "secret": secret(template),
        }


class TestFunction:
    def test_is_told_of_database_secrets_and_services(self, template: Template, function: Block) -> None:
        assert function["environment"]["variables"] == {
            "DATABASE_HOST": template.reference("aws_db_instance", "address"),
            "DATABASE_PORT": "5432",
            "DATABASE_NAME": "orders",
            "DATABASE_SECRET_ARN": secret(template),
            "DATABASE_MASTER_SECRET_ARN": master(template),
            "CLUSTER": "shop-dev-1-cluster",
            "SERVICES": "shop-dev-1-api shop-dev-1-admin",
            "SERVICE_NAME": "rotation",
        }

    def test_is_in_the_vpc_behind_a_group_of_its_own(self, template: Template, function: Block) -> None:
        group = template.reference("aws_security_group", "id", name="shop-dev-1-rotation")
        assert function["vpc_config"] == {"subnet_ids": SUBNETS, "security_group_ids": [group]}
        assert exposed(template, "peer") == {"name": "rotation", "security_group_id": group}

    def test_opens_no_port_itself(self, template: Template) -> None:
        group = template.only("aws_security_group", name="shop-dev-1-rotation")
        assert group["vpc_id"] == "vpc-1"
        assert not {"ingress", "egress"} & group.keys()

    def test_has_the_time_that_a_start_in_the_vpc_takes(self, function: Block) -> None:
        assert (function["timeout"], function["memory_size"]) == (60, 256)

    def test_variables_and_package_are_under_the_key_of_functions(self, function: Block) -> None:
        assert function["kms_key_arn"] == function["source_kms_key_arn"] == FUNCTION_KEY_ARN

    def test_has_no_queue_because_secrets_manager_waits(self, template: Template) -> None:
        assert template.all("aws_sqs_queue") == []
        assert template.all("aws_lambda_function_event_invoke_config") == []

    def test_logs_are_kept_as_long_as_told_and_encrypted(self, template: Template) -> None:
        found = template.only("aws_cloudwatch_log_group", name="/shop/dev-1/rotation/application")
        assert (found["retention_in_days"], found["kms_key_id"]) == (90, LOG_KEY_ARN)

    def test_is_known_by_name_arn_and_log_group(self, template: Template) -> None:
        assert exposed(template, "function_name") == "shop-dev-1-rotation"
        assert exposed(template, "function_arn") == template.reference("aws_lambda_function", "arn")
        group = template.reference("aws_cloudwatch_log_group", "name", name="/shop/dev-1/rotation/application")
        assert exposed(template, "log_group_name") == group


class TestPermissions:
    def test_reads_both_secrets_and_no_other(self, template: Template, may: dict[str, Block]) -> None:
        assert may["ReadDatabaseSecrets"]["Action"] == ["secretsmanager:GetSecretValue"]
        assert may["ReadDatabaseSecrets"]["Resource"] == [secret(template), master(template)]

    def test_writes_the_applications_one_and_never_that_of_rds(self, template: Template, may: dict[str, Block]) -> None:
        assert may["RotateDatabaseSecret"] == {
            "Sid": "RotateDatabaseSecret",
            "Effect": "Allow",
            "Action": [
                "secretsmanager:DescribeSecret",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ],
            "Resource": [secret(template)],
        }

    @pytest.mark.parametrize(
        ("sid", "action"), [("DecryptDatabaseSecrets", "kms:Decrypt"), ("EncryptDatabaseSecret", "kms:GenerateDataKey")]
    )
    def test_uses_the_key_through_secrets_manager_alone(self, may: dict[str, Block], sid: str, action: str) -> None:
        assert may[sid]["Action"] == [action]
        assert may[sid]["Resource"] == [KEY_ARN]
        assert may[sid]["Condition"] == {"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}}

    def test_deploys_the_services_that_it_is_told_of_and_no_other(
        self, template: Template, may: dict[str, Block]
    ) -> None:
        place = f"arn:{partition(template)}:ecs:eu-west-1:{account_id(template)}:service/shop-dev-1-cluster"
        assert may["ReplaceTasks"]["Action"] == ["ecs:DescribeServices", "ecs:UpdateService"]
        assert may["ReplaceTasks"]["Resource"] == [f"{place}/shop-dev-1-api", f"{place}/shop-dev-1-admin"]

    def test_may_nothing_beyond_that(self, may: dict[str, Block]) -> None:
        assert set(may) == {
            *("WriteLogs", "DecryptVariables", "NoInterfacesByCode"),
            *("ReadDatabaseSecrets", "DecryptDatabaseSecrets", "RotateDatabaseSecret", "EncryptDatabaseSecret"),
            "ReplaceTasks",
        }


@pytest.fixture(scope="module")
def alone() -> Template:
    return build(services=())


class TestWithFleetsAlone:
    def test_is_told_of_no_service(self, alone: Template) -> None:
        variables = alone.only("aws_lambda_function")["environment"]["variables"]
        assert not {"CLUSTER", "SERVICES"} & variables.keys()

    def test_may_deploy_none(self, alone: Template) -> None:
        assert "ecs:" not in alone.only("aws_iam_role_policy")["policy"]


@pytest.fixture(scope="module")
def alarms(template: Template) -> dict[str, Any]:
    return {each["role"]: each for each in exposed(template, "alarms")}


class TestAlarms:
    def test_are_of_failures_and_of_calls_that_were_turned_away(self, alarms: dict[str, Any]) -> None:
        assert {role: each["metric"] for role, each in alarms.items()} == {
            "errors": "Errors",
            "throttles": "Throttles",
        }

    def test_one_failed_call_is_enough(self, alarms: dict[str, Any]) -> None:
        for each in alarms.values():
            assert (each["threshold"], each["statistic"], each["comparison"]) == (0, "Sum", "GreaterThanThreshold")
            assert (each["evaluation_periods"], each["datapoints_to_alarm"]) == (1, 1)

    def test_are_of_this_function_and_tell_what_to_do(self, alarms: dict[str, Any]) -> None:
        for each in alarms.values():
            assert each["unit"] == "rotation"
            assert each["namespace"] == "AWS/Lambda"
            assert each["dimensions"] == {"FunctionName": "shop-dev-1-rotation"}
            assert "rotate-secret" in each["why"]
