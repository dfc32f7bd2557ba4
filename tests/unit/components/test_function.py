"""Function: each test says what would fail, be open or go unnoticed in AWS if it failed."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import asdict
from typing import Any

import pytest
from constructs import Construct

from lib.components.access import Access
from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.function import Function, function_key_statements
from lib.components.function_code import package
from lib.components.policy import Statement
from lib.naming import Names
from lib.settings.compute import Function as Settings
from tests.template import Block, Template, statements
from tests.unit.components.exposed import expose, exposed

KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/functions"
LOG_KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/logs"
QUEUE_KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/queues"
LISTENER_ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2"
SOURCE = "lib/functions/transactions"
NAME = "shop-dev-1-validator"
USE_TABLE = Statement(sid="UseOrdersTable", actions=["dynamodb:GetItem"], resources=["arn:orders"])
USE_BUCKET = Statement(sid="UseBuckets", actions=["s3:GetObject"], resources=["arn:bucket/*"])
ORDERS = Access(environment={"ORDERS_TABLE": "shop-dev-1-orders"}, task_statements=[USE_TABLE])
ASSETS = Access(environment={"ASSETS_BUCKET": "shop-assets"}, task_statements=[USE_BUCKET])
OTHER_ASSETS = Access(environment={"MORE_BUCKET": "shop-more"}, task_statements=[USE_BUCKET])

ROUTE_KINDS = {"aws_lb_target_group", "aws_lb_target_group_attachment", "aws_lb_listener_rule", "aws_lambda_permission"}


def build(
    *,
    access: tuple[Access, ...] = (),
    routed: bool = False,
    queue_key_arn: str | None = QUEUE_KEY_ARN,
    besides: dict[str, Any] | None = None,
    **settings: Any,
) -> Template:
    def component(scope: Construct) -> None:
        account = Account(scope, "account", region="eu-west-1")
        function = Function(
            scope,
            "validator_function",
            name="validator",
            names=Names("shop", "dev-1"),
            settings=Settings(source=SOURCE, **settings),
            account=account,
            key_arn=KEY_ARN,
            log_key_arn=LOG_KEY_ARN,
            queue_key_arn=queue_key_arn,
            access=access,
            **(besides or {}),
        )
        if routed:
            function.add_route(listener_arn=LISTENER_ARN, priority=77, load_balancer_arn_suffix="app/shop/1")
        expose(
            scope,
            name=function.name,
            deployed_name=function.deployed_name,
            arn=function.arn,
            role_arn=function.role_arn,
            log_group_name=function.log_group_name,
            dead_letter_queue_arn=function.dead_letter_queue_arn,
            dead_letter_queue_url=function.dead_letter_queue_url,
            target_group_arn=function.target_group_arn,
            alarms=function.alarms(),
            key_statements=function_key_statements(account),
        )

    return Template.of_components(component)


@pytest.fixture(scope="module")
def template() -> Template:
    return build(
        access=(ORDERS, ASSETS, OTHER_ASSETS),
        routed=True,
        paths=("/transactions", "/transactions/*"),
        hosts=("shop.example.com",),
        handler="process",
        runtime="python3.12",
        architecture="x86_64",
        memory_mb=512,
        timeout_seconds=20,
        reserved_concurrency=7,
        environment={"TEMPLATE": "${name}", "LEVEL": "high"},
        log_retention_days=14,
        alarms={"error_count": 3, "duration_percent": 75},
    )


@pytest.fixture(scope="module")
def plain() -> Template:
    """Called by other programs only."""
    return build()


@pytest.fixture(scope="module")
def function(template: Template) -> Block:
    return template.only("aws_lambda_function")


def account_id(template: Template) -> str:
    (caller,) = template.document["data"]["aws_caller_identity"]
    return f"${{data.aws_caller_identity.{caller}.account_id}}"


def partition(template: Template) -> str:
    (name,) = template.document["data"]["aws_partition"]
    return f"${{data.aws_partition.{name}.partition}}"


def arn(template: Template, resource: str) -> str:
    return f"arn:{partition(template)}:lambda:eu-west-1:{account_id(template)}:{resource}"


def address(template: Template, kind: str) -> str:
    (name,) = template.named(kind)
    return f"{kind}.{name}"


def alarm(template: Template, role: str) -> Block:
    (found,) = [each for each in exposed(template, "alarms") if each["role"] == role]
    return dict(found)


class TestCode:
    def test_is_the_folder_of_the_settings(self, function: Block) -> None:
        digest = hashlib.sha256(package(Settings(source=SOURCE).folder))
        folder, place, hash, name = function["filename"].split("/")
        assert (folder, hash, name) == ("assets", digest.hexdigest()[:32], "function.zip")
        assert place.rpartition("_")[0] == "validator_function_code_package"
        assert function["source_code_hash"] == base64.b64encode(digest.digest()).decode()

    def test_is_encrypted_under_the_given_key(self, function: Block) -> None:
        assert function["source_kms_key_arn"] == KEY_ARN

    def test_is_called_as_the_settings_say(self, function: Block, plain: Template) -> None:
        assert (function["handler"], function["runtime"]) == ("handler.process", "python3.12")
        assert plain.only("aws_lambda_function")["handler"] == "handler.handle"

    def test_lambda_may_use_the_key_for_packages_of_this_account(self, template: Template) -> None:
        assert exposed(template, "key_statements") == [
            {
                "Sid": "Packages",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
                "Resource": ["*"],
                "Condition": {
                    "StringLike": {"kms:EncryptionContext:aws:lambda:FunctionArn": arn(template, "function:*")}
                },
            }
        ]


class TestFunction:
    def test_carries_the_environments_name(self, function: Block) -> None:
        assert function["function_name"] == NAME
        assert function["description"] == "The function validator"

    def test_has_the_size_of_the_settings(self, function: Block, plain: Template) -> None:
        assert (function["memory_size"], function["timeout"]) == (512, 20)
        assert function["architectures"] == ["x86_64"]
        assert function["reserved_concurrent_executions"] == 7
        assert "reserved_concurrent_executions" not in plain.only("aws_lambda_function")

    def test_is_told_of_itself_and_of_what_it_may_use(self, function: Block, plain: Template) -> None:
        assert function["environment"] == {
            "variables": {
                "TEMPLATE": "$${name}",
                "LEVEL": "high",
                "ORDERS_TABLE": "shop-dev-1-orders",
                "ASSETS_BUCKET": "shop-assets",
                "MORE_BUCKET": "shop-more",
                "SERVICE_NAME": "validator",
            }
        }
        assert plain.only("aws_lambda_function")["environment"] == {"variables": {"SERVICE_NAME": "validator"}}

    def test_variables_are_encrypted_under_the_given_key(self, function: Block) -> None:
        assert function["kms_key_arn"] == KEY_ARN

    def test_logs_to_its_own_group_in_json(self, template: Template, function: Block) -> None:
        assert function["logging_config"] == {
            "log_format": "JSON",
            "log_group": template.reference("aws_cloudwatch_log_group", "name"),
            "application_log_level": "INFO",
            "system_log_level": "INFO",
        }

    def test_makes_no_traces_of_its_own(self, function: Block) -> None:
        assert function["tracing_config"] == {"mode": "PassThrough"}

    def test_is_not_called_before_it_may_do_its_work(self, template: Template, function: Block) -> None:
        assert function["depends_on"] == [address(template, "aws_iam_role_policy")]

    def test_goes_with_the_stack_and_leaves_no_versions(self, function: Block) -> None:
        assert not {"publish", "skip_destroy", "snap_start", "vpc_config", "dead_letter_config"} & function.keys()


class TestLogs:
    def test_end_and_are_encrypted(self, template: Template) -> None:
        assert template.only("aws_cloudwatch_log_group") == {
            "name": "/shop/dev-1/validator/application",
            "retention_in_days": 14,
            "kms_key_id": LOG_KEY_ARN,
        }


class TestRole:
    def test_is_for_lambda_of_this_account(self, template: Template, function: Block) -> None:
        role = template.only("aws_iam_role")
        assert role["name"] == f"{NAME}-function"
        assert role["description"] == "The function validator"
        assert statements(role["assume_role_policy"]) == [
            {
                "Sid": "Trust",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": ["sts:AssumeRole"],
                "Condition": {"StringEquals": {"aws:SourceAccount": account_id(template)}},
            }
        ]
        assert function["role"] == template.reference("aws_iam_role", "arn")

    def test_may_do_what_running_takes(self, template: Template) -> None:
        policy = template.only("aws_iam_role_policy")
        assert policy["name"] == f"{NAME}-function"
        assert policy["role"] == template.reference("aws_iam_role", "id")
        assert statements(policy["policy"])[:2] == [
            {
                "Sid": "WriteLogs",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": [f"{template.reference('aws_cloudwatch_log_group', 'arn')}:*"],
            },
            {
                "Sid": "DecryptVariables",
                "Effect": "Allow",
                "Action": ["kms:Decrypt"],
                "Resource": [KEY_ARN],
                "Condition": {
                    "StringEquals": {"kms:EncryptionContext:aws:lambda:FunctionArn": arn(template, f"function:{NAME}")}
                },
            },
        ]

    def test_may_keep_failed_events(self, template: Template) -> None:
        assert statements(template.only("aws_iam_role_policy")["policy"])[2:4] == [
            {
                "Sid": "KeepFailedEvents",
                "Effect": "Allow",
                "Action": ["sqs:SendMessage"],
                "Resource": [template.reference("aws_sqs_queue", "arn")],
            },
            {
                "Sid": "EncryptFailedEvents",
                "Effect": "Allow",
                "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
                "Resource": [QUEUE_KEY_ARN],
                "Condition": {"StringLike": {"kms:ViaService": "sqs.*.amazonaws.com"}},
            },
        ]

    def test_may_use_what_it_is_given_each_permission_once(self, template: Template) -> None:
        given = statements(template.only("aws_iam_role_policy")["policy"])[4:]
        assert given == [USE_TABLE.as_dict(), USE_BUCKET.as_dict()]

    def test_may_nothing_else(self, plain: Template) -> None:
        assert [each["Sid"] for each in statements(plain.only("aws_iam_role_policy")["policy"])] == [
            "WriteLogs",
            "DecryptVariables",
            "KeepFailedEvents",
            "EncryptFailedEvents",
        ]


class TestFailedEvents:
    def test_are_tried_again_and_then_kept_with_their_error(self, template: Template) -> None:
        assert template.only("aws_lambda_function_event_invoke_config") == {
            "function_name": template.reference("aws_lambda_function", "function_name"),
            "maximum_event_age_in_seconds": 21_600,
            "maximum_retry_attempts": 2,
            "destination_config": {"on_failure": {"destination": template.reference("aws_sqs_queue", "arn")}},
        }

    def test_wait_for_two_weeks_encrypted(self, template: Template) -> None:
        assert template.only("aws_sqs_queue") == {
            "name": f"{NAME}-failed",
            "kms_master_key_id": QUEUE_KEY_ARN,
            "message_retention_seconds": 1_209_600,
        }

    def test_are_not_taken_without_tls(self, template: Template) -> None:
        policy = template.only("aws_sqs_queue_policy")
        assert policy["queue_url"] == template.reference("aws_sqs_queue", "url")
        assert statements(policy["policy"]) == [
            {
                "Sid": "OnlyTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["sqs:*"],
                "Resource": [template.reference("aws_sqs_queue", "arn")],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]


class TestRoute:
    def test_target_group_is_for_a_function_and_checks_no_health(self, template: Template) -> None:
        assert template.only("aws_lb_target_group") == {"name": f"{NAME}-function", "target_type": "lambda"}

    def test_only_this_target_group_may_call_the_function(self, template: Template) -> None:
        assert template.only("aws_lambda_permission") == {
            "statement_id": "LoadBalancer",
            "action": "lambda:InvokeFunction",
            "function_name": template.reference("aws_lambda_function", "function_name"),
            "principal": "elasticloadbalancing.amazonaws.com",
            "source_arn": template.reference("aws_lb_target_group", "arn"),
            "source_account": account_id(template),
        }

    def test_function_is_attached_once_it_may_be_called(self, template: Template) -> None:
        assert template.only("aws_lb_target_group_attachment") == {
            "target_group_arn": template.reference("aws_lb_target_group", "arn"),
            "target_id": template.reference("aws_lambda_function", "arn"),
            "depends_on": [address(template, "aws_lambda_permission")],
        }

    def test_rule_sends_its_requests_there_once_it_is_attached(self, template: Template) -> None:
        rule = template.only("aws_lb_listener_rule")
        assert (rule["listener_arn"], rule["priority"]) == (LISTENER_ARN, 77)
        assert rule["action"] == [
            {
                "type": "forward",
                "target_group_arn": template.reference("aws_lb_target_group_attachment", "target_group_arn"),
            }
        ]
        assert rule["condition"] == [
            {"path_pattern": {"values": ["/transactions", "/transactions/*"]}},
            {"host_header": {"values": ["shop.example.com"]}},
        ]
        assert rule["tags"] == {"Name": NAME}

    def test_is_not_there_unless_asked_for(self, template: Template, plain: Template) -> None:
        assert set(template.document["resource"]) - set(plain.document["resource"]) == ROUTE_KINDS
        assert exposed(plain, "target_group_arn") is None


class TestAlarms:
    def test_failed_invocations(self, template: Template) -> None:
        found = alarm(template, "errors")
        assert found["why"] == (
            "Invocations fail: the code raises, or does not end within 20 s. The log group"
            " /shop/dev-1/validator/application holds the errors, at level ERROR."
        )
        assert found == asdict(
            Alarm(
                unit="validator",
                role="errors",
                namespace="AWS/Lambda",
                metric="Errors",
                statistic="Sum",
                threshold=3,
                comparison="GreaterThanThreshold",
                dimensions={"FunctionName": NAME},
                period_seconds=60,
                evaluation_periods=3,
                datapoints_to_alarm=2,
                why=found["why"],
            )
        )

    def test_invocations_that_come_near_to_their_end(self, template: Template) -> None:
        found = alarm(template, "duration")
        assert found["why"].startswith("Invocations take more than 75 % of the 20 s after which Lambda ends them.")
        assert found == asdict(
            Alarm(
                unit="validator",
                role="duration",
                namespace="AWS/Lambda",
                metric="Duration",
                statistic="Maximum",
                threshold=15_000,
                dimensions={"FunctionName": NAME},
                evaluation_periods=3,
                datapoints_to_alarm=2,
                why=found["why"],
            )
        )

    def test_invocations_that_are_turned_away(self, template: Template) -> None:
        found = alarm(template, "throttles")
        assert found["why"].startswith("Lambda turns invocations away: ")
        assert found == asdict(
            Alarm(
                unit="validator",
                role="throttles",
                namespace="AWS/Lambda",
                metric="Throttles",
                statistic="Sum",
                threshold=0,
                dimensions={"FunctionName": NAME},
                evaluation_periods=3,
                datapoints_to_alarm=2,
                why=found["why"],
            )
        )

    def test_events_that_failed_every_time(self, template: Template) -> None:
        found = alarm(template, "failed")
        assert found["why"].startswith(f"Events failed every time and wait in the queue {NAME}-failed, with the error")
        assert found == asdict(
            Alarm(
                unit="validator",
                role="failed",
                namespace="AWS/SQS",
                metric="ApproximateNumberOfMessagesVisible",
                statistic="Maximum",
                threshold=0,
                dimensions={"QueueName": f"{NAME}-failed"},
                evaluation_periods=3,
                datapoints_to_alarm=2,
                why=found["why"],
            )
        )

    def test_answers_that_no_failed_invocation_tells_of(self, template: Template) -> None:
        found = alarm(template, "5xx")
        assert found["why"].startswith("The function itself answers with 5xx, ")
        assert found == asdict(
            Alarm(
                unit="validator",
                role="5xx",
                namespace="AWS/ApplicationELB",
                metric="HTTPCode_Target_5XX_Count",
                statistic="Sum",
                threshold=3,
                dimensions={
                    "TargetGroup": template.reference("aws_lb_target_group", "arn_suffix"),
                    "LoadBalancer": "app/shop/1",
                },
                evaluation_periods=3,
                datapoints_to_alarm=2,
                why=found["why"],
            )
        )

    def test_are_five_with_a_route_and_four_without(self, template: Template, plain: Template) -> None:
        roles = ["errors", "duration", "throttles", "failed"]
        assert [each["role"] for each in exposed(template, "alarms")] == [*roles, "5xx"]
        assert [each["role"] for each in exposed(plain, "alarms")] == roles

    def test_say_what_to_do(self, template: Template) -> None:
        assert all(len(each["why"]) > 100 for each in exposed(template, "alarms"))


def test_exposes_what_others_wire_to(template: Template) -> None:
    assert exposed(template, "name") == NAME
    assert exposed(template, "arn") == template.reference("aws_lambda_function", "arn")
    assert exposed(template, "role_arn") == template.reference("aws_iam_role", "arn")
    assert exposed(template, "log_group_name") == template.reference("aws_cloudwatch_log_group", "name")
    assert exposed(template, "dead_letter_queue_arn") == template.reference("aws_sqs_queue", "arn")
    assert exposed(template, "dead_letter_queue_url") == template.reference("aws_sqs_queue", "url")
    assert exposed(template, "target_group_arn") == template.reference("aws_lb_target_group", "arn")


def test_addresses_in_the_state_are_a_promise(template: Template) -> None:
    names = {name.rpartition("_")[0] for kind in template.document["resource"] for name in template.named(kind)}
    # CDKTF says a word that ends the one before it only once.
    assert "validator_function" in names
    assert {name.removeprefix("validator_function_") for name in names} - {"validator_function"} == {
        "event_handling",
        "failed_events",
        "failed_events_policy",
        "log_group",
        "policy",
        "role",
        "route_attachment",
        "route_listener_rule",
        "route_permission",
        "route_target_group",
    }


@pytest.fixture(scope="module")
def inside() -> Template:
    return build(besides={"subnet_ids": ["subnet-a", "subnet-b"], "security_group_ids": ["sg-1"]})


class TestInTheVpc:
    def test_stands_where_it_is_told(self, inside: Template) -> None:
        place = {"subnet_ids": ["subnet-a", "subnet-b"], "security_group_ids": ["sg-1"]}
        assert inside.only("aws_lambda_function")["vpc_config"] == place

    def test_lambda_may_make_its_interfaces_by_then(self, inside: Template) -> None:
        attached = inside.only("aws_iam_role_policy_attachment")
        path = "iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
        assert attached["policy_arn"] == f"arn:{partition(inside)}:{path}"
        assert attached["role"] == inside.reference("aws_iam_role", "name")
        kinds = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")
        assert inside.only("aws_lambda_function")["depends_on"] == [address(inside, kind) for kind in kinds]

    def test_its_own_code_may_not(self, inside: Template) -> None:
        denied = statements(inside.only("aws_iam_role_policy")["policy"])[-1]
        assert (denied["Sid"], denied["Effect"], denied["Resource"]) == ("NoInterfacesByCode", "Deny", ["*"])
        assert {"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"} < set(denied["Action"])
        assert denied["Condition"] == {"ArnEquals": {"lambda:SourceFunctionArn": arn(inside, f"function:{NAME}")}}


@pytest.fixture(scope="module")
def waited() -> Template:
    return build(queue_key_arn=None)


class TestWhoeverCallsItWaits:
    def test_there_is_no_queue(self, waited: Template) -> None:
        for kind in ("aws_sqs_queue", "aws_sqs_queue_policy", "aws_lambda_function_event_invoke_config"):
            assert waited.all(kind) == []
        assert exposed(waited, "dead_letter_queue_arn") is None
        assert exposed(waited, "dead_letter_queue_url") is None

    def test_nor_a_permission_or_an_alarm_for_one(self, waited: Template) -> None:
        assert "sqs:" not in waited.only("aws_iam_role_policy")["policy"]
        assert [each["role"] for each in exposed(waited, "alarms")] == ["errors", "duration", "throttles"]


def test_is_told_and_may_what_is_said_besides() -> None:
    said = Statement(sid="Say", actions=["sns:Publish"], resources=["arn:topic"])
    found = build(besides={"environment": {"TOPIC": "arn:topic"}, "statements": [said]})
    assert found.only("aws_lambda_function")["environment"]["variables"]["TOPIC"] == "arn:topic"
    assert statements(found.only("aws_iam_role_policy")["policy"])[-1] == said.as_dict()


def test_whoever_needs_it_to_be_there_takes_its_name_from_it(plain: Template) -> None:
    assert exposed(plain, "deployed_name") == plain.reference("aws_lambda_function", "function_name")
