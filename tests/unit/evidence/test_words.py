"""How findings are worded: nothing twice, nothing endless, nothing that upsets a terminal or an XML reader."""

from __future__ import annotations

import pytest

from lib.evidence.finding import Finding
from lib.evidence.words import count, details, plain, sentence, shortened, value


def test_a_value_stands_beside_what_is_allowed_and_not_once_more_in_a_sentence() -> None:
    finding = Finding("ranges", "aws_x.y", "size is 9, and AWS takes up to 8", "size", 9, "up to 8", "a model")
    assert sentence(finding) == "size = 9"
    assert list(details(finding)) == [("allowed", "up to 8"), ("source", "a model")]


def test_a_finding_without_alternatives_is_told_by_its_sentence() -> None:
    finding = Finding("CKV_AWS_1", "aws_x.y", "Ensure that it is", "is_it", False, source="https://example.com")
    assert sentence(finding) == "Ensure that it is"
    assert list(details(finding)) == [("argument", "is_it = false"), ("source", "https://example.com")]


def test_an_argument_without_a_value_is_named() -> None:
    assert list(details(Finding("CKV_AWS_1", "aws_x.y", "Ensure", "is_it"))) == [("argument", "is_it")]


def test_a_sentence_alone_is_all_there_is() -> None:
    finding = Finding("loudness", "aws_x.y", "is loud", allowed="")
    assert (sentence(finding), list(details(finding))) == ("is loud", [])


def test_what_is_allowed_is_told_also_of_no_argument() -> None:
    finding = Finding("loudness", "aws_x.y", "is loud", allowed="silence")
    assert (sentence(finding), list(details(finding))) == ("is loud", [("allowed", "silence")])


@pytest.mark.parametrize(
    ("of", "text"), [("a", '"a"'), (True, "true"), (None, "null"), (["ä", 1], '["ä", 1]'), ({1}, '"{1}"')]
)
def test_a_value_is_written_as_in_the_template(of: object, text: str) -> None:
    assert value(of) == text


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    assert shortened("a" * 240) == "a" * 240
    assert shortened("a" * 120 + "b" * 1000 + "c" * 120) == f"{'a' * 120} … {'c' * 120}"
    assert len(value("x" * 10_000)) == 243
    assert [len(text) for _, text in details(Finding("x", "", "", allowed="y, " * 1000))] == [242]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "a b"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x00\r\x7f", r"\x00\r\x7f"),
        ("\ud800", r"\ud800"),
        ("\uffff", r"\uffff"),
        ("größer 😀", "größer 😀"),
    ],
)
def test_a_text_is_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(("number", "text"), [(0, "0 findings"), (1, "1 finding"), (1234, "1,234 findings")])
def test_things_are_counted(number: int, text: str) -> None:
    assert count(number, "finding") == text
