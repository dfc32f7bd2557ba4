"""Paths into layered tables."""

from __future__ import annotations

from typing import Any

import pytest

from lib.settings.layers import value_at

TABLE: dict[str, Any] = {"a": {"b": ({"c": 1}, 2)}, "d": "text"}


@pytest.mark.parametrize(
    ("path", "value"),
    [((), TABLE), (("a", "b", "0", "c"), 1), (("a", "b", "1"), 2), (("d",), "text")],
)
def test_a_path_leads_through_tables_and_lists(path: tuple[str, ...], value: object) -> None:
    assert value_at(TABLE, path) == value


@pytest.mark.parametrize("path", [("x",), ("a", "b", "2"), ("a", "b", "c"), ("d", "0"), ("a", "b", "1", "x")])
def test_a_path_to_nothing_is_refused(path: tuple[str, ...]) -> None:
    with pytest.raises(KeyError):
        value_at(TABLE, path)
