"""EFS and DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from localaws.resources.mapper import Request, is_unset, one
from localaws.resources.resource import Resource

# ---- EFS


def of_file_system(operation: str) -> Callable[[Resource], Any]:
    """What a file system has exists as long as that does."""

    def read(resource: Resource) -> Any:
        resource.call("describe_file_systems", resource.key("describe_file_systems"))
        return resource.call(operation, resource.key(operation))

    return read


def put_lifecycle(resource: Resource, _: set[str]) -> None:
    """Each policy is an object of its own, and none of them an empty list."""
    policies = [
        {
            "".join(word.title() if word != "ia" else "IA" for word in name.split("_")): value
            for name, value in each.items()
            if value
        }
        for each in resource.args.get("lifecycle_policy") or []
    ]
    resource.call("put_lifecycle_configuration", {"FileSystemId": resource.get("id"), "LifecyclePolicies": policies})


def stop_backups(resource: Resource) -> None:
    """A file system cannot be without a policy: the provider switches it off."""
    told = {"FileSystemId": resource.get("file_system_id"), "BackupPolicy": {"Status": "DISABLED"}}
    resource.call("put_backup_policy", told)


# ---- DynamoDB

TABLE_ARGUMENTS: Final = (
    "hash_key",
    "range_key",
    "read_capacity",
    "write_capacity",
    "global_secondary_index",
    "local_secondary_index",
    "server_side_encryption",
    "stream_enabled",
    "stream_view_type",
)
_RECOVERY = "ContinuousBackupsDescription.PointInTimeRecoveryDescription"
SHOWN_AS: Final = {
    "BillingMode": "BillingModeSummary.BillingMode",
    "SSESpecification": "SSEDescription."
    "{Enabled: Status == 'ENABLED', SSEType: SSEType, KMSMasterKeyId: KMSMasterKeyArn}",
    "TableClass": "TableClassSummary.TableClass",
    "TimeToLiveSpecification": "TimeToLiveDescription."
    "{Enabled: TimeToLiveStatus == 'ENABLED', AttributeName: AttributeName}",
    "PointInTimeRecoverySpecification": f"{_RECOVERY}."
    "{PointInTimeRecoveryEnabled: PointInTimeRecoveryStatus == 'ENABLED', RecoveryPeriodInDays: RecoveryPeriodInDays}",
}


def place_table(resource: Resource, request: Request) -> None:
    args = resource.args
    request.place("hash_key", _keys(args), "KeySchema")
    request.claim("range_key", "KeySchema")
    if resource.get("billing_mode") != "PAY_PER_REQUEST":
        request.place("read_capacity", _capacity(args), "ProvisionedThroughput")
        request.claim("write_capacity", "ProvisionedThroughput")
    if args.get("global_secondary_index"):
        indexes = [_index(args, each) for each in args["global_secondary_index"]]
        if resource.get("billing_mode") != "PAY_PER_REQUEST":
            for made, each in zip(indexes, args["global_secondary_index"], strict=True):
                made["ProvisionedThroughput"] = _capacity(each)
        request.place("global_secondary_index", indexes, "GlobalSecondaryIndexes")
    if args.get("local_secondary_index"):
        indexes = [_index(args, each) for each in args["local_secondary_index"]]
        request.place("local_secondary_index", indexes, "LocalSecondaryIndexes")
    if args.get("stream_enabled"):
        request.place(
            "stream_enabled", {"StreamEnabled": True, "StreamViewType": args["stream_view_type"]}, "StreamSpecification"
        )
        request.claim("stream_view_type", "StreamSpecification")
    if one(args.get("server_side_encryption")):
        request.place("server_side_encryption", _encryption(args), "SSESpecification")


def _keys(values: Mapping[str, Any]) -> list[dict[str, str]]:
    keys = (("hash_key", "HASH"), ("range_key", "RANGE"))
    return [{"AttributeName": values[name], "KeyType": kind} for name, kind in keys if values.get(name)]


def _capacity(values: Mapping[str, Any]) -> dict[str, int]:
    return {"ReadCapacityUnits": int(values["read_capacity"]), "WriteCapacityUnits": int(values["write_capacity"])}


def _index(table: Mapping[str, Any], index: Mapping[str, Any]) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index["projection_type"]}
    if index.get("non_key_attributes"):
        projection["NonKeyAttributes"] = index["non_key_attributes"]
    keys = _keys({"hash_key": index.get("hash_key") or table["hash_key"], "range_key": index.get("range_key")})
    return {"IndexName": index["name"], "KeySchema": keys, "Projection": projection}


def _encryption(args: Mapping[str, Any]) -> dict[str, Any]:
    encryption = one(args["server_side_encryption"])
    made: dict[str, Any] = {"Enabled": bool(encryption["enabled"])}
    if not is_unset(encryption.get("kms_key_arn")):
        made |= {"SSEType": "KMS", "KMSMasterKeyId": encryption["kms_key_arn"]}
    return made


def turn_recovery(resource: Resource, _: set[str]) -> None:
    recovery = one(resource.args["point_in_time_recovery"])
    told: dict[str, Any] = {"PointInTimeRecoveryEnabled": bool(recovery["enabled"])}
    if not is_unset(recovery.get("recovery_period_in_days")) and recovery["enabled"]:
        told["RecoveryPeriodInDays"] = int(recovery["recovery_period_in_days"])
    resource.call(
        "update_continuous_backups", {"TableName": resource.get("name"), "PointInTimeRecoverySpecification": told}
    )


def change_table(resource: Resource, changed: set[str]) -> None:
    """AWS takes only what is to change; a new key or index is another table."""
    whole = resource.request("create_table")
    members = {path[0] for name in changed for path in whole.placed.get(name, ())}
    told = {member: whole.params[member] for member in members if member in whole.params}
    if told:
        resource.call("update_table", {"TableName": resource.get("name"), **told})
