"""What the units are given: their key, their subnets, and what the tier says of data that nobody needs any more."""

from __future__ import annotations

from typing import ClassVar

import pytest

from tests.blueprints.reading import by_name, container, key, role_statements
from tests.synthesis import synthesized, template_of
from tests.template import Template

CERTIFICATE = "arn:aws:acm:sa-east-1:111122223333:certificate/1"


class TestWayIn:
    def test_ones_own_certificate_is_used_as_it_is(self) -> None:
        template = template_of({"load_balancer": {"certificate_arn": CERTIFICATE}})
        assert template.only("aws_lb_listener", port=443)["certificate_arn"] == CERTIFICATE
        assert template.all("aws_acm_certificate") == template.all("aws_route53_record") == []
        dns_name = template.reference("aws_lb", "dns_name")
        assert template.outputs["url"]["value"] == f"https://{dns_name}"

    def test_a_name_beside_it_is_what_the_url_reads_and_nothing_else(self) -> None:
        template = template_of({"load_balancer": {"certificate_arn": CERTIFICATE, "domain_name": "shop.example"}})
        assert template.outputs["url"]["value"] == "https://shop.example"
        assert template.all("aws_route53_record") == []

    def test_a_name_in_a_zone_gets_a_certificate_and_leads_to_the_load_balancer(self) -> None:
        template = synthesized("catalog", "prod")
        certificate = template.only("aws_acm_certificate")
        assert (certificate["domain_name"], certificate["validation_method"]) == ("catalog.example.com", "DNS")
        record = template.only("aws_route53_record", name="catalog.example.com")
        alias = record["alias"]
        assert alias["name"] == template.reference("aws_lb", "dns_name")
        assert alias["zone_id"] == template.reference("aws_lb", "zone_id")

    def test_access_logs_go_to_the_stacks_own_bucket(self) -> None:
        template = synthesized("catalog", "dev")
        logs = template.only("aws_lb")["access_logs"]
        # By the policy, which must be there first: AWS tries to write before it accepts the bucket.
        assert logs["bucket"] == template.reference("aws_s3_bucket_policy", "bucket")
        assert "logdelivery.elasticloadbalancing.amazonaws.com" in template.only("aws_s3_bucket_policy")["policy"]

    def test_what_was_deleted_of_the_logs_can_be_had_back(self) -> None:
        template = synthesized("catalog", "dev")
        assert template.only("aws_s3_bucket_versioning")["versioning_configuration"] == {"status": "Enabled"}

    def test_the_suffix_is_in_the_domain_where_the_settings_ask_for_it(self) -> None:
        template = template_of(suffix="dev-7", blueprint="transactions")
        names = ["transactions-assets-dev-7.example.com", "transactions-dev-7.example.com"]
        assert sorted(each["domain_name"] for each in template.all("aws_acm_certificate")) == names
        assert sorted(each["name"] for each in template.where("aws_route53_record", type="A")) == names
        assert template.only("aws_lb")["internal"] is False

    def test_an_internal_load_balancer_stands_with_the_tasks(self) -> None:
        template = synthesized("payments", "dev")
        assert template.only("aws_lb")["internal"] is True
        assert template.only("aws_lb")["subnets"] == template.outputs["private_subnet_ids"]["value"]
        assert template.only("aws_apigatewayv2_vpc_link")["subnet_ids"] == template.only("aws_lb")["subnets"]

    def test_the_http_api_speaks_to_the_listener_as_it_listens(self) -> None:
        tls = synthesized("payments", "dev")
        integration = tls.only("aws_apigatewayv2_integration")
        assert integration["integration_uri"] == tls.reference("aws_lb_listener", "arn", port=443)
        assert integration["tls_config"] == {"server_name_to_verify": "payments-dev.example.com"}
        plain = template_of({"http_api": {}})
        integration = plain.only("aws_apigatewayv2_integration")
        assert integration["integration_uri"] == plain.reference("aws_lb_listener", "arn", port=80)
        assert "tls_config" not in integration

    def test_the_firewall_tells_clients_of_the_http_api_apart(self) -> None:
        def limits(template: Template) -> list[str]:
            rules = template.only("aws_wafv2_web_acl")["rule"]
            return [rule["name"] for rule in rules if "rate_based_statement" in rule["statement"]]

        assert limits(synthesized("catalog", "dev")) == ["RequestsPerAddress"]
        assert limits(synthesized("payments", "dev")) == ["RequestsPerApiClient"]
        assert limits(template_of({"http_api": {}})) == ["RequestsPerApiClient", "RequestsPerAddress"]
        ip_set = synthesized("payments", "dev").only("aws_wafv2_ip_set")
        assert ip_set["addresses"] == ["10.0.0.0/16"]


class TestCdn:
    DOMAIN: ClassVar = {"domain_name": "files-{suffix}.example.com", "hosted_zone": "example.com"}

    def test_brings_what_must_be_in_us_east_1(self) -> None:
        template = template_of({"cdn": {"firewall": True, **self.DOMAIN}})
        there = {
            kind
            for kind, named in template.document["resource"].items()
            for block in named.values()
            if block.get("region") == "us-east-1"
        }
        assert {
            "aws_acm_certificate",
            "aws_acm_certificate_validation",
            "aws_cloudwatch_log_group",
            "aws_cloudwatch_metric_alarm",
            "aws_kms_key",
            "aws_sns_topic",
            "aws_wafv2_web_acl",
        } <= there
        names = [each["name"] for each in template.where("aws_kms_alias", region="us-east-1")]
        assert names == ["alias/catalog/dev/edge"]

    def test_needs_no_second_key_and_topic_in_us_east_1_itself(self) -> None:
        template = template_of({"cdn": {"firewall": True}}, aws_region="us-east-1")
        assert len(template.all("aws_sns_topic")) == 1
        assert not [each for each in template.all("aws_kms_alias") if each["name"].endswith("/edge")]
        group = template.only("aws_cloudwatch_log_group", name="aws-waf-logs-catalog-dev-cdn")
        assert group["kms_key_id"] == key(template, "logs")

    def test_is_reached_by_its_domain(self) -> None:
        template = template_of({"cdn": self.DOMAIN})
        distribution = template.only("aws_cloudfront_distribution")
        assert distribution["aliases"] == ["files-dev.example.com"]
        records = {each["type"]: each for each in template.all("aws_route53_record") if "alias" in each}
        assert records.keys() == {"A", "AAAA"}
        assert {each["name"] for each in records.values()} == {"files-dev.example.com"}
        certificate = template.only("aws_acm_certificate")
        assert (certificate["domain_name"], certificate["region"]) == ("files-dev.example.com", "us-east-1")
        assert template.outputs["cdn_url"]["value"] == "https://files-dev.example.com"

    def test_takes_ones_own_certificate(self) -> None:
        arn = "arn:aws:acm:us-east-1:111122223333:certificate/1"
        template = template_of({"cdn": {"domain_name": "files.io", "certificate_arn": arn}})
        assert template.only("aws_cloudfront_distribution")["viewer_certificate"]["acm_certificate_arn"] == arn
        assert template.all("aws_acm_certificate") == template.all("aws_route53_record") == []

    def test_has_a_firewall_only_where_there_is_one_to_copy(self) -> None:
        for overrides, scopes in (
            ({"cdn": {"firewall": True}}, {"REGIONAL", "CLOUDFRONT"}),
            ({"cdn": {"firewall": False}}, {"REGIONAL"}),
            ({"cdn": {"firewall": True}, "firewall": False}, set()),
        ):
            template = template_of(overrides)
            assert {each["scope"] for each in template.all("aws_wafv2_web_acl")} == scopes
            has_one = "web_acl_id" in template.only("aws_cloudfront_distribution")
            assert has_one is ("CLOUDFRONT" in scopes)

    def test_assets_are_kept_as_the_settings_say(self) -> None:
        template = template_of({"cdn": {"old_version_days": 9}})
        (rule,) = template.only(
            "aws_s3_bucket_lifecycle_configuration",
            bucket=template.reference("aws_s3_bucket", "id", bucket=_bucket(template, "assets")),
        )["rule"]
        assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 9}]


def _bucket(template: Template, part: str) -> str:
    (name,) = [each["bucket"] for each in template.all("aws_s3_bucket") if f"-{part}-" in each["bucket"]]
    return str(name)


class TestEndOfData:
    @pytest.mark.parametrize(
        ("tier", "keeps", "key_days", "secret_days"),
        [("dev", False, 7, 0), ("staging", False, 7, 7), ("prod", True, 30, 30)],
    )
    def test_is_as_the_tier_says(self, tier: str, keeps: bool, key_days: int, secret_days: int) -> None:
        template = synthesized("lms", tier)
        database = template.only("aws_db_instance")
        assert database["deletion_protection"] is keeps
        assert database["skip_final_snapshot"] is not keeps
        assert ("final_snapshot_identifier" in database) is keeps
        assert ("final_snapshot_identifier" in template.only("aws_elasticache_replication_group")) is keeps
        assert template.only("aws_lb")["enable_deletion_protection"] is keeps
        assert template.only("aws_s3_bucket")["force_destroy"] is not keeps
        assert {each["deletion_window_in_days"] for each in template.all("aws_kms_key")} == {key_days}
        secrets = template.all("aws_secretsmanager_secret")
        assert [each["recovery_window_in_days"] for each in secrets] == [secret_days] * 2

    @pytest.mark.parametrize(("tier", "keeps"), [("dev", False), ("staging", False), ("prod", True)])
    def test_is_so_for_clusters_tables_and_buckets_too(self, tier: str, keeps: bool) -> None:
        template = synthesized("transactions", tier)
        cluster = template.only("aws_rds_cluster")
        assert cluster["deletion_protection"] is keeps
        assert cluster["skip_final_snapshot"] is not keeps
        assert template.only("aws_dynamodb_table")["deletion_protection_enabled"] is keeps
        assert {each["force_destroy"] for each in template.all("aws_s3_bucket")} == {not keeps}
        assert {each["deletion_window_in_days"] for each in template.all("aws_kms_key")} == {30 if keeps else 7}


class TestRotation:
    """Of the database's password."""

    @pytest.mark.parametrize(
        "settings",
        [{"database": False}, {"services": {"api": {"connects_to": ["cache"]}}}],
        ids=["no database", "no user"],
    )
    def test_is_not_there_where_nobody_signs_in(self, settings: dict[str, object]) -> None:
        template = template_of(settings)
        for kind in ("aws_lambda_function", "aws_secretsmanager_secret_rotation", "aws_lambda_invocation"):
            assert template.all(kind) == []
        assert not [each for each in template.all("aws_kms_alias") if each["name"].endswith("/functions")]
        assert "database_secret_arn" not in template.outputs

    def test_the_masters_secret_is_told_of_all_the_same(self) -> None:
        template = template_of({"services": {"api": {"connects_to": ["cache"]}}})
        master = template.reference("aws_db_instance", "master_user_secret[0].secret_arn")
        assert template.outputs["database_master_secret_arn"]["value"] == master

    def test_replaces_the_tasks_of_those_who_sign_in_and_of_no_other(self) -> None:
        services = {"api": {}, "admin": {"paths": ["/admin"], "connects_to": ["cache"]}}
        template = template_of({"services": services, "fleets": {"web": {"paths": ["/web"]}}})
        variables = template.only("aws_lambda_function")["environment"]["variables"]
        assert (variables["CLUSTER"], variables["SERVICES"]) == ("catalog-dev-cluster", "catalog-dev-api")
        names = {each["name"] for each in template.all("aws_ecs_service")}
        assert names == {"catalog-dev-api", "catalog-dev-admin"}
        assert [each["name"] for each in template.all("aws_ecs_cluster")] == ["catalog-dev-cluster"]

    def test_is_as_often_as_the_settings_say_and_its_log_kept_like_the_databases(self) -> None:
        template = template_of({"database": {"password_rotation_days": 7, "log_retention_days": 60}})
        rotation = template.only("aws_secretsmanager_secret_rotation")
        assert rotation["rotation_rules"] == {"automatically_after_days": 7}
        log = template.only("aws_cloudwatch_log_group", name="/catalog/dev/rotation/application")
        assert log["retention_in_days"] == 60

    @pytest.mark.parametrize("blueprint", ["fleet", "payments"])
    def test_is_of_either_kind_of_database_with_a_way_out(self, blueprint: str) -> None:
        template = synthesized(blueprint, "dev")
        place = template.only("aws_lambda_function")["vpc_config"]
        assert place["subnet_ids"] == template.outputs["private_subnet_ids"]["value"]

    def test_of_aurora_waits_for_the_writer_and_is_prepared_for_each_cluster(self) -> None:
        template = synthesized("payments", "dev")
        triggers = template.only("aws_lambda_invocation")["triggers"]
        assert triggers["database"] == template.reference("aws_rds_cluster", "cluster_resource_id")
        host = template.only("aws_lambda_function")["environment"]["variables"]["DATABASE_HOST"]
        assert host == template.outputs["database_address"]["value"]


SERVICES = (
    "cloudwatch.amazonaws.com",
    "events.amazonaws.com",
    "lambda.amazonaws.com",
    "logs.sa-east-1.amazonaws.com",
)
"""Those that come to a key in their own name."""


class TestKeys:
    @pytest.fixture
    def template(self) -> Template:
        return synthesized("lms", "dev")

    def test_are_one_for_each_kind_of_data(self, template: Template) -> None:
        aliases = {each["name"]: each["target_key_id"] for each in template.all("aws_kms_alias")}
        parts = ("cache", "database", "files", "functions", "logs", "notifications", "secrets")
        assert aliases.keys() == {f"alias/lms/dev/{part}" for part in parts}
        assert len(set(aliases.values())) == len(template.all("aws_kms_key")) == len(parts)

    def test_let_in_only_the_services_that_come_in_their_own_name(self, template: Template) -> None:
        services = {
            each["tags"]["Name"].rpartition("/")[2]: sorted(
                service for service in SERVICES if f'"{service}"' in each["policy"]
            )
            for each in template.all("aws_kms_key")
        }
        assert services == {
            "cache": [],
            "database": [],
            "files": [],
            "functions": ["lambda.amazonaws.com"],
            "logs": ["logs.sa-east-1.amazonaws.com"],
            "notifications": ["cloudwatch.amazonaws.com", "events.amazonaws.com"],
            "secrets": [],
        }

    def test_sessions_in_containers_are_under_that_of_the_logs(self, template: Template) -> None:
        sessions = template.only("aws_ecs_cluster")["configuration"]["execute_command_configuration"]
        assert sessions["kms_key_id"] == key(template, "logs")

    @pytest.mark.parametrize(
        ("blueprint", "parts"),
        [
            ("catalog", {"cache", "database", "files", "functions", "logs", "notifications", "secrets"}),
            ("fleet", {"buckets", "database", "disks", "functions", "logs", "notifications"}),
            ("payments", {"cache", "database", "files", "functions", "logs", "notifications", "secrets"}),
            (
                "transactions",
                {"assets", "cache", "database", "edge", "functions", "logs", "notifications", "secrets"} | {"tables"},
            ),
        ],
    )
    def test_are_those_that_the_blueprint_has_data_for(self, blueprint: str, parts: set[str]) -> None:
        aliases = {each["name"] for each in synthesized(blueprint, "dev").all("aws_kms_alias")}
        assert aliases == {f"alias/{blueprint}/dev/{part}" for part in parts}


class TestUsers:
    """Buckets and tables are for those that name them."""

    OVERRIDES: ClassVar = {
        "services": {"api": {"buckets": ["data"]}, "admin": {"paths": ["/admin/*"]}},
        "fleets": {"web": {"paths": ["/web/*"], "tables": ["orders"], "buckets": ["assets"]}},
        "functions": {"sum": {"source": "lib/functions/transactions", "tables": ["orders"], "buckets": ["data"]}},
        "buckets": {"data": {}},
        "tables": {"orders": {}},
        "cdn": {},
    }

    @pytest.fixture(scope="class")
    @classmethod
    def template(cls) -> Template:
        return template_of(cls.OVERRIDES)

    def test_services_get_the_name_of_a_bucket_and_may_use_it(self, template: Template) -> None:
        variables = by_name(container(template, "api")["environment"])
        bucket = template.reference("aws_s3_bucket", "id", bucket=_bucket(template, "data"))
        assert variables["DATA_BUCKET"] == template.reference("aws_s3_bucket_policy", "bucket", bucket=bucket)
        assert {"ListDataBucket", "UseDataBucket", "UseDataBucketKey"} <= role_statements(template, "api-task").keys()
        assert not [name for name in by_name(container(template, "admin")["environment"]) if name.endswith("_BUCKET")]

    def test_fleets_may_use_theirs(self, template: Template) -> None:
        (script,) = template.document["locals"].values()
        assert 'ORDERS_TABLE="' in script
        assert 'ASSETS_BUCKET="' in script
        assert "DATA_BUCKET" not in script

    def test_functions_may_use_theirs_and_know_no_store_of_the_vpc(self, template: Template) -> None:
        (name,) = template.outputs["function_names"]["value"].values()
        variables = template.only("aws_lambda_function", function_name=name)["environment"]["variables"]
        assert {"ORDERS_TABLE", "DATA_BUCKET", "SERVICE_NAME"} == variables.keys()

    def test_a_function_is_behind_the_load_balancer_only_if_it_asks_for_requests(self, template: Template) -> None:
        assert template.where("aws_lb_target_group", target_type="lambda") == []
        routed = synthesized("transactions", "dev")
        group = routed.reference("aws_lb_target_group", "arn", target_type="lambda")
        attachment = routed.only("aws_lb_target_group_attachment")
        assert attachment["target_group_arn"] == group
        paths = [each["condition"] for each in routed.all("aws_lb_listener_rule")]
        assert [{"path_pattern": {"values": ["/transactions", "/transactions/*"]}}] in paths


class TestServices:
    def test_a_secret_may_be_one_key_of_a_json_text(self) -> None:
        template = template_of(
            {
                "services": {"api": {"secrets": {"WHOLE": "smtp", "USER": "smtp:user"}}},
                "secrets": {"smtp": {"description": "mail"}},
            }
        )
        injected = by_name(container(template, "api")["secrets"], "valueFrom")
        arn = template.reference("aws_secretsmanager_secret", "arn", name="catalog/dev/smtp")
        assert (injected["WHOLE"], injected["USER"]) == (arn, f"{arn}:user::")

    def test_stores_that_are_not_named_stay_unknown(self) -> None:
        template = template_of({"services": {"api": {"connects_to": ["database"]}}})
        variables = by_name(container(template, "api")["environment"])
        assert "DATABASE_HOST" in variables
        assert not [name for name in variables if name.startswith("CACHE_")]
