"""Terraform for the tests that ask it, and what it made of each stack, shared between the workers of a run."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from lib.evidence.terraform import Lifecycle, Source, Terraform, UnusableError, terraform
from tests.synthesis import synthesized

REQUIRED = "TAPSTACK_REQUIRE_TERRAFORM"
"""Set to anything: without Terraform and a provider that answers, these tests fail in place of being skipped."""


class Lived(NamedTuple):
    """A stack that came up, stayed as it was and went."""

    lifecycle: Lifecycle
    state: Path
    """As it was before the destroy."""


@pytest.fixture(scope="session")
def core() -> Iterator[Terraform]:
    with ExitStack() as opened:
        try:
            found = opened.enter_context(terraform())
            answers = found.provider(synthesized("catalog", "dev").document).answers
            reason = "" if answers else "the AWS provider is a real one, and only stand-ins are applied with"
        except UnusableError as error:
            reason = str(error)
        if reason:
            (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(f"nothing was planned: {reason}")
        yield found


@pytest.fixture(scope="session")
def lived(core: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Lived]:
    """Takes a blueprint in a tier through its life, once in a run of the tests."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def run(blueprint: str, tier: str) -> Lived:
        kept = shared / f"lived-{blueprint}-{tier}"
        state = kept.with_suffix(".tfstate")
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                lifecycle = core.lifecycle(Source(synthesized(blueprint, tier).document), keep_state=state)
                kept.write_bytes(pickle.dumps(lifecycle))
            return Lived(pickle.loads(kept.read_bytes()), state)

    return run
