"""Every check says what is wrong, of every kind of wrong deployment; of a right one no check says anything."""

from __future__ import annotations

import pytest

from lib.operations.verify.check import Check
from lib.operations.verify.registry import CHECKS
from lib.operations.verify.run import State, outcome
from tests.unit.operations.on_aws import on_aws
from tests.unit.operations.recorded import BLUEPRINTS, Recording
from tests.unit.operations.wrong import WRONG, Wrong

BY_NAME: dict[str, Check] = {check.name: check for check in CHECKS}
BESIDE_THE_TABLE = {"services.image", "autoscaling.readers_follow_load", "database.survives"}
"""No recorded deployment has what these are about: test_beside_the_table.py."""


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_wrong_deployment_is_caught_by_the_check(wrong: Wrong) -> None:
    recording = on_aws(wrong.blueprint)
    wrong.seed(recording)
    found = outcome(recording.deployment(), BY_NAME[wrong.check])
    assert found.state is State.PROBLEM
    assert any(wrong.says in problem for problem in found.problems), found.problems


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_right_deployment_in_an_account_passes(blueprint: str) -> None:
    stack = on_aws(blueprint).deployment()
    outcomes = [outcome(stack, check) for check in CHECKS]
    assert {each.check.name: each.problems for each in outcomes if each.problems} == {}
    assert {each.state for each in outcomes} == {State.HOLDS, State.NOT_APPLICABLE}


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_right_deployment_in_an_emulator_passes_and_the_rest_needs_aws(blueprint: str) -> None:
    stack = Recording(blueprint).deployment(emulated=True)
    outcomes = [outcome(stack, check) for check in CHECKS]
    assert {each.check.name: each.problems for each in outcomes if each.problems} == {}
    needing = [each for each in outcomes if each.state is State.NEEDS_AWS]
    assert len(needing) >= 8
    assert all(each.reason for each in needing)


def test_every_check_is_caught_in_the_act() -> None:
    assert {wrong.check for wrong in WRONG} == BY_NAME.keys() - BESIDE_THE_TABLE
