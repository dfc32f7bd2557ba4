"""What a run was in numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localaws.resources.report import main, report


def _made(kind: str, *calls: str, error: str | None = None) -> dict[str, Any]:
    return {"operation": "create", "type": kind, "error": error, "facts": {"calls": list(calls), "seconds": 0.5}}


def test_types_objects_calls_and_seconds_are_counted() -> None:
    entries = [_made("aws_vpc", "ec2:a", "ec2:b"), _made("aws_vpc", "ec2:a"), _made("aws_lb", "elbv2:a")]
    assert report(entries)[:4] == (2, 3, 4, 1.5)


def test_an_object_without_a_call_is_mocked() -> None:
    assert report([_made("aws_vpc"), _made("aws_lb", "elbv2:a")]).mocked == ("aws_vpc",)


def test_what_failed_was_not_made() -> None:
    assert report([_made("aws_vpc", "ec2:a", error="refused")]).objects == 0


@pytest.mark.parametrize(("calls", "code"), [(("ec2:a",), 0), ((), 1)])
def test_a_mocked_object_fails_the_run(tmp_path: Path, calls: tuple[str, ...], code: int) -> None:
    log = tmp_path / "log"
    log.write_text(json.dumps(_made("aws_vpc", *calls)) + "\n")
    assert main([str(log)]) == code


def test_a_report_is_a_sentence() -> None:
    told = str(report([_made("aws_vpc", "ec2:a")]))
    assert told == "1 objects of 1 types by 1 API calls in 0.5 s of calls, 0 mocked"


def test_without_a_log_it_says_how_it_is_used() -> None:
    assert main([]) == 2
