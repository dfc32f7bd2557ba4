"""What the units are given: their key, their subnets, and what the tier says of data that nobody needs any more."""

from __future__ import annotations

import pytest

from tests.blueprints.reading import by_name, container, key
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
        assert template.only("aws_secretsmanager_secret")["recovery_window_in_days"] == secret_days


class TestKeys:
    @pytest.fixture
    def template(self) -> Template:
        return synthesized("lms", "dev")

    def test_are_one_for_each_kind_of_data(self, template: Template) -> None:
        aliases = {each["name"]: each["target_key_id"] for each in template.all("aws_kms_alias")}
        parts = ("cache", "database", "files", "logs", "notifications", "secrets")
        assert aliases.keys() == {f"alias/lms/dev/{part}" for part in parts}
        assert len(set(aliases.values())) == len(template.all("aws_kms_key")) == len(parts)

    def test_let_in_only_the_services_that_come_in_their_own_name(self, template: Template) -> None:
        services = {
            each["tags"]["Name"].rpartition("/")[2]: sorted(
                service
                for service in ("cloudwatch.amazonaws.com", "events.amazonaws.com", "logs.sa-east-1.amazonaws.com")
                if f'"{service}"' in each["policy"]
            )
            for each in template.all("aws_kms_key")
        }
        assert services == {
            "cache": [],
            "database": [],
            "files": [],
            "logs": ["logs.sa-east-1.amazonaws.com"],
            "notifications": ["cloudwatch.amazonaws.com", "events.amazonaws.com"],
            "secrets": [],
        }

    def test_sessions_in_containers_are_under_that_of_the_logs(self, template: Template) -> None:
        sessions = template.only("aws_ecs_cluster")["configuration"]["execute_command_configuration"]
        assert sessions["kms_key_id"] == key(template, "logs")


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
