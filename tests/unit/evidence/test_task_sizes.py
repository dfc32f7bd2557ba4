"""Sizes of tasks, however they are written."""

from __future__ import annotations

import pytest

from lib.evidence.structure.task_sizes import FARGATE_MEMORY, size


@pytest.mark.parametrize(
    ("value", "units"),
    [(256, 256), ("256", 256), ("1 vCPU", 1024), (".5 vcpu", 512), ("0.25 vCPU", 256), ("2 GB", 2048), ("1gb", 1024)],
)
def test_a_size_is_a_number_or_one_with_a_unit(value: object, units: float) -> None:
    assert size({"cpu": value}, "cpu") == units


@pytest.mark.parametrize("value", [None, True, "${var.cpu}", "much", [256], "9" * 5000 + " gb"])
def test_a_size_that_is_not_known_is_none(value: object) -> None:
    assert size({"cpu": value}, "cpu") is None


def test_fargate_has_so_many_pairs() -> None:
    assert {cpu: (min(memory), max(memory), len(memory)) for cpu, memory in FARGATE_MEMORY.items()} == {
        256: (512, 2048, 3),
        512: (1024, 4096, 4),
        1024: (2048, 8192, 7),
        2048: (4096, 16384, 13),
        4096: (8192, 30720, 23),
        8192: (16384, 61440, 12),
        16384: (32768, 122880, 12),
    }
