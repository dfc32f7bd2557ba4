"""ARNs of which parts are not known: wildcards of a policy, and expressions that only Terraform can evaluate.

A glob here is a text with `*` (anything, nothing too), `?` (one character), `<name>` (one or more, but no `/` and no
`:`) and `<path>` (one or more, but no `:`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lib.evidence.reading import expressions

UNKNOWN = "\ufffd"
"""Stands for an expression, where it has to be told from a wildcard that somebody wrote."""

REGION = r"[a-z]{2,4}(?:-[a-z]+)+-\d"
ACCOUNT = r"\d{12}"
PLACEHOLDERS = {
    "<partition>": "aws(?:-[a-z]+)*",
    "<region>": REGION,
    "<account>": ACCOUNT,
}
"""Parts of a format that are the same in all ARNs.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""

PARTS = 6

_WORDS = {"<name>": ("\x01", "\x02"), "<path>": ("\x03", "\x04")}
"""What stands for one character or more -> the mark of the first one, and that of those after it."""
_EXCLUDED = {"*": "", "?": "", "\x01": ":/", "\x02": ":/", "\x03": ":", "\x04": ":"}
_REPEATED = ("*", "\x02", "\x04")
_TOKEN = re.compile(f"{'|'.join(_WORDS)}|.", re.DOTALL)
_VARIABLE = re.compile(r"\$\$?\{[^}]*\}")


def with_unknowns(text: str) -> str:
    """A text with the mark UNKNOWN in place of each expression, and of each variable of the policy (`$${aws:userid}`).

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    for expression in expressions(text):
        text = text.replace(f"${{{expression}}}", UNKNOWN, 1)
    return _VARIABLE.sub(UNKNOWN, text)


def glob_of(text: str) -> str:
    """All that a text of a policy may stand for."""
    return with_unknowns(text).replace(UNKNOWN, "*")


def fits(arn: str, form: str) -> bool:
    """Whether some ARN is both: one that a glob stands for, and one of a format, part by part."""
    parts = arn.split(":", PARTS - 1)
    return len(parts) == PARTS and all(map(_part_fits, parts, form.split(":", PARTS - 1)))


def _part_fits(part: str, form: str) -> bool:
    if form in PLACEHOLDERS:
        return "*" in part or "?" in part or re.fullmatch(PLACEHOLDERS[form], part) is not None
    return overlap(part, form)


@lru_cache(maxsize=65536)
def overlap(one: str, other: str) -> bool:
    """Whether there is a text that both globs stand for."""
    left, right = _tokens(one), _tokens(other)
    end = len(left) - 1, len(right) - 1
    waiting, seen = [(0, 0)], {(0, 0)}
    while waiting:
        place = waiting.pop()
        if place == end:
            return True
        new = [step for step in _steps(left, right, *place) if step not in seen]
        seen.update(new)
        waiting += new
    return False


def _tokens(glob: str) -> tuple[str, ...]:
    """With an end, which nothing but an end meets."""
    return (*(each for token in _TOKEN.findall(glob) for each in _WORDS.get(token, (token,))), "")


def _steps(left: tuple[str, ...], right: tuple[str, ...], i: int, j: int) -> Iterator[tuple[int, int]]:
    """Where both can be after one more character, or after a `*` that stands for no more."""
    one, other = left[i], right[j]
    if one in _REPEATED:
        yield i + 1, j
    if other in _REPEATED:
        yield i, j + 1
    if one and other and _meet(one, other):
        yield i + (one not in _REPEATED), j + (other not in _REPEATED)


def _meet(one: str, other: str) -> bool:
    """Whether a character can be what both tokens ask for."""
    if one in _EXCLUDED and other in _EXCLUDED:
        return True
    if one in _EXCLUDED:
        return other not in _EXCLUDED[one]
    return one not in _EXCLUDED[other] if other in _EXCLUDED else one == other
