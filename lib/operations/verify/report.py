"""What verification found, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lib.operations.deployment import Deployment
from lib.operations.verify.registry import UNITS
from lib.operations.verify.run import Outcome, State

_TITLES = {unit.name: unit.title for unit in UNITS}
_STYLES = {
    State.HOLDS: "green",
    State.PROBLEM: "bold red",
    State.NEEDS_AWS: "yellow",
    State.NOT_APPLICABLE: "dim",
    State.NOT_ASKED: "yellow",
}
_SHORT = {
    State.HOLDS: "hold",
    State.PROBLEM: "wrong",
    State.NEEDS_AWS: "need AWS",
    State.NOT_APPLICABLE: "n/a",
    State.NOT_ASKED: "not asked",
}


def show(console: Console, stack: Deployment, outcomes: Sequence[Outcome], seconds: float, *, every: bool) -> None:
    """A row for each unit, then each problem, then the sum. every: also each check that holds or says nothing."""
    name = f"{stack['project']} {stack['environment_suffix']}"
    console.print(Text(f"{name} ({stack['tier']}) in {stack.account}, {stack.region}", style="bold"), end="\n\n")
    if every:
        _show_each(console, outcomes)
    console.print(_table(outcomes))
    console.print()
    if not every:
        _show_problems(console, outcomes)
    console.print(_sum(outcomes, seconds))


def document(stack: Deployment, outcomes: Sequence[Outcome], seconds: float) -> str:
    """The same as JSON."""
    content = {
        "project": stack["project"],
        "environment_suffix": stack["environment_suffix"],
        "tier": stack["tier"],
        "account": stack.account,
        "region": stack.region,
        "emulated": stack.emulated,
        "seconds": round(seconds, 1),
        "counts": {state.value: _counted(outcomes)[state] for state in State},
        "checks": [
            {
                "name": each.check.name,
                "unit": each.check.unit,
                "what": each.check.what,
                "state": each.state.value,
                "problems": list(each.problems),
                "reason": each.reason,
                "missing_permissions": missing_permissions([each]),
            }
            for each in outcomes
        ],
    }
    return json.dumps(content, indent=2) + "\n"


def missing_permissions(outcomes: Sequence[Outcome]) -> list[str]:
    return sorted({refusal.permission for each in outcomes for refusal in each.refusals if refusal.is_denial})


def _counted(outcomes: Sequence[Outcome]) -> Counter[State]:
    return Counter(each.state for each in outcomes)


def _table(outcomes: Sequence[Outcome]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("unit", overflow="fold")
    shown = [state for state in State if state is not State.NOT_ASKED or _counted(outcomes)[state]]
    for state in shown:
        table.add_column(_SHORT[state], justify="right", no_wrap=True)
    for unit, of_unit in groupby(outcomes, key=lambda each: each.check.unit):
        counts = _counted(list(of_unit))
        cells = [Text(str(counts[state] or ""), style=_STYLES[state]) for state in shown]
        table.add_row(_TITLES[unit], *cells, style="" if counts.keys() - {State.NOT_APPLICABLE} else "dim")
    return table


def _show_problems(console: Console, outcomes: Sequence[Outcome]) -> None:
    for each in outcomes:
        if each.problems:
            _show_outcome(console, each)
            console.print()


def _show_each(console: Console, outcomes: Sequence[Outcome]) -> None:
    for unit, of_unit in groupby(outcomes, key=lambda each: each.check.unit):
        console.print(Text(_TITLES[unit], style="bold"))
        for each in of_unit:
            console.print(
                Padding(Text(f"{each.state.value}: {each.check.name}", style=_STYLES[each.state]), (0, 0, 0, 2))
            )
            _show_text(console, each)
        console.print()


def _show_outcome(console: Console, each: Outcome) -> None:
    console.print(Text(each.check.name, style=_STYLES[each.state]))
    _show_text(console, each)


def _show_text(console: Console, each: Outcome) -> None:
    lines = [Text(each.check.what, style="dim"), *(Text(text) for text in each.problems)]
    if each.reason:
        lines.append(Text(each.reason, style="italic"))
    for line in lines:
        console.print(Padding(line, (0, 0, 0, 4)))


def _sum(outcomes: Sequence[Outcome], seconds: float) -> Text:
    counts = _counted(outcomes)
    wrong = counts[State.PROBLEM]
    others = [
        f"{counts[state]} {state.value}"
        for state in State
        if state not in (State.HOLDS, State.PROBLEM) and counts[state]
    ]
    verdict = (
        (f"{wrong} of {len(outcomes)} checks found problems", "bold red") if wrong else ("no problems", "bold green")
    )
    tail = f"; {counts[State.HOLDS]} hold{''.join(f', {each}' for each in others)} in {seconds:.1f} s"
    return Text.assemble(verdict, tail)
