"""What the outputs of a deployment tell by themselves."""

from __future__ import annotations

import pytest

from lib.operations.aws import Aws
from lib.operations.deployment import Deployment
from tests.unit.operations.recorded import BLUEPRINTS, GONE, Recording

KINDS = {
    "catalog": {"has_serverless_cache", "has_database_instance"},
    "fleet": {"has_database_instance"},
    "lms": {"has_node_cache", "has_database_instance"},
    "payments": {"has_node_cache", "has_aurora", "has_tls", "is_internal", "is_production"},
    "transactions": {"has_serverless_cache", "has_aurora", "has_tls", "is_production"},
}


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_kinds_of_units_are_told_by_arns_and_urls(blueprint: str) -> None:
    stack = Recording(blueprint).deployment()
    asked = {kind for kinds in KINDS.values() for kind in kinds}
    assert {kind for kind in asked if getattr(stack, kind)} == KINDS[blueprint]


def test_account_and_partition_are_those_of_the_arns() -> None:
    stack = Recording("catalog").deployment()
    assert (stack.partition, stack.account, stack.region) == ("aws", "123456789012", "sa-east-1")


@pytest.mark.parametrize(("endpoint", "emulated"), [("http://127.0.0.1:5000", True), ("", False)])
def test_environment_says_whether_aws_is_an_emulator(
    endpoint: str, emulated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    stack = Deployment(Recording("catalog").outputs)
    assert stack.emulated is emulated
    assert isinstance(stack.aws, Aws)


def test_names_of_an_output_are_its_keys_or_itself_or_none() -> None:
    stack = Recording("catalog").deployment()
    assert [stack.names_in(output) for output in ("service_names", "vpc_id", "table_names")] == [
        ["api"],
        ["vpc_id"],
        [],
    ]


def test_security_groups_are_named_by_what_they_belong_to() -> None:
    groups = Recording("payments").deployment().security_groups()
    assert sorted(groups.values()) == [
        "cache",
        "database",
        "files",
        "http_api",
        "load_balancer",
        "payments",
        "rotation",
    ]


@pytest.mark.parametrize(
    ("blueprint", "keys"),
    [
        ("catalog", "cache database files functions logs notifications secrets"),
        ("transactions", "assets cache database edge functions logs notifications secrets tables"),
        ("fleet", "buckets database disks functions logs notifications"),
    ],
)
def test_every_kind_of_data_has_a_key(blueprint: str, keys: str) -> None:
    assert sorted(Recording(blueprint).deployment().key_regions()) == keys.split()


def test_without_functions_of_any_kind_there_is_no_key_for_them() -> None:
    outputs = {name: value for name, value in Recording("catalog").outputs.items() if "rotation" not in name}
    assert "functions" not in Deployment(outputs).key_regions()


def test_a_fleet_whose_first_boot_writes_no_variables_has_none() -> None:
    recording = Recording("fleet")
    template = "LaunchTemplateVersions.0.LaunchTemplateData.UserData"
    recording.change("ec2 describe_launch_template_versions", template, "IyEvYmluL3No")
    assert recording.deployment().environment("web") == {}


def test_a_function_without_variables_has_none() -> None:
    recording = Recording("transactions")
    recording.change("lambda get_function_configuration", "Environment", GONE)
    assert recording.deployment().environment("validator") == {}
