"""Terraform for the tests that ask it, and what it made of each stack, shared between the workers of a run.

The provider is the project's own plugin with nothing behind it: localaws/README.md.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from lib.evidence.terraform import Problem, Source, Terraform, UnusableError, Workspace, terraform
from tests.sharing import folder_of_run, once
from tests.synthesis import BLUEPRINTS, synthesized
from tests.terraform.stand_in import write

REQUIRED = "TAPSTACK_REQUIRE_TERRAFORM"
"""Set to anything: without Terraform these tests fail in place of being skipped."""
DEPLOYED = BLUEPRINTS if os.environ.get(REQUIRED) or os.environ.get("CI") else ("catalog",)
"""Blueprints that tests/localaws/test_platform.py takes through a whole life in dev, onto an AWS that answers."""

_CONFIGURATION = "TF_CLI_CONFIG_FILE"


class Lived(NamedTuple):
    """A stack that came up, and perhaps stayed as it was and went."""

    problems: list[tuple[str, Problem]]
    """By step."""
    objects: int
    """That came up."""
    left: list[str]
    """In the end."""
    state: Path
    """As it was before the destroy."""


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CLI configuration with which Terraform takes the plugin that has nothing behind it."""
    return write(tmp_path_factory.mktemp("provider"))


@pytest.fixture
def by_the_stand_in(core: Terraform, stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """For what calls Terraform by itself."""
    monkeypatch.setenv(_CONFIGURATION, str(stand_in))


@pytest.fixture(scope="session")
def core(stand_in: Path) -> Iterator[Terraform]:
    with ExitStack() as opened:
        try:
            found = opened.enter_context(terraform(os.environ | {_CONFIGURATION: str(stand_in)}))
        except UnusableError as error:
            (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(f"nothing was planned: {error}")
        yield found


@pytest.fixture(scope="session")
def lived(core: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Lived]:
    """Takes a blueprint in a tier through its life, once in a run of the tests; what is DEPLOYED just comes up."""

    def run(blueprint: str, tier: str) -> Lived:
        name = f"lived-{blueprint}-{tier}"

        def make() -> Lived:
            workspace = core.workspace(Source(synthesized(blueprint, tier).document))
            is_whole = tier != "dev" or blueprint not in DEPLOYED
            return live(workspace, folder_of_run(tmp_path_factory) / f"{name}.tfstate", is_whole=is_whole)

        return once(tmp_path_factory, name, make)

    return run


def live(workspace: Workspace, keep: Path, *, is_whole: bool = True) -> Lived:
    """What `make plan-check` asks of a template, in half of the time: an apply validates and plans by itself.

    keep: where to leave the state before the destroy. is_whole: up to destroyed, not up to where it is up.
    """
    with _state_server() as server:
        (workspace.folder / "state_override.tf.json").write_text(json.dumps(server.backend))
        problems = [("init", problem) for problem in workspace.init()]
        problems += [("apply", problem) for problem in workspace.apply()]
        up = server.objects()
        keep.write_bytes(server.state)
        if is_whole and not problems:
            again = workspace.plan(refresh=False)
            problems += [("second plan", problem) for problem in again.problems]
            problems += [("second plan", Problem(each.action, address=each.address)) for each in again.changes]
            problems += [("destroy", problem) for problem in workspace.destroy()]
        return Lived(problems, len(up), server.objects(), keep)


class _StateServer(HTTPServer):
    """A state in memory: a file is written anew after each object, which is a seventh of a life.

    https://developer.hashicorp.com/terraform/language/backend/http
    """

    state = b""

    @property
    def backend(self) -> dict[str, object]:
        address = f"http://127.0.0.1:{self.server_port}/"
        return {"terraform": {"backend": {"http": {"address": address}}}}

    def objects(self) -> list[str]:
        """Addresses, data sources left out."""
        resources = json.loads(self.state or "{}").get("resources", [])
        return [
            f"{each['type']}.{each['name']}"
            for each in resources
            if each["mode"] == "managed"
            for _ in each["instances"]
        ]


class _Answers(BaseHTTPRequestHandler):
    server: _StateServer

    def do_GET(self) -> None:
        self.send_response(200 if self.server.state else 404)
        self.end_headers()
        self.wfile.write(self.server.state)

    def do_POST(self) -> None:
        self.server.state = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _state_server() -> Iterator[_StateServer]:
    with _StateServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
