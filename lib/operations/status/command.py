"""`make status`: how a deployed stack is doing, on one screen."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from lib.evidence.progress import progress
from lib.operations.deployment import Deployment
from lib.operations.ending import FOUND, OK, UNREACHABLE, Stop
from lib.operations.opening import OutputsFile, opened
from lib.operations.printing import put, rendered
from lib.operations.status.look import PARTS, Seen, is_well, look
from lib.operations.status.screen import as_json, document, missing_permissions, show

_STEP = "parts"
_CLEAR = "\x1b[H\x1b[2J"


def status(
    outputs: OutputsFile = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Everything as JSON, for programs.")] = False,
    watch: Annotated[
        int | None, typer.Option(metavar="SECONDS", min=1, help="Look again and again, until Ctrl-C.")
    ] = None,
) -> int:
    """How a deployed stack is doing: what runs, what is healthy, which alarms are on, and the worst of it.

    Exit code: 0 when all is well, 1 when something is not, 2 for outputs or arguments that cannot be used, 3 when AWS
    cannot be reached or tells nothing (it says which permission is missing). With --watch Ctrl-C is how it ends: the
    code is that of the last look.
    """
    return told(lambda: opened(outputs), as_json_document=json, watch=watch)


def told(open_stack: Callable[[], Deployment], *, as_json_document: bool, watch: int | None) -> int:
    """The exit code. open_stack: gives the deployment anew for each look, since what AWS once said is kept."""
    code = _look_once(open_stack(), as_json_document=as_json_document, again=bool(watch))
    # Before the first look nobody has seen anything: there Ctrl-C is an interruption as everywhere.
    with contextlib.suppress(KeyboardInterrupt):
        while watch:
            time.sleep(watch)
            code = _look_once(open_stack(), as_json_document=as_json_document, again=True)
    return code


def _look_once(stack: Deployment, *, as_json_document: bool, again: bool) -> int:
    at = now()
    steps = sum(len(part.subjects(stack)) for part in PARTS)
    with progress(Console(stderr=True), {_STEP: steps}) as tell:
        seen = look(stack, at, after=lambda _: tell(_STEP))
    _refuse_silence(seen)
    if as_json_document:
        put(as_json(document(stack, seen, at), in_one_line=again))
    else:
        in_place = again and sys.stdout.isatty()
        put((_CLEAR if in_place else "") + rendered(lambda console: show(console, stack, seen, at)))
    return OK if is_well(seen) else FOUND


def _refuse_silence(seen: list[Seen]) -> None:
    """Ends where not one part could be asked for want of permissions."""
    if all(each.is_denied for each in seen):
        raise Stop(f"AWS tells nothing. Missing: {', '.join(missing_permissions(seen))}", UNREACHABLE)


def now() -> datetime:
    return datetime.now(UTC)
