"""Rules: what they take, what they refuse, and how they say so."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence.values.rule import Rule, as_number, between, boolean, matching, one_of, sized

PAGE = "https://docs.aws.amazon.com/a"


def refused(rule: Rule, *values: Any) -> list[Any]:
    return [value for value in values if not rule.accepts(value)]


EVERYTHING: tuple[Any, ...] = (None, True, 1, 1.5, "", "a", [], ["a"], {}, {"a": 1})


class TestEveryRule:
    @pytest.mark.parametrize(
        "rule", [one_of("a", source=PAGE), matching("a", PAGE), between(0, 1, PAGE), sized(0, 1, PAGE), boolean(PAGE)]
    )
    def test_can_be_asked_about_anything(self, rule: Rule) -> None:
        assert {type(rule.accepts(value)) for value in EVERYTHING} == {bool}

    @pytest.mark.parametrize(
        "rule", [one_of("a", source=PAGE), matching("a", PAGE), between(0, 1, PAGE), sized(0, 1, PAGE), boolean(PAGE)]
    )
    def test_says_where_it_is_from(self, rule: Rule) -> None:
        assert rule.source == PAGE


class TestOneOf:
    def test_takes_its_words_only(self) -> None:
        assert refused(one_of("a", "b", source=PAGE), "a", "b", "c", "A", "", ["a"], None) == [
            "c",
            "A",
            "",
            ["a"],
            None,
        ]

    def test_tells_numbers_truth_values_and_texts_apart(self) -> None:
        assert refused(one_of(1, source=PAGE), 1, True, "1", 1.0) == [True, "1", 1.0]

    def test_names_its_words_in_order(self) -> None:
        rule = one_of("a", 2, source=PAGE)
        assert (rule.check, rule.allowed) == ("enumerations", "one of 2, a")

    def test_can_be_a_part_of_another_check(self) -> None:
        assert one_of("a", source=PAGE, check="classes").check == "classes"


class TestBoolean:
    def test_takes_truth_values_and_how_terraform_spells_them(self) -> None:
        assert refused(boolean(PAGE), True, False, "true", "false", "yes", 1, 0, None) == ["yes", 1, 0, None]

    def test_is_of_the_check_of_types(self) -> None:
        assert boolean(PAGE).check == "types"


class TestMatching:
    def test_looks_at_the_whole_text(self) -> None:
        assert refused(matching("[a-z]+", PAGE), "abc", "abc1", "1abc", "", "abc\n") == ["abc1", "1abc", "", "abc\n"]

    def test_spells_numbers(self) -> None:
        assert refused(matching(r"\d+", PAGE), 12, 1.5, True) == [1.5, True]

    def test_fills_in_what_expressions_stand_for(self) -> None:
        assert refused(matching("a-[a-z]+-[0-9a-f]+", PAGE), "a-${aws_vpc.v.id}", "b-${aws_vpc.v.id}") == [
            "b-${aws_vpc.v.id}"
        ]

    def test_shows_its_pattern(self) -> None:
        rule = matching("[a-z]+", PAGE)
        assert (rule.check, rule.allowed) == ("patterns", "a text like [a-z]+")

    def test_can_say_it_in_words(self) -> None:
        assert matching("[a-z]+", PAGE, allowed="small letters", check="names").allowed == "small letters"


class TestBetween:
    def test_takes_its_bounds(self) -> None:
        assert refused(between(1, 3, PAGE), 0, 1, 2.5, 3, 3.01, "2", "4", "two", True) == [0, 3.01, "4", "two", True]

    def test_may_have_one_bound(self) -> None:
        assert refused(between(1, None, PAGE), 0, 10**9) == [0]
        assert refused(between(None, 1, PAGE), -(10**9), 2) == [2]

    @pytest.mark.parametrize(
        ("least", "most", "allowed"),
        [(1, 3, "a number from 1 to 3"), (1, None, "a number from 1"), (None, 3, "a number up to 3")],
    )
    def test_says_its_bounds(self, least: int | None, most: int | None, allowed: str) -> None:
        assert (between(least, most, PAGE).check, between(least, most, PAGE).allowed) == ("ranges", allowed)


class TestSized:
    def test_counts_characters_and_items(self) -> None:
        assert refused(sized(1, 2, PAGE), "", "a", "ab", "abc", [], ["a"], {"a": 1}, 12) == ["", "abc", [], 12]

    def test_may_have_one_bound(self) -> None:
        assert refused(sized(2, None, PAGE), "a", "ab" * 999) == ["a"]
        assert refused(sized(None, 2, PAGE), "", "abc") == ["abc"]

    def test_counts_what_expressions_stand_for(self) -> None:
        assert refused(sized(0, 12, PAGE), "${data.aws_caller_identity.caller_with_a_long_name.account_id}") == []

    def test_says_its_bounds(self) -> None:
        rule = sized(1, 64, PAGE)
        assert (rule.check, rule.allowed) == ("lengths", "from 1 to 64 long")


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1.0), (1.5, 1.5), ("2", 2.0), ("-2.5", -2.5), ("two", None), (True, None), (None, None), ([], None)],
)
def test_numbers_may_be_spelled(value: Any, number: float | None) -> None:
    assert as_number(value) == number
