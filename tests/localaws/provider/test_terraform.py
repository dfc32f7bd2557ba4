"""Terraform itself, with the plugin."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from localaws.provider import mirror

QUEUES = 400


class Terraform:
    """Terraform in a folder of its own, with the plugin and without AWS."""

    def __init__(self, folder: Path) -> None:
        executable = shutil.which("terraform")
        assert executable, "these tests need Terraform in PATH"
        self.folder, self._executable = folder, executable
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        self.environment |= {
            "TF_CLI_CONFIG_FILE": str(mirror.write(folder / "plugin")),
            "LOCALAWS_LOG": str(folder / "log"),
        }

    def configure(self, **resources: Any) -> None:
        template = {
            "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "6.25.0"}}},
            "provider": {"aws": {"region": "us-east-1", "default_tags": {"tags": {"Project": "demo"}}}},
            "resource": resources,
        }
        (self.folder / "main.tf.json").write_text(json.dumps(template))

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        # Into a file: a pipe that nobody reads from stops Terraform once it is full.
        with (self.folder / "output").open("wb") as output:
            return subprocess.Popen(
                [self._executable, *arguments, "-no-color"],
                cwd=self.folder,
                env={**self.environment, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        code = self.start(*arguments, **environment).wait(timeout=120)
        return code, (self.folder / "output").read_text()

    def apply(self, **environment: str) -> tuple[int, str]:
        return self.run("apply", "-auto-approve", "-input=false", **environment)

    def state(self) -> dict[str, Any]:
        """Instances by address."""
        state = json.loads((self.folder / "terraform.tfstate").read_text())
        return {
            f"{each['type']}.{each['name']}[{instance.get('index_key', '')}]": instance
            for each in state["resources"]
            for instance in each["instances"]
        }

    def log(self) -> list[dict[str, Any]]:
        path = self.folder / "log"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture(name="terraform")
def _terraform(tmp_path: Path) -> Terraform:
    terraform = Terraform(tmp_path)
    terraform.configure(aws_vpc={"a": {"cidr_block": "10.0.0.0/16"}}, aws_sqs_queue={"b": {"name": "b"}})
    code, output = terraform.run("init", "-input=false")
    assert code == 0, output
    return terraform


def test_a_life_from_apply_to_destroyed(terraform: Terraform) -> None:
    applied = terraform.apply()
    again = terraform.run("plan", "-detailed-exitcode", "-input=false")
    gone = terraform.run("destroy", "-auto-approve", "-input=false")
    assert [applied[0], again[0], gone[0], terraform.state()] == [0, 0, 0, {}], (applied, again, gone)


def test_a_half_made_object_is_tainted_and_a_second_apply_goes_on(terraform: Terraform) -> None:
    code, output = terraform.apply(LOCALAWS_FAIL="aws_sqs_queue:created")
    half = terraform.state()
    assert (code, half["aws_sqs_queue.b[]"]["status"], "created fails on request" in output) == (1, "tainted", True)
    assert "status" not in half["aws_vpc.a[]"]
    code, output = terraform.apply()
    assert (code, "1 added, 0 changed, 1 destroyed" in output) == (0, True), output


def test_without_a_table_entry_behind_the_endpoint_the_plan_fails_by_name(terraform: Terraform) -> None:
    terraform.configure(aws_appstream_fleet={"a": {"name": "a", "instance_type": "x", "compute_capacity": {}}})
    code, output = terraform.run("plan", "-input=false", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert (code, "aws_appstream_fleet: not in the local AWS" in output) == (1, True), output


def test_ctrl_c_ends_soon_and_loses_nothing_that_was_made(terraform: Terraform) -> None:
    terraform.configure(aws_sqs_queue={"b": {"count": QUEUES, "name": "b"}})
    process = terraform.start("apply", "-auto-approve", "-input=false")
    deadline = time.monotonic() + 60
    while len(terraform.log()) < 20 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    # As a terminal does: to Terraform and to the plugin.
    os.killpg(process.pid, signal.SIGINT)
    code = process.wait(timeout=30)
    made = {each["state"]["id"] for each in terraform.log() if each["operation"] == "create" and not each["error"]}
    kept = {each["attributes"]["id"] for each in terraform.state().values()}
    assert (code, kept == made, 20 <= len(made) < QUEUES) == (1, True, True), (terraform.folder / "output").read_text()
