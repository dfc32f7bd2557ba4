"""What the checks said, for people: in a terminal of any width, in a file, in the log of a CI run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lib.evidence.finding import Finding
from lib.evidence.results import Coverage, Verdict, checks, coverage, occurrences, total
from lib.evidence.words import count, details, plain, sentence

_NO_RESOURCE = "the template as a whole"
_INDENT = 2


def show(console: Console, verdicts: Sequence[Verdict], seconds: float) -> None:
    """Findings by template and resource, then the literals that nothing is known of, then the sum of it all."""
    found = occurrences(verdicts)
    for templates, of_templates in groupby(found, key=lambda one: one.templates):
        console.print(_heading(templates, len(verdicts)), end="\n\n")
        for resource, of_resource in groupby(of_templates, key=lambda one: one.finding.resource):
            _show_resource(console, resource, [one.finding for one in of_resource])
    of_kinds = coverage(verdicts)
    if total(of_kinds).unchecked:
        console.print(Text("Literals that nothing is known to check by", style="bold"))
        console.print(_unchecked(of_kinds))
        console.print()
    console.print(_summary(verdicts, total(of_kinds), len(found), seconds))


def _heading(templates: Sequence[str], of: int) -> Text:
    every = len(templates) == of > 1
    return Text(f"all {of} templates" if every else ", ".join(plain(each) for each in templates), style="bold")


def _show_resource(console: Console, resource: str, findings: Iterable[Finding]) -> None:
    console.print(_indented(Text(plain(resource) or _NO_RESOURCE, style="cyan"), 1))
    for finding in findings:
        console.print(_indented(Text.assemble((finding.check, "bold red"), f": {sentence(finding)}"), 2))
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for label, text in details(finding):
            table.add_row(label, Text(text))
        console.print(_indented(table, 3))
    console.print()


def _indented(what: Text | Table, level: int) -> Padding:
    return Padding(what, (0, 0, 0, level * _INDENT), expand=False)


def _unchecked(of_kinds: Mapping[str, Coverage]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("kind", overflow="fold")
    for column in ("literals", "checked", "unchecked", "checked %"):
        table.add_column(column, justify="right", no_wrap=True)
    some = {kind: each for kind, each in of_kinds.items() if each.unchecked}
    for kind, each in sorted(some.items(), key=lambda item: (-item[1].unchecked_count, item[0])):
        table.add_row(Text(plain(kind)), *_numbers(each))
    if others := {kind: each for kind, each in of_kinds.items() if kind not in some}:
        table.add_row(count(len(others), "other kind"), *_numbers(total(others)))
    table.add_row("total", *_numbers(total(of_kinds)), style="bold")
    return table


def _numbers(each: Coverage) -> tuple[str, ...]:
    counts = (each.literals, each.literals - each.unchecked_count, each.unchecked_count)
    return *(f"{number:,}" for number in counts), f"{each.checked_percent:.1f}"


def _summary(verdicts: Sequence[Verdict], of_all: Coverage, found: int, seconds: float) -> Text:
    parts = [
        count(len(verdicts), "template"),
        count(sum(each.resources for each in verdicts), "resource"),
        count(of_all.literals, "literal") + (f" ({of_all.checked_percent:.1f} % checked)" if of_all.literals else ""),
    ]
    outcome = (count(found, "finding"), "bold red") if found else ("no findings", "bold green")
    return Text.assemble(
        outcome, f" in {', '.join(parts)}, by {count(len(checks(verdicts)), 'check')} in {seconds:.1f} s"
    )
