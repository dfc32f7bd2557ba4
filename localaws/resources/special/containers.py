"""ECS and Cloud Map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localaws.resources.resource import Resource


def take_capacity_providers(resource: Resource) -> None:
    params = {"cluster": resource.get("cluster_name"), "capacityProviders": [], "defaultCapacityProviderStrategy": []}
    resource.call("put_cluster_capacity_providers", params)


def read_task_definition(resource: Resource) -> dict[str, Any] | None:
    """AWS still shows a deregistered one, as inactive, and the tags beside it."""
    params = {"taskDefinition": resource.get("arn"), "include": ["TAGS"]}
    answer = resource.call("describe_task_definition", params)
    found = answer["taskDefinition"]
    return None if found["status"] == "INACTIVE" else {**found, "tags": answer.get("tags", [])}


def deregister_task_definition(resource: Resource) -> None:
    if not resource.get("skip_destroy"):
        resource.call("deregister_task_definition", {"taskDefinition": resource.get("arn")})


def creating_namespace(operation: str) -> Callable[[Resource], dict[str, Any]]:
    """Cloud Map answers with an operation, and that one with the namespace."""

    def create(resource: Resource) -> dict[str, Any]:
        params: dict[str, Any] = {
            "Name": resource.get("name"),
            "CreatorRequestId": f"terraform-{resource.get('name')}"[:64],
        }
        if resource.get("description"):
            params["Description"] = resource.get("description")
        if resource.tags:
            params["Tags"] = [{"Key": key, "Value": value} for key, value in resource.tags.items()]
        begun = resource.call(operation, params)
        done = resource.call("get_operation", {"OperationId": begun["OperationId"]})["Operation"]
        resource.state["id"] = done["Targets"]["NAMESPACE"]
        return {}

    return create


def change_namespace(resource: Resource, _: set[str]) -> None:
    told = {"Id": resource.get("id"), "Namespace": {"Description": resource.get("description") or ""}}
    resource.call("update_http_namespace", told)
