"""`make deploy`: what is asked, shown, applied and looked at, in which order, and what each end is."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lib.operations import outputs as lib_outputs
from lib.operations.deploy import command
from lib.operations.deploy.command import AROUND, deploy, deployed
from lib.operations.ending import FOUND, INTERRUPTED, OK, UNREACHABLE, UNUSABLE, Stop
from lib.operations.outputs import UnusableOutputsError
from lib.operations.verify.command import verify
from tests.unit.operations.deploy.conftest import Bench, bench_of
from tests.unit.operations.fake_terraform import resource_change, state_of, stated
from tests.unit.operations.on_aws import on_aws

Answer = Callable[[str], None]
_OUTPUTS = on_aws("catalog").outputs
_SERVICE = _OUTPUTS["service_names"]["api"]
_DEFINITION = _OUTPUTS["task_definition_arns"]["api"]
_LOST = resource_change("aws_db_instance.one", ["delete", "create"], {"deletion_protection": True}, {})


def run(bench: Bench, **options: Any) -> int:
    given: dict[str, Any] = {"yes": True, "skip_preflight": False, "with_cdktf": False, "allowed": []} | options
    return deployed(bench.stack, bench.around, **given)


def stopped(bench: Bench, **options: Any) -> Stop:
    with pytest.raises(Stop) as stop:
        run(bench, **options)
    return stop.value


def runs(bench: Bench, definition: str = _DEFINITION) -> None:
    """What ECS says of the service."""
    primary = {"status": "PRIMARY", "rolloutState": "COMPLETED", "taskDefinition": definition}
    service = {"serviceName": _SERVICE, "status": "ACTIVE", "deployments": [primary]}
    bench.aws.says("ecs describe_services", {"services": [service]})


@pytest.fixture(autouse=True)
def _right(bench: Bench) -> None:
    bench.terraform.says("output", json.dumps({name: {"value": value} for name, value in _OUTPUTS.items()}))
    bench.aws.says("ecs list_tasks", {"taskArns": []})
    runs(bench)


# ---- all is well


def test_what_was_shown_is_applied_and_looked_at(bench: Bench) -> None:
    assert run(bench) == OK
    assert bench.words == ["init", "plan", "apply", "output"]
    assert bench.done == ["preflight", "verify outputs.json"]


def test_the_plan_that_is_applied_is_the_one_that_was_shown_and_is_gone_afterwards(bench: Bench) -> None:
    run(bench)
    files = {call.rpartition("=")[2].split()[-1] for call in bench.terraform.calls if "plan-" in call}
    assert len(files) == 1
    assert not Path(files.pop()).parent.exists()


def test_the_plan_is_printed_and_how_far_it_is_goes_elsewhere(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    run(bench)
    printed = capsys.readouterr()
    assert "1 to create" in printed.out
    steps = [line.split()[0] for line in printed.err.splitlines() if line.endswith(" s")]
    assert steps == ["synthesize", "init", "plan", "apply", "rollout"]


def test_outputs_are_written_as_a_whole(bench: Bench) -> None:
    run(bench)
    assert lib_outputs.load(bench.stack.outputs_file)["project"] == "catalog"
    beside = bench.stack.outputs_file.parent.iterdir()
    assert [each.name for each in beside if "outputs" in each.name] == ["outputs.json"]


def test_without_changes_nothing_is_asked_or_applied_and_all_is_looked_at(bench: Bench) -> None:
    bench.plans()
    assert run(bench) == OK
    assert "apply" not in bench.words
    assert bench.done == ["preflight", "verify outputs.json"]


def test_what_verification_finds_is_the_end(bench: Bench) -> None:
    bench.verify = FOUND
    assert run(bench) == FOUND


def test_on_an_emulated_aws_it_is_said_what_could_not_be_looked_at(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.stack = replace(bench.stack, environ={**bench.stack.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert run(bench) == OK
    assert "rollout: needs AWS, as no task runs here" in capsys.readouterr().err


# ---- the question


def test_somebody_who_says_yes_is_taken_at_their_word(bench: Bench, answer: Answer) -> None:
    answer("yes")
    assert run(bench, yes=False) == OK


@pytest.mark.parametrize("said", ["y", "no", ""])
def test_whoever_says_anything_else_changes_nothing(said: str, bench: Bench, answer: Answer) -> None:
    answer(said)
    stop = stopped(bench, yes=False)
    assert (stop.code, str(stop)) == (FOUND, "Nothing was changed.")
    assert "apply" not in bench.words


def test_where_nobody_can_be_asked_it_is_said_before_anything_is_done(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    stop = stopped(bench, yes=False)
    assert stop.code == UNUSABLE
    assert "--yes" in str(stop)
    assert bench.words == []


# ---- before the apply


@pytest.mark.parametrize("code", [FOUND, UNREACHABLE])
def test_what_preflight_finds_ends_it_before_anything_is_changed(code: int, bench: Bench) -> None:
    bench.preflight = code
    stop = stopped(bench)
    assert stop.code == code
    assert "--skip-preflight" in str(stop)
    assert bench.words == []


def test_preflight_may_be_skipped_with_a_warning(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(bench, skip_preflight=True) == OK
    assert bench.done == ["verify outputs.json"]
    assert "preflight is skipped" in capsys.readouterr().err


def test_a_state_that_is_not_in_its_place_is_dealt_with_first(bench: Bench) -> None:
    (bench.stack.folder / "errored.tfstate").write_text("{}")
    assert "state push" in str(stopped(bench))
    assert bench.words == []


def test_a_production_keeps_what_nobody_has_named(tmp_path: Path) -> None:
    bench = bench_of(tmp_path / "prod", suffix="prod")
    bench.plans(_LOST)
    assert "--allow-replace 'aws_db_instance.one'" in str(stopped(bench))
    assert "apply" not in bench.words


def test_what_aws_would_refuse_half_way_is_not_begun(bench: Bench) -> None:
    bench.plans(_LOST)
    stop = stopped(bench)
    assert stop.code == FOUND
    assert str(stop).startswith("aws_db_instance.one: AWS refuses to delete it, deletion_protection is on\n")
    assert "TAP__REMOVAL__KEEP_DATA=false" in str(stop)
    assert "apply" not in bench.words


# ---- an apply that fails


def test_an_apply_that_fails_says_what_is_there_and_ends_with_1(bench: Bench) -> None:
    bench.fails(("creating VPC", "VpcLimitExceeded", "aws_vpc.one"))
    bench.terraform.says("state", state_of(stated("aws_eip")))
    stop = stopped(bench)
    assert stop.code == FOUND
    assert "  aws_vpc.one: creating VPC: VpcLimitExceeded" in str(stop)
    assert "In the state: 1 object: 1 aws_eip." in str(stop)
    assert not bench.stack.outputs_file.exists()


def test_an_apply_that_is_interrupted_ends_with_130(bench: Bench) -> None:
    bench.terraform.interrupts("apply")
    assert stopped(bench).code == INTERRUPTED


def test_a_service_that_ecs_took_back_is_explained(bench: Bench) -> None:
    bench.fails(("Resource postcondition failed", "ECS went back", "aws_ecs_service.api"))
    running = {"name": _SERVICE, "cluster": "c", "task_definition": _DEFINITION}
    family = _DEFINITION.rpartition("/")[2].partition(":")[0]
    definition = stated("aws_ecs_task_definition", "api", family=family, arn=_DEFINITION)
    bench.terraform.says("state", state_of(stated("aws_ecs_service", "api", **running), definition))
    back = {"status": "PRIMARY", "rolloutState": "IN_PROGRESS", "rolloutStateReason": "rolling back to 7"}
    bench.aws.says("ecs describe_services", {"services": [{"serviceName": _SERVICE, "deployments": [back]}]})
    assert f"\n{_SERVICE}:\n  ECS: rolling back to 7\n" in str(stopped(bench))


def test_what_ecs_does_not_tell_of_a_failed_service_is_said(bench: Bench) -> None:
    bench.fails(("creating ECS Service", "no", "aws_ecs_service.api"))
    bench.aws.says("ecs describe_services", "AccessDeniedException")
    attributes = {"name": "s", "cluster": "c", "task_definition": "f:1"}
    definition = stated("aws_ecs_task_definition", "api", family="f", arn="f:1")
    bench.terraform.says("state", state_of(stated("aws_ecs_service", "api", **attributes), definition))
    assert "What ECS says of it cannot be told: ecs describe_services: AccessDenied" in str(stopped(bench))


# ---- after the apply


def test_a_service_on_another_definition_is_a_failed_deployment_and_not_verified(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    runs(bench, _DEFINITION.replace(":1", ":0"))
    stop = stopped(bench)
    assert (stop.code, str(stop)) == (
        FOUND,
        "TapStackdev is applied, and its deployment failed. Mend it, and deploy again.",
    )
    assert "api: the deployment failed: ECS runs " in capsys.readouterr().out
    assert bench.done == ["preflight"]


def test_an_interrupt_after_the_apply_says_what_is_left_to_do(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_checked", interrupted)
    stop = stopped(bench)
    assert (stop.code, str(stop)) == (INTERRUPTED, "TapStackdev is applied, and not verified: `make verify` does it.")


def test_outputs_of_something_else_are_told(bench: Bench) -> None:
    bench.terraform.says("output", json.dumps({"project": {"value": "catalog"}}))
    with pytest.raises(UnusableOutputsError, match="outputs of the stack are missing"):
        run(bench)


# ---- CDKTF


@pytest.fixture
def cdktf(bench: Bench) -> Callable[[str], None]:
    def script(text: str) -> None:
        path = bench.terraform.folder / "cdktf"
        path.write_text(f'#!/bin/sh\necho "cdktf $*" >> "{bench.terraform.folder}/calls"\n{text}\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return script


def test_cdktf_applies_where_it_is_asked_for(bench: Bench, cdktf: Callable[[str], None]) -> None:
    cdktf("exit 0")
    assert run(bench, with_cdktf=True) == OK
    assert "cdktf deploy TapStackdev --auto-approve" in bench.terraform.calls
    assert "apply" not in bench.words


def test_without_cdktf_it_is_said_where_to_get_it_before_anything_is_done(bench: Bench) -> None:
    stop = stopped(bench, with_cdktf=True)
    assert stop.code == UNUSABLE
    assert "npm install --global cdktf-cli" in str(stop)
    assert bench.words == []


def test_a_cdktf_that_fails_is_an_apply_that_failed(bench: Bench, cdktf: Callable[[str], None]) -> None:
    cdktf("exit 3")
    stop = stopped(bench, with_cdktf=True)
    assert stop.code == FOUND
    assert str(stop).startswith("TapStackdev: the apply of `make deploy` failed.")


def test_a_cdktf_that_is_interrupted_ends_with_130(bench: Bench, cdktf: Callable[[str], None]) -> None:
    cdktf("trap 'exit 1' INT; kill -INT $PPID; while :; do sleep 0.02; done")
    assert stopped(bench, with_cdktf=True).code == INTERRUPTED


# ---- the word


def test_the_word_deploys_the_chosen_stack(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "chosen_stack", lambda: bench.stack)
    monkeypatch.setattr(command, "AROUND", bench.around)
    assert deploy(yes=True) == OK


def test_addresses_are_taken_from_the_word(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "chosen_stack", lambda: bench.stack)
    monkeypatch.setattr(command, "AROUND", bench.around)
    with pytest.raises(Stop, match=r"--allow-replace aws_vpc\.x: the plan neither"):
        deploy(yes=True, allow_replace=["aws_vpc.x"])


def test_verification_is_the_projects_own() -> None:
    assert AROUND.verify is verify


class Result:
    """Of a preflight."""

    def __init__(self, code: int) -> None:
        self.code = code

    def show(self, console: Any) -> None:
        console.print("quota is full")


@pytest.mark.parametrize(("code", "shown"), [(OK, ""), (FOUND, "quota is full\n")])
def test_preflight_is_shown_where_something_stands_in_the_way(
    code: int, shown: str, bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "preflight_of", lambda *_: Result(code))
    assert AROUND.preflight(bench.stack, bench.aws) == code
    assert capsys.readouterr().out == shown
