"""How operations find and read the outputs of a deployment, and what they say of a file that is none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lib.operations import outputs
from lib.operations.outputs import UNITS, UnusableOutputsError, load, outputs_file, read_outputs
from tests.unit.operations.recorded import BLUEPRINTS, Recording

CATALOG = Recording("catalog").outputs


def written(values: dict[str, Any]) -> str:
    return json.dumps({"TapStackdev": values})


def problems(values: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(UnusableOutputsError) as error:
        read_outputs(written(values))
    return error.value.args


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_both_formats_read_the_same(blueprint: str) -> None:
    values = Recording(blueprint).outputs
    terraform = {name: {"value": value, "type": "any", "sensitive": False} for name, value in values.items()}
    assert read_outputs(json.dumps(terraform)) == read_outputs(written(values)) == values


@pytest.mark.parametrize("text", ["{}", "[]", '"url"', '{"url": "http://alb.example"}'])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UnusableOutputsError, match="these are no outputs"):
        read_outputs(text)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(UnusableOutputsError, match="is no JSON: Expecting value"):
        read_outputs("no JSON")


def test_outputs_of_several_stacks_are_refused() -> None:
    with pytest.raises(UnusableOutputsError, match="several stacks: one, two;"):
        read_outputs(json.dumps({"one": CATALOG, "two": CATALOG}))


def test_all_that_is_wrong_is_said_at_once() -> None:
    values = {name: value for name, value in CATALOG.items() if name not in ("region", "cache_port")}
    assert problems(values | {"alarm_names": [], "project": "Shop!"}) == (
        "outputs of the stack are missing: region",
        "alarm_names is [], not a list of texts",
        "outputs of the cache are missing: cache_port",
        "project is 'Shop!', which no stack can have",
    )


@pytest.mark.parametrize(
    ("output", "value", "what"),
    [
        ("vpc_id", None, "null, not a text"),
        ("vpc_id", "", '"", not a text'),
        ("alarm_names", ["a", 1], '["a", 1], not a list of texts'),
        ("service_names", {}, "{}, not a map of texts"),
        ("service_names", {"api": 1}, '{"api": 1}, not a map of texts'),
        ("cache_port", "6379", '"6379", not a whole number'),
        ("cache_port", True, "true, not a whole number"),
    ],
)
def test_a_value_of_another_shape_is_named(output: str, value: object, what: str) -> None:
    assert problems(CATALOG | {output: value}) == (f"{output} is {what}",)


@pytest.mark.parametrize("suffix", ["Dev", "a--b", "a" * 21])
def test_a_suffix_that_no_stack_can_have_is_named(suffix: str) -> None:
    assert problems(CATALOG | {"environment_suffix": suffix}) == (
        f"environment_suffix is '{suffix}', which no stack can have",
    )


def test_a_unit_that_the_stack_does_not_have_is_not_missed() -> None:
    values = {name: value for name, value in CATALOG.items() if name not in UNITS["cache"]}
    assert read_outputs(written(values)) == values


def test_outputs_that_somebody_added_do_no_harm() -> None:
    assert read_outputs(written(CATALOG | {"own": None}))["own"] is None


def test_every_output_of_the_stack_has_a_shape(root: Path) -> None:
    documented = set(re.findall(r"^\| `(\w+)` \|", (root / "docs" / "outputs.md").read_text(), re.MULTILINE))
    assert {name for shapes in UNITS.values() for name in shapes} == documented


def test_a_file_is_named_in_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text(written({}))
    with pytest.raises(UnusableOutputsError) as error:
        load(path)
    assert str(error.value).startswith(f"{path}: outputs of the stack are missing: ")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableOutputsError, match=r"none\.json: No such file or directory"):
        load(tmp_path / "none.json")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(UnusableOutputsError, match=r"out\.json: is no text"):
        load(tmp_path / "out.json")


def test_file_is_the_named_one(tmp_path: Path) -> None:
    named = tmp_path / "out.json"
    named.write_text("{}")
    assert outputs_file({"TAP_OUTPUTS": str(named)}) == named


def test_file_that_is_named_and_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"out\.json, which is not there"):
        outputs_file({"TAP_OUTPUTS": str(tmp_path / "out.json")})


def test_file_is_in_the_projects_folder_or_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "PROJECT_FOLDER", tmp_path)
    assert outputs_file({}) is None
    (tmp_path / "outputs.json").write_text("{}")
    assert outputs_file({}) == tmp_path / "outputs.json"
