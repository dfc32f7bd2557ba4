"""A table of DynamoDB, paid by use: items that applications find by a key."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
    DynamodbTableTtl,
)
from constructs import Construct

from lib.components.access import Access
from lib.components.alarms import Alarm
from lib.components.policy import Statement
from lib.naming import Kind, Names
from lib.settings.data import Table as Settings
from lib.settings.targets import table_variable

_ITEM_ACTIONS = (
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
)
"""Transactions need no action of their own: each of their parts is one of these.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html"""


class Table(Construct):
    """An encrypted table that can be set back to any second of the last days.

    name: what the settings call it.
    keep_data: protect the table from deletion.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        names: Names,
        settings: Settings,
        key_arn: str,
        keep_data: bool,
    ) -> None:
        super().__init__(scope, id)
        self._part = name
        self._settings = settings
        self._key_arn = key_arn
        self.name = names.of(Kind.TABLE, name)
        self._table = self._build_table(keep_data)

    @property
    def arn(self) -> str:
        return self._table.arn

    def access(self) -> Access:
        return Access(
            # From the resource: whoever is told of the table starts when it is there.
            environment={table_variable(self._part): self._table.name},
            task_statements=[self._use_items(), self._decrypt()],
        )

    def alarms(self) -> list[Alarm]:
        """Of tables on demand, too: theirs are turned away at the limit of a partition or of the account.

        ThrottledRequests and SystemErrors come by operation only.
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
        """
        return [
            Alarm(
                unit=self._part,
                role=f"{kind.lower()}s",
                namespace="AWS/DynamoDB",
                metric=f"{kind}ThrottleEvents",
                statistic="Sum",
                threshold=0,
                dimensions={"TableName": self.name},
                why=f"DynamoDB turns {kind.lower()}s away. {kind}KeyRangeThroughputThrottleEvents tells of items that"
                f" share one key: spread them over more keys. {kind}AccountLimitThrottleEvents tells of the account's"
                " quota: ask AWS for a higher one.",
            )
            for kind in ("Read", "Write")
        ]

    def _build_table(self, keep_data: bool) -> DynamodbTable:
        settings = self._settings
        return DynamodbTable(
            self,
            "table",
            name=self.name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=settings.partition_key,
            range_key=settings.sort_key,
            attribute=self._key_attributes(),
            ttl=DynamodbTableTtl(enabled=True, attribute_name=settings.expiry_attribute)
            if settings.expiry_attribute
            else None,
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(
                enabled=True, recovery_period_in_days=settings.backup_retention_days
            ),
            server_side_encryption=DynamodbTableServerSideEncryption(enabled=True, kms_key_arn=self._key_arn),
            deletion_protection_enabled=keep_data,
        )

    def _key_attributes(self) -> list[DynamodbTableAttribute]:
        """The attributes of the key and no other: DynamoDB refuses a table that declares one that it has no use for."""
        settings = self._settings
        attributes = [DynamodbTableAttribute(name=settings.partition_key, type=settings.partition_key_type)]
        if settings.sort_key:
            attributes.append(DynamodbTableAttribute(name=settings.sort_key, type=settings.sort_key_type))
        return attributes

    def _use_items(self) -> Statement:
        # Not its indexes: it has none.
        return Statement(sid=f"Use{self._part.capitalize()}Table", actions=_ITEM_ACTIONS, resources=[self.arn])

    def _decrypt(self) -> Statement:
        """DynamoDB decrypts the table's own key in the name of whoever reads or writes; all else it does by grants.

        Its page's example leaves the region open as well.
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
        """
        return Statement(
            sid=f"Decrypt{self._part.capitalize()}Table",
            actions=["kms:Decrypt"],
            resources=[self._key_arn],
            condition={
                "StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"},
                "StringEquals": {"kms:EncryptionContext:aws:dynamodb:tableName": self.name},
            },
        )
