"""What the tests of a deployed stack share. Without a deployment only the one in test_deployment.py is collected."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.deployment import Deployment, is_emulated, outputs_file, read_outputs

try:
    _FILE = outputs_file()
    _OUTPUTS = read_outputs(_FILE.read_text()) if _FILE else {}
except (OSError, ValueError) as error:
    raise pytest.UsageError(str(error)) from None
_TESTS = {path.name for path in Path(__file__).parent.glob("test_*.py")}
collect_ignore = [] if _FILE else sorted(_TESTS - {"test_deployment.py"})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `service` runs for each service of the stack."""
    if "service" in metafunc.fixturenames:
        metafunc.parametrize("service", sorted(_OUTPUTS["service_names"]))


@pytest.fixture(scope="session")
def deployment() -> Deployment:
    if not _FILE:
        pytest.skip("there is no deployment to look at: no outputs.json in the project's folder and no TAP_OUTPUTS")
    return Deployment(_OUTPUTS)


@pytest.fixture
def real_account() -> None:
    """For what no emulator can answer."""
    if is_emulated():
        pytest.skip("AWS_ENDPOINT_URL is an emulator: it runs no tasks and serves no requests")


def _unit(deployment: Deployment, name: str, output: str) -> None:
    if output not in deployment:
        pytest.skip(f"the stack has no {name}")


@pytest.fixture
def with_cache(deployment: Deployment) -> None:
    _unit(deployment, "cache", "cache_arn")


@pytest.fixture
def with_database(deployment: Deployment) -> None:
    _unit(deployment, "database", "database_arn")


@pytest.fixture
def with_files(deployment: Deployment) -> None:
    _unit(deployment, "files", "file_system_id")


@pytest.fixture
def with_firewall(deployment: Deployment) -> None:
    _unit(deployment, "firewall", "web_acl_arn")
