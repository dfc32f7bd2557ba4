"""Every row of the requirements has tests that are named for it: `TestRow07…` is row 7 of its module's system."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.synthesis import BLUEPRINTS

ROWS = {"catalog": 10, "fleet": 9, "lms": 7, "payments": 7, "transactions": 11}
"""Rows of each system's requirements."""


def rows(blueprint: str) -> dict[str, list[str]]:
    """Class -> its tests, of the module of a blueprint."""
    module = ast.parse((Path(__file__).parent / f"test_{blueprint}.py").read_text())
    return {
        each.name: [part.name for part in each.body if isinstance(part, ast.FunctionDef)]
        for each in module.body
        if isinstance(each, ast.ClassDef) and each.name.startswith("TestRow")
    }


def test_every_blueprint_is_a_system_with_rows() -> None:
    assert sorted(ROWS) == sorted(BLUEPRINTS)


@pytest.mark.parametrize("blueprint", ROWS)
class TestOfABlueprint:
    def test_every_row_has_one_class_in_its_order(self, blueprint: str) -> None:
        numbers = []
        for name in rows(blueprint):
            found = re.fullmatch(r"TestRow(\d\d)[A-Z]\w+", name)
            assert found, f"{name} does not say what its row is about"
            numbers.append(int(found[1]))
        assert numbers == list(range(1, ROWS[blueprint] + 1))

    def test_every_class_has_tests(self, blueprint: str) -> None:
        assert [name for name, tests in rows(blueprint).items() if not any(map(is_test, tests))] == []


def is_test(name: str) -> bool:
    return name.startswith("test_")
