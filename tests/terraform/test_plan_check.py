"""`make plan-check` on templates of somebody's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.plan_check import main
from tests.terraform.test_defects import document

_TOPIC = {"aws_sns_topic": {"main": {"name": "a"}}}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return tmp_path / "cdk.tf.json"


def words(line: str) -> list[str]:
    return line.split()


@pytest.mark.usefixtures("by_the_stand_in")
class TestATemplate:
    def test_without_findings_shows_each_step(self, template: Path, capsys: pytest.CaptureFixture[str]) -> None:
        template.write_text(json.dumps(document(_TOPIC)))
        assert main([str(template)]) == 0
        head, steps, row, end = capsys.readouterr().out.splitlines()
        assert head.startswith("Terraform 1.")
        assert head.endswith(", which answers without AWS: nothing that is applied is real")
        expected = [
            "seconds",
            "of",
            "init",
            "validate",
            "plan",
            "apply",
            "second",
            "plan",
            "destroy",
            "objects",
            "left",
        ]
        assert words(steps) == expected
        assert words(row)[0] == str(template)
        assert all(float(each) >= 0 for each in words(row)[1:7])
        assert words(row)[7:] == ["1", "0"]
        assert end.startswith("0 findings in 1 template, ")

    def test_with_findings_ends_where_they_are(self, template: Path, capsys: pytest.CaptureFixture[str]) -> None:
        template.write_text(json.dumps(document({"aws_sns_topic": {"main": {"colour": "red"}}})))
        assert main([str(template)]) == 1
        _, _, row, finding, end = capsys.readouterr().out.splitlines()
        assert words(row)[2].endswith("!")
        assert words(row)[3:] == ["-"] * 6
        assert finding.startswith(f"{template}: validate: aws_sns_topic.main: ")
        assert '"colour"' in finding
        assert end.startswith("1 finding in 1 template, ")

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("{", "is no JSON"),
            (json.dumps(document({"null_resource": {"a": {}}})), "null_resource.a"),
        ],
    )
    def test_that_cannot_be_used_is_told_in_a_line(
        self, template: Path, capsys: pytest.CaptureFixture[str], content: str, reason: str
    ) -> None:
        template.write_text(content)
        assert main([str(template)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert reason in line


@pytest.mark.usefixtures("core")
class TestAProvider:
    def test_that_there_is_not_is_told_in_a_line(
        self, template: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nowhere = template.with_name("terraform.rc")
        nowhere.write_text('provider_installation {\n  filesystem_mirror {\n    path = "nowhere"\n  }\n}\n')
        monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(nowhere))
        template.write_text(json.dumps(document(_TOPIC)))
        assert main([str(template)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("terraform reaches no AWS provider: ")


def test_without_terraform_it_says_so_in_a_line(
    template: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(template.parent))
    assert main([str(template)]) == 2
    assert words(capsys.readouterr().err)[:4] == ["terraform", "is", "not", "installed:"]
