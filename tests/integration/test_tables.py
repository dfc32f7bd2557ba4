"""The tables: active, encrypted, and to be set back to any second of the last days."""

from __future__ import annotations

from typing import cast

import pytest

from tests.integration.deployment import Block, Deployment


@pytest.fixture
def found(deployment: Deployment, table: str) -> Block:
    answer = deployment.client("dynamodb").describe_table(TableName=deployment["table_names"][table])
    return cast(Block, answer["Table"])


def test_table_is_active(deployment: Deployment, table: str, found: Block) -> None:
    assert (found["TableStatus"], found["TableArn"]) == ("ACTIVE", deployment["table_arns"][table])


def test_table_is_under_the_stacks_key(deployment: Deployment, found: Block) -> None:
    encryption = found["SSEDescription"]
    assert (encryption["Status"], encryption["SSEType"]) == ("ENABLED", "KMS")
    assert deployment.is_key_of("tables", encryption["KMSMasterKeyArn"])


def test_table_takes_as_much_as_comes(found: Block) -> None:
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_table_can_be_set_back_to_any_second(deployment: Deployment, found: Block) -> None:
    answer = deployment.client("dynamodb").describe_continuous_backups(TableName=found["TableName"])
    recovery = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    assert recovery["RecoveryPeriodInDays"] >= 1


def test_table_gives_no_other_account_access(deployment: Deployment, found: Block) -> None:
    dynamodb = deployment.client("dynamodb")
    with pytest.raises(dynamodb.exceptions.PolicyNotFoundException):
        dynamodb.get_resource_policy(ResourceArn=found["TableArn"])
