"""A platform for the tests that need one: deployed once in a run of the tests, and shared between its workers."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lib.operations.chosen import ChosenStack, chosen_stack
from lib.operations.outputs import UnusableOutputsError, load
from localaws.environment import ROOT, Environment, LocalError, children_environment, terraform
from localaws.provider import mirror
from tests.sharing import folder_of_run
from tests.terraform.conftest import REQUIRED

BUCKET = "tests-of-operations-state"
_REGION = "sa-east-1"


@dataclass(frozen=True)
class Platform:
    """The blueprint catalog in dev on an AWS of its own. Who uses it changes nothing of it."""

    place: Environment
    """Its server. The state is in a bucket of that AWS."""
    stack: ChosenStack
    outputs: dict[str, Any]
    endpoint: str
    environ: dict[str, str]
    """Of whoever asks that AWS, and of Terraform."""
    told: str
    """What its deployment printed, and what it ended with."""


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    need_terraform()
    shared = folder_of_run(tmp_path_factory) / "platform"
    place = Environment(shared / "environment")
    with _counted(shared, +1) as users:
        if users == 1:
            place.start()
            (shared / "deployed.txt").write_text(_deployed(_environ(place, shared)))
    try:
        yield _platform(place, shared)
    finally:
        with _counted(shared, -1) as users:
            if users == 0:
                place.remove()


def _platform(place: Environment, shared: Path) -> Platform:
    environ, told = _environ(place, shared), (shared / "deployed.txt").read_text()
    stack = chosen_stack(environ)
    try:
        outputs = load(stack.outputs_file)
    except UnusableOutputsError as error:
        pytest.fail(f"{error}\n{told}")
    assert place.endpoint
    return Platform(place, stack, outputs, place.endpoint, environ, told)


def _deployed(environ: dict[str, str]) -> str:
    run(environ, "state-bootstrap")
    done = run(environ, "deploy", "--yes")
    return f"{done.stdout}{done.stderr}ended with {done.returncode}\n"


def need_terraform() -> None:
    """Skips the test where there is none, or fails it where there has to be one."""
    try:
        terraform()
    except LocalError as error:
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(f"nothing was deployed: {error}")


def environ_on(endpoint: str, folder: Path, region: str = _REGION) -> dict[str, str]:
    """Of whoever works on that AWS, with a folder for what is synthesized and put out."""
    return children_environment(os.environ, endpoint, region) | {
        "CDKTF_OUTDIR": str(folder / "cdktf.out"),
        "TAP_OUTPUTS": str(folder / "outputs.json"),
        "TERRAFORM_STATE_BUCKET": BUCKET,
        "TF_CLI_CONFIG_FILE": str(mirror.write()),
    }


def _environ(place: Environment, folder: Path) -> dict[str, str]:
    assert place.endpoint
    return environ_on(place.endpoint, folder) | {"LOCALAWS_LOG": str(place.log)}


def run(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """A word of lib.operations and its arguments, as make runs them."""
    command = [sys.executable, "-m", "lib.operations", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


@contextmanager
def _counted(folder: Path, more: int) -> Iterator[int]:
    """How many use it from now on. Nobody else counts meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        users = json.loads(file.read() or "0") + more
        yield users
        file.truncate(0)
        file.write(str(users))
