"""What `make verify` verifies, one test a check: the same questions to whatever a deployment's outputs name."""

from __future__ import annotations

import pytest

from lib.operations.deployment import Deployment
from lib.operations.verify.check import Check
from lib.operations.verify.run import State, outcome

NO_DEPLOYMENT = "there is no deployment to look at: no outputs.json in the project's folder and no TAP_OUTPUTS"


def test_deployment(stack: Deployment | None, check: Check | None) -> None:
    if stack is None or check is None:
        pytest.skip(NO_DEPLOYMENT)
    found = outcome(stack, check)
    if found.state in (State.NEEDS_AWS, State.NOT_APPLICABLE):
        pytest.skip(f"{found.state.value}: {found.reason}")
    if found.problems:
        pytest.fail("\n".join([check.what, *found.problems]), pytrace=False)
