"""Whom a policy can name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lib.evidence.policies import authorization
from lib.evidence.policies.principals import (
    OTHER_SERVICES,
    is_canonical_user,
    is_federated,
    is_of_aws,
    is_service,
)

NO_TEXTS: tuple[Any, ...] = (None, 4, True, [], {})


class TestServices:
    @pytest.mark.parametrize(
        "name",
        [
            "ecs-tasks.amazonaws.com",
            "logs.eu-west-1.amazonaws.com",
            "logs.${var.region}.amazonaws.com",
            "ec2.amazonaws.com.cn",
            "ec2.${data.aws_partition.here.dns_suffix}",
            "${var.service}.amazonaws.com",
            "dynamodb.application-autoscaling.amazonaws.com",
            *(f"{each}.amazonaws.com" for each in OTHER_SERVICES),
        ],
    )
    def test_are_named_as_aws_does(self, name: str) -> None:
        assert is_service(name)

    @pytest.mark.parametrize(
        "name",
        ["ecs-task.amazonaws.com", "lambda", "lambda.amazon.com", "lamda.amazonaws.com", "", "*", *NO_TEXTS],
    )
    def test_are_no_others(self, name: Any) -> None:
        assert not is_service(name)

    def test_stand_in_the_table_where_their_actions_begin_with_something_else(self) -> None:
        assert [each for each in OTHER_SERVICES if authorization.is_service(each)] == []


class TestAccounts:
    @pytest.mark.parametrize(
        "name",
        [
            "*",
            "111122223333",
            "${var.account}",
            "arn:aws:iam::111122223333:root",
            "arn:${data.aws_partition.here.partition}:iam::${data.aws_caller_identity.here.account_id}:root",
            "arn:aws:iam::111122223333:role/path/name",
            "arn:aws:iam::111122223333:role/${var.name}",
            "arn:aws:iam::111122223333:user/name",
            "arn:aws:sts::111122223333:assumed-role/name/session",
            "arn:aws:sts::111122223333:federated-user/name",
            "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
        ],
    )
    def test_and_users_and_roles_are_named_by_number_and_arn(self, name: str) -> None:
        assert is_of_aws(name)

    @pytest.mark.parametrize(
        "name",
        [
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::1111:root",
            "arn:aws:iam::111122223333:group/name",
            "arn:aws:iam::*:root",
            "1111",
            "admin",
            "",
            *NO_TEXTS,
        ],
    )
    def test_are_not_named_in_part(self, name: Any) -> None:
        assert not is_of_aws(name)


class TestOthers:
    @pytest.mark.parametrize(
        "name",
        [
            "cognito-identity.amazonaws.com",
            "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
            "arn:aws:iam::111122223333:saml-provider/name",
            "${var.provider}/a",
        ],
    )
    def test_are_identity_providers(self, name: str) -> None:
        assert is_federated(name)

    @pytest.mark.parametrize("name", ["github.com", "arn:aws:iam::111122223333:role/name", *NO_TEXTS])
    def test_are_no_identity_providers(self, name: Any) -> None:
        assert not is_federated(name)

    def test_are_accounts_of_s3(self) -> None:
        assert is_canonical_user("ab" * 32)
        assert is_canonical_user("${var.account}-a")

    @pytest.mark.parametrize("check", [is_canonical_user, is_federated])
    @pytest.mark.parametrize("name", ["ab" * 31, "", *NO_TEXTS])
    def test_are_nothing_else(self, check: Callable[[Any], bool], name: Any) -> None:
        assert not check(name)
