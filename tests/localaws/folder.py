"""Terraform in a folder of its own, with the plugin: what a test configures, runs, and finds afterwards."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from localaws.environment import terraform
from localaws.provider import mirror

State = dict[str, dict[str, Any]]
"""Instances by address, with the index where there is one: `aws_vpc.main`, `aws_vpc.main[0]`."""

_NOT_OURS = ("AWS_", "LOCALAWS_", "TF_")
_LONGEST_RUN = 120
"""Seconds."""


class Run(NamedTuple):
    code: int
    output: str

    @property
    def text(self) -> str:
        """The output without the frames and line breaks that Terraform fits it to a terminal with."""
        return " ".join(self.output.replace("│", " ").split())


class Folder:
    """Nothing of the caller's that has to do with AWS or Terraform gets in; what of it is wanted is `environment`.

    Raises LocalError where there is no Terraform that can be used.
    """

    def __init__(self, path: Path, **environment: str) -> None:
        self.path, self._executable = path, terraform()
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
        self.environment |= environment
        self.environment |= {"TF_CLI_CONFIG_FILE": str(mirror.write()), "LOCALAWS_LOG": str(path / "log")}

    def configure(self, template: Mapping[str, Any]) -> None:
        (self.path / "cdk.tf.json").write_text(json.dumps(template))

    def start(self, *arguments: str, asked: bool = False, **environment: str) -> subprocess.Popen[bytes]:
        """`asked`: it waits for an answer, which its standard input takes."""
        # Into a file: a pipe that nobody reads from stops Terraform once it is full.
        with (self.path / "output").open("wb") as output:
            return subprocess.Popen(
                [self._executable, *arguments, "-no-color"],
                cwd=self.path,
                env={**self.environment, **environment},
                stdin=subprocess.PIPE if asked else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ended(self, process: subprocess.Popen[bytes]) -> Run:
        try:
            code = process.wait(timeout=_LONGEST_RUN)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return Run(code, (self.path / "output").read_text())

    def run(self, *arguments: str, **environment: str) -> Run:
        return self.ended(self.start(*arguments, asked=False, **environment))

    def init(self, *arguments: str, **environment: str) -> None:
        run = self.run("init", "-input=false", *arguments, **environment)
        assert run.code == 0, run.output

    def apply(self, *arguments: str, **environment: str) -> Run:
        return self.run("apply", "-auto-approve", "-input=false", *arguments, **environment)

    def plan(self, file: str) -> dict[str, Any]:
        """Kept in `file`, and as Terraform tells it: https://developer.hashicorp.com/terraform/internals/json-format"""
        run = self.run("plan", "-input=false", f"-out={file}")
        assert run.code == 0, run.output
        told: dict[str, Any] = json.loads(self.run("show", "-json", file).output)
        return told

    def plans_nothing(self) -> bool:
        return self.run("plan", "-input=false", "-detailed-exitcode").code == 0

    def state(self) -> State:
        return instances((self.path / "terraform.tfstate").read_text())

    def log(self) -> list[dict[str, Any]]:
        """The plugin's operations."""
        path = self.path / "log"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def instances(state: str | bytes) -> State:
    return {
        f"{each['type']}.{each['name']}" + (f"[{instance['index_key']}]" if "index_key" in instance else ""): instance
        for each in json.loads(state)["resources"]
        if each["mode"] == "managed"
        for instance in each["instances"]
    }
