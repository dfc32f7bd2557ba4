"""What a preflight found, for people and for programs."""

from __future__ import annotations

import json

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lib.operations.aws import Block
from lib.operations.preflight.measure import Limit, Row, Source, State
from lib.operations.preflight.prerequisites.prerequisite import Outcome
from lib.operations.preflight.quotas import Scope
from lib.operations.preflight.regions import Region
from lib.operations.preflight.run import Result, number, raise_it

_STYLES = {
    State.OK: "green",
    State.PROBLEM: "bold red",
    State.UNKNOWN: "bold yellow",
    State.NEEDS_AWS: "yellow",
    State.NOT_APPLICABLE: "dim",
}
_AMPLE = 0.5
"""Share of a limit up to which it is no news."""
_FEW = 5


def show(console: Console, result: Result, *, every: bool) -> None:
    """The quotas that are anything like scarce, then what stands in the way, then the sum."""
    console.print(Text(f"{result.name} in {result.account}, {result.region}", style="bold"), end="\n\n")
    shown = [row for row in result.rows if every or row.state is not State.OK or row.share > _AMPLE]
    if shown:
        console.print(_table(result, shown))
    if rest := len(result.rows) - len(shown):
        console.print(Text(f"{rest} quotas with ample room (--every shows them)", style="dim"))
    console.print()
    for each in result.outcomes:
        if every or each.notes:
            _show_outcome(console, each)
    _show_findings(console, result)
    if result.regions or result.regions_reason:
        _show_regions(console, result)
    console.print(_sum(result))


def document(result: Result) -> str:
    """The same as JSON."""
    content = {
        "name": result.name,
        "account": result.account,
        "region": result.region,
        "emulated": result.emulated,
        "seconds": round(result.seconds, 1),
        "code": result.code,
        "counts": {state.value: result.counts(state) for state in State},
        "quotas": [_row_document(row) for row in result.rows],
        "prerequisites": [_outcome_document(each) for each in result.outcomes],
        "findings": [
            {"problem": each.is_problem, "subject": each.subject, "text": each.text, "permission": each.permission}
            for each in result.findings
        ],
        "missing_permissions": result.missing_permissions,
        "regions": [_region_document(each) for each in result.regions],
        "regions_reason": result.regions_reason,
    }
    return json.dumps(content, indent=2) + "\n"


def _table(result: Result, rows: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("quota", overflow="fold")
    for column in ("need", "in use", "ours", "limit", "after"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("")
    for row in rows:
        is_here = not row.place and row.region == result.region
        where = "" if is_here or row.quota.scope is Scope.ACCOUNT else f", {row.where}"
        table.add_row(
            Text(row.quota.name + where),
            number(row.needed),
            number(row.used) if row.is_counted else "?",
            number(row.own) if row.own else "",
            _limit(row.limit),
            number(row.after) if row.is_counted else "?",
            Text(row.state.value, style=_STYLES[row.state]),
        )
    return table


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return "?"
    return number(limit.value) + ("" if limit.source is Source.ACCOUNT else "*")


def _show_outcome(console: Console, each: Outcome) -> None:
    title = f"{each.prerequisite.name}: {each.state.value}"
    console.print(Text(title, style=_STYLES[each.state]))
    for text in (each.prerequisite.what, *each.notes):
        console.print(Padding(Text(text, style="dim"), (0, 0, 0, 4)))
    if each.reason:
        console.print(Padding(Text(each.reason, style="italic"), (0, 0, 0, 4)))


def _show_findings(console: Console, result: Result) -> None:
    for each in result.findings:
        console.print()
        style = _STYLES[State.PROBLEM if each.is_problem else State.UNKNOWN]
        console.print(Text(f"{each.subject}{'' if each.is_problem else ': not known'}", style=style))
        first, *others = each.text.splitlines() or [""]
        console.print(Padding(Text(first), (0, 0, 0, 4)))
        for line in others:
            # A command is copied, so it stays in one piece.
            console.print(Text(line), soft_wrap=True)
    if result.missing_permissions:
        console.print(Text(f"\nMissing permissions: {', '.join(result.missing_permissions)}", style="bold yellow"))
    console.print()


def _show_regions(console: Console, result: Result) -> None:
    if result.regions_reason:
        console.print(Text(f"Other regions cannot be listed: {result.regions_reason}\n"))
        return
    fitting = [each for each in result.regions if each.has_room]
    console.print(Text("Regions with room, most of it first", style="bold"))
    for each in fitting:
        tightest = each.tightest
        assert tightest.limit
        room = f"{number(tightest.after)} of {number(tightest.limit.value)} {tightest.quota.name} after"
        console.print(Padding(Text(f"{each.name:<16}{room}"), (0, 0, 0, 4)))
    if fitting:
        console.print(Padding(Text(f"make use-region REGION={fitting[0].name}"), (0, 0, 0, 4)))
    else:
        console.print(Padding(Text("none"), (0, 0, 0, 4)))
    for each in [region for region in result.regions if not region.has_room][:_FEW]:
        console.print(Padding(Text(f"{each.name:<16}{_why_not(each)}", style="dim"), (0, 0, 0, 4)))
    console.print()


def _why_not(region: Region) -> str:
    if region.reason:
        return region.reason
    return f"full: {', '.join(row.quota.name for row in region.rows if row.state is State.PROBLEM)}"


def _sum(result: Result) -> Text:
    problems = sum(each.is_problem for each in result.findings)
    unknown = len(result.findings) - problems
    parts = [
        *([f"{problems} in the way"] if problems else []),
        *([f"{unknown} not known"] if unknown else []),
        *([f"{result.counts(State.NEEDS_AWS)} need AWS"] if result.counts(State.NEEDS_AWS) else []),
    ]
    is_default = any(row.limit and row.limit.source is not Source.ACCOUNT for row in result.rows)
    end = " (* AWS's default: the account's was never touched)" if is_default else ""
    style = "bold red" if problems else "bold yellow" if unknown else "bold green"
    return Text(f"{'; '.join(parts) or 'nothing in the way'}; {result.seconds:.1f} s{end}", style=style)


def _row_document(row: Row) -> Block:
    return {
        "quota": row.quota.name,
        "service_code": row.quota.service,
        "quota_code": row.quota.code,
        "scope": row.quota.scope.value,
        "region": row.region,
        "place": row.place,
        "needed": row.needed,
        "used": row.used if row.is_counted else None,
        "own": row.own if row.is_counted else None,
        "after": row.after if row.is_counted else None,
        "limit": row.limit.value if row.limit else None,
        "limit_source": row.limit.source.value if row.limit else None,
        "adjustable": row.quota.adjustable,
        "raise": raise_it(row) if row.state is State.PROBLEM and row.quota.code and row.quota.adjustable else "",
        "state": row.state.value,
        "reason": row.reason,
        "page": row.quota.page,
    }


def _outcome_document(each: Outcome) -> Block:
    return {
        "name": each.prerequisite.name,
        "what": each.prerequisite.what,
        "state": each.state.value,
        "problems": list(each.problems),
        "notes": list(each.notes),
        "reason": each.reason,
        "missing_permission": each.refusal.permission if each.refusal else "",
    }


def _region_document(region: Region) -> Block:
    tightest = region.tightest if region.rows else None
    return {
        "region": region.name,
        "has_room": region.has_room,
        "reason": region.reason,
        "tightest": tightest.quota.name if tightest else "",
        "share": round(tightest.share, 2) if tightest else None,
        "full": [row.quota.name for row in region.rows if row.state is State.PROBLEM],
    }
