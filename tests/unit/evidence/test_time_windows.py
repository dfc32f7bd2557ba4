"""When windows of time have a minute in common."""

from __future__ import annotations

import pytest

from lib.evidence.structure.time_windows import KINDS, daily, overlap, weekly, windows_are_apart
from tests.template import Template


def test_a_daily_window_is_seven_of_a_week() -> None:
    found = daily("03:00-04:30")
    assert len(found) == 7
    assert found[0] == (180, 270)
    assert found[6] == (6 * 1440 + 180, 6 * 1440 + 270)


def test_a_daily_window_over_midnight_ends_on_the_next_day() -> None:
    assert daily("23:30-00:30")[0] == (1410, 1470)


def test_a_weekly_window_is_one_that_may_end_in_the_next_week() -> None:
    assert weekly("mon:00:00-mon:01:00") == [(0, 60)]
    assert weekly("SUN:23:30-mon:00:30") == [(6 * 1440 + 1410, 6 * 1440 + 1470)]


@pytest.mark.parametrize("value", ["", "3:00-4:00", "24:00-01:00", "03:60-04:00", "03:00", "sun:03:00-sun:04:00"])
def test_what_is_no_daily_window_is_none(value: str) -> None:
    assert daily(value) == []


@pytest.mark.parametrize("value", ["", "03:00-04:00", "sunday:03:00-sunday:04:00", "sun:03:00", "xyz:03:00-sun:04:00"])
def test_what_is_no_weekly_window_is_none(value: str) -> None:
    assert weekly(value) == []


@pytest.mark.parametrize(
    ("backup", "maintenance", "is_overlap"),
    [
        ("03:00-04:00", "sun:04:00-sun:05:00", False),
        ("03:00-04:00", "sun:02:00-sun:03:00", False),
        ("03:00-04:00", "sun:03:59-sun:05:00", True),
        ("03:00-04:00", "sun:02:00-sun:03:01", True),
        ("03:00-04:00", "tue:03:15-tue:03:45", True),
        ("03:00-04:00", "mon:04:00-tue:03:00", False),
        ("03:00-04:00", "mon:04:00-tue:03:01", True),
        ("23:30-00:30", "mon:00:00-mon:01:00", True),
        ("23:30-00:30", "sun:23:00-sun:23:30", False),
        ("00:00-00:30", "sun:23:45-mon:00:15", True),
        ("00:00-00:30", "sun:23:00-mon:00:00", False),
    ],
)
def test_windows_overlap_also_over_midnight_and_the_week_s_end(backup: str, maintenance: str, is_overlap: bool) -> None:
    assert overlap(daily(backup), weekly(maintenance)) is is_overlap


@pytest.mark.parametrize("kind", KINDS)
def test_a_window_of_the_least_length_is_long_enough(kind: str) -> None:
    windows = KINDS[kind]
    least = {30: "sun:04:00-sun:04:30", 60: "sun:04:00-sun:05:00"}[windows.least_minutes]
    less = {30: "sun:04:00-sun:04:29", 60: "sun:04:00-sun:04:59"}[windows.least_minutes]
    template = Template({"resource": {kind: {"a": {windows.weekly: least}, "b": {windows.weekly: less}}}})
    (finding,) = windows_are_apart(template)
    assert finding.startswith(f"{kind}.b: {windows.weekly} {less!r} has {windows.least_minutes - 1} minutes")


def test_a_window_that_only_terraform_knows_is_left() -> None:
    block = {"backup_window": "${var.window}", "maintenance_window": "${var.window}"}
    assert windows_are_apart(Template({"resource": {"aws_db_instance": {"one": block}}})) == []
