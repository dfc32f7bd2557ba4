"""The VPC: where everything runs, its ways in and out, and a record of who talked to whom."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network
from itertools import cycle, islice
from typing import Literal

from cdktf import Postcondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.data_aws_availability_zones import (
    DataAwsAvailabilityZones,
    DataAwsAvailabilityZonesFilter,
)
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.flow_log import FlowLog
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from constructs import Construct

from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.connections import INTERNET
from lib.components.policy import Statement, document, trust
from lib.naming import Kind, Names
from lib.settings.network import Network as Settings

TIERS = ("public", "private", "isolated")
RESERVED_ZONES = 4
"""Places for subnets in each tier: as many as the settings allow zones."""


def subnet_blocks(cidr: str, prefix_length: int, zone_count: int) -> dict[str, list[str]]:
    """Tier -> the address block of its subnet in each zone.

    A tier is a row of four places, so that a third and a fourth zone take theirs and no subnet has to move.
    A VPC too small for that has a place for each zone and no more.
    """
    network = IPv4Network(cidr)
    places = 2 ** (prefix_length - network.prefixlen)
    row = RESERVED_ZONES if places >= RESERVED_ZONES * len(TIERS) else zone_count
    blocks = [str(block) for block in islice(network.subnets(new_prefix=prefix_length), row * len(TIERS))]
    return {tier: blocks[index * row : index * row + zone_count] for index, tier in enumerate(TIERS)}


class Network(Construct):
    """A VPC with a public, a private and an isolated subnet in each zone.

    Public: load balancer and NAT gateways, routed to the internet. Private: tasks, which get out through NAT.
    Isolated: databases, caches and files, which reach nothing outside the VPC.

    The ids of subnets can be had only once the subnet's routes are there, because they are read from the
    association: AWS refuses a public load balancer in a VPC without a way out, and a task that starts before its NAT
    route cannot pull its image.
    """

    def __init__(
        self, scope: Construct, id: str, *, names: Names, settings: Settings, account: Account, log_key_arn: str
    ) -> None:
        super().__init__(scope, id)
        self._names = names
        self.vpc_cidr = settings.cidr
        self.vpc_id = self._build_vpc()
        self._close_default_security_group()
        self.zones = list(settings.zone_names) or self._first_zones(settings.zone_count)
        """Their names, in the order of the subnets of each tier."""
        public, private, isolated = self._build_subnets(settings)
        self.public_subnet_ids = self._build_public_routes(public)
        self.nat_gateway_ids = self._build_nat_gateways(settings.nat_gateways)
        private_tables = self._build_private_tables(settings.zone_count)
        self.private_subnet_ids = self._build_private_routes(private, private_tables)
        self.isolated_subnet_ids = self._build_isolated_routes(isolated)
        self._build_endpoints(account, private_tables)
        self._build_flow_log(account, log_key_arn, settings.flow_log_retention_days)

    def alarms(self) -> list[Alarm]:
        return [
            alarm for number, gateway in enumerate(self.nat_gateway_ids, 1) for alarm in _nat_alarms(number, gateway)
        ]

    def _tags(self, *parts: str) -> dict[str, str]:
        return {"Name": self._names.of(Kind.NETWORK, *parts)}

    def _build_vpc(self) -> str:
        return Vpc(
            self,
            "vpc",
            cidr_block=self.vpc_cidr,
            # Private DNS of file systems, databases and caches needs both.
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._tags("network", "vpc"),
        ).id

    def _close_default_security_group(self) -> None:
        """Takes every rule from the group that AWS gives to what names no group of its own."""
        DefaultSecurityGroup(
            self,
            "default_security_group",
            vpc_id=self.vpc_id,
            ingress=[],
            egress=[],
            tags=self._tags("default", "closed"),
        )

    def _build_subnets(self, settings: Settings) -> list[list[Subnet]]:
        """Tier by tier, in the order of the zones."""
        blocks = subnet_blocks(settings.cidr, settings.subnet_prefix_length, settings.zone_count)
        return [
            [
                Subnet(
                    self,
                    f"{tier}_subnet_{number}",
                    vpc_id=self.vpc_id,
                    cidr_block=block,
                    availability_zone=zone,
                    # NAT gateways and load balancers bring their own addresses; nothing else here may have one.
                    map_public_ip_on_launch=False,
                    tags=self._tags(tier, str(number)),
                )
                for number, (block, zone) in enumerate(zip(blocks[tier], self.zones, strict=True), 1)
            ]
            for tier in TIERS
        ]

    def _first_zones(self, count: int) -> list[str]:
        zones = DataAwsAvailabilityZones(
            self,
            "zones",
            state="available",
            # Without local zones, which have no NAT gateways and not all instance types.
            filter=[DataAwsAvailabilityZonesFilter(name="opt-in-status", values=["opt-in-not-required"])],
            lifecycle=TerraformResourceLifecycle(
                postcondition=[
                    Postcondition(
                        condition=f"${{length(self.names) >= {count}}}",
                        error_message=f"The region offers fewer than {count} availability zones: lower"
                        " network.zone_count.",
                    )
                ]
            ),
        )
        return [zones.get_string_attribute(f"names[{index}]") for index in range(count)]

    def _build_table(self, id: str, *name: str) -> RouteTable:
        return RouteTable(self, id, vpc_id=self.vpc_id, tags=self._tags(*name))

    def _build_public_routes(self, subnets: Sequence[Subnet]) -> list[str]:
        gateway = InternetGateway(self, "internet_gateway", vpc_id=self.vpc_id, tags=self._tags("internet", "gateway"))
        table = self._build_table("public_routes", "public", "routes")
        route = Route(
            self, "public_route", route_table_id=table.id, destination_cidr_block=INTERNET, gateway_id=gateway.id
        )
        return self._associate("public", subnets, [table] * len(subnets), [route])

    def _build_nat_gateways(self, how_many: Literal["single", "per_zone"]) -> list[str]:
        subnet_ids = self.public_subnet_ids if how_many == "per_zone" else self.public_subnet_ids[:1]
        return [self._build_nat_gateway(number, subnet_id) for number, subnet_id in enumerate(subnet_ids, 1)]

    def _build_nat_gateway(self, number: int, subnet_id: str) -> str:
        address = Eip(self, f"nat_address_{number}", domain="vpc", tags=self._tags("nataddress", str(number)))
        return NatGateway(
            self,
            f"nat_gateway_{number}",
            allocation_id=address.allocation_id,
            subnet_id=subnet_id,
            tags=self._tags("nat", str(number)),
        ).id

    def _build_private_tables(self, zone_count: int) -> list[RouteTable]:
        """One a zone, also with a single NAT gateway: a change to one per zone then only turns routes."""
        return [
            self._build_table(f"private_routes_{number}", "private", f"routes{number}")
            for number in range(1, zone_count + 1)
        ]

    def _build_private_routes(self, subnets: Sequence[Subnet], tables: Sequence[RouteTable]) -> list[str]:
        routes = [
            Route(
                self,
                f"private_route_{number}",
                route_table_id=table.id,
                destination_cidr_block=INTERNET,
                nat_gateway_id=gateway_id,
            )
            for number, (table, gateway_id) in enumerate(zip(tables, cycle(self.nat_gateway_ids), strict=False), 1)
        ]
        return self._associate("private", subnets, tables, routes)

    def _build_isolated_routes(self, subnets: Sequence[Subnet]) -> list[str]:
        """No way out, not even to S3: what lives here answers and never calls."""
        table = self._build_table("isolated_routes", "isolated", "routes")
        return self._associate("isolated", subnets, [table] * len(subnets), [])

    def _associate(
        self, tier: str, subnets: Sequence[Subnet], tables: Sequence[RouteTable], routes: Sequence[Route]
    ) -> list[str]:
        """Gives each subnet its table, once the routes are there. Returns the ids of the subnets, now routed."""
        return [
            RouteTableAssociation(
                self,
                f"{tier}_association_{number}",
                subnet_id=subnet.id,
                route_table_id=table.id,
                depends_on=[*routes] or None,
            ).get_string_attribute("subnet_id")
            for number, (subnet, table) in enumerate(zip(subnets, tables, strict=True), 1)
        ]

    def _build_endpoints(self, account: Account, tables: Sequence[RouteTable]) -> None:
        """S3 and DynamoDB without the way, and the price, through NAT.

        Their policies grant nothing. They bound what can be done from in here, with whatever credentials: no bucket of
        another account is written to, no table of another account is asked.
        https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
        """
        own = {"StringEquals": {"aws:ResourceAccount": account.id}}
        reading = Statement(
            sid="ReadAnywhere",
            # Layers of ECR images and packages of Amazon Linux lie in buckets of AWS, which are many and change.
            # https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
            actions=["s3:GetObject", "s3:ListBucket"],
            resources=["*"],
            principal="*",
        )
        own_buckets = Statement(sid="AllOfOwnBuckets", actions=["s3:*"], resources=["*"], principal="*", condition=own)
        own_tables = Statement(
            sid="AllOfOwnTables", actions=["dynamodb:*"], resources=["*"], principal="*", condition=own
        )
        for service, policy in (("s3", document(reading, own_buckets)), ("dynamodb", document(own_tables))):
            VpcEndpoint(
                self,
                f"{service}_endpoint",
                vpc_id=self.vpc_id,
                vpc_endpoint_type="Gateway",
                service_name=f"com.amazonaws.{account.region}.{service}",
                route_table_ids=[table.id for table in tables],
                policy=policy,
                tags=self._tags("endpoint", service),
            )

    def _build_flow_log(self, account: Account, log_key_arn: str, retention_days: int) -> None:
        log_group = CloudwatchLogGroup(
            self,
            "flow_log_group",
            name=self._names.of(Kind.LOG_GROUP, "network", "flows"),
            retention_in_days=retention_days,
            kms_key_id=log_key_arn,
        )
        role = IamRole(
            self,
            "flow_log_role",
            name=self._names.of(Kind.IAM_ROLE, "network", "flows"),
            description="VPC flow logs: writes the record of connections.",
            assume_role_policy=trust("vpc-flow-logs.amazonaws.com", account_id=account.id),
        )
        permission = IamRolePolicy(
            self,
            "flow_log_permission",
            role=role.name,
            name=self._names.of(Kind.IAM_ROLE, "network", "flows"),
            policy=document(
                Statement(
                    sid="WriteFlowLogs",
                    # Not logs:CreateLogGroup: a late record would bring the group back after a destroy, unencrypted.
                    # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
                    actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    resources=[f"{log_group.arn}:*"],
                )
            ),
        )
        FlowLog(
            self,
            "flow_log",
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=log_group.arn,
            iam_role_arn=role.arn,
            # Seconds. 60, the other choice, writes and costs several times as much.
            max_aggregation_interval=600,
            tags=self._tags("flow", "log"),
            depends_on=[permission],
        )


def _nat_alarms(number: int, gateway_id: str) -> list[Alarm]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html"""
    dimensions = {"NatGatewayId": gateway_id}
    return [
        Alarm(
            unit="nat",
            role=f"ports{number}",
            namespace="AWS/NATGateway",
            metric="ErrorPortAllocation",
            statistic="Sum",
            threshold=0,
            dimensions=dimensions,
            why="The NAT gateway had no port left for new connections to one destination: tasks cannot reach it."
            " Reuse connections, or give the gateway more addresses.",
        ),
        Alarm(
            unit="nat",
            role=f"drops{number}",
            namespace="AWS/NATGateway",
            metric="PacketsDropCount",
            statistic="Sum",
            # AWS advises 0.01 % of the traffic: this is it at about 3,300 packets a second, and noise below.
            threshold=100,
            period_seconds=300,
            dimensions=dimensions,
            why="The NAT gateway drops packets, which points at trouble on the side of AWS: look at the AWS Health"
            " Dashboard, and expect slow or failing calls to the internet.",
        ),
    ]
