"""Settings of all tests: the environment of whoever runs them must not leak into templates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import lib  # noqa: F401  # Before cdktf, so that the bindings are the fast ones.

# The same examples in every run, however slow the machine is: a failure is the change's, not the day's.
settings.register_profile(
    "project", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")

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
