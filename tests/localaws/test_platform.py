"""Blueprints on an AWS of their own, from nothing to destroyed: the default one in every run, all of them in CI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from localaws.environment import LocalError, terraform
from scripts.local import live
from scripts.synth import Stack, runs
from tests.terraform.conftest import DEPLOYED, REQUIRED


@pytest.mark.parametrize("blueprint", DEPLOYED)
def test_it_comes_up_is_right_stays_as_it_is_and_goes(blueprint: str, tmp_path: Path) -> None:
    try:
        terraform()
    except LocalError as error:
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(f"nothing was deployed: {error}")
    stack = Stack(blueprint, "dev")
    (run,) = runs([stack])
    assert run.exit_code == 0, run.errors
    lived = live(stack, tmp_path / "environment")
    assert lived.problems == []
    assert lived.objects == run.resources
