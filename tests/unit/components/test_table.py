"""Table: each test says what would be lost, open or unseen in AWS if it failed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from constructs import Construct

from lib.components.alarms import Alarm
from lib.components.table import Table
from lib.naming import Names
from lib.settings.data import Table as Settings
from tests.template import Block, Template
from tests.unit.components.exposed import expose, exposed

KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/k"
NAME = "shop-dev-1-orders"


def build(*, keep_data: bool = False, **settings: Any) -> Template:
    def component(scope: Construct) -> None:
        table = Table(
            scope,
            "orders_table",
            name="orders",
            names=Names("shop", "dev-1"),
            settings=Settings(**settings),
            key_arn=KEY_ARN,
            keep_data=keep_data,
        )
        expose(scope, name=table.name, arn=table.arn, access=table.access(), alarms=table.alarms())

    return Template.of_components(component)


@pytest.fixture(scope="module")
def template() -> Template:
    return build(
        partition_key="customer",
        sort_key="number",
        sort_key_type="N",
        expiry_attribute="forget_at",
        backup_retention_days=7,
    )


@pytest.fixture(scope="module")
def table(template: Template) -> Block:
    return template.only("aws_dynamodb_table")


@pytest.fixture(scope="module")
def plain() -> Block:
    return build().only("aws_dynamodb_table")


def test_carries_the_environments_name(table: Block) -> None:
    assert table["name"] == NAME


def test_is_paid_by_use(table: Block) -> None:
    assert table["billing_mode"] == "PAY_PER_REQUEST"
    assert not {"read_capacity", "write_capacity"} & table.keys()


def test_items_are_found_by_the_keys_of_the_settings(table: Block) -> None:
    assert (table["hash_key"], table["range_key"]) == ("customer", "number")
    assert table["attribute"] == [{"name": "customer", "type": "S"}, {"name": "number", "type": "N"}]


def test_without_a_sort_key_declares_the_partition_key_alone(plain: Block) -> None:
    assert plain["hash_key"] == "id"
    assert "range_key" not in plain
    assert plain["attribute"] == [{"name": "id", "type": "S"}]


def test_partition_key_has_the_type_of_the_settings() -> None:
    table = build(partition_key_type="B").only("aws_dynamodb_table")
    assert table["attribute"] == [{"name": "id", "type": "B"}]


def test_items_expire_by_the_attribute_of_the_settings(table: Block, plain: Block) -> None:
    assert table["ttl"] == {"enabled": True, "attribute_name": "forget_at"}
    assert "ttl" not in plain


def test_can_be_set_back_to_any_second_of_the_days_of_the_settings(table: Block, plain: Block) -> None:
    assert table["point_in_time_recovery"] == {"enabled": True, "recovery_period_in_days": 7}
    assert plain["point_in_time_recovery"] == {"enabled": True, "recovery_period_in_days": 35}


def test_is_encrypted_under_the_given_key(table: Block) -> None:
    assert table["server_side_encryption"] == {"enabled": True, "kms_key_arn": KEY_ARN}


def test_is_protected_from_deletion_when_data_is_kept(table: Block) -> None:
    assert table["deletion_protection_enabled"] is False
    assert build(keep_data=True).only("aws_dynamodb_table")["deletion_protection_enabled"] is True


def test_makes_nothing_else(template: Template) -> None:
    assert {kind: len(named) for kind, named in template.document["resource"].items()} == {"aws_dynamodb_table": 1}


def test_address_in_the_state_is_a_promise(template: Template) -> None:
    (name,) = template.named("aws_dynamodb_table")
    assert name.rpartition("_")[0] == "orders_table"


def test_exposes_what_others_wire_to(template: Template) -> None:
    assert exposed(template, "name") == NAME
    assert exposed(template, "arn") == template.reference("aws_dynamodb_table", "arn")


def test_hands_out_its_name_once_it_is_there(template: Template) -> None:
    access = exposed(template, "access")
    assert access["environment"] == {"ORDERS_TABLE": template.reference("aws_dynamodb_table", "name")}


def test_is_reached_as_a_service_of_aws(template: Template) -> None:
    access = exposed(template, "access")
    assert (access["peer"], access["ports"], access["secrets"]) == (None, [], {})
    assert (access["secret_references"], access["execution_statements"]) == ({}, [])


def test_applications_may_use_its_items_and_not_the_table_itself(template: Template) -> None:
    use, _ = exposed(template, "access")["task_statements"]
    assert use == {
        "Sid": "UseOrdersTable",
        "Effect": "Allow",
        "Action": [
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
        ],
        "Resource": [template.reference("aws_dynamodb_table", "arn")],
    }


def test_applications_may_use_the_key_for_this_table_alone(template: Template) -> None:
    _, decrypt = exposed(template, "access")["task_statements"]
    assert decrypt == {
        "Sid": "DecryptOrdersTable",
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": [KEY_ARN],
        "Condition": {
            "StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"},
            "StringEquals": {"kms:EncryptionContext:aws:dynamodb:tableName": NAME},
        },
    }


@pytest.mark.parametrize(("role", "metric"), [("reads", "ReadThrottleEvents"), ("writes", "WriteThrottleEvents")])
def test_alarms_when_it_turns_requests_away(template: Template, role: str, metric: str) -> None:
    (alarm,) = [each for each in exposed(template, "alarms") if each["role"] == role]
    why = alarm["why"]
    assert why.startswith(f"DynamoDB turns {role} away. ")
    for limit in ("KeyRangeThroughput", "AccountLimit"):
        assert f"{role[:-1].capitalize()}{limit}ThrottleEvents" in why
    assert alarm == asdict(
        Alarm(
            unit="orders",
            role=role,
            namespace="AWS/DynamoDB",
            metric=metric,
            statistic="Sum",
            threshold=0,
            comparison="GreaterThanThreshold",
            dimensions={"TableName": NAME},
            period_seconds=60,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            why=why,
        )
    )


def test_has_two_alarms(template: Template) -> None:
    assert [alarm["role"] for alarm in exposed(template, "alarms")] == ["reads", "writes"]
