"""What is made of the answers: the same finding once, literals counted, and a document for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.evidence.finding import Finding
from lib.evidence.results import Answer, Coverage, Verdict, checks, coverage, document, occurrences, total

LOUD = Finding("sounds", "aws_sns_topic.main", "is loud")
LONG = Finding("lengths", "aws_sns_topic.main", "name is long", "name", "a" * 9, "up to 8 characters", "a model")
OTHER = Finding("sounds", "aws_sqs_queue.main", "is loud")


def verdict(template: str, *found: Finding, **changes: Any) -> Verdict:
    values: dict[str, Any] = {"resources": 3, "literals": {}, "unchecked": {}} | changes
    return Verdict(template, answers=[Answer("sounds", found, 0.5), Answer("values", [], 0.25)], **values)


class TestOccurrences:
    def test_are_each_finding_once_with_all_its_templates(self) -> None:
        assert occurrences([verdict("dev", LOUD), verdict("staging"), verdict("prod", LOUD)]) == [
            (LOUD, ("dev", "prod"))
        ]

    def test_are_each_once_where_a_template_has_one_twice(self) -> None:
        assert occurrences([verdict("dev", LOUD, LOUD)]) == [(LOUD, ("dev",))]

    def test_are_two_where_anything_differs(self) -> None:
        shorter = Finding("lengths", "aws_sns_topic.main", "name is long", "name", "b" * 9, LONG.allowed, LONG.source)
        assert len(occurrences([verdict("dev", LONG), verdict("prod", shorter)])) == 2

    def test_are_two_where_a_number_stands_for_a_text(self) -> None:
        one, other = (Finding("ranges", "aws_x.y", "wrong", "size", size) for size in (1, "1"))
        assert len(occurrences([verdict("dev", one, other)])) == 2

    def test_of_most_templates_come_first(self) -> None:
        found = occurrences([verdict("dev", LONG), verdict("prod", LOUD, OTHER), verdict("own", OTHER)])
        assert [one.templates for one in found] == [("prod", "own"), ("dev",), ("prod",)]

    def test_of_as_many_come_in_the_order_of_the_templates(self) -> None:
        found = occurrences([verdict("b", OTHER), verdict("a", LOUD)])
        assert [one.templates for one in found] == [("b",), ("a",)]

    def test_of_the_same_templates_come_by_resource_and_check(self) -> None:
        first = Finding("a_check", "aws_sqs_queue.main", "is wrong")
        found = occurrences([verdict("dev", OTHER, LOUD, first, LONG)])
        assert [one.finding for one in found] == [LONG, LOUD, first, OTHER]

    def test_may_have_any_value(self) -> None:
        odd = Finding("odd", "", "odd", "at", {"set": {1}, "list": [None]})
        assert occurrences([verdict("dev", odd)]) == [(odd, ("dev",))]


class TestCoverage:
    VERDICTS = (
        verdict("dev", literals={"aws_b": 3, "aws_a": 4}, unchecked={("aws_a", "name"): 1}),
        verdict("prod", literals={"aws_a": 5}, unchecked={("aws_a", "name"): 1, ("aws_a", "kind"): 1}),
    )

    def test_is_counted_over_all_templates_and_told_by_name(self) -> None:
        found = coverage(self.VERDICTS)
        assert found == {"aws_a": Coverage(9, {"name": 2, "kind": 1}), "aws_b": Coverage(3, {})}
        assert list(found) == ["aws_a", "aws_b"]

    def test_of_all_kinds_is_their_sum(self) -> None:
        of_all = total(coverage(self.VERDICTS))
        assert of_all == Coverage(12, {"aws_a": 3})
        assert (of_all.unchecked_count, of_all.checked_percent) == (3, 75.0)

    @pytest.mark.parametrize(("unchecked", "percent"), [(0, 100.0), (1, 99.9), (999, 90.0), (9999, 0.0), (10000, 0.0)])
    def test_is_no_hundred_percent_while_one_is_unchecked(self, unchecked: int, percent: float) -> None:
        assert Coverage(10000, {"name": unchecked}).checked_percent == percent


def test_checks_are_named_once_in_the_order_of_asking() -> None:
    other = Verdict("own", 1, {}, {}, [Answer("values", [], 0), Answer("policies", [], 0)])
    assert checks([verdict("dev"), other]) == ["sounds", "values", "policies"]


class TestDocument:
    VERDICTS = (
        verdict("dev", LONG, literals={"aws_sns_topic": 4}, unchecked={("aws_sns_topic", "name"): 1}),
        verdict("prod", LONG, LOUD, literals={"aws_sns_topic": 4}),
    )

    def test_tells_everything(self) -> None:
        assert json.loads(json.dumps(document(self.VERDICTS, 1.26))) == {
            "version": 1,
            "seconds": 1.3,
            "checks": ["sounds", "values"],
            "templates": [
                {"name": "dev", "resources": 3, "literals": 4, "unchecked": 1, "findings": 1},
                {"name": "prod", "resources": 3, "literals": 4, "unchecked": 0, "findings": 2},
            ],
            "literals": {"aws_sns_topic": {"literals": 8, "unchecked": 1, "unchecked_arguments": {"name": 1}}},
            "findings": [
                {
                    "check": "lengths",
                    "resource": "aws_sns_topic.main",
                    "what": "name is long",
                    "argument": "name",
                    "value": "aaaaaaaaa",
                    "allowed": "up to 8 characters",
                    "source": "a model",
                    "templates": ["dev", "prod"],
                },
                {
                    "check": "sounds",
                    "resource": "aws_sns_topic.main",
                    "what": "is loud",
                    "argument": "",
                    "value": None,
                    "allowed": "",
                    "source": "",
                    "templates": ["prod"],
                },
            ],
        }
