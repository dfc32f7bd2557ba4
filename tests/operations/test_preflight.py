"""The preflight of a stack that is there already, on the embedded AWS."""

from __future__ import annotations

import pytest

from lib.operations.aws import Aws
from lib.operations.preflight.measure import State
from lib.operations.preflight.page import UNANSWERED
from lib.operations.preflight.run import Result, preflight_of
from tests.operations.conftest import Platform

_LONGEST = 10
"""Seconds."""


@pytest.fixture(scope="module")
def result(platform: Platform) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in platform.environ.items():
            patch.setenv(name, value)
        return preflight_of(platform.stack, Aws(platform.stack.settings.region))


def test_nothing_is_in_the_way_of_a_second_deployment(result: Result) -> None:
    assert (result.code, result.findings) == (0, [])


def test_it_takes_no_time_that_people_would_notice(result: Result) -> None:
    assert result.seconds < _LONGEST


def test_what_the_stack_has_is_its_own_and_as_much_as_it_needs(result: Result) -> None:
    own = {row.quota.name: (row.own, row.needed) for row in result.rows}
    for name in ("VPCs", "internet gateways", "elastic IP addresses", "NAT gateways in a zone", "target groups"):
        assert own[name] == (1, 1), name
    for name in ("KMS keys", "IAM roles", "buckets", "database instances", "cache users", "secrets", "file systems"):
        assert own[name][0] == own[name][1] > 0, name


def test_no_quota_with_a_code_is_called_well(result: Result) -> None:
    assert {row.state for row in result.rows if row.quota.code} == {State.NEEDS_AWS}


def test_no_more_than_is_said_goes_unanswered(result: Result) -> None:
    rows = {row.quota.name for row in result.rows if row.state is State.NEEDS_AWS and not row.is_counted}
    outcomes = {each.prerequisite.name for each in result.outcomes if each.state is State.NEEDS_AWS}
    assert rows | outcomes <= UNANSWERED


def test_the_state_says_what_is_the_stack_s(result: Result) -> None:
    names = {each.prerequisite.name: each.state for each in result.outcomes}
    assert names["names.aws_cloudwatch_log_group"] is State.OK
    assert names["names.aws_db_instance"] is State.OK
    assert names["state"] is State.OK
