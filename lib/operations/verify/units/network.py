"""The VPC: its ways in and out, and the record of who talked to whom."""

from __future__ import annotations

from collections.abc import Iterator

from lib.naming import Kind
from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import Unit
from lib.operations.verify.words import expect, expect_all, expect_true, expect_within, one

UNIT = Unit("network", "Network")

TIERS = ("public", "private", "isolated")
INTERNET = frozenset({"0.0.0.0/0", "::/0"})
ENDPOINTS = ("s3", "dynamodb")


@UNIT.check("The VPC is available, resolves names, and has the subnets of its tiers and no other")
def vpc(stack: Deployment) -> Iterator[str]:
    found = one(stack.ask("ec2", "describe_vpcs", VpcIds=[stack["vpc_id"]])["Vpcs"], f"VPC {stack['vpc_id']}")
    yield from expect("the VPC's state", found["State"], "available")
    subnets = {id for tier in TIERS for id in stack[f"{tier}_subnet_ids"]}
    yield from expect("the set of subnets", set(stack.subnets()), subnets)
    for attribute, member in (("enableDnsSupport", "EnableDnsSupport"), ("enableDnsHostnames", "EnableDnsHostnames")):
        answer = stack.ask("ec2", "describe_vpc_attribute", VpcId=stack["vpc_id"], Attribute=attribute)
        yield from expect(attribute, answer[member]["Value"], True)


@UNIT.check("The subnets of each tier are in different zones, two or more, and the same for every tier")
def zones(stack: Deployment) -> Iterator[str]:
    subnets = stack.subnets()
    of_tiers = {}
    for tier in TIERS:
        of_tiers[tier] = [subnets[id]["AvailabilityZone"] for id in stack[f"{tier}_subnet_ids"]]
        distinct = len(set(of_tiers[tier]))
        if distinct < max(2, len(of_tiers[tier])):
            yield f"the {tier} subnets are in {', '.join(of_tiers[tier])}"
    for tier in TIERS[1:]:
        yield from expect(f"the zones of the {tier} subnets", set(of_tiers[tier]), set(of_tiers["public"]))


@UNIT.check("No subnet gives out public addresses")
def no_public_addresses(stack: Deployment) -> Iterator[str]:
    for id, subnet in stack.subnets().items():
        yield from expect(f"MapPublicIpOnLaunch of {id}", subnet["MapPublicIpOnLaunch"], False)


@UNIT.check("Public subnets lead to the internet through a gateway that is attached to the VPC")
def public_way_out(stack: Deployment) -> Iterator[str]:
    gateways = stack.ask(
        "ec2", "describe_internet_gateways", Filters=[{"Name": "attachment.vpc-id", "Values": [stack["vpc_id"]]}]
    )
    gateway = one(gateways["InternetGateways"], "internet gateway of the VPC")["InternetGatewayId"]
    for subnet in stack["public_subnet_ids"]:
        ways = routes_out(stack.route_table(subnet))
        yield from expect(f"the way out of {subnet}", ways, [("active", gateway)])


@UNIT.check(
    "Private subnets lead to the internet through a NAT gateway of the stack, one in their own zone if there is"
)
def private_way_out(stack: Deployment) -> Iterator[str]:
    zone_of = nat_zones(stack)
    subnets = stack.subnets()
    for subnet in stack["private_subnet_ids"]:
        (state, gateway), *others = routes_out(stack.route_table(subnet)) or [("missing", "")]
        yield from expect(f"the number of ways out of {subnet}", 1 + len(others), 1)
        yield from expect(f"the state of the way out of {subnet}", state, "active")
        zone = subnets[subnet]["AvailabilityZone"]
        if gateway not in zone_of:
            yield f"the way out of {subnet} is {gateway or 'missing'}, not one of the stack's NAT gateways"
        elif zone in zone_of.values():
            yield from expect(f"the zone of the NAT gateway of {subnet}", zone_of[gateway], zone)


@UNIT.check("Isolated subnets have no way out: no route but the VPC's own")
def isolated_has_no_way_out(stack: Deployment) -> Iterator[str]:
    for subnet in stack["isolated_subnet_ids"]:
        for route in stack.route_table(subnet)["Routes"]:
            if way(route) != "local":
                destination = route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock")
                destination = destination or route.get("DestinationPrefixListId")
                yield f"{subnet} has a route to {destination} through {way(route)}"


@UNIT.check("The NAT gateways are available in public subnets, one for all zones or one for each")
def nat_gateways(stack: Deployment) -> Iterator[str]:
    ids = stack["nat_gateway_ids"]
    found = stack.ask("ec2", "describe_nat_gateways", NatGatewayIds=ids)["NatGateways"]
    yield from expect("the set of NAT gateways", {gateway["NatGatewayId"] for gateway in found}, set(ids))
    for gateway in found:
        id = gateway["NatGatewayId"]
        yield from expect(f"the state of {id}", gateway["State"], "available")
        yield from expect_within(f"subnets of {id}", [gateway["SubnetId"]], stack["public_subnet_ids"])
        addresses = [address.get("PublicIp") for address in gateway["NatGatewayAddresses"]]
        yield from expect_true(all(addresses) and addresses, f"{id} has no public address")
    if len(ids) > 1:
        yield from expect("the number of NAT gateways", len(ids), len(stack["public_subnet_ids"]))
        yield from expect("the number of zones with a NAT gateway", len(set(nat_zones(stack).values())), len(ids))


@UNIT.check("S3 and DynamoDB are reached from the private subnets without NAT")
def gateway_endpoints(stack: Deployment) -> Iterator[str]:
    found = {
        endpoint["ServiceName"].rpartition(".")[2]: endpoint
        for endpoint in stack.in_vpc("describe_vpc_endpoints")["VpcEndpoints"]
        if endpoint["VpcEndpointType"] == "Gateway"
    }
    tables = {stack.route_table(subnet)["RouteTableId"] for subnet in stack["private_subnet_ids"]}
    for service in ENDPOINTS:
        if service not in found:
            yield f"there is no endpoint of {service}"
            continue
        yield from expect(f"the state of the endpoint of {service}", found[service]["State"].lower(), "available")
        yield from expect(f"the tables of the endpoint of {service}", set(found[service]["RouteTableIds"]), tables)


@UNIT.check("All connections are recorded in the stack's log group")
def flow_log(stack: Deployment) -> Iterator[str]:
    of_vpc = [{"Name": "resource-id", "Values": [stack["vpc_id"]]}]
    record = one(stack.ask("ec2", "describe_flow_logs", Filters=of_vpc)["FlowLogs"], "flow log of the VPC")
    yield from expect_all("the flow log", {"FlowLogStatus": "ACTIVE", "TrafficType": "ALL"}, record)
    group = stack.names.of(Kind.LOG_GROUP, "network", "flows")
    named = record.get("LogGroupName") or record["LogDestination"].removesuffix(":*").rpartition(":log-group:")[2]
    yield from expect("the log group of the flow log", named, group)


@UNIT.check("The flow log's last delivery did not fail", needs_aws="an emulator sends no packets")
def flow_log_is_delivered(stack: Deployment) -> Iterator[str]:
    of_vpc = [{"Name": "resource-id", "Values": [stack["vpc_id"]]}]
    for record in stack.ask("ec2", "describe_flow_logs", Filters=of_vpc)["FlowLogs"]:
        if record.get("DeliverLogsStatus") == "FAILED":
            yield f"the flow log is not delivered: {record.get('DeliverLogsErrorMessage', 'AWS does not say why')}"


def nat_zones(stack: Deployment) -> dict[str, str]:
    """NAT gateway -> its zone."""
    found = stack.ask("ec2", "describe_nat_gateways", NatGatewayIds=stack["nat_gateway_ids"])["NatGateways"]
    subnets = stack.subnets()
    return {each["NatGatewayId"]: subnets.get(each["SubnetId"], {}).get("AvailabilityZone", "") for each in found}


def routes_out(table: Block) -> list[tuple[str, str]]:
    """State and way of each route to anywhere."""
    return [
        (route["State"], way(route))
        for route in table["Routes"]
        if {route.get("DestinationCidrBlock"), route.get("DestinationIpv6CidrBlock")} & INTERNET
    ]


def way(route: Block) -> str:
    """What a route leads through: all but `local` leads out."""
    ways = [
        str(value)
        for member, value in sorted(route.items())
        if member.endswith(("GatewayId", "Id", "Arn")) and not member.startswith("Destination") and value
    ]
    return next((each for each in ways if not each.isdigit()), "nothing")
