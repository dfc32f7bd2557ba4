"""Account: names of things in the account that Terraform is signed in to."""

from __future__ import annotations

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components.account import Account
from tests.template import Template


@pytest.fixture(scope="module")
def template() -> Template:
    def build(scope: Construct) -> None:
        account = Account(scope, "account", region="eu-west-1")
        for name, value in {
            "id": account.id,
            "region": account.region,
            "partition": account.partition,
            "root": account.root_arn,
            "topic": account.arn("sns", "alarms"),
            "elsewhere": account.arn("sns", "alarms", region="us-east-1"),
            "global": account.arn("cloudfront", "distribution/*", region=""),
        }.items():
            TerraformOutput(scope, name, value=value)

    return Template.of_components(build)


def output(template: Template, name: str) -> str:
    return str(template.outputs[name]["value"])


def test_asks_who_is_signed_in_and_in_which_partition(template: Template) -> None:
    assert len(template.data("aws_caller_identity")) == 1
    assert len(template.data("aws_partition")) == 1


def test_id_and_partition_are_read_at_plan_time(template: Template) -> None:
    assert output(template, "id").startswith("${data.aws_caller_identity.")
    assert output(template, "id").endswith(".account_id}")
    assert output(template, "partition").startswith("${data.aws_partition.")
    assert output(template, "partition").endswith(".partition}")


def test_region_is_the_stacks(template: Template) -> None:
    assert output(template, "region") == "eu-west-1"


def test_arn_names_partition_service_region_and_account(template: Template) -> None:
    partition, account_id = output(template, "partition"), output(template, "id")
    assert output(template, "topic") == f"arn:{partition}:sns:eu-west-1:{account_id}:alarms"


def test_arn_may_be_of_another_region(template: Template) -> None:
    partition, account_id = output(template, "partition"), output(template, "id")
    assert output(template, "elsewhere") == f"arn:{partition}:sns:us-east-1:{account_id}:alarms"


def test_arn_of_a_service_without_regions_names_none(template: Template) -> None:
    partition, account_id = output(template, "partition"), output(template, "id")
    assert output(template, "global") == f"arn:{partition}:cloudfront::{account_id}:distribution/*"


def test_root_arn_is_the_whole_account(template: Template) -> None:
    partition, account_id = output(template, "partition"), output(template, "id")
    assert output(template, "root") == f"arn:{partition}:iam::{account_id}:root"
