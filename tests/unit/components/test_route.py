"""Route: the rule that leads requests to tasks or instances, and the group that these are in."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components.route import Route, listener_rule
from lib.naming import Names
from lib.settings.services import Service as ServiceSettings
from lib.settings.targets import HealthCheck, Routed
from tests.template import Block, Template

HEALTH_CHECK = HealthCheck(
    path="/alive",
    healthy_statuses="200-299",
    interval_seconds=20,
    timeout_seconds=6,
    healthy_count=4,
    unhealthy_count=5,
)


def build(target_type: Literal["ip", "instance"] = "ip", **settings: Any) -> Template:
    def add(scope: Construct) -> None:
        route = Route(
            scope,
            "route",
            name="api",
            names=Names("shop", "dev"),
            settings=ServiceSettings(**settings),
            target_type=target_type,
            vpc_id="vpc-1",
            listener_arn="arn:listener",
            priority=321,
        )
        TerraformOutput(scope, "arn", value=route.target_group_arn)
        TerraformOutput(scope, "suffix", value=route.target_group_arn_suffix)

    return Template.of_components(add)


@pytest.fixture(scope="module")
def template() -> Template:
    return build(
        port=9000,
        paths=("/orders/*", "/carts/*"),
        hosts=("shop.example.com",),
        deregistration_delay_seconds=45,
        health_check=HEALTH_CHECK,
    )


@pytest.fixture(scope="module")
def group(template: Template) -> Block:
    return template.only("aws_lb_target_group")


@pytest.fixture(scope="module")
def rule(template: Template) -> Block:
    return template.only("aws_lb_listener_rule")


def test_targets_are_the_tasks_own_addresses(group: Block) -> None:
    assert group["target_type"] == "ip"
    assert group["vpc_id"] == "vpc-1"
    assert (group["protocol"], group["port"]) == ("HTTP", 9000)


def test_targets_may_be_instances() -> None:
    assert build("instance").only("aws_lb_target_group")["target_type"] == "instance"


def test_health_check_is_the_settings(group: Block) -> None:
    assert group["health_check"] == {
        "enabled": True,
        "protocol": "HTTP",
        "port": "traffic-port",
        "path": "/alive",
        "matcher": "200-299",
        "interval": 20,
        "timeout": 6,
        "healthy_threshold": 4,
        "unhealthy_threshold": 5,
    }


def test_leaving_task_has_its_time_as_a_string(group: Block) -> None:
    assert group["deregistration_delay"] == "45"


def test_requests_go_to_the_task_with_fewest_open_ones_and_stick_to_none(group: Block) -> None:
    assert group["load_balancing_algorithm_type"] == "least_outstanding_requests"
    assert group["stickiness"] == {"enabled": False, "type": "lb_cookie"}
    assert "slow_start" not in group


def test_another_port_makes_another_group_before_the_old_one_goes(group: Block) -> None:
    assert group["name"] == "shop-dev-api-9000"
    assert build(port=9001).only("aws_lb_target_group")["name"] == "shop-dev-api-9001"
    assert group["lifecycle"] == {"create_before_destroy": True}


def test_rule_leads_to_the_group_at_its_place(rule: Block, template: Template) -> None:
    assert rule["listener_arn"] == "arn:listener"
    assert rule["priority"] == 321
    arn = template.reference("aws_lb_target_group", "arn")
    assert rule["action"] == [{"type": "forward", "target_group_arn": arn}]
    assert rule["tags"] == {"Name": "shop-dev-api"}


def test_paths_and_hosts_must_both_match(rule: Block) -> None:
    assert rule["condition"] == [
        {"path_pattern": {"values": ["/orders/*", "/carts/*"]}},
        {"host_header": {"values": ["shop.example.com"]}},
    ]


def test_hosts_alone_take_every_path() -> None:
    rule = build(hosts=("a.example.com", "b.example.com")).only("aws_lb_listener_rule")
    assert rule["condition"] == [{"host_header": {"values": ["a.example.com", "b.example.com"]}}]


def test_default_service_takes_what_is_left() -> None:
    assert build().only("aws_lb_listener_rule")["condition"] == [{"path_pattern": {"values": ["/*"]}}]


def test_rule_alone_leads_to_a_group_from_elsewhere() -> None:
    def add(scope: Construct) -> None:
        settings = Routed(paths=("/pay",))
        listener_rule(
            scope, "shop-dev-pay", settings, listener_arn="arn:listener", priority=5, target_group_arn="arn:group"
        )

    template = Template.of_components(add)
    assert template.only("aws_lb_listener_rule") == {
        "listener_arn": "arn:listener",
        "priority": 5,
        "action": [{"type": "forward", "target_group_arn": "arn:group"}],
        "condition": [{"path_pattern": {"values": ["/pay"]}}],
        "tags": {"Name": "shop-dev-pay"},
    }
    assert template.all("aws_lb_target_group") == []


def test_group_is_handed_out(template: Template) -> None:
    assert template.outputs["arn"]["value"] == template.reference("aws_lb_target_group", "arn")
    assert template.outputs["suffix"]["value"] == template.reference("aws_lb_target_group", "arn_suffix")


def test_makes_nothing_else(template: Template) -> None:
    assert set(template.document["resource"]) == {"aws_lb_target_group", "aws_lb_listener_rule"}
