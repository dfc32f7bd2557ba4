"""Statements of a template's policies, and what their resources are."""

from __future__ import annotations

import json

import pytest

from lib.evidence.policies.statements import arn_of, said_in, statements, texts
from tests.template import Block, Template

SAID: Block = {"Sid": "One", "Effect": "Allow", "Action": "s3:GetObject", "Resource": ["a", 4, "b"]}


def test_are_those_of_every_policy_and_of_nothing_else() -> None:
    policy = json.dumps({"Statement": [SAID, "text"]})
    template = Template(
        {
            "resource": {
                "aws_iam_role_policy": {"of_role": {"policy": policy, "name": policy}},
                "aws_iam_role": {"role": {"assume_role_policy": json.dumps({"Statement": SAID | {"Sid": "Two"}})}},
                "aws_sns_topic": {"topic": {}},
            }
        }
    )
    assert [each.name for each in statements(template)] == [
        "aws_iam_role_policy.of_role: policy One",
        "aws_iam_role.role: assume_role_policy Two",
    ]


def test_say_whether_they_allow_and_what_of_what() -> None:
    policy = json.dumps({"Statement": [SAID, {"Effect": "Deny", "Action": ["s3:*"]}]})
    allowed, denied = statements(Template({"resource": {"aws_iam_policy": {"p": {"policy": policy}}}}))
    assert (allowed.allows, allowed.actions, allowed.resources) == (True, ["s3:GetObject"], ["a", "b"])
    assert (denied.allows, denied.actions, denied.resources) == (False, ["s3:*"], [])
    assert denied.name == "aws_iam_policy.p: policy without an id"


@pytest.mark.parametrize("policy", [None, 4, {}, "", "{", "[]", "{}", '{"Statement": "text"}', "${local.policy}"])
def test_are_none_of_what_is_no_document(policy: object) -> None:
    assert said_in(policy) == []


def test_texts_are_one_or_several() -> None:
    assert (texts("a"), texts(["a", "b", None, {}]), texts(None), texts({"AWS": "a"})) == (["a"], ["a", "b"], [], [])


class TestArns:
    @pytest.mark.parametrize(
        ("resource", "glob"),
        [
            ("arn:aws:s3:::name/*", "arn:aws:s3:::name/*"),
            ("arn:${data.aws_partition.here.partition}:s3:::name", "arn:*:s3:::name"),
            ("${aws_s3_bucket.a.arn}/*", "arn:*:s3:::<name>/*"),
            ("${data.aws_s3_bucket.a.arn}", "arn:*:s3:::<name>"),
            ("${aws_kms_key.a.arn}", "arn:*:kms:*:*:key/*"),
            ("${aws_db_instance.a.master_user_secret[0].secret_arn}", "arn:*:secretsmanager:*:*:secret:*"),
            ("${aws_cloudwatch_log_group.a.arn}:*", "arn:*:logs:*:*:log-group:<path>:*"),
        ],
    )
    def test_are_known_by_the_attribute_that_they_are(self, resource: str, glob: str) -> None:
        assert arn_of(resource) == glob

    @pytest.mark.parametrize("resource", ["${aws_s3_bucket.a.id}", "${var.arn}", "${upper(aws_s3_bucket.a.arn)}", "${"])
    def test_are_not_known_of_all_else(self, resource: str) -> None:
        assert arn_of(resource) is None
