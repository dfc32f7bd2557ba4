"""Terraform as it is run: what it is asked, what its messages become, and how it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from lib.operations.diagnosis import Failed
from lib.operations.ending import FOUND, INTERRUPTED, UNUSABLE, Stop
from lib.operations.terraform import Step, Terraform, executable, running
from tests.unit.operations.fake_terraform import (
    FakeTerraform,
    diagnostic,
    plan_of,
    resource_change,
    small,
    state_of,
    stated,
)

_S3 = {"s3": {"bucket": "states", "key": "a.tfstate", "region": "eu-west-1"}}
_EMULATED = {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000"}


@pytest.fixture
def fake(tmp_path: Path) -> FakeTerraform:
    return FakeTerraform(tmp_path)


@pytest.fixture
def core(fake: FakeTerraform, tmp_path: Path) -> Terraform:
    return Terraform(small(tmp_path, {"PATH": fake.path}))


def hook(kind: str, address: str, action: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "hook": {"resource": {"addr": address}, "action": action, **more}}


def raised(core: Terraform) -> Failed:
    with pytest.raises(Failed) as error:
        core.init()
    return error.value


# ---- the executable


def test_without_terraform_it_is_said_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"developer\.hashicorp\.com/terraform/install") as stop:
        executable(str(tmp_path))
    assert stop.value.code == UNUSABLE


def test_a_terraform_that_is_too_old_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"1\.10\.5 is too old"):
        executable(FakeTerraform(tmp_path, version="1.10.5").path)


def test_a_terraform_that_does_not_tell_its_version_is_refused(fake: FakeTerraform) -> None:
    fake.says("version", "Terraform")
    with pytest.raises(Stop, match="does not tell its version"):
        executable(fake.path)


def test_a_version_before_a_release_is_one(tmp_path: Path) -> None:
    assert executable(FakeTerraform(tmp_path, version="1.12.0-beta1").path).endswith("/terraform")


# ---- what it is asked


def test_init_forgets_an_earlier_place_of_the_state(core: Terraform, fake: FakeTerraform) -> None:
    core.init()
    assert fake.calls[-1] == "init -json -reconfigure"


def test_a_state_in_an_emulated_s3_is_asked_for_by_path(fake: FakeTerraform, tmp_path: Path) -> None:
    Terraform(small(tmp_path, {"PATH": fake.path} | _EMULATED, backend=_S3)).init()
    assert fake.calls[-1].endswith(" -backend-config=use_path_style=true")


@pytest.mark.parametrize(("environ", "backend"), [(_EMULATED, None), ({}, _S3)])
def test_no_other_state_is_asked_for_by_path(
    environ: dict[str, str], backend: Any, fake: FakeTerraform, tmp_path: Path
) -> None:
    Terraform(small(tmp_path, {"PATH": fake.path} | environ, backend=backend)).init()
    assert "use_path_style" not in fake.calls[-1]


def test_a_plan_is_saved_and_read_back(core: Terraform, fake: FakeTerraform) -> None:
    fake.says("show", plan_of(resource_change("aws_vpc.one", ["create"])))
    plan = core.plan(Path("/tmp/of-a-test"))
    assert fake.calls[-2:] == ["plan -json -out=/tmp/of-a-test", "show -json /tmp/of-a-test"]
    assert [change.address for change in plan.changes] == ["aws_vpc.one"]


@pytest.mark.parametrize(
    ("options", "asked"), [({"destroy": True}, "-destroy"), ({"refresh_only": True}, "-refresh-only")]
)
def test_a_plan_may_be_of_something_else(
    options: dict[str, bool], asked: str, core: Terraform, fake: FakeTerraform
) -> None:
    core.plan(Path("/tmp/of-a-test"), **options)
    assert fake.calls[-2] == f"plan -json -out=/tmp/of-a-test {asked}"


def test_warnings_come_with_the_plan(core: Terraform, fake: FakeTerraform) -> None:
    fake.reports("plan", diagnostic("Check failed", "because", severity="warning"))
    assert core.plan(Path("/tmp/of-a-test")).warnings == ("Check failed: because",)


def test_an_apply_tells_each_of_its_steps(core: Terraform, fake: FakeTerraform) -> None:
    fake.reports(
        "apply",
        {"type": "version"},
        hook("apply_start", "aws_vpc.one", "create"),
        hook("apply_progress", "aws_vpc.one", "create", elapsed_seconds=10),
        hook("apply_complete", "aws_vpc.one", "create", elapsed_seconds=12),
        hook("refresh_start", "aws_vpc.one", "read"),
    )
    steps: list[Step] = []
    core.apply(Path("/tmp/of-a-test"), steps.append)
    assert fake.calls[-1] == "apply -json /tmp/of-a-test"
    assert steps == [
        Step("aws_vpc.one", "create", "start", 0),
        Step("aws_vpc.one", "create", "progress", 10),
        Step("aws_vpc.one", "create", "complete", 12),
    ]


def test_terraform_asks_neither_people_nor_its_maker(core: Terraform, fake: FakeTerraform) -> None:
    fake.says("output", "")
    (fake.folder / "terraform").write_text('#!/bin/sh\necho "$TF_INPUT $TF_IN_AUTOMATION $CHECKPOINT_DISABLE"')
    assert core.outputs() == "0 1 1\n"


def test_the_state_tells_objects_with_their_keys_modules_and_what_is_half_made(
    core: Terraform, fake: FakeTerraform
) -> None:
    several = stated("aws_x", "several")
    several["instances"] = [{"index_key": 0}, {"index_key": "a", "status": "tainted"}, {"deposed": "1a2b"}]
    fake.says(
        "state", state_of(several, stated("aws_x", "data", mode="data"), {**stated("aws_y"), "module": "module.m"})
    )
    assert core.objects() == [
        "aws_x.several[0]",
        'aws_x.several["a"]',
        "aws_x.several (deposed 1a2b)",
        "module.m.aws_y.one",
    ]
    assert [each.address for each in core.state() if each.is_tainted] == ['aws_x.several["a"]']


def test_without_a_state_nothing_is_in_it(core: Terraform, fake: FakeTerraform) -> None:
    fake.says("state", "\n")
    assert core.state() == []


# ---- what goes wrong


def test_what_terraform_says_is_told_with_its_address(core: Terraform, fake: FakeTerraform) -> None:
    fake.reports("init", diagnostic("creating VPC", "VpcLimitExceeded: too many", "aws_vpc.one"), code=1)
    failure = raised(core)
    assert str(failure) == (
        "TapStackdev: terraform init failed:\naws_vpc.one: creating VPC: VpcLimitExceeded: too many"
    )
    assert failure.code == FOUND
    assert [problem.address for problem in failure.problems] == ["aws_vpc.one"]


def test_what_it_says_otherwise_is_told_where_there_is_nothing_else(core: Terraform, fake: FakeTerraform) -> None:
    fake.says("init", "panic: no way\n{not json\n", code=2)
    assert "panic: no way {not json" in str(raised(core))


def test_words_on_stderr_are_told_without_their_frame(core: Terraform, fake: FakeTerraform) -> None:
    fake.says("output", "", errors="\x1b[31m╷\x1b[0m\n│ Error: none\n╵\n", code=1)
    with pytest.raises(Failed, match=r"terraform output failed:\nError: none$"):
        core.outputs()


def test_terraform_is_told_of_an_interrupt_and_waited_for(
    core: Terraform, fake: FakeTerraform, capfd: pytest.CaptureFixture[str]
) -> None:
    fake.interrupts("apply")
    with pytest.raises(Failed) as failure:
        core.apply(Path("/tmp/of-a-test"), lambda _: None)
    assert (failure.value.code, failure.value.was_interrupted) == (INTERRUPTED, True)
    assert "Terraform finishes what it has begun" in capfd.readouterr().err


def test_a_second_interrupt_has_it_end_at_once(
    core: Terraform, fake: FakeTerraform, capfd: pytest.CaptureFixture[str]
) -> None:
    fake.interrupts("state", times=2)
    with pytest.raises(Failed, match="state was interrupted"):
        core.state()
    assert "Terraform ends at once" in capfd.readouterr().err


def test_a_third_one_ends_it_whatever_it_does(core: Terraform, fake: FakeTerraform) -> None:
    fake.interrupts("apply", times=9)
    with pytest.raises(Failed, match="apply was interrupted"):
        core.apply(Path("/tmp/of-a-test"), lambda _: None)


def test_an_interrupt_before_it_runs_is_told_it_all_the_same(
    core: Terraform, fake: FakeTerraform, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return begin(*arguments, **options)

    fake.waits("apply")
    monkeypatch.setattr(subprocess, "Popen", interrupted)
    with pytest.raises(Failed, match="apply was interrupted"):
        core.apply(Path("/tmp/of-a-test"), lambda _: None)


def test_whoever_fails_meanwhile_waits_for_terraform_and_reads_to_its_end(core: Terraform, fake: FakeTerraform) -> None:
    fake.reports("apply", *[hook("apply_start", "aws_vpc.one", "create")] * 2_000)

    def told(_: Step) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        core.apply(Path("/tmp/of-a-test"), told)


def test_a_process_whose_words_go_to_the_terminal_is_waited_for_too(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), running(["sleep", "9"], tmp_path, {"PATH": "/usr/bin:/bin"}, None, None):
        raise ZeroDivisionError


def test_beside_the_main_thread_it_runs_without_hearing_of_interrupts(core: Terraform, fake: FakeTerraform) -> None:
    fake.says("output", json.dumps({"a": 1}))
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(core.outputs()))
    thread.start()
    thread.join()
    assert said == ['{"a": 1}']
