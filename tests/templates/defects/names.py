"""Templates with names that AWS does not take or environments share."""

from __future__ import annotations

from lib.evidence.structure import names as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, copied, first


@breaks(checks.names_carry_the_suffix, "'catalog-alb' does not carry the suffix prod")
def a_name_is_the_same_in_every_environment(template: Template) -> None:
    template.only("aws_lb")["name"] = "catalog-alb"


@breaks(checks.names_carry_the_suffix, "does not carry the suffix prod")
def a_name_only_looks_like_its_environment(template: Template) -> None:
    template.only("aws_lb")["name"] = "catalog-production-alb"


@breaks(checks.names_are_taken, "is longer than 32")
def a_name_is_too_long(template: Template) -> None:
    template.only("aws_lb_target_group")["name"] = "catalog-prod-api-with-a-long-name"


@breaks(checks.names_are_taken, "is longer than 63")
def a_name_is_too_long_once_the_account_is_in_it(template: Template) -> None:
    template.only("aws_s3_bucket")["bucket"] = template.only("aws_s3_bucket")["bucket"].replace(
        "-logs-", f"-{'l' * 31}-"
    )


@breaks(checks.names_carry_the_suffix, "of a length that nobody knows")
def a_name_hangs_on_another_resource(template: Template) -> None:
    (vpc,) = template.named("aws_vpc")
    template.only("aws_lb")["name"] = f"catalog-prod-${{aws_vpc.{vpc}.id}}"


@breaks(checks.names_are_taken, "is not of the characters")
def a_name_has_two_hyphens(template: Template) -> None:
    template.only("aws_db_instance")["identifier"] = "catalog-prod--database"


@breaks(checks.names_are_taken, "is not of the characters")
def a_bucket_has_capitals(template: Template) -> None:
    template.only("aws_s3_bucket")["bucket"] = "Catalog-prod-logs"


@breaks(checks.names_carry_the_suffix, "has no name, and AWS or Terraform would invent one")
def a_name_is_left_to_terraform(template: Template) -> None:
    del first(template, "aws_iam_role")["name"]


@breaks(checks.names_are_taken, "2 of aws_cloudwatch_log_group are called")
def two_things_have_one_name(template: Template) -> None:
    copied(template, "aws_cloudwatch_log_group")


@breaks(checks.names_carry_the_suffix, "does not say how its kind is named")
def a_kind_is_new(template: Template) -> None:
    template.document["resource"]["aws_kinesis_stream"] = {"stream": {"name": "catalog-prod-stream"}}


@breaks(checks.names_are_taken, "'catalog_dev.table!' is not of the characters", "everything")
def a_table_has_an_exclamation_mark(template: Template) -> None:
    template.only("aws_dynamodb_table")["name"] = "catalog_dev.table!"


@breaks(checks.names_carry_the_suffix, "name '$default' does not carry the suffix", "payments-prod")
def a_stage_is_the_same_in_every_environment(template: Template) -> None:
    template.only("aws_apigatewayv2_stage")["name"] = "$default"


@breaks(checks.everything_goes_by_a_name, "has neither a name nor the tag Name")
def a_nat_gateway_has_no_name(template: Template) -> None:
    del first(template, "aws_nat_gateway")["tags"]


@breaks(checks.everything_goes_by_a_name, "has neither a name nor the tag Name")
def a_certificate_has_no_name_among_its_tags(template: Template) -> None:
    template.only("aws_acm_certificate")["tags"] = {"Team": "catalog"}


@breaks(checks.everything_goes_by_a_name, "'catalog-vpc' does not carry the suffix")
def a_tag_is_the_same_in_every_environment(template: Template) -> None:
    template.only("aws_vpc")["tags"]["Name"] = "catalog-vpc"


@breaks(checks.everything_goes_by_a_name, "is too long")
def a_tag_is_too_long(template: Template) -> None:
    template.only("aws_vpc")["tags"]["Name"] = "catalog-prod-" + "v" * 250
