"""EC2: the network, security groups, launch templates."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry, Further, FurtherCode
from localaws.resources.special import ec2 as special

_ARN = "arn:aws:ec2:{region}:{account}:"


def _rule(way: special.Way) -> Entry:
    return Entry(
        service="ec2",
        create=f"authorize_security_group_{way}",
        id="SecurityGroupRules[0].SecurityGroupRuleId",
        key="security_group_rule_ids=id",
        read=special.read_rule,
        update=special.change_rule,
        delete=special.delete_rule,
        renames={"security_group_id": "GroupId", **dict.fromkeys(special.RULE_ARGUMENTS)},
        adjust=special.place_rule,
        computed={"security_group_rule_id": "{id}", "arn": _ARN + "security-group-rule/{id}"},
    )


ENTRIES: Final = {
    "aws_vpc": Entry(
        service="ec2",
        create="create_vpc",
        id="Vpc.VpcId",
        read="describe_vpcs:Vpcs[0]",
        also=(special.vpc_attributes,),
        delete="delete_vpc",
        further=(
            Further("modify_vpc_attribute", {"VpcId": "{id}", "EnableDnsSupport": {"Value": "{enable_dns_support}"}}),
            Further(
                "modify_vpc_attribute", {"VpcId": "{id}", "EnableDnsHostnames": {"Value": "{enable_dns_hostnames}"}}
            ),
            FurtherCode(special.vpc_defaults, "cidr_block"),
        ),
        computed={"arn": _ARN + "vpc/{id}"},
    ),
    "aws_subnet": Entry(
        service="ec2",
        create="create_subnet",
        id="Subnet.SubnetId",
        read="describe_subnets:Subnets[0]",
        delete="delete_subnet",
        further=(
            Further(
                "modify_subnet_attribute",
                {"SubnetId": "{id}", "MapPublicIpOnLaunch": {"Value": "{map_public_ip_on_launch}"}},
            ),
        ),
        shown_as={"MapPublicIpOnLaunch": "{Value: MapPublicIpOnLaunch}"},
        computed={"arn": _ARN + "subnet/{id}"},
    ),
    "aws_internet_gateway": Entry(
        service="ec2",
        create="create_internet_gateway",
        id="InternetGateway.InternetGatewayId",
        read="describe_internet_gateways:InternetGateways[0]",
        delete=special.delete_internet_gateway,
        further=(
            FurtherCode(special.detach_internet_gateway, "vpc_id", on_create=False),
            Further("attach_internet_gateway", {"InternetGatewayId": "{id}", "VpcId": "{vpc_id}"}),
        ),
        shown_as={"VpcId": "Attachments[0].VpcId"},
        computed={"arn": _ARN + "internet-gateway/{id}"},
    ),
    "aws_eip": Entry(
        service="ec2",
        create="allocate_address",
        id="AllocationId",
        key="allocation_id=id allocation_ids=id",
        read="describe_addresses:Addresses[0]",
        delete="release_address",
        computed={"arn": _ARN + "elastic-ip/{id}"},
    ),
    "aws_nat_gateway": Entry(
        service="ec2",
        create="create_nat_gateway",
        id="NatGateway.NatGatewayId",
        read="describe_nat_gateways:NatGateways[?State!='deleted'] | [0]",
        delete="delete_nat_gateway",
        shown_as={"AllocationId": "NatGatewayAddresses[0].AllocationId"},
        computed={
            "public_ip": "NatGatewayAddresses[0].PublicIp",
            "private_ip": "NatGatewayAddresses[0].PrivateIp",
            "network_interface_id": "NatGatewayAddresses[0].NetworkInterfaceId",
        },
    ),
    "aws_route_table": Entry(
        service="ec2",
        create="create_route_table",
        id="RouteTable.RouteTableId",
        read="describe_route_tables:RouteTables[0]",
        delete="delete_route_table",
        # Inline routes are for tables without aws_route: none here has them.
        renames={"route": None},
        computed={"arn": _ARN + "route-table/{id}"},
    ),
    "aws_route": Entry(
        service="ec2",
        create="create_route",
        id="r-{route_table_id}{destination_cidr_block}",
        key="route_table_id route_table_ids=route_table_id destination_cidr_block",
        read="describe_route_tables:RouteTables[].Routes[] | [?DestinationCidrBlock=='$destination_cidr_block'] | [0]",
        update="replace_route",
        delete="delete_route",
    ),
    "aws_route_table_association": Entry(
        service="ec2",
        create="associate_route_table",
        id="AssociationId",
        key="association_id=id route_table_ids=route_table_id",
        read="describe_route_tables:RouteTables[].Associations[] | [?RouteTableAssociationId=='$id'] | [0]",
        update=special.move_association,
        delete="disassociate_route_table",
    ),
    "aws_vpc_endpoint": Entry(
        service="ec2",
        create="create_vpc_endpoint",
        id="VpcEndpoint.VpcEndpointId",
        read="describe_vpc_endpoints:VpcEndpoints[0]",
        update=special.change_endpoint_lists,
        delete="delete_vpc_endpoints",
        renames={"policy": "PolicyDocument"},
        shown_as={"AddRouteTableIds": "RouteTableIds", "AddSubnetIds": "SubnetIds"},
        computed={"arn": _ARN + "vpc-endpoint/{id}"},
    ),
    "aws_flow_log": Entry(
        service="ec2",
        create="create_flow_logs",
        id="FlowLogIds[0]",
        read="describe_flow_logs:FlowLogs[0]",
        delete="delete_flow_logs",
        renames={"iam_role_arn": "DeliverLogsPermissionArn", "vpc_id": None, "subnet_id": None, "eni_id": None},
        adjust=special.flow_log_target,
        shown_as={"ResourceIds": "[ResourceId]"},
        computed={"arn": _ARN + "vpc-flow-log/{id}"},
    ),
    "aws_security_group": Entry(
        service="ec2",
        create="create_security_group",
        id="GroupId",
        key="group_id=id group_ids=id",
        read="describe_security_groups:SecurityGroups[0]",
        delete="delete_security_group",
        renames={"name": "GroupName"},
        constants={"Description": "Managed by Terraform"},
        further=(
            FurtherCode(special.take_default_egress, "name"),
            FurtherCode(special.put_inline_rules, "ingress egress"),
        ),
        computed={"arn": _ARN + "security-group/{id}"},
    ),
    "aws_default_security_group": Entry(
        service="ec2",
        create=special.adopt_default_group,
        key="group_id=id group_ids=id",
        read="describe_security_groups:SecurityGroups[0]",
        update=special.put_inline_rules,
        code_takes={"vpc_id": "VpcId", "ingress": "IpPermissions", "egress": "IpPermissionsEgress"},
        shown_as={"IpPermissions": "IpPermissions"},
        computed={"arn": _ARN + "security-group/{id}", "name": "GroupName"},
    ),
    "aws_vpc_security_group_ingress_rule": _rule("ingress"),
    "aws_vpc_security_group_egress_rule": _rule("egress"),
    "aws_launch_template": Entry(
        service="ec2",
        create="create_launch_template",
        id="LaunchTemplate.LaunchTemplateId",
        key="launch_template_id=id launch_template_ids=id",
        read="describe_launch_templates:LaunchTemplates[0]",
        also=(special.latest_version,),
        update=special.new_version,
        delete="delete_launch_template",
        into="LaunchTemplateData",
        renames={
            "name": "LaunchTemplateName",
            "vpc_security_group_ids": "SecurityGroupIds",
            "network_interfaces.security_groups": "Groups",
            "description": "VersionDescription",
            "update_default_version": None,
        },
        renews="latest_version default_version",
        shown_as={"DefaultVersion": "DefaultVersionNumber"},
        code_takes={"update_default_version": ""},
        computed={
            "latest_version": "LatestVersionNumber",
            "default_version": "DefaultVersionNumber",
            "arn": _ARN + "launch-template/{id}",
        },
    ),
}
