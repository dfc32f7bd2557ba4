"""Payments under PCI-DSS: each row of its requirements, in every tier."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lib.app import new_app
from lib.settings import load
from lib.settings.loader import resolve_region
from lib.tap_stack import TapStack
from tests.blueprints.reading import (
    INTERNET,
    OF_ROTATION,
    OUT_OF_ROTATION,
    Edge,
    address,
    bucket,
    by_name,
    container,
    default_tags,
    egress,
    group,
    ingress,
    key,
    listeners,
    provider,
    referred,
    role_statements,
    subnets,
    users_of,
)
from tests.synthesis import TIERS, synthesized, template_of
from tests.template import Block, Template, statements

REGION = "us-west-2"
CLIENT_HEADER = "x-client-address"


@pytest.fixture(scope="module", params=TIERS)
def tier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def template(tier: str) -> Template:
    return synthesized("payments", tier)


@pytest.fixture(scope="module")
def payments(template: Template) -> Block:
    """The container."""
    return container(template, "payments")


@pytest.fixture(scope="module")
def cluster(template: Template) -> Block:
    """Aurora's."""
    return template.only("aws_rds_cluster")


@pytest.fixture(scope="module")
def cache(template: Template) -> Block:
    return template.only("aws_elasticache_replication_group")


@pytest.fixture(scope="module")
def integration(template: Template) -> Block:
    return template.only("aws_apigatewayv2_integration")


@pytest.fixture(scope="module")
def stage(template: Template) -> Block:
    return template.only("aws_apigatewayv2_stage")


@pytest.fixture(scope="module")
def in_bucket(tier: str) -> Template:
    """The stack with its state in a bucket."""
    stack = TapStack(
        new_app(),
        "payments-of-acme",
        environment_suffix=tier,
        state_bucket="acme-states",
        settings=load(tier, environ={"TAP_BLUEPRINT": "payments"}),
    )
    return Template.of(stack)


class TestRow01KeysAndSecurityGroups:
    @pytest.mark.parametrize("part", ["database", "cache", "files"])
    def test_each_has_a_key_with_an_alias_that_is_turned_over(self, template: Template, tier: str, part: str) -> None:
        own = referred(template, key(template, part))
        assert own["enable_key_rotation"] is True
        alias = template.only("aws_kms_alias", name=f"alias/payments/{tier}/{part}")
        assert referred(template, alias["target_key_id"]) is own

    def test_they_are_three(self, template: Template) -> None:
        assert len({key(template, part) for part in ("database", "cache", "files")}) == 3

    @pytest.mark.parametrize(
        ("part", "users"),
        [
            # The last two are the database's password, and the permission to decrypt it.
            (
                "database",
                {
                    "aws_rds_cluster",
                    "aws_rds_cluster_instance",
                    "aws_secretsmanager_secret",
                    "aws_iam_role_policy",
                },
            ),
            ("cache", {"aws_elasticache_replication_group"}),
            ("files", {"aws_efs_file_system"}),
        ],
    )
    def test_each_encrypts_its_own_kind_of_data_and_nothing_else(
        self, template: Template, part: str, users: set[str]
    ) -> None:
        assert users_of(template, key(template, part)) == users

    def test_each_is_administered_by_this_account_alone(self, template: Template) -> None:
        for part in ("database", "cache", "files"):
            (allowed,) = statements(referred(template, key(template, part))["policy"])
            assert allowed["Principal"].keys() == {"AWS"}
            assert allowed["Principal"]["AWS"].endswith(".account_id}:root")

    @pytest.mark.parametrize(("part", "port"), [("database", 5432), ("cache", 6379), ("files", 2049)])
    def test_each_has_a_group_that_lets_in_the_tasks_at_its_port_only(
        self, template: Template, part: str, port: int
    ) -> None:
        edge = Edge("payments", part, port)
        # Beside the tasks, what gives their users a new password.
        others = {OF_ROTATION} if part == "database" else set()
        assert {each for each in ingress(template) if each.target == part} == {edge} | others
        assert edge in egress(template)
        assert not [each for each in egress(template) if each.source == part]

    def test_each_group_is_on_what_it_is_for(self, template: Template, cluster: Block, cache: Block) -> None:
        assert cluster["vpc_security_group_ids"] == [group(template, "database")]
        assert cluster["port"] == 5432
        assert cache["security_group_ids"] == [group(template, "cache")]
        assert cache["port"] == 6379
        targets = template.all("aws_efs_mount_target")
        assert [target["security_groups"] for target in targets] == [[group(template, "files")]] * len(targets)

    def test_no_other_port_is_open(self, template: Template) -> None:
        inside = {
            Edge("gateway", "alb", 443),
            Edge("alb", "payments", 8080),
            Edge("payments", "database", 5432),
            Edge("payments", "cache", 6379),
            Edge("payments", "files", 2049),
            OF_ROTATION,
        }
        assert ingress(template) == inside
        assert egress(template) == inside | {Edge("payments", INTERNET, 443), OUT_OF_ROTATION}
        assert not [each for each in template.all("aws_security_group") if "ingress" in each or "egress" in each]


class TestRow02WriterAndReader:
    def test_are_two_servers_of_one_cluster(self, template: Template, tier: str) -> None:
        servers = template.all("aws_rds_cluster_instance")
        assert [each["identifier"] for each in servers] == [
            f"payments-{tier}-database-1",
            f"payments-{tier}-database-2",
        ]
        cluster = template.reference("aws_rds_cluster", "cluster_identifier")
        assert [each["cluster_identifier"] for each in servers] == [cluster] * 2

    def test_are_in_different_zones(self, template: Template) -> None:
        zones = [each["availability_zone"].rpartition(".")[2] for each in template.all("aws_rds_cluster_instance")]
        assert zones == ["names[0]}", "names[1]}"]

    def test_first_one_is_the_writer(self, template: Template) -> None:
        # The first server of a cluster is: so the reader waits for it.
        writer, reader = template.all("aws_rds_cluster_instance")
        assert "depends_on" not in writer
        first = address(template, "aws_rds_cluster_instance", identifier=writer["identifier"])
        assert reader["depends_on"] == [first]
        assert (writer["promotion_tier"], reader["promotion_tier"]) == (0, 1)

    def test_are_aurora_with_postgresql_out_of_reach_from_outside(self, template: Template, cluster: Block) -> None:
        assert (cluster["engine"], cluster["engine_version"]) == ("aurora-postgresql", "17")
        for server in template.all("aws_rds_cluster_instance"):
            assert server["engine"] == template.reference("aws_rds_cluster", "engine")
            assert server["publicly_accessible"] is False
        isolated = template.outputs["isolated_subnet_ids"]["value"]
        assert template.only("aws_db_subnet_group")["subnet_ids"] == isolated
        assert [subnet.routes for subnet in subnets(template, "isolated")] == [{}] * len(isolated)

    def test_are_encrypted_under_the_databases_key(self, template: Template, cluster: Block) -> None:
        assert (cluster["storage_encrypted"], cluster["kms_key_id"]) == (True, key(template, "database"))
        for server in template.all("aws_rds_cluster_instance"):
            assert server["performance_insights_kms_key_id"] == key(template, "database")

    def test_speak_tls_only(self, template: Template) -> None:
        parameters = by_name(template.only("aws_rds_cluster_parameter_group")["parameter"])
        assert parameters["rds.force_ssl"] == "1"

    def test_tasks_know_both(self, template: Template, payments: Block) -> None:
        variables = by_name(payments["environment"])
        writer, reader = (
            template.reference("aws_rds_cluster", f"{which}endpoint").strip("${}") for which in ("", "reader_")
        )
        assert writer in variables["DATABASE_HOST"]
        assert reader in variables["DATABASE_READER_HOST"]
        assert template.outputs["database_address"]["value"] == variables["DATABASE_HOST"]
        assert template.outputs["database_endpoint"]["value"] == f"{variables['DATABASE_HOST']}:5432"
        assert template.outputs["database_reader_address"]["value"] == variables["DATABASE_READER_HOST"]


class TestRow03ReplicationGroup:
    def test_is_encrypted_at_rest_under_its_key(self, template: Template, cache: Block) -> None:
        assert cache["at_rest_encryption_enabled"] == "true"
        assert cache["kms_key_id"] == key(template, "cache")

    def test_is_encrypted_on_the_way(self, cache: Block) -> None:
        assert cache["transit_encryption_enabled"] is True
        assert cache["transit_encryption_mode"] == "required"

    def test_fails_over_to_a_node_in_another_zone(self, cache: Block) -> None:
        assert cache["multi_az_enabled"] is True
        assert cache["automatic_failover_enabled"] is True
        assert cache["num_cache_clusters"] == 2

    def test_lies_in_the_isolated_subnets(self, template: Template, cache: Block) -> None:
        assert cache["subnet_group_name"] == template.reference("aws_elasticache_subnet_group", "name")
        isolated = template.outputs["isolated_subnet_ids"]["value"]
        assert template.only("aws_elasticache_subnet_group")["subnet_ids"] == isolated

    def test_is_signed_in_to_by_iam(self, template: Template, cache: Block) -> None:
        assert cache["user_group_ids"] == [template.reference("aws_elasticache_user_group", "user_group_id")]
        assert template.only("aws_elasticache_user")["authentication_mode"] == {"type": "iam"}
        assert role_statements(template, "payments-task")["ConnectToCache"]["Action"] == ["elasticache:Connect"]

    def test_is_of_the_tiers_size(self, cache: Block, tier: str) -> None:
        assert cache["node_type"] == ("cache.m7g.large" if tier == "prod" else "cache.t4g.small")
        assert cache["snapshot_retention_limit"] == {"dev": 0, "staging": 1, "prod": 7}[tier]

    def test_is_the_only_cache(self, template: Template) -> None:
        assert template.all("aws_elasticache_serverless_cache") == []
        assert template.all("aws_elasticache_cluster") == []


class TestRow04Files:
    def test_are_encrypted_under_their_key(self, template: Template) -> None:
        files = template.only("aws_efs_file_system")
        assert (files["encrypted"], files["kms_key_id"]) == (True, key(template, "files"))

    def test_move_when_nobody_reads_them_and_come_back(self, template: Template) -> None:
        assert template.only("aws_efs_file_system")["lifecycle_policy"] == [
            {"transition_to_ia": "AFTER_30_DAYS"},
            {"transition_to_primary_storage_class": "AFTER_1_ACCESS"},
        ]

    def test_have_a_mount_target_in_each_zone(self, template: Template) -> None:
        targets = template.all("aws_efs_mount_target")
        assert [target["subnet_id"] for target in targets] == template.outputs["isolated_subnet_ids"]["value"]
        zones = {subnet.zone for subnet in subnets(template, "isolated")}
        assert len(targets) == len(zones) == 2
        files = template.reference("aws_efs_file_system", "id")
        assert {target["file_system_id"] for target in targets} == {files}

    def test_are_mounted_in_the_tasks_by_tls_and_iam(self, template: Template, payments: Block) -> None:
        (files,) = [each for each in template.only("aws_ecs_task_definition")["volume"] if each["name"] == "files"]
        assert files["efs_volume_configuration"] == {
            "file_system_id": template.reference("aws_efs_file_system", "id"),
            "transit_encryption": "ENABLED",
            "authorization_config": {
                "access_point_id": template.reference("aws_efs_access_point", "id"),
                "iam": "ENABLED",
            },
        }
        mounts = [point for point in payments["mountPoints"] if point["sourceVolume"] == "files"]
        assert mounts == [{"sourceVolume": "files", "containerPath": "/mnt/settlements", "readOnly": False}]

    def test_are_refused_without_tls(self, template: Template) -> None:
        policy = statements(template.only("aws_efs_file_system_policy")["policy"])
        assert {each["Effect"] for each in policy} == {"Deny"}
        assert {"Bool": {"aws:SecureTransport": "false"}} in [each["Condition"] for each in policy]


class TestRow05HttpApi:
    def test_is_an_http_api_with_one_way_through(self, template: Template) -> None:
        assert template.only("aws_apigatewayv2_api")["protocol_type"] == "HTTP"
        route = template.only("aws_apigatewayv2_route")
        integration = template.reference("aws_apigatewayv2_integration", "id")
        assert (route["route_key"], route["target"]) == ("$default", f"integrations/{integration}")
        api = template.reference("aws_apigatewayv2_api", "id")
        kinds = ("aws_apigatewayv2_integration", "aws_apigatewayv2_route", "aws_apigatewayv2_stage")
        assert {template.only(kind)["api_id"] for kind in kinds} == {api}

    def test_stage_is_named_by_the_suffix_and_deploys_by_itself(self, stage: Block, tier: str) -> None:
        assert (stage["name"], stage["auto_deploy"]) == (tier, True)

    def test_stage_of_another_environment_of_the_tier_has_another_name(self, tier: str) -> None:
        other = template_of(suffix=f"{tier}-42", blueprint="payments")
        assert other.only("aws_apigatewayv2_stage")["name"] == f"{tier}-42"

    def test_stage_logs_each_request(self, template: Template, stage: Block, tier: str) -> None:
        settings = stage["access_log_settings"]
        name = f"/aws/vendedlogs/payments/{tier}/gateway/access"
        assert settings["destination_arn"] == template.reference("aws_cloudwatch_log_group", "arn", name=name)
        logged = json.loads(settings["format"])
        assert {
            "requestId": "$context.requestId",
            "time": "$context.requestTime",
            "client": "$context.identity.sourceIp",
            "method": "$context.httpMethod",
            "path": "$context.path",
            "status": "$context.status",
        }.items() <= logged.items()
        assert len(set(logged.values())) == len(logged)
        # A secret could stand in a query string or a header.
        assert not [value for value in logged.values() if "querystring" in value or "header" in value]

    def test_stage_limits_requests_by_both_values(self, stage: Block) -> None:
        limits = stage["default_route_settings"]
        assert (limits["throttling_rate_limit"], limits["throttling_burst_limit"]) == (500, 1000)

    def test_link_ends_in_the_private_subnets_behind_a_group_of_its_own(self, template: Template) -> None:
        link = template.only("aws_apigatewayv2_vpc_link")
        assert link["subnet_ids"] == template.outputs["private_subnet_ids"]["value"]
        assert link["security_group_ids"] == [group(template, "gateway")]

    def test_goes_through_the_link_to_the_https_listener(self, template: Template, integration: Block) -> None:
        assert (integration["integration_type"], integration["integration_method"]) == ("HTTP_PROXY", "ANY")
        assert integration["connection_type"] == "VPC_LINK"
        assert integration["connection_id"] == template.reference("aws_apigatewayv2_vpc_link", "id")
        assert integration["integration_uri"] == template.reference("aws_lb_listener", "arn", port=443)
        # Of private integrations the only one.
        assert integration["payload_format_version"] == "1.0"

    def test_speaks_tls_to_the_name_that_the_listener_shows(
        self, template: Template, integration: Block, tier: str
    ) -> None:
        domain = f"payments-{tier}.example.com"
        assert integration["tls_config"] == {"server_name_to_verify": domain}
        assert template.only("aws_acm_certificate")["domain_name"] == domain
        https = listeners(template)[443]
        assert https["certificate_arn"] == template.reference("aws_acm_certificate_validation", "certificate_arn")
        assert https["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"

    def test_platform_gets_the_path_without_the_stage_and_the_clients_address(self, integration: Block) -> None:
        assert integration["request_parameters"] == {
            "overwrite:path": "$request.path",
            f"overwrite:header.{CLIENT_HEADER}": "$context.identity.sourceIp",
        }

    def test_firewall_counts_clients_by_that_header_on_what_comes_from_the_vpc(self, template: Template) -> None:
        (limit,) = [
            rule["statement"]["rate_based_statement"]
            for rule in template.only("aws_wafv2_web_acl")["rule"]
            if "rate_based_statement" in rule["statement"]
        ]
        assert (limit["aggregate_key_type"], limit["limit"]) == ("FORWARDED_IP", 2000)
        # Whatever comes without it is counted together, not let through.
        assert limit["forwarded_ip_config"] == {"header_name": CLIENT_HEADER, "fallback_behavior": "MATCH"}
        inside = template.reference("aws_wafv2_ip_set", "arn")
        assert limit["scope_down_statement"] == {"ip_set_reference_statement": {"arn": inside}}
        assert template.only("aws_wafv2_ip_set")["addresses"] == [template.only("aws_vpc")["cidr_block"]]

    def test_is_the_only_way_to_the_load_balancer(self, template: Template) -> None:
        balancer = template.only("aws_lb")
        assert balancer["internal"] is True
        assert balancer["subnets"] == template.outputs["private_subnet_ids"]["value"]
        assert [edge for edge in ingress(template) if edge.target == "alb"] == [Edge("gateway", "alb", 443)]
        assert not [edge for edge in ingress(template) if edge.source == INTERNET]

    def test_users_are_told_of_its_stage(self, template: Template) -> None:
        url = template.reference("aws_apigatewayv2_stage", "invoke_url")
        assert template.outputs["url"]["value"] == template.outputs["http_api_url"]["value"] == url
        name = template.reference("aws_apigatewayv2_stage", "name")
        assert template.outputs["http_api_stage_name"]["value"] == name


class TestRow06LogsTagsStateAndProvider:
    def test_every_log_group_is_there_beforehand_and_encrypted(self, template: Template, tier: str) -> None:
        groups = template.all("aws_cloudwatch_log_group")
        assert {group["name"] for group in groups} == {
            f"/payments/{tier}/payments/application",
            f"/payments/{tier}/payments/proxy",
            f"/payments/{tier}/cluster/sessions",
            f"/payments/{tier}/network/flows",
            f"/payments/{tier}/rotation/application",
            f"/aws/ecs/containerinsights/payments-{tier}-cluster/performance",
            f"/aws/rds/cluster/payments-{tier}-database/postgresql",
            f"/aws/vendedlogs/payments/{tier}/cache/slow",
            f"/aws/vendedlogs/payments/{tier}/cache/engine",
            f"/aws/vendedlogs/payments/{tier}/gateway/access",
            f"aws-waf-logs-payments-{tier}-firewall",
        }
        assert {group.get("kms_key_id") for group in groups} == {key(template, "logs")}

    def test_key_of_logs_lets_the_regions_logs_in(self, template: Template) -> None:
        policy = statements(referred(template, key(template, "logs"))["policy"])
        (allowed,) = [each for each in policy if "Service" in each["Principal"]]
        assert allowed["Principal"] == {"Service": f"logs.{REGION}.amazonaws.com"}
        (condition,) = allowed["Condition"].values()
        assert condition.keys() == {"kms:EncryptionContext:aws:logs:arn"}

    def test_audit_trail_is_kept_for_a_year(self, template: Template) -> None:
        # PCI DSS 10.5.1. Not of the trail: metrics of containers.
        days = {
            group["name"]: group["retention_in_days"]
            for group in template.all("aws_cloudwatch_log_group")
            if not re.search("containerinsights", group["name"])
        }
        assert len(days) == 10
        assert set(days.values()) == {365}
        assert template.only("aws_ecs_service")["enable_execute_command"] is False
        (rule,) = bucket(template, "logs")["lifecycle_configuration"]["rule"]
        assert rule["expiration"] == [{"days": 365}]

    def test_provider_tags_everything_as_what_it_is_for_an_assessor(self, template: Template, tier: str) -> None:
        assert default_tags(template) == {
            "Application": "payments",
            "Compliance": "PCI-DSS",
            "DataClassification": "cardholder-data",
            "Environment": tier,
            "EnvironmentSuffix": tier,
            "ManagedBy": "cdktf",
            "Project": "payments",
            "Team": "payments",
        }
        own = [each.get("tags", {}) for kind in template.document["resource"] for each in template.all(kind)]
        assert {key for tags in own for key in tags} == {"Name"}

    def test_what_aws_makes_by_itself_is_tagged_too(self, template: Template, cluster: Block) -> None:
        service = template.only("aws_ecs_service")
        assert (service["propagate_tags"], service["enable_ecs_managed_tags"]) == ("SERVICE", True)
        assert cluster["copy_tags_to_snapshot"] is True

    def test_state_is_in_a_bucket_encrypted_and_locked(self, in_bucket: Template, tier: str) -> None:
        assert in_bucket.document["terraform"]["backend"] == {
            "s3": {
                "bucket": "acme-states",
                "key": f"payments/{tier}/payments-of-acme.tfstate",
                "region": REGION,
                "encrypt": True,
                "use_lockfile": True,
            }
        }

    def test_without_a_bucket_it_is_in_a_file_of_its_own(self, template: Template, tier: str) -> None:
        (kind, backend), *others = template.document["terraform"]["backend"].items()
        assert (kind, others) == ("local", [])
        assert backend["path"].endswith(f"terraform.payments.TapStack{tier}.tfstate")

    def test_provider_is_configured_once_for_the_region(self, template: Template) -> None:
        assert provider(template).keys() == {"region", "default_tags"}
        assert provider(template)["region"] == template.outputs["region"]["value"] == REGION

    def test_versions_of_terraform_and_of_the_provider_are_said(self, template: Template) -> None:
        terraform = template.document["terraform"]
        assert terraform["required_version"] == ">= 1.11.0"
        assert terraform["required_providers"] == {"aws": {"source": "aws", "version": "6.25.0"}}


class TestRow07PinnedRegion:
    """What is checked before the first resource is of another module: here is where it looks."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A project without a pin, whose metadata name a region that nobody wants."""
        (tmp_path / "lib").mkdir()
        (tmp_path / "metadata.json").write_text('{"region": "sa-east-1"}')
        return tmp_path

    @pytest.fixture
    def pinned(self, folder: Path) -> Path:
        (folder / "lib" / "AWS_REGION").write_text("eu-central-1\n")
        return folder

    def test_blueprint_is_at_home_in_its_region(self, tier: str, folder: Path) -> None:
        assert load(tier, environ={"TAP_BLUEPRINT": "payments"}).region == REGION
        assert resolve_region(None, {}, REGION, folder) == REGION

    def test_file_pins_another(self, pinned: Path) -> None:
        assert resolve_region(None, {}, REGION, pinned) == "eu-central-1"

    def test_environment_comes_before_the_file_and_the_argument_before_both(self, pinned: Path) -> None:
        environ = {"AWS_REGION": "eu-west-1"}
        assert resolve_region(None, environ, REGION, pinned) == "eu-west-1"
        assert resolve_region("ap-south-1", environ, REGION, pinned) == "ap-south-1"

    def test_an_empty_file_pins_nothing(self, pinned: Path) -> None:
        (pinned / "lib" / "AWS_REGION").write_text("\n")
        assert resolve_region(None, {}, REGION, pinned) == REGION

    def test_a_blueprint_without_a_region_leaves_it_to_the_project(self, folder: Path) -> None:
        assert resolve_region(None, {}, None, folder) == "sa-east-1"

    def test_whole_stack_follows(self, tier: str, pinned: Path) -> None:
        region = resolve_region(None, {}, REGION, pinned)
        moved = load(tier, aws_region=region, environ={"TAP_BLUEPRINT": "payments"})
        stack = TapStack(new_app(), "moved", environment_suffix=tier, settings=moved)
        template = Template.of(stack)
        assert provider(template)["region"] == "eu-central-1"
        assert REGION not in json.dumps(template.document)
        assert "sa-east-1" not in json.dumps(template.document)
