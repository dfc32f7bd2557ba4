"""The report for CI systems: what their readers look for is there, and it is XML whatever a template says."""

from __future__ import annotations

from xml.etree import ElementTree

from lib.evidence.finding import Finding
from lib.evidence.junit import junit
from lib.evidence.results import Answer, Verdict

LONG = Finding("lengths", "aws_sns_topic.main", "name is wrong", "name", "a<b", "up to 2 characters", "a model")
LOUD = Finding("sounds", "", "is loud")


def suites(*verdicts: Verdict) -> ElementTree.Element:
    return ElementTree.fromstring(junit(verdicts))


def verdict(*answers: Answer, template: str = "catalog-dev") -> Verdict:
    return Verdict(template, 1, {}, {}, answers)


CLEAN = verdict(Answer("sounds", [], 0.5), Answer("values", [], 0.25))
WRONG = verdict(Answer("sounds", [], 0.5), Answer("values", [LONG, LOUD], 0.25), template="catalog-prod")


def test_it_says_what_it_is_and_how_it_is_written() -> None:
    assert junit([CLEAN]).startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<testsuites ')
    assert "größer".encode() in junit([verdict(template="größer")])
    assert junit([CLEAN]).endswith(b"</testsuites>\n")


def test_a_template_is_a_suite() -> None:
    found = suites(CLEAN, WRONG)
    assert [suite.attrib for suite in found] == [
        {
            "name": "catalog-dev",
            "tests": "2",
            "failures": "0",
            "errors": "0",
            "skipped": "0",
            "time": "0.750",
        },
        {
            "name": "catalog-prod",
            "tests": "2",
            "failures": "1",
            "errors": "0",
            "skipped": "0",
            "time": "0.750",
        },
    ]
    assert found.attrib == {"name": "check", "tests": "4", "failures": "1", "errors": "0", "time": "1.500"}


def test_a_check_is_a_case_of_its_template() -> None:
    assert [case.attrib for case in suites(WRONG).iter("testcase")] == [
        {"classname": "catalog-prod", "name": "sounds", "time": "0.500"},
        {"classname": "catalog-prod", "name": "values", "time": "0.250"},
    ]


def test_a_check_that_finds_nothing_passes() -> None:
    assert [len(case) for case in suites(CLEAN, WRONG).iter("testcase")] == [0, 0, 0, 1]


def test_all_that_a_check_finds_is_its_failure() -> None:
    (failure,) = suites(WRONG).iter("failure")
    assert failure.attrib == {"type": "lengths", "message": "2 findings"}
    assert failure.text == (
        'aws_sns_topic.main: name = "a<b" (lengths)\n  allowed: up to 2 characters\n  source: a model\nis loud (sounds)'
    )


def test_one_finding_is_the_failures_message() -> None:
    (failure,) = suites(verdict(Answer("values", [LONG], 0))).iter("failure")
    assert failure.get("message") == "aws_sns_topic.main: name is wrong"


def test_a_long_message_is_shortened() -> None:
    (failure,) = suites(verdict(Answer("values", [Finding("x", "", "y" * 9999)], 0))).iter("failure")
    assert len(failure.get("message", "")) == 243


def test_whatever_a_template_says_it_stays_xml() -> None:
    odd = Finding("odd", "aws_x.\x01", "a\x00b\ud800", "at\x1b", "\ufffe]]>", "\x02", "\x03")
    alone = Finding("odd", "aws_x.\x01", "a\x00b\ud800")
    found = suites(
        verdict(Answer("values", [odd, alone], 0), template="\x00.json"), verdict(Answer("values", [alone], 0))
    )
    assert found[0].get("name") == r"\x00.json"
    values, other = [failure.text for failure in found.iter("failure")]
    assert values == f'aws_x.\\x01: at\\x1b = "\\ufffe]]>" (odd)\n  allowed: \\x02\n  source: \\x03\n{other}'
    assert other == r"aws_x.\x01: a\x00b\ud800 (odd)"
