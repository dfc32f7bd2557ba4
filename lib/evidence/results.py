"""What the checks said of some templates: gathered, counted, and as a document for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from lib.evidence.finding import Finding

FORMAT = 1
"""Of the document. Another number: something that programs read has another name, place or meaning."""


class Answer(NamedTuple):
    """What came of asking one check about one template."""

    check: str
    findings: Sequence[Finding]
    seconds: float


@dataclass(frozen=True)
class Verdict:
    """All that was asked about one template, and answered."""

    template: str
    """Its name: `catalog-dev`, or the path that it was read from."""
    resources: int
    literals: Mapping[str, int]
    """Kind of resource -> how many literals those of the kind are told."""
    unchecked: Mapping[tuple[str, str], int]
    """Kind and argument -> of how many of these nothing is known to check them by."""
    answers: Sequence[Answer]

    @property
    def findings(self) -> list[Finding]:
        return [finding for answer in self.answers for finding in answer.findings]


class Occurrence(NamedTuple):
    """One finding, and every template that it is in."""

    finding: Finding
    templates: tuple[str, ...]


@dataclass(frozen=True)
class Coverage:
    """How many literals there are, and of how many nothing is known to check them by."""

    literals: int
    unchecked: Mapping[str, int]
    """By argument; only those that have any."""

    @property
    def unchecked_count(self) -> int:
        return sum(self.unchecked.values())

    @property
    def checked_percent(self) -> float:
        """To one decimal, and rounded down: 100 means all. Of no literals there is none."""
        return 1000 * (self.literals - self.unchecked_count) // self.literals / 10


def occurrences(verdicts: Sequence[Verdict]) -> list[Occurrence]:
    """Each finding once. Those of most templates come first, and those of one resource together."""
    found: dict[str, Finding] = {}
    where: dict[str, dict[str, int]] = {}
    for place, verdict in enumerate(verdicts):
        for finding in verdict.findings:
            key = json.dumps([finding.resource, finding.check, finding.argument, asdict(finding)], default=repr)
            found[key] = finding
            where.setdefault(key, {})[verdict.template] = place
    ordered = sorted(where.items(), key=lambda item: (-len(item[1]), [*item[1].values()], item[0]))
    return [Occurrence(found[key], tuple(names)) for key, names in ordered]


def coverage(verdicts: Iterable[Verdict]) -> dict[str, Coverage]:
    """Kind of resource -> its literals in all templates, by name."""
    literals: Counter[str] = Counter()
    unchecked: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        literals.update(verdict.literals)
        for (kind, argument), count in sorted(verdict.unchecked.items()):
            unchecked.setdefault(kind, Counter())[argument] += count
    return {kind: Coverage(literals[kind], unchecked.get(kind, {})) for kind in sorted(literals)}


def total(of_kinds: Mapping[str, Coverage]) -> Coverage:
    """Several kinds of resources in one: what is unchecked, by kind."""
    unchecked = {kind: each.unchecked_count for kind, each in of_kinds.items() if each.unchecked}
    return Coverage(sum(each.literals for each in of_kinds.values()), unchecked)


def checks(verdicts: Iterable[Verdict]) -> list[str]:
    """The names of all that was asked, in the order of asking."""
    return list(dict.fromkeys(answer.check for verdict in verdicts for answer in verdict.answers))


def document(verdicts: Sequence[Verdict], seconds: float) -> dict[str, Any]:
    """All of it in words of JSON."""
    return {
        "version": FORMAT,
        "seconds": round(seconds, 1),
        "checks": checks(verdicts),
        "templates": [_of_template(verdict) for verdict in verdicts],
        "literals": {
            kind: {"literals": each.literals, "unchecked": each.unchecked_count, "unchecked_arguments": each.unchecked}
            for kind, each in coverage(verdicts).items()
        },
        "findings": [asdict(one.finding) | {"templates": one.templates} for one in occurrences(verdicts)],
    }


def _of_template(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.template,
        "resources": verdict.resources,
        "literals": sum(verdict.literals.values()),
        "unchecked": sum(verdict.unchecked.values()),
        "findings": len(verdict.findings),
    }
