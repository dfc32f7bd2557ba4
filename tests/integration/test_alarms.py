"""Alarms: all of them there, on, and heard by somebody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.deployment import Deployment


@pytest.fixture(scope="module")
def alarms(deployment: Deployment) -> dict[str, Any]:
    """Every alarm that carries the stack's names."""
    beginning = f"{deployment['project']}-{deployment['environment_suffix']}-"
    pages = deployment.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=beginning)
    return {alarm["AlarmName"]: alarm for page in pages for alarm in page["MetricAlarms"]}


@pytest.fixture(scope="module")
def subscriptions(deployment: Deployment) -> list[Any]:
    topic = deployment["alarm_topic_arn"]
    pages = deployment.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return [each for page in pages for each in page["Subscriptions"]]


def test_every_one_is_there(deployment: Deployment, alarms: dict[str, Any]) -> None:
    assert set(deployment["alarm_names"]) <= alarms.keys()


def test_every_one_tells_the_topic_of_going_off_and_of_recovery(deployment: Deployment, alarms: dict[str, Any]) -> None:
    topic = [deployment["alarm_topic_arn"]]
    silent = [
        name
        for name in deployment["alarm_names"]
        if not (alarms[name]["ActionsEnabled"] and alarms[name]["AlarmActions"] == alarms[name]["OKActions"] == topic)
    ]
    assert silent == []


def test_topic_lets_cloudwatch_in(deployment: Deployment) -> None:
    attributes = deployment.client("sns").get_topic_attributes(TopicArn=deployment["alarm_topic_arn"])["Attributes"]
    key = deployment.client("kms").get_key_policy(KeyId=attributes["KmsMasterKeyId"], PolicyName="default")["Policy"]
    for policy in (attributes["Policy"], key):
        assert "cloudwatch.amazonaws.com" in policy
        assert "events.amazonaws.com" in policy


def test_topic_has_an_address_to_write_to(subscriptions: list[Any]) -> None:
    assert [each for each in subscriptions if each["Protocol"] == "email"]


@pytest.mark.usefixtures("real_account")
def test_somebody_has_confirmed(subscriptions: list[Any]) -> None:
    waiting = [each["Endpoint"] for each in subscriptions if each["SubscriptionArn"] == "PendingConfirmation"]
    if len(waiting) == len(subscriptions):
        pytest.skip(f"nobody hears an alarm yet: {', '.join(waiting)} must confirm the mail from AWS")
