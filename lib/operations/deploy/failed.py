"""After an apply that failed or was interrupted: what is there now, what went wrong, and what to type next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lib.operations.aws import Refused
from lib.operations.chosen import ChosenStack
from lib.operations.diagnosis import Failed, told
from lib.operations.ending import FOUND, INTERRUPTED, UNUSABLE, Stop
from lib.operations.state_lock import lock_of
from lib.operations.terraform import Object, Terraform

_UNSAVED = "errored.tfstate"
"""Where Terraform writes a state that it cannot bring to its place.
https://developer.hashicorp.com/terraform/cli/commands/state/push"""


def stopped(core: Terraform, failure: Failed, doing: str, more: Sequence[str] = ()) -> Stop:
    """The end of a command whose apply came to none. doing: deploy, destroy. more: what is known besides."""
    how = "was interrupted" if failure.was_interrupted else "failed"
    lines = [f"{core.stack.name}: the apply of `make {doing}` {how}."]
    if failure.problems:
        lines += ["", "What went wrong:", *(f"  {each}" for each in failure.problems)]
        lines += [f"  {each}" for each in told(failure.problems)]
    lines += [*more, "", *_standing(core), "", "Next:", *(f"  {each}" for each in _next(core, failure, doing))]
    return Stop("\n".join(lines), INTERRUPTED if failure.was_interrupted else FOUND)


def refuse_unsaved(stack: ChosenStack) -> None:
    """Stops while there is a state that an apply could not bring to its place: without it Terraform would make all of
    that once more."""
    if (stack.folder / _UNSAVED).exists():
        raise Stop("\n".join(["An earlier apply could not write down what it had made.", *_save(stack)]), UNUSABLE)


def _standing(core: Terraform) -> Iterator[str]:
    """What is there, and whether somebody holds the state."""
    try:
        objects = core.state()
        lock = lock_of(core.template()["terraform"].get("backend", {}), core.stack.folder)
    except (Failed, Refused) as error:
        yield f"What is there cannot be told: {error}"
        return
    yield f"In the state: {_counted(objects)}."
    if tainted := [each.address for each in objects if each.is_tainted]:
        yield f"Half made, and made anew by the next apply: {', '.join(tainted)}."
    yield lock.told(core.stack.folder) if lock else "The state is not locked."


def _counted(objects: Sequence[Object]) -> str:
    if not objects:
        return "nothing"
    by_type = sorted(Counter(each.type for each in objects).items())
    number = f"{len(objects)} object{'' if len(objects) == 1 else 's'}"
    return f"{number}: {', '.join(f'{count} {type}' for type, count in by_type)}"


def _next(core: Terraform, failure: Failed, doing: str) -> Iterator[str]:
    if (core.stack.folder / _UNSAVED).exists():
        yield from _save(core.stack)
    other = "make destroy   takes away what is there" if doing == "deploy" else "make deploy    brings it up again"
    yield f"{f'make {doing}':<14} goes on from here{'' if failure.was_interrupted else ', once that is mended'}"
    yield other


def _save(stack: ChosenStack) -> list[str]:
    file = stack.folder / _UNSAVED
    return [
        f"{file} holds what is not written down anywhere else. First:",
        f"  terraform -chdir={stack.folder} state push {_UNSAVED} && rm {file}",
    ]
