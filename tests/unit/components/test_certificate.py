"""Certificate and AliasRecord: each test says what would break in AWS if it failed."""

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components.certificate import AliasRecord, Certificate
from lib.naming import Names
from tests.template import Template


def build(scope: Construct) -> Certificate:
    return Certificate(
        scope,
        "certificate",
        names=Names("shop", "dev-001"),
        domain_name="shop.example.com",
        hosted_zone="example.com",
    )


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.of_components(build)


@pytest.fixture(scope="module")
def edge() -> Template:
    """As CloudFront needs it."""
    return Template.of_components(
        lambda scope: Certificate(
            scope,
            "certificate",
            names=Names("shop", "dev-001"),
            domain_name="assets.example.com",
            hosted_zone="example.com",
            part="cdn",
            region="us-east-1",
        )
    )


@pytest.fixture(scope="module")
def alias() -> Template:
    return Template.of_components(
        lambda scope: AliasRecord(
            scope,
            "alias",
            hosted_zone="example.com",
            domain_name="shop.example.com",
            target_dns_name="alb.example.net",
            target_zone_id="Z-ALB",
        )
    )


def zone_id(template: Template) -> str:
    (zone,) = template.document["data"]["aws_route53_zone"]
    return f"${{data.aws_route53_zone.{zone}.zone_id}}"


def test_certificate_is_for_the_domain_and_validated_by_dns(template: Template) -> None:
    certificate = template.only("aws_acm_certificate")
    assert certificate["domain_name"] == "shop.example.com"
    assert certificate["validation_method"] == "DNS"
    assert certificate["tags"] == {"Name": "shop-dev-001-alb"}


def test_is_in_the_stacks_region_unless_told_otherwise(template: Template) -> None:
    assert "region" not in template.only("aws_acm_certificate")
    assert "region" not in template.only("aws_acm_certificate_validation")


def test_may_be_in_another_region_for_something_else(edge: Template) -> None:
    certificate = edge.only("aws_acm_certificate")
    assert (certificate["region"], certificate["tags"]) == ("us-east-1", {"Name": "shop-dev-001-cdn"})
    assert certificate["domain_name"] == "assets.example.com"
    assert edge.only("aws_acm_certificate_validation")["region"] == "us-east-1"


def test_a_new_certificate_is_there_before_the_old_one_goes(template: Template) -> None:
    assert template.only("aws_acm_certificate")["lifecycle"] == {"create_before_destroy": True}


def test_hosted_zone_is_the_public_one_of_that_name(template: Template) -> None:
    assert template.data("aws_route53_zone") == [{"name": "example.com", "private_zone": False}]


def test_validation_record_is_what_acm_asks_for(template: Template) -> None:
    (certificate,) = template.named("aws_acm_certificate")
    option = f"tolist(aws_acm_certificate.{certificate}.domain_validation_options).0"
    assert template.only("aws_route53_record") == {
        "zone_id": zone_id(template),
        "name": f"${{{option}.resource_record_name}}",
        "type": f"${{{option}.resource_record_type}}",
        "records": [f"${{{option}.resource_record_value}}"],
        "ttl": 60,
        "allow_overwrite": True,
    }


def test_validation_waits_for_the_record(template: Template) -> None:
    assert template.only("aws_acm_certificate_validation") == {
        "certificate_arn": template.reference("aws_acm_certificate", "arn"),
        "validation_record_fqdns": [template.reference("aws_route53_record", "fqdn")],
    }


def test_who_uses_the_certificate_waits_until_it_is_issued() -> None:
    template = Template.of_components(lambda scope: TerraformOutput(scope, "arn", value=build(scope).arn))
    assert template.outputs["arn"]["value"] == template.reference("aws_acm_certificate_validation", "certificate_arn")


def test_alias_leads_the_domain_to_the_load_balancer(alias: Template) -> None:
    assert alias.only("aws_route53_record") == {
        "zone_id": zone_id(alias),
        "name": "shop.example.com",
        "type": "A",
        "alias": {"name": "alb.example.net", "zone_id": "Z-ALB", "evaluate_target_health": False},
    }


def test_alias_of_what_answers_ipv6_has_a_record_for_it_too() -> None:
    template = Template.of_components(
        lambda scope: AliasRecord(
            scope,
            "alias",
            hosted_zone="example.com",
            domain_name="assets.example.com",
            target_dns_name="d111.cloudfront.net",
            target_zone_id="Z-CDN",
            ipv6=True,
        )
    )
    same = {
        "zone_id": zone_id(template),
        "name": "assets.example.com",
        "alias": {"name": "d111.cloudfront.net", "zone_id": "Z-CDN", "evaluate_target_health": False},
    }
    assert template.only("aws_route53_record", type="A") == {"type": "A", **same}
    assert template.only("aws_route53_record", type="AAAA") == {"type": "AAAA", **same}
    assert len(template.all("aws_route53_record")) == 2


def test_alias_looks_up_the_public_zone(alias: Template) -> None:
    assert alias.data("aws_route53_zone") == [{"name": "example.com", "private_zone": False}]
