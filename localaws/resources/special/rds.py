"""RDS and Aurora."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from localaws.resources.resource import Resource

_PARAMETERS_AT_ONCE: Final = 20
"""https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html"""


def _own_parameters(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ("ParameterName", "ParameterValue", "ApplyMethod")
    return [{name: each[name] for name in names if name in each} for each in found]


def instance_parameters(resource: Resource) -> dict[str, Any]:
    group = {"DBParameterGroupName": resource.get("name"), "Source": "user"}
    return {"Parameters": _own_parameters(resource.call("describe_db_parameters", group)["Parameters"])}


def cluster_parameters(resource: Resource) -> dict[str, Any]:
    group = {"DBClusterParameterGroupName": resource.get("name"), "Source": "user"}
    return {"Parameters": _own_parameters(resource.call("describe_db_cluster_parameters", group)["Parameters"])}


def put_parameters(resource: Resource, _: set[str]) -> None:
    now = instance_parameters(resource)["Parameters"]
    _put(resource, now, {"DBParameterGroupName": resource.get("name")}, "db_parameter_group")


def put_cluster_parameters(resource: Resource, _: set[str]) -> None:
    now = cluster_parameters(resource)["Parameters"]
    _put(resource, now, {"DBClusterParameterGroupName": resource.get("name")}, "db_cluster_parameter_group")


def _put(resource: Resource, now: list[dict[str, Any]], group: dict[str, Any], thing: str) -> None:
    wanted = [
        {
            "ParameterName": each["name"],
            "ParameterValue": str(each["value"]),
            "ApplyMethod": each.get("apply_method") or "immediate",
        }
        for each in resource.args.get("parameter") or []
    ]
    names = {each["ParameterName"] for each in wanted}
    lost = [
        {"ParameterName": each["ParameterName"], "ApplyMethod": "pending-reboot"}
        for each in now
        if each["ParameterName"] not in names
    ]
    if lost:
        resource.call(f"reset_{thing}", {**group, "Parameters": lost})
    new = [each for each in wanted if each not in now]
    for start in range(0, len(new), _PARAMETERS_AT_ONCE):
        resource.call(f"modify_{thing}", {**group, "Parameters": new[start : start + _PARAMETERS_AT_ONCE]})


def changing(operation: str) -> Callable[[Resource, set[str]], None]:
    def change(resource: Resource, changed: set[str]) -> None:
        params = resource.request(operation, only=changed).params
        if "enabled_cloudwatch_logs_exports" in changed:
            params["CloudwatchLogsExportConfiguration"] = _log_exports(resource)
        if changed & {"manage_master_user_password", "master_user_secret_kms_key_id"}:
            params["ManageMasterUserPassword"] = bool(resource.get("manage_master_user_password"))
        if "port" in changed and operation == "modify_db_instance":
            params["DBPortNumber"] = int(resource.get("port"))
        if resource.get("allow_major_version_upgrade") and "engine_version" in changed:
            params["AllowMajorVersionUpgrade"] = True
        now = {"ApplyImmediately": bool(resource.get("apply_immediately"))}
        resource.call(operation, {**params, **resource.key(operation), **now})

    return change


def _log_exports(resource: Resource) -> dict[str, list[str]]:
    found = resource.look() or {}
    wanted = set(resource.get("enabled_cloudwatch_logs_exports") or ())
    there = set(found.get("EnabledCloudwatchLogsExports", ()))
    changes = {"EnableLogTypes": sorted(wanted - there), "DisableLogTypes": sorted(there - wanted)}
    return {name: each for name, each in changes.items() if each}


def _last_snapshot(resource: Resource, member: str) -> dict[str, Any]:
    if resource.get("skip_final_snapshot"):
        return {"SkipFinalSnapshot": True}
    name = resource.get("final_snapshot_identifier")
    if not name:
        raise ValueError("final_snapshot_identifier is required when skip_final_snapshot is false")
    return {"SkipFinalSnapshot": False, member: name}


def delete_instance(resource: Resource) -> None:
    backups = resource.get("delete_automated_backups")
    told = {"DeleteAutomatedBackups": backups is not False}
    snapshot = _last_snapshot(resource, "FinalDBSnapshotIdentifier")
    resource.call("delete_db_instance", {**resource.key("delete_db_instance"), **snapshot, **told})


def delete_cluster(resource: Resource) -> None:
    snapshot = _last_snapshot(resource, "FinalDBSnapshotIdentifier")
    resource.call("delete_db_cluster", {**resource.key("delete_db_cluster"), **snapshot})


def delete_cluster_instance(resource: Resource) -> None:
    """What it holds is the cluster's: there is no snapshot of a member."""
    resource.call("delete_db_instance", {**resource.key("delete_db_instance"), "SkipFinalSnapshot": True})
