"""How integration tests find and read the outputs of a deployment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration import deployment
from tests.integration.deployment import is_emulated, outputs_file, read_outputs

VALUES = {"url": "http://alb.example", "vpc_id": "vpc-1", "service_names": {"api": "shop-dev-api"}}


@pytest.mark.parametrize(
    "document",
    [
        {name: {"value": value, "type": "any", "sensitive": False} for name, value in VALUES.items()},
        {"TapStackdev": VALUES},
    ],
    ids=["terraform", "cdktf"],
)
def test_both_formats_read_the_same(document: object) -> None:
    assert read_outputs(json.dumps(document)) == VALUES


@pytest.mark.parametrize("text", ["{}", "[]", '"url"', '{"url": "http://alb.example"}', "no JSON"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no outputs|Expecting value"):
        read_outputs(text)


def test_outputs_of_several_stacks_are_refused() -> None:
    with pytest.raises(ValueError, match="several stacks: one, two;"):
        read_outputs(json.dumps({"one": VALUES, "two": VALUES}))


def test_file_is_the_named_one(tmp_path: Path) -> None:
    named = tmp_path / "out.json"
    named.write_text("{}")
    assert outputs_file({"TAP_OUTPUTS": str(named)}) == named


def test_file_that_is_named_and_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"out\.json, which is not there"):
        outputs_file({"TAP_OUTPUTS": str(tmp_path / "out.json")})


def test_file_is_in_the_projects_folder_or_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "PROJECT_FOLDER", tmp_path)
    assert outputs_file({}) is None
    (tmp_path / "outputs.json").write_text("{}")
    assert outputs_file({}) == tmp_path / "outputs.json"


@pytest.mark.parametrize(
    ("endpoint", "emulated"),
    [
        ("http://127.0.0.1:5000", True),
        ("http://localhost:4566", True),
        ("http://[::1]:5000", True),
        ("https://vpce-1.ec2.eu-west-1.vpce.amazonaws.com", False),
        ("", False),
    ],
)
def test_an_endpoint_on_this_machine_is_an_emulator(endpoint: str, emulated: bool) -> None:
    assert is_emulated({"AWS_ENDPOINT_URL": endpoint}) is emulated


def test_no_endpoint_is_aws_itself() -> None:
    assert is_emulated({}) is False
