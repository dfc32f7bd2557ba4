"""Cluster: where tasks run, how they find each other, and what is recorded of sessions in them."""

from __future__ import annotations

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components.cluster import Cluster
from lib.naming import Names
from lib.settings.services import CapacityProvider
from lib.settings.services import Cluster as ClusterSettings
from tests.template import Block, Template

LOG_KEY = "arn:aws:kms:eu-west-1:111122223333:key/logs"
SPOT_FIRST = (
    CapacityProvider(name="FARGATE", base=2, weight=1),
    CapacityProvider(name="FARGATE_SPOT", base=0, weight=3),
)
INSIGHTS_LOG_GROUP = "/aws/ecs/containerinsights/shop-dev-cluster/performance"
MADE: dict[str, Cluster] = {}


def build(settings: ClusterSettings) -> Template:
    def add(scope: Construct) -> None:
        cluster = Cluster(scope, "cluster", names=Names("shop", "dev"), settings=settings, log_key_arn=LOG_KEY)
        MADE["cluster"] = cluster
        TerraformOutput(scope, "arn", value=cluster.arn)
        TerraformOutput(scope, "name", value=cluster.name)
        TerraformOutput(scope, "namespace_arn", value=cluster.namespace_arn)
        TerraformOutput(scope, "session_log", value=cluster.session_statements()[2].resources[0])

    return Template.of_components(add)


@pytest.fixture(scope="module")
def template() -> Template:
    return build(ClusterSettings(container_insights="enhanced", capacity=SPOT_FIRST, session_log_retention_days=180))


@pytest.fixture(scope="module")
def cluster(template: Template) -> Block:
    return template.only("aws_ecs_cluster")


def test_is_named_after_the_environment(cluster: Block) -> None:
    assert cluster["name"] == "shop-dev-cluster"


def test_container_insights_are_as_the_settings_say(cluster: Block) -> None:
    assert cluster["setting"] == [{"name": "containerInsights", "value": "enhanced"}]


def test_sessions_are_encrypted_and_recorded_in_the_projects_own_log_group(cluster: Block, template: Template) -> None:
    log_group = template.reference("aws_cloudwatch_log_group", "name", name="/shop/dev/cluster/sessions")
    assert cluster["configuration"] == {
        "execute_command_configuration": {
            "kms_key_id": LOG_KEY,
            "logging": "OVERRIDE",
            "log_configuration": {
                "cloud_watch_encryption_enabled": True,
                "cloud_watch_log_group_name": log_group,
            },
        }
    }


@pytest.mark.parametrize(("name", "days"), [("/shop/dev/cluster/sessions", 180), (INSIGHTS_LOG_GROUP, 7)])
def test_log_groups_are_encrypted_and_end(template: Template, name: str, days: int) -> None:
    assert template.only("aws_cloudwatch_log_group", name=name) == {
        "name": name,
        "retention_in_days": days,
        "kms_key_id": LOG_KEY,
    }


def test_insights_log_group_is_there_before_the_cluster_and_goes_after_it(cluster: Block, template: Template) -> None:
    reference = template.reference("aws_cloudwatch_log_group", "x", name=INSIGHTS_LOG_GROUP)
    assert cluster["depends_on"] == [reference.removeprefix("${").removesuffix(".x}")]


def test_services_find_each_other_in_a_namespace_of_their_own(cluster: Block, template: Template) -> None:
    namespace = template.only("aws_service_discovery_http_namespace")
    assert namespace["name"] == "shop-dev-services"
    assert namespace["description"] == "Names of the services for Service Connect"
    assert namespace["tags"] == {"Name": "shop-dev-services"}
    # ECS wants the ARN here, not the name.
    arn = template.reference("aws_service_discovery_http_namespace", "arn")
    assert cluster["service_connect_defaults"] == {"namespace": arn}


def test_both_capacity_providers_are_attached(template: Template) -> None:
    providers = template.only("aws_ecs_cluster_capacity_providers")
    assert providers["cluster_name"] == template.reference("aws_ecs_cluster", "name")
    assert providers["capacity_providers"] == ["FARGATE", "FARGATE_SPOT"]


def test_default_strategy_has_base_and_weight_of_each_provider(template: Template) -> None:
    assert template.only("aws_ecs_cluster_capacity_providers")["default_capacity_provider_strategy"] == [
        {"capacity_provider": "FARGATE", "base": 2, "weight": 1},
        {"capacity_provider": "FARGATE_SPOT", "base": 0, "weight": 3},
    ]


def test_tells_services_what_they_wire_to(template: Template) -> None:
    outputs = {name: output["value"] for name, output in template.outputs.items()}
    assert outputs["arn"] == template.reference("aws_ecs_cluster", "arn")
    assert outputs["name"] == template.reference("aws_ecs_cluster", "name")
    assert outputs["namespace_arn"] == template.reference("aws_service_discovery_http_namespace", "arn")


def test_knows_its_strategy_and_its_insights() -> None:
    build(ClusterSettings(container_insights="enabled", capacity=SPOT_FIRST))
    assert MADE["cluster"].capacity == SPOT_FIRST
    assert MADE["cluster"].has_insights


def test_session_record_goes_to_the_session_log_group_alone(template: Template) -> None:
    arn = template.reference("aws_cloudwatch_log_group", "arn", name="/shop/dev/cluster/sessions")
    assert template.outputs["session_log"]["value"] == f"{arn}:*"


def test_session_statements_allow_the_channel_and_its_record_alone() -> None:
    build(ClusterSettings())
    statements = {each.sid: each for each in MADE["cluster"].session_statements()}
    assert list(statements) == ["OpenSession", "FindSessionLog", "WriteSessionLog", "DecryptSession"]
    assert statements["OpenSession"].actions == [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ]
    assert statements["OpenSession"].resources == ["*"]
    assert statements["FindSessionLog"].actions == ["logs:DescribeLogGroups"]
    assert statements["FindSessionLog"].resources == ["*"]
    assert statements["WriteSessionLog"].actions == [
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    ]
    assert statements["DecryptSession"].actions == ["kms:Decrypt"]
    assert statements["DecryptSession"].resources == [LOG_KEY]


def test_without_insights_there_is_no_log_group_for_them() -> None:
    template = build(ClusterSettings(container_insights="disabled"))
    assert template.only("aws_ecs_cluster")["setting"] == [{"name": "containerInsights", "value": "disabled"}]
    assert [group["name"] for group in template.all("aws_cloudwatch_log_group")] == ["/shop/dev/cluster/sessions"]
    assert "depends_on" not in template.only("aws_ecs_cluster")
    assert not MADE["cluster"].has_insights


def test_makes_nothing_else(template: Template) -> None:
    assert {kind: len(each) for kind, each in template.document["resource"].items()} == {
        "aws_cloudwatch_log_group": 2,
        "aws_ecs_cluster": 1,
        "aws_ecs_cluster_capacity_providers": 1,
        "aws_service_discovery_http_namespace": 1,
    }


def test_addresses_in_the_state_are_a_promise(template: Template) -> None:
    names = {name.rpartition("_")[0] for kind in template.document["resource"] for name in template.named(kind)}
    assert names == {
        "cluster",
        "cluster_capacity_providers",
        "cluster_insights_log_group",
        "cluster_namespace",
        "cluster_session_log_group",
    }
