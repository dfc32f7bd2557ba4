"""`make verify`: asks AWS whether a deployed stack is what it should be, and tells it."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lib.evidence.progress import progress
from lib.operations.deployment import Deployment
from lib.operations.ending import FOUND, OK, UNREACHABLE, UNUSABLE, Stop
from lib.operations.opening import Open, opened
from lib.operations.printing import put, rendered
from lib.operations.verify.check import Check
from lib.operations.verify.registry import CHECKS, FIRST
from lib.operations.verify.report import document, missing_permissions, show
from lib.operations.verify.run import Outcome, State
from lib.operations.verify.run import verify as outcomes_of

_STEP = "checks"


def verify(
    outputs: Annotated[
        Path | None, typer.Argument(metavar="OUTPUTS", help="The deployment's outputs; left out: outputs.json.")
    ] = None,
    *,
    only: Annotated[
        list[str] | None, typer.Option(metavar="CHECK", help="A check or a pattern: network.*; repeatable.")
    ] = None,
    every: Annotated[bool, typer.Option("--every", help="Show each check, also those that hold.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Everything as one JSON document, for programs.")] = False,
) -> int:
    """Verify a deployed stack: what must hold of each part of it, asked of AWS by read-only calls.

    Exit code: 0 when all holds, 1 for problems, 2 for outputs or arguments that cannot be used, 3 when AWS cannot be
    reached or tells nothing (it says which permission is missing), 130 when interrupted.
    """
    return verified(Deployment, outputs, only=only, every=every, as_json=json)


def verified(
    open_deployment: Open, outputs: Path | None, *, only: Sequence[str] | None, every: bool, as_json: bool
) -> int:
    """The exit code, once the outcome is printed. Raises what lib.operations.ending turns into one."""
    start = time.monotonic()
    checks = _chosen(only)
    stack = opened(outputs, open_deployment)
    with progress(Console(stderr=True), {_STEP: len(checks)}) as told:
        outcomes = outcomes_of(stack, checks, lambda _: told(_STEP))
    seconds = time.monotonic() - start
    put(
        document(stack, outcomes, seconds)
        if as_json
        else rendered(lambda console: show(console, stack, outcomes, seconds, every=every))
    )
    if _is_denied_altogether(outcomes):
        raise Stop(f"AWS tells nothing. Missing: {', '.join(missing_permissions(outcomes))}", UNREACHABLE)
    return FOUND if any(outcome.problems for outcome in outcomes) else OK


def _chosen(patterns: Sequence[str] | None) -> list[Check]:
    """Those that are asked for, and before them whether the deployment is there at all."""
    if not patterns:
        return list(CHECKS)
    unknown = [each for each in patterns if not fnmatch.filter([check.name for check in CHECKS], each)]
    if unknown:
        raise Stop("\n".join(f"--only {each}: there is no such check" for each in unknown), UNUSABLE)
    return [
        check
        for check in CHECKS
        if check in FIRST or any(fnmatch.fnmatchcase(check.name, pattern) for pattern in patterns)
    ]


def _is_denied_altogether(outcomes: Sequence[Outcome]) -> bool:
    """Whether not one check could be made for want of permissions."""
    asked = [outcome for outcome in outcomes if outcome.state in (State.HOLDS, State.PROBLEM)]
    return bool(asked) and all(any(refusal.is_denial for refusal in outcome.refusals) for outcome in asked)
