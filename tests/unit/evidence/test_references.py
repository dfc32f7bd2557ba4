"""Texts with expressions: which are nothing else, and how the others may read."""

from __future__ import annotations

import pytest

from lib.evidence.values.references import filled, is_reference


@pytest.mark.parametrize(
    "text",
    ["${aws_vpc.v.id}", '${element([aws_vpc.v.id, "x"], 0)}', '${jsonencode({"a" = aws_vpc.v.id})}'],
)
def test_an_expression_alone_is_a_reference(text: str) -> None:
    assert is_reference(text)


@pytest.mark.parametrize(
    "text", ["", "vpc", "x${aws_vpc.v.id}", "${aws_vpc.v.id}x", "${aws_vpc.v.id}${aws_vpc.w.id}", "$${aws_vpc.v.id}"]
)
def test_anything_more_or_less_is_none(text: str) -> None:
    assert not is_reference(text)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("plain", "plain"),
        ("logs-${data.aws_caller_identity.c.account_id}-x", "logs-111122223333-x"),
        ("arn:${data.aws_partition.p.partition}:s3:::b", "arn:aws:s3:::b"),
        ("${data.aws_region.r.region}a", "eu-west-1a"),
        ("${aws_s3_bucket.b.arn}/*", "arn:aws:service:eu-west-1:111122223333:kind/name/*"),
        (
            "${aws_db_instance.d.master_user_secret[0].secret_arn}:password::",
            "arn:aws:service:eu-west-1:111122223333:kind/name:password::",
        ),
        ("${element([aws_a.b.secret_arn, aws_c.d.id], 0)}:x", "arn:aws:service:eu-west-1:111122223333:kind/name:x"),
        ("https://${aws_lb.l.dns_name}/", "https://name.example.com/"),
        ("${aws_vpc.v.id}/${aws_vpc.w.id}", "name-1a2b/name-1a2b"),
        ("${terraform_data}", "name-1a2b"),
        ("$${aws:username}", "${aws:username}"),
    ],
)
def test_expressions_read_like_what_they_stand_for(text: str, reads: str) -> None:
    assert filled(text) == reads
