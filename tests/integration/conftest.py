"""The checks of lib/operations/verify as tests of a deployed stack, each of which says so when it does not run."""

from __future__ import annotations

import pytest

from lib.operations.deployment import Deployment
from lib.operations.outputs import UnusableOutputsError, load, outputs_file
from lib.operations.verify.registry import CHECKS

try:
    _FILE = outputs_file()
    _STACK = Deployment(load(_FILE)) if _FILE else None
except (OSError, UnusableOutputsError) as error:
    raise pytest.UsageError(str(error)) from None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each check; without a deployment a single one, which says that there is none."""
    checks = CHECKS if _STACK else (None,)
    metafunc.parametrize("check", checks, ids=lambda check: check.name if check else "none")


@pytest.fixture(scope="session")
def stack() -> Deployment | None:
    return _STACK
