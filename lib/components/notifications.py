"""Who hears of trouble: the topic that alarms and failed deployments go to, and its subscribers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetInputTransformer,
    CloudwatchEventTargetRetryPolicy,
)
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription
from constructs import Construct

from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.policy import Statement, document
from lib.naming import Kind, Names

_DELIVERY_ATTEMPTS = 185
"""As many as EventBridge makes by itself; the age limit ends them first."""
_DELIVERY_SECONDS = 3600


class Notifications(Construct):
    """An encrypted topic with an email subscription for each address. Every address has to confirm once for a topic.

    Alarms tell a topic of their own region only, so there is one for each region with alarms.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        emails: Sequence[str],
        key_arn: str,
        account: Account,
        prefix: str = "",
        region: str | None = None,
        takes_events: bool = True,
    ) -> None:
        """
        key_arn: a key of the same region.
        prefix: before the names of a second topic and of its alarm: `edge`.
        region: None for the stack's.
        takes_events: whether rules of EventBridge publish here too. A topic cannot tell whose rule it is.
        """
        super().__init__(scope, id)
        self._prefix = prefix
        self._region = region
        self._topic = self._build_topic(names, key_arn)
        self._build_policy(account, takes_events)
        for email in emails:
            self._build_subscription(email)

    @property
    def topic_arn(self) -> str:
        return self._topic.arn

    def alarms(self) -> list[Alarm]:
        """https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html"""
        return [
            Alarm(
                unit="notifications",
                role=f"{self._prefix}failed",
                region=self._region,
                namespace="AWS/SNS",
                metric="NumberOfNotificationsFailed",
                statistic="Sum",
                threshold=0,
                period_seconds=300,
                evaluation_periods=1,
                datapoints_to_alarm=1,
                dimensions={"TopicName": self._topic.name},
                why="A message about another alarm did not reach one of the addresses; the others, and the dashboard,"
                " tell of it. Check that every address in notifications.emails still exists and has confirmed.",
            )
        ]

    def _build_topic(self, names: Names, key_arn: str) -> SnsTopic:
        name = names.of(Kind.TOPIC, f"{self._prefix}alarms")
        return SnsTopic(self, "topic", region=self._region, name=name, kms_master_key_id=key_arn)

    def _build_policy(self, account: Account, takes_events: bool) -> None:
        policy = document(
            Statement(
                sid="AlarmsPublish",
                actions=["sns:Publish"],
                resources=[self.topic_arn],
                principal={"Service": "cloudwatch.amazonaws.com"},
                condition={
                    "StringEquals": {"aws:SourceAccount": account.id},
                    "ArnLike": {"aws:SourceArn": account.arn("cloudwatch", "alarm:*", region=self._region)},
                },
            ),
            *([self._events_publish()] if takes_events else []),
            # https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html
            Statement(
                sid="OnlyTls",
                effect="Deny",
                actions=["sns:Publish"],
                resources=[self.topic_arn],
                principal="*",
                condition={"Bool": {"aws:SecureTransport": "false"}},
            ),
        )
        SnsTopicPolicy(self, "policy", region=self._region, arn=self.topic_arn, policy=policy)

    def _events_publish(self) -> Statement:
        """Without conditions, as EventBridge wants it of a topic's policy.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
        """
        return Statement(
            sid="EventsPublish",
            actions=["sns:Publish"],
            resources=[self.topic_arn],
            principal={"Service": "events.amazonaws.com"},
        )

    def _build_subscription(self, email: str) -> None:
        SnsTopicSubscription(
            self,
            # The address is the id: adding or removing one leaves the others, and their confirmation, alone.
            f"to_{email}",
            region=self._region,
            topic_arn=self.topic_arn,
            protocol="email",
            endpoint=email,
        )


class DeploymentEvents(Construct):
    """Tells the topic what no metric shows: a deployment that was given up, a task that was killed for its memory."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        cluster_name: str | None,
        group_names: Sequence[str],
        account: Account,
        topic_arn: str,
    ) -> None:
        """
        cluster_name: the cluster of the services; None where there are none.
        group_names: the Auto Scaling groups of the fleets.
        """
        super().__init__(scope, id)
        self._names = names
        self._topic_arn = topic_arn
        self._rules: dict[str, CloudwatchEventRule] = {}
        if cluster_name is not None:
            self._rules["deployment"] = self._build_deployment_rule(cluster_name, account)
            self._rules["memory"] = self._build_memory_rule(cluster_name, account)
        if group_names:
            self._rules["refresh"] = self._build_refresh_rule(group_names)

    def alarms(self) -> list[Alarm]:
        """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html"""
        return [
            Alarm(
                unit="events",
                role=part,
                namespace="AWS/Events",
                metric="FailedInvocations",
                statistic="Sum",
                threshold=0,
                period_seconds=300,
                evaluation_periods=1,
                datapoints_to_alarm=1,
                dimensions={"RuleName": rule.name},
                why="EventBridge could not tell the topic of an event. Compare the policies of the topic and of its"
                " key with what events.amazonaws.com needs; then look at the services' own events for what was missed.",
            )
            for part, rule in self._rules.items()
        ]

    def _build_deployment_rule(self, cluster_name: str, account: Account) -> CloudwatchEventRule:
        """The event names its service in `resources` and says nothing of the cluster elsewhere.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
        """
        return self._build_rule(
            "deployment",
            description="A deployment of a service failed",
            pattern={
                "source": ["aws.ecs"],
                "detail-type": ["ECS Deployment State Change"],
                "resources": [{"prefix": account.arn("ecs", f"service/{cluster_name}/")}],
                "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
            },
            values={"service": "$.resources[0]", "reason": "$.detail.reason", "time": "$.time"},
            message="The deployment of <service> failed at <time> and the service went back to its last version."
            " ECS says: <reason>",
        )

    def _build_memory_rule(self, cluster_name: str, account: Account) -> CloudwatchEventRule:
        """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/out-of-memory.html"""
        return self._build_rule(
            "memory",
            description="A container was killed because it used more memory than it may",
            pattern={
                "source": ["aws.ecs"],
                "detail-type": ["ECS Task State Change"],
                "detail": {
                    "clusterArn": [account.arn("ecs", f"cluster/{cluster_name}")],
                    "lastStatus": ["STOPPED"],
                    "containers": {"reason": [{"prefix": "OutOfMemoryError"}]},
                },
            },
            values={"service": "$.detail.group", "task": "$.detail.taskArn", "time": "$.detail.stoppedAt"},
            message="The task <task> of <service> was killed at <time>: it used more memory than it may."
            " Raise memory_mib, or look for what grows.",
        )

    def _build_refresh_rule(self, group_names: Sequence[str]) -> CloudwatchEventRule:
        """Terraform starts to replace instances and does not wait: nothing else tells that they were put back.

        https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-eventbridge-events.html
        """
        refresh = "EC2 Auto Scaling Instance Refresh"
        return self._build_rule(
            "refresh",
            description="Instances of a fleet could not be replaced or launched",
            pattern={
                "source": ["aws.autoscaling"],
                "detail-type": [
                    f"{refresh} Failed",
                    f"{refresh} Cancelled",
                    {"prefix": f"{refresh} Rollback"},
                    "EC2 Instance Launch Unsuccessful",
                ],
                "detail": {"AutoScalingGroupName": list(group_names)},
            },
            values={"event": "$.detail-type", "group": "$.detail.AutoScalingGroupName", "time": "$.time"},
            message="<event> at <time> in the group <group>: its instances run the last version, or too few of them"
            " run. The group's activities and instance refreshes name the reason.",
        )

    def _build_rule(
        self, part: str, *, description: str, pattern: Mapping[str, Any], values: Mapping[str, str], message: str
    ) -> CloudwatchEventRule:
        rule = CloudwatchEventRule(
            self,
            f"{part}_rule",
            name=self._names.of(Kind.EVENT_RULE, part),
            description=description,
            event_pattern=json.dumps(pattern),
        )
        CloudwatchEventTarget(
            self,
            f"{part}_target",
            rule=rule.name,
            target_id="topic",
            arn=self._topic_arn,
            # Text for EventBridge is a JSON string: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
            input_transformer=CloudwatchEventTargetInputTransformer(
                input_paths=values, input_template=json.dumps(message)
            ),
            # News of an hour ago is none, and a failed delivery has an alarm: no queue for dead letters.
            retry_policy=CloudwatchEventTargetRetryPolicy(
                maximum_event_age_in_seconds=_DELIVERY_SECONDS, maximum_retry_attempts=_DELIVERY_ATTEMPTS
            ),
        )
        return rule
