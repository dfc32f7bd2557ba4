"""Notifications: alarms and failed deployments reach every address, and nobody else can write to the topic."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components.account import Account
from lib.components.notifications import DeploymentEvents, Notifications
from lib.naming import Names
from tests.template import Block, Template, statements

NAMES = Names("shop", "dev")
MADE: dict[str, Any] = {}


@pytest.fixture(scope="module")
def template() -> Template:
    def build(scope: Construct) -> None:
        notifications = Notifications(
            scope,
            "notifications",
            names=NAMES,
            emails=["ops@example.com", "dev@example.com"],
            key_arn="arn:key",
            account=Account(scope, "account", region="eu-west-1"),
        )
        TerraformOutput(scope, "topic", value=notifications.topic_arn)
        TerraformOutput(scope, "dimensions", value=dict(notifications.alarms()[0].dimensions))
        MADE["notifications"] = notifications

    return Template.of_components(build)


@pytest.fixture(scope="module")
def edge() -> Template:
    """The topic of alarms that are not in the stack's region."""

    def build(scope: Construct) -> None:
        MADE["edge"] = Notifications(
            scope,
            "edge_notifications",
            names=NAMES,
            emails=["ops@example.com"],
            key_arn="arn:key",
            account=Account(scope, "account", region="eu-west-1"),
            prefix="edge",
            region="us-east-1",
            takes_events=False,
        )

    return Template.of_components(build)


@pytest.fixture(scope="module")
def policy(template: Template) -> dict[str, Block]:
    return {each["Sid"]: each for each in statements(template.only("aws_sns_topic_policy")["policy"])}


@pytest.fixture(scope="module")
def events() -> Template:
    def build(scope: Construct) -> None:
        made = DeploymentEvents(
            scope,
            "deployment_events",
            names=NAMES,
            cluster_name="shop-dev-cluster",
            group_names=["shop-dev-web", "shop-dev-batch"],
            account=Account(scope, "account", region="eu-west-1"),
            topic_arn="arn:topic",
        )
        TerraformOutput(scope, "dimensions", value=[dict(alarm.dimensions) for alarm in made.alarms()])
        MADE["events"] = made

    return Template.of_components(build)


class TestTopic:
    def test_is_encrypted_with_the_given_key(self, template: Template) -> None:
        assert template.only("aws_sns_topic") == {"name": "shop-dev-alarms", "kms_master_key_id": "arn:key"}
        assert template.outputs["topic"]["value"] == template.reference("aws_sns_topic", "arn")

    def test_tells_each_address(self, template: Template) -> None:
        arn = template.reference("aws_sns_topic", "arn")
        assert template.all("aws_sns_topic_subscription") == [
            {"topic_arn": arn, "protocol": "email", "endpoint": "dev@example.com"},
            {"topic_arn": arn, "protocol": "email", "endpoint": "ops@example.com"},
        ]

    def test_policy_has_these_statements_about_this_topic_and_publishing_alone(
        self, policy: dict[str, Block], template: Template
    ) -> None:
        assert list(policy) == ["AlarmsPublish", "EventsPublish", "OnlyTls"]
        arn = template.reference("aws_sns_topic", "arn")
        assert template.only("aws_sns_topic_policy")["arn"] == arn
        for statement in policy.values():
            assert statement["Action"] == ["sns:Publish"]
            assert statement["Resource"] == [arn]

    def test_alarms_of_this_account_and_region_may_publish(self, policy: dict[str, Block]) -> None:
        statement = policy["AlarmsPublish"]
        assert statement["Effect"] == "Allow"
        assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        account = statement["Condition"]["StringEquals"]["aws:SourceAccount"]
        assert account.startswith("${data.aws_caller_identity.")
        assert statement["Condition"]["ArnLike"]["aws:SourceArn"].endswith(f":cloudwatch:eu-west-1:{account}:alarm:*")

    def test_events_may_publish_without_the_conditions_that_eventbridge_does_not_take(
        self, policy: dict[str, Block]
    ) -> None:
        statement = policy["EventsPublish"]
        assert statement["Effect"] == "Allow"
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert "Condition" not in statement

    def test_nobody_publishes_without_tls(self, policy: dict[str, Block]) -> None:
        statement = policy["OnlyTls"]
        assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

    def test_alarm_tells_of_messages_that_did_not_arrive(self, template: Template) -> None:
        (alarm,) = MADE["notifications"].alarms()
        assert (alarm.unit, alarm.role, alarm.region) == ("notifications", "failed", None)
        assert (alarm.namespace, alarm.metric, alarm.statistic) == ("AWS/SNS", "NumberOfNotificationsFailed", "Sum")
        assert (alarm.comparison, alarm.threshold) == ("GreaterThanThreshold", 0)
        assert (alarm.period_seconds, alarm.evaluation_periods, alarm.datapoints_to_alarm) == (300, 1, 1)
        name = template.reference("aws_sns_topic", "name")
        assert template.outputs["dimensions"]["value"] == {"TopicName": name}
        assert "notifications.emails" in alarm.why


class TestTopicOfAnotherRegion:
    @pytest.mark.parametrize("kind", ["aws_sns_topic", "aws_sns_topic_policy", "aws_sns_topic_subscription"])
    def test_all_of_it_is_there(self, edge: Template, template: Template, kind: str) -> None:
        assert edge.only(kind)["region"] == "us-east-1"
        assert not any("region" in each for each in template.all(kind))

    def test_has_a_name_and_an_alarm_of_its_own(self, edge: Template) -> None:
        assert edge.only("aws_sns_topic")["name"] == "shop-dev-edgealarms"
        (alarm,) = MADE["edge"].alarms()
        assert (alarm.unit, alarm.role, alarm.region) == ("notifications", "edgefailed", "us-east-1")

    def test_alarms_of_that_region_publish_and_events_do_not(self, edge: Template) -> None:
        policy = {each["Sid"]: each for each in statements(edge.only("aws_sns_topic_policy")["policy"])}
        assert list(policy) == ["AlarmsPublish", "OnlyTls"]
        source = policy["AlarmsPublish"]["Condition"]["ArnLike"]["aws:SourceArn"]
        assert ":cloudwatch:us-east-1:" in source
        assert source.endswith(":alarm:*")


def rule_of(events: Template, part: str) -> Block:
    return events.only("aws_cloudwatch_event_rule", name=f"shop-dev-{part}")


def pattern_of(events: Template, part: str) -> Block:
    return cast(Block, json.loads(rule_of(events, part)["event_pattern"]))


def target_of(events: Template, part: str) -> Block:
    rule = events.reference("aws_cloudwatch_event_rule", "name", name=f"shop-dev-{part}")
    return events.only("aws_cloudwatch_event_target", rule=rule)


class TestDeploymentEvents:
    def test_there_are_three_rules_with_a_target_each(self, events: Template) -> None:
        assert len(events.all("aws_cloudwatch_event_rule")) == 3
        assert len(events.all("aws_cloudwatch_event_target")) == 3

    @pytest.mark.parametrize(
        ("cluster_name", "group_names", "parts"),
        [
            ("shop-dev-cluster", [], {"deployment", "memory"}),
            (None, ["shop-dev-web"], {"refresh"}),
        ],
    )
    def test_rules_are_for_what_there_is(
        self, cluster_name: str | None, group_names: list[str], parts: set[str]
    ) -> None:
        def build(scope: Construct) -> None:
            DeploymentEvents(
                scope,
                "deployment_events",
                names=NAMES,
                cluster_name=cluster_name,
                group_names=group_names,
                account=Account(scope, "account", region="eu-west-1"),
                topic_arn="arn:topic",
            )

        rules = Template.of_components(build).all("aws_cloudwatch_event_rule")
        assert {rule["name"] for rule in rules} == {f"shop-dev-{part}" for part in parts}

    def test_replacements_are_those_of_these_groups_that_did_not_succeed(self, events: Template) -> None:
        assert pattern_of(events, "refresh") == {
            "source": ["aws.autoscaling"],
            "detail-type": [
                "EC2 Auto Scaling Instance Refresh Failed",
                "EC2 Auto Scaling Instance Refresh Cancelled",
                {"prefix": "EC2 Auto Scaling Instance Refresh Rollback"},
                "EC2 Instance Launch Unsuccessful",
            ],
            "detail": {"AutoScalingGroupName": ["shop-dev-web", "shop-dev-batch"]},
        }

    def test_deployments_are_those_that_failed_in_this_cluster(self, events: Template) -> None:
        pattern = pattern_of(events, "deployment")
        (resource,) = pattern.pop("resources")
        assert list(resource) == ["prefix"]
        assert resource["prefix"].startswith("arn:${data.aws_partition.")
        assert resource["prefix"].endswith(":service/shop-dev-cluster/")
        assert ":ecs:eu-west-1:${data.aws_caller_identity." in resource["prefix"]
        assert pattern == {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
        }

    def test_killed_tasks_are_those_of_this_cluster(self, events: Template) -> None:
        pattern = pattern_of(events, "memory")
        (cluster,) = pattern["detail"].pop("clusterArn")
        assert cluster.endswith(":cluster/shop-dev-cluster")
        assert pattern == {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {
                "lastStatus": ["STOPPED"],
                "containers": {"reason": [{"prefix": "OutOfMemoryError"}]},
            },
        }

    @pytest.mark.parametrize(
        ("part", "description"),
        [
            ("deployment", "A deployment of a service failed"),
            ("memory", "A container was killed because it used more memory than it may"),
            ("refresh", "Instances of a fleet could not be replaced or launched"),
        ],
    )
    def test_rules_say_what_they_are_for(self, events: Template, part: str, description: str) -> None:
        assert rule_of(events, part)["description"] == description

    @pytest.mark.parametrize(
        ("part", "paths"),
        [
            ("deployment", {"service": "$.resources[0]", "reason": "$.detail.reason", "time": "$.time"}),
            ("memory", {"service": "$.detail.group", "task": "$.detail.taskArn", "time": "$.detail.stoppedAt"}),
            ("refresh", {"event": "$.detail-type", "group": "$.detail.AutoScalingGroupName", "time": "$.time"}),
        ],
    )
    def test_message_is_a_sentence_with_all_values_in_it(
        self, events: Template, part: str, paths: dict[str, str]
    ) -> None:
        transformer = target_of(events, part)["input_transformer"]
        assert transformer["input_paths"] == paths
        sentence = json.loads(transformer["input_template"])
        assert all(f"<{name}>" in sentence for name in paths)
        assert sentence.count("<") == len(paths)

    @pytest.mark.parametrize("part", ["deployment", "memory", "refresh"])
    def test_topic_is_told_for_an_hour_at_most(self, events: Template, part: str) -> None:
        target = target_of(events, part)
        assert (target["arn"], target["target_id"]) == ("arn:topic", "topic")
        assert target["retry_policy"] == {"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 185}
        assert "role_arn" not in target

    def test_alarms_tell_of_events_that_did_not_arrive(self, events: Template) -> None:
        alarms = MADE["events"].alarms()
        assert [(alarm.unit, alarm.role) for alarm in alarms] == [
            ("events", "deployment"),
            ("events", "memory"),
            ("events", "refresh"),
        ]
        for alarm in alarms:
            assert (alarm.namespace, alarm.metric, alarm.statistic) == ("AWS/Events", "FailedInvocations", "Sum")
            assert (alarm.comparison, alarm.threshold) == ("GreaterThanThreshold", 0)
            assert (alarm.period_seconds, alarm.evaluation_periods, alarm.datapoints_to_alarm) == (300, 1, 1)
            assert "events.amazonaws.com" in alarm.why
        assert events.outputs["dimensions"]["value"] == [
            {"RuleName": events.reference("aws_cloudwatch_event_rule", "name", name=f"shop-dev-{part}")}
            for part in ("deployment", "memory", "refresh")
        ]


def test_addresses_in_the_state_are_a_promise(template: Template, events: Template) -> None:
    names = {
        name.rpartition("_")[0]
        for each in (template, events)
        for kind in each.document["resource"]
        for name in each.named(kind)
    }
    assert names == {
        "deployment_events_deployment_rule",
        "deployment_events_deployment_target",
        "deployment_events_memory_rule",
        "deployment_events_memory_target",
        "deployment_events_refresh_rule",
        "deployment_events_refresh_target",
        "notifications_policy",
        # One for each address, so that a new one leaves the others confirmed.
        "notifications_to_devexamplecom",
        "notifications_to_opsexamplecom",
        "notifications_topic",
    }
