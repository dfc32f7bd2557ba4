"""What deploy and destroy have in common: a plan is made, shown and asked about, and then it alone is applied."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lib.operations.aws import Aws, Refused
from lib.operations.chosen import ChosenStack
from lib.operations.deploy import rollout
from lib.operations.deploy.failed import refuse_unsaved, stopped
from lib.operations.deploy.progress import progress, step
from lib.operations.deploy.stateful import protected
from lib.operations.diagnosis import Failed
from lib.operations.ending import FOUND, UNUSABLE, Stop
from lib.operations.plan import Action, Plan, show
from lib.operations.printing import put, rendered
from lib.operations.terraform import Terraform, Told


@dataclass(frozen=True)
class Around:
    """What is done by others before and after an apply, and who is asked."""

    preflight: Callable[[ChosenStack, Aws], int]
    """Says what stands in the way; its exit code."""
    verify: Callable[[Path], int]
    """Of the deployment whose outputs are in the file; its exit code."""
    aws: Callable[[str], Aws] = Aws
    """By region."""


def prepared(stack: ChosenStack, yes: bool) -> Terraform:
    """Terraform for the stack as it is synthesized now. yes: nobody is to be asked. Raises Stop."""
    if not yes and not sys.stdin.isatty():
        raise Stop("There is no terminal to ask on: --yes goes ahead with what the plan says.", UNUSABLE)
    refuse_unsaved(stack)
    core = Terraform(stack)
    with step("synthesize"):
        stack.synthesize()
    return core


@contextmanager
def planned(core: Terraform, *, destroy: bool = False) -> Iterator[tuple[Plan, Path]]:
    """The plan, shown, and its file, which holds secrets and is gone afterwards. Raises Failed."""
    with step("init"):
        core.init()
    with TemporaryDirectory(prefix="plan-") as folder:
        file = Path(folder, "plan")
        with step("plan"):
            plan = core.plan(file, destroy=destroy)
        put(rendered(lambda console: show(console, plan)))
        yield plan, file


def refuse_protected(plan: Plan) -> None:
    """Stops before a plan that AWS would refuse half-way through."""
    if refusals := list(protected(plan.changes)):
        way = (
            "Nothing was changed. A deployment of its own with TAP__REMOVAL__KEEP_DATA=false switches that off, final "
            "snapshots too; this can follow it."
        )
        raise Stop("\n".join([*refusals, way]), FOUND)


def ask(question: str, yes: bool) -> None:
    """Raises Stop unless somebody says yes."""
    if not yes and input(f"{question} Only yes goes ahead: ").strip() != "yes":
        raise Stop("Nothing was changed.", FOUND)


def apply(core: Terraform, plan: Plan, around: Around, doing: str, how: Callable[[Told], object]) -> None:
    """Raises Stop that says what is there, where it does not come to its end. doing: deploy, destroy. how: does it, and
    tells of each step."""
    counts = plan.counts()
    try:
        with progress(sum(counts.values()) + counts.get(Action.REPLACE, 0)) as told:
            how(told)
    except Failed as failure:
        raise stopped(core, failure, doing, _of_services(core, failure, around)) from None


def _of_services(core: Terraform, failure: Failed, around: Around) -> list[str]:
    """What ECS says of the services that are among what failed."""
    addresses = [problem.address for problem in failure.problems if problem.address.startswith("aws_ecs_service.")]
    if not addresses:
        return []
    try:
        services = rollout.of_state(core.state(), addresses)
        return ["", *rollout.explained(around.aws(core.stack.settings.region), services)]
    except (Failed, Refused) as error:
        return [f"What ECS says of it cannot be told: {error}"]
