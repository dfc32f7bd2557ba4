"""After an apply that came to no end: what is there, what went wrong, who holds the state, what to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.evidence.terraform import Problem
from lib.operations.aws import Refused
from lib.operations.deploy import failed
from lib.operations.deploy.failed import refuse_unsaved, stopped
from lib.operations.diagnosis import Failed, Lock
from lib.operations.ending import FOUND, INTERRUPTED, UNUSABLE, Stop
from lib.operations.terraform import Terraform
from tests.unit.operations.fake_terraform import FakeTerraform, small, state_of, stated

_DENIED = Problem("creating VPC", "not authorized to perform: ec2:CreateVpc", "aws_vpc.one")


@pytest.fixture
def fake(tmp_path: Path) -> FakeTerraform:
    fake = FakeTerraform(tmp_path)
    fake.says("state", state_of(stated("aws_vpc", "a"), stated("aws_eip", "b"), stated("aws_eip", "c")))
    return fake


@pytest.fixture
def core(fake: FakeTerraform, tmp_path: Path) -> Terraform:
    return Terraform(small(tmp_path, {"PATH": fake.path}))


def test_a_failure_is_told_from_what_went_wrong_to_what_to_type(core: Terraform) -> None:
    stop = stopped(core, Failed("", FOUND, [_DENIED]), "deploy", ["", "ECS: no"])
    assert stop.code == FOUND
    assert str(stop).splitlines() == [
        "TapStackdev: the apply of `make deploy` failed.",
        "",
        "What went wrong:",
        "  aws_vpc.one: creating VPC: not authorized to perform: ec2:CreateVpc",
        "  Missing permission: ec2:CreateVpc.",
        "",
        "ECS: no",
        "",
        "In the state: 3 objects: 2 aws_eip, 1 aws_vpc.",
        "The state is not locked.",
        "",
        "Next:",
        "  make deploy    goes on from here, once that is mended",
        "  make destroy   takes away what is there",
    ]


def test_an_interrupt_has_a_code_of_its_own_and_nothing_to_mend(core: Terraform) -> None:
    stop = stopped(core, Failed("", INTERRUPTED), "deploy")
    assert stop.code == INTERRUPTED
    assert str(stop).startswith("TapStackdev: the apply of `make deploy` was interrupted.\n\nIn the state: ")
    assert "  make deploy    goes on from here\n" in str(stop)


def test_a_destroy_that_failed_goes_on_or_back(core: Terraform) -> None:
    said = str(stopped(core, Failed("", FOUND), "destroy")).splitlines()
    assert said[-2:] == [
        "  make destroy   goes on from here, once that is mended",
        "  make deploy    brings it up again",
    ]


def test_what_was_half_made_is_named(core: Terraform, fake: FakeTerraform) -> None:
    tainted = stated("aws_vpc", "a")
    tainted["instances"][0]["status"] = "tainted"
    fake.says("state", state_of(tainted))
    said = str(stopped(core, Failed("", FOUND), "deploy"))
    assert "In the state: 1 object: 1 aws_vpc.\nHalf made, and made anew by the next apply: aws_vpc.a.\n" in said


def test_an_empty_state_holds_nothing(core: Terraform, fake: FakeTerraform) -> None:
    fake.says("state", "")
    assert "In the state: nothing.\n" in str(stopped(core, Failed("", FOUND), "deploy"))


def test_who_holds_the_state_is_told(core: Terraform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failed, "lock_of", lambda *_: Lock("1-2", "ann@build-7", "2026-11-24", "OperationTypeApply"))
    said = str(stopped(core, Failed("", FOUND), "deploy"))
    assert "The state is locked by ann@build-7 since 2026-11-24 (OperationTypeApply), lock ID 1-2.\n" in said
    assert f"  terraform -chdir={core.stack.folder} force-unlock 1-2\n" in said


def test_what_cannot_be_told_is_said_to_be_so(core: Terraform, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise Refused("s3 get_object: ExpiredToken: expired", "ExpiredToken")

    monkeypatch.setattr(failed, "lock_of", refused)
    said = str(stopped(core, Failed("", FOUND), "deploy"))
    assert "What is there cannot be told: s3 get_object: ExpiredToken: expired\n" in said


def test_a_state_that_is_not_in_its_place_comes_first(core: Terraform) -> None:
    (core.stack.folder / "errored.tfstate").write_text("{}")
    said = str(stopped(core, Failed("", FOUND), "deploy")).splitlines()
    assert said[said.index("Next:") + 2] == (
        f"    terraform -chdir={core.stack.folder} state push errored.tfstate "
        f"&& rm {core.stack.folder / 'errored.tfstate'}"
    )


def test_nothing_is_begun_while_a_state_is_not_in_its_place(core: Terraform) -> None:
    refuse_unsaved(core.stack)
    (core.stack.folder / "errored.tfstate").write_text("{}")
    with pytest.raises(Stop, match=r"state push errored\.tfstate") as stop:
        refuse_unsaved(core.stack)
    assert stop.value.code == UNUSABLE
