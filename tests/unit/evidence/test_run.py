"""How checks are asked: each by itself, none silently left out, and what one says becomes a finding."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pytest

from lib.evidence import checks, run
from lib.evidence.checkov import CheckovError, Policies
from lib.evidence.finding import Finding
from lib.evidence.results import Verdict
from lib.evidence.run import Subject, verdicts
from lib.evidence.template import Template
from lib.evidence.values.judgement import Judgement, values_are_taken
from lib.settings import load

TOPIC = Template({"resource": {"aws_sns_topic": {"main": {"name": "a"}, "other": {"name": "b"}}}})
QUEUE = Template({"resource": {"aws_sqs_queue": {"main": {"name": "c"}}}})


def sees_nothing(_: Template) -> list[str]:
    return []


def sees_the_topic(template: Template) -> list[str]:
    return [f"{address}: is loud: very" for address in ("aws_sns_topic.main",) if template.all("aws_sns_topic")]


def sees_something_else(_: Template) -> list[str]:
    return ["backend: encrypt is off"]


def breaks(_: Template) -> list[str]:
    raise KeyError("provider")


@pytest.fixture(autouse=True)
def _nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    ask(monkeypatch, sees_nothing)
    value(monkeypatch, lambda _: Judgement())
    policies(monkeypatch, {})


def ask(patch: pytest.MonkeyPatch, *asked: checks.Check) -> None:
    patch.setattr(checks, "asked_of", lambda _: asked)
    patch.setattr(checks, "CHECKS_OF_SETTINGS", ())


def value(patch: pytest.MonkeyPatch, judged: Callable[[Template], Judgement]) -> None:
    patch.setattr(run, "judged", judged)


def policies(patch: pytest.MonkeyPatch, found: Mapping[str, list[Finding]], stale: Sequence[str] = ()) -> None:
    def asked(templates: Mapping[str, Template]) -> Policies:
        return Policies({name: found.get(name, []) for name in templates}, list(stale))

    patch.setattr("lib.evidence.checkov.policies", asked)


def answers(verdict: Verdict) -> dict[str, list[str]]:
    return {answer.check: [str(each) for each in answer.findings] for answer in verdict.answers}


def verdict_of(template: Template) -> Verdict:
    (verdict,) = verdicts([Subject("one", template)])
    return verdict


class TestStructure:
    def test_what_a_check_says_of_a_resource_is_a_finding_of_that_resource(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask(monkeypatch, sees_the_topic)
        assert verdict_of(TOPIC).findings == [Finding("sees_the_topic", "aws_sns_topic.main", "is loud: very")]

    def test_what_it_says_of_anything_else_is_kept_whole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ask(monkeypatch, sees_something_else)
        assert verdict_of(TOPIC).findings == [Finding("sees_something_else", "", "backend: encrypt is off")]

    def test_a_check_that_breaks_says_so_and_the_others_are_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ask(monkeypatch, breaks, sees_the_topic)
        assert answers(verdict_of(TOPIC)) == {
            "breaks": ["cannot judge this template: KeyError: 'provider'"],
            "sees_the_topic": ["aws_sns_topic.main: is loud: very"],
            "values": [],
            "policies": [],
        }

    def test_the_settings_are_held_against_a_template_that_has_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = load("dev", environ={})
        asked = []

        def is_as_asked(template: Template, given: object) -> list[str]:
            asked.append((template, given))
            return ["not at all"]

        monkeypatch.setattr(checks, "CHECKS_OF_SETTINGS", (is_as_asked,))
        of_topic, of_queue = verdicts([Subject("topic", TOPIC, settings), Subject("queue", QUEUE)])
        assert answers(of_topic)["is_as_asked"] == ["not at all"]
        assert "is_as_asked" not in answers(of_queue)
        assert asked == [(TOPIC, settings)]


def test_every_check_of_the_registry_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    value(monkeypatch, lambda _: Judgement())
    policies(monkeypatch, {})
    names = [check.__name__ for check in checks.CHECKS if check is not values_are_taken]
    assert list(answers(verdict_of(QUEUE))) == [*names, "values", "policies"]


class TestValues:
    def test_are_judged_and_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = Finding("lengths", "aws_sns_topic.main", "name is too long")
        judgement = Judgement([found], Counter({"aws_sns_topic": 2}), Counter({("aws_sns_topic", "name"): 1}))
        value(monkeypatch, lambda _: judgement)
        verdict = verdict_of(TOPIC)
        assert answers(verdict)["values"] == ["aws_sns_topic.main: name is too long"]
        assert verdict.literals == {"aws_sns_topic": 2}
        assert verdict.unchecked == {("aws_sns_topic", "name"): 1}

    def test_say_alone_what_another_check_would_say_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        said = [
            Finding("lengths", "aws_sns_topic.main", "name is 'a'", "name", "a"),
            Finding("ranges", "aws_sns_topic.main", "delay is 1", "delay", 1),
        ]
        value(monkeypatch, lambda _: Judgement(said))

        def sees_names(_: Template) -> list[str]:
            return [
                *("aws_sns_topic.main: name 'a' is short", "aws_sns_topic.main: name 'ab' is short"),
                *("aws_sns_topic.other: name 'a' is short", "aws_sns_topic.main: delay 1 is short"),
            ]

        ask(monkeypatch, sees_names)
        assert answers(verdict_of(TOPIC))["sees_names"] == [
            *("aws_sns_topic.main: name 'ab' is short", "aws_sns_topic.other: name 'a' is short"),
            "aws_sns_topic.main: delay 1 is short",
        ]

    def test_that_cannot_be_judged_are_no_silent_pass(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def judged(_: Template) -> Judgement:
            raise ValueError("no such model")

        value(monkeypatch, judged)
        assert answers(verdict_of(TOPIC))["values"] == ["cannot judge this template: ValueError: no such model"]


class TestPolicies:
    def test_of_a_template_are_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        policies(monkeypatch, {"topic": [Finding("CKV_AWS_26", "aws_sns_topic.main", "is not encrypted")]})
        of_topic, of_queue = verdicts([Subject("topic", TOPIC), Subject("queue", QUEUE)])
        assert answers(of_topic)["policies"] == ["aws_sns_topic.main: is not encrypted"]
        assert answers(of_queue)["policies"] == []

    def test_that_are_accepted_and_in_no_template_are_findings_where_all_templates_are_there(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        policies(monkeypatch, {}, ["nothing is found any more"])
        subjects = [Subject("topic", TOPIC), Subject("queue", QUEUE)]
        found = [each.findings for each in verdicts(subjects, is_everything=True)]
        assert found == [[Finding("policies", "", "nothing is found any more")]] * 2
        assert [each.findings for each in verdicts(subjects)] == [[], []]

    def test_that_cannot_be_checked_end_it_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = []

        def slowly(template: Template) -> list[str]:
            asked.append(template)
            time.sleep(0.05)
            return []

        def broken(_: Mapping[str, Template]) -> Policies:
            raise CheckovError("is not installed")

        ask(monkeypatch, slowly)
        monkeypatch.setattr("lib.evidence.checkov.policies", broken)
        with pytest.raises(CheckovError, match="is not installed"):
            verdicts([Subject(str(number), TOPIC) for number in range(20)])
        assert len(asked) < 5

    def test_share_the_time_that_they_took(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def slowly(templates: Mapping[str, Template]) -> Policies:
            time.sleep(0.1)
            return Policies({name: [] for name in templates}, [])

        monkeypatch.setattr("lib.evidence.checkov.policies", slowly)
        found = verdicts([Subject("topic", TOPIC), Subject("queue", QUEUE)])
        seconds = [verdict.answers[-1].seconds for verdict in found]
        assert seconds[0] == seconds[1]
        assert 0.05 <= seconds[0] < 0.1


def test_verdicts_come_in_the_order_of_the_templates() -> None:
    found = verdicts([Subject("topic", TOPIC), Subject("queue", QUEUE)])
    assert [(each.template, each.resources) for each in found] == [("topic", 2), ("queue", 1)]


def test_who_waits_is_told_of_each_template_and_of_the_policies() -> None:
    told: list[str] = []
    verdicts([Subject("topic", TOPIC), Subject("queue", QUEUE)], told.append)
    assert Counter(told) == {run.STRUCTURE_AND_VALUES: 2, run.POLICIES: 1}


def test_each_answer_says_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(_: Template) -> Judgement:
        time.sleep(0.05)
        return Judgement()

    def sleeps(_: Template) -> list[str]:
        time.sleep(0.05)
        return []

    ask(monkeypatch, sleeps, sees_nothing)
    value(monkeypatch, slowly)
    of_sleeps, of_nothing, of_values, _ = [answer.seconds for answer in verdict_of(TOPIC).answers]
    assert 0 <= of_nothing < 0.05 <= min(of_sleeps, of_values)
