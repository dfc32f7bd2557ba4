"""docs/capacity.md says what the settings, the assumptions and the limits say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lib.capacity import Assumptions
from lib.capacity.limits import all_limits
from lib.capacity.page import with_tables
from lib.settings.layers import built_in_blueprints


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "capacity.md").read_text()


@pytest.fixture(scope="module")
def written(page: str) -> str:
    return with_tables(page)


def test_page_is_current(page: str, written: str) -> None:
    assert page == written, "docs/capacity.md is not current: `make capacity ARGS=--write` writes it anew"


def test_page_has_a_place_for_every_table(page: str) -> None:
    assert re.findall(r"<!-- begin (\w+): ", page) == ["summary", "details", "assumptions", "limits"]


def test_what_stands_around_the_tables_stays() -> None:
    empty = "before\n<!-- begin limits: any -->\nleft over\n<!-- end limits -->\nafter\n"
    once = with_tables(empty)
    assert once.startswith("before\n<!-- begin limits: any -->\n\n| limit | value | quota | page |\n")
    assert once.endswith("|\n\n<!-- end limits -->\nafter\n")
    assert "left over" not in once
    assert with_tables(once) == once


def test_a_table_that_nobody_writes_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="prices"):
        with_tables("<!-- begin prices: any -->\n<!-- end prices -->\n")


def test_summary_has_every_blueprint_in_every_tier(written: str) -> None:
    for blueprint in built_in_blueprints():
        for tier in ("dev", "staging", "prod"):
            assert written.count(f"| {blueprint} | {tier} |") == 1


def test_details_are_those_of_prod(written: str) -> None:
    assert re.findall(r"^### (\w+) in (\w+)$", written, flags=re.M) == [
        (blueprint, "prod") for blueprint in built_in_blueprints()
    ]


def test_quotas_that_are_enough_are_left_out(written: str) -> None:
    rows = re.findall(r"^\| .* \| L-[0-9A-F]{8} \| .* \| (yes|ask for more) \|$", written, flags=re.M)
    assert set(rows) == {"ask for more"}
    assert "A fresh account's quotas are enough." in written


def test_every_assumption_and_every_limit_is_there(written: str) -> None:
    for name, _, meaning in Assumptions().rows():
        assert f"| `{name}` | " in written
        assert meaning in written
    for limit in all_limits():
        assert f"| {limit.meaning} | " in written
        assert f"| [page]({limit.page}) |" in written
