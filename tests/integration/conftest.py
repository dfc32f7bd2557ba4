"""What the tests of a deployed stack share. Without a deployment only the one in test_deployment.py is collected."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.integration.deployment import Deployment, is_emulated, kinds, outputs_file, read_outputs, unknown_call

try:
    _FILE = outputs_file()
    _OUTPUTS = read_outputs(_FILE.read_text()) if _FILE else {}
except (OSError, ValueError) as error:
    raise pytest.UsageError(str(error)) from None
_TESTS = {path.name for path in Path(__file__).parent.glob("test_*.py")}
collect_ignore = [] if _FILE else sorted(_TESTS - {"test_deployment.py"})

_EMULATOR = "AWS_ENDPOINT_URL is an emulator"
_EACH = {
    "service": "service_names",
    "fleet": "autoscaling_group_names",
    "function": "function_names",
    "table": "table_names",
    "bucket": "bucket_names",
}
"""A test that asks for one of these runs for each that the output names."""
_EITHER = {
    "web_acl": ("web_acl_arn", "cdn_web_acl_arn"),
    "topic": ("alarm_topic_arn", "edge_alarm_topic_arn"),
}
"""A test that asks for one of these runs for each of the outputs."""
_UNITS = {
    "services": "cluster_name cluster_arn service_arns task_definition_arns target_group_arns",
    "fleets": "autoscaling_group_names fleet_target_group_arns",
    "functions": "function_arns",
    "cache": "cache_arn",
    "serverless cache": "serverless_cache",
    "cache of nodes": "node_cache",
    "database": "database_arn",
    "database of one instance": "instance",
    "Aurora": "aurora",
    "files": "file_system_id file_system_arn",
    "secrets": "secret_arns",
    "tables": "table_arns",
    "buckets": "bucket_arns",
    "certificate": "certificate",
    "HTTP API": "http_api_id",
    "CDN": "cdn_distribution_id cdn_distribution_arn",
    "firewall in front of the load balancer": "web_acl_arn",
    "firewall in front of the CDN": "cdn_web_acl_arn",
    "alarms in another region": "edge_alarm_topic_arn",
}
"""Unit -> what tells whether a stack has it: an output, or a kind of the unit."""
_UNIT_OF = {sign: unit for unit, signs in _UNITS.items() for sign in signs.split()}
_SIGNS = {*_OUTPUTS, *kinds(_OUTPUTS)}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "unit(sign): only for stacks that have the unit of this output or kind")
    config.addinivalue_line("markers", "real_account: for what no emulator can answer")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for unit, output in _EACH.items():
        if unit in metafunc.fixturenames:
            metafunc.parametrize(unit, sorted(_OUTPUTS.get(output, ())) or [None], ids=lambda name: name or "none")
    for unit, outputs in _EITHER.items():
        if unit in metafunc.fixturenames:
            metafunc.parametrize(unit, outputs)


# The last of all wrappers: those of pytest itself must have begun before a test is skipped, or they fail at its end.
@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_setup(item: pytest.Function) -> Generator[None, object, object]:
    # Here rather than in fixtures: pytest then prints a reason once, with the number of tests that it is the reason of.
    if reason := _absent(item) or _not_to_be_emulated(item):
        pytest.skip(reason)
    return (yield from _skipping_what_an_emulator_lacks())


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    return (yield from _skipping_what_an_emulator_lacks())


def _absent(item: pytest.Function) -> str | None:
    """What the test is about and the stack does not have."""
    if not _FILE:
        return "there is no deployment to look at: no outputs.json in the project's folder and no TAP_OUTPUTS"
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    for unit in _EACH:
        if unit in parameters and parameters[unit] is None:
            return f"the stack has no {unit}s"
    # A module's unit before the kind of it that a test is about.
    needed = [marker.args[0] for marker in item.iter_markers("unit")][::-1]
    needed += [parameters[unit] for unit in _EITHER if unit in parameters]
    return next((f"the stack has no {_UNIT_OF[sign]}" for sign in needed if sign not in _SIGNS), None)


def _not_to_be_emulated(item: pytest.Function) -> str | None:
    if item.get_closest_marker("real_account") and is_emulated():
        return f"{_EMULATOR}: it runs no tasks, instances or functions and serves no requests"
    return None


def _skipping_what_an_emulator_lacks() -> Generator[None, object, object]:
    """A test that asks what an emulator does not know cannot say anything there; on AWS it would be an error."""
    try:
        return (yield)
    except Exception as error:
        if is_emulated() and (call := unknown_call(error)):
            pytest.skip(f"{_EMULATOR}: it does not know {call}")
        raise


@pytest.fixture(scope="session")
def deployment() -> Deployment:
    return Deployment(_OUTPUTS)
