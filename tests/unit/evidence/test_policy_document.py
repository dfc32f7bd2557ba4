"""Policy documents, literal by literal."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence.policies.document import judge
from lib.evidence.values.literal import Literal
from tests.template import Block

STATEMENT: Block = {
    "Sid": "Read",
    "Effect": "Allow",
    "Action": ["s3:GetObject"],
    "Resource": ["arn:aws:s3:::name/*"],
}


def judged(**changes: Any) -> list[Literal]:
    """The literals of a document with one statement, that one with changes."""
    return list(judge({"Version": "2012-10-17", "Statement": [{**STATEMENT, **changes}]}, "policy"))


def refused(literals: list[Literal]) -> list[tuple[str, Any]]:
    """Path, below the statement, and value of what some rule does not accept."""
    return [
        (each.path.removeprefix("policy.Statement."), each.value)
        for each in literals
        if not all(rule.accepts(each.value) for rule in each.rules)
    ]


def condition(operator: str, key: str, value: Any) -> list[Literal]:
    return judged(Condition={operator: {key: value}})


class TestDocument:
    def test_has_every_literal_judged(self) -> None:
        assert [(each.path, each.value, [rule.check for rule in each.rules]) for each in judged()] == [
            ("policy.Version", "2012-10-17", ["enumerations"]),
            ("policy.Statement.Sid", "Read", ["patterns"]),
            ("policy.Statement.Effect", "Allow", ["enumerations"]),
            ("policy.Statement.Action", "s3:GetObject", ["actions"]),
            ("policy.Statement.Resource", "arn:aws:s3:::name/*", ["arn_shapes"]),
        ]
        assert refused(judged()) == []

    def test_may_be_of_one_statement_and_of_one_text_each(self) -> None:
        said = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        literals = list(judge({"Statement": said}, "policy"))
        assert [each.value for each in literals] == ["Allow", "s3:GetObject", "*"]
        assert refused(literals) == []

    def test_of_an_unknown_version_is_refused(self) -> None:
        assert refused(list(judge({"Version": "2012-10-18"}, "policy"))) == [("policy.Version", "2012-10-18")]

    def test_has_its_id_and_what_is_out_of_place_handed_on_without_rules(self) -> None:
        document = {"Id": "one", "Statement": ["text", {"Action": {"a": ["b", {}, [], None, 4]}}]}
        assert [(each.path, each.value, each.rules) for each in judge(document, "policy")] == [
            ("policy.Id", "one", ()),
            ("policy.Statement", "text", ()),
            ("policy.Statement.Action.a", "b", ()),
            ("policy.Statement.Action.a", 4, ()),
        ]
        assert list(judge(["a"], "policy")) == [Literal("policy", "a", ())]

    @pytest.mark.parametrize(
        ("document", "name"),
        [
            ({"Statment": []}, "Statment"),
            ({"Statement": [{"Actions": "s3:GetObject"}]}, "Actions"),
            ({"Statement": [{"Principal": {"Role": "name"}}]}, "Role"),
        ],
    )
    def test_has_no_elements_but_those_of_the_grammar(self, document: Block, name: str) -> None:
        literals = [each for each in judge(document, "policy") if each.is_name]
        assert [(each.value, each.rules[0].accepts(each.value)) for each in literals] == [(name, False)]

    def test_of_expressions_alone_has_no_literals(self) -> None:
        said = {"Sid": "${var.sid}", "Action": ["${var.action}"], "Resource": "${aws_s3_bucket.a.arn}"}
        assert list(judge({"Statement": said}, "policy")) == []


class TestStatement:
    @pytest.mark.parametrize("value", ["Read-Logs", "Read Logs", "Läs", 4])
    def test_of_iam_has_an_id_of_letters_and_digits(self, value: Any) -> None:
        assert refused(judged(Sid=value)) == [("Sid", value)]
        assert ("Sid", value) in refused(
            judged(Sid=value, Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")
        )

    def test_of_a_resource_has_an_id_of_any_printable_characters(self) -> None:
        key = {"Sid": "Enable IAM policies", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
        assert refused(judged(**key)) == []
        assert refused(judged(**key | {"Sid": "a\x00"})) == [("Sid", "a\x00")]

    def test_allows_or_denies(self) -> None:
        assert refused(judged(Effect="allow")) == [("Effect", "allow")]

    @pytest.mark.parametrize("element", ["Action", "NotAction"])
    @pytest.mark.parametrize("value", ["s3:GetObjekt", "GetObject", "s4:*", "", 4, True])
    def test_names_actions_that_aws_knows(self, element: str, value: Any) -> None:
        assert (element, value) in refused(judged(**{element: [value]}))

    @pytest.mark.parametrize("value", ["*", "s3:Get*", "S3:getobject", "s3:${var.verb}Object"])
    def test_names_actions_with_wildcards_and_in_any_case(self, value: str) -> None:
        assert refused(judged(Action=value)) == []

    def test_says_whose_actions_are_known_and_where_from(self) -> None:
        (rule,) = next(each.rules for each in judged(Action="s3:GetObjekt") if each.path.endswith("Action"))
        assert (rule.allowed, rule.source) == ("an action of s3", "cfn-lint AdditionalSpecs/Policies.json s3")
        (rule,) = next(each.rules for each in judged(Action="s4:GetObject") if each.path.endswith("Action"))
        assert rule.allowed == "`service:Action`, or `*`"

    @pytest.mark.parametrize("element", ["Resource", "NotResource"])
    @pytest.mark.parametrize(
        "value",
        [
            "arn:aws:s3::111122223333:name",
            "arn:aws:sqs:eu-west-1:111122223333:name",
            "arn:aws:s3",
            "name",
            "",
            4,
            False,
        ],
    )
    def test_names_resources_of_the_services_of_its_actions(self, element: str, value: Any) -> None:
        assert (element, value) in refused(judged(**{element: value}))

    @pytest.mark.parametrize(
        "value",
        [
            "*",
            "arn:aws:s3:::name",
            "arn:${data.aws_partition.here.partition}:s3:::${var.name}/*",
            "${aws_s3_bucket.a.arn}/*",
            "arn:aws:s3:::*/$${aws:userid}",
        ],
    )
    def test_names_resources_of_which_parts_are_not_known(self, value: str) -> None:
        assert refused(judged(Resource=value)) == []

    def test_shows_a_few_of_the_formats(self) -> None:
        (rule,) = judged()[-1].rules
        assert rule.allowed.startswith("`*`, or an ARN of s3: arn:<partition>:s3:")
        assert rule.allowed.endswith(", …")
        assert rule.allowed.count("arn:") == 4
        (rule,) = judged(Action="sns:Publish", Resource="a")[-1].rules
        assert rule.allowed == "`*`, or an ARN of sns: arn:<partition>:sns:<region>:<account>:<name>"

    def test_of_actions_without_resources_names_none(self) -> None:
        arn = "arn:aws:s3:::name"
        literals = judged(Action="ssmmessages:OpenDataChannel", Resource=["*", arn])
        assert refused(literals) == [("Resource", arn)]
        assert literals[-1].rules[0].allowed == "`*`: nothing of ssmmessages can be named"

    def test_of_unknown_actions_names_resources_of_any_service(self) -> None:
        known, unknown = "arn:aws:sqs:eu-west-1:111122223333:name", "arn:aws:sqs:::a/b"
        literals = judged(Action=["s4:Get", "s3:GetObject"], Resource=[known, unknown])
        assert refused(literals) == [("Action", "s4:Get"), ("Resource", unknown)]
        (rule,) = literals[-1].rules
        assert rule.allowed == "`*`, or an ARN of a service"


class TestPrincipals:
    @pytest.mark.parametrize(
        "principal",
        [
            "*",
            {"AWS": ["*", "111122223333"]},
            {"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]},
            {"Federated": "cognito-identity.amazonaws.com"},
            {"CanonicalUser": "ab" * 32},
        ],
    )
    def test_are_of_five_kinds(self, principal: Any) -> None:
        assert refused(judged(Principal=principal)) == []

    @pytest.mark.parametrize("element", ["Principal", "NotPrincipal"])
    @pytest.mark.parametrize(
        ("kind", "value"),
        [("AWS", "1111"), ("Service", "ec2"), ("Federated", "github"), ("CanonicalUser", "name")],
    )
    def test_are_named_as_their_kind_is(self, element: str, kind: str, value: str) -> None:
        assert refused(judged(**{element: {kind: [value]}})) == [(f"{element}.{kind}", value)]

    def test_that_are_no_table_are_everybody(self) -> None:
        assert refused(judged(Principal="111122223333")) == [("Principal", "111122223333")]


class TestConditions:
    @pytest.mark.parametrize(
        ("operator", "key", "value"),
        [
            ("StringEquals", "aws:SourceAccount", "111122223333"),
            ("StringLike", "aws:SourceAccount", "1111*"),
            ("StringEquals", "aws:SourceAccount", "${data.aws_caller_identity.here.account_id}-"),
            ("StringLike", "kms:ViaService", "s3.*.amazonaws.com"),
            ("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com"),
            ("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control"),
            ("StringEquals", "iam:PassedToService", "ecs-tasks.amazonaws.com"),
            ("StringEquals", "aws:SourceArn", "arn:aws:sns:eu-west-1:111122223333:name"),
            ("ArnLike", "kms:EncryptionContext:aws:logs:arn", "arn:aws:logs:eu-west-1:111122223333:log-group:*"),
            ("ArnLike", "aws:SourceArn", ["*", "${var.arn}/*"]),
            ("Bool", "aws:SecureTransport", ["false", True]),
            ("Null", "aws:SourceArn", "true"),
            ("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "2001:db8::1", "${var.network}/24"]),
            ("NumericLessThan", "s3:TlsVersion", ["1.2", 1.2, "1.${var.minor}"]),
            ("DateGreaterThan", "aws:CurrentTime", ["2026-01-31T00:00:00Z", 1767225600, "${var.day}T00:00:00Z"]),
            ("ForAllValues:StringEquals", "aws:TagKeys", "Team"),
            ("StringEquals", "token.actions.githubusercontent.com:sub", "repo:a/b"),
            ("StringEquals", "${var.issuer}:sub", "system:serviceaccount:a:b"),
        ],
    )
    def test_compare_keys_with_values_of_their_kind(self, operator: str, key: str, value: Any) -> None:
        assert refused(condition(operator, key, value)) == []

    @pytest.mark.parametrize(
        ("operator", "key", "value"),
        [
            ("StringEquals", "aws:SourceAccount", "1111"),
            ("StringEquals", "aws:SourceAccount", 111122223333),
            ("StringEquals", "kms:ViaService", "s3.amazonaws.com"),
            ("StringEquals", "s3:x-amz-acl", "owner"),
            ("StringEquals", "iam:PassedToService", "ecs-tasks"),
            ("StringEquals", "aws:SourceArn", "name"),
            ("ArnLike", "aws:SourceArn", "arn:aws:sns"),
            ("ArnLike", "aws:SourceArn", 4),
            ("Bool", "aws:SecureTransport", "no"),
            ("Bool", "aws:SecureTransport", 1),
            ("Null", "aws:SourceArn", "null"),
            ("IpAddress", "aws:SourceIp", "203.0.113.0/33"),
            ("IpAddress", "aws:SourceIp", 4),
            ("NumericLessThan", "s3:TlsVersion", "high"),
            ("NumericLessThan", "s3:TlsVersion", True),
            ("DateGreaterThan", "aws:CurrentTime", "tomorrow"),
            ("DateGreaterThan", "aws:CurrentTime", True),
        ],
    )
    def test_refuse_values_of_another_kind(self, operator: str, key: str, value: Any) -> None:
        assert refused(condition(operator, key, value)) == [(f"Condition.{operator}.{key}", value)]

    def test_know_their_operators(self) -> None:
        assert refused(condition("StringEqual", "aws:SourceAccount", "111122223333")) == [
            ("Condition.StringEqual", "StringEqual")
        ]

    @pytest.mark.parametrize("key", ["aws:SourceAcount", "azure:Tenant", "s3:x-amz-alc"])
    def test_know_their_keys(self, key: str) -> None:
        assert refused(condition("StringEquals", key, "a")) == [(f"Condition.StringEquals.{key}", key)]

    @pytest.mark.parametrize(
        ("operator", "key", "value"),
        [
            ("StringEquals", "aws:SecureTransport", "false"),
            ("IpAddress", "aws:SourceAccount", "203.0.113.0/24"),
            ("Bool", "s3:TlsVersion", "true"),
        ],
    )
    def test_refuse_keys_that_their_operator_cannot_compare(self, operator: str, key: str, value: str) -> None:
        assert refused(condition(operator, key, value)) == [(f"Condition.{operator}.{key}", key)]

    def test_hand_on_without_rules_what_nothing_is_known_of(self) -> None:
        literals = condition("StringEquals", "ec2:InstanceType", "t3.micro")[-2:]
        assert [(each.value, each.rules, each.is_name) for each in literals] == [
            ("ec2:InstanceType", (), True),
            ("t3.micro", (), False),
        ]
        assert judged(Condition="text")[-1] == Literal("policy.Statement.Condition", "text", ())
        assert judged(Condition={"Bool": "text"})[-1] == Literal("policy.Statement.Condition.Bool", "text", ())


class TestRules:
    LITERALS = (
        *judged(Principal={"AWS": "*", "Service": "a", "Federated": "a", "CanonicalUser": "a"}),
        *judged(Sid="a b", Principal="*", NotAction="a", NotResource="a", Unknown="a"),
        *condition("StringEquals", "aws:SourceAccount", "a"),
        *condition("StringEquals", "iam:PassedToService", "a"),
        *condition("ArnLike", "aws:SourceArn", "a"),
        *condition("Bool", "aws:SecureTransport", "a"),
        *condition("IpAddress", "aws:SourceIp", "a"),
        *condition("NumericEquals", "s3:TlsVersion", "a"),
        *condition("DateEquals", "aws:CurrentTime", "a"),
    )

    @pytest.mark.parametrize("value", [None, [], {}, [{}], object(), float("nan"), "\ud800", "${", "[::1"])
    def test_accept_or_refuse_whatever_they_get(self, value: Any) -> None:
        answers = {rule.accepts(value) for each in self.LITERALS for rule in each.rules}
        assert answers <= {True, False}

    def test_say_what_is_allowed_and_where_that_is_from(self) -> None:
        assert [rule for each in self.LITERALS for rule in each.rules if not (rule.allowed and rule.source)] == []
