"""Transactions, the processing of financial transactions: each row of its requirements, in every tier."""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import re
import sys
import zipfile
from ipaddress import IPv4Network
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lib.app import new_app
from lib.capacity import Assumptions, report
from lib.settings import Settings, load
from lib.settings.data import AuroraDatabase, ServerlessCache
from lib.tap_stack import TapStack
from tests.blueprints.reading import (
    INTERNET,
    OF_ROTATION,
    OUT_OF_ROTATION,
    ROTATION,
    Edge,
    address,
    alarms_of,
    bucket,
    by_name,
    container,
    default_tags,
    egress,
    graphs,
    group,
    ingress,
    key,
    listeners,
    referred,
    role_statements,
    subnets,
    users_of,
)
from tests.synthesis import TIERS, synthesized, template_of
from tests.template import Block, Template, statements

NETWORK_TIERS = ("public", "private", "isolated")
OWN_CERTIFICATE = "arn:aws:acm:sa-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module", params=TIERS)
def tier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def template(tier: str) -> Template:
    return synthesized("transactions", tier)


@pytest.fixture(scope="module")
def settings(tier: str) -> Settings:
    return load(tier, environ={"TAP_BLUEPRINT": "transactions"})


@pytest.fixture(scope="module")
def zones(settings: Settings) -> int:
    return settings.network.zone_count


@pytest.fixture(scope="module")
def api(template: Template) -> Block:
    return container(template, "api")


@pytest.fixture(scope="module")
def alarms(template: Template) -> dict[str, Block]:
    return alarms_of(template)


@pytest.fixture(scope="module")
def service(template: Template) -> Block:
    return template.only("aws_ecs_service")


@pytest.fixture(scope="module")
def cluster(template: Template) -> Block:
    """Aurora's."""
    return template.only("aws_rds_cluster")


@pytest.fixture(scope="module")
def function(template: Template) -> Block:
    return template.only("aws_lambda_function", function_name=_named(template, "validator"))


@pytest.fixture(scope="module")
def name(tier: str) -> str:
    """Under which the load balancer is reached."""
    return f"transactions-{tier}.example.com"


@pytest.fixture(scope="module")
def cdn_name(tier: str) -> str:
    """Under which the CDN is reached."""
    return f"transactions-assets-{tier}.example.com"


@pytest.fixture(scope="module")
def with_own_certificate(tier: str) -> Template:
    own = {"certificate_arn": OWN_CERTIFICATE, "domain_name": None, "hosted_zone": None}
    return template_of({"load_balancer": own}, suffix=tier, blueprint="transactions")


@pytest.fixture(scope="module")
def assets(template: Template) -> dict[str, Block]:
    """The bucket's parts."""
    return bucket(template, "assets")


@pytest.fixture(scope="module")
def distribution(template: Template) -> Block:
    return template.only("aws_cloudfront_distribution")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The very file that Terraform uploads: the one that the written template names."""
    folder = tmp_path_factory.mktemp("transactions")
    app = new_app(outdir=str(folder))
    settings = load("dev", environ={"TAP_BLUEPRINT": "transactions"})
    TapStack(app, "TapStackdev", environment_suffix="dev", settings=settings)
    app.synth()
    written = folder / "stacks" / "TapStackdev"
    template = Template.of_text((written / "cdk.tf.json").read_text())
    validator = template.only("aws_lambda_function", function_name="transactions-dev-validator")
    return written / str(validator["filename"])


@pytest.fixture(scope="module")
def comments(root: Path) -> str:
    """What the blueprint's file says to people."""
    lines = (root / "lib/settings/blueprints/transactions.toml").read_text().splitlines()
    return " ".join(line.removeprefix("#").strip() for line in lines if line.startswith("#"))


@pytest.fixture(scope="module")
def figures() -> dict[str, float]:
    """Of production, all that its size hangs on."""
    settings = load("prod", environ={"TAP_BLUEPRINT": "transactions"})
    scaling, database, cache = settings.services["api"].scaling, settings.database, settings.cache
    assert isinstance(database, AuroraDatabase)
    assert isinstance(cache, ServerlessCache)
    assert scaling.requests_per_target is not None
    return {
        "requests_per_target": scaling.requests_per_target,
        "min_tasks": scaling.min_tasks,
        "max_tasks": scaling.max_tasks,
        "readers": database.readers,
        "min_acu": database.min_acu,
        "max_acu": database.max_acu,
        "max_connections": database.max_connections,
        "max_ecpu_per_second": cache.max_ecpu_per_second,
    }


class TestRow01TagsOnEverything:
    def test_provider_puts_them_on_all_that_it_makes(self, template: Template, tier: str) -> None:
        assert default_tags(template) == {
            "Application": "transactions",
            "CostCenter": "transactions",
            "Environment": tier,
            "EnvironmentSuffix": tier,
            "ManagedBy": "cdktf",
            "Project": "transactions",
            "Team": "transactions",
        }

    def test_no_resource_takes_one_away(self, template: Template) -> None:
        own = [each.get("tags", {}) for kind in template.document["resource"] for each in template.all(kind)]
        assert {key for tags in own for key in tags} == {"Name"}

    def test_no_resource_goes_by_another_provider(self, template: Template) -> None:
        all_resources = [each for kind in template.document["resource"] for each in template.all(kind)]
        assert not [each for each in all_resources if "provider" in each]

    def test_tasks_get_them_from_their_service(self, service: Block) -> None:
        assert (service["propagate_tags"], service["enable_ecs_managed_tags"]) == ("SERVICE", True)

    def test_snapshots_get_them_from_the_database(self, cluster: Block) -> None:
        assert cluster["copy_tags_to_snapshot"] is True


class TestRow02RedirectAndTls:
    """The name differs from suffix to suffix, so that environments can be deployed beside each other."""

    def test_http_is_redirected_for_good(self, template: Template) -> None:
        assert listeners(template).keys() == {80, 443}
        assert listeners(template)[80]["protocol"] == "HTTP"
        assert listeners(template)[80]["default_action"] == [
            {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}}
        ]

    def test_https_takes_tls_1_2_and_1_3_only(self, template: Template) -> None:
        https = listeners(template)[443]
        assert (https["protocol"], https["ssl_policy"]) == ("HTTPS", "ELBSecurityPolicy-TLS13-1-2-2021-06")

    def test_https_shows_the_certificate_once_it_is_issued(self, template: Template, name: str) -> None:
        waits_for = referred(template, listeners(template)[443]["certificate_arn"])
        assert waits_for["certificate_arn"] == template.reference("aws_acm_certificate", "arn", domain_name=name)
        (record,) = waits_for["validation_record_fqdns"]
        assert referred(template, record)["ttl"] == 60

    def test_certificate_is_for_the_environments_own_name(self, template: Template, name: str) -> None:
        certificate = template.only("aws_acm_certificate", domain_name=name)
        assert certificate["validation_method"] == "DNS"
        assert certificate["lifecycle"] == {"create_before_destroy": True}

    def test_validation_record_says_what_the_certificate_wants(self, template: Template, name: str) -> None:
        options = template.reference("aws_acm_certificate", "domain_validation_options", domain_name=name)
        certificate = options.strip("${}")
        (record,) = [each for each in template.all("aws_route53_record") if certificate in each["name"]]
        option = f"${{tolist({certificate}).0.resource_record_"
        assert (record["name"], record["type"]) == (f"{option}name}}", f"{option}type}}")
        assert record["records"] == [f"{option}value}}"]

    def test_name_leads_to_the_load_balancer(self, template: Template, name: str) -> None:
        record = template.only("aws_route53_record", name=name)
        assert record["type"] == "A"
        assert record["alias"] == {
            "name": template.reference("aws_lb", "dns_name"),
            "zone_id": template.reference("aws_lb", "zone_id"),
            "evaluate_target_health": False,
        }

    def test_all_records_are_in_the_public_zone(self, template: Template) -> None:
        zones = template.document["data"]["aws_route53_zone"]
        # The load balancer's two, and three of the CDN.
        assert len(template.all("aws_route53_record")) == 5
        for record in template.all("aws_route53_record"):
            (zone,) = [each for name, each in zones.items() if f"data.aws_route53_zone.{name}." in record["zone_id"]]
            assert (zone["name"], zone["private_zone"]) == ("example.com", False)

    def test_all_that_answers_does_so_behind_tls(self, template: Template) -> None:
        https = template.reference("aws_lb_listener", "arn", port=443)
        assert {rule["listener_arn"] for rule in template.all("aws_lb_listener_rule")} == {https}

    def test_users_are_told_of_https(self, template: Template, name: str) -> None:
        assert template.outputs["url"]["value"] == f"https://{name}"

    def test_another_environment_of_the_tier_has_other_names(self, tier: str, name: str, cdn_name: str) -> None:
        other = template_of(suffix=f"{tier}-2", blueprint="transactions")
        names = {certificate["domain_name"] for certificate in other.all("aws_acm_certificate")}
        assert names == {f"transactions-{tier}-2.example.com", f"transactions-assets-{tier}-2.example.com"}
        assert not names & {name, cdn_name}

    def test_a_certificate_of_ones_own_is_shown_instead(self, with_own_certificate: Template) -> None:
        https = listeners(with_own_certificate)[443]
        assert https["certificate_arn"] == OWN_CERTIFICATE
        assert https["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
        assert listeners(with_own_certificate)[80]["default_action"][0]["redirect"]["status_code"] == "HTTP_301"

    def test_with_it_neither_certificate_nor_record_is_made(
        self, with_own_certificate: Template, cdn_name: str
    ) -> None:
        (certificate,) = with_own_certificate.all("aws_acm_certificate")
        assert certificate["domain_name"] == cdn_name
        (validation,) = [each for each in with_own_certificate.all("aws_route53_record") if "records" in each]
        assert referred(with_own_certificate, validation["name"].replace("tolist(", ""))["domain_name"] == cdn_name
        aliases = [each["name"] for each in with_own_certificate.all("aws_route53_record") if "alias" in each]
        assert aliases == [cdn_name, cdn_name]
        dns_name = with_own_certificate.reference("aws_lb", "dns_name")
        assert with_own_certificate.outputs["url"]["value"] == f"https://{dns_name}"

    def test_beside_a_zone_it_spares_the_certificate_and_keeps_the_record(self, tier: str, name: str) -> None:
        both = template_of(
            {"load_balancer": {"certificate_arn": OWN_CERTIFICATE}}, suffix=tier, blueprint="transactions"
        )
        assert listeners(both)[443]["certificate_arn"] == OWN_CERTIFICATE
        assert both.where("aws_acm_certificate", domain_name=name) == []
        assert [record["type"] for record in both.where("aws_route53_record", name=name)] == ["A"]


class TestRow03SecurityGroups:
    INSIDE = frozenset(
        {
            Edge("alb", "api", 80),
            Edge("api", "cache", 6379),
            Edge("api", "cache", 6380),
            Edge("api", "database", 5432),
            OF_ROTATION,
        }
    )

    def test_let_in_exactly_this(self, template: Template) -> None:
        users = {Edge(INTERNET, "alb", 80), Edge(INTERNET, "alb", 443)}
        assert ingress(template) == self.INSIDE | users

    def test_let_out_exactly_this(self, template: Template) -> None:
        assert egress(template) == self.INSIDE | {Edge("api", INTERNET, 443), OUT_OF_ROTATION}

    def test_tasks_are_reached_from_the_load_balancer_only(self, template: Template) -> None:
        assert [edge.source for edge in ingress(template) if edge.target == "api"] == ["alb"]

    def test_database_is_reached_from_the_tasks_only_and_by_what_changes_their_password(
        self, template: Template
    ) -> None:
        assert {edge.source for edge in ingress(template) if edge.target == "database"} == {"api", ROTATION}

    def test_are_those_of_what_they_are_named_for(self, template: Template, service: Block, cluster: Block) -> None:
        assert template.only("aws_lb")["security_groups"] == [group(template, "alb")]
        assert service["network_configuration"]["security_groups"] == [group(template, "api")]
        assert cluster["vpc_security_group_ids"] == [group(template, "database")]

    def test_have_no_rules_beside_these(self, template: Template) -> None:
        assert not [each for each in template.all("aws_security_group") if "ingress" in each or "egress" in each]
        assert template.all("aws_security_group_rule") == []
        default = template.only("aws_default_security_group")
        assert (default["ingress"], default["egress"]) == ([], [])


class TestRow04SubnetTiersAndAurora:
    def test_every_zone_has_a_subnet_of_each_tier(self, template: Template, zones: int) -> None:
        assert len(template.all("aws_subnet")) == 3 * zones
        for tier in NETWORK_TIERS:
            places = [subnet.zone.rpartition(".")[2] for subnet in subnets(template, tier)]
            assert places == [f"names[{number}]}}" for number in range(zones)]

    def test_each_is_a_24_of_its_tiers_own_block(self, template: Template, zones: int) -> None:
        assert template.only("aws_vpc")["cidr_block"] == "10.0.0.0/16"
        for number, tier in enumerate(NETWORK_TIERS):
            blocks = [subnet.cidr for subnet in subnets(template, tier)]
            assert blocks == [f"10.0.{4 * number + zone}.0/24" for zone in range(zones)]
            assert all(IPv4Network(block).prefixlen == 24 for block in blocks)

    @pytest.mark.parametrize(
        ("network_tier", "routes"),
        [
            ("public", {"0.0.0.0/0": "aws_internet_gateway"}),
            ("private", {"0.0.0.0/0": "aws_nat_gateway"}),
            ("isolated", {}),
        ],
    )
    def test_leads_where_its_tier_says(
        self, template: Template, zones: int, network_tier: str, routes: dict[str, str]
    ) -> None:
        assert [subnet.routes for subnet in subnets(template, network_tier)] == [routes] * zones

    def test_isolated_subnets_have_no_way_out_by_an_endpoint_either(self, template: Template) -> None:
        isolated = template.reference("aws_route_table", "id", tags={"Name": _named(template, "isolated-routes")})
        assert all(isolated not in endpoint["route_table_ids"] for endpoint in template.all("aws_vpc_endpoint"))

    def test_database_is_aurora_with_postgresql(self, template: Template, cluster: Block) -> None:
        assert (cluster["engine"], cluster["engine_version"]) == ("aurora-postgresql", "17")
        assert template.only("aws_rds_cluster_parameter_group")["family"] == "aurora-postgresql17"
        assert template.all("aws_db_instance") == []

    def test_database_lies_in_the_isolated_subnets(self, template: Template, cluster: Block) -> None:
        assert cluster["db_subnet_group_name"] == template.reference("aws_db_subnet_group", "name")
        isolated = template.outputs["isolated_subnet_ids"]["value"]
        assert template.only("aws_db_subnet_group")["subnet_ids"] == isolated
        assert {each["publicly_accessible"] for each in template.all("aws_rds_cluster_instance")} == {False}

    def test_database_is_encrypted_under_its_own_key(self, template: Template, cluster: Block) -> None:
        own = key(template, "database")
        assert (cluster["storage_encrypted"], cluster["kms_key_id"]) == (True, own)
        assert cluster["master_user_secret_kms_key_id"] == cluster["performance_insights_kms_key_id"] == own

    def test_nothing_else_is_under_that_key(self, template: Template) -> None:
        # The last two are its password, and the permission to decrypt that.
        assert users_of(template, key(template, "database")) == {
            "aws_rds_cluster",
            "aws_rds_cluster_instance",
            "aws_secretsmanager_secret",
            "aws_iam_role_policy",
        }

    def test_its_servers_belong_to_the_cluster_and_are_in_different_zones(
        self, template: Template, settings: Settings
    ) -> None:
        assert isinstance(settings.database, AuroraDatabase)
        servers = template.all("aws_rds_cluster_instance")
        assert len(servers) == 1 + settings.database.readers == len({each["availability_zone"] for each in servers})
        cluster = template.reference("aws_rds_cluster", "cluster_identifier")
        assert {each["cluster_identifier"] for each in servers} == {cluster}
        assert {each["engine"] for each in servers} == {template.reference("aws_rds_cluster", "engine")}

    def test_is_spoken_to_by_tls_only_and_its_password_made_by_aws(self, template: Template, cluster: Block) -> None:
        parameters = by_name(template.only("aws_rds_cluster_parameter_group")["parameter"])
        assert parameters["rds.force_ssl"] == "1"
        assert cluster["manage_master_user_password"] is True
        assert "master_password" not in cluster


class TestRow05AssetsBehindCloudFront:
    def test_bucket_is_encrypted_under_a_key_of_its_own(self, template: Template, assets: dict[str, Block]) -> None:
        assert assets["server_side_encryption_configuration"]["rule"] == [
            {
                "apply_server_side_encryption_by_default": {
                    "sse_algorithm": "aws:kms",
                    "kms_master_key_id": key(template, "assets"),
                },
                "bucket_key_enabled": True,
            }
        ]

    def test_bucket_is_closed_to_the_public(self, assets: dict[str, Block]) -> None:
        block = assets["public_access_block"]
        names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        assert [block[name] for name in names] == [True] * 4
        assert assets["ownership_controls"]["rule"] == {"object_ownership": "BucketOwnerEnforced"}

    def test_bucket_keeps_old_versions_for_a_while(self, assets: dict[str, Block]) -> None:
        assert assets["versioning"]["versioning_configuration"] == {"status": "Enabled"}
        assert assets["lifecycle_configuration"]["rule"] == [
            {
                "id": "expiry",
                "status": "Enabled",
                "filter": [{}],
                "noncurrent_version_expiration": [{"noncurrent_days": 30}],
                "expiration": [{"expired_object_delete_marker": True}],
                "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
            }
        ]

    def test_bucket_is_read_by_the_distribution_and_nobody_else(
        self, template: Template, assets: dict[str, Block]
    ) -> None:
        arn = template.reference("aws_s3_bucket", "arn", bucket=assets["bucket"]["bucket"])
        allowed = [each for each in statements(assets["policy"]["policy"]) if each["Effect"] == "Allow"]
        distribution = {"StringEquals": {"aws:SourceArn": template.reference("aws_cloudfront_distribution", "arn")}}
        cloudfront = {"Service": "cloudfront.amazonaws.com"}
        assert [(each["Principal"], each["Condition"]) for each in allowed] == [(cloudfront, distribution)] * 2
        # Without the right to list, what is not there would be answered by 403.
        assert [(each["Action"], each["Resource"]) for each in allowed] == [
            (["s3:GetObject"], [f"{arn}/*"]),
            (["s3:ListBucket"], [arn]),
        ]

    def test_bucket_refuses_plain_http(self, assets: dict[str, Block]) -> None:
        (denied,) = [each for each in statements(assets["policy"]["policy"]) if each["Effect"] == "Deny"]
        assert (denied["Principal"], denied["Action"]) == ("*", ["s3:*"])
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

    def test_nothing_but_the_bucket_is_under_that_key(self, template: Template) -> None:
        assert users_of(template, key(template, "assets")) == {"aws_s3_bucket_server_side_encryption_configuration"}
        assert len(template.where("aws_s3_bucket_server_side_encryption_configuration")) == 2

    def test_distribution_may_decrypt_what_it_reads(self, template: Template) -> None:
        policy = referred(template, key(template, "assets"))["policy"]
        (allowed,) = [
            each for each in statements(policy) if each["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        ]
        assert (allowed["Effect"], allowed["Action"]) == ("Allow", ["kms:Decrypt"])

    def test_origin_is_the_bucket_through_origin_access_control(
        self, template: Template, assets: dict[str, Block], distribution: Block
    ) -> None:
        domain = template.reference("aws_s3_bucket", "bucket_regional_domain_name", bucket=assets["bucket"]["bucket"])
        control = template.reference("aws_cloudfront_origin_access_control", "id")
        assert distribution["origin"] == [
            {"origin_id": "assets", "domain_name": domain, "origin_access_control_id": control}
        ]

    def test_origin_access_control_signs_every_request(self, template: Template) -> None:
        control = template.only("aws_cloudfront_origin_access_control")
        assert control["origin_access_control_origin_type"] == "s3"
        assert (control["signing_behavior"], control["signing_protocol"]) == ("always", "sigv4")

    def test_distribution_compresses_and_speaks_http_2_and_3(self, distribution: Block) -> None:
        assert distribution["enabled"] is True
        assert distribution["http_version"] == "http2and3"
        assert distribution["default_cache_behavior"]["compress"] is True

    def test_distribution_takes_reading_methods_and_keeps_their_answers(self, distribution: Block) -> None:
        behavior = distribution["default_cache_behavior"]
        assert behavior["allowed_methods"] == ["GET", "HEAD", "OPTIONS"]
        assert behavior["cached_methods"] == ["GET", "HEAD", "OPTIONS"]
        # AWS's own CachingOptimized: by the path alone, compressed variants apart.
        assert behavior["cache_policy_id"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
        assert behavior["target_origin_id"] == "assets"

    def test_distribution_redirects_to_https(self, distribution: Block) -> None:
        assert distribution["default_cache_behavior"]["viewer_protocol_policy"] == "redirect-to-https"

    def test_distribution_answers_from_all_edge_locations(self, distribution: Block) -> None:
        assert distribution["price_class"] == "PriceClass_All"

    def test_distribution_has_a_firewall_in_production(
        self, template: Template, distribution: Block, tier: str
    ) -> None:
        edge = template.where("aws_wafv2_web_acl", scope="CLOUDFRONT")
        assert len(edge) == (1 if tier == "prod" else 0)
        assert ("web_acl_id" in distribution) == (tier == "prod")
        if edge:
            assert distribution["web_acl_id"] == template.reference("aws_wafv2_web_acl", "arn", scope="CLOUDFRONT")
            assert edge[0]["region"] == "us-east-1"

    def test_outputs_say_where_assets_go_and_where_they_are_read(self, template: Template, cdn_name: str) -> None:
        assert template.outputs["bucket_names"]["value"].keys() == {"assets"}
        assert template.outputs["cdn_url"]["value"] == f"https://{cdn_name}"

    def test_distribution_takes_tls_1_2_at_least_by_a_certificate_of_its_name(
        self, template: Template, distribution: Block, cdn_name: str
    ) -> None:
        shown = distribution["viewer_certificate"]
        assert (shown["minimum_protocol_version"], shown["ssl_support_method"]) == ("TLSv1.2_2021", "sni-only")
        waits_for = referred(template, shown["acm_certificate_arn"])
        certificate = referred(template, waits_for["certificate_arn"])
        # CloudFront looks for certificates there.
        assert (certificate["domain_name"], certificate["region"]) == (cdn_name, "us-east-1")

    def test_name_leads_to_the_distribution(self, template: Template, distribution: Block, cdn_name: str) -> None:
        assert distribution["aliases"] == [cdn_name]
        records = template.where("aws_route53_record", name=cdn_name)
        assert sorted(record["type"] for record in records) == ["A", "AAAA"]
        domain = template.reference("aws_cloudfront_distribution", "domain_name")
        assert [record["alias"]["name"] for record in records] == [domain, domain]

    def test_requests_to_the_bucket_are_on_record_in_the_log_bucket(
        self, template: Template, assets: dict[str, Block]
    ) -> None:
        logs = bucket(template, "logs")
        assert referred(template, assets["logging"]["target_bucket"]) == logs["policy"]
        assert assets["logging"]["target_prefix"] == "buckets/assets/"


class TestRow06TasksAndTheirRoles:
    def test_tasks_have_half_a_processor_and_a_gibibyte(self, template: Template) -> None:
        task = template.only("aws_ecs_task_definition")
        assert (task["cpu"], task["memory"]) == ("512", "1024")
        assert task["requires_compatibilities"] == ["FARGATE"]

    def test_execution_role_and_task_role_are_two(self, template: Template, tier: str) -> None:
        task = template.only("aws_ecs_task_definition")
        execution, own = (referred(template, task[f"{part}_role_arn"]) for part in ("execution", "task"))
        assert execution["name"] == f"transactions-{tier}-api-execution"
        assert own["name"] == f"transactions-{tier}-api-task"

    @pytest.mark.parametrize("part", ["execution", "task"])
    def test_each_is_taken_on_by_tasks_of_this_account_only(self, template: Template, tier: str, part: str) -> None:
        role = template.only("aws_iam_role", name=f"transactions-{tier}-api-{part}")
        (trust,) = statements(role["assume_role_policy"])
        assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
        assert trust["Condition"]["StringEquals"].keys() == {"aws:SourceAccount"}

    def test_each_may_do_its_own_work_and_nothing_of_the_others(self, template: Template) -> None:
        assert role_statements(template, "api-execution").keys() == {
            "WriteLogs",
            "ReadSecrets",
            "DecryptSecrets",
            "ReadDatabaseSecret",
            "DecryptDatabaseSecret",
        }
        assert role_statements(template, "api-task").keys() == {"ConnectToCache"}


class TestRow07AlarmsAndDashboard:
    NAMED = ("api-cpu", "api-memory", "validator-errors", "alb-5xx")

    @pytest.mark.parametrize(
        ("name", "watched", "threshold"),
        [
            ("api-cpu", ("AWS/ECS", "CPUUtilization", "Average"), 80),
            ("api-memory", ("AWS/ECS", "MemoryUtilization", "Average"), 80),
            ("validator-errors", ("AWS/Lambda", "Errors", "Sum"), 0),
            ("alb-5xx", ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "Sum"), 10),
        ],
    )
    def test_goes_off_above(
        self, alarms: dict[str, Block], name: str, watched: tuple[str, str, str], threshold: float
    ) -> None:
        alarm = alarms[name]
        assert (alarm["namespace"], alarm["metric_name"], alarm["statistic"]) == watched
        assert (alarm["comparison_operator"], alarm["threshold"]) == ("GreaterThanThreshold", threshold)
        assert alarm["period"] == 60

    @pytest.mark.parametrize("name", NAMED)
    def test_two_of_three_minutes_set_it_off_and_silence_does_not(self, alarms: dict[str, Block], name: str) -> None:
        assert (alarms[name]["datapoints_to_alarm"], alarms[name]["evaluation_periods"]) == (2, 3)
        assert alarms[name]["treat_missing_data"] == "notBreaching"

    def test_each_watches_what_it_is_named_for(
        self, alarms: dict[str, Block], template: Template, function: Block
    ) -> None:
        tasks = {
            "ClusterName": template.reference("aws_ecs_cluster", "name"),
            "ServiceName": template.reference("aws_ecs_service", "name"),
        }
        assert alarms["api-cpu"]["dimensions"] == alarms["api-memory"]["dimensions"] == tasks
        assert alarms["validator-errors"]["dimensions"] == {"FunctionName": function["function_name"]}
        assert alarms["alb-5xx"]["dimensions"] == {"LoadBalancer": template.reference("aws_lb", "arn_suffix")}

    def test_each_tells_the_topic_both_times(self, alarms: dict[str, Block], template: Template) -> None:
        topic = template.outputs["alarm_topic_arn"]["value"]
        for name in self.NAMED:
            assert alarms[name]["alarm_actions"] == alarms[name]["ok_actions"] == [topic]

    def test_dashboard_draws_the_latency_of_the_load_balancers_targets(self, template: Template) -> None:
        tasks = template.reference("aws_lb_target_group", "arn_suffix", target_type="ip")
        balancer = template.reference("aws_lb", "arn_suffix")
        drawn = ["AWS/ApplicationELB", "TargetResponseTime", "TargetGroup", tasks, "LoadBalancer", balancer]
        (graph,) = [each for each in graphs(template) if each["metrics"] == [drawn]]
        assert (graph["stat"], graph["period"], graph["region"]) == ("Average", 60, "sa-east-1")

    def test_dashboard_draws_the_duration_of_the_function(self, template: Template, function: Block) -> None:
        drawn = ["AWS/Lambda", "Duration", "FunctionName", function["function_name"]]
        (graph,) = [each for each in graphs(template) if each["metrics"] == [drawn]]
        assert (graph["stat"], graph["period"], graph["region"]) == ("Maximum", 60, "sa-east-1")

    def test_dashboard_draws_all_that_is_watched(self, template: Template, alarms: dict[str, Block]) -> None:
        drawn = {(metric[0], metric[1]) for graph in graphs(template) for metric in graph["metrics"]}
        assert drawn == {(alarm["namespace"], alarm["metric_name"]) for alarm in alarms.values()}
        assert len(graphs(template)) == len(alarms)


class TestRow08HealthChecksAndDeployment:
    def test_container_asks_itself(self, api: Block) -> None:
        assert api["healthCheck"] == {
            "command": ["CMD-SHELL", "curl -f http://localhost/health || exit 1"],
            "interval": 30,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 60,
        }

    def test_container_listens_where_it_asks(self, api: Block, template: Template) -> None:
        assert [port["containerPort"] for port in api["portMappings"]] == [80]
        assert by_name(api["environment"])["PORT"] == "80"
        assert template.only("aws_lb_target_group", target_type="ip")["port"] == 80
        # Port 80 is root's, and the container is not root.
        assert api["user"] == "65534:65534"
        assert api["systemControls"] == [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]

    def test_containers_image_has_curl(self, api: Block) -> None:
        # https://docs.aws.amazon.com/linux/al2023/ug/al2023-container-image-types.html
        assert api["image"] == "public.ecr.aws/amazonlinux/amazonlinux:2023"

    def test_circuit_breaker_rolls_back_and_the_apply_fails_then(self, service: Block, template: Template) -> None:
        assert service["deployment_circuit_breaker"] == {"enable": True, "rollback": True}
        assert service["wait_for_steady_state"] is True
        (promise,) = service["lifecycle"]["postcondition"]
        deployed = template.reference("aws_ecs_task_definition", "arn").strip("${}")
        assert promise["condition"] == f"${{(self.task_definition == {deployed})}}"

    def test_tasks_have_a_minute_before_checks_count(self, service: Block) -> None:
        assert service["health_check_grace_period_seconds"] == 60

    def test_target_group_counts_two_good_and_three_bad_answers(self, template: Template) -> None:
        assert template.only("aws_lb_target_group", target_type="ip")["health_check"] == {
            "enabled": True,
            "protocol": "HTTP",
            "port": "traffic-port",
            "path": "/health",
            "matcher": "200",
            "interval": 30,
            "timeout": 5,
            "healthy_threshold": 2,
            "unhealthy_threshold": 3,
        }

    def test_leaving_tasks_have_thirty_seconds_for_their_requests(self, template: Template) -> None:
        assert template.only("aws_lb_target_group", target_type="ip")["deregistration_delay"] == "30"


class TestRow09RemovalByTier:
    def test_production_keeps_its_key_for_a_month(self, template: Template, tier: str) -> None:
        own = referred(template, key(template, "database"))
        assert own["deletion_window_in_days"] == (30 if tier == "prod" else 7)

    def test_production_refuses_to_delete_its_database(self, cluster: Block, tier: str) -> None:
        assert cluster["deletion_protection"] is (tier == "prod")

    def test_production_leaves_a_last_snapshot(self, cluster: Block, tier: str) -> None:
        assert cluster["skip_final_snapshot"] is (tier != "prod")
        last = cluster.get("final_snapshot_identifier")
        if tier == "prod":
            assert last == 'transactions-prod-database-${formatdate("YYYYMMDDhhmmss", timestamp())}'
            assert "final_snapshot_identifier" in cluster["lifecycle"]["ignore_changes"]
        else:
            assert last is None

    def test_production_leaves_its_backups(self, cluster: Block, tier: str) -> None:
        assert cluster["delete_automated_backups"] is (tier != "prod")
        assert cluster["backup_retention_period"] == {"dev": 1, "staging": 7, "prod": 30}[tier]

    def test_production_keeps_table_and_buckets_too(self, template: Template, tier: str) -> None:
        assert template.only("aws_dynamodb_table")["deletion_protection_enabled"] is (tier == "prod")
        assert {each["force_destroy"] for each in template.all("aws_s3_bucket")} == {tier != "prod"}


class TestRow10CooldownsAndSize:
    def test_every_measure_rests_a_minute_both_ways(self, template: Template) -> None:
        tracking = [
            policy["target_tracking_scaling_policy_configuration"]
            for policy in template.all("aws_appautoscaling_policy")
        ]
        measures = [each["predefined_metric_specification"]["predefined_metric_type"] for each in tracking]
        assert measures == [
            "ECSServiceAverageCPUUtilization",
            "ECSServiceAverageMemoryUtilization",
            "ALBRequestCountPerTarget",
        ]
        assert [(each["scale_out_cooldown"], each["scale_in_cooldown"]) for each in tracking] == [(60, 60)] * 3

    def test_production_carries_ten_thousand_users_also_without_a_zone(self, settings: Settings, tier: str) -> None:
        if tier == "prod":
            found = report("transactions", settings, Assumptions())
            assert found.assumptions.concurrent_users == 10_000
            assert found.first.users >= 10_000, found.first
            assert found.first_zone_lost.users_zone_lost >= 10_000, found.first_zone_lost
            assert [fit for fit in found.fits if not fit.holds] == []

    def test_tasks_of_each_tier_are_as_many_as_it_needs(self, template: Template, tier: str) -> None:
        target = template.only("aws_appautoscaling_target")
        bounds = {"dev": (1, 2), "staging": (2, 6), "prod": (9, 72)}
        assert (target["min_capacity"], target["max_capacity"]) == bounds[tier]
        assert template.only("aws_ecs_service")["desired_count"] == bounds[tier][0]

    def test_a_task_has_the_same_load_in_each_tier(self, template: Template) -> None:
        targets = [
            policy["target_tracking_scaling_policy_configuration"]["target_value"]
            for policy in template.all("aws_appautoscaling_policy")
        ]
        assert targets == [70, 70, 1500]

    def test_database_of_production_goes_with_its_tasks(self, template: Template, cluster: Block, tier: str) -> None:
        if tier == "prod":
            capacity = cluster["serverlessv2_scaling_configuration"]
            assert (capacity["min_capacity"], capacity["max_capacity"]) == (4, 16)
            assert len(template.all("aws_rds_cluster_instance")) == 3
            parameters = by_name(template.only("aws_rds_cluster_parameter_group")["parameter"])
            assert parameters["max_connections"] == "1500"

    def test_the_file_says_for_whom_and_where_the_figures_are_reached(self, comments: str) -> None:
        assert "10,000+ concurrent users" in comments
        assert "docs/capacity.md" in comments

    def test_the_file_says_how_each_figure_of_production_is_reached(
        self, comments: str, figures: dict[str, float]
    ) -> None:
        told = {float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", comments)}
        # How many readers there are it says in words: a server in each zone.
        assert {name for name, figure in figures.items() if figure not in told} <= {"readers"}
        assert "A server in each zone" in comments

    def test_the_page_reaches_the_figures_that_production_has(self, root: Path, figures: dict[str, float]) -> None:
        page = (root / "docs/capacity.md").read_text()
        section = page.partition("\n## transactions: 10,000 users")[2].partition("\n## ")[0]
        reached = {(name, int(value)) for name, value in re.findall(r"`(\w+) = ([\d_]+)`", section)}
        assert figures.items() <= reached


class FakeTable:
    """DynamoDB as the function sees it: takes what it is given, and remembers it."""

    def __init__(self) -> None:
        self.puts: list[dict[str, Any]] = []

    def put_item(self, **request: Any) -> None:
        self.puts.append(request)


class TestRow11FunctionWithATable:
    @pytest.fixture
    def table(self) -> FakeTable:
        return FakeTable()

    @pytest.fixture
    def code(
        self, package: Path, function: Block, table: FakeTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> ModuleType:
        """The module that Lambda would load, with the variables that it would have."""
        zipfile.ZipFile(package).extractall(tmp_path)
        monkeypatch.syspath_prepend(tmp_path)
        module_name = function["handler"].partition(".")[0]
        monkeypatch.delitem(sys.modules, module_name, raising=False)
        module = importlib.import_module(module_name)
        monkeypatch.delitem(sys.modules, module_name)
        assert Path(str(module.__file__)).parent == tmp_path
        monkeypatch.setattr(module, "_client", lambda: table)
        for name in function["environment"]["variables"]:
            monkeypatch.setenv(name, f"value-of-{name}")
        return module

    @pytest.fixture
    def answer(self, code: ModuleType, function: Block) -> Any:
        """Of the function, to a request that the load balancer hands on."""
        handle = getattr(code, function["handler"].partition(".")[2])

        def ask(**changes: Any) -> tuple[int, Any]:
            transaction = {"amount": "12.34", "currency": "EUR", "reference": "INV-7", **changes}
            event = {"httpMethod": "POST", "path": "/transactions", "headers": {}, "body": json.dumps(transaction)}
            answered = handle(event, None)
            return answered["statusCode"], json.loads(answered["body"])

        return ask

    def test_has_its_memory(self, function: Block) -> None:
        assert function["memory_size"] == 256
        assert (function["runtime"], function["architectures"]) == ("python3.13", ["arm64"])

    def test_writes_to_a_group_that_keeps_seven_days(self, template: Template, function: Block, tier: str) -> None:
        name = f"/transactions/{tier}/validator/application"
        written_to = template.only("aws_cloudwatch_log_group", name=name)
        assert (written_to["retention_in_days"], written_to["kms_key_id"]) == (7, key(template, "logs"))
        assert function["logging_config"]["log_group"] == template.reference(
            "aws_cloudwatch_log_group", "name", name=name
        )

    def test_may_use_its_table_and_little_else(self, template: Template) -> None:
        allowed = role_statements(template, "validator-function")
        assert allowed.keys() == {
            "WriteLogs",
            "DecryptVariables",
            "KeepFailedEvents",
            "EncryptFailedEvents",
            "UseTransactionsTable",
            "DecryptTransactionsTable",
        }
        assert allowed["UseTransactionsTable"]["Resource"] == [template.reference("aws_dynamodb_table", "arn")]
        assert {action.partition(":")[0] for action in allowed["UseTransactionsTable"]["Action"]} == {"dynamodb"}

    def test_is_told_of_its_table(self, template: Template, function: Block) -> None:
        told = function["environment"]["variables"]["TRANSACTIONS_TABLE"]
        assert told == template.reference("aws_dynamodb_table", "name")
        assert function["role"] == template.reference(
            "aws_iam_role", "arn", name=_named(template, "validator-function")
        )

    def test_table_is_encrypted_and_can_be_set_back(self, template: Template, tier: str) -> None:
        table = template.only("aws_dynamodb_table")
        assert table["name"] == f"transactions-{tier}-transactions"
        assert (table["hash_key"], table["attribute"]) == ("id", [{"name": "id", "type": "S"}])
        assert table["billing_mode"] == "PAY_PER_REQUEST"
        assert table["server_side_encryption"] == {"enabled": True, "kms_key_arn": key(template, "tables")}
        assert table["point_in_time_recovery"]["enabled"] is True

    def test_answers_for_transactions_behind_the_load_balancer(self, template: Template) -> None:
        rule = template.only("aws_lb_listener_rule", tags={"Name": _named(template, "validator")})
        assert rule["condition"] == [{"path_pattern": {"values": ["/transactions", "/transactions/*"]}}]
        (action,) = rule["action"]
        attachment = referred(template, action["target_group_arn"])
        target_group = referred(template, attachment["target_group_arn"])
        assert target_group["target_type"] == "lambda"
        validator = _named(template, "validator")
        assert attachment["target_id"] == template.reference("aws_lambda_function", "arn", function_name=validator)
        permission = address(template, "aws_lambda_permission", statement_id="LoadBalancer")
        assert attachment["depends_on"] == [permission]

    def test_is_asked_before_the_tasks_are(self, template: Template) -> None:
        priorities = {rule["tags"]["Name"]: rule["priority"] for rule in template.all("aws_lb_listener_rule")}
        assert priorities[_named(template, "validator")] < priorities[_named(template, "api")] == 50_000

    def test_load_balancer_alone_may_call_it(self, template: Template) -> None:
        validator = template.reference(
            "aws_lambda_function", "function_name", function_name=_named(template, "validator")
        )
        permission = template.only("aws_lambda_permission", function_name=validator)
        assert permission["principal"] == "elasticloadbalancing.amazonaws.com"
        assert permission["source_arn"] == template.reference("aws_lb_target_group", "arn", target_type="lambda")

    def test_outputs_name_function_and_table_for_other_stacks(self, template: Template) -> None:
        outputs = template.outputs
        assert outputs["function_arns"]["value"] == {
            "validator": template.reference("aws_lambda_function", "arn", function_name=_named(template, "validator"))
        }
        assert outputs["table_names"]["value"] == {"transactions": template.only("aws_dynamodb_table")["name"]}
        assert not [name for name in ("function_arns", "table_names") if outputs[name].get("sensitive")]

    def test_package_is_the_same_in_every_tier(self, package: Path, function: Block) -> None:
        digest = hashlib.sha256(package.read_bytes()).digest()
        assert function["source_code_hash"] == base64.b64encode(digest).decode()

    @pytest.mark.parametrize(
        "amount",
        ["-1", "0", "0.00", "1.234", "1e3", "abc", "", " 1", "1000000000", 0, -1, 1.234, True, None, [1], {"value": 1}],
        ids=repr,
    )
    def test_packaged_code_answers_400_to_a_bad_amount(self, answer: Any, table: FakeTable, amount: object) -> None:
        status, body = answer(amount=amount)
        assert status == 400
        assert body["errors"].keys() == {"amount"}
        assert table.puts == []

    def test_packaged_code_keeps_a_good_one(self, answer: Any, table: FakeTable) -> None:
        status, body = answer(amount="12.34")
        assert (status, body["status"]) == (201, "accepted")
        (put,) = table.puts
        assert put["TableName"] == "value-of-TRANSACTIONS_TABLE"
        assert put["Item"]["amount"] == {"N": "12.34"}


def _named(template: Template, *parts: str) -> str:
    """`transactions-dev-api` for `api`."""
    return "-".join(("transactions", template.outputs["environment_suffix"]["value"], *parts))
