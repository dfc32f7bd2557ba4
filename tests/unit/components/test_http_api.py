"""HttpApi: each test says what would break in AWS if it failed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from constructs import Construct

from lib.components.http_api import HttpApi
from lib.naming import Names
from lib.settings.edge import CLIENT_HEADER
from lib.settings.edge import HttpApi as Settings
from tests.template import Block, Template
from tests.unit.components.exposed import expose, exposed

LISTENER_ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/2"
LOG_KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/logs"
NAME = "shop-dev-1-gateway"


def build(*, tls_server_name: str | None = "shop.example.com", **settings: Any) -> Template:
    def component(scope: Construct) -> None:
        api = HttpApi(
            scope,
            "http_api",
            names=Names("shop", "dev-1"),
            settings=Settings(**settings),
            vpc_id="vpc-1",
            subnet_ids=["subnet-a", "subnet-b"],
            listener_arn=LISTENER_ARN,
            tls_server_name=tls_server_name,
            log_key_arn=LOG_KEY_ARN,
        )
        expose(
            scope,
            id=api.id,
            url=api.url,
            stage_name=api.stage_name,
            log_group_name=api.log_group_name,
            peer=api.peer,
            alarms=api.alarms(),
        )

    return Template.of_components(component)


@pytest.fixture(scope="module")
def template() -> Template:
    return build(
        requests_per_second=70,
        burst=90,
        timeout_milliseconds=5000,
        log_retention_days=14,
        alarm_5xx_count=3,
        alarm_latency_milliseconds=800,
    )


@pytest.fixture(scope="module")
def integration(template: Template) -> Block:
    return template.only("aws_apigatewayv2_integration")


@pytest.fixture(scope="module")
def stage(template: Template) -> Block:
    return template.only("aws_apigatewayv2_stage")


def test_is_an_http_api(template: Template) -> None:
    api = template.only("aws_apigatewayv2_api")
    assert (api["name"], api["protocol_type"]) == (NAME, "HTTP")
    assert api["description"] == "The platform's API"


def test_link_reaches_into_the_given_subnets_in_its_own_group(template: Template) -> None:
    link = template.only("aws_apigatewayv2_vpc_link")
    assert (link["name"], link["subnet_ids"]) == (NAME, ["subnet-a", "subnet-b"])
    assert link["security_group_ids"] == [template.reference("aws_security_group", "id")]


def test_opens_no_port_itself(template: Template) -> None:
    group = template.only("aws_security_group")
    assert (group["name"], group["vpc_id"]) == (NAME, "vpc-1")
    assert group["tags"] == {"Name": NAME}
    assert group["description"] == "Network interfaces of the HTTP API"
    assert "ingress" not in group
    assert "egress" not in group
    assert template.all("aws_vpc_security_group_ingress_rule") == []


def test_sends_everything_on_to_the_listener(template: Template, integration: Block) -> None:
    assert integration["api_id"] == template.reference("aws_apigatewayv2_api", "id")
    assert (integration["integration_type"], integration["integration_method"]) == ("HTTP_PROXY", "ANY")
    assert integration["integration_uri"] == LISTENER_ARN
    assert integration["connection_type"] == "VPC_LINK"
    assert integration["connection_id"] == template.reference("aws_apigatewayv2_vpc_link", "id")
    assert integration["payload_format_version"] == "1.0"
    assert integration["timeout_milliseconds"] == 5000
    route = template.only("aws_apigatewayv2_route")
    assert (route["api_id"], route["route_key"]) == (integration["api_id"], "$default")
    assert route["target"] == f"integrations/{template.reference('aws_apigatewayv2_integration', 'id')}"


def test_the_platform_sees_paths_without_the_stage_and_the_clients_address(integration: Block) -> None:
    assert integration["request_parameters"] == {
        "overwrite:path": "$request.path",
        "overwrite:header.x-client-address": "$context.identity.sourceIp",
    }
    assert CLIENT_HEADER == "x-client-address"


def test_checks_the_certificate_of_a_listener_that_speaks_tls(integration: Block) -> None:
    assert integration["tls_config"] == {"server_name_to_verify": "shop.example.com"}


def test_speaks_http_to_a_listener_without_a_certificate() -> None:
    assert "tls_config" not in build(tls_server_name=None).only("aws_apigatewayv2_integration")


def test_stage_is_the_environments_and_deploys_by_itself(template: Template, stage: Block) -> None:
    assert (stage["name"], stage["auto_deploy"]) == ("dev-1", True)
    assert stage["api_id"] == template.reference("aws_apigatewayv2_api", "id")
    assert stage["tags"] == {"Name": NAME}


def test_stage_has_both_limits_so_that_neither_is_zero(stage: Block) -> None:
    assert stage["default_route_settings"] == {
        "throttling_rate_limit": 70,
        "throttling_burst_limit": 90,
        "detailed_metrics_enabled": False,
    }


def test_requests_are_logged_as_json_to_an_encrypted_group(template: Template, stage: Block) -> None:
    group = template.only("aws_cloudwatch_log_group")
    assert group["name"] == "/aws/vendedlogs/shop/dev-1/gateway/access"
    assert (group["retention_in_days"], group["kms_key_id"]) == (14, LOG_KEY_ARN)
    log = stage["access_log_settings"]
    assert log["destination_arn"] == template.reference("aws_cloudwatch_log_group", "arn")
    fields = json.loads(log["format"])
    assert fields["client"] == "$context.identity.sourceIp"
    assert fields["status"] == "$context.status"
    assert fields["platformStatus"] == "$context.integrationStatus"
    assert fields["platformError"] == "$context.integrationErrorMessage"
    assert len(fields) == 14
    assert all(value.startswith("$context.") for value in fields.values())
    assert not {"$context.authorizer", "$context.identity.accountId"} & set(fields.values())


@pytest.mark.parametrize(
    ("role", "metric", "statistic", "threshold"), [("5xx", "5xx", "Sum", 3), ("latency", "Latency", "Average", 800)]
)
def test_alarms_watch_this_stage(template: Template, role: str, metric: str, statistic: str, threshold: int) -> None:
    (alarm,) = [each for each in exposed(template, "alarms") if each["role"] == role]
    assert (alarm["unit"], alarm["namespace"]) == ("gateway", "AWS/ApiGateway")
    assert (alarm["metric"], alarm["statistic"], alarm["threshold"]) == (metric, statistic, threshold)
    assert alarm["comparison"] == "GreaterThanThreshold"
    assert alarm["dimensions"] == {
        "ApiId": template.reference("aws_apigatewayv2_api", "id"),
        "Stage": template.reference("aws_apigatewayv2_stage", "name"),
    }
    assert "platformStatus" in alarm["why"] or "platformMilliseconds" in alarm["why"]


def test_has_two_alarms(template: Template) -> None:
    assert [alarm["role"] for alarm in exposed(template, "alarms")] == ["5xx", "latency"]


def test_exposes_what_others_wire_to(template: Template) -> None:
    assert exposed(template, "id") == template.reference("aws_apigatewayv2_api", "id")
    assert exposed(template, "url") == template.reference("aws_apigatewayv2_stage", "invoke_url")
    assert exposed(template, "stage_name") == template.reference("aws_apigatewayv2_stage", "name")
    assert exposed(template, "log_group_name") == template.reference("aws_cloudwatch_log_group", "name")
    group = template.reference("aws_security_group", "id")
    assert exposed(template, "peer") == {"name": "gateway", "security_group_id": group}
