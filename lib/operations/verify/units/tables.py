"""The tables: active, encrypted, and to be set back to any second of the last days."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.aws import Block, Refused
from lib.operations.deployment import Deployment
from lib.operations.verify.check import Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.words import expect, expect_all, expect_true

UNIT = Unit("tables", "Tables", having("table_names", "tables"))

TABLES = "table_names"


@UNIT.each(TABLES, what="It is active, and takes as much as comes")
def active(stack: Deployment, table: str) -> Iterator[str]:
    found = described(stack, table)
    yield from expect_all("it", {"TableStatus": "ACTIVE", "TableArn": stack["table_arns"][table]}, found)
    mode = found.get("BillingModeSummary", {}).get("BillingMode")
    yield from expect("how it is paid for", mode, "PAY_PER_REQUEST")


@UNIT.each(TABLES, what="It is under the stack's key")
def encrypted(stack: Deployment, table: str) -> Iterator[str]:
    found = described(stack, table).get("SSEDescription", {})
    yield from expect_all("its encryption", {"Status": "ENABLED", "SSEType": "KMS"}, found)
    yield from expect_key(stack, "tables", found.get("KMSMasterKeyArn"), "it")


@UNIT.each(TABLES, what="It can be set back to any second of the last days")
def backed_up(stack: Deployment, table: str) -> Iterator[str]:
    answer = stack.ask("dynamodb", "describe_continuous_backups", TableName=stack["table_names"][table])
    recovery = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    yield from expect("its recovery", recovery["PointInTimeRecoveryStatus"], "ENABLED")
    yield from expect_true(recovery.get("RecoveryPeriodInDays", 0) >= 1, "it goes back no day")


@UNIT.each(TABLES, what="It gives no other account access: it has no policy of its own")
def no_policy(stack: Deployment, table: str) -> Iterator[str]:
    try:
        answer = stack.ask("dynamodb", "get_resource_policy", ResourceArn=stack["table_arns"][table])
    except Refused as error:
        if error.code != "PolicyNotFoundException":
            raise
        return
    yield f"its policy is {answer['Policy']}"


def described(stack: Deployment, table: str) -> Block:
    answer = stack.ask("dynamodb", "describe_table", TableName=stack["table_names"][table])
    return dict(answer["Table"])
