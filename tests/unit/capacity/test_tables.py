"""How a report reads."""

from __future__ import annotations

import math

import pytest

from lib.capacity import tables
from lib.capacity.limits import INVOCATIONS, NAT_CONNECTIONS
from lib.capacity.load import NO_LIMIT
from tests.unit.capacity.example import FUNCTION, assumed, whole
from tests.unit.capacity.test_report import SIZED


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3.0, "3"),
        (0.0384, "0.0384"),
        (7.25, "7.25"),
        (99.96, "100"),
        (1234.6, "1,235"),
        (1000.0000000001, "1,000"),
        (math.inf, "endless"),
    ],
)
def test_numbers_are_as_long_as_they_say_something(value: float, text: str) -> None:
    assert tables.number(value) == text


@pytest.mark.parametrize(("count", "text"), [(NO_LIMIT, "no limit"), (NO_LIMIT - 1, "999,999,999"), (0, "0")])
def test_users_without_end_are_no_number(count: int, text: str) -> None:
    assert tables.users(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "none"), (45, "45 s"), (120, "2 min"), (465.2, "7 min 45 s")])
def test_times_are_in_minutes_and_seconds(seconds: float, text: str) -> None:
    assert tables.duration(seconds) == text


def test_numbers_of_a_terminal_stand_to_the_right_and_words_to_the_left() -> None:
    assert tables.plain(
        ("unit", "is"), [("api", "1,000"), ("cache", "no limit"), ("cdn", "7.5"), ("x", "endless")]
    ) == ("unit         is\napi       1,000\ncache  no limit\ncdn         7.5\nx       endless\n")


def test_lines_of_a_terminal_end_in_no_spaces() -> None:
    assert tables.plain(("unit", "how"), [("api", "long"), ("b", "x")]) == "unit  how\napi   long\nb     x\n"


def test_markdown_has_a_rule_under_its_header() -> None:
    assert tables.markdown(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_the_question_is_told_in_requests() -> None:
    expected = "2,000 concurrent users: 400 requests a second, 600 in the busiest minutes"
    assert tables.question(assumed(concurrent_users=2000, seconds_between_requests=5)) == expected


class TestSummary:
    def test_says_how_many_and_what_binds(self) -> None:
        (row,) = tables.summary([whole(SIZED, "prod")])
        assert row == (
            "example",
            "prod",
            "15,000: service api, tasks",
            "15,000: service api, tasks",
            "3,375: service api, tasks",
            "yes",
        )

    def test_says_no_where_too_few_are_carried(self) -> None:
        (row,) = tables.summary([whole()])
        assert row[2:] == (
            "333: database, connections",
            "0: way out, connections",
            "300: service api, tasks",
            "no",
        )

    def test_says_when_it_is_enough_only_while_no_zone_fails(self) -> None:
        (row,) = tables.summary([whole(SIZED | {"network": {"nat_gateways": "single"}}, "prod")])
        assert row[-1] == "not with a zone lost"

    def test_points_at_figures_that_do_not_hold(self) -> None:
        (row,) = tables.summary([whole(SIZED | {"firewall": {}}, "prod")])
        assert row[-1] == "yes, but see the figures"


def test_bounds_are_rows_with_what_gives_more() -> None:
    rows = tables.bounds(whole(SIZED, "prod"))
    assert len(tables.BOUNDS) == len(rows[0])
    assert (
        "service api",
        "tasks",
        "72",
        "48",
        "15,000",
        "15,000",
        "3,375",
        "services.api.scaling.max_tasks",
    ) in rows


def test_figures_are_rows_that_hold_or_not() -> None:
    rows = tables.fits(whole())
    assert len(tables.FITS) == len(rows[0])
    setting = "firewall.requests_per_5_minutes_per_address"
    assert ("users behind one address before the firewall blocks it", "44", "200", "no", setting) in rows
    assert [row[3] for row in rows] == ["no", "yes", "no", "no"]


def test_growth_is_rows_with_its_time() -> None:
    rows = tables.growth(whole())
    assert len(tables.GROWTH) == len(rows[0])
    assert rows == [
        ("service api", "tasks", "2", "10", "7 min 45 s", "1 step, by requests"),
        ("cache", "ECPU/s", "30,000", "30,000", "none", "always there"),
    ]


def test_quotas_are_rows_with_their_code() -> None:
    rows = tables.quotas(whole(SIZED, "prod"))
    assert len(tables.QUOTAS) == len(rows[0])
    assert rows[0] == ("vCPUs of tasks on Fargate", "L-3032A538", "72", "6", "2,500", "ask for more")
    assert ("VPCs", "L-F678F1CE", "1", "5", "no limit", "yes") in rows


def test_assumptions_are_rows_with_what_they_mean() -> None:
    rows = tables.assumptions(assumed(peak_factor=2))
    assert len(tables.ASSUMPTIONS) == len(rows[0])
    assert ("peak_factor", "2", "The busiest minutes against the average of the same users.") in rows


def test_limits_are_rows_with_their_page_and_the_code_of_those_that_can_be_raised() -> None:
    assert tables.limits([NAT_CONNECTIONS, INVOCATIONS]) == [
        (NAT_CONNECTIONS.meaning, "55,000", "", NAT_CONNECTIONS.page),
        ("invocations at one time", "1,000", "L-B99A9384", INVOCATIONS.page),
    ]
    assert len(tables.LIMITS) == 4


def test_a_function_is_named_as_one() -> None:
    assert [row[0] for row in tables.bounds(whole({"functions": {"pay": FUNCTION}}))][-1] == "function pay"
