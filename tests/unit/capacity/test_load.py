"""From users to requests, and whose they are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.capacity.load import NO_LIMIT, Load
from lib.settings import SettingsError
from tests.unit.capacity.example import FUNCTION, assumed, settings

SHOP: dict[str, Any] = {"services": {"api": {}, "admin": {"hosts": ["admin.example.com"]}}}


def load(overrides: dict[str, Any], shares: dict[str, float] | None = None, **assumptions: float) -> Load:
    return Load(settings(**overrides), assumed(**assumptions), shares)


def test_users_send_requests_at_their_pace_and_more_of_them_in_the_busiest_minutes() -> None:
    assert load({}, seconds_between_requests=5, peak_factor=2).rate(1000) == 400


def test_one_service_gets_all_requests() -> None:
    assert load({}).share("api") == 1


def test_services_share_requests_evenly() -> None:
    shop = load(SHOP)
    assert (shop.share("api"), shop.share("admin")) == (0.5, 0.5)


def test_functions_with_a_rule_take_their_part_first() -> None:
    with_function = load(SHOP | {"functions": {"pay": FUNCTION}}, function_percent=40)
    assert [with_function.share(name) for name in ("pay", "api", "admin")] == pytest.approx([0.4, 0.3, 0.3])


def test_a_function_without_a_rule_gets_no_requests() -> None:
    with_function = load({"functions": {"nightly": {"source": FUNCTION["source"]}}})
    assert (with_function.share("nightly"), with_function.share("api")) == (0, 1)


def test_where_nothing_else_answers_functions_get_all() -> None:
    assert load({"services": False, "functions": {"pay": FUNCTION}}).share("pay") == 1


def test_a_share_that_is_said_is_taken_and_the_others_share_the_rest() -> None:
    overrides = SHOP | {"functions": {"pay": FUNCTION}}
    shop = load(overrides, {"admin": 0.1}, function_percent=20)
    assert [shop.share(name) for name in ("admin", "pay", "api")] == pytest.approx([0.1, 0.18, 0.72])


def test_a_share_of_a_function_leaves_the_rest_to_the_services() -> None:
    shop = load(SHOP | {"functions": {"pay": FUNCTION}}, {"pay": 0.5})
    assert [shop.share(name) for name in ("pay", "api", "admin")] == [0.5, 0.25, 0.25]


def test_callers_add_to_what_a_service_gets_and_callers_of_callers_too() -> None:
    services = {
        "api": {"calls": ["stock"]},
        "stock": {"hosts": ["stock.example.com"], "calls": ["depot"]},
        "depot": {"hosts": ["depot.example.com"]},
    }
    calling = load({"services": services}, {"api": 1, "stock": 0, "depot": 0}, calls_per_request=2)
    assert [calling.share(name) for name in services] == [1, 2, 4]
    assert calling.shares_of(services) == 7


def test_a_share_of_what_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(SettingsError) as caught:
        load(SHOP, {"web": 0.5, "api": -0.1})
    assert caught.value.findings == (
        "web: gets no requests; there are api, admin",
        "api = -10: must be 0 or more",
    )


def test_shares_above_the_whole_are_refused() -> None:
    with pytest.raises(SettingsError, match="come to more than 100 percent together"):
        load(SHOP, {"api": 0.7, "admin": 0.31})


def test_shares_that_come_to_the_whole_are_taken() -> None:
    thirds = {"api": 0.1 + 0.2, "admin": 0.7}
    assert load(SHOP, thirds).share("admin") == 0.7


ONE_SERVICE = load({})


class TestMostUsers:
    def test_is_the_last_count_whose_need_is_met(self) -> None:
        assert ONE_SERVICE.most_users(lambda users: users * 3, 100) == 33

    def test_need_that_is_met_exactly_is_met_in_spite_of_how_machines_divide(self) -> None:
        assert ONE_SERVICE.most_users(lambda users: users * 0.1 * 3, 0.3 * 7) == 7

    def test_is_none_where_nothing_is_there(self) -> None:
        assert ONE_SERVICE.most_users(lambda users: users, 0) == 0

    def test_is_none_where_even_no_user_is_too_many(self) -> None:
        assert ONE_SERVICE.most_users(lambda users: users + 5, 3) == 0

    def test_has_no_limit_where_nothing_is_needed(self) -> None:
        assert ONE_SERVICE.most_users(lambda _: 0, 0) == NO_LIMIT

    @given(st.floats(0.001, 1e6), st.floats(0, 1e6))
    def test_meets_the_need_and_one_more_would_not(self, each: float, there_is: float) -> None:
        most = ONE_SERVICE.most_users(lambda users: users * each, there_is)
        assert most * each <= there_is * (1 + 1e-8)
        assert most == NO_LIMIT or (most + 1) * each > there_is
