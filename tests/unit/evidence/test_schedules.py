"""Which cron, rate and at expressions are read."""

from __future__ import annotations

import pytest

from lib.evidence.structure.schedules import wrong

ALL = ("cron", "rate", "at")


def said(value: str, *forms: str) -> list[str]:
    return list(wrong(value, forms or ALL))


@pytest.mark.parametrize(
    "value",
    [
        "cron(0 10 * * ? *)",
        "cron(15 12 ? * MON-FRI *)",
        "cron(0/10 * ? * 2,4,SUN 2025-2030)",
        "cron(0 18 L * ? *)",
        "cron(0 18 L-2 * ? *)",
        "cron(0 8 LW JAN,JUL ? *)",
        "cron(0 8 3W * ? *)",
        "cron(0 8 ? * 3#2 *)",
        "cron(0 8 ? * FRIL *)",
        "cron(*/5 8-17/2 ? jan-mar mon *)",
        "rate(1 minute)",
        "rate(5 minutes)",
        "rate(1 day)",
        "rate(12 hours)",
        "at(2030-01-31T04:00:00)",
    ],
)
def test_expressions_that_are_read(value: str) -> None:
    assert said(value) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("cron(0 10 * * *)", "has 5 fields, and 6 are read"),
        ("cron(60 10 * * ? *)", "has 60 for minutes, which takes 0 to 59"),
        ("cron(0 10 0 * ? *)", "has 0 for day of the month, which takes 1 to 31"),
        ("cron(0 10 ? 13 MON *)", "has 13 for month, which takes 1 to 12"),
        ("cron(0 10 ? * 0 *)", "has 0 for day of the week, which takes 1 to 7"),
        ("cron(0 10 ? * MON 1969)", "has 1969 for year, which takes 1970 to 2199"),
        ("cron(0/0 10 ? * MON *)", "has 0/0 for minutes, which takes 0 to 59"),
        ("cron(0 1-2-3 ? * MON *)", "has 1-2-3 for hours, which takes 0 to 23"),
        ("cron(0 10 ? * MONDAY *)", "has MONDAY for day of the week, which takes 1 to 7"),
        ("cron(0 L ? * MON *)", "has L for hours, which takes 0 to 23"),
        ("cron(0 10 ? * MON#6 *)", "has MON#6 for day of the week, which takes 1 to 7"),
        ("cron(0 10 1,32 * ? *)", "has 1,32 for day of the month, which takes 1 to 31"),
        (f"cron({'9' * 5000} 10 ? * MON *)", f"has {'9' * 5000} for minutes, which takes 0 to 59"),
        ("cron(0 10 ? * ? *)", "leaves not exactly one of day of the month and day of the week open, by ?"),
        ("cron(0 10 1 * MON *)", "leaves not exactly one of day of the month and day of the week open, by ?"),
        ("rate(0 minutes)", "is not a number above 0 and minutes, hours or days"),
        ("rate(5 weeks)", "is not a number above 0 and minutes, hours or days"),
        ("rate(5)", "is not a number above 0 and minutes, hours or days"),
        ("rate(1 hours)", "says 1 hours: 1 is followed by a singular, more by a plural"),
        ("rate(2 hour)", "says 2 hour: 1 is followed by a singular, more by a plural"),
        ("at(2030-02-30T04:00:00)", "is not a time like 2030-01-31T04:00:00"),
        ("0 10 * * *", "is not cron(…) or rate(…) or at(…)"),
    ],
)
def test_expressions_that_are_not_read(value: str, problem: str) -> None:
    assert said(value) == [problem]


def test_a_service_reads_its_own_forms_only() -> None:
    assert said("rate(1 day)", "cron") == ["is not cron(…)"]
    assert said("cron(0 10 * * ? *)", "cron") == []


def test_a_group_s_schedule_is_the_cron_of_unix() -> None:
    assert said("0 3 * * 0-7", "unix cron") == said("30 0 1 1,6,12 SUN", "unix cron") == []
    assert said("0 3 ? * MON", "unix cron") == ["has ? for day of the month, which takes 1 to 31"]
    assert said("0 3 * * 8", "unix cron") == ["has 8 for day of the week, which takes 0 to 7"]
