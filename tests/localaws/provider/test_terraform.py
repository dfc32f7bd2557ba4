"""Terraform itself, with the plugin."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.localaws.folder import Folder

QUEUES = 400


def _configure(folder: Folder, **resources: Any) -> None:
    folder.configure(
        {
            "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "6.25.0"}}},
            "provider": {"aws": {"region": "us-east-1", "default_tags": {"tags": {"Project": "demo"}}}},
            "resource": resources,
        }
    )


@pytest.fixture(name="terraform")
def _terraform(tmp_path: Path) -> Folder:
    terraform = Folder(tmp_path)
    _configure(terraform, aws_vpc={"a": {"cidr_block": "10.0.0.0/16"}}, aws_sqs_queue={"b": {"name": "b"}})
    terraform.init()
    return terraform


def test_a_life_from_apply_to_destroyed(terraform: Folder) -> None:
    applied = terraform.apply()
    again = terraform.run("plan", "-detailed-exitcode", "-input=false")
    gone = terraform.run("destroy", "-auto-approve", "-input=false")
    assert [applied[0], again[0], gone[0], terraform.state()] == [0, 0, 0, {}], (applied, again, gone)


def test_a_half_made_object_is_tainted_and_a_second_apply_goes_on(terraform: Folder) -> None:
    code, output = terraform.apply(LOCALAWS_FAIL="aws_sqs_queue:created")
    half = terraform.state()
    assert (code, half["aws_sqs_queue.b"]["status"], "created fails on request" in output) == (1, "tainted", True)
    assert "status" not in half["aws_vpc.a"]
    code, output = terraform.apply()
    assert (code, "1 added, 0 changed, 1 destroyed" in output) == (0, True), output


def test_without_a_table_entry_behind_the_endpoint_the_plan_fails_by_name(terraform: Folder) -> None:
    _configure(terraform, aws_appstream_fleet={"a": {"name": "a", "instance_type": "x", "compute_capacity": {}}})
    code, output = terraform.run("plan", "-input=false", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert (code, "aws_appstream_fleet: not in the local AWS" in output) == (1, True), output


def test_ctrl_c_ends_soon_and_loses_nothing_that_was_made(terraform: Folder) -> None:
    _configure(terraform, aws_sqs_queue={"b": {"count": QUEUES, "name": "b"}})
    process = terraform.start("apply", "-auto-approve", "-input=false")
    deadline = time.monotonic() + 60
    while len(terraform.log()) < 20 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    # As a terminal does: to Terraform and to the plugin.
    os.killpg(process.pid, signal.SIGINT)
    code = process.wait(timeout=30)
    made = {each["state"]["id"] for each in terraform.log() if each["operation"] == "create" and not each["error"]}
    kept = {each["attributes"]["id"] for each in terraform.state().values()}
    assert (code, kept == made, 20 <= len(made) < QUEUES) == (1, True, True), (terraform.path / "output").read_text()
