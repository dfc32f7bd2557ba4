"""The default stack and its interface: what `TapStack(app, id, environment_suffix=…)` is, and what its arguments do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from lib.app import new_app
from lib.settings import Settings, load
from lib.settings.services import Service
from lib.tap_stack import TapStack
from tests.blueprints.reading import (
    INTERNET,
    OF_ROTATION,
    OUT_OF_ROTATION,
    Edge,
    application_secrets,
    by_name,
    container,
    default_tags,
    egress,
    ingress,
    physical_names,
    provider,
    subnets,
)
from tests.synthesis import BLUEPRINTS, stack_template, template_of
from tests.template import Block, Template


def built(suffix: str = "test", **arguments: Any) -> Template:
    return Template.of(TapStack(new_app(), "test", environment_suffix=suffix, **arguments))


@pytest.fixture(scope="module")
def template() -> Template:
    return built()


class TestWithNothingButASuffix:
    def test_has_a_vpc_with_nat(self, template: Template) -> None:
        assert len(template.all("aws_vpc")) == 1
        assert [subnet.routes for subnet in subnets(template, "private")] == [{"0.0.0.0/0": "aws_nat_gateway"}] * 2

    def test_has_fargate_behind_a_load_balancer_and_a_firewall(self, template: Template) -> None:
        assert template.only("aws_ecs_service")["name"] == "catalog-test-api"
        assert template.only("aws_ecs_task_definition")["requires_compatibilities"] == ["FARGATE"]
        balancer = template.reference("aws_lb", "arn")
        assert template.only("aws_lb_listener")["load_balancer_arn"] == balancer
        assert template.only("aws_wafv2_web_acl_association")["resource_arn"] == balancer

    @pytest.mark.parametrize(
        "kind",
        [
            "aws_ecs_cluster",
            "aws_elasticache_serverless_cache",
            "aws_efs_file_system",
            "aws_db_instance",
            "aws_secretsmanager_secret_rotation",
            "aws_sns_topic",
            "aws_sns_topic_subscription",
            "aws_appautoscaling_target",
            "aws_cloudwatch_dashboard",
        ],
    )
    def test_has_one(self, template: Template, kind: str) -> None:
        assert len(template.all(kind)) == 1

    def test_has_alarms_and_scaling_policies(self, template: Template) -> None:
        assert len(template.all("aws_cloudwatch_metric_alarm")) == 25
        assert len(template.all("aws_appautoscaling_policy")) == 3

    def test_starts_tasks_when_ports_are_open_and_secrets_have_values(self, template: Template) -> None:
        needed = {
            f"{kind}.{name}"
            for kind in (
                "aws_vpc_security_group_egress_rule",
                "aws_vpc_security_group_ingress_rule",
                "aws_secretsmanager_secret_version",
            )
            for name in template.named(kind)
            if not name.startswith(("internet_connections", "rotation_connections"))
        }
        assert len(needed) == 10
        assert needed <= set(template.only("aws_ecs_service")["depends_on"])

    def test_keeps_its_state_in_a_file_of_its_own(self, template: Template) -> None:
        (kind,) = template.document["terraform"]["backend"]
        assert kind == "local"
        assert template.document["terraform"]["backend"]["local"]["path"].endswith("terraform.catalog.test.tfstate")

    def test_is_tagged_with_what_it_is(self, template: Template) -> None:
        assert default_tags(template) == {
            "Application": "product-catalog",
            "Environment": "dev",
            "EnvironmentSuffix": "test",
            "ManagedBy": "cdktf",
            "Project": "catalog",
            "Team": "catalog",
        }

    def test_asks_for_a_terraform_that_keeps_secrets_out_of_the_state(self, template: Template) -> None:
        assert template.document["terraform"]["required_version"] == ">= 1.11.0"


class TestStateBackend:
    def test_a_bucket_holds_each_stacks_state_encrypted_and_locked_by_a_file(self) -> None:
        app = new_app()
        keys = []
        for id in ("TapStackone", "TapStacktwo"):
            stack = TapStack(app, id, environment_suffix="one", state_bucket="states", aws_region="eu-west-1")
            (kind, backend), *others = Template.of(stack).document["terraform"]["backend"].items()
            assert (kind, others) == ("s3", [])
            keys.append(backend.pop("key"))
            # Neither dynamodb_table nor anything else.
            assert backend == {"bucket": "states", "region": "eu-west-1", "encrypt": True, "use_lockfile": True}
        assert keys == ["catalog/one/TapStackone.tfstate", "catalog/one/TapStacktwo.tfstate"]

    def test_the_bucket_may_be_in_another_region(self) -> None:
        template = built(state_bucket="states", state_bucket_region="eu-west-3", aws_region="eu-west-1")
        assert template.document["terraform"]["backend"]["s3"]["region"] == "eu-west-3"
        assert provider(template)["region"] == "eu-west-1"

    def test_a_region_without_a_bucket_changes_nothing(self, template: Template) -> None:
        backend = built(state_bucket_region="eu-west-3").document["terraform"]["backend"]
        assert backend == template.document["terraform"]["backend"]


class TestRegion:
    def test_metadata_has_the_last_say(self, template: Template) -> None:
        assert provider(template)["region"] == "sa-east-1"

    def test_environment_comes_before_it_and_the_argument_before_both(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        assert provider(built())["region"] == "eu-central-1"
        assert provider(built(aws_region="us-west-2"))["region"] == "us-west-2"

    def test_finished_settings_keep_theirs_unless_the_argument_says_otherwise(self) -> None:
        settings = load("test", aws_region="ap-south-1", environ={})
        assert provider(built(settings=settings))["region"] == "ap-south-1"
        assert provider(built(settings=settings, aws_region="us-west-2"))["region"] == "us-west-2"


class TestDefaultTags:
    def test_are_laid_over_blueprint_and_common_tags(self) -> None:
        tags = default_tags(built(default_tags={"tags": {"Team": "mine", "Environment": "trial", "CostCenter": "7"}}))
        assert tags == {
            "Application": "product-catalog",
            "CostCenter": "7",
            "Environment": "trial",
            "EnvironmentSuffix": "test",
            "ManagedBy": "cdktf",
            "Project": "catalog",
            "Team": "mine",
        }

    def test_are_laid_over_finished_settings_too(self) -> None:
        settings = load("test", environ={}, overrides={"tags": {"Team": "theirs", "Stage": "one"}})
        tags = default_tags(built(settings=settings, default_tags={"tags": {"Team": "mine"}}))
        assert (tags["Team"], tags["Stage"]) == ("mine", "one")

    def test_of_nothing_are_the_common_ones(self, template: Template) -> None:
        assert default_tags(built(default_tags={})) == default_tags(template)


class TestTier:
    @pytest.mark.parametrize(("suffix", "tier"), [("prod-eu", "prod"), ("staging", "staging"), ("my-prod", "dev")])
    def test_is_the_suffix_before_its_first_hyphen(self, suffix: str, tier: str) -> None:
        template = built(suffix)
        assert template.outputs["tier"]["value"] == default_tags(template)["Environment"] == tier
        assert template.only("aws_db_instance")["multi_az"] is (tier == "prod")
        assert template.only("aws_lb")["enable_deletion_protection"] is (tier == "prod")

    def test_tap_tier_overrides_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TAP_TIER", "prod")
        template = built("pr-42")
        assert template.outputs["tier"]["value"] == "prod"
        assert template.only("aws_lb")["name"] == "catalog-pr-42-alb"

    def test_finished_settings_keep_theirs(self) -> None:
        settings = load("staging", environ={})
        assert built("pr-42", settings=settings).outputs["tier"]["value"] == "staging"


class TestNames:
    @pytest.mark.parametrize("blueprint", BLUEPRINTS)
    def test_every_one_carries_the_suffix(self, blueprint: str) -> None:
        names = physical_names(template_of(suffix="prod-zz9", blueprint=blueprint))
        assert len(names) > 60
        assert [name for name in names if not re.search(r"(^|[-/])prod-zz9([-/]|$)", name)] == []


SERVICES = {
    "api": Service(),
    "orders": Service(paths=("/orders/*",), port=9000, calls=("api",), connects_to=("database",)),
    "admin": Service(hosts=("admin.example.com",), paths=("/a/*",), calls=("orders", "api"), connects_to=()),
}


def with_services(*names: str) -> Template:
    services = {name: SERVICES[name] for name in names}
    return stack_template(Settings(suffix="test", tier="dev", region="eu-west-1", services=services))


@pytest.fixture(scope="module")
def three() -> Template:
    return with_services(*SERVICES)


class TestSeveralServices:
    def test_share_one_load_balancer_one_cluster_and_one_firewall(self, three: Template) -> None:
        for kind in ("aws_lb", "aws_lb_listener", "aws_ecs_cluster", "aws_wafv2_web_acl", "aws_db_instance"):
            assert len(three.all(kind)) == 1

    def test_have_a_target_group_a_rule_a_service_and_scaling_each(self, three: Template) -> None:
        for kind in (
            "aws_ecs_service",
            "aws_ecs_task_definition",
            "aws_lb_target_group",
            "aws_lb_listener_rule",
            "aws_appautoscaling_target",
        ):
            assert len(three.all(kind)) == 3
        assert len(three.all("aws_appautoscaling_policy")) == 9
        assert {each["name"] for each in three.all("aws_lb_target_group")} == {
            "catalog-test-api-8080",
            "catalog-test-orders-9000",
            "catalog-test-admin-8080",
        }
        for name, settings in SERVICES.items():
            (attached,) = three.only("aws_ecs_service", name=f"catalog-test-{name}")["load_balancer"]
            group = f"catalog-test-{name}-{settings.port}"
            assert attached["target_group_arn"] == three.reference("aws_lb_target_group", "arn", name=group)

    def test_are_asked_by_host_then_by_path_and_the_default_one_gets_the_rest(self, three: Template) -> None:
        rules = sorted(three.all("aws_lb_listener_rule"), key=lambda rule: int(rule["priority"]))
        assert [(rule["tags"]["Name"], rule["condition"]) for rule in rules] == [
            (
                "catalog-test-admin",
                [{"path_pattern": {"values": ["/a/*"]}}, {"host_header": {"values": ["admin.example.com"]}}],
            ),
            ("catalog-test-orders", [{"path_pattern": {"values": ["/orders/*"]}}]),
            ("catalog-test-api", [{"path_pattern": {"values": ["/*"]}}]),
        ]
        assert rules[-1]["priority"] == 50_000

    def test_reach_the_stores_and_services_that_they_name_and_no_other(self, three: Template) -> None:
        inside = {
            Edge("alb", "api", 8080),
            Edge("alb", "orders", 9000),
            Edge("alb", "admin", 8080),
            Edge("api", "cache", 6379),
            Edge("api", "cache", 6380),
            Edge("api", "database", 5432),
            Edge("orders", "database", 5432),
            Edge("orders", "api", 8080),
            Edge("admin", "orders", 9000),
            Edge("admin", "api", 8080),
            OF_ROTATION,
        }
        assert ingress(three) == inside | {Edge(INTERNET, "alb", 80)}
        assert egress(three) == inside | {OUT_OF_ROTATION, *(Edge(name, INTERNET, 443) for name in SERVICES)}

    def test_call_each_other_through_service_connect(self, three: Template) -> None:
        variables = by_name(container(three, "admin")["environment"])
        assert (variables["ORDERS_URL"], variables["API_URL"]) == ("http://orders:9000", "http://api:8080")
        connect = three.only("aws_ecs_service", name="catalog-test-orders")["service_connect_configuration"]
        assert [each["client_alias"] for each in connect["service"]] == [{"dns_name": "orders", "port": 9000}]
        namespaces = {each["service_connect_configuration"]["namespace"] for each in three.all("aws_ecs_service")}
        assert namespaces == {three.reference("aws_service_discovery_http_namespace", "arn")}

    def test_start_after_those_that_they_call(self, three: Template) -> None:
        logical = {each["name"]: name for name, each in three.named("aws_ecs_service").items()}
        waits_for = {
            name: {
                each for each in three.only("aws_ecs_service", name=name)["depends_on"] if "aws_ecs_service." in each
            }
            for name in logical
        }
        api, orders = (f"aws_ecs_service.{logical[f'catalog-test-{name}']}" for name in ("api", "orders"))
        assert waits_for == {
            "catalog-test-api": set(),
            "catalog-test-orders": {api},
            "catalog-test-admin": {orders, api},
        }

    def test_each_has_outputs_and_alarms_of_its_own(self, three: Template) -> None:
        for output in ("service_names", "task_definition_arns", "target_group_arns", "service_log_group_names"):
            assert three.outputs[output]["value"].keys() == SERVICES.keys()
        for name in SERVICES:
            own = [each for each in three.outputs["alarm_names"]["value"] if f"-{name}-" in each]
            assert len(own) == 7

    def test_adding_one_changes_nothing_of_the_others(self, three: Template) -> None:
        before, after = resources(with_services("api", "orders")), resources(three)
        changed = {address for address in before if after.get(address) != before[address]}
        # One page shows everything.
        assert {address.partition(".")[0] for address in changed} == {"aws_cloudwatch_dashboard"}
        new = after.keys() - before.keys()
        assert new
        assert [address for address in new if "admin" not in address] == []


def resources(template: Template) -> dict[str, Block]:
    """Address -> resource."""
    return {
        f"{kind}.{name}": resource
        for kind, named in template.document["resource"].items()
        for name, resource in named.items()
    }


TRACES = {
    "cache": r"cache",
    "database": r"database|aws_db_|\brds\b",
    "files": r"\bfiles\b|files_|_efs_|elasticfilesystem",
    "firewall": r"wafv2|aws-waf|firewall|web_acl",
}
"""What speaks of a unit."""


class TestUnitsSwitchedOff:
    @pytest.mark.parametrize(("unit", "trace"), TRACES.items())
    def test_leave_no_trace(self, template: Template, unit: str, trace: str) -> None:
        without = template_of({unit: False}, suffix="test")
        assert [line for line in lines(template) if re.search(trace, line, re.IGNORECASE)]
        assert [line for line in lines(without) if re.search(trace, line, re.IGNORECASE)] == []

    def test_all_of_them_leave_a_service_that_works(self) -> None:
        off = template_of(dict.fromkeys(TRACES, False), suffix="test")
        assert ingress(off) == {Edge(INTERNET, "alb", 80), Edge("alb", "api", 8080)}
        assert egress(off) == {Edge("alb", "api", 8080), Edge("api", INTERNET, 443)}
        assert by_name(container(off, "api")["environment"]) == {
            "AWS_REGION": "sa-east-1",
            "EXPECTED_SECRETS": "APPLICATION_SECRET",
            "PORT": "8080",
            "SERVICE_NAME": "api",
        }
        assert len(off.all("aws_cloudwatch_metric_alarm")) == 23 - 1 - 3 - 4 - 1

    def test_no_secrets_means_no_key_for_them(self) -> None:
        without = with_services("api")
        assert application_secrets(without) == []
        assert "ephemeral" not in without.document
        assert not [each for each in without.all("aws_kms_alias") if each["name"].endswith("/secrets")]
        assert "secret_arns" not in without.outputs


def lines(template: Template) -> list[str]:
    """Every address, argument and value of a template, but for the container's program and what is told to people."""
    return list(_lines("", {key: value for key, value in template.document.items() if key != "//"}))


def _lines(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, child in value.items():
            if key != "//":
                yield from _lines(f"{path}.{key}", child)
    elif isinstance(value, list):
        for child in value:
            yield from _lines(path, child)
    elif path.endswith(".container_definitions"):
        (definition,) = json.loads(value)
        yield from _lines(path, {key: child for key, child in definition.items() if key != "command"})
    elif not path.endswith(".alarm_description"):
        yield f"{path} = {value}"
