"""DynamoDB: what an entry of the table cannot say."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.provider.backend import Refused
from tests.localaws.local import Made, client, make


def _table(name: str, **given: Any) -> Made:
    attribute = [{"name": "id", "type": "S"}]
    return make(
        "aws_dynamodb_table", name=name, hash_key="id", attribute=attribute, billing_mode="PAY_PER_REQUEST", **given
    )


def test_recovery_of_a_table_is_changed_in_place() -> None:
    recovery = {"enabled": True, "recovery_period_in_days": 35}
    table = _table("recovered", point_in_time_recovery=[recovery])
    table.update(point_in_time_recovery=[{**recovery, "recovery_period_in_days": 7}])
    found = client("dynamodb").describe_continuous_backups(TableName="recovered")["ContinuousBackupsDescription"]
    assert found["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 7


def test_a_protected_table_is_not_deleted() -> None:
    table = _table("protected", deletion_protection_enabled=True)
    with pytest.raises(Refused, match="deleting aws_dynamodb_table"):
        table.delete()


def test_a_table_is_unprotected_in_place() -> None:
    table = _table("unprotected", deletion_protection_enabled=True)
    table.update(deletion_protection_enabled=False).delete()
    assert "unprotected" not in client("dynamodb").list_tables()["TableNames"]
