"""`make deploy`: what will happen is shown and asked about, that alone is done, and whether it is there is verified.

Why Terraform is run directly, and what is refused in environments that keep their data:
docs/adr/0039-deployments-apply-what-was-shown.md.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer
from rich.console import Console

from lib.evidence.progress import progress
from lib.operations.aws import Aws, is_emulated
from lib.operations.chosen import ChosenStack, chosen_stack
from lib.operations.deploy.applying import Around, apply, ask, planned, prepared, refuse_protected
from lib.operations.deploy.progress import step, tell
from lib.operations.deploy.rollout import failures, of_outputs
from lib.operations.deploy.stateful import refuse_loss
from lib.operations.deployment import Deployment
from lib.operations.diagnosis import Failed
from lib.operations.ending import FOUND, INTERRUPTED, OK, UNUSABLE, Stop
from lib.operations.outputs import PROJECT_FOLDER, load
from lib.operations.preflight.run import STEPS, preflight_of
from lib.operations.printing import put, rendered
from lib.operations.terraform import running
from lib.operations.verify.command import verify

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; where there is no terminal it has to be given.")]


def deploy(
    *,
    yes: Yes = False,
    skip_preflight: Annotated[
        bool, typer.Option("--skip-preflight", help="Do not look beforehand whether it can succeed.")
    ] = False,
    with_cdktf: Annotated[
        bool,
        typer.Option("--with-cdktf", help="Apply by CDKTF's command line, which plans once more and applies that."),
    ] = False,
    allow_replace: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="Something with data that may be replaced or deleted; repeatable."),
    ] = None,
) -> int:
    """Deploy the stack: preflight, plan, question, apply, and whether it is there as it should be.

    Exit code: 0 when it is deployed and verified, 1 when it is not, 2 for arguments or settings that cannot be used, 3
    when AWS cannot be asked or denies it, 130 when interrupted.
    """
    return deployed(
        chosen_stack(),
        AROUND,
        yes=yes,
        skip_preflight=skip_preflight,
        with_cdktf=with_cdktf,
        allowed=allow_replace or [],
    )


def deployed(
    stack: ChosenStack, around: Around, *, yes: bool, skip_preflight: bool, with_cdktf: bool, allowed: Sequence[str]
) -> int:
    """The exit code, once all is said. Raises what lib.operations.ending turns into one."""
    cdktf = _cdktf(stack) if with_cdktf else None
    core = prepared(stack, yes)
    _look_ahead(stack, around, skip_preflight)
    with planned(core) as (plan, file):
        refuse_loss(plan, stack.settings, allowed)
        refuse_protected(plan)
        if plan.is_applicable:
            ask(f"Deploy {stack.name} in {stack.settings.region}?", yes)
            apply(core, plan, around, "deploy", lambda told: cdktf() if cdktf else core.apply(file, told))
    _write(stack.outputs_file, core.outputs())
    try:
        return _checked(stack, around)
    except KeyboardInterrupt:
        raise Stop(f"{stack.name} is applied, and not verified: `make verify` does it.", INTERRUPTED) from None


def _look_ahead(stack: ChosenStack, around: Around, skip: bool) -> None:
    if skip:
        tell("preflight is skipped: what stands in the way is found out by the apply")
    elif (code := around.preflight(stack, around.aws(stack.settings.region))) != OK:
        raise Stop("Nothing was changed. --skip-preflight goes on all the same.", code)


def _checked(stack: ChosenStack, around: Around) -> int:
    """The exit code of what came of the apply."""
    deployment = Deployment(load(stack.outputs_file), around.aws(stack.settings.region))
    services = of_outputs(deployment)
    emulated = is_emulated(stack.environ)
    with step("rollout"):
        wrong = failures(deployment.aws, services, tell, emulated=emulated)
    if emulated and services:
        tell("rollout: needs AWS, as no task runs here; that the task definitions are those deployed was looked at")
    if wrong:
        put("\n".join([*wrong, ""]))
        raise Stop(f"{stack.name} is applied, and its deployment failed. Mend it, and deploy again.", FOUND)
    return around.verify(stack.outputs_file)


def _write(file: Path, text: str) -> None:
    """All of it or nothing: who reads meanwhile finds the old one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", encoding="utf-8", delete=False) as new:
        new.write(text)
    os.replace(new.name, file)


def _cdktf(stack: ChosenStack) -> Callable[[], None]:
    """CDKTF's command line, which applies a plan that it makes itself. Raises Stop where there is none."""
    found = shutil.which("cdktf", path=stack.environ.get("PATH"))
    if found is None:
        raise Stop("--with-cdktf: there is no cdktf in PATH: npm install --global cdktf-cli", UNUSABLE)

    def apply() -> None:
        with running([found, "deploy", stack.name, "--auto-approve"], PROJECT_FOLDER, stack.environ, None, None) as run:
            run.process.wait()
        if run.interrupts:
            raise Failed("cdktf was interrupted.", INTERRUPTED)
        if run.process.returncode:
            raise Failed(f"cdktf ended with {run.process.returncode}.", FOUND)

    return apply


def _preflight(stack: ChosenStack, aws: Aws) -> int:
    """Shown where something stands in the way."""
    with step("preflight"), progress(Console(stderr=True), STEPS) as told:
        result = preflight_of(stack, aws, told)
    if result.code != OK:
        put(rendered(result.show))
    return result.code


AROUND = Around(_preflight, verify)
