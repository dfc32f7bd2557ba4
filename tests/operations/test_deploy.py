"""The whole platform by `make deploy`, state and all, onto an AWS that runs on this machine."""

from __future__ import annotations

from lib.operations.ending import OK
from tests.operations.conftest import Platform, run


def test_it_is_deployed_and_verified(platform: Platform) -> None:
    assert platform.told.endswith("\nended with 0\n")
    assert "\nno problems; " in platform.told


def test_each_step_is_told_in_its_order(platform: Platform) -> None:
    lines = [line.split() for line in platform.told.splitlines() if line.endswith(" s")]
    steps = [words[0] for words in lines if len(words) == 3 and words[0].isalpha()]
    assert steps == ["synthesize", "preflight", "init", "plan", "apply", "rollout"]


def test_what_needs_aws_is_said(platform: Platform) -> None:
    assert "rollout: needs AWS, as no task runs here" in platform.told


def test_its_state_is_in_a_bucket_as_it_should_be(platform: Platform) -> None:
    done = run(platform.environ, "state-bootstrap", "--check")
    assert (done.returncode, done.stdout.count("  was so: ")) == (OK, 7)
