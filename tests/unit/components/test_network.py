"""Network: each test says what would break, or be open, in AWS if it failed."""

from ipaddress import IPv4Network

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.network import Network, subnet_blocks
from lib.naming import Names
from lib.settings.network import Network as Settings
from tests.template import Block, Template, statements

KEY = "arn:aws:kms:eu-west-1:111122223333:key/logs"
ANYWHERE = "0.0.0.0/0"


def build(scope: Construct, settings: Settings) -> Network:
    account = Account(scope, "account", region="eu-west-1")
    return Network(
        scope, "network", names=Names("shop", "dev-001"), settings=settings, account=account, log_key_arn=KEY
    )


def template_of(settings: Settings) -> Template:
    return Template.of_components(lambda scope: build(scope, settings))


def alarms_of(settings: Settings) -> list[Alarm]:
    alarms: list[Alarm] = []
    Template.of_components(lambda scope: alarms.extend(build(scope, settings).alarms()))
    return alarms


@pytest.fixture(scope="module")
def template() -> Template:
    return template_of(Settings(flow_log_retention_days=30))


@pytest.fixture(scope="module")
def per_zone() -> Template:
    return template_of(Settings(zone_count=3, nat_gateways="per_zone"))


def named(template: Template, kind: str, part: str) -> Block:
    (resource,) = [each for name, each in template.named(kind).items() if f"_{part}_" in name]
    return resource


def reference(template: Template, kind: str, part: str, attribute: str = "id") -> str:
    (name,) = [name for name in template.named(kind) if f"_{part}_" in name]
    return f"${{{kind}.{name}.{attribute}}}"


def subnet_name(resource: Block) -> str:
    return str(resource["tags"]["Name"])


# Address blocks


def test_a_tier_is_a_row_of_four_places() -> None:
    assert subnet_blocks("10.0.0.0/16", 24, 2) == {
        "public": ["10.0.0.0/24", "10.0.1.0/24"],
        "private": ["10.0.4.0/24", "10.0.5.0/24"],
        "isolated": ["10.0.8.0/24", "10.0.9.0/24"],
    }


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "10.3.0.0/20", "172.16.128.0/17"])
def test_more_zones_move_no_subnet(cidr: str) -> None:
    two, three, four = (subnet_blocks(cidr, 24, count) for count in (2, 3, 4))
    for tier, blocks in two.items():
        assert three[tier][:2] == blocks
        assert four[tier][:3] == three[tier]


def test_a_tier_is_one_aligned_block() -> None:
    for blocks in subnet_blocks("10.0.0.0/20", 24, 4).values():
        assert IPv4Network(blocks[0]).supernet(new_prefix=22) == IPv4Network(blocks[3]).supernet(new_prefix=22)


def test_a_small_vpc_has_a_place_for_each_zone_and_no_more() -> None:
    assert subnet_blocks("10.0.0.0/24", 27, 2) == {
        "public": ["10.0.0.0/27", "10.0.0.32/27"],
        "private": ["10.0.0.64/27", "10.0.0.96/27"],
        "isolated": ["10.0.0.128/27", "10.0.0.160/27"],
    }


# VPC and subnets


def test_vpc_resolves_private_names(template: Template) -> None:
    vpc = template.only("aws_vpc")
    assert vpc["cidr_block"] == "10.0.0.0/16"
    assert vpc["enable_dns_support"] is True
    assert vpc["enable_dns_hostnames"] is True
    assert vpc["tags"] == {"Name": "shop-dev-001-network-vpc"}


def test_default_security_group_lets_nothing_through(template: Template) -> None:
    group = template.only("aws_default_security_group")
    assert group["vpc_id"] == reference(template, "aws_vpc", "vpc")
    assert group["ingress"] == []
    assert group["egress"] == []
    assert group["tags"] == {"Name": "shop-dev-001-default-closed"}


def test_default_network_acl_is_left_alone(template: Template) -> None:
    assert template.all("aws_default_network_acl") == []
    assert template.all("aws_network_acl") == []


def test_each_zone_has_a_subnet_of_each_tier(template: Template) -> None:
    assert {subnet_name(subnet): subnet["cidr_block"] for subnet in template.all("aws_subnet")} == {
        "shop-dev-001-public-1": "10.0.0.0/24",
        "shop-dev-001-public-2": "10.0.1.0/24",
        "shop-dev-001-private-1": "10.0.4.0/24",
        "shop-dev-001-private-2": "10.0.5.0/24",
        "shop-dev-001-isolated-1": "10.0.8.0/24",
        "shop-dev-001-isolated-2": "10.0.9.0/24",
    }


def test_three_zones_have_nine_subnets(per_zone: Template) -> None:
    assert len(per_zone.all("aws_subnet")) == 9


def test_no_subnet_gives_out_public_addresses(template: Template) -> None:
    assert [subnet["map_public_ip_on_launch"] for subnet in template.all("aws_subnet")] == [False] * 6


def test_subnets_lie_in_the_vpc(template: Template) -> None:
    assert {subnet["vpc_id"] for subnet in template.all("aws_subnet")} == {reference(template, "aws_vpc", "vpc")}


def test_zones_are_the_first_that_the_region_offers(template: Template) -> None:
    (zones,) = template.document["data"]["aws_availability_zones"]
    for subnet in template.all("aws_subnet"):
        index = int(subnet_name(subnet)[-1]) - 1
        assert subnet["availability_zone"] == f"${{data.aws_availability_zones.{zones}.names[{index}]}}"


def test_zones_are_available_ones_and_no_local_zones(template: Template) -> None:
    (zones,) = template.data("aws_availability_zones")
    assert zones["state"] == "available"
    assert zones["filter"] == [{"name": "opt-in-status", "values": ["opt-in-not-required"]}]


def test_a_region_with_too_few_zones_is_told_so(per_zone: Template) -> None:
    (zones,) = per_zone.data("aws_availability_zones")
    (condition,) = zones["lifecycle"]["postcondition"]
    assert condition["condition"] == "${length(self.names) >= 3}"
    assert "fewer than 3 availability zones" in condition["error_message"]


def test_named_zones_are_taken_and_none_looked_up() -> None:
    template = template_of(Settings(zone_names=("eu-west-1c", "eu-west-1a")))
    assert template.data("aws_availability_zones") == []
    assert {subnet_name(subnet)[-1]: subnet["availability_zone"] for subnet in template.all("aws_subnet")} == {
        "1": "eu-west-1c",
        "2": "eu-west-1a",
    }


# Ways out


def test_public_subnets_are_routed_to_the_internet(template: Template) -> None:
    route = named(template, "aws_route", "public_route")
    assert route["destination_cidr_block"] == ANYWHERE
    assert route["gateway_id"] == reference(template, "aws_internet_gateway", "internet_gateway")
    assert route["route_table_id"] == reference(template, "aws_route_table", "public_routes")
    for number in (1, 2):
        association = named(template, "aws_route_table_association", f"public_association_{number}")
        assert association["route_table_id"] == route["route_table_id"]
        assert association["subnet_id"] == reference(template, "aws_subnet", f"public_subnet_{number}")


def test_internet_gateway_belongs_to_the_vpc(template: Template) -> None:
    gateway = template.only("aws_internet_gateway")
    assert gateway["vpc_id"] == reference(template, "aws_vpc", "vpc")
    assert gateway["tags"] == {"Name": "shop-dev-001-internet-gateway"}


def test_one_nat_gateway_serves_all_zones(template: Template) -> None:
    gateway = template.only("aws_nat_gateway")
    assert gateway["allocation_id"] == reference(template, "aws_eip", "nat_address_1", "allocation_id")
    assert gateway["tags"] == {"Name": "shop-dev-001-nat-1"}
    for number in (1, 2):
        route = named(template, "aws_route", f"private_route_{number}")
        assert route["destination_cidr_block"] == ANYWHERE
        assert route["nat_gateway_id"] == reference(template, "aws_nat_gateway", "nat_gateway_1")


def test_nat_address_is_one_of_the_vpc(template: Template) -> None:
    address = template.only("aws_eip")
    assert address["domain"] == "vpc"
    assert address["tags"] == {"Name": "shop-dev-001-nataddress-1"}


def test_each_zone_can_have_its_own_nat_gateway(per_zone: Template) -> None:
    assert len(per_zone.all("aws_eip")) == 3
    for number in (1, 2, 3):
        gateway = named(per_zone, "aws_nat_gateway", f"nat_gateway_{number}")
        assert gateway["subnet_id"] == reference(
            per_zone, "aws_route_table_association", f"public_association_{number}", "subnet_id"
        )
        assert gateway["allocation_id"] == reference(per_zone, "aws_eip", f"nat_address_{number}", "allocation_id")
        route = named(per_zone, "aws_route", f"private_route_{number}")
        assert route["nat_gateway_id"] == reference(per_zone, "aws_nat_gateway", f"nat_gateway_{number}")


def test_nat_gateway_waits_for_the_route_to_the_internet_gateway(template: Template) -> None:
    association = named(template, "aws_route_table_association", "public_association_1")
    (name,) = [name for name in template.named("aws_route") if "_public_route_" in name]
    assert template.only("aws_nat_gateway")["subnet_id"] == reference(
        template, "aws_route_table_association", "public_association_1", "subnet_id"
    )
    assert association["depends_on"] == [f"aws_route.{name}"]


def test_each_private_subnet_has_its_own_route_table(template: Template) -> None:
    for number in (1, 2):
        table = reference(template, "aws_route_table", f"private_routes_{number}")
        association = named(template, "aws_route_table_association", f"private_association_{number}")
        assert association["route_table_id"] == table
        assert association["subnet_id"] == reference(template, "aws_subnet", f"private_subnet_{number}")
        assert named(template, "aws_route", f"private_route_{number}")["route_table_id"] == table


def test_private_subnets_wait_for_their_nat_routes(template: Template) -> None:
    routes = {f"aws_route.{name}" for name in template.named("aws_route") if "_private_route_" in name}
    assert len(routes) == 2
    for number in (1, 2):
        association = named(template, "aws_route_table_association", f"private_association_{number}")
        assert set(association["depends_on"]) == routes


def test_a_change_to_nat_per_zone_turns_routes_and_moves_nothing_else() -> None:
    single = template_of(Settings(nat_gateways="single"))
    per_zone = template_of(Settings(nat_gateways="per_zone"))
    added = {"aws_eip", "aws_nat_gateway"}
    for kind, resources in single.document["resource"].items():
        for name, resource in resources.items():
            after = per_zone.named(kind)[name]
            assert {key for key in resource if resource[key] != after[key]} <= {"nat_gateway_id"}
        assert kind in added or len(resources) == len(per_zone.named(kind))


def test_isolated_subnets_have_no_way_out(template: Template) -> None:
    table = reference(template, "aws_route_table", "isolated_routes")
    for number in (1, 2):
        association = named(template, "aws_route_table_association", f"isolated_association_{number}")
        assert association["route_table_id"] == table
        assert association["subnet_id"] == reference(template, "aws_subnet", f"isolated_subnet_{number}")
    assert table not in {route["route_table_id"] for route in template.all("aws_route")}
    assert all(table not in endpoint["route_table_ids"] for endpoint in template.all("aws_vpc_endpoint"))


def test_tables_have_no_routes_but_these(template: Template) -> None:
    assert len(template.all("aws_route")) == 3
    assert all("route" not in table for table in template.all("aws_route_table"))
    assert {subnet_name(table) for table in template.all("aws_route_table")} == {
        "shop-dev-001-public-routes",
        "shop-dev-001-private-routes1",
        "shop-dev-001-private-routes2",
        "shop-dev-001-isolated-routes",
    }
    assert {table["vpc_id"] for table in template.all("aws_route_table")} == {reference(template, "aws_vpc", "vpc")}


# What others wire to


@pytest.fixture(scope="module")
def exposed() -> Template:
    def expose(scope: Construct) -> None:
        network = build(scope, Settings(cidr="10.7.0.0/16", nat_gateways="per_zone"))
        for attribute in (
            "vpc_id",
            "vpc_cidr",
            "public_subnet_ids",
            "private_subnet_ids",
            "isolated_subnet_ids",
            "nat_gateway_ids",
        ):
            TerraformOutput(scope, attribute, value=getattr(network, attribute))

    return Template.of_components(expose)


@pytest.mark.parametrize("tier", ["public", "private", "isolated"])
def test_exposes_subnets_once_routed_and_in_zone_order(exposed: Template, tier: str) -> None:
    assert exposed.outputs[f"{tier}_subnet_ids"]["value"] == [
        reference(exposed, "aws_route_table_association", f"{tier}_association_{number}", "subnet_id")
        for number in (1, 2)
    ]


def test_exposes_nat_gateways_in_zone_order(exposed: Template) -> None:
    assert exposed.outputs["nat_gateway_ids"]["value"] == [
        reference(exposed, "aws_nat_gateway", f"nat_gateway_{number}") for number in (1, 2)
    ]


def test_exposes_vpc_and_its_block(exposed: Template) -> None:
    assert exposed.outputs["vpc_id"]["value"] == reference(exposed, "aws_vpc", "vpc")
    assert exposed.outputs["vpc_cidr"]["value"] == exposed.only("aws_vpc")["cidr_block"] == "10.7.0.0/16"


# Endpoints


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_private_subnets_reach_storage_without_nat(template: Template, service: str) -> None:
    endpoint = template.only("aws_vpc_endpoint", service_name=f"com.amazonaws.eu-west-1.{service}")
    assert endpoint["vpc_endpoint_type"] == "Gateway"
    assert endpoint["vpc_id"] == reference(template, "aws_vpc", "vpc")
    assert endpoint["route_table_ids"] == [
        reference(template, "aws_route_table", f"private_routes_{number}") for number in (1, 2)
    ]
    assert endpoint["tags"] == {"Name": f"shop-dev-001-endpoint-{service}"}


def test_there_are_no_other_endpoints(template: Template) -> None:
    assert len(template.all("aws_vpc_endpoint")) == 2


def own_account(template: Template) -> Block:
    (caller,) = template.document["data"]["aws_caller_identity"]
    return {"StringEquals": {"aws:ResourceAccount": f"${{data.aws_caller_identity.{caller}.account_id}}"}}


def test_s3_endpoint_reads_anywhere_and_writes_at_home(template: Template) -> None:
    reading, own = statements(template.only("aws_vpc_endpoint", service_name="com.amazonaws.eu-west-1.s3")["policy"])
    assert reading == {
        "Sid": "ReadAnywhere",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": ["*"],
    }
    assert own == {
        "Sid": "AllOfOwnBuckets",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": ["*"],
        "Condition": own_account(template),
    }


def test_dynamodb_endpoint_reaches_own_tables_only(template: Template) -> None:
    policy = template.only("aws_vpc_endpoint", service_name="com.amazonaws.eu-west-1.dynamodb")["policy"]
    assert statements(policy) == [
        {
            "Sid": "AllOfOwnTables",
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["dynamodb:*"],
            "Resource": ["*"],
            "Condition": own_account(template),
        }
    ]


# Flow log


def test_flow_log_records_accepted_and_rejected_connections(template: Template) -> None:
    flow_log = template.only("aws_flow_log")
    assert flow_log["vpc_id"] == reference(template, "aws_vpc", "vpc")
    assert flow_log["traffic_type"] == "ALL"
    assert flow_log["log_destination_type"] == "cloud-watch-logs"
    assert flow_log["log_destination"] == template.reference("aws_cloudwatch_log_group", "arn")
    assert flow_log["iam_role_arn"] == template.reference("aws_iam_role", "arn")
    assert flow_log["max_aggregation_interval"] == 600
    assert flow_log["tags"] == {"Name": "shop-dev-001-flow-log"}


def test_flow_log_waits_for_its_permission(template: Template) -> None:
    (name,) = template.named("aws_iam_role_policy")
    assert template.only("aws_flow_log")["depends_on"] == [f"aws_iam_role_policy.{name}"]


def test_flow_log_is_encrypted_and_expires(template: Template) -> None:
    assert template.only("aws_cloudwatch_log_group") == {
        "name": "/shop/dev-001/network/flows",
        "kms_key_id": KEY,
        "retention_in_days": 30,
    }


def test_flow_log_role_is_for_flow_logs_of_this_account(template: Template) -> None:
    role = template.only("aws_iam_role")
    assert role["name"] == "shop-dev-001-network-flows"
    (trust,) = statements(role["assume_role_policy"])
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    (caller,) = template.document["data"]["aws_caller_identity"]
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": f"${{data.aws_caller_identity.{caller}.account_id}}"}
    }


def test_flow_log_role_writes_to_its_log_group_and_makes_none(template: Template) -> None:
    policy = template.only("aws_iam_role_policy")
    assert policy["name"] == "shop-dev-001-network-flows"
    assert policy["role"] == template.reference("aws_iam_role", "name")
    (name,) = template.named("aws_cloudwatch_log_group")
    assert statements(policy["policy"]) == [
        {
            "Sid": "WriteFlowLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [f"${{aws_cloudwatch_log_group.{name}.arn}}:*"],
        }
    ]


# Alarms


def test_a_nat_gateway_has_two_alarms() -> None:
    ports, drops = alarms_of(Settings())
    assert (ports.unit, ports.role, ports.namespace, ports.metric) == (
        "nat",
        "ports1",
        "AWS/NATGateway",
        "ErrorPortAllocation",
    )
    assert (ports.statistic, ports.comparison, ports.threshold) == ("Sum", "GreaterThanThreshold", 0)
    assert ports.period_seconds == 60
    assert (drops.unit, drops.role, drops.namespace, drops.metric) == (
        "nat",
        "drops1",
        "AWS/NATGateway",
        "PacketsDropCount",
    )
    assert (drops.statistic, drops.comparison, drops.threshold) == ("Sum", "GreaterThanThreshold", 100)
    assert drops.period_seconds == 300


def test_each_alarm_watches_its_own_gateway() -> None:
    def expose(scope: Construct) -> None:
        for alarm in build(scope, Settings(zone_count=3, nat_gateways="per_zone")).alarms():
            TerraformOutput(scope, alarm.role, value=dict(alarm.dimensions))

    template = Template.of_components(expose)
    assert {role: output["value"] for role, output in template.outputs.items()} == {
        f"{role}{number}": {"NatGatewayId": reference(template, "aws_nat_gateway", f"nat_gateway_{number}")}
        for role in ("ports", "drops")
        for number in (1, 2, 3)
    }
