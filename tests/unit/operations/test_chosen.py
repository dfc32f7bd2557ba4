"""Which stack the environment chooses, and its synthesis."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lib.operations.chosen import chosen_stack
from lib.operations.ending import UNUSABLE, Stop
from lib.operations.outputs import PROJECT_FOLDER
from lib.settings import SettingsError


def test_without_a_choice_it_is_the_default_stack() -> None:
    stack = chosen_stack({})
    assert (stack.name, stack.settings.name, stack.settings.region) == ("TapStackdev", "catalog", "sa-east-1")
    assert stack.template == PROJECT_FOLDER / "cdktf.out/stacks/TapStackdev/cdk.tf.json"
    assert stack.outputs_file == PROJECT_FOLDER / "outputs.json"
    assert stack.state_bucket is None


def test_the_environment_chooses_as_for_a_synthesis(tmp_path: Path) -> None:
    stack = chosen_stack(
        {
            "TAP_BLUEPRINT": "fleet",
            "ENVIRONMENT_SUFFIX": "staging-2",
            "AWS_REGION": "eu-west-1",
            "CDKTF_OUTDIR": str(tmp_path),
            "TAP_OUTPUTS": "mine.json",
            "TERRAFORM_STATE_BUCKET": "states",
        }
    )
    assert (stack.name, stack.settings.tier, stack.settings.region) == ("TapStackstaging-2", "staging", "eu-west-1")
    assert stack.folder == tmp_path / "stacks/TapStackstaging-2"
    assert stack.outputs_file == Path("mine.json")
    assert (stack.state_bucket, stack.state_bucket_region) == ("states", "eu-west-1")


def test_the_bucket_of_the_state_may_be_in_another_region() -> None:
    stack = chosen_stack({"TERRAFORM_STATE_BUCKET": "states", "TERRAFORM_STATE_BUCKET_REGION": "us-east-1"})
    assert stack.state_bucket_region == "us-east-1"


def test_wrong_settings_are_all_listed() -> None:
    with pytest.raises(SettingsError) as error:
        chosen_stack({"TAP__DATABASE__MULTI_AZ": "perhaps", "TAP__NETWORK__ZONES": "0"})
    assert len(error.value.findings) == 2


def test_its_template_is_written_where_it_says(tmp_path: Path) -> None:
    stack = chosen_stack({**_environment(), "CDKTF_OUTDIR": str(tmp_path), "ENVIRONMENT_SUFFIX": "x"})
    stack.synthesize()
    assert json.loads(stack.template.read_text())["output"]["environment_suffix"]["value"] == "x"


def test_what_keeps_it_from_being_written_is_told() -> None:
    stack = chosen_stack(_environment())
    wrong = type(stack)(**{**vars(stack), "environ": {**_environment(), "TAP__CACHE__KIND": "paper"}})
    with pytest.raises(Stop) as stop:
        wrong.synthesize()
    assert stop.value.code == UNUSABLE
    assert str(stop.value).startswith("TapStackdev: no template:\n")
    assert "kind must be serverless" in str(stop.value)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"]}
