"""What people do around a deployment: a word each, the same as make's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NoReturn

import typer

from lib.operations.ci.command import ci_role
from lib.operations.ci.difference import difference
from lib.operations.deploy.command import deploy
from lib.operations.deploy.destruction import destroy
from lib.operations.drift import drift
from lib.operations.ending import OK, ended
from lib.operations.logs import logs
from lib.operations.preflight.command import preflight
from lib.operations.printing import survive_any_terminal
from lib.operations.region import use_region
from lib.operations.rollback import rollback
from lib.operations.shell import shell
from lib.operations.state_bucket import state_bootstrap
from lib.operations.status.command import status
from lib.operations.verify.command import verify

WORDS: dict[str, Callable[..., int]] = {
    "preflight": preflight,
    "use-region": use_region,
    "state-bootstrap": state_bootstrap,
    "deploy": deploy,
    "destroy": destroy,
    "verify": verify,
    "status": status,
    "logs": logs,
    "exec": shell,
    "rollback": rollback,
    "drift": drift,
    "ci-role": ci_role,
    "difference": difference,
}
"""Word -> the function that does it. Its parameters are the word's arguments, its first lines the word's help."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(help=__doc__)
def _around_a_deployment() -> None:
    """With one word alone Typer would take it as said."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    survive_any_terminal()
    code: Any = OK
    try:
        app(arguments, prog_name="operations")
    except SystemExit as end:
        code = end.code
    return int(code)


def _leaving(command: Callable[..., int]) -> Callable[..., NoReturn]:
    """Typer takes no exit code from what a function gives back."""

    @wraps(command)
    def leave(*arguments: object, **options: object) -> NoReturn:
        raise typer.Exit(ended(command)(*arguments, **options))

    return leave


for _word, _command in WORDS.items():
    app.command(_word)(_leaving(_command))
