"""EC2: what an entry of the table cannot say."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.resources.special.ec2 import permission
from tests.localaws.local import Made, client, make


@pytest.fixture
def vpc() -> Made:
    return make("aws_vpc", cidr_block="10.0.0.0/16")


@pytest.fixture
def group(vpc: Made) -> Made:
    return make("aws_security_group", name="one", description="one", vpc_id=vpc["id"])


def _group(group: Made) -> Any:
    return client("ec2").describe_security_groups(GroupIds=[group["id"]])["SecurityGroups"][0]


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        (
            {"ip_protocol": "tcp", "from_port": 80, "to_port": 81, "cidr_ipv4": "0.0.0.0/0", "description": "why"},
            {
                "IpProtocol": "tcp",
                "FromPort": 80,
                "ToPort": 81,
                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "why"}],
            },
        ),
        (
            {"ip_protocol": "-1", "from_port": 0, "to_port": 0, "referenced_security_group_id": "sg-1"},
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1"}]},
        ),
        (
            {"protocol": "udp", "from_port": 53, "to_port": 53, "ipv6_cidr_blocks": ["::/0"]},
            {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
        ),
    ],
)
def test_a_rule_takes_the_form_of_the_api(rule: dict[str, Any], made: dict[str, Any]) -> None:
    assert permission(rule) == made


def test_a_new_group_lets_nothing_out(group: Made) -> None:
    assert _group(group)["IpPermissionsEgress"] == []


def test_the_default_group_is_emptied(vpc: Made) -> None:
    adopted = make("aws_default_security_group", vpc_id=vpc["id"])
    found = _group(adopted)
    assert (found["GroupName"], found["IpPermissions"], found["IpPermissionsEgress"]) == ("default", [], [])


def test_a_rule_is_changed_in_place(group: Made) -> None:
    ends = {"ip_protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_ipv4": "10.0.0.0/8"}
    rule = make("aws_vpc_security_group_ingress_rule", security_group_id=group["id"], **ends)
    before = rule["id"]
    rule.update(description="why", to_port=81)
    assert (rule["id"], _group(group)["IpPermissions"][0]["ToPort"]) == (before, 81)


def test_a_deleted_rule_is_revoked(group: Made) -> None:
    ends = {"ip_protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_ipv4": "10.0.0.0/8"}
    make("aws_vpc_security_group_egress_rule", security_group_id=group["id"], **ends).delete()
    assert _group(group)["IpPermissionsEgress"] == []


def test_what_aws_makes_with_a_vpc_is_known(vpc: Made) -> None:
    assert vpc["default_security_group_id"].startswith("sg-")
    assert vpc["main_route_table_id"].startswith("rtb-")


def test_a_gateway_is_taken_from_its_vpc_to_be_deleted(vpc: Made) -> None:
    make("aws_internet_gateway", vpc_id=vpc["id"]).delete()
    filters = [{"Name": "attachment.vpc-id", "Values": [vpc["id"]]}]
    assert client("ec2").describe_internet_gateways(Filters=filters)["InternetGateways"] == []


def test_a_changed_launch_template_is_a_new_version() -> None:
    template = make("aws_launch_template", name="one", instance_type="t3.micro", update_default_version=True)
    template.update(instance_type="t3.small")
    assert (template["latest_version"], template["default_version"]) == (2, 2)


def test_a_flow_log_is_of_what_it_is_told(vpc: Made) -> None:
    made = make(
        "aws_flow_log",
        vpc_id=vpc["id"],
        traffic_type="ALL",
        log_destination_type="s3",
        log_destination=make("aws_s3_bucket", bucket="flows")["arn"],
    )
    (found,) = client("ec2").describe_flow_logs(FlowLogIds=[made["id"]])["FlowLogs"]
    assert found["ResourceId"] == vpc["id"]
