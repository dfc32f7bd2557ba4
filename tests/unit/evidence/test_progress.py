"""How far it is: shown to who watches, and to nobody else."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from lib.evidence.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(file: io.StringIO, **environment: str) -> str:
    environ = {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"} | environment
    with progress(Console(file=file, _environ=environ), {"synthesis": 3, "policies": 1}) as after:
        after("synthesis")
        after("synthesis")
        after("policies")
    return file.getvalue()


def test_in_a_terminal_each_step_shows_how_far_it_is() -> None:
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written(Terminal()))
    assert re.search(r"synthesis +\S+ +2/3 ", text)
    assert re.search(r"policies +\S+ +1/1 ", text)


def test_at_its_end_nothing_of_it_is_left() -> None:
    assert written(Terminal()).endswith("\x1b[2K")


@pytest.mark.parametrize(
    ("file", "environment"),
    [
        pytest.param(io.StringIO(), {}, id="file"),
        pytest.param(io.StringIO(), {"FORCE_COLOR": "1"}, id="coloured-file"),
        pytest.param(Terminal(), {"TERM": "dumb"}, id="typewriter"),
    ],
)
def test_where_nobody_watches_nothing_is_shown(file: io.StringIO, environment: dict[str, str]) -> None:
    assert written(file, **environment) == ""
