"""Platforms for tests: the default blueprint under other settings, small enough to reckon by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from lib.capacity import Assumptions, Report, report
from lib.capacity.bounds import Bound, Fit, Growth
from lib.capacity.platform import Platform
from lib.settings import Settings, load

Found = TypeVar("Found")

AURORA: dict[str, Any] = {"kind": "aurora", "readers": 1, "min_acu": 2, "max_acu": 8, "max_connections": 1000}
NODES: dict[str, Any] = {"kind": "replication_group"}
FUNCTION: dict[str, Any] = {"source": "lib/functions/transactions", "paths": ["/pay/*"]}


def settings(suffix: str = "dev", **overrides: Any) -> Settings:
    return load(suffix, overrides=overrides, environ={})


def assumed(**values: float) -> Assumptions:
    return Assumptions().with_values(f"{name}={value}" for name, value in values.items())


def platform(overrides: Mapping[str, Any] | None = None, suffix: str = "dev", /, **assumptions: float) -> Platform:
    return Platform(settings(suffix, **(overrides or {})), assumed(**assumptions), {})


def whole(overrides: Mapping[str, Any] | None = None, suffix: str = "dev", /, **assumptions: float) -> Report:
    return report("example", settings(suffix, **(overrides or {})), assumed(**assumptions))


def bound(of: Report, unit: str, measure: str) -> Bound:
    return _one(each for each in of.bounds if (each.unit, each.measure) == (unit, measure))


def fit(of: Report, beginning: str) -> Fit:
    return _one(each for each in of.fits if each.what.startswith(beginning))


def growth(of: Report, unit: str, measure: str) -> Growth:
    return _one(each for each in of.growth if (each.unit, each.measure) == (unit, measure))


def _one(found: Iterator[Found]) -> Found:
    (only,) = found
    return only
