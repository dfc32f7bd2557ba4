"""Groups of parameters: their families, and what they set."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence.values.parameters import KNOWN, literals

INSTANCE, CLUSTER = "aws_db_parameter_group", "aws_rds_cluster_parameter_group"


def refused(kind: str, **block: Any) -> list[tuple[str, Any]]:
    return [
        (literal.path, literal.value)
        for literal in literals(kind, block)
        if not all(rule.accepts(literal.value) for rule in literal.rules)
    ]


@pytest.mark.parametrize(
    ("kind", "family", "is_one"),
    [
        (INSTANCE, "postgres17", True),
        (INSTANCE, "mysql8.0", True),
        (INSTANCE, "aurora-postgresql17", False),
        (INSTANCE, "postgres", False),
        (CLUSTER, "aurora-postgresql17", True),
        (CLUSTER, "aurora-mysql8.0", True),
        (CLUSTER, "aurora-postgres17", True),
        (CLUSTER, "oracle19", False),
    ],
)
def test_a_family_is_of_the_type(kind: str, family: str, is_one: bool) -> None:
    assert refused(kind, family=family) == ([] if is_one else [("family", family)])


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("log_lock_waits", "1", "on"),
        ("log_min_duration_statement", "-1", "1s"),
        ("log_statement", "ddl", "some"),
        ("max_connections", "180", "5"),
        ("rds.force_ssl", "1", "2"),
    ],
)
def test_a_parameter_is_set_to_what_it_may_be(name: str, right: str, wrong: str) -> None:
    group: dict[str, Any] = {"family": "postgres17"}
    assert refused(INSTANCE, **group, parameter=[{"name": name, "value": right}]) == []
    assert refused(INSTANCE, **group, parameter=[{"name": name, "value": wrong}]) == [("parameter.value", wrong)]


def test_every_parameter_has_a_page() -> None:
    assert all(rule.source.startswith("https://") for rule in KNOWN.values())


def test_one_block_is_a_list_of_one() -> None:
    found = list(literals(INSTANCE, {"family": "postgres17", "parameter": {"name": "log_lock_waits", "value": "1"}}))
    assert [(each.path, each.value) for each in found] == [
        ("family", "postgres17"),
        ("parameter.name", "log_lock_waits"),
        ("parameter.value", "1"),
    ]


def test_a_parameter_that_is_not_known_has_a_name_that_could_be_one() -> None:
    found = literals(INSTANCE, {"family": "postgres17", "parameter": [{"name": "work_mem", "value": "4096"}]})
    assert [(each.path, len(each.rules)) for each in found] == [
        ("family", 1),
        ("parameter.name", 1),
        ("parameter.value", 0),
    ]
    assert refused(INSTANCE, family="postgres17", parameter=[{"name": "Work Mem", "value": "1"}]) == [
        ("parameter.name", "Work Mem")
    ]


def test_other_types_have_none() -> None:
    assert list(literals("aws_vpc", {"family": "x"})) == []
