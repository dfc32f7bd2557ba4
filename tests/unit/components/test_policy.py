"""Policy: documents that say what they were told and nothing else."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import pytest

from lib.components.policy import Statement, distinct, document, trust


def test_statement_of_a_role_has_no_principal() -> None:
    statement = Statement(sid="Read", actions=["s3:GetObject"], resources=["arn:aws:s3:::assets/*"])
    assert statement.as_dict() == {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::assets/*"],
    }


def test_statement_of_a_resource_names_principal_and_condition() -> None:
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    statement = Statement(
        sid="OnlyTls", effect="Deny", actions=["sns:Publish"], resources=["t"], principal="*", condition=condition
    )
    assert statement.as_dict() == {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["sns:Publish"],
        "Resource": ["t"],
        "Condition": condition,
    }


def test_statement_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Statement(sid="Read", actions=[]).sid = "Write"  # type: ignore[misc]


def test_document_holds_its_statements_in_order() -> None:
    first, second = Statement(sid="A", actions=["a:A"]), Statement(sid="B", actions=["b:B"])
    policy = json.loads(document(first, second))
    assert policy["Version"] == "2012-10-17"
    assert policy["Statement"] == [first.as_dict(), second.as_dict()]


def test_document_leaves_references_as_they_are() -> None:
    reference = "${aws_sns_topic.topic.arn}"
    assert json.loads(document(Statement(sid="A", actions=["a:A"], resources=[reference])))["Statement"][0][
        "Resource"
    ] == [reference]


def test_trust_is_for_one_service_on_behalf_of_one_account() -> None:
    assert json.loads(trust("ecs-tasks.amazonaws.com", account_id="111122223333"))["Statement"] == [
        {
            "Sid": "Trust",
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": ["sts:AssumeRole"],
            "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        }
    ]


READ = Statement(sid="Read", actions=["s3:GetObject"], resources=["arn:a"])
USE = Statement(sid="Use", actions=["kms:Decrypt"], resources=["arn:b"])


def test_a_repeated_statement_is_written_once() -> None:
    assert distinct([READ, USE, READ]) == [READ, USE]


def test_two_statements_of_one_name_are_a_mistake() -> None:
    other = Statement(sid="Read", actions=["s3:GetObject"], resources=["arn:other"])
    with pytest.raises(ValueError, match="two different statements are called Read"):
        distinct([READ, other])
