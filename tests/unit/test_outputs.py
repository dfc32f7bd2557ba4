"""Outputs are a public contract: named alike, described, without a secret, and listed in docs/outputs.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.synthesis import BLUEPRINTS, synthesized, template_of
from tests.template import Template


@pytest.fixture(scope="module", params=BLUEPRINTS)
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
    assert described == {name: documented[name][0] for name in described}


def test_table_lists_nothing_that_no_blueprint_has(documented: dict[str, tuple[str, str]]) -> None:
    there = {name for blueprint in BLUEPRINTS for name in synthesized(blueprint, "prod").outputs}
    assert documented.keys() == there


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_what_is_always_there_is(blueprint: str, documented: dict[str, tuple[str, str]]) -> None:
    always = {name for name, (_, when) in documented.items() if when == "always"}
    assert always <= synthesized(blueprint, "dev").outputs.keys()


def test_table_says_on_which_unit_they_depend(documented: dict[str, tuple[str, str]]) -> None:
    depending: dict[str, set[str]] = {}
    for name, (_, when) in documented.items():
        depending.setdefault(when, set()).add(name.partition("_")[0])
    del depending["always"]
    assert depending == {
        "with buckets or cdn": {"bucket"},
        "with cache": {"cache"},
        "with cdn": {"cdn", "edge"},
        "with cdn.firewall": {"cdn"},
        "with database": {"database"},
        "with files": {"access", "file", "files"},
        "with firewall": {"web"},
        "with fleets": {"autoscaling", "fleet", "instance", "launch"},
        "with functions": {"function"},
        "with http_api": {"http"},
        "with readers of Aurora": {"database"},
        "with secrets": {"secret"},
        "with services": {"cluster", "namespace", "service", "target", "task"},
        "with tables": {"table"},
        "with users of the database": {"database", "rotation"},
    }


def test_none_is_sensitive_and_none_holds_a_secret(template: Template) -> None:
    for output in template.outputs.values():
        assert output.keys() == {"description", "value"}
        assert not re.search(r"password|secret_string|ephemeral", str(output["value"]))


@pytest.mark.parametrize("blueprint", [each for each in BLUEPRINTS if each != "fleet"])
def test_every_service_is_in_each_of_the_services_outputs(blueprint: str) -> None:
    template = synthesized(blueprint, "prod")
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


def test_values_name_the_environment_and_what_is_its_own(template: Template) -> None:
    values = {name: output["value"] for name, output in template.outputs.items()}
    project = values["project"]
    assert values["environment_suffix"] == values["tier"] == "prod"
    assert values["database_identifier"] == f"{project}-prod-database"
    assert values["web_acl_log_group_name"] == f"aws-waf-logs-{project}-prod-firewall"
    assert values["database_port"] == 5432
    if "cache_name" in values:
        assert (values["cache_name"], values["cache_port"]) == (f"{project}-prod-cache", 6379)
    if "http_api_stage_name" in values:
        assert values["http_api_stage_name"] == template.reference("aws_apigatewayv2_stage", "name")
    assert sorted(values["alarm_names"]) == sorted(
        alarm["alarm_name"] for alarm in template.all("aws_cloudwatch_metric_alarm")
    )
    assert len(values["nat_gateway_ids"]) == len(values["public_subnet_ids"])


_REFERENCES = (
    ("vpc_id", "aws_vpc", "id"),
    ("load_balancer_arn", "aws_lb", "arn"),
    ("load_balancer_dns_name", "aws_lb", "dns_name"),
    ("load_balancer_zone_id", "aws_lb", "zone_id"),
    ("web_acl_arn", "aws_wafv2_web_acl", "arn", {"scope": "REGIONAL"}),
    ("cdn_web_acl_arn", "aws_wafv2_web_acl", "arn", {"scope": "CLOUDFRONT"}),
    ("http_api_url", "aws_apigatewayv2_stage", "invoke_url"),
    ("http_api_id", "aws_apigatewayv2_api", "id"),
    ("cdn_distribution_id", "aws_cloudfront_distribution", "id"),
    ("cdn_distribution_arn", "aws_cloudfront_distribution", "arn"),
    ("cdn_domain_name", "aws_cloudfront_distribution", "domain_name"),
    ("cluster_name", "aws_ecs_cluster", "name"),
    ("cluster_arn", "aws_ecs_cluster", "arn"),
    ("namespace_arn", "aws_service_discovery_http_namespace", "arn"),
    ("file_system_id", "aws_efs_file_system", "id"),
    ("file_system_arn", "aws_efs_file_system", "arn"),
    ("access_point_id", "aws_efs_access_point", "id"),
    ("dashboard_name", "aws_cloudwatch_dashboard", "dashboard_name"),
)


def test_values_are_what_they_are_called(template: Template) -> None:
    values = {name: output["value"] for name, output in template.outputs.items()}
    for name, kind, attribute, *which in _REFERENCES:
        if name in values:
            assert values[name] == template.reference(kind, attribute, **(which[0] if which else {})), name
    assert values["listener_arn"] == template.reference("aws_lb_listener", "arn", port=443)
    for name, part in (
        ("load_balancer_security_group_id", "alb"),
        ("http_api_security_group_id", "gateway"),
        ("cache_security_group_id", "cache"),
        ("database_security_group_id", "database"),
        ("files_security_group_id", "files"),
        ("rotation_security_group_id", "rotation"),
    ):
        if name in values:
            group = template.reference("aws_security_group", "id", name=f"{values['project']}-prod-{part}")
            assert values[name] == group


def test_each_of_a_kind_is_told_by_the_name_that_the_settings_have_for_it() -> None:
    fleet, transactions = synthesized("fleet", "prod"), synthesized("transactions", "prod")
    for template, name, key, kind, attribute in (
        (fleet, "autoscaling_group_names", "web", "aws_autoscaling_group", "name"),
        (fleet, "launch_template_ids", "web", "aws_launch_template", "id"),
        (fleet, "fleet_target_group_arns", "web", "aws_lb_target_group", "arn"),
        (fleet, "bucket_arns", "data", "aws_s3_bucket", "arn"),
        (transactions, "function_arns", "validator", "aws_lambda_function", "arn"),
        (transactions, "table_arns", "transactions", "aws_dynamodb_table", "arn"),
        (transactions, "function_dead_letter_queue_urls", "validator", "aws_sqs_queue", "url"),
        (transactions, "secret_arns", "signing", "aws_secretsmanager_secret", "arn"),
    ):
        (found,) = [
            reference
            for label, reference in template.outputs[name]["value"].items()
            if label == key and reference.startswith(f"${{{kind}.") and reference.endswith(f".{attribute}}}")
        ]
        assert found
    assert transactions.outputs["table_names"]["value"] == {"transactions": "transactions-prod-transactions"}
    assert transactions.outputs["function_names"]["value"] == {"validator": "transactions-prod-validator"}
    assert transactions.outputs["bucket_names"]["value"].keys() == {"assets"}


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_the_secret_is_that_of_applications_and_the_masters_is_another(blueprint: str) -> None:
    template = synthesized(blueprint, "prod")
    values = {name: output["value"] for name, output in template.outputs.items()}
    name = f"{blueprint}-prod-rotation"
    secret = template.reference("aws_secretsmanager_secret", "arn", name=f"{blueprint}/prod/database/application")
    assert secret.strip("${}") in values["database_secret_arn"]
    assert "master_user_secret" not in values["database_secret_arn"]
    assert "master_user_secret[0].secret_arn" in values["database_master_secret_arn"]
    assert values["rotation_function_arn"] == template.reference("aws_lambda_function", "arn", function_name=name)
    assert values["rotation_function_name"] == name
    group = template.reference("aws_cloudwatch_log_group", "name", name=f"/{blueprint}/prod/rotation/application")
    assert values["rotation_log_group_name"] == group


def test_the_database_is_told_of_in_the_same_way_whatever_its_kind() -> None:
    instance, aurora = synthesized("fleet", "prod"), synthesized("payments", "prod")
    host = instance.reference("aws_db_instance", "address")
    assert instance.outputs["database_address"]["value"] == host
    assert instance.outputs["database_endpoint"]["value"] == f"{host}:5432"
    assert instance.outputs["database_arn"]["value"] == instance.reference("aws_db_instance", "arn")
    assert "database_reader_address" not in instance.outputs
    host = aurora.outputs["database_address"]["value"]
    assert aurora.reference("aws_rds_cluster", "endpoint").strip("${}") in host
    assert aurora.outputs["database_endpoint"]["value"] == f"{host}:5432"
    assert (
        aurora.reference("aws_rds_cluster", "reader_endpoint").strip("${}")
        in (aurora.outputs["database_reader_address"]["value"])
    )


@pytest.mark.parametrize(
    ("blueprint", "url"),
    [
        ("catalog", "https://catalog.example.com"),
        ("lms", "https://learn.example.com"),
        ("fleet", "https://fleet-prod.example.com"),
        ("transactions", "https://transactions-prod.example.com"),
    ],
)
def test_url_is_the_domain_where_there_is_one(blueprint: str, url: str) -> None:
    outputs = synthesized(blueprint, "prod").outputs
    assert outputs["url"]["value"] == outputs["load_balancer_url"]["value"] == url


def test_url_is_the_http_api_where_the_load_balancer_is_internal() -> None:
    template = synthesized("payments", "prod")
    assert template.outputs["url"]["value"] == template.reference("aws_apigatewayv2_stage", "invoke_url")
    assert template.outputs["load_balancer_url"]["value"] == "https://payments-prod.example.com"


def test_url_is_the_load_balancer_where_it_is_public_beside_an_http_api() -> None:
    template = template_of({"http_api": {}})
    assert template.outputs["url"]["value"] == f"http://{template.reference('aws_lb', 'dns_name')}"
    assert template.outputs["http_api_url"]["value"] == template.reference("aws_apigatewayv2_stage", "invoke_url")


def test_the_cdn_in_us_east_1_has_no_topic_of_its_own() -> None:
    template = template_of({"cdn": {}}, aws_region="us-east-1")
    assert "edge_alarm_topic_arn" not in template.outputs
    assert "edge_alarm_topic_arn" in template_of({"cdn": {}}).outputs
