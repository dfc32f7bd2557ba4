"""Alarms as data, and the one place that makes resources of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from constructs import Construct

from lib.naming import Kind, Names

Statistic = Literal["Average", "Maximum", "Minimum", "Sum", "SampleCount"]
Comparison = Literal[
    "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm. `why` becomes its description: what the person who is woken up should know and do.

    It goes off when `datapoints_to_alarm` of the last `evaluation_periods` periods are beyond the threshold.
    """

    unit: str
    """What it watches: `api`, `cache`. First part of the name."""
    role: str
    """What about it: `cpu`, `storage`. Second part of the name."""
    namespace: str
    metric: str
    statistic: Statistic
    threshold: float
    dimensions: Mapping[str, str]
    why: str
    comparison: Comparison = "GreaterThanThreshold"
    period_seconds: int = 60
    evaluation_periods: int = 3
    datapoints_to_alarm: int = 2
    region: str | None = None
    """Where the metric is reported, and so the alarm stands; None for the stack's region."""


class Alarms(Construct):
    """A CloudWatch alarm for each definition, telling the topic of its region of going off and of recovery.

    Raises RuntimeError, which names them, when two alarms have the same unit and role, or one a region without a topic.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        topic_arns: Mapping[str, str],
        alarms: Sequence[Alarm],
    ) -> None:
        """
        region: the stack's.
        topic_arns: region -> topic. CloudWatch lets an alarm tell a topic of its own region only.
        """
        super().__init__(scope, id)
        self._names = names
        self._region = region
        self._topic_arns = topic_arns
        resources = [self._build_alarm(alarm) for alarm in alarms]
        self.names = [names.of(Kind.ALARM, alarm.unit, alarm.role) for alarm in alarms]
        self.arns = [resource.arn for resource in resources]

    def _topic_arn(self, alarm: Alarm) -> str:
        region = alarm.region or self._region
        if region not in self._topic_arns:
            raise RuntimeError(
                f"the alarm {alarm.unit} {alarm.role} is in {region}, where there is no topic to tell;"
                f" there are topics in {', '.join(sorted(self._topic_arns))}"
            )
        return self._topic_arns[region]

    def _build_alarm(self, alarm: Alarm) -> CloudwatchMetricAlarm:
        topic_arn = self._topic_arn(alarm)
        return CloudwatchMetricAlarm(
            self,
            f"{alarm.unit}_{alarm.role}",
            region=alarm.region,
            alarm_name=self._names.of(Kind.ALARM, alarm.unit, alarm.role),
            alarm_description=alarm.why,
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=alarm.dimensions,
            statistic=alarm.statistic,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            period=alarm.period_seconds,
            evaluation_periods=alarm.evaluation_periods,
            datapoints_to_alarm=alarm.datapoints_to_alarm,
            # A service without traffic, a cache without commands: silence is no failure.
            treat_missing_data="notBreaching",
            alarm_actions=[topic_arn],
            ok_actions=[topic_arn],
        )
