"""What is worth a call at night about tasks or instances behind the load balancer: whether and how they answer it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from lib.components.alarms import Alarm
from lib.settings.targets import Target


def target_alarms(
    name: str, settings: Target, *, load_balancer: str, target_group: str, start_seconds: int = 0
) -> list[Alarm]:
    """load_balancer, target_group: suffixes of their ARNs.
    start_seconds: how long targets are in the group before they answer; that long they may be unhealthy."""
    targets = {"TargetGroup": target_group, "LoadBalancer": load_balancer}
    return [*_health_alarms(name, settings, targets, start_seconds), *_answer_alarms(name, settings, targets)]


def _health_alarms(name: str, settings: Target, dimensions: Mapping[str, str], start_seconds: int) -> list[Alarm]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"""
    start_minutes = math.ceil(start_seconds / 60)
    return [
        Alarm(
            unit=name,
            role="unhealthy",
            namespace="AWS/ApplicationELB",
            metric="UnHealthyHostCount",
            statistic="Maximum",
            threshold=settings.alarms.unhealthy_targets,
            comparison="GreaterThanOrEqualToThreshold",
            evaluation_periods=start_minutes + 3,
            datapoints_to_alarm=start_minutes + 2,
            dimensions=dimensions,
            why=f"Targets do not answer {settings.health_check.path} as they should and are being replaced. Their logs"
            " tell whether they crash, hang or cannot reach a store.",
        ),
        Alarm(
            unit=name,
            role="healthy",
            namespace="AWS/ApplicationELB",
            metric="HealthyHostCount",
            # Every node of the load balancer counts for itself: all is down when none sees a healthy target.
            statistic="Maximum",
            threshold=1,
            comparison="LessThanThreshold",
            dimensions=dimensions,
            why=f"{name} is down: no target is healthy. Look at its last deployment and its logs first.",
        ),
    ]


def _answer_alarms(name: str, settings: Target, dimensions: Mapping[str, str]) -> list[Alarm]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"""
    return [
        Alarm(
            unit=name,
            role="latency",
            namespace="AWS/ApplicationELB",
            metric="TargetResponseTime",
            statistic="Average",
            threshold=settings.alarms.response_time_seconds,
            dimensions=dimensions,
            why="Requests take long on average. Compare with CPU, and with the latency of database and cache.",
        ),
        Alarm(
            unit=name,
            role="errors",
            namespace="AWS/ApplicationELB",
            metric="HTTPCode_Target_5XX_Count",
            statistic="Sum",
            threshold=settings.alarms.target_5xx_count,
            dimensions=dimensions,
            why="The application answers with 5xx: its logs hold the errors.",
        ),
    ]
