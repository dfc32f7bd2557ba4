"""`make verify`: what it prints and where, and what it ends with."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lib.operations import outputs
from lib.operations.cli import main
from lib.operations.deployment import Deployment
from lib.operations.verify import command
from lib.operations.verify.page import PAGE, page
from lib.operations.verify.registry import CHECKS
from tests.unit.operations.on_aws import on_aws
from tests.unit.operations.recorded import Recording

Run = Callable[..., int]


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> Recording:
    monkeypatch.delenv("COLUMNS", raising=False)
    return on_aws("catalog")


@pytest.fixture
def file(tmp_path: Path, recording: Recording) -> str:
    path = tmp_path / "out.json"
    path.write_text(json.dumps({"TapStackdev": recording.outputs}))
    return str(path)


@pytest.fixture
def run(file: str, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> Run:
    def verify(*arguments: str, emulated: bool = False) -> int:
        def open_deployment(_: Mapping[str, object]) -> Deployment:
            return recording.deployment(emulated=emulated)

        monkeypatch.setattr(command, "Deployment", open_deployment)
        return main(["verify", file, *arguments])

    return verify


def test_a_right_deployment_is_a_table_by_unit_and_ends_with_0(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0] == "catalog dev (dev) in 123456789012, sa-east-1"
    assert lines[2].split() == ["unit", "hold", "wrong", "need", "AWS", "n/a"]
    assert any(line.split() == ["Network", "10"] for line in lines)
    assert lines[-1].startswith("no problems; 119 hold, 80 not applicable in ")
    assert printed.err == ""


def test_it_is_plain_and_no_wider_than_80_columns_where_nobody_watches(
    run: Run, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.change("ec2 describe_vpcs", "Vpcs.0.State", "pending")
    assert run("--every") == 1
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert max(map(len, printed.splitlines())) <= 80
    assert not any(line.endswith(" ") for line in printed.splitlines())


def test_a_problem_is_told_with_its_check_and_ends_with_1(
    run: Run, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.change("ec2 describe_vpcs", "Vpcs.0.State", "pending")
    assert run() == 1
    printed = capsys.readouterr().out
    assert "\nnetwork.vpc\n" in printed
    assert "    the VPC's state is pending, not available\n" in printed
    assert "1 of 199 checks found problems; 118 hold" in printed


def test_what_needs_aws_is_counted(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(emulated=True) == 0
    assert ", 10 needs AWS, " in capsys.readouterr().out


def test_every_check_is_shown_when_asked_for(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--every", emulated=True) == 0
    printed = capsys.readouterr().out
    assert "  holds: network.vpc\n" in printed
    assert "  needs AWS: services.is_steady\n" in printed
    assert "    the stack has no CDN\n" in printed
    assert sum(check.name in printed for check in CHECKS) == len(CHECKS)


def test_json_tells_all_of_it(run: Run, recording: Recording, capsys: pytest.CaptureFixture[str]) -> None:
    recording.change("ec2 describe_vpcs", "Vpcs.0.State", "pending")
    assert run("--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["counts"] == {
        "holds": 118,
        "problem": 1,
        "needs AWS": 0,
        "not applicable": 80,
        "not asked": 0,
    }
    (wrong,) = [check for check in document["checks"] if check["state"] == "problem"]
    assert wrong == {
        "name": "network.vpc",
        "unit": "network",
        "what": "The VPC is available, resolves names, and has the subnets of its tiers and no other",
        "state": "problem",
        "problems": ["the VPC's state is pending, not available"],
        "reason": "",
        "missing_permissions": [],
    }
    assert (document["project"], document["account"], document["emulated"]) == ("catalog", "123456789012", False)


def test_some_checks_are_made_when_asked_for_and_whether_the_deployment_is_there(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--json", "--only", "keys.*", "--only", "network.vpc") == 0
    names = [check["name"] for check in json.loads(capsys.readouterr().out)["checks"]]
    assert names == [
        "deployment.account",
        "deployment.is_there",
        "network.vpc",
        "keys.one_each",
        "keys.enabled",
        "keys.rotates",
        "keys.no_strangers",
    ]


def test_a_check_that_is_not_known_ends_with_2(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--only", "network.vcp") == 2
    assert capsys.readouterr().err == "--only network.vcp: there is no such check\n"


def test_an_unusable_file_ends_with_2_and_says_all_that_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "out.json"
    path.write_text('{"TapStackdev": {"region": 1, "project": ""}}')
    assert main(["verify", str(path)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert all(line.startswith(f"{path}: ") for line in said)


def test_no_outputs_at_all_end_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(outputs, "PROJECT_FOLDER", tmp_path)
    monkeypatch.delenv("TAP_OUTPUTS", raising=False)
    assert main(["verify"]) == 2
    assert capsys.readouterr().err.startswith("there are no outputs: `make deploy`")


def test_a_file_that_is_named_by_the_environment_is_read(
    file: str, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAP_OUTPUTS", file)
    monkeypatch.setattr(command, "Deployment", lambda _: recording.deployment())
    assert main(["verify"]) == 0


def test_aws_that_answers_nobody_ends_with_3(
    run: Run, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.change("sts get_caller_identity", "", "ExpiredToken")
    assert run() == 3
    printed = capsys.readouterr()
    assert printed.err == "AWS cannot be asked: sts get_caller_identity: ExpiredToken\n"
    assert printed.out == ""


def test_aws_that_denies_everything_ends_with_3_and_names_the_permissions(
    run: Run, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.change("sts get_caller_identity", "", "AccessDenied")
    recording.change("ec2 describe_vpcs", "", "UnauthorizedOperation")
    assert run() == 3
    assert capsys.readouterr().err == "AWS tells nothing. Missing: ec2:describe_vpcs, sts:get_caller_identity\n"


def test_one_denied_call_is_a_problem_that_names_the_permission(
    run: Run, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.change("cloudwatch get_dashboard", "", "AccessDenied")
    assert run("--json") == 1
    checks = json.loads(capsys.readouterr().out)["checks"]
    missing = {check["unit"]: check["missing_permissions"] for check in checks if check["problems"]}
    assert missing == {"dashboard": ["cloudwatch:get_dashboard"]}


def test_a_deployment_that_is_not_there_is_one_problem_and_the_rest_not_asked(
    run: Run, recording: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.change("sts get_caller_identity", "Account", "999999999999")
    assert run() == 1
    printed = capsys.readouterr().out
    assert "the account is 999999999999, not 123456789012" in printed
    assert "1 of 199 checks found problems; 1 hold, 197 not asked" in " ".join(printed.split())


def test_an_interrupt_ends_with_130_and_no_more_than_that(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "outcomes_of", interrupted)
    assert run() == 130
    assert capsys.readouterr() == ("", "interrupted\n")


def test_a_reader_that_has_read_enough_is_no_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            if text:
                raise BrokenPipeError
            return 0

    monkeypatch.setattr(sys, "stdout", Closed())
    assert run() == 0


def test_a_terminal_that_knows_little_shows_something(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert run() == 0
    assert ascii_only.errors == "backslashreplace"


def test_the_page_of_docs_is_what_the_checks_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "`make docs` writes it anew"


def test_nothing_here_imports_cdktf(root: Path) -> None:
    files = [*(root / "lib" / "operations").rglob("*.py")]
    assert len(files) > 30
    importing = re.compile(r"(import|from) (cdktf|constructs)")
    offenders = [path for path in files if importing.search(path.read_text())]
    assert offenders == []
