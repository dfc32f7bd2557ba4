"""What Terraform says went wrong, and in words what that means and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lib.evidence.terraform import Problem
from lib.operations.aws import DENIED_CODES, STRANGER_CODES
from lib.operations.ending import FOUND, INTERRUPTED, UNREACHABLE, UNUSABLE, Stop


@dataclass(frozen=True)
class Lock:
    """Who works on a state, and keeps everybody else from it until then."""

    id: str
    who: str
    """User and machine."""
    since: str
    operation: str
    """As Terraform names it: OperationTypeApply."""

    def told(self, folder: Path) -> str:
        """folder: where Terraform runs."""
        return (
            f"The state is locked by {self.who} since {self.since} ({self.operation}), lock ID {self.id}.\n"
            "If that still runs, wait for its end and run this again. If it does not, and only then:\n"
            f"  terraform -chdir={folder} force-unlock {self.id}"
        )


class Failed(Stop):
    """Terraform ended with errors, or was interrupted."""

    def __init__(self, text: str, code: int, problems: Sequence[Problem] = (), lock: Lock | None = None) -> None:
        super().__init__(text, code)
        self.problems = list(problems)
        self.lock = lock

    @property
    def was_interrupted(self) -> bool:
        return self.code == INTERRUPTED


@dataclass(frozen=True)
class _Meaning:
    """What it means when Terraform's words match."""

    pattern: re.Pattern[str]
    words: str
    """With the pattern's groups in braces."""
    code: int


def _any_of(codes: frozenset[str]) -> str:
    return rf"(?P<code>\b(?:{'|'.join(sorted(codes))})\b)"


_NO_CREDENTIALS = r"No valid credential sources found|failed to refresh cached credentials|get credentials:"
_OF_LOCK = re.compile(
    r"\bID:\s+(?P<id>\S+)\n.*?\bOperation:[ ]+(?P<operation>\S*)\n\s*Who:[ ]+(?P<who>[^\n]*)\n"
    r".*?\bCreated:[ ]+(?P<since>[^\n]*)",
    re.DOTALL,
)
"""https://github.com/hashicorp/terraform/blob/v1.11.4/internal/states/statemgr/locker.go, LockInfo.String"""

_MEANINGS = [
    _Meaning(
        re.compile(r"S3 bucket \"(?P<bucket>[^\"]+)\" does not exist"),
        "There is no bucket {bucket} for the state: `make state-bootstrap` makes it, or TERRAFORM_STATE_BUCKET names "
        "another one.",
        UNUSABLE,
    ),
    _Meaning(
        re.compile(r"requested bucket from \"(?P<asked>[^\"]+)\", actual location \"(?P<region>[^\"]+)\""),
        "The bucket of the state is in {region}: set TERRAFORM_STATE_BUCKET_REGION={region}.",
        UNUSABLE,
    ),
    _Meaning(
        re.compile(r"Saved plan is stale"),
        "Somebody else has changed the stack since the plan was shown. Run this again: it shows a new one.",
        FOUND,
    ),
    _Meaning(
        re.compile(_any_of(STRANGER_CODES)),
        "AWS does not take these credentials ({code}): get new ones, and run this again.",
        UNREACHABLE,
    ),
    _Meaning(
        re.compile(_NO_CREDENTIALS),
        "There are no credentials of AWS: https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html",
        UNREACHABLE,
    ),
    _Meaning(
        re.compile(r"not authorized to perform: (?P<permission>[\w-]+:\w+)"),
        "Missing permission: {permission}.",
        UNREACHABLE,
    ),
    # An answer without a body, such as that to HeadObject, has no code of AWS's.
    _Meaning(re.compile(rf"{_any_of(DENIED_CODES)}|api error (?P<plain>Forbidden)"), "AWS denies it.", UNREACHABLE),
    _Meaning(
        re.compile(r"no such host|connection refused|dial tcp|i/o timeout"),
        "AWS cannot be reached.",
        UNREACHABLE,
    ),
]


def failed(doing: str, problems: Sequence[Problem], folder: Path) -> Failed:
    """The end of a command of Terraform that has these to say. doing: what was being done, for the first words."""
    said = "\n".join(str(problem) for problem in problems)
    if lock := lock_in(problems):
        return Failed(f"{doing}: not now.\n{lock.told(folder)}", FOUND, problems, lock)
    meanings = meanings_of(problems)
    code = meanings[0].code if meanings else FOUND
    return Failed("\n".join([f"{doing} failed:", said, *told(problems)]), code, problems)


def told(problems: Sequence[Problem]) -> list[str]:
    """What they mean, each meaning once."""
    return list(dict.fromkeys(meaning.words for meaning in meanings_of(problems)))


def meanings_of(problems: Sequence[Problem]) -> list[_Meaning]:
    """Of each problem that is known: the first row of the table that its words match."""
    found = []
    for problem in problems:
        words = f"{problem.summary}\n{problem.detail}"
        matches = ((meaning, meaning.pattern.search(words)) for meaning in _MEANINGS)
        for meaning, match in matches:
            if match:
                found.append(_Meaning(meaning.pattern, meaning.words.format(**match.groupdict()), meaning.code))
                break
    return found


def lock_in(problems: Sequence[Problem]) -> Lock | None:
    """Whose lock it was that one of them is about."""
    for problem in problems:
        if match := _OF_LOCK.search(problem.detail):
            return Lock(match["id"], match["who"], match["since"], match["operation"])
    return None
