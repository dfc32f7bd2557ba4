"""Outputs are a public contract: named alike, described, without a secret, and listed in docs/outputs.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.synthesis import synthesized
from tests.template import Template


@pytest.fixture(scope="module", params=["catalog", "lms"])
def template(request: pytest.FixtureRequest) -> Template:
    return synthesized(request.param, "prod")


@pytest.fixture(scope="module")
def documented() -> dict[str, tuple[str, str]]:
    """Output -> its value in words, and when it is there, as the table of docs/outputs.md has it."""
    page = (Path(__file__).parents[2] / "docs" / "outputs.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", page, re.MULTILINE)
    table = {name: (value, when) for name, value, when in rows}
    assert len(table) == len(rows)
    return table


def test_names_are_snake_case(template: Template) -> None:
    assert [name for name in template.outputs if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)] == []


def test_table_lists_each_of_them_with_its_description(
    template: Template, documented: dict[str, tuple[str, str]]
) -> None:
    described = {name: output["description"] for name, output in template.outputs.items()}
    assert described == {name: value for name, (value, _) in documented.items()}


def test_table_says_on_which_unit_they_depend(documented: dict[str, tuple[str, str]]) -> None:
    depending = {name: when for name, (_, when) in documented.items() if when != "always"}
    assert {name.partition("_")[0]: when for name, when in depending.items()} == {
        "access": "with files",
        "cache": "with cache",
        "database": "with database",
        "file": "with files",
        "files": "with files",
        "secret": "with secrets",
        "web": "with firewall",
    }


def test_none_is_sensitive_and_none_holds_a_secret(template: Template) -> None:
    for output in template.outputs.values():
        assert output.keys() == {"description", "value"}
        assert not re.search(r"password|secret_string|ephemeral", str(output["value"]))


def test_every_service_is_in_each_of_the_services_outputs(template: Template) -> None:
    services = template.outputs["service_names"]["value"].keys()
    assert len(services) == 1
    for name in (
        "service_arns",
        "task_definition_arns",
        "task_role_arns",
        "target_group_arns",
        "service_log_group_names",
        "service_security_group_ids",
    ):
        assert template.outputs[name]["value"].keys() == services


def test_values_are_what_they_are_called(template: Template) -> None:
    values = {name: output["value"] for name, output in template.outputs.items()}
    project, tier = values["project"], values["tier"]
    assert values["environment_suffix"] == tier == "prod"
    assert values["cache_name"] == f"{project}-prod-cache"
    assert values["database_identifier"] == f"{project}-prod-database"
    assert values["web_acl_log_group_name"] == f"aws-waf-logs-{project}-prod-firewall"
    assert (values["cache_port"], values["database_port"]) == (6379, 5432)
    for name, kind, attribute in (
        ("vpc_id", "aws_vpc", "id"),
        ("load_balancer_arn", "aws_lb", "arn"),
        ("load_balancer_dns_name", "aws_lb", "dns_name"),
        ("load_balancer_zone_id", "aws_lb", "zone_id"),
        ("web_acl_arn", "aws_wafv2_web_acl", "arn"),
        ("cluster_name", "aws_ecs_cluster", "name"),
        ("cluster_arn", "aws_ecs_cluster", "arn"),
        ("namespace_arn", "aws_service_discovery_http_namespace", "arn"),
        ("database_arn", "aws_db_instance", "arn"),
        ("database_endpoint", "aws_db_instance", "address"),
        ("database_secret_arn", "aws_db_instance", "master_user_secret[0].secret_arn"),
        ("file_system_id", "aws_efs_file_system", "id"),
        ("file_system_arn", "aws_efs_file_system", "arn"),
        ("access_point_id", "aws_efs_access_point", "id"),
        ("alarm_topic_arn", "aws_sns_topic", "arn"),
        ("dashboard_name", "aws_cloudwatch_dashboard", "dashboard_name"),
    ):
        assert values[name] == template.reference(kind, attribute), name
    for name, port in (("listener_arn", 443),):
        assert values[name] == template.reference("aws_lb_listener", "arn", port=port)
    assert values["secret_arns"] == {"application": template.reference("aws_secretsmanager_secret", "arn")}
    for name, part in (
        ("load_balancer_security_group_id", "alb"),
        ("cache_security_group_id", "cache"),
        ("database_security_group_id", "database"),
        ("files_security_group_id", "files"),
    ):
        assert values[name] == template.reference("aws_security_group", "id", name=f"{project}-prod-{part}")
    assert sorted(values["alarm_names"]) == sorted(
        alarm["alarm_name"] for alarm in template.all("aws_cloudwatch_metric_alarm")
    )
    assert len(values["nat_gateway_ids"]) == 2
    assert values["url"] == {"catalog": "https://catalog.example.com", "lms": "https://learn.example.com"}[project]
