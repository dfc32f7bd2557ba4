"""A local AWS for tests, and its backend without Terraform in between."""

from __future__ import annotations

import atexit
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from localaws.provider import schema
from localaws.provider.backend import Outcome, Surroundings
from localaws.provider.block import Block
from localaws.provider.values import UNKNOWN
from localaws.resources import connect

PROJECT_FOLDER = Path(__file__).parents[2]
REGION = "eu-west-1"


def endpoint(*, plain: bool = False) -> str:
    """Of a server that ends with the tests; `plain` is moto without what localaws adds."""
    return _start(plain)


@cache
def _start(plain: bool) -> str:
    command = [sys.executable, "-m", "localaws.aws", *(["--plain"] if plain else [])]
    server = subprocess.Popen(
        command, cwd=PROJECT_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert server.stdin
    assert server.stdout
    address = server.stdout.readline().strip()
    atexit.register(server.communicate)
    return address


def client(service: str, *, plain: bool = False) -> Any:
    return _client(service, plain)


@cache
def _client(service: str, plain: bool) -> Any:
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=endpoint(plain=plain),
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


@cache
def known() -> schema.Schema:
    return schema.load()


def written(block: Block, given: Mapping[str, Any], *, planned: bool = False) -> dict[str, Any]:
    """A configuration as the plugin gets it, everything that is not said null; or its plan."""
    unknown_names = set(given) - set(block.attributes) - set(block.blocks)
    assert not unknown_names, unknown_names
    made: dict[str, Any] = {}
    for name, attribute in block.attributes.items():
        value = given.get(name)
        if planned and (attribute.write_only or (attribute.computed and value is None)):
            value = None if attribute.write_only else UNKNOWN
        made[name] = value
    for name, nested in block.blocks.items():
        value = given.get(name)
        if isinstance(value, Mapping):
            made[name] = written(nested.block, value, planned=planned)
        else:
            made[name] = [written(nested.block, each, planned=planned) for each in value or ()]
            made[name] = None if nested.nesting == "single" else made[name]
    return made


class Made:
    """A resource of the backend, and what Terraform would keep of it."""

    def __init__(self, kind: str, **given: Any) -> None:
        self.kind, self.given = kind, given
        self.state: dict[str, Any] = {}
        self.notes: Mapping[str, Any] = {}
        self.calls: list[str] = []
        self._block = known().block("resource", kind)

    def create(self) -> Made:
        self._keep(backend().create(self.kind, *self._plan()))
        return self

    def read(self) -> dict[str, Any] | None:
        outcome = backend().read(self.kind, self.state, self.notes)
        return None if outcome is None else outcome.state

    def update(self, **changes: Any) -> Made:
        self.given |= changes
        config, planned = self._plan()
        prior = self.state
        # What is computed stays as it was, unless an update says otherwise.
        renewed = backend().renewed(self.kind, set(changes))
        planned = {n: prior[n] if v is UNKNOWN and n not in renewed else v for n, v in planned.items()}
        self._keep(backend().update(self.kind, prior, config, planned, self.notes))
        return self

    def delete(self) -> None:
        backend().delete(self.kind, self.state, self.notes)

    def _plan(self) -> tuple[dict[str, Any], dict[str, Any]]:
        config = written(self._block, self.given)
        planned = written(self._block, self.given, planned=True)
        if "tags_all" in planned:
            planned["tags_all"] = dict(self.given.get("tags") or {})
        if planned.get("region") is UNKNOWN:
            planned["region"] = REGION
        return config, planned

    def _keep(self, outcome: Outcome) -> None:
        self.state = {name: None if value is UNKNOWN else value for name, value in outcome.state.items()}
        self.notes, self.calls = outcome.notes, outcome.facts["calls"]

    def __getitem__(self, name: str) -> Any:
        return self.state[name]


@cache
def backend() -> Any:
    return connect(Surroundings(endpoint(), REGION, known().block))


def make(kind: str, **given: Any) -> Made:
    return Made(kind, **given).create()
