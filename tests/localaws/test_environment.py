"""Server, state and outputs in one folder: what children are told, and what is left of a server that ended."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localaws.environment import Environment, LocalError, children_environment, refuse_all_but_loopback, terraform


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Iterator[Environment]:
    place = Environment(tmp_path / "environment")
    yield place
    place.remove()


@pytest.mark.parametrize(
    "endpoint", ["https://ec2.eu-west-1.amazonaws.com", "http://10.0.0.1:80", "http://localhost.example", ""]
)
def test_an_endpoint_that_may_be_an_account_is_refused(endpoint: str) -> None:
    with pytest.raises(LocalError, match="no loopback address"):
        refuse_all_but_loopback(endpoint)


def test_children_know_nothing_of_the_callers_account() -> None:
    caller = {"AWS_PROFILE": "production", "AWS_ACCESS_KEY_ID": "AKIA", "TF_CLI_ARGS": "-x", "PATH": "/bin"}
    told = children_environment(caller, "http://127.0.0.1:5000", "eu-west-1")
    assert "AWS_PROFILE" not in told
    assert "TF_CLI_ARGS" not in told
    assert (told["AWS_ACCESS_KEY_ID"], told["AWS_ENDPOINT_URL"]) == ("local", "http://127.0.0.1:5000")


@pytest.mark.parametrize(("version", "said"), [("1.10.5", "1.10.5 is too old"), ("", "does not tell its version")])
def test_a_terraform_that_cannot_be_used_is_refused(tmp_path: Path, version: str, said: str) -> None:
    executable = tmp_path / "terraform"
    executable.write_text(f"#!/bin/sh\necho '{json.dumps({'terraform_version': version} if version else {})}'\n")
    executable.chmod(0o755)
    with pytest.raises(LocalError, match=said):
        terraform({"PATH": str(tmp_path)})


def test_without_terraform_it_is_said_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"developer\.hashicorp\.com/terraform/install"):
        terraform({"PATH": str(tmp_path)})


def test_a_second_start_finds_the_first_ones_server(place: Environment) -> None:
    place.start()
    first = place.endpoint
    assert (place.start(), place.endpoint) == (False, first)


def test_what_a_killed_server_held_is_forgotten_and_told(place: Environment) -> None:
    place.start()
    place.work.mkdir()
    (place.work / "state.tfstate").write_text("{}")
    os.kill(json.loads((place.folder / "server.json").read_text())["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 5
    while place.endpoint and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (place.start(), place.work.exists(), place.endpoint is None) == (True, False, False)


def test_the_number_of_another_process_is_not_taken_for_the_server(place: Environment) -> None:
    place.folder.mkdir()
    (place.folder / "server.json").write_text(json.dumps({"pid": os.getpid(), "endpoint": "http://127.0.0.1:1"}))
    assert place.endpoint is None


def test_removed_it_leaves_nothing(place: Environment) -> None:
    place.start()
    pid = json.loads((place.folder / "server.json").read_text())["pid"]
    program = Path(f"/proc/{pid}/exe")
    assert not sys.platform.startswith("linux") or program.exists()
    place.remove()
    deadline = time.monotonic() + 5
    while program.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not program.exists()
    assert (place.folder.exists(), place.endpoint) == (False, None)
