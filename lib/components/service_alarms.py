"""What is worth a call at night about a service: its tasks, and how they answer the load balancer."""

from __future__ import annotations

from collections.abc import Mapping

from lib.components.alarms import Alarm
from lib.components.target_alarms import target_alarms
from lib.settings.services import Service as ServiceSettings


def service_alarms(
    name: str,
    settings: ServiceSettings,
    *,
    cluster_name: str,
    service_name: str,
    has_insights: bool,
    load_balancer: str,
    target_group: str,
) -> list[Alarm]:
    """has_insights: whether the cluster has Container Insights. load_balancer, target_group: suffixes of their ARNs."""
    tasks = {"ClusterName": cluster_name, "ServiceName": service_name}
    return [
        *_usage_alarms(name, settings, tasks),
        *([_running_alarm(name, settings, tasks)] if has_insights else []),
        *target_alarms(name, settings, load_balancer=load_balancer, target_group=target_group),
    ]


def _usage_alarms(name: str, settings: ServiceSettings, dimensions: Mapping[str, str]) -> list[Alarm]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html"""
    return [
        Alarm(
            unit=name,
            role="cpu",
            namespace="AWS/ECS",
            metric="CPUUtilization",
            statistic="Average",
            threshold=settings.alarms.cpu_percent,
            dimensions=dimensions,
            why="The tasks use nearly all of their CPU: scaling is at its limit, or too slow. Look at the number of"
            " tasks, then raise scaling.max_tasks or cpu.",
        ),
        Alarm(
            unit=name,
            role="memory",
            namespace="AWS/ECS",
            metric="MemoryUtilization",
            statistic="Average",
            threshold=settings.alarms.memory_percent,
            dimensions=dimensions,
            why="The tasks use nearly all of their memory; at 100 % they are killed. Raise memory_mib, or look for a"
            " leak if it only ever grows.",
        ),
    ]


def _running_alarm(name: str, settings: ServiceSettings, dimensions: Mapping[str, str]) -> Alarm:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html"""
    return Alarm(
        unit=name,
        role="tasks",
        namespace="ECS/ContainerInsights",
        metric="RunningTaskCount",
        statistic="Average",
        threshold=settings.scaling.min_tasks,
        comparison="LessThanThreshold",
        evaluation_periods=5,
        datapoints_to_alarm=5,
        dimensions=dimensions,
        why="Fewer tasks run than scaling.min_tasks, and ECS could not start others for minutes. The service's events"
        " name the reason: image, secret, capacity or a crash.",
    )
