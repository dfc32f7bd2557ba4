"""Verifies a deployed stack: what must hold of each part of it, asked of AWS by read-only calls.

Exit code: 0 when all holds, 1 for problems, 2 for outputs or arguments that cannot be used, 3 when AWS cannot be
reached or tells nothing (it says which permission is missing), 130 when interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import io
import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from lib.evidence.progress import progress
from lib.operations.aws import Refused
from lib.operations.deployment import Deployment
from lib.operations.outputs import HOW_TO_GET_OUTPUTS, UnusableOutputsError, load, outputs_file
from lib.operations.verify.check import Check
from lib.operations.verify.registry import CHECKS, FIRST
from lib.operations.verify.report import document, missing_permissions, show
from lib.operations.verify.run import Outcome, State, verify

HOLDS, PROBLEMS, UNUSABLE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130
_WIDTH_OF_FILES = 80
_STEP = "checks"
Open = Callable[[Mapping[str, object]], Deployment]


def main(arguments: Sequence[str] | None = None, open_deployment: Open = Deployment) -> int:
    try:
        return _main(_parser().parse_args(arguments), open_deployment)
    except KeyboardInterrupt:
        return INTERRUPTED


def _main(chosen: argparse.Namespace, open_deployment: Open) -> int:
    start = time.monotonic()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows no `…` shows it in some way rather than none.
            stream.reconfigure(errors="backslashreplace")
    try:
        stack = open_deployment(load(_file(chosen.outputs)))
        checks = _chosen(chosen.only)
    except (OSError, UnusableOutputsError) as error:
        return _refuse(UNUSABLE, str(error))
    if reason := _unreachable(stack):
        return _refuse(UNREACHABLE, reason)
    with progress(Console(stderr=True), {_STEP: len(checks)}) as told:
        outcomes = verify(stack, checks, lambda _: told(_STEP))
    _print(_text(chosen, stack, outcomes, time.monotonic() - start))
    if _is_denied_altogether(outcomes):
        return _refuse(UNREACHABLE, f"AWS tells nothing. Missing: {', '.join(missing_permissions(outcomes))}")
    return PROBLEMS if any(outcome.problems for outcome in outcomes) else HOLDS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="verify", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "outputs", nargs="?", type=Path, metavar="OUTPUTS", help="the deployment's outputs; left out: outputs.json"
    )
    parser.add_argument("--only", action="append", metavar="CHECK", help="a check or a pattern: network.*; repeatable")
    parser.add_argument("--every", action="store_true", help="show each check, also those that hold")
    parser.add_argument("--json", action="store_true", help="everything as one JSON document, for programs")
    return parser


def _file(named: Path | None) -> Path:
    path = named or outputs_file()
    if path is None:
        raise FileNotFoundError(f"there are no outputs: {HOW_TO_GET_OUTPUTS}.")
    return path


def _chosen(patterns: Sequence[str] | None) -> list[Check]:
    """Those that are asked for, and before them whether the deployment is there at all."""
    if not patterns:
        return list(CHECKS)
    unknown = [each for each in patterns if not fnmatch.filter([check.name for check in CHECKS], each)]
    if unknown:
        raise UnusableOutputsError(*(f"--only {each}: there is no such check" for each in unknown))
    return [
        check
        for check in CHECKS
        if check in FIRST or any(fnmatch.fnmatchcase(check.name, pattern) for pattern in patterns)
    ]


def _unreachable(stack: Deployment) -> str:
    """Why no question would be answered."""
    try:
        stack.ask("sts", "get_caller_identity")
    except Refused as error:
        if error.is_deaf:
            return f"AWS cannot be asked: {error}"
    return ""


def _is_denied_altogether(outcomes: Sequence[Outcome]) -> bool:
    """Whether not one check could be made for want of permissions."""
    asked = [outcome for outcome in outcomes if outcome.state in (State.HOLDS, State.PROBLEM)]
    return bool(asked) and all(any(refusal.is_denial for refusal in outcome.refusals) for outcome in asked)


def _text(chosen: argparse.Namespace, stack: Deployment, outcomes: Sequence[Outcome], seconds: float) -> str:
    if chosen.json:
        return document(stack, outcomes, seconds)
    in_terminal = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(width=None if in_terminal else _WIDTH_OF_FILES, highlight=False)
    with console.capture() as captured:
        show(console, stack, outcomes, seconds, every=chosen.every)
    return re.sub(r" +$", "", captured.get(), flags=re.MULTILINE)


def _print(text: str) -> None:
    # Who reads may have read enough: `make verify | head`.
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(text)
        sys.stdout.flush()


def _refuse(code: int, reason: str) -> int:
    print(reason, file=sys.stderr)
    return code
