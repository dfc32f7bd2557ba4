"""How far it is, on a terminal, while people wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console


def nobody_watches(step: str) -> None:
    """What is told of a step where nothing is shown."""


@contextmanager
def progress(console: Console, steps: Mapping[str, int]) -> Iterator[Callable[[str], None]]:
    """Shows for each step how much of it is done, and nothing any more at the end. What it gives is told a step
    whenever a part of that is done. Where nobody watches, nothing is shown."""
    if not (console.file.isatty() and console.is_interactive):
        yield nobody_watches
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        tasks = {step: shown.add_task(step, total=total) for step, total in steps.items()}
        yield lambda step: shown.advance(tasks[step])
