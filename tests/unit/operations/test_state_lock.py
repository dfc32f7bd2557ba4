"""Who holds a state: in S3 as Terraform wrote it down, beside a file for as long as its process lives."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.operations import state_lock
from lib.operations.aws import Refused
from lib.operations.diagnosis import Lock
from lib.operations.state_lock import lock_of
from tests.unit.operations.fake_aws import FakeAws

_TOLD = {"ID": "1-2", "Operation": "OperationTypeApply", "Info": "", "Who": "ann@build-7", "Created": "2026-11-24"}
_LOCK = Lock("1-2", "ann@build-7", "2026-11-24", "OperationTypeApply")
_S3 = {"s3": {"bucket": "states", "key": "catalog/dev/TapStackdev.tfstate", "region": "sa-east-1"}}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    aws = FakeAws("sa-east-1")

    def of_region(region: str) -> FakeAws:
        assert region == aws.region
        return aws

    monkeypatch.setattr(state_lock, "Aws", of_region)
    return aws


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A state that another process holds."""
    state = tmp_path / "a.tfstate"
    state.write_text("{}")
    (tmp_path / ".a.tfstate.lock.info").write_text(json.dumps(_TOLD))
    program = (
        "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-S", "-c", program, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        yield state
        holder.communicate("\n")


def test_in_s3_it_is_the_object_beside_the_state(aws: FakeAws, tmp_path: Path) -> None:
    aws.says("s3 get_object", {"Body": io.BytesIO(json.dumps(_TOLD).encode())})
    assert lock_of(_S3, tmp_path) == _LOCK
    assert aws.of("s3 get_object") == [{"Bucket": "states", "Key": "catalog/dev/TapStackdev.tfstate.tflock"}]


def test_in_s3_nobody_holds_it_without_that_object(aws: FakeAws, tmp_path: Path) -> None:
    aws.says("s3 get_object", "NoSuchKey")
    assert lock_of(_S3, tmp_path) is None


def test_in_s3_it_may_not_be_to_be_known(aws: FakeAws, tmp_path: Path) -> None:
    aws.says("s3 get_object", "AccessDenied")
    with pytest.raises(Refused):
        lock_of(_S3, tmp_path)


def test_beside_a_file_it_is_whose_process_holds_it(locked: Path) -> None:
    assert lock_of({"local": {"path": locked.name}}, locked.parent) == _LOCK


def test_beside_a_file_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    (tmp_path / "a.tfstate").write_text("{}")
    (tmp_path / ".a.tfstate.lock.info").write_text(json.dumps(_TOLD))
    assert lock_of({"local": {"path": "a.tfstate"}}, tmp_path) is None


def test_where_there_is_no_state_nobody_holds_it(tmp_path: Path) -> None:
    assert lock_of({}, tmp_path) is None
