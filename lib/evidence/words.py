"""Findings and numbers in words, for whatever shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lib.evidence.finding import Finding

LONGEST = 240
"""Characters of a text that are shown of it. `--json` has all of it."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def sentence(finding: Finding) -> str:
    """What is wrong, without what `details` tells."""
    if finding.argument and finding.allowed:
        return f"{plain(finding.argument)} = {value(finding.value)}"
    return plain(finding.what)


def details(finding: Finding) -> Iterator[tuple[str, str]]:
    """What there is besides the sentence, each under a word that says what it is."""
    if finding.argument and not finding.allowed:
        of = "" if finding.value is None else f" = {value(finding.value)}"
        yield "argument", f"{plain(finding.argument)}{of}"
    if finding.allowed:
        yield "allowed", shortened(plain(finding.allowed))
    if finding.source:
        yield "source", plain(finding.source)


def value(of: Any) -> str:
    """A value as JSON, the beginning and the end of a long one."""
    return shortened(plain(json.dumps(of, ensure_ascii=False, default=repr)))


def count(number: int, what: str) -> str:
    """`1 finding`, `1,234 findings`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def plain(text: str) -> str:
    """The text without what moves a terminal's cursor, changes its colours, or has no place in XML."""
    return _CONTROL.sub(lambda match: " " if match[0] == "\n" else ascii(match[0])[1:-1], text)


def shortened(text: str) -> str:
    """The beginning and the end of a long text."""
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half].rstrip()} … {text[-half:].lstrip()}"
