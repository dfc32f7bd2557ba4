"""What a command is about: the deployment whose outputs are named, and one part of it by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from lib.operations.aws import Refused
from lib.operations.deployment import Deployment
from lib.operations.ending import UNUSABLE, Stop
from lib.operations.outputs import HOW_TO_GET_OUTPUTS, load, outputs_file

OutputsFile = Annotated[
    Path | None, typer.Option("--outputs", metavar="FILE", help="The deployment's outputs; left out: outputs.json.")
]
Open = Callable[[Mapping[str, object]], Deployment]


def opened(outputs: Path | None, open_deployment: Open = Deployment) -> Deployment:
    """The deployment of an outputs file, in an AWS that answers. Raises Stop, UnusableOutputsError, Refused."""
    path = outputs or outputs_file()
    if path is None:
        raise Stop(f"there are no outputs: {HOW_TO_GET_OUTPUTS}.", UNUSABLE)
    content = load(path)
    try:
        stack = open_deployment(content)
    except ValueError as error:
        raise Stop(f"{path}: load_balancer_arn is {content['load_balancer_arn']!r}, no ARN", UNUSABLE) from error
    _refuse_the_deaf(stack)
    return stack


def _refuse_the_deaf(stack: Deployment) -> None:
    """Ends at once where no question would be answered, rather than once for each."""
    try:
        stack.ask("sts", "get_caller_identity")
    except Refused as error:
        if error.is_deaf:
            raise


def one_of(names: Sequence[str], wanted: str | None, what: str) -> str:
    """The one that is meant: by its name, or the only one. what: `service`. Raises Stop that names all."""
    if not names:
        raise Stop(f"the stack has no {what}", UNUSABLE)
    known = ", ".join(names)
    if wanted is None:
        if len(names) > 1:
            raise Stop(f"say which {what}: {known}", UNUSABLE)
        return names[0]
    if wanted not in names:
        raise Stop(f"there is no {what} {wanted}: {known}", UNUSABLE)
    return wanted
