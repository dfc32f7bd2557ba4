"""The values of every template: all taken, nearly all judged, and every judgement one that can go the other way."""

from __future__ import annotations

import copy
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lib.evidence import documents
from lib.evidence.reading import region_of
from lib.evidence.template import Block
from lib.evidence.values import judgement
from lib.evidence.values.judgement import judged
from lib.evidence.values.literal import Literal
from tests.synthesis import ALL, synthesized
from tests.templates.samples import NAMES, sample

UNCHECKED: dict[str, dict[str, int]] = tomllib.loads(Path(__file__).with_name("unchecked.toml").read_text())
NONSENSE = {bool: "perhaps", str: "\u2603 \x00" * 20_000, int: -98_765_432_109, float: -98_765_432_109.5}


@pytest.mark.parametrize("name", NAMES)
def test_every_value_is_one_that_aws_takes(name: str) -> None:
    assert judged(sample(name).template).findings == []


class TestUnchecked:
    def test_is_what_the_ratchet_says(self) -> None:
        # More: give what is new a rule. Less: write down the new numbers, so that they stay.
        assert {kind: dict(paths) for kind, paths in of_blueprints()} == UNCHECKED

    def test_is_less_than_five_percent_of_all_literals(self) -> None:
        judgements = [judged(synthesized(*each)) for each in ALL]
        literals = sum(sum(each.literals.values()) for each in judgements)
        unchecked = sum(sum(each.unchecked.values()) for each in judgements)
        assert literals > 20_000
        assert unchecked / literals < 0.05


def of_blueprints() -> Iterator[tuple[str, dict[str, int]]]:
    """Type -> argument -> how many literals of it are unchecked, in all blueprints and tiers together."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in ALL:
        counts += judged(synthesized(*each)).unchecked
    for kind in sorted({kind for kind, _ in counts}):
        yield kind, {path: count for (of_kind, path), count in sorted(counts.items()) if of_kind == kind}


@cache
def blocks_of_samples() -> list[tuple[str, Block, str | None]]:
    """Type, block and region of all that the templates tell AWS."""
    return [
        (kind, block, region_of(sample(name).template, block))
        for name in NAMES
        for kind, _, block in judgement._told_to_aws(sample(name).template)
    ]


class TestWhatCountsAsChecked:
    def test_by_itself_can_be_wrong(self) -> None:
        checked: dict[tuple[str, str], Literal] = {}
        for kind, block, _ in blocks_of_samples():
            for literal in judgement._alone(kind, block):
                if literal.rules and not literal.is_name and not judgement._is_reference(literal.value):
                    checked.setdefault((kind, literal.path), literal)
        assert len(checked) > 650
        assert {
            place for place, literal in checked.items() if takes(literal, NONSENSE[type(literal.value)])
        } == documents.FREE_TEXTS

    def test_by_what_stands_around_it_can_be_wrong(self) -> None:
        checked: dict[tuple[str, str], bool] = {}
        for kind, block, region in blocks_of_samples():
            for literal in judgement._in_context(kind, block, region):
                if literal.rules and (kind, literal.path) not in checked and not judgement._is_reference(literal.value):
                    worse = with_nonsense(block, literal.path)
                    refused = [each.path for each in judgement._in_context(kind, worse, region) if not fits(each)]
                    checked[kind, literal.path] = literal.path in refused
        assert len(checked) > 25
        assert {place for place, is_refused in checked.items() if not is_refused} == set()


def takes(literal: Literal, value: Any) -> bool:
    return fits(literal._replace(value=value))


def fits(literal: Literal) -> bool:
    return all(rule.accepts(literal.value) for rule in literal.rules)


def with_nonsense(block: Block, path: str) -> Block:
    """A block with nonsense of the same type at a path, in the first of each list on the way that has it."""
    worse = copy.deepcopy(block)
    assert _spoil(worse, path.split("."))
    return worse


def _spoil(value: Any, names: list[str]) -> bool:
    if isinstance(value, list):
        return any(_spoil(each, names) for each in value)
    name = ".".join(names) if ".".join(names) in value else names[0]
    rest = names[len(name.split(".")) :]
    if name not in value:
        return False
    if rest:
        return _spoil(value[name], rest)
    inner = value[name][0] if isinstance(value[name], list) else value[name]
    value[name] = [NONSENSE[type(inner)]] if isinstance(value[name], list) else NONSENSE[type(inner)]
    return True
