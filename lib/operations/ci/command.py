"""`make ci-role`: lets GitHub Actions deploy one environment, and look at it, without a key that lasts."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from lib.operations.aws import Aws
from lib.operations.chosen import ChosenStack, chosen_stack
from lib.operations.ci.account import KEPT, LOOK, Step, documents, set_up
from lib.operations.ci.place import Place, place_of
from lib.operations.ci.policies import PLANNING
from lib.operations.ending import FOUND, OK, UNUSABLE, Stop
from lib.operations.printing import put
from lib.settings.errors import SettingsError

_ACCOUNT = r"\d{12}"
_REPOSITORY = r"[A-Za-z0-9-]+(@\d+)?/[A-Za-z0-9._-]+(@\d+)?"
_BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
_PARTITION = "aws"
"""Where AWS is not asked."""


def ci_role(
    repository: Annotated[
        str,
        typer.Option(
            metavar="OWNER/NAME",
            help="The repository on GitHub. OWNER@ID/NAME@ID where GitHub writes numbers into the subject of a token.",
        ),
    ],
    environment: Annotated[str, typer.Option(metavar="SUFFIX", help="The environment, and GitHub's of that name.")],
    account: Annotated[
        str | None, typer.Option(metavar="ID", help="The account that it has to be; with --print no AWS is asked.")
    ] = None,
    print_only: Annotated[
        bool, typer.Option("--print", help="Print the documents as JSON; nothing is changed.")
    ] = False,
) -> int:
    """Let GitHub Actions deploy an environment: the identity provider, a role that deploys, and one that only looks.

    The rest is what TAP_BLUEPRINT, AWS_REGION and TERRAFORM_STATE_BUCKET say. Done again it changes what differs.
    Exit code: 0, 1 when AWS refuses something, 2 for arguments or settings that cannot be used, 3 when AWS cannot be
    reached or denies it.
    """
    stack = _stack(repository, environment, account, os.environ)
    place = _place(stack, _PARTITION, account) if print_only and account else _asked(stack, account)
    if print_only:
        put(json.dumps(documents(place, repository), indent=2) + "\n")
        return OK
    return _set_up(stack, place, repository)


def _stack(repository: str, environment: str, account: str | None, environ: Mapping[str, str]) -> ChosenStack:
    """Raises Stop, with all that is wrong."""
    wrong = list(_wrong(repository, environment, account, environ.get("TERRAFORM_STATE_BUCKET", "")))
    try:
        stack = chosen_stack({**environ, "ENVIRONMENT_SUFFIX": environment})
    except SettingsError as error:
        raise Stop("\n".join([*wrong, str(error)]), UNUSABLE) from None
    if wrong:
        raise Stop("\n".join(wrong), UNUSABLE)
    return stack


def _wrong(repository: str, environment: str, account: str | None, bucket: str) -> Iterator[str]:
    if not re.fullmatch(_REPOSITORY, repository):
        yield f"REPOSITORY is {repository!r}: it has to be like owner/name, or owner@1/name@2"
    if environment.endswith(PLANNING):
        known = environment.removesuffix(PLANNING)
        yield f"ENVIRONMENT is {environment!r}: in that environment on GitHub it is looked what would change in {known}"
    if account is not None and not re.fullmatch(_ACCOUNT, account):
        yield f"ACCOUNT is {account!r}: it has to be twelve digits"
    if not re.fullmatch(_BUCKET, bucket):
        what = repr(bucket) if bucket else "not set"
        yield f"TERRAFORM_STATE_BUCKET is {what}: it has to name the bucket of the state"


def _asked(stack: ChosenStack, account: str | None) -> Place:
    """Raises Stop for another account, Refused."""
    identity = Aws(stack.settings.region).call("sts", "get_caller_identity")
    if account not in (None, identity["Account"]):
        raise Stop(f"ACCOUNT is {account}, and the credentials are of {identity['Account']}", UNUSABLE)
    return _place(stack, identity["Arn"].split(":")[1], identity["Account"])


def _place(stack: ChosenStack, partition: str, account: str) -> Place:
    return place_of(stack.settings, partition=partition, account=account, state_bucket=stack.state_bucket or "")


def _set_up(stack: ChosenStack, place: Place, repository: str) -> int:
    done: list[Step] = []

    def told(step: Step) -> None:
        done.append(step)
        print(f"{step.done:<8} {step.what}", file=sys.stderr)

    set_up(Aws(stack.settings.region), place, repository, told)
    changed = sum(step.done not in (KEPT, LOOK) for step in done)
    put(f"{place.name} in {place.account}: {changed} of {len(done)} made or changed. On GitHub, as docs/ci.md says:\n")
    put("".join(f"  {line}\n" for line in _on_github(stack, place, repository)))
    return FOUND if any(step.done == LOOK for step in done) else OK


def _on_github(stack: ChosenStack, place: Place, repository: str) -> Iterator[str]:
    """What sets the variables there. None of them is a secret."""
    shared = {
        "AWS_REGION": stack.settings.region,
        "PERMISSIONS_BOUNDARY": place.boundary,
        "TAP_BLUEPRINT": stack.environ.get("TAP_BLUEPRINT") or stack.settings.name,
        "TERRAFORM_STATE_BUCKET": place.state_bucket,
        "TERRAFORM_STATE_BUCKET_REGION": stack.state_bucket_region,
    }
    by_environment = {place.suffix: place.deploy_role, place.suffix + PLANNING: place.plan_role}
    for environment, role in by_environment.items():
        for name, value in {"AWS_ROLE": place.arn("iam", f"role/{role}"), **shared}.items():
            named = re.sub(r"@\d+", "", repository)
            yield f"gh variable set {name} --repo {named} --env {environment} --body '{value}'"
