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
from lib.evidence.terraform import Problem, Source, Terraform
from lib.settings import load
from lib.tap_stack import TapStack
from tests.synthesis import ALL, synthesized
from tests.template import Template
from tests.terraform.changes import resources
from tests.terraform.conftest import DEPLOYED, Lived, live
from tests.terraform.test_defects import document

_LIVES = [each for each in ALL if each not in [(blueprint, "dev") for blueprint in DEPLOYED]]


@pytest.mark.parametrize(("blueprint", "tier"), _LIVES, ids=["-".join(each) for each in _LIVES])
def test_every_stack_comes_up_stays_as_it_is_and_goes(
    lived: Callable[[str, str], Lived], blueprint: str, tier: str
) -> None:
    life = lived(blueprint, tier)
    assert [(step, str(problem)) for step, problem in life.problems] == []
    assert life.objects == len(resources(synthesized(blueprint, tier)))
    assert life.left == []


def test_a_life_that_does_not_begin_says_where_it_ended(core: Terraform, tmp_path: Path) -> None:
    cache = {"aws_elasticache_serverless_cache": {"right": {"engine": "valkey", "name": "a"}}}
    topic = {"aws_sns_topic": {"wrong": {"name": "a-${aws_elasticache_serverless_cache.right.endpoint}"}}}
    life = live(core.workspace(Source(document({**cache, **topic}))), tmp_path / "state")
    assert [(step, problem.address) for step, problem in life.problems] == [("apply", "aws_sns_topic.wrong")]
    assert (life.objects, life.left) == (1, ["aws_elasticache_serverless_cache.right"])


def test_a_life_that_changes_by_itself_and_does_not_end_says_so(core: Terraform, tmp_path: Path) -> None:
    changing, staying = {"name": "a", "display_name": "${timestamp()}"}, {"lifecycle": [{"prevent_destroy": True}]}
    topics = {"changing": changing, "staying": {"name": "b", **staying}}
    life = live(core.workspace(Source(document({"aws_sns_topic": topics}))), tmp_path / "state")
    again, end = life.problems
    assert again == ("second plan", Problem("update", address="aws_sns_topic.changing"))
    assert (end[0], end[1].summary) == ("destroy", "Instance cannot be destroyed")
    assert (life.objects, sorted(life.left)) == (2, ["aws_sns_topic.changing", "aws_sns_topic.staying"])


@pytest.fixture(scope="module")
def folder(core: Terraform, stand_in: Path) -> Iterator[Path]:  # noqa: ARG001 -- Skipped where it is.
    """Where CDKTF synthesized the default stack to. Its state is a local file: one in S3 would ask for the bucket.

    CDKTF starts Terraform from a process that has the environment of its start, so the plugin is where Terraform looks
    by itself: https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
    """
    settings = load("dev", environ={})
    stack = TapStack(new_app(), "TapStackdev", environment_suffix="dev", settings=settings)
    folder = Path(cdktf.Testing.full_synth(stack))
    own = folder / "stacks" / "TapStackdev" / "terraform.d"
    own.mkdir()
    (own / "plugins").symlink_to(stand_in.parent / "mirror")
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
