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

TESTS = Path(__file__).parent
MEASURED = (TESTS / "unit", TESTS / "templates" / "test_lint.py", TESTS / "templates" / "test_any_template.py")
"""The tests of lib itself, whose coverage counts. Others run lib as well, at nearly twice the time when it is counted:
https://pytest-cov.readthedocs.io/en/latest/markers-fixtures.html"""
OURS = ("AWS_REGION", "COMMIT_AUTHOR", "ENVIRONMENT_SUFFIX", "REPOSITORY", "TAP_", "TERRAFORM_STATE_BUCKET")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not any(item.path.is_relative_to(place) for place in MEASURED):
            item.add_marker(pytest.mark.no_cover)


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
