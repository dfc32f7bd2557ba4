"""`make check`: what it prints and where, what it ends with, and that it leaves nothing behind."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lib.evidence.checkov import CheckovError
from lib.evidence.finding import Finding
from lib.evidence.results import Answer, Verdict
from lib.evidence.run import Subject
from lib.evidence.template import Template
from scripts import check, judging, synth
from scripts.synth import Run, Stack

CLEAN: dict[str, Any] = {
    "provider": {"aws": [{"region": "eu-west-1"}]},
    "resource": {"aws_sns_topic": {"alarms": {"name": "alarms", "kms_master_key_id": "alias/aws/sns"}}},
}
WRONG: dict[str, Any] = CLEAN | {"resource": {"aws_sns_topic": {"alarms": {"name": "${aws_vpc.gone.id}" + "-x" * 99}}}}
LOUD = Finding("sounds", "aws_sns_topic.alarms", "is loud", "volume", 11, "a number up to 10", "a model")

Write = Callable[..., str]


@pytest.fixture
def template(tmp_path: Path) -> Write:
    def write(document: Any, name: str = "cdk.tf.json") -> str:
        path = tmp_path / name
        path.write_text(json.dumps(document))
        return str(path)

    return write


class Judges:
    """Stands in for the checks: what it was asked for, and what it finds."""

    def __init__(self) -> None:
        self.subjects: list[Subject] = []
        self.is_everything: bool | None = None
        self.findings: list[Finding] = []

    def __call__(self, subjects: Sequence[Subject], after: object, *, is_everything: bool) -> list[Verdict]:
        assert callable(after)
        self.subjects = list(subjects)
        self.is_everything = is_everything
        return [Verdict(each.name, 1, {}, {}, [Answer("sounds", self.findings, 0.0)]) for each in subjects]

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.subjects]


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> Judges:
    found = Judges()
    monkeypatch.setattr(judging, "verdicts", found)
    return found


@pytest.fixture
def synthesized(monkeypatch: pytest.MonkeyPatch) -> list[Stack]:
    """The stacks that were synthesized; nothing is."""
    asked: list[Stack] = []

    def runs(stacks: Sequence[Stack]) -> Iterator[Run]:
        asked.extend(stacks)
        yield from (Run(stack, 0.1, 0, "") for stack in stacks)

    monkeypatch.setattr(judging, "runs", runs)
    monkeypatch.setattr(judging, "read", lambda path: Template({"resource": {}}))  # noqa: ARG005
    return asked


def command(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, with nobody at a terminal."""
    inherited = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "FORCE_COLOR", "NO_COLOR")}
    return subprocess.run(
        [sys.executable, "-m", "scripts.check", *arguments],
        cwd=root,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert check.main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    return output.err


class TestAsAProcess:
    def test_a_clean_template_ends_with_0_and_json_is_all_that_is_printed(self, root: Path, template: Write) -> None:
        path = template(CLEAN)
        done = command(root, path, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        document = json.loads(done.stdout)
        assert list(document) == ["version", "seconds", "checks", "templates", "literals", "findings"]
        assert document["version"] == 1
        assert {"references_resolve", "values", "policies"} <= set(document["checks"])
        assert [(each["name"], each["resources"], each["findings"]) for each in document["templates"]] == [(path, 1, 0)]
        assert document["literals"]["aws_sns_topic"]["literals"] == 2
        assert document["findings"] == []

    def test_findings_end_with_1_and_are_told_plainly_in_80_columns_and_for_ci(
        self, root: Path, template: Write, tmp_path: Path
    ) -> None:
        path, report = template(WRONG), tmp_path / "junit.xml"
        done = command(root, path, "--junit", str(report), COLUMNS="80")
        assert (done.returncode, done.stderr) == (1, "")
        assert "    references_resolve: name names aws_vpc.gone.id, which is not there\n" in done.stdout
        assert "    CKV_AWS_26: " in done.stdout
        assert re.search(r"^\d+ findings in 1 template, 1 resource, ", done.stdout, flags=re.M)
        assert "\x1b" not in done.stdout
        lines = done.stdout.splitlines()
        assert max(map(len, lines)) <= 80
        assert [line for line in lines if line != line.rstrip()] == []
        suite = ElementTree.parse(report).getroot()[0]
        failed = {case.get("name") for case in suite if len(case)}
        assert suite.get("name") == path
        assert {"references_resolve", "policies"} <= failed
        assert "nothing_waits_for_itself" in {case.get("name") for case in suite} - failed

    def test_what_cannot_be_judged_ends_with_2_and_says_all_of_it(
        self, root: Path, template: Write, tmp_path: Path
    ) -> None:
        words = template("words", "words.json")
        done = command(root, template(CLEAN), "nowhere.json", words, "--json", "--junit", f"{tmp_path}/no/junit.xml")
        assert (done.returncode, done.stdout) == (2, "")
        report, nowhere, no_template = done.stderr.splitlines()
        assert report == f"--junit {tmp_path}/no/junit.xml: cannot be written: No such file or directory"
        assert nowhere.startswith("nowhere.json: ")
        assert no_template.startswith(f"{words}: ")

    def test_an_interrupt_ends_with_130_and_no_other_word(self, root: Path, tmp_path: Path) -> None:
        # A template that never comes: whoever waits for it is interrupted.
        pipe = tmp_path / "cdk.tf.json"
        os.mkfifo(pipe)
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.check", str(pipe)],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with pipe.open("w"):
            process.send_signal(signal.SIGINT)
            output = process.communicate(timeout=10)
        assert (process.returncode, *output) == (130, "", "")

    def test_who_reads_no_further_sees_no_error(self, root: Path, template: Write) -> None:
        program = (
            "import sys\nfrom scripts import check, judging\n"
            "judging.verdicts = lambda *_, **__: []\nsys.exit(check.main(sys.argv[1:]))"
        )
        reads, writes = os.pipe()
        os.close(reads)
        with os.fdopen(writes, "w") as stdout:
            done = subprocess.run(
                [sys.executable, "-c", program, template(CLEAN)],
                cwd=root,
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert (done.returncode, done.stderr) == (0, "")


class TestTemplates:
    def test_are_judged_as_they_are_each_once(
        self, judges: Judges, template: Write, capsys: pytest.CaptureFixture[str]
    ) -> None:
        one, other = template(CLEAN, "one.json"), template(WRONG, "other.json")
        assert check.main([one, other, one]) == 0
        assert judges.names == [one, other]
        assert [each.template.document["resource"] for each in judges.subjects] == [
            CLEAN["resource"],
            WRONG["resource"],
        ]
        assert [each.settings for each in judges.subjects] == [None, None]
        assert judges.is_everything is False
        assert "no findings in 2 templates" in capsys.readouterr().out

    @pytest.mark.parametrize("option", [["--blueprint", "catalog"], ["--tier", "dev"]])
    def test_have_no_blueprint_and_no_tier(self, option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            check.main(["cdk.tf.json", *option])
        assert caught.value.code == 2
        assert "a template is judged as it is: leave out" in capsys.readouterr().err


class TestBlueprints:
    @pytest.mark.usefixtures("synthesized")
    def test_are_all_of_them_in_every_tier(self, judges: Judges) -> None:
        assert check.main([]) == 0
        assert len(judges.names) == 15
        assert judges.names[:4] == ["catalog-dev", "catalog-staging", "catalog-prod", "fleet-dev"]
        assert judges.is_everything is True

    def test_can_be_one_in_one_tier(self, judges: Judges, synthesized: list[Stack]) -> None:
        assert check.main(["--blueprint", "lms", "--tier", "prod"]) == 0
        assert synthesized == [Stack("lms", "prod")]
        assert judges.names == ["lms-prod"]
        assert judges.is_everything is False
        settings = judges.subjects[0].settings
        assert settings is not None
        assert (settings.name, settings.suffix, settings.tier) == ("lms", "prod", "prod")

    def test_can_be_a_file(
        self, judges: Judges, synthesized: list[Stack], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "shop.toml").write_text('name = "shop"\n')
        monkeypatch.chdir(tmp_path)
        assert check.main(["--blueprint", "shop.toml", "--tier", "dev"]) == 0
        assert synthesized == [Stack(f"{tmp_path}/shop.toml", "dev")]
        assert judges.names == ["shop-dev"]

    @pytest.mark.usefixtures("synthesized")
    def test_are_not_everything_under_other_settings(self, judges: Judges, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TAP__TAGS__OWNER", "platform")
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        assert check.main([]) == 0
        assert judges.is_everything is False
        assert {each.settings.region for each in judges.subjects if each.settings} == {"eu-west-1"}

    def test_are_synthesized_anew(self, judges: Judges, tmp_path: Path) -> None:
        blueprint = tmp_path / "of-test-check-command.toml"
        blueprint.write_text('name = "shop"\n')
        stack = Stack(str(blueprint), "dev")
        try:
            assert check.main(["--blueprint", str(blueprint), "--tier", "dev"]) == 0
            (subject,) = judges.subjects
            assert subject.name == "of-test-check-command-dev"
            assert subject.template.document == json.loads(stack.template.read_text())
            assert subject.template.outputs["project"]["value"] == "shop"
        finally:
            shutil.rmtree(stack.folder)


class TestReport:
    def test_is_coloured_where_that_is_asked_for(
        self,
        judges: Judges,
        template: Write,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        judges.findings = [LOUD]
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
        assert check.main([template(CLEAN)]) == 1
        assert "\x1b[1;31msounds\x1b[0m: volume = 11" in capsys.readouterr().out

    def test_is_wide_where_nobody_says_how_wide(
        self,
        judges: Judges,
        template: Write,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        judges.findings = [Finding("sounds", "", "loud " * 50)]
        monkeypatch.delenv("COLUMNS", raising=False)
        check.main([template(CLEAN)])
        assert 110 < max(map(len, capsys.readouterr().out.splitlines()[1:])) <= 120

    def test_for_programs_has_what_people_do_not_see(
        self, judges: Judges, template: Write, capsys: pytest.CaptureFixture[str]
    ) -> None:
        judges.findings = [Finding("sounds", "", "loud", "at", "x" * 9999, "less")]
        assert check.main([template(CLEAN), "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["findings"][0]["value"] == "x" * 9999

    def test_for_ci_replaces_the_one_of_before(self, judges: Judges, template: Write, tmp_path: Path) -> None:
        judges.findings = [LOUD]
        folder = tmp_path / "reports"
        folder.mkdir()
        (folder / "junit.xml").write_text("before")
        assert check.main([template(CLEAN), "--junit", str(folder / "junit.xml")]) == 1
        assert ElementTree.parse(folder / "junit.xml").getroot().get("failures") == "1"
        assert [each.name for each in folder.iterdir()] == ["junit.xml"]


class TestUnusable:
    def test_settings_are_told_before_anything_is_made(
        self,
        judges: Judges,
        synthesized: list[Stack],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("TAP__FILES__THROUGHPUT_MODE", "fast")
        monkeypatch.setenv("AWS_REGION", "moon")
        text = refused(capsys, "--blueprint", "catalog", "--tier", "dev")
        assert "files.throughput_mode" in text
        assert "moon" in text
        assert (synthesized, judges.subjects) == ([], [])

    @pytest.mark.usefixtures("judges", "synthesized")
    def test_a_blueprint_that_is_not_there_is_told_once(self, capsys: pytest.CaptureFixture[str]) -> None:
        text = refused(capsys, "--blueprint", "nowhere")
        assert text.count("TAP_BLUEPRINT = 'nowhere': neither a file nor") == 1

    @pytest.mark.usefixtures("judges", "synthesized")
    def test_a_stack_that_has_no_template_is_named(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        errors = {"dev": (0, "a warning\n"), "staging": (1, "no Node\n"), "prod": (1, "no Node\n")}
        monkeypatch.setattr(judging, "runs", lambda stacks: [Run(each, 0.1, *errors[each.tier]) for each in stacks])
        text = refused(capsys, "--blueprint", "lms")
        assert text == "a warning\nlms-staging, lms-prod: no template:\nno Node\n"

    def test_policies_are_told_in_one_line(
        self, template: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def verdicts(*_: object, **__: object) -> list[Verdict]:
            raise CheckovError("checkov is not installed")

        monkeypatch.setattr(judging, "verdicts", verdicts)
        assert refused(capsys, template(CLEAN)) == "checkov is not installed\n"

    @pytest.mark.parametrize("path", [".", "no/junit.xml"])
    def test_a_report_is_told_before_the_work(
        self,
        judges: Judges,
        template: Write,
        tmp_path: Path,
        path: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        problem = {".": "is no file", "no/junit.xml": "cannot be written: No such file or directory"}[path]
        text = refused(capsys, template(CLEAN), "--junit", str(tmp_path / path))
        assert text == f"--junit {tmp_path / path}: {problem}\n"
        assert judges.subjects == []
        assert [each.name for each in tmp_path.iterdir()] == ["cdk.tf.json"]

    def test_nothing_is_left_of_a_report_that_is_not_written(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        refused(capsys, "nowhere.json", "--junit", str(tmp_path / "junit.xml"))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.usefixtures("judges")
    def test_a_report_that_cannot_be_written_in_the_end_leaves_the_one_of_before(
        self,
        template: Write,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def full(path: Path, data: bytes) -> int:
            path.touch()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), data)

        report = tmp_path / "junit.xml"
        report.write_text("before")
        monkeypatch.setattr(Path, "write_bytes", full)
        text = refused(capsys, template(CLEAN), "--junit", str(report))
        assert text == f"--junit {report}: cannot be written: No space left on device\n"
        assert report.read_text() == "before"
        assert {each.name for each in tmp_path.iterdir()} == {"cdk.tf.json", "junit.xml"}

    def test_a_tier_that_is_not_there_is_told_by_the_command_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            check.main(["--tier", "qa"])
        assert caught.value.code == 2
        assert "invalid choice: 'qa'" in capsys.readouterr().err


def test_who_stops_asking_for_templates_ends_what_makes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, started = tmp_path / "python", tmp_path / "started"
    program.write_text(
        f"""#!/bin/sh
[ "$TAP_BLUEPRINT" = quick ] && exit
echo $$ >{started}.new
mv {started}.new {started}
exec sleep 60
"""
    )
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    runs = synth.runs([Stack("quick", "dev"), *(Stack("slow", tier) for tier in ("dev", "staging", "prod"))])
    assert next(runs).stack.blueprint == "quick"
    while not started.exists():
        time.sleep(0.01)
    runs.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_the_makefile_hands_on_what_it_is_given(root: Path) -> None:
    makefile = (root / "Makefile").read_text()
    assert re.search(r"^\.PHONY:.* check ", makefile, flags=re.M)
    rule = makefile.partition("\ncheck: setup  ## ")[2].partition("\n\n")[0]
    assert '$(if $(BLUEPRINT),--blueprint "$(BLUEPRINT)")' in rule
    assert '$(if $(TIER),--tier "$(TIER)")' in rule
    assert '$(if $(TEMPLATE),"$(TEMPLATE)")' in rule
    assert "$(ARGS)" in rule
