"""Cdn: each test says what would be open, slow, unseen or not deployed if it failed."""

from __future__ import annotations

from typing import Any

import pytest
from constructs import Construct

from lib.components.account import Account
from lib.components.bucket import Bucket
from lib.components.cdn import Cdn
from lib.naming import Names
from lib.settings import data
from lib.settings.edge import Cdn as Settings
from tests.template import Block, Template, statements
from tests.unit.components.exposed import expose, exposed

KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"
NAME = "shop-dev-1-cdn"
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/c"
WEB_ACL = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/shop-dev-1-cdn/1"
DAY = 86_400
KNOWN_FIELDS = {
    *("date", "time", "c-ip", "c-port", "x-forwarded-for", "time-taken", "time-to-first-byte"),
    *("ssl-protocol", "ssl-cipher", "fle-status", "fle-encrypted-fields", "x-host-header"),
    *("cs-method", "cs-protocol", "cs-protocol-version", "cs-bytes", "cs-uri-stem", "cs-uri-query"),
    *("cs(Host)", "cs(Referer)", "cs(User-Agent)", "cs(Cookie)"),
    *("sc-status", "sc-bytes", "sc-content-type", "sc-content-len", "sc-range-start", "sc-range-end"),
    *("x-edge-location", "x-edge-request-id", "x-edge-result-type", "x-edge-response-result-type"),
    "x-edge-detailed-result-type",
}


def build(
    settings: Settings | None = None,
    *,
    domain_name: str | None = None,
    certificate_arn: str | None = None,
    web_acl_arn: str | None = None,
) -> Template:
    def component(scope: Construct) -> None:
        account = Account(scope, "account", region="eu-west-1")

        def bucket(part: str, key_arn: str | None) -> Bucket:
            return Bucket(
                scope,
                f"{part}_bucket",
                names=Names("shop", "dev-1"),
                part=part,
                settings=data.Bucket(),
                account=account,
                keep_data=False,
                key_arn=key_arn,
            )

        cdn = Cdn(
            scope,
            "cdn",
            names=Names("shop", "dev-1"),
            settings=settings or Settings(),
            account=account,
            assets=bucket("assets", KEY),
            log_bucket=bucket("logs", None),
            domain_name=domain_name,
            certificate_arn=certificate_arn,
            web_acl_arn=web_acl_arn,
        )
        expose(
            scope,
            distribution_id=cdn.distribution_id,
            arn=cdn.arn,
            domain_name=cdn.domain_name,
            hosted_zone_id=cdn.hosted_zone_id,
            url=cdn.url,
            alarms=cdn.alarms(),
        )

    return Template.of_components(component)


@pytest.fixture(scope="module")
def template() -> Template:
    """Without a domain, under other settings than the defaults."""
    return build(Settings(price_class="PriceClass_200", default_object="home.html", alarm_5xx_percent=7))


@pytest.fixture(scope="module")
def distribution(template: Template) -> Block:
    return template.only("aws_cloudfront_distribution")


@pytest.fixture(scope="module")
def with_domain() -> Template:
    return build(domain_name="assets.example.com", certificate_arn=CERTIFICATE, web_acl_arn=WEB_ACL)


def of_bucket(template: Template, part: str, kind: str = "aws_s3_bucket") -> str:
    """The address of a bucket, or of its policy."""
    (name,) = [name for name in template.named(kind) if name.startswith(f"{part}_bucket_")]
    return f"{kind}.{name}"


def bucket_policy(template: Template, part: str) -> dict[str, Block]:
    name = of_bucket(template, part, "aws_s3_bucket_policy").partition(".")[2]
    policy = template.named("aws_s3_bucket_policy")[name]["policy"]
    return {statement["Sid"]: statement for statement in statements(policy)}


def headers(template: Template, part: str) -> Block:
    return dict(template.only("aws_cloudfront_response_headers_policy")[part])


class TestDistribution:
    def test_is_on_and_known_by_the_environments_name(self, distribution: Block) -> None:
        assert distribution["enabled"] is True
        assert distribution["comment"] == NAME
        assert distribution["tags"] == {"Name": NAME}

    def test_speaks_all_versions_of_http_and_ip(self, distribution: Block) -> None:
        assert distribution["http_version"] == "http2and3"
        assert distribution["is_ipv6_enabled"] is True

    def test_price_and_default_object_are_those_of_the_settings(self, distribution: Block) -> None:
        assert distribution["price_class"] == "PriceClass_200"
        assert distribution["default_root_object"] == "home.html"

    def test_answers_in_all_countries(self, distribution: Block) -> None:
        assert distribution["restrictions"] == {"geo_restriction": {"restriction_type": "none"}}

    def test_serves_reading_requests_from_a_cache_compressed_and_over_tls_only(
        self, template: Template, distribution: Block
    ) -> None:
        assert distribution["default_cache_behavior"] == {
            "target_origin_id": "assets",
            "viewer_protocol_policy": "redirect-to-https",
            "allowed_methods": ["GET", "HEAD", "OPTIONS"],
            "cached_methods": ["GET", "HEAD", "OPTIONS"],
            "compress": True,
            # CachingOptimized and CORS-S3Origin
            "cache_policy_id": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            "origin_request_policy_id": "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
            "response_headers_policy_id": template.reference("aws_cloudfront_response_headers_policy", "id"),
        }

    def test_without_a_domain_it_has_cloudfronts_name_and_certificate(self, distribution: Block) -> None:
        assert distribution["viewer_certificate"] == {"cloudfront_default_certificate": True}
        assert "aliases" not in distribution

    def test_with_a_domain_it_has_that_name_and_tls_1_2_at_least(self, with_domain: Template) -> None:
        distribution = with_domain.only("aws_cloudfront_distribution")
        assert distribution["aliases"] == ["assets.example.com"]
        assert distribution["viewer_certificate"] == {
            "acm_certificate_arn": CERTIFICATE,
            "ssl_support_method": "sni-only",
            "minimum_protocol_version": "TLSv1.2_2021",
        }

    def test_a_firewall_stands_before_it_where_there_is_one(self, distribution: Block, with_domain: Template) -> None:
        assert with_domain.only("aws_cloudfront_distribution")["web_acl_id"] == WEB_ACL
        assert "web_acl_id" not in distribution

    def test_logs_nothing_the_old_way_which_needs_access_lists(self, distribution: Block) -> None:
        assert "logging_config" not in distribution


class TestBucket:
    def test_is_the_only_origin_by_its_regional_name(self, template: Template, distribution: Block) -> None:
        assert distribution["origin"] == [
            {
                "origin_id": "assets",
                "domain_name": f"${{{of_bucket(template, 'assets')}.bucket_regional_domain_name}}",
                "origin_access_control_id": template.reference("aws_cloudfront_origin_access_control", "id"),
            }
        ]

    def test_every_request_to_it_is_signed(self, template: Template) -> None:
        assert template.only("aws_cloudfront_origin_access_control") == {
            "name": NAME,
            "description": "The CDN reads its bucket",
            "origin_access_control_origin_type": "s3",
            "signing_behavior": "always",
            "signing_protocol": "sigv4",
        }

    def test_this_distribution_alone_reads_its_objects(self, template: Template) -> None:
        assert bucket_policy(template, "assets")["CdnReads"] == {
            "Sid": "CdnReads",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": ["s3:GetObject"],
            "Resource": [f"${{{of_bucket(template, 'assets')}.arn}}/*"],
            "Condition": {"StringEquals": {"aws:SourceArn": template.reference("aws_cloudfront_distribution", "arn")}},
        }

    def test_a_missing_object_is_a_404_because_this_distribution_may_list(self, template: Template) -> None:
        assert bucket_policy(template, "assets")["CdnFindsOut"] == {
            "Sid": "CdnFindsOut",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": ["s3:ListBucket"],
            "Resource": [f"${{{of_bucket(template, 'assets')}.arn}}"],
            "Condition": {"StringEquals": {"aws:SourceArn": template.reference("aws_cloudfront_distribution", "arn")}},
        }

    def test_no_error_is_made_up(self, distribution: Block) -> None:
        assert "custom_error_response" not in distribution

    def test_nobody_else_is_let_in(self, template: Template) -> None:
        assert list(bucket_policy(template, "assets")) == ["OnlyTls", "CdnReads", "CdnFindsOut"]

    def test_distribution_does_not_wait_for_the_policy_that_waits_for_it(
        self, template: Template, distribution: Block
    ) -> None:
        assert of_bucket(template, "assets", "aws_s3_bucket_policy") not in str(distribution)

    def test_answers_a_browser_that_asks_whether_it_may(self, template: Template) -> None:
        assert template.only("aws_s3_bucket_cors_configuration") == {
            "bucket": f"${{{of_bucket(template, 'assets', 'aws_s3_bucket_policy')}.bucket}}",
            "cors_rule": [
                {
                    "allowed_origins": ["*"],
                    "allowed_methods": ["GET", "HEAD"],
                    "allowed_headers": ["*"],
                    "max_age_seconds": DAY,
                }
            ],
        }


class TestResponseHeaders:
    def test_go_by_the_environments_name(self, template: Template) -> None:
        policy = template.only("aws_cloudfront_response_headers_policy")
        assert (policy["name"], policy["comment"]) == (NAME, "Security, and use by pages of any origin")

    def test_make_browsers_careful(self, template: Template) -> None:
        assert headers(template, "security_headers_config") == {
            "strict_transport_security": {"access_control_max_age_sec": 365 * DAY, "override": True},
            "content_type_options": {"override": True},
            "frame_options": {"frame_option": "DENY", "override": True},
            "referrer_policy": {"referrer_policy": "strict-origin-when-cross-origin", "override": True},
        }

    def test_let_pages_of_any_origin_use_the_assets_without_credentials(self, template: Template) -> None:
        assert headers(template, "cors_config") == {
            "access_control_allow_origins": {"items": ["*"]},
            "access_control_allow_headers": {"items": ["*"]},
            "access_control_allow_methods": {"items": ["GET", "HEAD", "OPTIONS"]},
            "access_control_allow_credentials": False,
            "access_control_max_age_sec": DAY,
            "origin_override": True,
        }


class TestAccessLog:
    @pytest.mark.parametrize("part", ["", "_source", "_destination"])
    def test_is_set_up_where_cloudfront_is(self, template: Template, part: str) -> None:
        assert template.only(f"aws_cloudwatch_log_delivery{part}")["region"] == "us-east-1"

    def test_is_that_of_the_distribution(self, template: Template) -> None:
        source = template.only("aws_cloudwatch_log_delivery_source")
        assert (source["name"], source["log_type"]) == ("shop-dev-1-cdn-source", "ACCESS_LOGS")
        assert source["resource_arn"] == template.reference("aws_cloudfront_distribution", "arn")

    def test_goes_to_its_place_in_the_log_bucket_once_the_policy_is_in_force(self, template: Template) -> None:
        (partition,) = template.document["data"]["aws_partition"]
        policy = of_bucket(template, "logs", "aws_s3_bucket_policy")
        destination = template.only("aws_cloudwatch_log_delivery_destination")
        assert (destination["name"], destination["output_format"]) == ("shop-dev-1-cdn-destination", "json")
        assert destination["delivery_destination_configuration"] == [
            {
                "destination_resource_arn": (
                    f"arn:${{data.aws_partition.{partition}.partition}}:s3:::${{{policy}.bucket}}/cdn"
                )
            }
        ]

    def test_lies_by_distribution_and_day(self, template: Template) -> None:
        delivery = template.only("aws_cloudwatch_log_delivery")
        assert delivery["s3_delivery_configuration"] == [
            {"suffix_path": "{DistributionId}/{yyyy}/{MM}/{dd}", "enable_hive_compatible_path": False}
        ]

    def test_connects_source_and_destination(self, template: Template) -> None:
        delivery = template.only("aws_cloudwatch_log_delivery")
        assert delivery["delivery_source_name"] == template.reference("aws_cloudwatch_log_delivery_source", "name")
        destination = template.reference("aws_cloudwatch_log_delivery_destination", "arn")
        assert delivery["delivery_destination_arn"] == destination
        assert delivery["tags"] == {"Name": "shop-dev-1-cdn-delivery"}

    def test_tells_who_asked_for_what_and_how_it_was_answered(self, template: Template) -> None:
        fields = template.only("aws_cloudwatch_log_delivery")["record_fields"]
        assert {"date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status", "x-edge-request-id"} <= set(fields)
        assert "x-edge-detailed-result-type" in fields

    def test_holds_no_cookies(self, template: Template) -> None:
        assert not any(
            "cookie" in each.lower() for each in template.only("aws_cloudwatch_log_delivery")["record_fields"]
        )

    def test_fields_are_names_that_cloudfront_knows_and_there_once(self, template: Template) -> None:
        """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html"""
        fields = template.only("aws_cloudwatch_log_delivery")["record_fields"]
        assert set(fields) <= KNOWN_FIELDS
        assert len(set(fields)) == len(fields)

    def test_log_bucket_takes_it_from_this_source_alone(self, template: Template) -> None:
        (caller,) = template.document["data"]["aws_caller_identity"]
        (partition,) = template.document["data"]["aws_partition"]
        account_id = f"${{data.aws_caller_identity.{caller}.account_id}}"
        source = (
            f"arn:${{data.aws_partition.{partition}.partition}}:logs:us-east-1:{account_id}"
            ":delivery-source:shop-dev-1-cdn-source"
        )
        assert bucket_policy(template, "logs")["CdnLogs"] == {
            "Sid": "CdnLogs",
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": [f"${{{of_bucket(template, 'logs')}.arn}}/cdn/*"],
            "Condition": {
                "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": source},
            },
        }
        assert list(bucket_policy(template, "logs")) == ["OnlyTls", "CdnLogs"]


def test_exposes_what_others_wire_to(template: Template) -> None:
    for name, attribute in {
        "distribution_id": "id",
        "arn": "arn",
        "domain_name": "domain_name",
        "hosted_zone_id": "hosted_zone_id",
    }.items():
        assert exposed(template, name) == template.reference("aws_cloudfront_distribution", attribute)


def test_url_is_that_of_the_domain_or_cloudfronts(template: Template, with_domain: Template) -> None:
    assert exposed(with_domain, "url") == "https://assets.example.com"
    own = template.reference("aws_cloudfront_distribution", "domain_name")
    assert exposed(template, "url") == f"https://{own}"


def test_alarm_on_a_share_of_5xx_answers_is_where_cloudfront_reports_them(template: Template) -> None:
    (alarm,) = exposed(template, "alarms")
    why: Any = alarm.pop("why")
    assert alarm == {
        "unit": "cdn",
        "role": "5xx",
        "region": "us-east-1",
        "namespace": "AWS/CloudFront",
        "metric": "5xxErrorRate",
        "statistic": "Average",
        "comparison": "GreaterThanThreshold",
        "threshold": 7,
        "dimensions": {
            "DistributionId": template.reference("aws_cloudfront_distribution", "id"),
            "Region": "Global",
        },
        "period_seconds": 300,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 2,
    }
    assert "7 %" in why


def test_addresses_in_the_state_are_a_promise(template: Template) -> None:
    names = {
        name.rpartition("_")[0]
        for kind in template.document["resource"]
        for name in template.named(kind)
        if name.startswith("cdn_")
    }
    assert names == {
        "cdn_cors",
        "cdn_distribution",
        "cdn_log_delivery",
        "cdn_log_destination",
        "cdn_log_source",
        "cdn_origin_access",
        "cdn_response_headers",
    }
