"""Alarms: all of them there, on, and heard by somebody; and failed deployments, which no alarm tells of."""

from __future__ import annotations

import json

import pytest

from lib.naming import Kind
from lib.settings.edge import EDGE_REGION
from tests.integration.deployment import Block, Deployment

PUBLISHERS = {
    "alarm_topic_arn": {"cloudwatch.amazonaws.com", "events.amazonaws.com"},
    "edge_alarm_topic_arn": {"cloudwatch.amazonaws.com"},
}
"""Topic -> who may publish there."""


def region_of(arn: str) -> str:
    return arn.split(":")[3]


@pytest.fixture(scope="module")
def topics(deployment: Deployment) -> dict[str, str]:
    """Region -> its topic."""
    return {region_of(deployment[output]): deployment[output] for output in PUBLISHERS if output in deployment}


@pytest.fixture(scope="module")
def alarms(deployment: Deployment, topics: dict[str, str]) -> dict[str, Block]:
    """Every alarm that carries the stack's names, in each region that has some."""
    beginning = f"{deployment['project']}-{deployment['environment_suffix']}-"
    paginators = [deployment.client("cloudwatch", region).get_paginator("describe_alarms") for region in topics]
    pages = [page for each in paginators for page in each.paginate(AlarmNamePrefix=beginning)]
    return {alarm["AlarmName"]: alarm for page in pages for alarm in page["MetricAlarms"]}


@pytest.fixture
def attributes(deployment: Deployment, topic: str) -> dict[str, str]:
    arn = deployment[topic]
    return dict(deployment.client("sns", region_of(arn)).get_topic_attributes(TopicArn=arn)["Attributes"])


@pytest.fixture
def subscriptions(deployment: Deployment, topic: str) -> list[Block]:
    arn = deployment[topic]
    pages = deployment.client("sns", region_of(arn)).get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    return [each for page in pages for each in page["Subscriptions"]]


def test_every_one_is_there(deployment: Deployment, alarms: dict[str, Block]) -> None:
    assert set(deployment["alarm_names"]) <= alarms.keys()


def test_every_one_tells_its_regions_topic_of_going_off_and_of_recovery(
    deployment: Deployment, alarms: dict[str, Block], topics: dict[str, str]
) -> None:
    told = {name: topics[region_of(alarm["AlarmArn"])] for name, alarm in alarms.items()}
    silent = [
        name
        for name in deployment["alarm_names"]
        if not (
            alarms[name]["ActionsEnabled"] and alarms[name]["AlarmActions"] == alarms[name]["OKActions"] == [told[name]]
        )
    ]
    assert silent == []


def test_silence_sets_none_off(deployment: Deployment, alarms: dict[str, Block]) -> None:
    others = [name for name in deployment["alarm_names"] if alarms[name].get("TreatMissingData") != "notBreaching"]
    assert others == []


@pytest.mark.unit("cdn_distribution_id")
def test_those_of_the_cdn_are_where_it_reports_to(deployment: Deployment, alarms: dict[str, Block]) -> None:
    of_cdn = [alarm for alarm in alarms.values() if alarm["Namespace"] == "AWS/CloudFront"]
    assert {region_of(alarm["AlarmArn"]) for alarm in of_cdn} == {EDGE_REGION}
    ids = {each["Value"] for alarm in of_cdn for each in alarm["Dimensions"] if each["Name"] == "DistributionId"}
    assert ids == {deployment["cdn_distribution_id"]}


def test_topic_takes_messages_of_alarms_and_events_and_of_nobody_else(topic: str, attributes: dict[str, str]) -> None:
    statements = json.loads(attributes["Policy"])["Statement"]
    allowed = [each["Principal"] for each in statements if each["Effect"] == "Allow"]
    expected = [{"Service": publisher} for publisher in PUBLISHERS[topic]]
    assert sorted(allowed, key=str) == sorted(expected, key=str)


def test_topics_key_lets_in_who_publishes(deployment: Deployment, topic: str, attributes: dict[str, str]) -> None:
    kms = deployment.client("kms", region_of(deployment[topic]))
    policy = kms.get_key_policy(KeyId=attributes["KmsMasterKeyId"], PolicyName="default")["Policy"]
    for publisher in PUBLISHERS[topic]:
        assert publisher in policy


def test_messages_are_under_the_stacks_key(deployment: Deployment, topic: str, attributes: dict[str, str]) -> None:
    part = "notifications" if topic == "alarm_topic_arn" else "edge"
    assert deployment.is_key_of(part, attributes["KmsMasterKeyId"])


def test_topic_has_an_address_to_write_to(subscriptions: list[Block]) -> None:
    assert [each for each in subscriptions if each["Protocol"] == "email"]


@pytest.mark.real_account
def test_somebody_has_confirmed(subscriptions: list[Block]) -> None:
    waiting = [each["Endpoint"] for each in subscriptions if each["SubscriptionArn"] == "PendingConfirmation"]
    if len(waiting) == len(subscriptions):
        pytest.skip(f"nobody hears an alarm yet: {', '.join(waiting)} must confirm the mail from AWS")


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("deployment", marks=pytest.mark.unit("cluster_name")),
        pytest.param("memory", marks=pytest.mark.unit("cluster_name")),
        pytest.param("refresh", marks=pytest.mark.unit("autoscaling_group_names")),
    ],
)
def test_failures_that_no_metric_shows_are_told_to_the_topic(deployment: Deployment, part: str) -> None:
    events, name = deployment.client("events"), deployment.names.of(Kind.EVENT_RULE, part)
    assert events.describe_rule(Name=name)["State"] == "ENABLED"
    targets = events.list_targets_by_rule(Rule=name)["Targets"]
    assert [target["Arn"] for target in targets] == [deployment["alarm_topic_arn"]]
