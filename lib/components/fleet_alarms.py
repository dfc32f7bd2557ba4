"""What is worth a call at night about a fleet: its instances, and how they answer the load balancer."""

from __future__ import annotations

from collections.abc import Mapping

from lib.components.alarms import Alarm
from lib.components.target_alarms import target_alarms
from lib.components.user_data import DIMENSION, DISK_METRIC, MEMORY_METRIC, NAMESPACE
from lib.settings.compute import Fleet as FleetSettings


def fleet_alarms(
    name: str, settings: FleetSettings, *, group_name: str, load_balancer: str, target_group: str
) -> list[Alarm]:
    """load_balancer, target_group: suffixes of their ARNs."""
    group = {DIMENSION: group_name}
    return [
        _cpu_alarm(name, settings, group),
        *_agent_alarms(name, settings, group),
        _instances_alarm(name, settings, group),
        *target_alarms(
            name,
            settings,
            load_balancer=load_balancer,
            target_group=target_group,
            # An instance is a target from its launch on, and boots first.
            start_seconds=settings.health_check_grace_seconds,
        ),
    ]


def _cpu_alarm(name: str, settings: FleetSettings, dimensions: Mapping[str, str]) -> Alarm:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html"""
    return Alarm(
        unit=name,
        role="cpu",
        namespace="AWS/EC2",
        metric="CPUUtilization",
        statistic="Average",
        threshold=settings.alarms.cpu_percent,
        dimensions=dimensions,
        why="The instances use nearly all of their CPU: scaling is at its limit, or too slow. Look at the number of"
        " instances, then raise scaling.max_instances or take a larger instance_type.",
    )


def _agent_alarms(name: str, settings: FleetSettings, dimensions: Mapping[str, str]) -> list[Alarm]:
    """What only the agent on the instances sees; it reports the same under InstanceId for each of them.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/metrics-collected-by-CloudWatch-agent.html
    """
    return [
        Alarm(
            unit=name,
            role="memory",
            namespace=NAMESPACE,
            metric=MEMORY_METRIC,
            statistic="Average",
            threshold=settings.alarms.memory_percent,
            dimensions=dimensions,
            why="The instances use nearly all of their memory; the system then ends processes. Take a larger"
            " instance_type, or look for a leak if it only ever grows.",
        ),
        Alarm(
            unit=name,
            role="disk",
            namespace=NAMESPACE,
            metric=DISK_METRIC,
            # One full disk is enough, however empty the others are.
            statistic="Maximum",
            threshold=settings.alarms.disk_percent,
            dimensions=dimensions,
            why=f"The disk of an instance is nearly full: {NAMESPACE} {DISK_METRIC} by InstanceId tells which. End that"
            " instance, a new one takes its place; then find what fills it, or raise disk_gb.",
        ),
    ]


def _instances_alarm(name: str, settings: FleetSettings, dimensions: Mapping[str, str]) -> Alarm:
    """https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html"""
    return Alarm(
        unit=name,
        role="instances",
        namespace="AWS/AutoScaling",
        metric="GroupInServiceInstances",
        statistic="Average",
        threshold=settings.scaling.min_instances,
        comparison="LessThanThreshold",
        evaluation_periods=5,
        datapoints_to_alarm=5,
        dimensions=dimensions,
        why="Fewer instances run than scaling.min_instances, and none could be launched in their place for minutes. The"
        " group's activities name the reason: capacity, quota, image or key.",
    )
