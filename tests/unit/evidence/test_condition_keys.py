"""Which condition keys there are, and what compares them."""

from __future__ import annotations

import pytest

from lib.evidence.policies.arns import UNKNOWN
from lib.evidence.policies.condition_keys import COMPARED_AS, OPERATORS, TABLES, is_known, kind_of, source_of


class TestOperators:
    def test_come_with_both_sets_and_if_exists_but_for_null(self) -> None:
        families = 6 + 4 + 6 + 6 + 1 + 1 + 2
        assert len(OPERATORS) == families * 3 * 2 + 3

    @pytest.mark.parametrize(
        ("operator", "kind"),
        [
            ("StringNotEqualsIgnoreCase", "String"),
            ("ForAllValues:StringLikeIfExists", "String"),
            ("ForAnyValue:ArnNotLike", "Arn"),
            ("DateLessThanEquals", "Date"),
            ("NumericGreaterThanIfExists", "Numeric"),
            ("NotIpAddress", "IpAddress"),
            ("BinaryEquals", "Binary"),
            ("Bool", "Bool"),
            ("Null", "Null"),
        ],
    )
    def test_compare_one_kind_of_values(self, operator: str, kind: str) -> None:
        assert OPERATORS[operator] == kind

    @pytest.mark.parametrize("operator", ["StringEqual", "NullIfExists", "ArnEqualsIgnoreCase", "BinaryLike"])
    def test_are_no_others(self, operator: str) -> None:
        assert operator not in OPERATORS


class TestKeys:
    @pytest.mark.parametrize(
        ("key", "kind"),
        [
            ("aws:SourceArn", "Arn"),
            ("AWS:sourceip", "IpAddress"),
            ("aws:PrincipalTag/Team", "String"),
            ("kms:EncryptionContext:aws:logs:arn", "String"),
            ("s3:TlsVersion", "Numeric"),
            ("elasticfilesystem:AccessedViaMountTarget", "Bool"),
            ("aws:PrincipalTag/", None),
            ("aws:SourceAcount", None),
            ("ec2:InstanceType", None),
        ],
    )
    def test_have_a_kind(self, key: str, kind: str | None) -> None:
        assert kind_of(key) == kind

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            ("aws:SourceAccount", True),
            ("s3:BucketTag/Team", True),
            ("kms:KeyOrigin", True),
            ("aws:SourceAcount", False),
            ("s3:x-amz-alc", False),
            ("azure:Tenant", False),
            ("SourceAccount", False),
            ("ec2:InstanceType", None),
            ("token.actions.githubusercontent.com:sub", None),
            ("saml:aud", None),
            (f"{UNKNOWN}:sub", None),
        ],
    )
    def test_are_known_or_not_or_cannot_be_told(self, key: str, expected: bool | None) -> None:
        assert is_known(key) is expected

    def test_of_resources_are_known_beside_those_of_the_tables(self) -> None:
        assert kind_of("iam:ResourceTag/Team") == "String"
        assert is_known("lambda:ResourceTag/Team") is False

    def test_are_in_one_list_only(self) -> None:
        for table in TABLES.values():
            names = " ".join(table.keys.values()).lower().split()
            assert len(names) == len(set(names))

    def test_have_a_page_of_aws_s(self) -> None:
        assert {table.page.startswith("https://docs.aws.amazon.com/") for table in TABLES.values()} == {True}
        assert source_of("kms:ViaService").endswith("list_awskeymanagementservice.html")
        assert source_of("azure:Tenant").endswith("reference_policies_condition-keys.html")

    def test_of_every_kind_can_be_compared(self) -> None:
        assert {kind for table in TABLES.values() for kind in table.keys} == COMPARED_AS.keys()
