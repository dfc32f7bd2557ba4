"""Statements that allow more than they have to, and that allow what cannot be done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.evidence.policies.least_privilege import (
    grants_apply_to_what_they_name,
    grants_are_as_narrow_as_aws_lets_them,
)
from tests.template import Template

QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"


def of_policy(kind: str = "aws_iam_role_policy", **said: Any) -> Template:
    """A template with one statement."""
    statement = {"Sid": "One", "Effect": "Allow", **said}
    return Template({"resource": {kind: {"p": {"policy": json.dumps({"Statement": statement})}}}})


def wide(*actions: str, on: Any, **more: Any) -> list[str]:
    found = grants_are_as_narrow_as_aws_lets_them(of_policy(Action=list(actions), Resource=on, **more))
    return [each.removeprefix("aws_iam_role_policy.p: policy One ") for each in found]


def misdirected(*actions: str, on: Any) -> list[str]:
    return grants_apply_to_what_they_name(of_policy(Action=list(actions), Resource=on))


class TestNarrow:
    @pytest.mark.parametrize(
        ("action", "resource"),
        [
            ("s3:GetObject", "arn:aws:s3:::orders/*"),
            ("s3:GetObject", "${aws_s3_bucket.orders.arn}/*"),
            ("s3:GetObject", "arn:aws:s3:::${var.bucket}/*"),
            ("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/orders*"),
            ("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:RDS*:*"),
            ("ecr:GetAuthorizationToken", "*"),
            ("s3:GetObjekt", "*"),
            ("s3:GetObject", "name"),
            ("s3:GetObject", "arn:aws:sqs:*:*:*"),
        ],
    )
    def test_is_what_names_something_or_has_nothing_to_name(self, action: str, resource: str) -> None:
        assert wide(action, on=resource) == []

    @pytest.mark.parametrize(
        ("action", "resource"),
        [
            ("s3:GetObject", "*"),
            ("s3:GetObject", "**"),
            ("s3:GetObject", "arn:aws:s3:::*/*"),
            ("s3:GetObject", "arn:aws:s3:::*"),
            ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/*"),
            ("dynamodb:GetItem", "arn:aws:dynamodb:${var.region}:111122223333:table/?*"),
            ("dynamodb:GetItem", "arn:*:*:*:*:*"),
            ("kms:Decrypt", "arn:aws:kms:*:*:key/*"),
        ],
    )
    def test_is_not_what_names_nothing_that_aws_can_tell_apart(self, action: str, resource: str) -> None:
        assert wide(action, on=resource) == [
            f"allows {action.lower()} on {resource}, and AWS can bound that to named ones"
        ]

    def test_is_not_an_action_beside_one_that_has_nothing_to_name(self) -> None:
        assert wide("ecr:GetAuthorizationToken", "ecr:BatchGetImage", on="*") == [
            "allows ecr:batchgetimage on *, and AWS can bound that to named ones"
        ]

    def test_findings_list_a_few_of_many_actions(self) -> None:
        actions = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue", "sqs:AddPermission"]
        assert wide(*actions, on="*") == [
            "allows sqs:addpermission, sqs:deletemessage, sqs:purgequeue and 2 more on *, "
            "and AWS can bound that to named ones"
        ]

    @pytest.mark.parametrize("action", ["*", "sqs:*", "SQS:**", "*:*"])
    def test_is_not_every_action(self, action: str) -> None:
        assert wide(action, on=QUEUE) == [f"allows every action ({action})"]

    @pytest.mark.parametrize("element", ["NotAction", "NotResource"])
    def test_is_not_all_but_something(self, element: str) -> None:
        assert f"allows all but what {element} names" in wide(on=QUEUE, **{element: "a"})

    def test_is_whatever_denies(self) -> None:
        assert wide("*", on="*", Effect="Deny") == []

    def test_is_what_was_looked_at_for_its_kind_and_id(self) -> None:
        said = {"Sid": "Account", "Action": "kms:*", "Resource": "*"}
        assert grants_are_as_narrow_as_aws_lets_them(of_policy("aws_kms_key", **said)) == []
        assert grants_are_as_narrow_as_aws_lets_them(of_policy("aws_kms_key", **said | {"Sid": "One"})) == [
            "aws_kms_key.p: policy One allows every action (kms:*)"
        ]
        assert len(grants_are_as_narrow_as_aws_lets_them(of_policy("aws_iam_policy", **said))) == 2


class TestApplying:
    @pytest.mark.parametrize(
        ("action", "resource"),
        [
            ("s3:GetObject", "${aws_s3_bucket.orders.arn}/*"),
            ("s3:GetObject", "arn:aws:s3:::orders*"),
            ("s3:ListBucket", "${aws_s3_bucket.orders.arn}"),
            ("s3:*", "${aws_s3_bucket.orders.arn}"),
            ("dynamodb:Query", "${aws_dynamodb_table.orders.arn}/index/*"),
            ("logs:PutLogEvents", "${aws_cloudwatch_log_group.orders.arn}:*"),
            ("logs:DescribeLogStreams", "${aws_cloudwatch_log_group.orders.arn}:*"),
            ("lambda:InvokeFunction", "${aws_lambda_function.orders.arn}:live"),
            ("ecr:GetAuthorizationToken", "*"),
            ("s3:GetObject", "${var.orders}"),
            ("s3:GetObjekt", QUEUE),
        ],
    )
    def test_is_what_can_be_done_or_may_be_for_all_that_is_known(self, action: str, resource: str) -> None:
        assert misdirected(action, on=resource) == []

    @pytest.mark.parametrize(
        ("action", "resource"),
        [
            ("s3:GetObject", "${aws_s3_bucket.orders.arn}"),
            ("s3:ListBucket", "${aws_s3_bucket.orders.arn}/*"),
            ("dynamodb:Query", QUEUE),
            ("dynamodb:*", "${aws_sqs_queue.orders.arn}"),
            ("dynamodb:GetItem", "${aws_dynamodb_table.orders.arn}/index/*"),
            ("logs:PutLogEvents", "${aws_cloudwatch_log_group.orders.arn}"),
            ("kms:Decrypt", "${aws_kms_alias.orders.arn}"),
            ("ecr:GetAuthorizationToken", "${aws_ecr_repository.orders.arn}"),
            ("secretsmanager:GetSecretValue", "${aws_kms_key.orders.arn}"),
        ],
    )
    def test_is_not_what_cannot_be_done_to_any_of_the_resources(self, action: str, resource: str) -> None:
        assert misdirected(action, on=resource) == [
            f"aws_iam_role_policy.p: policy One says {action} of what it cannot be done to: {resource}"
        ]

    def test_is_what_can_be_done_to_one_of_several(self) -> None:
        both = ["${aws_s3_bucket.orders.arn}", "${aws_s3_bucket.orders.arn}/*"]
        assert misdirected("s3:ListBucket", "s3:GetObject", on=both) == []

    def test_is_asked_of_what_denies_too(self) -> None:
        template = of_policy("aws_s3_bucket_policy", Effect="Deny", Action="s3:PutObject", Resource="arn:aws:s3:::a")
        assert len(grants_apply_to_what_they_name(template)) == 1

    def test_is_not_asked_of_a_statement_without_resources(self) -> None:
        assert grants_apply_to_what_they_name(of_policy(Action="sts:AssumeRole")) == []
