"""LMS, the learning management system: each row of its requirements, in every tier."""

from __future__ import annotations

import pytest

from lib.app import new_app
from lib.settings import load
from lib.tap_stack import TapStack
from tests.blueprints.reading import (
    INTERNET,
    OF_ROTATION,
    OUT_OF_ROTATION,
    Edge,
    by_name,
    container,
    default_tags,
    egress,
    ingress,
    key,
    provider,
    referred,
    role_statements,
    subnets,
)
from tests.synthesis import TIERS, synthesized
from tests.template import Block, Template


@pytest.fixture(scope="module", params=TIERS)
def tier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def template(tier: str) -> Template:
    return synthesized("lms", tier)


@pytest.fixture(scope="module")
def web(template: Template) -> Block:
    return container(template, "web")


@pytest.fixture(scope="module")
def group(template: Template) -> Block:
    return template.only("aws_elasticache_replication_group")


@pytest.fixture(scope="module")
def built(tier: str) -> Template:
    """LMS with every argument of the constructor at once."""
    stack = TapStack(
        new_app(),
        "lms-of-acme",
        environment_suffix=f"{tier}-7",
        state_bucket="acme-states",
        state_bucket_region="eu-west-3",
        aws_region="eu-north-1",
        default_tags={"tags": {"Team": "acme", "CostCenter": "42"}},
        settings=load(f"{tier}-7", environ={"TAP_BLUEPRINT": "lms"}),
    )
    return Template.of(stack)


class TestRow01NatAndPrivateRoutes:
    def test_every_nat_gateway_has_an_address_of_its_own_in_a_public_subnet(
        self, template: Template, tier: str
    ) -> None:
        gateways = template.all("aws_nat_gateway")
        assert len(gateways) == (2 if tier == "prod" else 1)
        addresses = [referred(template, gateway["allocation_id"]) for gateway in gateways]
        assert addresses == template.where("aws_eip", domain="vpc")
        public = template.outputs["public_subnet_ids"]["value"]
        assert [gateway["subnet_id"] for gateway in gateways] == public[: len(gateways)]

    def test_every_private_subnet_is_associated_with_a_table_that_leads_to_nat(self, template: Template) -> None:
        private = subnets(template, "private")
        assert len(private) == len({subnet.zone for subnet in private}) == 2
        assert [subnet.routes for subnet in private] == [{"0.0.0.0/0": "aws_nat_gateway"}] * 2

    def test_production_leaves_each_zone_by_its_own_gateway(self, template: Template, tier: str) -> None:
        used = {route["nat_gateway_id"] for route in template.all("aws_route") if "nat_gateway_id" in route}
        assert len(used) == (2 if tier == "prod" else 1)

    def test_tasks_are_in_the_private_subnets_and_reach_registries(self, template: Template, tier: str) -> None:
        network = template.only("aws_ecs_service")["network_configuration"]
        assert network["subnets"] == template.outputs["private_subnet_ids"]["value"]
        group = template.reference("aws_security_group", "id", name=f"lms-{tier}-web")
        assert network["security_groups"] == [group]
        assert Edge("web", INTERNET, 443) in egress(template)

    def test_image_layers_come_by_the_gateway_endpoint(self, template: Template) -> None:
        endpoint = template.only("aws_vpc_endpoint", service_name="com.amazonaws.sa-east-1.s3")
        assert endpoint["vpc_endpoint_type"] == "Gateway"
        tables = {route["route_table_id"] for route in template.all("aws_route") if "nat_gateway_id" in route}
        assert set(endpoint["route_table_ids"]) == tables


class TestRow02ConstructorArguments:
    def test_suffix_and_its_tier(self, built: Template, tier: str) -> None:
        assert built.only("aws_lb")["name"] == f"lms-{tier}-7-alb"
        assert built.outputs["tier"]["value"] == tier

    def test_region(self, built: Template) -> None:
        assert provider(built)["region"] == "eu-north-1"
        assert built.outputs["region"]["value"] == "eu-north-1"
        assert {each["service_name"].split(".")[2] for each in built.all("aws_vpc_endpoint")} == {"eu-north-1"}
        options = container(built, "web")["logConfiguration"]["options"]
        assert options["awslogs-region"] == "eu-north-1"

    def test_state_bucket_and_its_region(self, built: Template, tier: str) -> None:
        assert built.document["terraform"]["backend"] == {
            "s3": {
                "bucket": "acme-states",
                "key": f"lms/{tier}-7/lms-of-acme.tfstate",
                "region": "eu-west-3",
                "encrypt": True,
                "use_lockfile": True,
            }
        }

    def test_default_tags_are_laid_over_the_blueprints_and_the_common_ones(self, built: Template, tier: str) -> None:
        assert default_tags(built) == {
            "Application": "learning-management",
            "CostCenter": "42",
            "Environment": tier,
            "EnvironmentSuffix": f"{tier}-7",
            "ManagedBy": "cdktf",
            "Project": "lms",
            "Team": "acme",
        }

    def test_settings(self, built: Template) -> None:
        assert built.outputs["project"]["value"] == "lms"
        assert len(built.all("aws_elasticache_replication_group")) == 1
        assert [point["containerPath"] for point in container(built, "web")["mountPoints"]] == ["/mnt/courses", "/tmp"]


class TestRow03ReplicationGroup:
    def test_is_encrypted_at_rest_and_on_the_way(self, group: Block, template: Template) -> None:
        assert group["at_rest_encryption_enabled"] == "true"
        assert group["transit_encryption_enabled"] is True
        assert group["transit_encryption_mode"] == "required"
        assert group["kms_key_id"] == key(template, "cache")

    def test_fails_over_to_a_replica_in_another_zone(self, group: Block) -> None:
        assert group["automatic_failover_enabled"] is True
        assert group["multi_az_enabled"] is True
        assert group["num_cache_clusters"] == 2
        assert group["cluster_mode"] == "disabled"
        assert group["auto_minor_version_upgrade"] == "false"

    def test_is_of_the_tiers_size(self, group: Block, tier: str) -> None:
        assert group["node_type"] == ("cache.m7g.large" if tier == "prod" else "cache.t4g.small")
        assert group["snapshot_retention_limit"] == {"dev": 0, "staging": 1, "prod": 7}[tier]
        assert ("snapshot_window" in group) == (tier != "dev")

    def test_lies_in_the_isolated_subnets_behind_its_own_security_group(
        self, group: Block, template: Template, tier: str
    ) -> None:
        subnet_group = template.only("aws_elasticache_subnet_group")
        assert subnet_group["name"] == f"lms-{tier}-cache"
        assert subnet_group["subnet_ids"] == template.outputs["isolated_subnet_ids"]["value"]
        assert group["subnet_group_name"] == template.reference("aws_elasticache_subnet_group", "name")
        own = template.reference("aws_security_group", "id", name=f"lms-{tier}-cache")
        assert group["security_group_ids"] == [own]
        assert group["port"] == 6379

    def test_is_the_only_cache_and_named_as_its_arguments_want(
        self, group: Block, template: Template, tier: str
    ) -> None:
        assert group["replication_group_id"] == f"lms-{tier}-cache"
        assert (group["engine"], group["engine_version"]) == ("valkey", "8.0")
        assert template.all("aws_elasticache_serverless_cache") == []

    def test_only_signed_in_users_get_at_it(self, group: Block, template: Template) -> None:
        assert group["user_group_ids"] == [template.reference("aws_elasticache_user_group", "user_group_id")]
        assert template.only("aws_elasticache_user")["authentication_mode"] == {"type": "iam"}

    def test_container_gets_its_endpoints(self, web: Block, template: Template) -> None:
        variables = by_name(web["environment"])
        kind = "aws_elasticache_replication_group"
        assert variables["CACHE_HOST"] == template.reference(kind, "primary_endpoint_address")
        assert variables["CACHE_READER_HOST"] == template.reference(kind, "reader_endpoint_address")
        assert variables["CACHE_PORT"] == variables["CACHE_READER_PORT"] == "6379"


class TestRow04CapacityProviders:
    STRATEGY = (
        {"base": 1, "capacity_provider": "FARGATE", "weight": 1},
        {"base": 0, "capacity_provider": "FARGATE_SPOT", "weight": 3},
    )

    def test_cluster_has_both_and_a_default_strategy(self, template: Template) -> None:
        providers = template.only("aws_ecs_cluster_capacity_providers")
        assert providers["capacity_providers"] == ["FARGATE", "FARGATE_SPOT"]
        assert tuple(providers["default_capacity_provider_strategy"]) == self.STRATEGY
        assert providers["cluster_name"] == template.reference("aws_ecs_cluster", "name")

    def test_service_follows_it(self, template: Template) -> None:
        service = template.only("aws_ecs_service")
        assert tuple(service["capacity_provider_strategy"]) == self.STRATEGY
        assert "launch_type" not in service
        (name,) = template.named("aws_ecs_cluster_capacity_providers")
        assert f"aws_ecs_cluster_capacity_providers.{name}" in service["depends_on"]


class TestRow05FilesInTheTasks:
    def test_tasks_mount_them_through_the_access_point_with_iam_and_tls(self, template: Template) -> None:
        (files,) = [each for each in template.only("aws_ecs_task_definition")["volume"] if each["name"] == "files"]
        assert files["efs_volume_configuration"] == {
            "file_system_id": template.reference("aws_efs_file_system", "id"),
            "transit_encryption": "ENABLED",
            "authorization_config": {
                "access_point_id": template.reference("aws_efs_access_point", "id"),
                "iam": "ENABLED",
            },
        }

    def test_container_sees_them_where_the_blueprint_says(self, web: Block) -> None:
        mounts = {point["sourceVolume"]: point for point in web["mountPoints"]}
        assert mounts["files"] == {"sourceVolume": "files", "containerPath": "/mnt/courses", "readOnly": False}
        assert by_name(web["environment"])["FILES_PATH"] == "/mnt/courses"

    def test_task_role_may_mount_and_write_by_the_access_point_alone(self, template: Template) -> None:
        allowed = role_statements(template, "web-task")["ReadAndWriteFiles"]
        assert allowed["Action"] == ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        assert allowed["Resource"] == [template.reference("aws_efs_file_system", "arn")]
        access_point = template.reference("aws_efs_access_point", "arn")
        assert allowed["Condition"] == {"StringEquals": {"elasticfilesystem:AccessPointArn": access_point}}

    def test_tasks_start_after_the_mount_target_of_every_zone(self, template: Template) -> None:
        targets = template.named("aws_efs_mount_target")
        isolated = template.outputs["isolated_subnet_ids"]["value"]
        assert [target["subnet_id"] for target in targets.values()] == isolated
        waits_for = template.only("aws_ecs_service")["depends_on"]
        assert {f"aws_efs_mount_target.{name}" for name in targets} <= set(waits_for)

    def test_port_is_open_to_the_tasks_alone(self, template: Template) -> None:
        edge = Edge("web", "files", 2049)
        assert [each for each in ingress(template) if each.target == "files"] == [edge]
        assert edge in egress(template)


class TestRow06KeysInsightsAndLogs:
    def test_files_and_cache_have_a_key_each(self, template: Template) -> None:
        assert template.only("aws_efs_file_system")["kms_key_id"] == key(template, "files")
        assert template.only("aws_efs_file_system")["encrypted"] is True
        assert template.only("aws_elasticache_replication_group")["kms_key_id"] == key(template, "cache")
        assert key(template, "files") != key(template, "cache")
        assert all(each["enable_key_rotation"] is True for each in template.all("aws_kms_key"))

    def test_container_insights_is_on_and_its_group_is_the_stacks(self, template: Template, tier: str) -> None:
        assert template.only("aws_ecs_cluster")["setting"] == [{"name": "containerInsights", "value": "enabled"}]
        name = f"/aws/ecs/containerinsights/lms-{tier}-cluster/performance"
        assert template.only("aws_cloudwatch_log_group", name=name)["kms_key_id"] == key(template, "logs")

    def test_tasks_proxy_and_cache_write_to_encrypted_groups(self, template: Template, web: Block, tier: str) -> None:
        groups = {group["name"]: group for group in template.all("aws_cloudwatch_log_group")}
        for name, days in {
            f"/lms/{tier}/web/application": 7,
            f"/lms/{tier}/web/proxy": 7,
            f"/aws/vendedlogs/lms/{tier}/cache/slow": 30,
            f"/aws/vendedlogs/lms/{tier}/cache/engine": 30,
        }.items():
            assert (groups[name]["retention_in_days"], groups[name]["kms_key_id"]) == (days, key(template, "logs"))
        written_to = web["logConfiguration"]["options"]["awslogs-group"]
        assert referred(template, written_to)["name"] == f"/lms/{tier}/web/application"
        delivered = template.only("aws_elasticache_replication_group")["log_delivery_configuration"]
        assert [(each["log_type"], referred(template, each["destination"])["name"]) for each in delivered] == [
            ("slow-log", f"/aws/vendedlogs/lms/{tier}/cache/slow"),
            ("engine-log", f"/aws/vendedlogs/lms/{tier}/cache/engine"),
        ]


class TestRow07WhatIntegrationTestsAsk:
    """The tests themselves are in tests/integration and need a deployment; here is what they stand on."""

    def test_outputs_name_everything_that_is_looked_at(self, template: Template) -> None:
        asked = {
            "region": "sa-east-1",
            "vpc_id": template.reference("aws_vpc", "id"),
            "cluster_name": template.reference("aws_ecs_cluster", "name"),
            "service_names": {"web": template.reference("aws_ecs_service", "name")},
            "task_definition_arns": {"web": template.reference("aws_ecs_task_definition", "arn")},
            "target_group_arns": {"web": template.reference("aws_lb_target_group", "arn")},
            "load_balancer_arn": template.reference("aws_lb", "arn"),
            "cache_endpoint": template.reference("aws_elasticache_replication_group", "primary_endpoint_address"),
            "cache_arn": template.reference("aws_elasticache_replication_group", "arn"),
            "cache_port": 6379,
            "file_system_id": template.reference("aws_efs_file_system", "id"),
            "access_point_id": template.reference("aws_efs_access_point", "id"),
            "database_arn": template.reference("aws_db_instance", "arn"),
            "web_acl_arn": template.reference("aws_wafv2_web_acl", "arn"),
            "alarm_topic_arn": template.reference("aws_sns_topic", "arn"),
        }
        assert {name: template.outputs[name]["value"] for name in asked} == asked

    def test_groups_let_in_what_the_stack_needs_and_nothing_else(self, template: Template, tier: str) -> None:
        inside = {
            Edge("alb", "web", 8080),
            Edge("web", "cache", 6379),
            Edge("web", "database", 5432),
            Edge("web", "files", 2049),
            OF_ROTATION,
        }
        users = {Edge(INTERNET, "alb", port) for port in ((80, 443) if tier == "prod" else (80,))}
        assert ingress(template) == inside | users
        assert egress(template) == inside | {Edge("web", INTERNET, 443), OUT_OF_ROTATION}

    def test_answers_of_the_tasks_tell_whether_stores_are_reached(self, web: Block, template: Template) -> None:
        assert '"/ready"' in web["command"][-1]
        assert template.only("aws_lb_listener_rule")["condition"] == [{"path_pattern": {"values": ["/*"]}}]
