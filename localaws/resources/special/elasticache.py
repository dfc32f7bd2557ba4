"""ElastiCache."""

from __future__ import annotations

from typing import Any, Final

from localaws.resources.mapper import Request
from localaws.resources.resource import Resource
from localaws.resources.special.common import set_only

_DETAILS: Final = {
    "cloudwatch-logs": ("CloudWatchLogsDetails", "LogGroup"),
    "kinesis-firehose": ("KinesisFirehoseDetails", "DeliveryStream"),
}
SHOWN_AS: Final = {
    "ReplicationGroupDescription": "Description",
    "NumCacheClusters": "length(MemberClusters)",
    "NewReplicaCount": "length(MemberClusters[1:])",
    "AutomaticFailoverEnabled": "AutomaticFailover == 'enabled'",
    "MultiAZEnabled": "MultiAZ == 'enabled'",
    "LogDeliveryConfigurations": "LogDeliveryConfigurations",
    "SecurityGroupIds": "Member.SecurityGroups[].SecurityGroupId",
    "CacheSubnetGroupName": "Member.CacheSubnetGroupName",
    "CacheParameterGroupName": "Member.CacheParameterGroup.CacheParameterGroupName",
    "PreferredMaintenanceWindow": "Member.PreferredMaintenanceWindow",
    "EngineVersion": "Member.EngineVersion",
    "Port": "NodeGroups[0].PrimaryEndpoint.Port",
    "PreferredCacheClusterAZs": "NodeGroups[0].NodeGroupMembers[].PreferredAvailabilityZone",
}


def place_log_deliveries(resource: Resource, request: Request) -> None:
    deliveries = [_delivery(each) for each in resource.args.get("log_delivery_configuration") or []]
    if deliveries:
        request.place("log_delivery_configuration", deliveries, "LogDeliveryConfigurations")


def _delivery(given: dict[str, Any]) -> dict[str, Any]:
    kind, member = _DETAILS[given["destination_type"]]
    return {
        "LogType": given["log_type"],
        "DestinationType": given["destination_type"],
        "DestinationDetails": {kind: {member: given["destination"]}},
        "LogFormat": given["log_format"],
    }


def a_member(resource: Resource) -> dict[str, Any]:
    """Security groups, version and window are shown by the nodes of a group, not by itself."""
    group = resource.get("replication_group_id")
    found = resource.call("describe_cache_clusters", {})["CacheClusters"]
    members = sorted(each["CacheClusterId"] for each in found if each.get("ReplicationGroupId") == group)
    first: dict[str, Any] = next((each for each in found if members and each["CacheClusterId"] == members[0]), {})
    return {"Member": first}


def change_replication_group(resource: Resource, changed: set[str]) -> None:
    group = {"ReplicationGroupId": resource.get("replication_group_id")}
    if "num_cache_clusters" in changed:
        _resize(resource, group)
    told = changed - {"num_cache_clusters"}
    if told:
        params = resource.request("modify_replication_group", only=told).params
        resource.call("modify_replication_group", {**params, **group, "ApplyImmediately": True})


def _resize(resource: Resource, group: dict[str, str]) -> None:
    (now,) = resource.call("describe_replication_groups", group)["ReplicationGroups"]
    wanted, there = int(resource.get("num_cache_clusters")), len(now["MemberClusters"])
    operation = "increase_replica_count" if wanted > there else "decrease_replica_count"
    resource.call(operation, {**group, "NewReplicaCount": wanted - 1, "ApplyImmediately": True})


def delete_replication_group(resource: Resource) -> None:
    last = resource.get("final_snapshot_identifier")
    group = {"ReplicationGroupId": resource.get("replication_group_id")}
    resource.call("delete_replication_group", group | set_only({"FinalSnapshotIdentifier": last}))


def change_user_group(resource: Resource, changed: set[str]) -> None:
    """A group is told whom to add and whom to remove."""
    group = {"UserGroupId": resource.get("user_group_id")}
    (now,) = resource.call("describe_user_groups", group)["UserGroups"]
    wanted, there = set(resource.get("user_ids") or ()), set(now["UserIds"])
    told: dict[str, Any] = {"UserIdsToAdd": sorted(wanted - there), "UserIdsToRemove": sorted(there - wanted)}
    if "engine" in changed:
        told["Engine"] = resource.get("engine")
    resource.call("modify_user_group", group | {name: each for name, each in told.items() if each})
