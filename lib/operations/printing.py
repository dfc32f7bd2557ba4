"""What commands print for people, wherever it goes: a terminal, a file, or another program."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Callable

from rich.console import Console

_WIDTH_OF_FILES = 80


def rendered(show: Callable[[Console], object]) -> str:
    """What is shown, as text: with colours on a terminal and as wide as that, plain and 80 wide elsewhere."""
    in_terminal = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(width=None if in_terminal else _WIDTH_OF_FILES, highlight=False)
    with console.capture() as captured:
        show(console)
    return re.sub(r" +$", "", captured.get(), flags=re.MULTILINE)


def put(text: str) -> None:
    """Prints it. Who reads may have read enough: `make verify | head`."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(text)
        sys.stdout.flush()


def survive_any_terminal() -> None:
    """A terminal that knows no `…` shows it in some way rather than none."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
