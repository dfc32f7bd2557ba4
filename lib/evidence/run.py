"""Asks every check about some templates: structure, values and policy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from lib.evidence import checkov, checks
from lib.evidence.finding import Finding
from lib.evidence.progress import nobody_watches
from lib.evidence.reading import blocks, resources
from lib.evidence.results import Answer, Verdict
from lib.evidence.template import Template
from lib.evidence.values.judgement import Judgement, judged, values_are_taken
from lib.settings import Settings

VALUES = "values"
POLICIES = "policies"
STRUCTURE_AND_VALUES = "structure and values"
"""What is done for a template at a time; policies are done for all at once."""

After = Callable[[str], object]


class Subject(NamedTuple):
    """A template that is to be judged, and the settings that it was made from where they are known."""

    name: str
    """No other's that is judged with it."""
    template: Template
    settings: Settings | None = None


def verdicts(
    subjects: Sequence[Subject], after: After = nobody_watches, *, is_everything: bool = False
) -> list[Verdict]:
    """What all checks say of each template.

    A check that fails says so as its finding. `after` is told STRUCTURE_AND_VALUES when a template is through with
    them, and POLICIES when all are. is_everything: they are every blueprint in every tier, so that what is accepted of
    policies and found in none of them is a finding too. Raises CheckovError where policies cannot be checked.
    """
    with ThreadPoolExecutor(1) as beside:
        try:
            judged_beside = [beside.submit(_structure_and_values, subject, after) for subject in subjects]
            # Policies are checked by another process. An interrupt, which reaches this thread, has to end it.
            policies = _policies(subjects, is_everything=is_everything)
            after(POLICIES)
            return [_with(each.result(), policies) for each in judged_beside]
        finally:
            beside.shutdown(wait=False, cancel_futures=True)


def _structure_and_values(subject: Subject, after: After) -> Verdict:
    template = subject.template
    known = blocks(template).keys()
    structure = [_structure(known, name, ask) for name, ask in _checks(subject)]
    start = time.monotonic()
    judgement = _values(template)
    answers = [_unsaid(answer, judgement.findings) for answer in structure]
    answers.append(Answer(VALUES, judgement.findings, time.monotonic() - start))
    count = sum(1 for _ in resources(template))
    after(STRUCTURE_AND_VALUES)
    return Verdict(subject.name, count, judgement.literals, judgement.unchecked, answers)


def _checks(subject: Subject) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    for check in checks.asked_of(subject.template):
        # Values are judged by themselves: their findings say more than a sentence.
        if check is not values_are_taken:
            yield check.__name__, partial(check, subject.template)
    if subject.settings is not None:
        for of_settings in checks.CHECKS_OF_SETTINGS:
            yield of_settings.__name__, partial(of_settings, subject.template, subject.settings)


def _structure(known: Set[str], check: str, ask: Callable[[], list[str]]) -> Answer:
    start = time.monotonic()
    try:
        found = [_finding(check, text, known) for text in ask()]
    except Exception as error:
        found = [_unable(check, error)]
    return Answer(check, found, time.monotonic() - start)


def _unsaid(answer: Answer, of_values: Sequence[Finding]) -> Answer:
    """Without what begins with an argument and a text that AWS's models refuse already: they say more of it."""
    said = {(each.resource, f"{each.argument} {each.value!r} ") for each in of_values if isinstance(each.value, str)}
    left = [each for each in answer.findings if not any(_is_of(each, *it) for it in said)]
    return answer._replace(findings=left)


def _is_of(finding: Finding, resource: str, beginning: str) -> bool:
    return finding.resource == resource and finding.what.startswith(beginning)


def _finding(check: str, text: str, known: Set[str]) -> Finding:
    address, _, what = text.partition(": ")
    return Finding(check, address, what) if address in known else Finding(check, "", text)


def _values(template: Template) -> Judgement:
    try:
        return judged(template)
    except Exception as error:
        return Judgement([_unable(VALUES, error)])


def _unable(check: str, error: Exception) -> Finding:
    return Finding(check, "", f"cannot judge this template: {type(error).__name__}: {error}")


def _policies(subjects: Sequence[Subject], *, is_everything: bool) -> dict[str, Answer]:
    start = time.monotonic()
    found, stale = checkov.policies({subject.name: subject.template for subject in subjects})
    of_all = [Finding(POLICIES, "", each) for each in stale if is_everything]
    share = (time.monotonic() - start) / max(1, len(subjects))
    return {subject.name: Answer(POLICIES, [*found[subject.name], *of_all], share) for subject in subjects}


def _with(verdict: Verdict, policies: Mapping[str, Answer]) -> Verdict:
    return replace(verdict, answers=[*verdict.answers, policies[verdict.template]])
