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


class Alarms(Construct):
    """A CloudWatch alarm for each definition, all of them telling one topic of going off and of recovery.

    Raises RuntimeError, which names them, when two alarms have the same unit and role.
    """

    def __init__(self, scope: Construct, id: str, *, names: Names, topic_arn: str, alarms: Sequence[Alarm]) -> None:
        super().__init__(scope, id)
        self._names = names
        self._topic_arn = topic_arn
        resources = [self._build_alarm(alarm) for alarm in alarms]
        self.names = [names.of(Kind.ALARM, alarm.unit, alarm.role) for alarm in alarms]
        self.arns = [resource.arn for resource in resources]

    def _build_alarm(self, alarm: Alarm) -> CloudwatchMetricAlarm:
        return CloudwatchMetricAlarm(
            self,
            f"{alarm.unit}_{alarm.role}",
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
            alarm_actions=[self._topic_arn],
            ok_actions=[self._topic_arn],
        )
