"""How far an apply is: a line for each object where a log is kept, one that changes on a terminal."""

from __future__ import annotations

import pytest

from lib.operations.deploy.progress import progress
from lib.operations.terraform import Step

_STEPS = [
    Step("aws_vpc.one", "create", "start", 0),
    Step("aws_vpc.one", "create", "progress", 10),
    Step("aws_vpc.one", "create", "complete", 12),
    Step("aws_eip.two", "create", "errored", 1),
]


def told(capsys: pytest.CaptureFixture[str]) -> str:
    with progress(2) as told:
        for step in _STEPS:
            told(step)
    return capsys.readouterr().err


def test_a_log_has_a_line_for_each_object_that_has_come_to_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys).splitlines()[:-1] == [
        "1 of 2: create aws_vpc.one: complete, 12 s",
        "1 of 2: create aws_eip.two: errored, 1 s",
    ]


def test_a_terminal_has_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TTY_INTERACTIVE", "0")
    said = told(capsys)
    assert "complete" not in said
    assert "apply " in said
