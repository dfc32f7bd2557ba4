"""Alarms: every definition becomes one alarm that tells the topic of going off and of recovery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from constructs import Construct

from lib.components.alarms import Alarm, Alarms
from lib.naming import Names
from tests.template import Template

NAMES = Names("shop", "dev")
KIND = "aws_cloudwatch_metric_alarm"
CPU = Alarm(
    unit="api",
    role="cpu",
    namespace="AWS/ECS",
    metric="CPUUtilization",
    statistic="Average",
    threshold=80,
    dimensions={"ClusterName": "shop-dev-cluster", "ServiceName": "shop-dev-api"},
    why="Too busy.",
)
TASKS = replace(
    CPU,
    role="tasks",
    comparison="LessThanThreshold",
    period_seconds=300,
    evaluation_periods=5,
    datapoints_to_alarm=4,
)
EDGE = replace(CPU, unit="cdn", role="5xx", region="us-east-1")
TOPICS = {"eu-west-1": "arn:topic", "us-east-1": "arn:edge-topic"}
MADE: dict[str, Alarms] = {}


def made(scope: Construct, *alarms: Alarm, topics: Mapping[str, str] = TOPICS) -> Alarms:
    return Alarms(scope, "alarms", names=NAMES, region="eu-west-1", topic_arns=topics, alarms=alarms)


@pytest.fixture(scope="module")
def template() -> Template:
    def build(scope: Construct) -> None:
        MADE["alarms"] = made(scope, CPU, TASKS, EDGE)

    return Template.of_components(build)


def test_every_definition_becomes_one_alarm(template: Template) -> None:
    names = sorted(alarm["alarm_name"] for alarm in template.all(KIND))
    assert names == ["shop-dev-api-cpu", "shop-dev-api-tasks", "shop-dev-cdn-5xx"]


def test_definition_is_taken_over_whole(template: Template) -> None:
    assert template.only(KIND, alarm_name="shop-dev-api-cpu") == {
        "alarm_name": "shop-dev-api-cpu",
        "alarm_description": "Too busy.",
        "namespace": "AWS/ECS",
        "metric_name": "CPUUtilization",
        "dimensions": {"ClusterName": "shop-dev-cluster", "ServiceName": "shop-dev-api"},
        "statistic": "Average",
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 80,
        "period": 60,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 2,
        "treat_missing_data": "notBreaching",
        "alarm_actions": ["arn:topic"],
        "ok_actions": ["arn:topic"],
    }


def test_definition_may_say_how_it_is_evaluated(template: Template) -> None:
    alarm = template.only(KIND, alarm_name="shop-dev-api-tasks")
    assert alarm["comparison_operator"] == "LessThanThreshold"
    assert (alarm["period"], alarm["evaluation_periods"], alarm["datapoints_to_alarm"]) == (300, 5, 4)


def test_names_and_arns_are_in_the_order_of_the_definitions(template: Template) -> None:
    assert MADE["alarms"].names == ["shop-dev-api-cpu", "shop-dev-api-tasks", "shop-dev-cdn-5xx"]
    assert len(MADE["alarms"].arns) == len(template.all(KIND)) == 3


def test_no_definitions_make_no_alarms() -> None:
    empty = Template.of_components(made)
    assert empty.all(KIND) == []


def test_two_alarms_of_one_name_are_a_mistake_that_is_named() -> None:
    with pytest.raises(RuntimeError, match="already a Construct with name 'api_cpu'"):
        Template.of_components(lambda scope: made(scope, CPU, CPU))


def test_an_alarm_of_another_region_is_there_and_tells_the_topic_there(template: Template) -> None:
    alarm = template.only(KIND, alarm_name="shop-dev-cdn-5xx")
    assert alarm["region"] == "us-east-1"
    assert alarm["alarm_actions"] == alarm["ok_actions"] == ["arn:edge-topic"]


def test_the_stacks_own_region_may_be_named() -> None:
    topics = {"eu-west-1": "arn:topic"}
    template = Template.of_components(lambda scope: made(scope, replace(CPU, region="eu-west-1"), topics=topics))
    assert template.only(KIND)["alarm_actions"] == ["arn:topic"]


def test_an_alarm_whose_region_has_no_topic_is_a_mistake_that_is_named() -> None:
    wrong = r"the alarm cdn 5xx is in us-east-1, where there is no topic to tell; there are topics in eu-west-1"
    with pytest.raises(RuntimeError, match=wrong):
        Template.of_components(lambda scope: made(scope, EDGE, topics={"eu-west-1": "arn:topic"}))
