"""A service's alarms: metrics that exist for it, with its own dimensions."""

from __future__ import annotations

import pytest

from lib.components.alarms import Alarm
from lib.components.service_alarms import service_alarms
from lib.settings.services import Scaling
from lib.settings.services import Service as ServiceSettings
from lib.settings.targets import HealthCheck, TargetAlarms

SETTINGS = ServiceSettings(
    alarms=TargetAlarms(
        cpu_percent=81, memory_percent=82, response_time_seconds=1.5, unhealthy_targets=2, target_5xx_count=11
    ),
    scaling=Scaling(min_tasks=3),
    health_check=HealthCheck(path="/alive"),
)
TASKS = {"ClusterName": "shop-dev-cluster", "ServiceName": "shop-dev-api"}
TARGETS = {"TargetGroup": "targetgroup/api/2", "LoadBalancer": "app/shop/1"}


def alarms(has_insights: bool = True) -> dict[str, Alarm]:
    made = service_alarms(
        "api",
        SETTINGS,
        cluster_name="shop-dev-cluster",
        service_name="shop-dev-api",
        has_insights=has_insights,
        load_balancer="app/shop/1",
        target_group="targetgroup/api/2",
    )
    by_role = {alarm.role: alarm for alarm in made}
    assert len(by_role) == len(made)
    return by_role


ABOVE, FROM, BELOW = "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"


@pytest.mark.parametrize(
    ("role", "metric", "statistic", "comparison", "threshold"),
    [
        ("cpu", "AWS/ECS CPUUtilization", "Average", ABOVE, 81),
        ("memory", "AWS/ECS MemoryUtilization", "Average", ABOVE, 82),
        ("tasks", "ECS/ContainerInsights RunningTaskCount", "Average", BELOW, 3),
        ("unhealthy", "AWS/ApplicationELB UnHealthyHostCount", "Maximum", FROM, 2),
        ("healthy", "AWS/ApplicationELB HealthyHostCount", "Maximum", BELOW, 1),
        ("latency", "AWS/ApplicationELB TargetResponseTime", "Average", ABOVE, 1.5),
        ("errors", "AWS/ApplicationELB HTTPCode_Target_5XX_Count", "Sum", ABOVE, 11),
    ],
)
def test_alarm_goes_off_beyond_its_threshold(
    role: str, metric: str, statistic: str, comparison: str, threshold: float
) -> None:
    alarm = alarms()[role]
    assert f"{alarm.namespace} {alarm.metric}" == metric
    assert (alarm.statistic, alarm.comparison, alarm.threshold) == (statistic, comparison, threshold)


def test_there_are_these_alarms_and_no_others() -> None:
    assert list(alarms()) == ["cpu", "memory", "tasks", "unhealthy", "healthy", "latency", "errors"]
    assert {alarm.unit for alarm in alarms().values()} == {"api"}


@pytest.mark.parametrize("role", ["cpu", "memory", "tasks"])
def test_tasks_are_found_by_cluster_and_service(role: str) -> None:
    assert alarms()[role].dimensions == TASKS


@pytest.mark.parametrize("role", ["unhealthy", "healthy", "latency", "errors"])
def test_targets_are_found_by_group_and_load_balancer(role: str) -> None:
    assert alarms()[role].dimensions == TARGETS


@pytest.mark.parametrize("role", ["cpu", "memory", "unhealthy", "healthy", "latency", "errors"])
def test_two_bad_minutes_of_three_are_enough(role: str) -> None:
    alarm = alarms()[role]
    assert (alarm.period_seconds, alarm.evaluation_periods, alarm.datapoints_to_alarm) == (60, 3, 2)


def test_missing_tasks_are_given_five_minutes() -> None:
    alarm = alarms()["tasks"]
    assert (alarm.period_seconds, alarm.evaluation_periods, alarm.datapoints_to_alarm) == (60, 5, 5)


def test_running_tasks_are_counted_by_container_insights_alone() -> None:
    assert "tasks" not in alarms(has_insights=False)
    assert len(alarms(has_insights=False)) == 6


def test_every_alarm_says_what_it_means() -> None:
    assert all(len(alarm.why) > 40 for alarm in alarms().values())
    assert "/alive" in alarms()["unhealthy"].why
