"""What AWS publishes of actions, and of the resources that they can be allowed on."""

from __future__ import annotations

import time

import pytest

from lib.evidence.policies import authorization
from lib.evidence.policies.statements import ARNS


class TestActions:
    @pytest.mark.parametrize(
        ("pattern", "known"),
        [
            ("s3:GetObject", {"s3:getobject"}),
            ("S3:getobject", {"s3:getobject"}),
            ("kms:GenerateDataKeyWithoutP*", {"kms:generatedatakeywithoutplaintext"}),
            ("dynamodb:?uery", {"dynamodb:query"}),
            ("ssmmessages:*DataChannel", {"ssmmessages:createdatachannel", "ssmmessages:opendatachannel"}),
            ("s3:GetObjekt", set()),
            ("s3", set()),
            ("s4:GetObject", set()),
            ("", set()),
        ],
    )
    def test_are_those_of_the_name_whatever_its_case_and_wildcards(self, pattern: str, known: set[str]) -> None:
        assert authorization.actions(pattern) == known

    def test_are_all_of_all_services_for_a_lone_wildcard(self) -> None:
        every = authorization.actions("*")
        assert {"s3:getobject", "iam:passrole"} < every
        assert every == authorization.actions("*:*")
        assert len(every) > 20_000

    def test_belong_to_services(self) -> None:
        assert [authorization.is_service(each) for each in ("s3", "S3", "s4")] == [True, True, False]


class TestResources:
    @pytest.mark.parametrize(
        ("action", "types"),
        [
            ("s3:GetObject", ("s3:accesspointobject", "s3:object")),
            ("secretsmanager:GetSecretValue", ("secretsmanager:secret",)),
            ("ecr:GetAuthorizationToken", ()),
            ("s3:GetObjekt", ()),
            ("s4:GetObject", ()),
        ],
    )
    def test_are_of_the_types_that_an_action_can_be_allowed_on(self, action: str, types: tuple[str, ...]) -> None:
        assert authorization.resource_types(action) == types

    @pytest.mark.parametrize(
        ("kind", "form"),
        [
            ("s3:bucket", "arn:<partition>:s3:::<name>"),
            ("s3:object", "arn:<partition>:s3:::<name>/*"),
            ("kms:key", "arn:<partition>:kms:<region>:<account>:key/*"),
            ("sts:root-user", "arn:<partition>:iam::<account>:root"),
            ("cloudfront:distribution", "arn:<partition>:cloudfront::<account>:distribution/*"),
        ],
    )
    def test_have_arns_of_a_format(self, kind: str, form: str) -> None:
        assert authorization.formats(kind) == (form,)

    @pytest.mark.parametrize("kind", [*authorization.EXACT, *(each for each in ARNS.values() if ":*:" not in each)])
    def test_of_the_tables_are_types_that_aws_has(self, kind: str) -> None:
        (form,) = authorization.formats(kind)
        assert form.startswith("arn:<partition>:")

    def test_of_which_the_copy_s_formats_are_too_wide_are_told_apart(self) -> None:
        forms = [authorization.formats(kind) for kind in authorization.EXACT]
        assert len(set(forms)) == len(forms)

    def test_of_a_service_have_each_format_once(self) -> None:
        forms = authorization.formats_of_service("dynamodb")
        assert len(forms) == len(set(forms)) == 7
        assert authorization.formats_of_service("s4") == ()

    def test_may_be_those_of_another_service(self) -> None:
        assert "arn:<partition>:iam::<account>:role/*" in authorization.formats_with("iam")
        assert authorization.formats_with("s4") == ()

    @pytest.mark.parametrize(
        ("arn", "is_known"),
        [
            ("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:*", True),
            ("arn:*:*:*:*:*", True),
            ("arn:aws:s?:::name", True),
            ("arn:aws:cloudwatch:eu-west-1:111122223333:alert", False),
            ("arn:aws:s4:::name", False),
            ("arn:aws:s3", False),
        ],
    )
    def test_have_arns_that_are_known_or_not(self, arn: str, is_known: bool) -> None:
        assert authorization.is_known_arn(arn) is is_known

    def test_have_condition_keys(self) -> None:
        assert "s3:buckettag/${tagkey}" in authorization.condition_keys("s3")
        assert authorization.condition_keys("s4") == frozenset()


def test_all_is_read_within_a_third_of_a_second() -> None:
    authorization._services.cache_clear()
    start = time.process_time()
    assert authorization.is_service("s3")
    assert time.process_time() - start < 0.3
