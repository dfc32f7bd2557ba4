"""How far a deployment is, on stderr: one line on a terminal, a line for each object where a log is kept."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from lib.operations.terraform import Step

_SHOWN = 3
"""Objects that are named while they are being made; more do not fit into a line."""


def tell(line: str) -> None:
    print(line, file=sys.stderr)


@contextmanager
def step(name: str) -> Iterator[None]:
    """A line with its seconds, once it has come to its end."""
    start = time.monotonic()
    console = Console(stderr=True, highlight=False)
    with console.status(name):
        yield
    console.print(f"{name:<12}{time.monotonic() - start:>6.1f} s")


@contextmanager
def progress(total: int) -> Iterator[Callable[[Step], None]]:
    """What it gives is told of each step of an apply. total: how many have to be completed."""
    start = time.monotonic()
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    under_way: dict[str, str] = {}
    done = 0
    with console.status(f"apply: 0 of {total}") as status:

        def told(step: Step) -> None:
            nonlocal done
            if step.state in ("start", "progress"):
                under_way[step.address] = f"{step.address} {step.seconds} s"
            else:
                under_way.pop(step.address, None)
                done += step.state == "complete"
                if not console.is_terminal:
                    console.print(f"{done} of {total}: {step.action} {step.address}: {step.state}, {step.seconds} s")
            status.update(f"apply: {done} of {total}; {', '.join(list(under_way.values())[:_SHOWN])}")

        yield told
    console.print(f"{'apply':<12}{time.monotonic() - start:>6.1f} s")
