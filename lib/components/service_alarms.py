"""What is worth a call at night about a service: its tasks, and how they answer the load balancer."""

from __future__ import annotations

from collections.abc import Mapping

from lib.components.alarms import Alarm
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
    targets = {"TargetGroup": target_group, "LoadBalancer": load_balancer}
    return [
        *_usage_alarms(name, settings, tasks),
        *([_running_alarm(name, settings, tasks)] if has_insights else []),
        *_health_alarms(name, settings, targets),
        *_answer_alarms(name, settings, targets),
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


def _health_alarms(name: str, settings: ServiceSettings, dimensions: Mapping[str, str]) -> list[Alarm]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"""
    return [
        Alarm(
            unit=name,
            role="unhealthy",
            namespace="AWS/ApplicationELB",
            metric="UnHealthyHostCount",
            statistic="Maximum",
            threshold=settings.alarms.unhealthy_targets,
            comparison="GreaterThanOrEqualToThreshold",
            dimensions=dimensions,
            why=f"Tasks do not answer {settings.health_check.path} as they should and are being replaced. Their logs"
            " tell whether they crash, hang or cannot reach a store.",
        ),
        Alarm(
            unit=name,
            role="healthy",
            namespace="AWS/ApplicationELB",
            metric="HealthyHostCount",
            # Every node of the load balancer counts for itself: the service is down when none sees a healthy task.
            statistic="Maximum",
            threshold=1,
            comparison="LessThanThreshold",
            dimensions=dimensions,
            why="The service is down: no task is healthy. Look at its last deployment and its logs first.",
        ),
    ]


def _answer_alarms(name: str, settings: ServiceSettings, dimensions: Mapping[str, str]) -> list[Alarm]:
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
