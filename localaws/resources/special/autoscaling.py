"""EC2 Auto Scaling groups."""

from __future__ import annotations

from typing import Any, Final

from localaws.resources.mapper import Request, is_unset, one
from localaws.resources.resource import Resource

_REFRESHED_BY: Final = {"launch_template", "vpc_zone_identifier", "mixed_instances_policy", "availability_zones"}
"""Changes that an instance takes up only by being replaced."""


def complete_group(resource: Resource, request: Request) -> None:
    if resource.args.get("vpc_zone_identifier"):
        subnets = ",".join(resource.args["vpc_zone_identifier"])
        request.place("vpc_zone_identifier", subnets, "VPCZoneIdentifier")
        request.params.pop("AvailabilityZones", None)
    for tag in request.params.get("Tags", []):
        tag |= {"ResourceId": resource.get("name"), "ResourceType": "auto-scaling-group"}


def collect_metrics(resource: Resource, _: set[str]) -> None:
    group = {"AutoScalingGroupName": resource.get("name")}
    found = resource.call("describe_auto_scaling_groups", {"AutoScalingGroupNames": [resource.get("name")]})
    there = {each["Metric"] for each in found["AutoScalingGroups"][0].get("EnabledMetrics", ())}
    wanted = set(resource.get("enabled_metrics") or ())
    if there - wanted:
        resource.call("disable_metrics_collection", {**group, "Metrics": sorted(there - wanted)})
    if wanted - there:
        told = {"Metrics": sorted(wanted - there), "Granularity": resource.get("metrics_granularity") or "1Minute"}
        resource.call("enable_metrics_collection", {**group, **told})


def change_group(resource: Resource, changed: set[str]) -> None:
    told = changed - {"enabled_metrics", "metrics_granularity", "instance_refresh", "tag"}
    params = resource.request("update_auto_scaling_group", only=told).params
    tags = params.pop("Tags", None)
    if told:
        resource.call("update_auto_scaling_group", {**params, "AutoScalingGroupName": resource.get("name")})
    if "tag" in changed:
        _change_tags(resource, tags or resource.request("create_auto_scaling_group").params.get("Tags", []))
    refresh = one(resource.args.get("instance_refresh"))
    if refresh and changed & (_REFRESHED_BY | set(refresh.get("triggers") or ())):
        _refresh(resource, refresh)


def _change_tags(resource: Resource, wanted: list[dict[str, Any]]) -> None:
    found = resource.call("describe_auto_scaling_groups", {"AutoScalingGroupNames": [resource.get("name")]})
    there = found["AutoScalingGroups"][0].get("Tags", [])
    keys = {each["Key"] for each in wanted}
    lost = [each for each in there if each["Key"] not in keys]
    if lost:
        resource.call("delete_tags", {"Tags": lost})
    if wanted:
        resource.call("create_or_update_tags", {"Tags": wanted})


def _refresh(resource: Resource, given: dict[str, Any]) -> None:
    shape = resource.shape("start_instance_refresh")
    known = {name: each for name, each in given.items() if name != "triggers" and not is_unset(each)}
    params = resource.mapper.request(shape, known).params
    resource.call("start_instance_refresh", {**params, "AutoScalingGroupName": resource.get("name")})
