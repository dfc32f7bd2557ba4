"""Every JSON document in the templates has somebody who judges it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lib.evidence.documents import BLOCK_JUDGES, FREE_TEXTS, JUDGES
from lib.evidence.documents.parts import number, single, tables, unknown
from lib.evidence.reading import resources
from tests.templates.samples import sample
from tests.unit.evidence.documents import SAMPLES, blocks_of

_OF_MODELS = {("aws_ecs_task_definition", "container_definitions")}
"""What the models of AWS describe."""
_OF_FUNCTIONS = {("aws_lambda_invocation", "input")}
"""What the template's own functions read: that it is a document is all that can be asked."""


def arguments_with_json() -> set[tuple[str, str]]:
    return {
        (kind, path)
        for name in SAMPLES
        for kind, _, block in resources(sample(name).template)
        for path, text in _texts(block)
        if _is_json(text)
    }


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, path)


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return False


def test_every_document_but_policies_and_containers_is_judged() -> None:
    policies = {(kind, path) for kind, path in arguments_with_json() if path.endswith("policy")}
    assert arguments_with_json() - policies - _OF_MODELS - _OF_FUNCTIONS == set(JUDGES)
    assert len(policies) >= 8


@pytest.mark.parametrize("kind", sorted(BLOCK_JUDGES))
def test_every_kind_that_is_judged_is_there(kind: str) -> None:
    literals = [each for block in blocks_of(kind) for each in BLOCK_JUDGES[kind](block)]
    assert literals


def test_what_people_read_is_in_documents_that_are_judged() -> None:
    assert {(kind, path.partition(".")[0]) for kind, path in FREE_TEXTS} <= set(JUDGES)


def test_of_what_nothing_is_known_every_literal_is_told() -> None:
    found = list(unknown({"a": [1, {"b": "x"}], "c": None, "d": "${local.x}"}, "p"))
    assert [(each.path, each.value, each.rules) for each in found] == [("p.a", 1, ()), ("p.a.b", "x", ())]


def test_a_value_that_nothing_is_asked_of_is_a_single_one_still() -> None:
    (found,) = single()({"a": 1}, "p")
    assert (found.path, found.is_name, found.rules[0].source) == ("p", True, "")


def test_blocks_are_found_alone_and_in_lists() -> None:
    one, two = {"x": 1}, {"x": 2}
    assert list(tables({"a": [{"b": one}, {"b": [two, "x"]}, {}]}, "a", "b")) == [one, two]
    assert list(tables(None, "a")) == []


@pytest.mark.parametrize("value", [True, "4", None, float("nan"), float("inf"), [4]])
def test_a_number_of_json_is_a_number(value: object) -> None:
    assert not number("page").accepts(value)


def test_a_number_says_its_bounds() -> None:
    assert number("page", 1, 24, whole=True).allowed == "a whole number from 1 to 24"
    assert number("page").allowed == "a number"
