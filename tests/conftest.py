"""Settings of all tests: the environment of whoever runs them must not leak into templates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import lib  # noqa: F401  # Before cdktf, so that the bindings are the fast ones.

OURS = ("AWS_REGION", "COMMIT_AUTHOR", "ENVIRONMENT_SUFFIX", "REPOSITORY", "TAP_", "TERRAFORM_STATE_BUCKET")


@pytest.fixture(autouse=True, scope="session")
def _plain_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for variable in os.environ:
            if variable.startswith(OURS) and variable != "TAP_OUTPUTS":
                patch.delenv(variable)
        # CDKTF makes its output folder as soon as there is an application.
        patch.setenv("CDKTF_OUTDIR", str(tmp_path_factory.mktemp("cdktf")))
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parents[1]
