"""Templates with something larger than AWS takes."""

from __future__ import annotations

from lib.evidence.structure import limits as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, copied, first, text_of, validator


def fill(template: Template, kind: str, argument: str = "policy", *, statements: int) -> None:
    """Puts more statements of about 250 bytes into a policy."""
    with text_of(first(template, kind), argument) as document:
        document["Statement"] += [{**document["Statement"][0], "Sid": f"More{number}"} for number in range(statements)]


@breaks(checks.nothing_is_too_large, "bytes, and 10,240 are taken")
def a_role_has_too_much_in_its_policies(template: Template) -> None:
    fill(template, "aws_iam_role_policy", statements=60)


@breaks(checks.nothing_is_too_large, "bytes, and 10,240 are taken")
def two_policies_of_one_role_have_too_much_together(template: Template) -> None:
    fill(template, "aws_iam_role_policy", statements=18)
    policy = first(template, "aws_iam_role_policy")
    by_name = policy["role"].replace(".id}", ".name}")
    copied(template, "aws_iam_role_policy", name="catalog-prod-more", role=by_name)


@breaks(checks.nothing_is_too_large, "assume_role_policy may come to ")
def a_role_is_taken_by_too_many(template: Template) -> None:
    fill(template, "aws_iam_role", "assume_role_policy", statements=30)


@breaks(checks.nothing_is_too_large, "and 20,480 are taken")
def the_policy_of_a_bucket_is_too_large(template: Template) -> None:
    fill(template, "aws_s3_bucket_policy", statements=100)


@breaks(checks.nothing_is_too_large, "and 32,768 are taken")
def the_policy_of_a_key_is_too_large(template: Template) -> None:
    fill(template, "aws_kms_key", statements=300)


@breaks(checks.nothing_is_too_large, "bytes, and 10,240 are taken")
def references_are_longer_than_they_look(template: Template) -> None:
    with text_of(first(template, "aws_iam_role_policy"), "policy") as document:
        document["Statement"][0]["Resource"] = ["${aws_vpc.v.arn}"] * 63


@breaks(checks.nothing_is_too_large, "user_data may come to ", "fleet-prod")
def the_first_boot_is_too_long(template: Template) -> None:
    (name,) = template.document["locals"]
    template.document["locals"][name] += "#" * 10_000


@breaks(checks.nothing_is_too_large, "environment may come to ", "transactions-prod")
def a_function_has_too_many_variables(template: Template) -> None:
    validator(template)["environment"]["variables"]["GREETING"] = "x" * 4096


@breaks(checks.nothing_is_too_large, "container_definitions may come to ")
def a_task_says_too_much(template: Template) -> None:
    with text_of(template.only("aws_ecs_task_definition"), "container_definitions") as containers:
        containers[0]["environment"].append({"name": "GREETING", "value": "x" * 65_536})


@breaks(checks.nothing_is_too_large, "description may come to 256 bytes, and 255 are taken")
def the_description_of_a_group_is_too_long(template: Template) -> None:
    first(template, "aws_security_group")["description"] = "d" * 256


@breaks(checks.nothing_is_too_large, "description is not of the characters that AWS takes")
def a_rule_s_description_has_an_apostrophe(template: Template) -> None:
    first(template, "aws_vpc_security_group_ingress_rule")["description"] = "from the load balancer's group"


@breaks(checks.nothing_is_too_large, "description is not of the characters that AWS takes")
def a_rule_s_description_has_an_arrow(template: Template) -> None:
    first(template, "aws_vpc_security_group_egress_rule")["description"] = "api -> cache"


@breaks(checks.nothing_is_too_large, "description is not of the characters that AWS takes")
def a_role_s_description_has_a_dash_that_iam_does_not_know(template: Template) -> None:
    first(template, "aws_iam_role")["description"] = "Tasks \N{EN DASH} all of them"


@breaks(checks.nothing_is_too_large, "alarm_description may come to 1,025 bytes")
def an_alarm_says_too_much(template: Template) -> None:
    first(template, "aws_cloudwatch_metric_alarm")["alarm_description"] = "d" * 1025


@breaks(checks.nothing_is_too_large, "has 61 rules of egress, and 60 are taken")
def a_group_has_more_rules_than_it_may(template: Template) -> None:
    rules = template.named("aws_vpc_security_group_egress_rule")
    rule = next(iter(rules.values()))
    count = sum(each["security_group_id"] == rule["security_group_id"] for each in rules.values())
    rules.update({f"more{number}": rule for number in range(61 - count)})
