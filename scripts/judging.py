"""What `check` does: templates in, findings out."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from rich.console import Console

from lib.evidence.checkov import CheckovError
from lib.evidence.junit import junit
from lib.evidence.progress import progress
from lib.evidence.report import show
from lib.evidence.results import Verdict, document
from lib.evidence.run import POLICIES, STRUCTURE_AND_VALUES, Subject, verdicts
from lib.evidence.template import UnusableTemplate, read
from lib.settings import Settings, SettingsError, load
from scripts.synth import Stack, runs, stacks

_SYNTHESIS = "synthesis"
_WIDTH_OF_FILES = 120
"""Columns where there is no terminal and COLUMNS says nothing."""


class UnusableError(Exception):
    """What was asked for cannot be done. Its arguments are the reasons, all of them."""


def judge(chosen: argparse.Namespace) -> int:
    """Does what the command line asks for, and returns the exit code."""
    start = time.monotonic()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows no `…` shows it in some way rather than none.
            stream.reconfigure(errors="backslashreplace")
    try:
        judged = _judged(chosen)
        if chosen.junit:
            _write(chosen.junit, junit(judged))
    except UnusableError as error:
        for reason in dict.fromkeys(error.args):
            print(str(reason).rstrip(), file=sys.stderr)
        return 2
    _print(_text(chosen, judged, time.monotonic() - start))
    return 1 if any(verdict.findings for verdict in judged) else 0


def _judged(chosen: argparse.Namespace) -> list[Verdict]:
    problems = _problems_of_report(chosen.junit)
    given = _read(chosen.templates, problems)
    asked = [] if chosen.templates else stacks(_blueprint(chosen.blueprint), chosen.tier)
    settings = [_settings(stack, problems) for stack in asked]
    if problems:
        raise UnusableError(*problems)
    count = len(given) + len(asked)
    steps = {_SYNTHESIS: len(asked)} if asked else {}
    with progress(Console(stderr=True), steps | {STRUCTURE_AND_VALUES: count, POLICIES: 1}) as after:
        _synthesize(asked, after)
        try:
            made = [Subject(stack.name, read(stack.template), of) for stack, of in zip(asked, settings, strict=True)]
            return verdicts([*given, *made], after, is_everything=_is_everything(chosen))
        except (CheckovError, UnusableTemplate) as error:
            raise UnusableError(str(error)) from None


def _is_everything(chosen: argparse.Namespace) -> bool:
    """Whether it is all that the project has, as it has it."""
    changed = [variable for variable in os.environ if variable.startswith("TAP__")]
    return not (chosen.templates or chosen.blueprint or chosen.tier or changed)


def _problems_of_report(path: Path | None) -> list[str]:
    """Why the report could not be written; asked before the work is done."""
    if path is None:
        return []
    if path.exists() and not path.is_file():
        return [f"--junit {path}: is no file"]
    try:
        _partial(path).touch()
        _partial(path).unlink()
    except OSError as error:
        return [f"--junit {path}: cannot be written: {error.strerror}"]
    return []


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _write(path: Path, report: bytes) -> None:
    """All of it or nothing."""
    try:
        _partial(path).write_bytes(report)
        _partial(path).replace(path)
    except OSError as error:
        _partial(path).unlink(missing_ok=True)
        raise UnusableError(f"--junit {path}: cannot be written: {error.strerror}") from None


def _read(paths: Iterable[Path], problems: list[str]) -> list[Subject]:
    subjects = []
    for path in dict.fromkeys(paths):
        try:
            subjects.append(Subject(str(path), read(path)))
        except UnusableTemplate as error:
            problems += error.sentences
    return subjects


def _blueprint(name: str | None) -> str | None:
    """A file by its whole path: who reads it stands in another folder."""
    return str(Path(name).resolve()) if name and Path(name).is_file() else name


def _settings(stack: Stack, problems: list[str]) -> Settings | None:
    try:
        return load(stack.tier, environ=stack.environment())
    except (SettingsError, OSError) as error:
        problems.append(str(error))
        return None


def _synthesize(asked: Sequence[Stack], after: Callable[[str], object]) -> None:
    failed: dict[str, list[str]] = {}
    for run in runs(asked):
        if run.exit_code:
            failed.setdefault(run.errors, []).append(run.stack.name)
        elif run.errors:
            print(run.errors, file=sys.stderr, end="")
        after(_SYNTHESIS)
    if failed:
        raise UnusableError(*(f"{', '.join(names)}: no template:\n{errors}" for errors, names in failed.items()))


def _text(chosen: argparse.Namespace, judged: Sequence[Verdict], seconds: float) -> str:
    if chosen.json:
        return json.dumps(document(judged, seconds), indent=2) + "\n"
    in_terminal = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(width=None if in_terminal else _WIDTH_OF_FILES, highlight=False)
    with console.capture() as captured:
        show(console, judged, seconds)
    return re.sub(r" +$", "", captured.get(), flags=re.MULTILINE)


def _print(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has read enough: `make check | head`. What is left would be tried again at the end of the process.
        # https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
