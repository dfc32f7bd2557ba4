"""What ARNs with wildcards and expressions in them can be."""

from __future__ import annotations

import pytest

from lib.evidence.policies.arns import UNKNOWN, fits, glob_of, overlap, with_unknowns


class TestGlobs:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("abc", "abc"),
            ("*", ""),
            ("a*c", "abbc"),
            ("a*", "*c"),
            ("a?c", "abc"),
            ("?", "?"),
            ("<name>", "a"),
            ("<name>/x", "bucket/*"),
            ("<name>", "*"),
            ("<name>", "<path>"),
            ("<path>", "a/b"),
            ("<name>/*", "b*"),
            ("a\nb", "a?b"),
        ],
    )
    def test_overlap_where_some_text_is_both(self, one: str, other: str) -> None:
        assert overlap(one, other)
        assert overlap(other, one)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("abc", "abd"),
            ("abc", "ab"),
            ("a*c", "abbd"),
            ("?", ""),
            ("<name>", ""),
            ("<name>", "a/b"),
            ("<name>", "a:b"),
            ("<path>", "a:b"),
            ("<name>", "*/*"),
            ("a*x", "b*x"),
            ("<path>:*", "<path>"),
        ],
    )
    def test_do_not_overlap_where_no_text_is_both(self, one: str, other: str) -> None:
        assert not overlap(one, other)
        assert not overlap(other, one)

    def test_stand_for_expressions_and_variables_of_the_policy(self) -> None:
        text = 'arn:${data.aws_partition.here.partition}:s3:::${upper("${aws_a.b.c}")}/$${aws:userid}/*'
        assert with_unknowns(text) == f"arn:{UNKNOWN}:s3:::{UNKNOWN}/{UNKNOWN}/*"
        assert glob_of(text) == "arn:*:s3:::*/*/*"


class TestArns:
    FORM = "arn:<partition>:dynamodb:<region>:<account>:table/<name>"

    @pytest.mark.parametrize(
        "arn",
        [
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
            "arn:aws-us-gov:dynamodb:us-gov-west-1:111122223333:table/orders",
            "arn:*:dynamodb:*:*:table/*",
            "arn:aws:dynamodb:eu-*:1111????3333:*",
        ],
    )
    def test_fit_a_format_part_by_part(self, arn: str) -> None:
        assert fits(arn, self.FORM)

    @pytest.mark.parametrize(
        "arn",
        [
            "arn:azure:dynamodb:eu-west-1:111122223333:table/orders",
            "arn:aws:dynamo:eu-west-1:111122223333:table/orders",
            "arn:aws:dynamodb:ireland:111122223333:table/orders",
            "arn:aws:dynamodb:eu-west-1:1111:table/orders",
            "arn:aws:dynamodb:eu-west-1::table/orders",
            "arn:aws:dynamodb:eu-west-1:111122223333:orders",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-date",
            "arn:aws:dynamodb:eu-west-1:111122223333",
            "",
        ],
    )
    def test_fit_no_format_of_which_one_part_is_another(self, arn: str) -> None:
        assert not fits(arn, self.FORM)
