"""The VPC: its ways in and out, and the record of who talked to whom."""

from __future__ import annotations

import pytest

from lib.naming import Kind
from tests.integration.deployment import Block, Deployment

INTERNET = "0.0.0.0/0"
TIERS = ("public", "private", "isolated")


@pytest.fixture(scope="module")
def subnets(deployment: Deployment) -> dict[str, Block]:
    """Id -> subnet, of all in the VPC."""
    in_vpc = [{"Name": "vpc-id", "Values": [deployment["vpc_id"]]}]
    pages = deployment.client("ec2").get_paginator("describe_subnets").paginate(Filters=in_vpc)
    return {subnet["SubnetId"]: subnet for page in pages for subnet in page["Subnets"]}


def test_vpc_has_the_subnets_of_its_tiers_and_no_other(deployment: Deployment, subnets: dict[str, Block]) -> None:
    assert sorted(subnets) == sorted(id for tier in TIERS for id in deployment[f"{tier}_subnet_ids"])


@pytest.mark.parametrize("tier", TIERS)
def test_subnets_of_a_tier_are_in_different_zones(deployment: Deployment, subnets: dict[str, Block], tier: str) -> None:
    zones = [subnets[id]["AvailabilityZone"] for id in deployment[f"{tier}_subnet_ids"]]
    assert len(set(zones)) == len(zones) >= 2


def test_no_subnet_gives_out_public_addresses(subnets: dict[str, Block]) -> None:
    assert [id for id, subnet in subnets.items() if subnet["MapPublicIpOnLaunch"]] == []


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


def test_nat_gateways_are_available_in_the_public_subnets(deployment: Deployment) -> None:
    answer = deployment.client("ec2").describe_nat_gateways(NatGatewayIds=deployment["nat_gateway_ids"])
    assert {gateway["State"] for gateway in answer["NatGateways"]} == {"available"}
    assert {gateway["SubnetId"] for gateway in answer["NatGateways"]} <= set(deployment["public_subnet_ids"])
    assert {address["PublicIp"] for gateway in answer["NatGateways"] for address in gateway["NatGatewayAddresses"]}


def test_s3_and_dynamodb_are_reached_without_nat(deployment: Deployment) -> None:
    ec2 = deployment.client("ec2")
    in_vpc = [{"Name": "vpc-id", "Values": [deployment["vpc_id"]]}]
    gateways = {
        endpoint["ServiceName"].rpartition(".")[2]: endpoint
        for endpoint in ec2.describe_vpc_endpoints(Filters=in_vpc)["VpcEndpoints"]
        if endpoint["VpcEndpointType"] == "Gateway"
    }
    private = [{"Name": "association.subnet-id", "Values": deployment["private_subnet_ids"]}]
    tables = {table["RouteTableId"] for table in ec2.describe_route_tables(Filters=private)["RouteTables"]}
    for service in ("s3", "dynamodb"):
        assert gateways[service]["State"].lower() == "available"
        assert set(gateways[service]["RouteTableIds"]) == tables


def test_all_connections_are_recorded(deployment: Deployment) -> None:
    of_vpc = [{"Name": "resource-id", "Values": [deployment["vpc_id"]]}]
    (record,) = deployment.client("ec2").describe_flow_logs(Filters=of_vpc)["FlowLogs"]
    assert (record["FlowLogStatus"], record["TrafficType"]) == ("ACTIVE", "ALL")
    group = deployment.names.of(Kind.LOG_GROUP, "network", "flows")
    assert record.get("LogGroupName") == group or record["LogDestination"].removesuffix(":*").endswith(f":{group}")
