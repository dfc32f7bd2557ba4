"""Roles and who takes them: what fits passes, and what only Terraform knows is left to it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.evidence.policies.trust import USERS, roles_let_in_who_uses_them
from lib.evidence.template import Template


def found(
    principal: Any, *, kind: str = "aws_lambda_function", argument: str = "role", effect: str = "Allow"
) -> list[str]:
    trust = json.dumps({"Statement": [{"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}]})
    return of_trust(trust, kind, argument)


def of_trust(trust: Any, kind: str = "aws_lambda_function", argument: str = "role") -> list[str]:
    role, user = {"assume_role_policy": trust}, {argument: "${aws_iam_role.r.arn}"}
    document = {"resource": {"aws_iam_role": {"r": role}, kind: {"one": user}}}
    return roles_let_in_who_uses_them(Template(document))


@pytest.mark.parametrize(("kind", "argument"), USERS)
def test_the_service_that_runs_it_takes_the_role(kind: str, argument: str) -> None:
    service, page = USERS[kind, argument]
    assert found({"Service": service}, kind=kind, argument=argument) == []
    assert found({"Service": ["s3.amazonaws.com"]}, kind=kind, argument=argument) == [
        f"{kind}.one: {argument} is aws_iam_role.r, which lets in s3.amazonaws.com and not {service}, see {page}"
    ]


@pytest.mark.parametrize(
    "principal", [{"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}, "*", {"Service": "${var.service}"}]
)
def test_it_is_one_of_several_or_anybody_or_only_terraform_knows(principal: Any) -> None:
    assert found(principal) == []


def test_who_is_refused_is_not_let_in() -> None:
    (finding,) = found({"Service": "lambda.amazonaws.com"}, effect="Deny")
    assert "lets in no service and not lambda.amazonaws.com" in finding


@pytest.mark.parametrize("trust", ["${data.aws_iam_policy_document.trust.json}", None, "{"])
def test_a_trust_that_only_terraform_knows_is_left(trust: Any) -> None:
    assert of_trust(trust) == []


@pytest.mark.parametrize("role", ["arn:aws:iam::111122223333:role/r", "${aws_iam_role.other.arn}", "${var.role}", None])
def test_a_role_that_is_not_of_the_template_is_left(role: Any) -> None:
    assert roles_let_in_who_uses_them(Template({"resource": {"aws_lambda_function": {"one": {"role": role}}}})) == []
