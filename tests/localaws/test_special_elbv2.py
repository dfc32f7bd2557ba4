"""Load balancers: what an entry of the table cannot say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localaws.local import Made, client, make


@pytest.fixture
def subnets() -> list[str]:
    vpc = make("aws_vpc", cidr_block="10.0.0.0/16")
    zones = ("eu-west-1a", "eu-west-1b")
    ranges = ("10.0.0.0/24", "10.0.1.0/24")
    return [
        make("aws_subnet", vpc_id=vpc["id"], cidr_block=each, availability_zone=zone)["id"]
        for each, zone in zip(ranges, zones, strict=True)
    ]


@pytest.fixture
def balancer(subnets: list[str], request: pytest.FixtureRequest) -> Made:
    name = f"lb-{abs(hash(request.node.name)) % 10**8}"
    return make("aws_lb", name=name, subnets=subnets, internal=True, idle_timeout=30)


def _rule(balancer: Made, condition: dict[str, Any]) -> Any:
    fixed = {"content_type": "text/plain", "status_code": "404"}
    action = {"type": "fixed-response", "fixed_response": fixed}
    listener = make(
        "aws_lb_listener",
        load_balancer_arn=balancer["arn"],
        port=80,
        protocol="HTTP",
        default_action=[_blocks(action, "fixed_response")],
    )
    rule = make(
        "aws_lb_listener_rule",
        listener_arn=listener["arn"],
        priority=1,
        action=[_blocks(action, "fixed_response")],
        condition=[condition],
    )
    return client("elbv2").describe_rules(RuleArns=[rule["arn"]])["Rules"][0]


def _blocks(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: [value] if name in names else value for name, value in values.items()}


def test_an_internal_load_balancer_is_internal(balancer: Made) -> None:
    found = client("elbv2").describe_load_balancers(LoadBalancerArns=[balancer["arn"]])["LoadBalancers"][0]
    assert found["Scheme"] == "internal"


def test_the_suffix_is_what_cloudwatch_calls_it(balancer: Made) -> None:
    assert balancer["arn_suffix"] == balancer["arn"].partition(":loadbalancer/")[2]


def test_an_attribute_of_a_load_balancer_that_somebody_changed_is_seen(balancer: Made) -> None:
    attributes = [{"Key": "idle_timeout.timeout_seconds", "Value": "99"}]
    client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=balancer["arn"], Attributes=attributes)
    found = balancer.read()
    assert found
    assert found["idle_timeout"] == 99


def test_an_action_has_its_configuration(balancer: Made) -> None:
    rule = _rule(balancer, {"path_pattern": [{"values": ["/a"]}]})
    assert rule["Actions"][0]["FixedResponseConfig"]["StatusCode"] == "404"


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ({"path_pattern": [{"values": ["/a"]}]}, "path-pattern"),
        ({"host_header": [{"values": ["a.example"]}]}, "host-header"),
        ({"source_ip": [{"values": ["10.0.0.0/8"]}]}, "source-ip"),
        ({"http_header": [{"http_header_name": "X", "values": ["a"]}]}, "http-header"),
    ],
)
def test_a_condition_has_its_field(balancer: Made, condition: dict[str, Any], field: str) -> None:
    assert [each["Field"] for each in _rule(balancer, condition)["Conditions"]] == [field]


def test_a_target_that_somebody_took_away_is_gone(subnets: list[str]) -> None:
    (subnet,) = client("ec2").describe_subnets(SubnetIds=subnets[:1])["Subnets"]
    group = make(
        "aws_lb_target_group", name="targets", port=80, protocol="HTTP", target_type="ip", vpc_id=subnet["VpcId"]
    )
    target = make("aws_lb_target_group_attachment", target_group_arn=group["arn"], target_id="10.0.0.9", port=80)
    gone = [{"Id": "10.0.0.9", "Port": 80}]
    client("elbv2").deregister_targets(TargetGroupArn=group["arn"], Targets=gone)
    assert target.read() is None
