"""What a change does to templates, in the words of a review."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lib.operations.ci import difference as module
from lib.operations.ci.difference import difference, report
from lib.operations.ending import OK, UNUSABLE, Stop


def template(**resources: Any) -> dict[str, Any]:
    return {"//": {"version": "1"}, "resource": {"aws_vpc": resources}, "terraform": {"required_version": ">= 1"}}


def lines(before: Any, after: Any) -> list[str]:
    """Without the table."""
    return [line for line in report({"shop-dev": before}, {"shop-dev": after}).splitlines() if line[:1] in ("-", " ")]


class TestReport:
    def test_says_so_when_nothing_changes(self) -> None:
        same = {"shop-dev": template(a={}), "shop-prod": template(a={})}
        assert report(same, same) == "The templates of all 2 stacks stay as they are.\n"

    def test_counts_by_stack(self) -> None:
        before = {"shop-dev": template(a={}, b={}), "shop-prod": template(a={})}
        after = {"shop-dev": template(a={"cidr": "1"}, c={}, d={}), "shop-prod": template(a={})}
        assert report(before, after).splitlines()[:5] == [
            "The templates of 1 of 2 stacks change.",
            "",
            "| stack | new | changed | gone |",
            "|---|---|---|---|",
            "| shop-dev | 2 | 1 | 1 |",
        ]

    def test_names_what_is_new_and_what_is_gone(self) -> None:
        assert lines(template(a={}), template(b={})) == ["- gone: `aws_vpc.a`", "- new: `aws_vpc.b`"]

    def test_shows_values_before_and_after(self) -> None:
        assert lines(template(a={"cidr": "1", "dns": True}), template(a={"cidr": "2", "dns": False})) == [
            "- changed: `aws_vpc.a`",
            "  - `cidr`: `1` → `2`",
            "  - `dns`: `true` → `false`",
        ]

    def test_looks_into_documents_and_lists(self) -> None:
        before = template(a={"policy": json.dumps({"Statement": [{"Action": ["s3:Get"]}]})})
        after = template(a={"policy": json.dumps({"Statement": [{"Action": ["s3:Get", "s3:Put"]}]})})
        assert lines(before, after)[1:] == ["  - `policy.Statement[0].Action[1]`: `nothing` → `s3:Put`"]

    def test_takes_a_text_that_only_looks_like_a_document_for_a_text(self) -> None:
        assert lines(template(a={"filter": "{ $.x }"}), template(a={"filter": "[y"}))[1:] == [
            "  - `filter`: `{ $.x }` → `[y`"
        ]

    def test_tells_a_change_of_several_stacks_once_and_before_that_of_one(self) -> None:
        before = {"a-dev": template(a={}), "b-dev": template(a={})}
        after = {"a-dev": template(a={}, c={}, z={}), "b-dev": template(a={}, z={})}
        told = [line for line in report(before, after).splitlines() if line[:1] in ("-", "*")]
        assert told == ["**a-dev, b-dev**", "- new: `aws_vpc.z`", "**a-dev**", "- new: `aws_vpc.c`"]

    def test_tells_of_a_stack_that_is_new(self) -> None:
        assert "| shop-eu | 2 | 0 | 0 |" in report({}, {"shop-eu": template(a={})})

    def test_names_outputs_and_data_sources(self) -> None:
        after = {
            **template(),
            "data": {"aws_ami": {"linux": {"owners": ["amazon"]}}},
            "output": {"url": {"value": "x"}},
        }
        assert lines(template(), after) == ["- new: `data.aws_ami.linux`", "- new: `output.url`"]

    def test_leaves_cdktfs_notes_aside(self) -> None:
        noted = template(a={"//": {"path": "x"}, "rules": [{"//": 1, "port": 80}]})
        assert lines(noted, template(a={"rules": [{"port": 80}]})) == []

    def test_shows_an_argument_that_is_emptied(self) -> None:
        assert lines(template(a={"tags": {"x": "y"}}), template(a={"tags": {}}))[1:] == [
            "  - `tags`: `nothing` → `{}`",
            "  - `tags.x`: `y` → `nothing`",
        ]
        assert lines(template(a={"name": "x"}), template(a={"name": ""}))[1:] == ["  - `name`: `x` → an empty text"]

    def test_shows_what_has_no_arguments(self) -> None:
        after = {**template(), "terraform": {"required_version": ">= 2"}}
        assert lines(template(), after) == ["- changed: `terraform.required_version`", "  - `value`: `>= 1` → `>= 2`"]

    def test_cuts_long_values_and_long_lists(self) -> None:
        before, after = template(a={}), template(a={f"v{index:02}": "x" * 200 for index in range(11)})
        told = lines(before, after)
        assert told[1] == f"  - `v00`: `nothing` → `{'x' * 120}…`"
        assert told[9:] == ["  - 3 more"]

    def test_cannot_be_made_to_write_markdown_of_its_own(self) -> None:
        told = lines(template(a={"name": "x"}), template(a={"name": "`\n# All good @everybody"}))
        assert told[1:] == ["  - `name`: `x` → `' # All good @everybody`"]


class TestRevisions:
    @pytest.fixture
    def repository(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        golden = tmp_path / "tests" / "golden"
        golden.mkdir(parents=True)
        (golden / "shop-dev.json").write_text(json.dumps(template(a={})))
        (golden / "test_golden.py").write_text("")
        for command in (
            ["init", "--quiet"],
            ["add", "."],
            ["-c", "user.name=n", "-c", "user.email=n@example.com", "commit", "--quiet", "-m", "one"],
        ):
            subprocess.run(["git", *command], cwd=tmp_path, check=True)
        monkeypatch.setattr(module, "PROJECT_FOLDER", tmp_path)
        return tmp_path

    def test_are_compared_with_the_files_that_are_here(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (repository / "tests" / "golden" / "shop-dev.json").write_text(json.dumps(template(a={"cidr": "1"})))
        assert difference(base="HEAD") == OK
        assert "  - `cidr`: `nothing` → `1`" in capsys.readouterr().out.splitlines()

    def test_that_are_not_there_end_it(self, repository: Path) -> None:  # noqa: ARG002
        with pytest.raises(Stop, match="Not a valid object name nowhere") as stop:
            difference(base="nowhere")
        assert stop.value.code == UNUSABLE

    def test_without_templates_end_it(self, repository: Path) -> None:
        for command in (
            ["rm", "--quiet", "-r", "tests"],
            ["-c", "user.name=n", "-c", "user.email=n@example.com", "commit", "--quiet", "-m", "two"],
        ):
            subprocess.run(["git", *command], cwd=repository, check=True)
        with pytest.raises(Stop, match="HEAD: has no templates in tests/golden"):
            difference(base="HEAD")

    def test_are_no_options_of_git(self, repository: Path) -> None:  # noqa: ARG002
        with pytest.raises(Stop):
            difference(base="--help")
