"""What is assumed, how it is said anew, and what a wrong word ends in."""

from __future__ import annotations

import pytest

from lib.capacity import Assumptions
from lib.settings import SettingsError


def findings(*pairs: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Assumptions().with_values(pairs)
    assert str(caught.value).startswith("assumptions: ")
    return list(caught.value.findings)


def test_ten_thousand_users_are_1_500_requests_a_second_in_the_busiest_minutes() -> None:
    assert 10_000 * Assumptions().peak_rate_per_user == 1500


def test_values_said_anew_take_the_place_of_the_built_in_ones_and_no_others() -> None:
    changed = Assumptions().with_values(["peak_factor=3", "seconds_between_requests=0.5"])
    assert (changed.peak_factor, changed.seconds_between_requests, changed.peak_rate_per_user) == (3, 0.5, 6)
    assert changed.with_values(["peak_factor=1.5", "seconds_between_requests=10"]) == Assumptions()


def test_nothing_said_changes_nothing() -> None:
    assert Assumptions().with_values([]) == Assumptions()


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    assert findings("peak_faktor=2") == ["peak_faktor: unknown assumption; did you mean peak_factor?"]


def test_a_name_like_none_is_refused_without_one() -> None:
    assert findings("xyzzy=2") == ["xyzzy: unknown assumption"]


def test_all_wrong_ones_are_listed() -> None:
    assert findings("peak_factor=much", "request_milliseconds", "users_per_address=9") == [
        "peak_factor = 'much': must be a number",
        "request_milliseconds = '': must be a number",
    ]


@pytest.mark.parametrize("text", ["0", "-1", "inf", "nan"])
def test_what_others_are_divided_by_must_be_more_than_zero(text: str) -> None:
    assert findings(f"seconds_between_requests={text}") == [f"seconds_between_requests = {text}: must be more than 0"]


@pytest.mark.parametrize("text", ["-1", "inf", "nan"])
def test_what_need_not_happen_may_be_zero_and_no_less(text: str) -> None:
    assert findings(f"outside_calls_per_request={text}") == [f"outside_calls_per_request = {text}: must be 0 or more"]
    assert Assumptions().with_values(["outside_calls_per_request=0"]).outside_calls_per_request == 0


def test_percentages_end_at_a_hundred() -> None:
    assert findings("full_percent=100.5") == ["full_percent = 100.5: must be 100 at most"]
    assert Assumptions().with_values(["full_percent=100"]).full_percent == 100


def test_only_percentages_end_at_a_hundred() -> None:
    assert Assumptions().with_values(["concurrent_users=101"]).concurrent_users == 101


def test_each_has_a_sentence_and_all_are_shown() -> None:
    rows = Assumptions().rows()
    assert rows[0] == ("concurrent_users", 10_000, "Users who are active at the same time: the number in question.")
    assert len(rows) == 36
    assert all(meaning.endswith(".") for _, _, meaning in rows)
