"""What was seen, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lib.operations.deployment import Deployment
from lib.operations.status.look import Seen, is_well, troubles
from lib.operations.status.parts import Severity, iso
from lib.operations.times import moment

_WORDS = {
    Severity.DOWN: ("down", "bold red"),
    Severity.FAILED: ("failed", "bold red"),
    Severity.ALARM: ("alarm", "bold red"),
    Severity.DEGRADED: ("degraded", "yellow"),
    Severity.UNHEARD: ("unheard", "yellow"),
    Severity.UNKNOWN: ("not known", "yellow"),
    Severity.NOTE: ("note", "cyan"),
}


def show(console: Console, stack: Deployment, seen: Sequence[Seen], now: datetime) -> None:
    """Each part with what is told of it, then what is wrong with the worst first, then the verdict."""
    name = f"{stack['project']} {stack['environment_suffix']}"
    console.print(
        Text(f"{name} ({stack['tier']}) in {stack.account}, {stack.region}, {moment(now)}", style="bold"), end="\n\n"
    )
    console.print(_table(seen), end="\n\n")
    for each, trouble in troubles(seen):
        word, style = _WORDS[trouble.severity]
        # The text is AWS's, and rich would take its brackets for styles.
        console.print(Text.assemble((f"{word}: ", style), f"{each.called}: {trouble.text}"))
    console.print(verdict(seen))


def verdict(seen: Sequence[Seen]) -> Text:
    """One sentence: the worst, and how much else."""
    wrong = [(each, trouble) for each, trouble in troubles(seen) if trouble.severity is not Severity.NOTE]
    unanswered = sum(bool(each.line.needs_aws) for each in seen)
    tail = f"; {unanswered} of {len(seen)} lines need AWS to be complete" if unanswered else ""
    if not wrong:
        return Text.assemble(("all is well", "bold green"), tail)
    each, worst = wrong[0]
    others = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return Text.assemble((f"not well: {each.called} ({_WORDS[worst.severity][0]}){others}", "bold red"), tail)


def document(stack: Deployment, seen: Sequence[Seen], now: datetime) -> dict[str, Any]:
    """The same for programs."""
    return {
        "project": stack["project"],
        "environment_suffix": stack["environment_suffix"],
        "tier": stack["tier"],
        "account": stack.account,
        "region": stack.region,
        "emulated": stack.emulated,
        "at": iso(now),
        "well": is_well(seen),
        "troubles": [
            {
                "severity": trouble.severity.name.lower(),
                "part": each.part.name,
                "subject": each.subject,
                "text": trouble.text,
            }
            for each, trouble in troubles(seen)
        ],
        "missing_permissions": missing_permissions(seen),
        "parts": {
            name: {each.subject: {**each.line.facts, "needs_aws": each.line.needs_aws} for each in members}
            for name, members in groupby(seen, key=lambda each: each.part.name)
        },
    }


def as_json(content: dict[str, Any], *, in_one_line: bool) -> str:
    return json.dumps(content, indent=None if in_one_line else 2) + "\n"


def missing_permissions(seen: Sequence[Seen]) -> list[str]:
    return sorted({refusal.permission for each in seen for refusal in each.line.missed if refusal.is_denial})


def _table(seen: Sequence[Seen]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for _, members in groupby(seen, key=lambda each: each.part.name):
        for index, each in enumerate(members):
            lines = [Text(text, style=_style(each)) for text in each.line.texts]
            if each.line.needs_aws:
                lines.append(Text(f"needs AWS: {each.line.needs_aws}", style="yellow"))
            table.add_row(each.part.title if index == 0 else "", each.label, Text("\n").join(lines))
    return table


def _style(seen: Seen) -> str:
    worst = min((trouble.severity for trouble in seen.line.troubles), default=Severity.NOTE)
    return _WORDS[worst][1] if worst < Severity.NOTE else ""
