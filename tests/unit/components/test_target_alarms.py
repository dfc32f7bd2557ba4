"""Alarms of what stands behind the load balancer, tasks and instances alike."""

from __future__ import annotations

import pytest

from lib.components.alarms import Alarm
from lib.components.target_alarms import target_alarms
from lib.settings.targets import HealthCheck, Target, TargetAlarms

SETTINGS = Target(
    alarms=TargetAlarms(response_time_seconds=1.5, unhealthy_targets=2, target_5xx_count=11),
    health_check=HealthCheck(path="/alive"),
)


def alarms(start_seconds: int = 0) -> dict[str, Alarm]:
    made = target_alarms(
        "web",
        SETTINGS,
        load_balancer="app/shop/1",
        target_group="targetgroup/web/2",
        start_seconds=start_seconds,
    )
    by_role = {alarm.role: alarm for alarm in made}
    assert len(by_role) == len(made)
    return by_role


ABOVE, FROM, BELOW = "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"


@pytest.mark.parametrize(
    ("role", "metric", "statistic", "comparison", "threshold"),
    [
        ("unhealthy", "UnHealthyHostCount", "Maximum", FROM, 2),
        ("healthy", "HealthyHostCount", "Maximum", BELOW, 1),
        ("latency", "TargetResponseTime", "Average", ABOVE, 1.5),
        ("errors", "HTTPCode_Target_5XX_Count", "Sum", ABOVE, 11),
    ],
)
def test_alarm_goes_off_beyond_its_threshold(
    role: str, metric: str, statistic: str, comparison: str, threshold: float
) -> None:
    alarm = alarms()[role]
    assert (alarm.namespace, alarm.metric) == ("AWS/ApplicationELB", metric)
    assert (alarm.statistic, alarm.comparison, alarm.threshold) == (statistic, comparison, threshold)


def test_there_are_these_alarms_and_no_others() -> None:
    assert list(alarms()) == ["unhealthy", "healthy", "latency", "errors"]


@pytest.mark.parametrize("role", ["unhealthy", "healthy", "latency", "errors"])
def test_targets_are_found_by_group_and_load_balancer(role: str) -> None:
    alarm = alarms()[role]
    assert alarm.unit == "web"
    assert alarm.dimensions == {"TargetGroup": "targetgroup/web/2", "LoadBalancer": "app/shop/1"}


@pytest.mark.parametrize("role", ["unhealthy", "healthy", "latency", "errors"])
def test_two_bad_minutes_of_three_are_enough(role: str) -> None:
    alarm = alarms()[role]
    assert (alarm.period_seconds, alarm.evaluation_periods, alarm.datapoints_to_alarm) == (60, 3, 2)


@pytest.mark.parametrize(("start_seconds", "minutes"), [(300, 5), (301, 6), (1, 1)])
def test_targets_may_be_unhealthy_for_as_long_as_they_start(start_seconds: int, minutes: int) -> None:
    alarm = alarms(start_seconds)["unhealthy"]
    assert (alarm.period_seconds, alarm.evaluation_periods, alarm.datapoints_to_alarm) == (60, minutes + 3, minutes + 2)


def test_that_nobody_answers_is_told_at_once_all_the_same() -> None:
    alarm = alarms(300)["healthy"]
    assert (alarm.evaluation_periods, alarm.datapoints_to_alarm) == (3, 2)


def test_every_alarm_says_what_it_means() -> None:
    assert all(len(alarm.why) > 40 for alarm in alarms().values())
    assert "/alive" in alarms()["unhealthy"].why
    assert alarms()["healthy"].why.startswith("web is down")
