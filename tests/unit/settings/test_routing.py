"""Priorities: from a service's own patterns and name alone, more demanding rules first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.settings.routing import LAST_PRIORITY, rule_priorities, rule_priority
from lib.settings.services import Service

names = st.from_regex(r"[a-z][a-z0-9]{0,15}", fullmatch=True)
patterns = st.from_regex(r"/[a-z/]{0,30}\*?", fullmatch=True)
services = st.builds(
    Service,
    paths=st.lists(patterns, max_size=2, unique=True).map(tuple),
    hosts=st.lists(st.from_regex(r"[a-z]{1,5}\.io", fullmatch=True), max_size=2, unique=True).map(tuple),
)


@given(names, services)
def test_a_priority_is_one_that_aws_takes(name: str, service: Service) -> None:
    assert 1 <= rule_priority(name, service) <= 50_000


@given(st.dictionaries(names, services, min_size=1), names, services)
def test_adding_or_removing_a_service_renumbers_no_other(many: dict[str, Service], name: str, service: Service) -> None:
    others = {key: value for key, value in many.items() if key != name}
    with_it = rule_priorities(others | {name: service})
    assert {key: with_it[key] for key in others} == rule_priorities(others)


@given(names, names, st.integers(2, 15), st.booleans())
def test_a_longer_path_is_asked_first(one: str, other: str, length: int, host: bool) -> None:
    hosts = ("a.io",) if host else ()
    longer = Service(paths=("/" + "x" * (length - 1) + "*",), hosts=hosts)
    shorter = Service(paths=("/" + "x" * (length - 2) + "*",), hosts=hosts)
    assert rule_priority(one, longer) < rule_priority(other, shorter)


@given(names, names, patterns, patterns)
def test_a_rule_with_a_host_is_asked_before_those_without(one: str, other: str, path: str, other_path: str) -> None:
    with_host = Service(paths=(path,), hosts=("a.io",))
    assert rule_priority(one, with_host) < rule_priority(other, Service(paths=(other_path,)))


@pytest.mark.parametrize(
    ("service", "priority"),
    [
        (Service(), LAST_PRIORITY),
        (Service(paths=("/orders/*",), priority=7), 7),
        # 16 + 15 - 8 characters before the wildcard, 1,500 places each; crc32("orders") % 1500 = 662.
        (Service(paths=("/orders/*",)), 23 * 1500 + 662 + 1),
        (Service(paths=("/*", "/orders/*")), 30 * 1500 + 662 + 1),
        (Service(hosts=("a.io",)), 15 * 1500 + 662 + 1),
        (Service(hosts=("a.io",), paths=("/orders/?",)), 7 * 1500 + 662 + 1),
        (Service(paths=("/a-path-longer-than-the-scale",)), 16 * 1500 + 662 + 1),
    ],
)
def test_a_priority_never_changes_between_releases(service: Service, priority: int) -> None:
    assert rule_priority("orders", service) == priority


def test_the_default_service_comes_last() -> None:
    assert LAST_PRIORITY == 50_000
