"""How checks are made: side by side, nothing raised, nothing left out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.operations.aws import Refused
from lib.operations.deployment import Deployment
from lib.operations.verify.check import DoesNotApply, Unit
from lib.operations.verify.registry import CHECKS, FIRST, UNITS
from lib.operations.verify.run import Outcome, State, outcome, verify
from lib.operations.verify.words import Gone, expect, expect_in, one, shown, statements
from tests.unit.operations.on_aws import on_aws
from tests.unit.operations.recorded import Recording


@pytest.fixture
def stack() -> Deployment:
    return Recording("catalog").deployment(emulated=True)


def raised(stack: Deployment, error: BaseException) -> Outcome:
    unit = Unit("unit", "Unit")

    @unit.each("service_names", what="It holds")
    def find(_: Deployment, service: str) -> Iterator[str]:
        yield f"what was found of {service} before"
        raise error

    return outcome(stack, unit.checks[0])


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Refused("ec2 DescribeVpcs: Throttling", "Throttling"), "ec2 DescribeVpcs: Throttling"),
        (Gone("there is no VPC"), "there is no VPC"),
        (KeyError("Vpcs"), "an answer of AWS has no 'Vpcs'"),
        (IndexError("list index out of range"), "an answer of AWS is empty"),
        (TypeError("'NoneType'"), "an answer of AWS is not as expected: 'NoneType'"),
        (ValueError("invalid literal"), "an answer of AWS is not as expected: invalid literal"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_a_check_comes_upon_is_a_problem_beside_what_it_found(
    stack: Deployment, error: Exception, says: str
) -> None:
    found = raised(stack, error)
    assert found.state is State.PROBLEM
    assert found.problems == ("api: what was found of api before", f"api: {says}")


def test_a_mistake_in_a_check_is_no_problem_of_the_deployment(stack: Deployment) -> None:
    with pytest.raises(ZeroDivisionError):
        raised(stack, ZeroDivisionError())


def test_refusals_are_kept(stack: Deployment) -> None:
    refusal = Refused("denied", "AccessDenied", "ec2:DescribeVpcs")
    assert raised(stack, refusal).refusals == (refusal,)


def test_a_check_that_applies_to_no_subject_says_why(stack: Deployment) -> None:
    unit = Unit("unit", "Unit")

    @unit.each("service_names", "alarm_topic_arn", what="It holds")
    def find(_: Deployment, subject: str) -> Iterator[str]:
        raise DoesNotApply(f"{subject} is none")
        yield

    found = outcome(stack, unit.checks[0])
    assert (found.state, found.reason) == (State.NOT_APPLICABLE, "api is none; alarm_topic_arn is none")


def test_outcomes_are_in_the_order_of_the_checks_and_told_as_they_come(stack: Deployment) -> None:
    told: list[str] = []
    outcomes = verify(stack, after=lambda each: told.append(each.check.name))
    assert [each.check for each in outcomes] == list(CHECKS)
    assert sorted(told) == sorted(check.name for check in CHECKS)


def test_where_the_deployment_is_not_there_nothing_else_is_asked() -> None:
    recording = on_aws("catalog")
    recording.change("ec2 describe_vpcs", "", "InvalidVpcID.NotFound")
    outcomes = verify(recording.deployment())
    states = [each.state for each in outcomes]
    assert states == [State.HOLDS, State.PROBLEM, *[State.NOT_ASKED] * (len(CHECKS) - len(FIRST))]
    assert len(recording.aws.asked) == len(FIRST)


def test_checks_have_names_of_their_own_and_sentences() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert len({unit.name for unit in UNITS}) == len(UNITS)
    assert all(check.what[0].isupper() and not check.what.endswith(".") for check in CHECKS)


def test_checks_are_counted() -> None:
    assert (len(UNITS), len(CHECKS), sum(bool(check.needs_aws) for check in CHECKS)) == (25, 199, 26)


class TestWords:
    def test_values_are_shown_as_people_write_them(self) -> None:
        assert [shown(value) for value in (None, True, 3, "", "a", {"b", "a"}, set(), ["a"], {"a": None})] == [
            "not set",
            "true",
            "3",
            "empty",
            "a",
            "a, b",
            "none",
            '["a"]',
            '{"a": null}',
        ]

    def test_a_long_value_is_cut(self) -> None:
        assert shown("a" * 400) == "a" * 300 + "…"

    def test_one_is_the_one(self) -> None:
        assert one(iter(["a"]), "letter") == "a"

    @pytest.mark.parametrize(
        ("items", "says"), [([], "there is no letter"), (["a", "b"], "there are 2 of letter instead of one")]
    )
    def test_none_and_several_are_said(self, items: list[str], says: str) -> None:
        with pytest.raises(Gone, match=says):
            one(items, "letter")

    def test_what_is_as_it_must_be_is_not_worth_a_word(self) -> None:
        assert [*expect("a", 1, 1), *expect_in("a", 1, (1, 2))] == []

    def test_a_policy_may_have_one_statement_without_a_list(self) -> None:
        assert statements('{"Statement": {"Effect": "Deny"}}') == statements({"Statement": [{"Effect": "Deny"}]})
