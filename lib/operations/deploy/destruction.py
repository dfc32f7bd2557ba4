"""`make destroy`: the plan of it is shown and asked about, applied, and what AWS keeps of it all is looked after."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import typer

from lib.operations.aws import Aws, Refused
from lib.operations.chosen import ChosenStack, chosen_stack
from lib.operations.deploy.applying import Around, apply, ask, planned, prepared, refuse_protected
from lib.operations.deploy.command import AROUND, Yes
from lib.operations.deploy.leftovers import Left, known, leftovers, remove
from lib.operations.deploy.stateful import keeps_data
from lib.operations.ending import FOUND, OK, UNUSABLE, Stop
from lib.operations.outputs import UnusableOutputsError, load
from lib.operations.plan import Action, Plan
from lib.operations.printing import put


def destroy(
    *,
    yes: Yes = False,
    destroy_data: Annotated[
        str | None,
        typer.Option(metavar="PROJECT-SUFFIX", help="An environment that keeps its data: its name, to lose them."),
    ] = None,
) -> int:
    """Destroy the stack, and what it leaves behind; where data are kept, what holds them is listed and stays.

    Exit code: 0 when it is gone, 1 when it is not, 2 for arguments or settings that cannot be used, 3 when AWS cannot
    be asked or denies it, 130 when interrupted.
    """
    return destroyed(chosen_stack(), AROUND, yes=yes, destroy_data=destroy_data)


def destroyed(stack: ChosenStack, around: Around, *, yes: bool, destroy_data: str | None) -> int:
    """The exit code, once all is said. Raises what lib.operations.ending turns into one."""
    _refuse_unnamed(stack, destroy_data)
    core = prepared(stack, yes)
    with planned(core, destroy=True) as (plan, file):
        refuse_protected(plan)
        _refuse_full(plan, around.aws(stack.settings.region))
        if plan.is_applicable:
            ask(f"Destroy {stack.name} in {stack.settings.region}?", yes)
            apply(core, plan, around, "destroy", lambda told: core.apply(file, told))
    _forget(stack)
    aws = around.aws(stack.settings.region)
    left = leftovers(aws, known(plan, core.template(), stack.settings.region))
    return _tidied(aws, left, keeps_data(stack.settings))


def _refuse_unnamed(stack: ChosenStack, destroy_data: str | None) -> None:
    name = f"{stack.settings.name}-{stack.settings.suffix}"
    if destroy_data is None and keeps_data(stack.settings):
        raise Stop(f"{name} keeps its data. To destroy it with all of them: --destroy-data {name}", UNUSABLE)
    if destroy_data not in (None, name):
        raise Stop(f"--destroy-data {destroy_data}: this is {name}", UNUSABLE)


def _refuse_full(plan: Plan, aws: Aws) -> None:
    """Buckets that are destroyed empty only, and are not: found before anything else is gone."""
    full = []
    for change in plan.of(Action.DELETE):
        if change.type == "aws_s3_bucket" and not change.before.get("force_destroy"):
            bucket, region = str(change.before["bucket"]), change.before.get("region")
            answer = aws.call("s3", "list_object_versions", region=region, Bucket=bucket, MaxKeys=1)
            if answer.get("Versions") or answer.get("DeleteMarkers"):
                full.append(f"{change.address}: the bucket {bucket} is not empty, and is only destroyed when it is")
    if full:
        raise Stop("\n".join([*full, "Nothing was changed. Empty them first, old versions too."]), FOUND)


def _forget(stack: ChosenStack) -> None:
    """The outputs of what is gone, and of nothing else."""
    with suppress(UnusableOutputsError):
        outputs = load(stack.outputs_file)
        if (outputs["project"], outputs["environment_suffix"]) == (stack.settings.name, stack.settings.suffix):
            stack.outputs_file.unlink()


def _tidied(aws: Aws, left: Sequence[Left], keeps: bool) -> int:
    code = OK
    for each in left:
        if keeps or not each.removals:
            put(f"stays: {each.name}: {each.what}\n")
            continue
        try:
            remove(aws, each)
            put(f"removed: {each.name}: {each.what}\n")
        except Refused as error:
            put(f"is left: {each.name}: {each.what}: {error}\n")
            code = FOUND
    put("" if left else "nothing is left\n")
    return code
