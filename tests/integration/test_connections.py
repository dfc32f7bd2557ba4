"""Who may talk to whom in the deployed VPC: what the stack declares, and nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from lib.settings.services import url_variable
from tests.integration.deployment import Block, Deployment, told

INTERNET = "0.0.0.0/0"
NFS_PORT = 2049


class Edge(NamedTuple):
    """An open port. `what` is a port, or the whole rule where it opens more than one TCP port."""

    source: str
    target: str
    what: object


@pytest.fixture(scope="module")
def declared(deployment: Deployment) -> set[Edge]:
    """What listeners, target groups, containers and instances speak of."""
    names = {name: id for id, name in deployment.security_groups().items()}
    balancer = names["load_balancer"]
    edges = set() if deployment.is_internal else {Edge(INTERNET, balancer, port) for port in deployment.listeners()}
    if "http_api" in names:
        edges.add(Edge(names["http_api"], balancer, 443 if deployment.has_tls else 80))
    for target in deployment.targets():
        edges.add(Edge(balancer, names[target], deployment.target_group(target)["Port"]))
        edges.add(Edge(names[target], INTERNET, 443))
        edges |= {Edge(names[target], names[store], port) for store, port in stores(deployment, target)}
    for service in deployment.all("service_names"):
        edges |= {Edge(names[service], names[peer], port) for peer, port in peers(deployment, service)}
    return edges


def stores(deployment: Deployment, target: str) -> set[tuple[str, int]]:
    """What a service or a fleet is told to keep its data in, and on which port."""
    variables = deployment.environment(target)
    return {
        (store.lower(), int(variables[f"{store}_{port}"]))
        for store in ("CACHE", "DATABASE")
        for port in ("PORT", "READER_PORT")
        if f"{store}_{port}" in variables
    }


def peers(deployment: Deployment, service: str) -> set[tuple[str, int]]:
    """What services have beside that: shared files, and each other."""
    variables = deployment.environment(service)
    mounts = any("efsVolumeConfiguration" in volume for volume in deployment.task_definition(service)["volumes"])
    called = [other for other in deployment["service_names"] if url_variable(other) in variables]
    return ({("files", NFS_PORT)} if mounts else set()) | {
        (other, deployment.target_group(other)["Port"]) for other in called
    }


@pytest.fixture(scope="module")
def rules(deployment: Deployment) -> list[Block]:
    """The rules of the stack's groups."""
    pages = (
        deployment.client("ec2")
        .get_paginator("describe_security_group_rules")
        .paginate(Filters=[{"Name": "group-id", "Values": list(deployment.security_groups())}])
    )
    return [rule for page in pages for rule in page["SecurityGroupRules"]]


def edge(rule: Block) -> Edge:
    group: str = rule["GroupId"]
    other = rule.get("ReferencedGroupInfo", {}).get("GroupId") or rule.get("CidrIpv4") or rule.get("CidrIpv6") or "?"
    is_one_port = rule["IpProtocol"] == "tcp" and rule["FromPort"] == rule["ToPort"]
    what: Any = rule["FromPort"] if is_one_port else (rule["IpProtocol"], rule["FromPort"], rule["ToPort"])
    return Edge(group, other, what) if rule["IsEgress"] else Edge(other, group, what)


def test_groups_let_in_exactly_what_is_declared(rules: list[Block], declared: set[Edge]) -> None:
    found = {edge(rule) for rule in rules if not rule["IsEgress"]}
    assert found == {edge for edge in declared if edge.target != INTERNET}


def test_groups_let_out_exactly_what_is_declared(rules: list[Block], declared: set[Edge]) -> None:
    found = {edge(rule) for rule in rules if rule["IsEgress"]}
    assert found == {edge for edge in declared if edge.source != INTERNET}


def test_every_rule_says_what_it_is_for(rules: list[Block]) -> None:
    for rule in rules:
        told(f"description of the rule {rule['SecurityGroupRuleId']}", rule.get("Description"))


def test_vpc_has_no_other_group_but_its_closed_default_one(deployment: Deployment) -> None:
    in_vpc = [{"Name": "vpc-id", "Values": [deployment["vpc_id"]]}]
    pages = deployment.client("ec2").get_paginator("describe_security_groups").paginate(Filters=in_vpc)
    groups = {group["GroupId"]: group for page in pages for group in page["SecurityGroups"]}
    (default,) = [group for id, group in groups.items() if id not in deployment.security_groups()]
    assert default["GroupName"] == "default"
    assert (default["IpPermissions"], default["IpPermissionsEgress"]) == ([], [])
    assert deployment.security_groups().keys() <= groups.keys()
