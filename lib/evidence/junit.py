"""What the checks said, as the JUnit XML that GitHub, GitLab, Jenkins and others show beside a change.

A template is a test suite, a check a test case; what a check found in a template is that case's failure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from lib.evidence.finding import Finding
from lib.evidence.results import Answer, Verdict
from lib.evidence.words import count, details, plain, sentence, shortened


def junit(verdicts: Sequence[Verdict]) -> bytes:
    """The whole file."""
    suites = [_suite(verdict) for verdict in verdicts]
    root = ElementTree.Element("testsuites", name="check")
    for counted in ("tests", "failures", "errors"):
        root.set(counted, str(sum(int(suite.attrib[counted]) for suite in suites)))
    root.set("time", _seconds([answer for verdict in verdicts for answer in verdict.answers]))
    root.extend(suites)
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _suite(verdict: Verdict) -> ElementTree.Element:
    suite = ElementTree.Element(
        "testsuite",
        name=plain(verdict.template),
        tests=str(len(verdict.answers)),
        failures=str(sum(1 for answer in verdict.answers if answer.findings)),
        errors="0",
        skipped="0",
        time=_seconds(verdict.answers),
    )
    suite.extend(_case(verdict.template, answer) for answer in verdict.answers)
    return suite


def _case(template: str, answer: Answer) -> ElementTree.Element:
    # GitLab shows the class and not the suite, takes two cases of one class and name for one, and of a failure it
    # shows the text alone: https://docs.gitlab.com/ci/testing/unit_test_reports
    case = ElementTree.Element("testcase", classname=plain(template), name=answer.check, time=_seconds([answer]))
    if answer.findings:
        first = answer.findings[0]
        said = shortened(plain(str(first))) if len(answer.findings) == 1 else count(len(answer.findings), "finding")
        failure = ElementTree.SubElement(case, "failure", type=first.check, message=said)
        failure.text = "\n".join(line for finding in answer.findings for line in _lines(finding))
    return case


def _lines(finding: Finding) -> Iterator[str]:
    where = f"{plain(finding.resource)}: " if finding.resource else ""
    yield f"{where}{sentence(finding)} ({finding.check})"
    yield from (f"  {label}: {text}" for label, text in details(finding))


def _seconds(answers: Sequence[Answer]) -> str:
    return f"{sum(answer.seconds for answer in answers):.3f}"
