"""EC2: the network, security groups and their rules, launch templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from localaws.provider.values import UNKNOWN
from localaws.resources.mapper import Request
from localaws.resources.resource import Resource
from localaws.resources.special.common import set_only

Way = Literal["ingress", "egress"]
_ALL_PROTOCOLS = "-1"
_DEFAULTS: Final = (
    ("default_security_group_id", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("main_route_table_id", "describe_route_tables", "RouteTables", "RouteTableId"),
    ("default_network_acl_id", "describe_network_acls", "NetworkAcls", "NetworkAclId"),
)
_RANGES: Final = (
    ("cidr_ipv4", "IpRanges", "CidrIp"),
    ("cidr_blocks", "IpRanges", "CidrIp"),
    ("cidr_ipv6", "Ipv6Ranges", "CidrIpv6"),
    ("ipv6_cidr_blocks", "Ipv6Ranges", "CidrIpv6"),
    ("prefix_list_id", "PrefixListIds", "PrefixListId"),
    ("prefix_list_ids", "PrefixListIds", "PrefixListId"),
    ("referenced_security_group_id", "UserIdGroupPairs", "GroupId"),
    ("security_groups", "UserIdGroupPairs", "GroupId"),
)
"""Argument of a rule -> list of an IpPermission, and the member of its items."""
RULE_ARGUMENTS: Final = (
    "cidr_ipv4",
    "cidr_ipv6",
    "description",
    "from_port",
    "ip_protocol",
    "prefix_list_id",
    "referenced_security_group_id",
    "to_port",
)


# ---- networks


def vpc_attributes(resource: Resource) -> dict[str, Any]:
    """AWS shows these two one by one."""
    shown: dict[str, Any] = {}
    for name in ("enableDnsHostnames", "enableDnsSupport"):
        answer = resource.call("describe_vpc_attribute", {"VpcId": resource.get("id"), "Attribute": name})
        shown |= {member: value for member, value in answer.items() if member != "VpcId"}
    return shown


def vpc_defaults(resource: Resource, _: set[str]) -> None:
    """What AWS makes with each VPC."""
    for attribute, operation, members, member in _DEFAULTS:
        if resource.state.get(attribute) is not UNKNOWN:
            continue
        filters = [{"Name": "vpc-id", "Values": [resource.get("id")]}]
        if operation == "describe_security_groups":
            filters.append({"Name": "group-name", "Values": ["default"]})
        found = resource.call(operation, {"Filters": filters})[members]
        if found:
            resource.state[attribute] = found[0][member]
    if resource.state.get("default_route_table_id") is UNKNOWN:
        resource.state["default_route_table_id"] = resource.state.get("main_route_table_id")


def delete_internet_gateway(resource: Resource) -> None:
    """Of what it is attached to, not of what it should be: attaching a half-made one was refused."""
    detach_internet_gateway(resource, set())
    resource.call("delete_internet_gateway", resource.key("delete_internet_gateway"))


def detach_internet_gateway(resource: Resource, _: set[str]) -> None:
    gateway = resource.key("describe_internet_gateways")
    (found,) = resource.call("describe_internet_gateways", gateway)["InternetGateways"]
    for attachment in found["Attachments"]:
        resource.call(
            "detach_internet_gateway", {"InternetGatewayId": resource.get("id"), "VpcId": attachment["VpcId"]}
        )


def move_association(resource: Resource, _: set[str]) -> None:
    """Another route table for the subnet: AWS gives the association a new id."""
    answer = resource.call(
        "replace_route_table_association",
        {"AssociationId": resource.get("id"), "RouteTableId": resource.get("route_table_id")},
    )
    resource.state["id"] = answer["NewAssociationId"]


def change_endpoint_lists(resource: Resource, changed: set[str]) -> None:
    """An endpoint is told what to add and what to remove."""
    (now,) = resource.call("describe_vpc_endpoints", {"VpcEndpointIds": [resource.get("id")]})["VpcEndpoints"]
    params: dict[str, Any] = {}
    for argument, member, word in (
        ("route_table_ids", "RouteTableIds", "RouteTableIds"),
        ("subnet_ids", "SubnetIds", "SubnetIds"),
    ):
        if argument in changed:
            wanted, there = set(resource.get(argument) or ()), set(now.get(member, ()))
            params[f"Add{word}"] = sorted(wanted - there)
            params[f"Remove{word}"] = sorted(there - wanted)
    if "policy" in changed:
        params["PolicyDocument"] = resource.get("policy")
    resource.call(
        "modify_vpc_endpoint",
        {"VpcEndpointId": resource.get("id")} | {name: each for name, each in params.items() if each},
    )


def flow_log_target(resource: Resource, request: Request) -> None:
    for argument, target in (("vpc_id", "VPC"), ("subnet_id", "Subnet"), ("eni_id", "NetworkInterface")):
        if argument in resource.args:
            request.place(argument, [resource.args[argument]], "ResourceIds")
            request.params["ResourceType"] = target


# ---- security groups


def permission(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule, inline or of its own, as the API has it."""
    made: dict[str, Any] = {"IpProtocol": str(rule.get("ip_protocol") or rule.get("protocol"))}
    if rule.get("from_port") is not None and made["IpProtocol"] != _ALL_PROTOCOLS:
        made |= {"FromPort": int(rule["from_port"]), "ToPort": int(rule["to_port"])}
    text = {"Description": rule["description"]} if rule.get("description") else {}
    for argument, ranges, member in _RANGES:
        values = rule.get(argument) or []
        for value in values if isinstance(values, list) else [values]:
            made.setdefault(ranges, []).append({member: value, **text})
    return made


def place_rule(resource: Resource, request: Request) -> None:
    rule = permission(resource.args)
    request.params["IpPermissions"] = [rule]
    for argument in RULE_ARGUMENTS:
        if argument in resource.args:
            request.claim(argument, "IpPermissions")


def read_rule(resource: Resource) -> dict[str, Any] | None:
    """AWS shows a rule flat, and is asked for it nested."""
    answer = resource.call("describe_security_group_rules", resource.key("describe_security_group_rules"))
    if not answer["SecurityGroupRules"]:
        return None
    found = answer["SecurityGroupRules"][0]
    rule = {
        "ip_protocol": found["IpProtocol"],
        "cidr_ipv4": found.get("CidrIpv4"),
        "cidr_ipv6": found.get("CidrIpv6"),
        "prefix_list_id": found.get("PrefixListId"),
        "referenced_security_group_id": found.get("ReferencedGroupInfo", {}).get("GroupId"),
        "description": found.get("Description"),
        "from_port": found.get("FromPort"),
        "to_port": found.get("ToPort"),
    }
    shown = {_member(name): value for name, value in rule.items() if value is not None}
    changed = {"SecurityGroupRuleId": found["SecurityGroupRuleId"], "SecurityGroupRule": _change(rule)}
    return {
        **shown,
        "GroupId": found["GroupId"],
        "IpPermissions": [permission(rule)],
        "SecurityGroupRules": [changed],
        "Tags": found.get("Tags", []),
    }


def _member(argument: str) -> str:
    return "".join(word.title() for word in argument.split("_"))


def _change(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as the call that changes one has it: flat, and with a third name for the other group."""
    names = {_member(name): value for name, value in rule.items() if name != "referenced_security_group_id"}
    return set_only({**names, "ReferencedGroupId": rule.get("referenced_security_group_id")})


def change_rule(resource: Resource, _: set[str]) -> None:
    rule = _change({name: resource.get(name) for name in RULE_ARGUMENTS})
    told = {"SecurityGroupRuleId": resource.get("id"), "SecurityGroupRule": rule}
    resource.call(
        "modify_security_group_rules", {"GroupId": resource.get("security_group_id"), "SecurityGroupRules": [told]}
    )


def delete_rule(resource: Resource) -> None:
    way = "egress" if "egress" in resource.kind else "ingress"
    rule = {"GroupId": resource.get("security_group_id"), "SecurityGroupRuleIds": [resource.get("id")]}
    resource.call(f"revoke_security_group_{way}", rule)


def _revoke_all(resource: Resource, way: Way) -> None:
    (group,) = resource.call("describe_security_groups", {"GroupIds": [resource.get("id")]})["SecurityGroups"]
    there = group["IpPermissions" if way == "ingress" else "IpPermissionsEgress"]
    if there:
        resource.call(f"revoke_security_group_{way}", {"GroupId": resource.get("id"), "IpPermissions": there})


def take_default_egress(resource: Resource, _: set[str]) -> None:
    """The provider takes away the rule that lets everything out, which AWS gives to each new group."""
    _revoke_all(resource, "egress")


def put_inline_rules(resource: Resource, _: set[str]) -> None:
    for way in ("ingress", "egress"):
        _revoke_all(resource, way)
        rules = []
        for each in resource.args.get(way) or []:
            rule = permission(each)
            if each.get("self"):
                rule.setdefault("UserIdGroupPairs", []).append({"GroupId": resource.get("id")})
            rules.append(rule)
        if rules:
            resource.call(f"authorize_security_group_{way}", {"GroupId": resource.get("id"), "IpPermissions": rules})


def adopt_default_group(resource: Resource) -> dict[str, Any]:
    """The VPC's own group, which nobody can delete, taken over and emptied."""
    filters = [{"Name": "vpc-id", "Values": [resource.get("vpc_id")]}, {"Name": "group-name", "Values": ["default"]}]
    (group,) = resource.call("describe_security_groups", {"Filters": filters})["SecurityGroups"]
    resource.state["id"] = group["GroupId"]
    put_inline_rules(resource, set())
    return {"SecurityGroup": group}


def read_default_group(resource: Resource) -> dict[str, Any] | None:
    """An emptied group that somebody gave a rule is another one, though no argument names that rule."""
    groups = resource.call("describe_security_groups", {"GroupIds": [resource.get("id")]})["SecurityGroups"]
    return dict(groups[0]) if groups else None


# ---- launch templates


def latest_version(resource: Resource) -> dict[str, Any]:
    answer = resource.call(
        "describe_launch_template_versions", {"LaunchTemplateId": resource.get("id"), "Versions": ["$Latest"]}
    )
    (version,) = answer["LaunchTemplateVersions"]
    return {name: version[name] for name in ("LaunchTemplateData", "VersionDescription") if name in version}


def new_version(resource: Resource, changed: set[str]) -> None:
    told = changed - {"update_default_version"}
    if not told:
        return
    params = resource.request("create_launch_template_version").params
    answer = resource.call("create_launch_template_version", {**params, "LaunchTemplateId": resource.get("id")})
    if resource.get("update_default_version"):
        number = str(answer["LaunchTemplateVersion"]["VersionNumber"])
        resource.call("modify_launch_template", {"LaunchTemplateId": resource.get("id"), "DefaultVersion": number})
