"""Who may talk to whom in the deployed VPC: what the stack declares, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import Unit
from lib.operations.verify.words import one
from lib.settings.services import url_variable

UNIT = Unit("connections", "Connections")

INTERNET = "0.0.0.0/0"
NFS_PORT = 2049


class Edge(NamedTuple):
    """An open port. `what` is a port, or the protocol and range where it opens more than one TCP port."""

    source: str
    target: str
    what: int | str


@UNIT.check("Security groups let in exactly what listeners, targets, stores and callers need")
def let_in(stack: Deployment) -> Iterator[str]:
    found = {edge(rule) for rule in rules(stack) if not rule["IsEgress"]}
    yield from _differences(stack, found, {edge for edge in declared(stack) if edge.target != INTERNET})


@UNIT.check("Security groups let out exactly what listeners, targets, stores and callers need")
def let_out(stack: Deployment) -> Iterator[str]:
    found = {edge(rule) for rule in rules(stack) if rule["IsEgress"]}
    yield from _differences(stack, found, {edge for edge in declared(stack) if edge.source != INTERNET})


@UNIT.check("Every rule says what it is for")
def described(stack: Deployment) -> Iterator[str]:
    for rule in rules(stack):
        if not rule.get("Description"):
            yield f"{rule['SecurityGroupRuleId']} ({_words(stack, edge(rule))}) has no description"


@UNIT.check("The VPC has no security group but the stack's and its own default one, which is closed")
def no_other_group(stack: Deployment) -> Iterator[str]:
    own = stack.security_groups()
    groups = {group["GroupId"]: group for group in stack.in_vpc("describe_security_groups")["SecurityGroups"]}
    for id, name in own.items():
        if id not in groups:
            yield f"the group of {name}, {id}, is not in the VPC"
    others = [group for id, group in groups.items() if id not in own]
    for group in others:
        if group["GroupName"] != "default":
            yield f"{group['GroupId']} ({group['GroupName']}) is none of the stack's"
    default = one((each for each in others if each["GroupName"] == "default"), "default security group")
    if default["IpPermissions"] or default["IpPermissionsEgress"]:
        yield f"the default group {default['GroupId']} is open"


@UNIT.check(
    "Nothing in the VPC is behind another security group",
    needs_aws="an emulator puts interfaces of NAT gateways, which have no group, into the default one",
)
def no_other_group_in_use(stack: Deployment) -> Iterator[str]:
    own = stack.security_groups()
    for card in stack.in_vpc("describe_network_interfaces")["NetworkInterfaces"]:
        # Those of NAT gateways and of gateways have none.
        for group in card["Groups"]:
            if group["GroupId"] not in own:
                what = card.get("Description") or card.get("InterfaceType")
                yield f"{card['NetworkInterfaceId']} ({what}) is behind {group['GroupId']} ({group.get('GroupName')})"


def declared(stack: Deployment) -> set[Edge]:
    """What listeners, target groups, containers and instances speak of."""
    names = {name: id for id, name in stack.security_groups().items()}
    balancer = names["load_balancer"]
    edges = set() if stack.is_internal else {Edge(INTERNET, balancer, port) for port in stack.listeners()}
    if "http_api" in names:
        edges.add(Edge(names["http_api"], balancer, 443 if stack.has_tls else 80))
    if "rotation" in names:
        edges.add(Edge(names["rotation"], names["database"], stack["database_port"]))
        edges.add(Edge(names["rotation"], INTERNET, 443))
    for target in stack.targets():
        edges.add(Edge(balancer, names[target], stack.target_group(target)["Port"]))
        edges.add(Edge(names[target], INTERNET, 443))
        edges |= {Edge(names[target], names[store], port) for store, port in _stores(stack, target)}
    for service in stack.all("service_names"):
        edges |= {Edge(names[service], names[peer], port) for peer, port in _peers(stack, service)}
    return edges


def _stores(stack: Deployment, target: str) -> set[tuple[str, int]]:
    """What a service or a fleet is told to keep its data in, and on which port."""
    variables = stack.environment(target)
    return {
        (store.lower(), int(variables[f"{store}_{port}"]))
        for store in ("CACHE", "DATABASE")
        for port in ("PORT", "READER_PORT")
        if f"{store}_{port}" in variables and f"{store.lower()}_security_group_id" in stack
    }


def _peers(stack: Deployment, service: str) -> set[tuple[str, int]]:
    """What services have beside that: shared files, and each other."""
    variables = stack.environment(service)
    mounts = any("efsVolumeConfiguration" in volume for volume in stack.task_definition(service)["volumes"])
    called = [other for other in stack["service_names"] if url_variable(other) in variables]
    return ({("files", NFS_PORT)} if mounts and "files_security_group_id" in stack else set()) | {
        (other, stack.target_group(other)["Port"]) for other in called
    }


def rules(stack: Deployment) -> list[Block]:
    """The rules of the stack's groups."""
    of_groups = [{"Name": "group-id", "Values": list(stack.security_groups())}]
    return list(stack.ask("ec2", "describe_security_group_rules", Filters=of_groups)["SecurityGroupRules"])


def edge(rule: Block) -> Edge:
    group: str = rule["GroupId"]
    other = rule.get("ReferencedGroupInfo", {}).get("GroupId") or rule.get("CidrIpv4") or rule.get("CidrIpv6") or "?"
    first, last, protocol = rule.get("FromPort"), rule.get("ToPort"), rule["IpProtocol"]
    is_one_port = protocol == "tcp" and first == last
    what = int(first or 0) if is_one_port else f"{protocol} {first} to {last}"
    return Edge(group, other, what) if rule["IsEgress"] else Edge(other, group, what)


def _differences(stack: Deployment, found: set[Edge], wanted: set[Edge]) -> Iterator[str]:
    for extra in sorted(found - wanted, key=str):
        yield f"open and not declared: {_words(stack, extra)}"
    for missing in sorted(wanted - found, key=str):
        yield f"declared and not open: {_words(stack, missing)}"


def _words(stack: Deployment, edge: Edge) -> str:
    groups = stack.security_groups()
    names = [groups.get(each, "the internet" if each == INTERNET else each) for each in edge[:2]]
    return f"{names[0]} to {names[1]}, {'port ' if isinstance(edge.what, int) else ''}{edge.what}"
