"""A fleet's alarms: metrics that exist for it, by the names under which they are reported."""

from __future__ import annotations

import pytest

from lib.components.alarms import Alarm
from lib.components.fleet_alarms import fleet_alarms
from lib.components.user_data import agent_configuration
from lib.settings.compute import Fleet, FleetAlarms, FleetScaling

SETTINGS = Fleet(
    alarms=FleetAlarms(
        cpu_percent=81, memory_percent=82, disk_percent=83, response_time_seconds=1.5, unhealthy_targets=2
    ),
    scaling=FleetScaling(min_instances=3),
    health_check_grace_seconds=240,
)
GROUP = {"AutoScalingGroupName": "shop-dev-web"}
TARGETS = {"TargetGroup": "targetgroup/web/2", "LoadBalancer": "app/shop/1"}


def alarms() -> dict[str, Alarm]:
    made = fleet_alarms(
        "web", SETTINGS, group_name="shop-dev-web", load_balancer="app/shop/1", target_group="targetgroup/web/2"
    )
    by_role = {alarm.role: alarm for alarm in made}
    assert len(by_role) == len(made)
    return by_role


@pytest.mark.parametrize(
    ("role", "metric", "statistic", "comparison", "threshold"),
    [
        ("cpu", "AWS/EC2 CPUUtilization", "Average", "GreaterThanThreshold", 81),
        ("memory", "CWAgent mem_used_percent", "Average", "GreaterThanThreshold", 82),
        ("disk", "CWAgent disk_used_percent", "Maximum", "GreaterThanThreshold", 83),
        ("instances", "AWS/AutoScaling GroupInServiceInstances", "Average", "LessThanThreshold", 3),
        ("unhealthy", "AWS/ApplicationELB UnHealthyHostCount", "Maximum", "GreaterThanOrEqualToThreshold", 2),
    ],
)
def test_alarm_goes_off_beyond_its_threshold(
    role: str, metric: str, statistic: str, comparison: str, threshold: float
) -> None:
    alarm = alarms()[role]
    assert f"{alarm.namespace} {alarm.metric}" == metric
    assert (alarm.statistic, alarm.comparison, alarm.threshold) == (statistic, comparison, threshold)


def test_there_are_these_alarms_and_no_others() -> None:
    roles = ["cpu", "memory", "disk", "instances", "unhealthy", "healthy", "latency", "errors"]
    assert list(alarms()) == roles
    assert {alarm.unit for alarm in alarms().values()} == {"web"}


@pytest.mark.parametrize("role", ["cpu", "memory", "disk", "instances"])
def test_instances_are_found_by_their_group(role: str) -> None:
    assert alarms()[role].dimensions == GROUP


@pytest.mark.parametrize("role", ["unhealthy", "healthy", "latency", "errors"])
def test_targets_are_found_by_group_and_load_balancer(role: str) -> None:
    assert alarms()[role].dimensions == TARGETS


@pytest.mark.parametrize("role", ["cpu", "memory", "disk"])
def test_two_bad_minutes_of_three_are_enough(role: str) -> None:
    alarm = alarms()[role]
    assert (alarm.period_seconds, alarm.evaluation_periods, alarm.datapoints_to_alarm) == (60, 3, 2)


def test_missing_instances_are_given_five_minutes() -> None:
    alarm = alarms()["instances"]
    assert (alarm.period_seconds, alarm.evaluation_periods, alarm.datapoints_to_alarm) == (60, 5, 5)


def test_instance_that_boots_is_no_unhealthy_one() -> None:
    alarm = alarms()["unhealthy"]
    assert (alarm.evaluation_periods, alarm.datapoints_to_alarm) == (7, 6)


@pytest.mark.parametrize(("role", "plugin"), [("memory", "mem"), ("disk", "disk")])
def test_the_agent_reports_what_its_alarm_looks_at(role: str, plugin: str) -> None:
    alarm = alarms()[role]
    metrics = agent_configuration(alarm.dimensions["AutoScalingGroupName"], "/log/group")["metrics"]
    (measurement,) = metrics["metrics_collected"][plugin]["measurement"]
    # The agent puts the plugin's name before a measurement that does not begin with it.
    assert f"{plugin}_{measurement.removeprefix(f'{plugin}_')}" == alarm.metric
    assert metrics["namespace"] == alarm.namespace
    assert metrics["metrics_collected"][plugin]["append_dimensions"] == alarm.dimensions
    assert metrics["aggregation_dimensions"] == [list(alarm.dimensions)]


def test_every_alarm_says_what_it_means() -> None:
    assert all(len(alarm.why) > 40 for alarm in alarms().values())
