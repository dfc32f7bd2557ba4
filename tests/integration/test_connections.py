"""Who may talk to whom in the deployed VPC: what the stack declares, and nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.integration.deployment import Block, Deployment

INTERNET = "0.0.0.0/0"
NFS_PORT = 2049


class Edge(NamedTuple):
    """An open port. `what` is a port, or the whole rule where it opens more than one TCP port."""

    source: str
    target: str
    what: object


@pytest.fixture(scope="module")
def declared(deployment: Deployment) -> set[Edge]:
    """What listeners, target groups and containers speak of."""
    names = {name: id for id, name in deployment.security_groups().items()}
    edges = {Edge(INTERNET, names["load_balancer"], port) for port in deployment.listeners()}
    for service in deployment["service_names"]:
        port = deployment.target_group(service)["Port"]
        edges.add(Edge(names["load_balancer"], names[service], port))
        edges.add(Edge(names[service], INTERNET, 443))
        edges |= {Edge(names[service], names[peer], port) for peer, port in peers(deployment, service)}
    return edges


def peers(deployment: Deployment, service: str) -> set[tuple[str, int]]:
    """What a service's container is told to talk to, and on which port."""
    variables = deployment.environment(service)
    found = {
        (store.lower(), int(variables[f"{store}_{port}"]))
        for store in ("CACHE", "DATABASE")
        for port in ("PORT", "READER_PORT")
        if f"{store}_{port}" in variables
    }
    if any("efsVolumeConfiguration" in volume for volume in deployment.task_definition(service)["volumes"]):
        found.add(("files", NFS_PORT))
    called = [other for other in deployment["service_names"] if f"{other.upper()}_URL" in variables]
    return found | {(other, deployment.target_group(other)["Port"]) for other in called}


def rules(deployment: Deployment, *, egress: bool) -> set[Edge]:
    """The rules of the stack's groups in one direction."""
    pages = (
        deployment.client("ec2")
        .get_paginator("describe_security_group_rules")
        .paginate(Filters=[{"Name": "group-id", "Values": list(deployment.security_groups())}])
    )
    return {edge(rule) for page in pages for rule in page["SecurityGroupRules"] if rule["IsEgress"] == egress}


def edge(rule: Block) -> Edge:
    group: str = rule["GroupId"]
    other = rule.get("ReferencedGroupInfo", {}).get("GroupId") or rule.get("CidrIpv4") or rule.get("CidrIpv6") or "?"
    is_one_port = rule["IpProtocol"] == "tcp" and rule["FromPort"] == rule["ToPort"]
    what: Any = rule["FromPort"] if is_one_port else (rule["IpProtocol"], rule["FromPort"], rule["ToPort"])
    return Edge(group, other, what) if rule["IsEgress"] else Edge(other, group, what)


def test_groups_let_in_exactly_what_is_declared(deployment: Deployment, declared: set[Edge]) -> None:
    assert rules(deployment, egress=False) == {edge for edge in declared if edge.target != INTERNET}


def test_groups_let_out_exactly_what_is_declared(deployment: Deployment, declared: set[Edge]) -> None:
    assert rules(deployment, egress=True) == {edge for edge in declared if edge.source != INTERNET}


def test_vpc_has_no_other_group_but_its_closed_default_one(deployment: Deployment) -> None:
    in_vpc = [{"Name": "vpc-id", "Values": [deployment["vpc_id"]]}]
    pages = deployment.client("ec2").get_paginator("describe_security_groups").paginate(Filters=in_vpc)
    groups = {group["GroupId"]: group for page in pages for group in page["SecurityGroups"]}
    (default,) = [group for id, group in groups.items() if id not in deployment.security_groups()]
    assert default["GroupName"] == "default"
    assert (default["IpPermissions"], default["IpPermissionsEgress"]) == ([], [])
    assert deployment.security_groups().keys() <= groups.keys()


@pytest.mark.parametrize(("tier", "ways"), [("public", {"igw"}), ("private", {"nat"}), ("isolated", set())])
def test_subnets_have_the_way_out_of_their_tier(deployment: Deployment, tier: str, ways: set[str]) -> None:
    for subnet in deployment[f"{tier}_subnet_ids"]:
        (table,) = deployment.client("ec2").describe_route_tables(
            Filters=[{"Name": "association.subnet-id", "Values": [subnet]}]
        )["RouteTables"]
        out = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == INTERNET]
        used = [route.get("GatewayId") or route.get("NatGatewayId") or "other" for route in out]
        assert {gateway.partition("-")[0] for gateway in used} == ways
        assert {route["State"] for route in out} <= {"active"}
