"""Key: each test says what would break in AWS if it failed."""

from __future__ import annotations

import pytest
from constructs import Construct

from lib.components.account import Account
from lib.components.keys import Key, for_alarms, for_cdn, for_logs, for_notifications
from lib.naming import Names
from tests.template import Block, Template, statements

ACTIONS_OF_PUBLISHERS = ["kms:Decrypt", "kms:GenerateDataKey*"]


def build(scope: Construct) -> None:
    account = Account(scope, "account", region="eu-west-1")
    Key(
        scope,
        "log_key",
        names=Names("shop", "dev-1"),
        part="logs",
        purpose="Logs of all services",
        account=account,
        deletion_window_days=9,
        service_statements=[*for_logs(account), *for_notifications(account)],
    )
    Key(
        scope,
        "plain_key",
        names=Names("shop", "dev-1"),
        part="files",
        purpose="Files",
        account=account,
        deletion_window_days=30,
    )


def build_elsewhere(scope: Construct) -> None:
    account = Account(scope, "account", region="eu-west-1")
    Key(
        scope,
        "edge_key",
        names=Names("shop", "dev-1"),
        part="edge",
        purpose="Logs of all services",
        account=account,
        deletion_window_days=7,
        service_statements=[*for_logs(account, "us-east-1"), *for_alarms(account, "us-east-1"), *for_cdn(account)],
        region="us-east-1",
    )


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.of_components(build)


@pytest.fixture(scope="module")
def elsewhere() -> Template:
    return Template.of_components(build_elsewhere)


@pytest.fixture(scope="module")
def account_id(template: Template) -> str:
    (name,) = template.document["data"]["aws_caller_identity"]
    return f"${{data.aws_caller_identity.{name}.account_id}}"


@pytest.fixture(scope="module")
def partition(template: Template) -> str:
    (name,) = template.document["data"]["aws_partition"]
    return f"${{data.aws_partition.{name}.partition}}"


def statement(template: Template, sid: str) -> Block:
    policy = template.only("aws_kms_key", description="Logs of all services")["policy"]
    (found,) = [each for each in statements(policy) if each["Sid"] == sid]
    return found


def test_turns_over_by_itself(template: Template) -> None:
    assert [key["enable_key_rotation"] for key in template.all("aws_kms_key")] == [True, True]


def test_deletion_can_be_taken_back_for_the_given_time(template: Template) -> None:
    assert template.only("aws_kms_key", description="Logs of all services")["deletion_window_in_days"] == 9
    assert template.only("aws_kms_key", description="Files")["deletion_window_in_days"] == 30


def test_has_an_alias_and_a_name_by_environment_and_part(template: Template) -> None:
    alias = template.only("aws_kms_alias", name="alias/shop/dev-1/logs")
    assert alias["target_key_id"] == template.reference("aws_kms_key", "key_id", description="Logs of all services")
    assert template.only("aws_kms_key", description="Files")["tags"] == {"Name": "alias/shop/dev-1/files"}


def test_exposes_its_arn() -> None:
    keys: list[Key] = []

    def one(scope: Construct) -> None:
        account = Account(scope, "account", region="eu-west-1")
        names = Names("shop", "dev-1")
        keys.append(Key(scope, "key", names=names, part="a", purpose="A", account=account, deletion_window_days=7))
        Key(scope, "next", names=names, part="b", purpose=keys[0].arn, account=account, deletion_window_days=7)

    template = Template.of_components(one)
    arn = template.reference("aws_kms_key", "arn", description="A")
    assert template.where("aws_kms_key", description=arn) != []


def test_the_account_administers_it_so_that_nobody_is_locked_out(
    template: Template, account_id: str, partition: str
) -> None:
    assert statement(template, "Account") == {
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account_id}:root"},
        "Action": ["kms:*"],
        "Resource": ["*"],
    }


def test_without_service_statements_nobody_else_is_named(template: Template) -> None:
    policy = template.only("aws_kms_key", description="Files")["policy"]
    assert [each["Sid"] for each in statements(policy)] == ["Account"]


def test_logs_use_it_for_log_groups_of_this_account_only(template: Template, account_id: str, partition: str) -> None:
    assert statement(template, "Logs") == {
        "Sid": "Logs",
        "Effect": "Allow",
        "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": ["*"],
        "Condition": {
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": f"arn:{partition}:logs:eu-west-1:{account_id}:log-group:*"
            }
        },
    }


def test_alarms_publish_to_encrypted_topics_of_this_account(
    template: Template, account_id: str, partition: str
) -> None:
    assert statement(template, "Alarms") == {
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ACTIONS_OF_PUBLISHERS,
        "Resource": ["*"],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account_id},
            "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": f"arn:{partition}:sns:eu-west-1:{account_id}:*"},
        },
    }


def test_events_publish_without_the_source_conditions_that_eventbridge_does_not_meet(
    template: Template, account_id: str, partition: str
) -> None:
    assert statement(template, "Events") == {
        "Sid": "Events",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ACTIONS_OF_PUBLISHERS,
        "Resource": ["*"],
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": f"arn:{partition}:sns:eu-west-1:{account_id}:*"},
        },
    }


def test_is_in_the_stacks_region_unless_told_otherwise(template: Template) -> None:
    assert not any("region" in each for kind in ("aws_kms_key", "aws_kms_alias") for each in template.all(kind))


def test_may_be_in_another_region_with_its_alias(elsewhere: Template) -> None:
    assert elsewhere.only("aws_kms_key")["region"] == "us-east-1"
    assert elsewhere.only("aws_kms_alias")["region"] == "us-east-1"


def test_logs_and_alarms_of_another_region_use_it_for_what_is_there(elsewhere: Template) -> None:
    logs, alarms = statement(elsewhere, "Logs"), statement(elsewhere, "Alarms")
    assert logs["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
    log_groups = logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert ":logs:us-east-1:" in log_groups
    assert log_groups.endswith(":log-group:*")
    assert ":sns:us-east-1:" in alarms["Condition"]["ArnLike"]["kms:EncryptionContext:aws:sns:topicArn"]


def test_a_key_for_alarms_alone_is_closed_to_events(elsewhere: Template) -> None:
    policy = elsewhere.only("aws_kms_key")["policy"]
    assert [each["Sid"] for each in statements(policy)] == ["Account", "Logs", "Alarms", "Cdn"]


def test_the_cdn_decrypts_for_distributions_of_this_account_and_writes_nothing(elsewhere: Template) -> None:
    (caller,) = elsewhere.document["data"]["aws_caller_identity"]
    (partition,) = elsewhere.document["data"]["aws_partition"]
    distributions = (
        f"arn:${{data.aws_partition.{partition}.partition}}:cloudfront::"
        f"${{data.aws_caller_identity.{caller}.account_id}}:distribution/*"
    )
    assert statement(elsewhere, "Cdn") == {
        "Sid": "Cdn",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": ["kms:Decrypt"],
        "Resource": ["*"],
        "Condition": {"ArnLike": {"aws:SourceArn": distributions}},
    }
