"""Every stack comes up, is then as it was made, and goes without leaving anything: Terraform core says so, with the
provider's schema. Whether AWS says so too is another matter (docs/evidence.md).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cdktf
import pytest

from lib.app import new_app
from lib.evidence.terraform import STEPS, Source, Terraform
from lib.settings import load
from lib.tap_stack import TapStack
from tests.synthesis import ALL, synthesized
from tests.template import Template
from tests.terraform.changes import resources
from tests.terraform.conftest import Lived


@pytest.mark.parametrize(("blueprint", "tier"), ALL, ids=["-".join(each) for each in ALL])
def test_every_stack_comes_up_stays_as_it_is_and_goes(
    lived: Callable[[str, str], Lived], blueprint: str, tier: str
) -> None:
    lifecycle = lived(blueprint, tier).lifecycle
    assert [(step, str(problem)) for step, problem in lifecycle.problems] == []
    assert [step.name for step in lifecycle.steps] == list(STEPS)
    assert lifecycle.objects == len(resources(synthesized(blueprint, tier)))
    assert lifecycle.left == 0


@pytest.fixture(scope="module")
def folder(core: Terraform) -> Iterator[Path]:  # noqa: ARG001 -- Skipped where it is.
    """Where CDKTF synthesized the default stack to. Its state is a local file: one in S3 would ask for the bucket."""
    settings = load("dev", environ={})
    stack = TapStack(new_app(), "TapStackdev", environment_suffix="dev", settings=settings)
    folder = Path(cdktf.Testing.full_synth(stack))
    yield folder
    shutil.rmtree(folder)


def test_cdktf_finds_the_default_stack_valid(folder: Path) -> None:
    assert cdktf.Testing.to_be_valid_terraform(str(folder))


def test_the_default_stack_plans_where_it_was_synthesized_to(core: Terraform, folder: Path) -> None:
    """What `toPlanSuccessfully` of CDKTF asks, which Python does not have; and out of reach of AWS."""
    workspace = core.workspace(Source.of(folder / "stacks" / "TapStackdev" / "cdk.tf.json"))
    assert workspace.init() == []
    plan = workspace.plan()
    assert plan.problems == []
    assert {change.action for change in plan.changes} == {"create"}


def test_a_state_in_a_bucket_is_left_alone(core: Terraform) -> None:
    settings = load("pr-42", environ={})
    stack = TapStack(new_app(), "TapStackpr-42", environment_suffix="pr-42", settings=settings, state_bucket="states")
    document = Template.of(stack).document
    assert list(document["terraform"]["backend"]) == ["s3"]
    assert core.workspace(Source(document)).init() == []
