"""`make preflight`: whether a stack can be made where it is meant to be, told before the first resource is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lib.evidence.progress import progress
from lib.evidence.template import UnusableTemplate, read
from lib.operations import chosen
from lib.operations.aws import Aws
from lib.operations.ending import UNUSABLE, Stop
from lib.operations.preflight import run
from lib.operations.preflight.planned import Planned
from lib.operations.preflight.report import document
from lib.operations.preflight.run import STEPS, Result, preflight_of
from lib.operations.printing import put, rendered

Open = Callable[[str], Aws]


def preflight(
    template: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="A synthesized template; left out: the chosen stack's, synthesized anew."),
    ] = None,
    *,
    region: Annotated[str, typer.Option(metavar="REGION", help="Another one than the stack's.")] = "",
    synth: Annotated[bool, typer.Option("--synth/--no-synth", help="Synthesize first.")] = True,
    every: Annotated[bool, typer.Option("--every", help="Show also what is well.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Everything as one JSON document, for programs.")] = False,
) -> int:
    """Ask AWS whether a stack can be made: quotas with live usage, and all that has to be there or free.

    Read-only. Exit code: 0 when nothing is in the way, 1 for what is, 2 for a template, settings or region that cannot
    be used, 3 when AWS cannot be reached or does not tell all (it says which permission is missing), 130 when
    interrupted.
    """
    environ = os.environ | ({"AWS_REGION": region} if region else {})
    result = of_template(template, region, environ, Aws) if template else of_chosen(environ, Aws, synthesize=synth)
    put(document(result) if json else rendered(lambda console: result.show(console, every=every)))
    return result.code


def of_chosen(environ: Mapping[str, str], open_aws: Open, *, synthesize: bool) -> Result:
    """Of the stack that the environment chooses. Raises SettingsError, Stop, Refused."""
    stack = chosen.chosen_stack(environ)
    if synthesize:
        stack.synthesize()
    with progress(Console(stderr=True), STEPS) as told:
        return preflight_of(stack, open_aws(stack.settings.region), told)


def of_template(path: Path, region: str, environ: Mapping[str, str], open_aws: Open) -> Result:
    """Of any template. region: another one than its own. Raises Stop, Refused."""
    try:
        wanted = region or Planned(read(path)).region
    except UnusableTemplate as error:
        raise Stop(str(error), UNUSABLE) from None
    if not wanted:
        raise Stop(f"{path}: the provider aws has no region; --region names one", UNUSABLE)
    with progress(Console(stderr=True), STEPS) as told:
        return run.preflight(path, open_aws(wanted), told, name=path.name, folder=path.parent, path=environ.get("PATH"))
