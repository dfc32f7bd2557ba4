"""Any template: no check fails on one, whatever is in it, and none finds fault with what is right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as profile

from lib.evidence import checks
from lib.evidence.template import Block, Template, UnusableTemplate
from lib.evidence.values import judgement
from tests.templates import foreign
from tests.templates.mutilation import REMOVED, REPLACEMENTS, apply, closed, mutilated, opened, places_inside
from tests.templates.samples import sample

_SAMPLES = ("everything", "fleet-dev", "lms-dev", "payments-dev", "three-services")
_QUICK = tuple(each for each in checks.CHECKS if each is not judgement.values_are_taken)
_ALL_BUT_HEALTH: dict[str, Any] = {"phases": [Phase.generate], "suppress_health_check": list(HealthCheck)}


@cache
def documents() -> dict[str, Block]:
    return {name: sample(name).template.document for name in _SAMPLES} | foreign.DOCUMENTS


def asked(text: str, asked_checks: Sequence[checks.Check], of_settings: Sequence[checks.CheckOfSettings] = ()) -> None:
    """Asks the checks about a template, and fails with whatever one of them fails with."""
    try:
        template = Template.of_text(text)
    except UnusableTemplate:
        return
    found = [finding for check in asked_checks for finding in check(template)]
    found += [finding for check in of_settings for finding in check(template, sample("everything").settings)]
    assert all(isinstance(each, str) and each for each in found)


@profile(max_examples=25, **_ALL_BUT_HEALTH)
@given(mutilated(documents))
def test_no_check_fails_whatever_is_missing_or_of_another_type(text: str) -> None:
    asked(text, (*_QUICK, *checks.CONVENTIONS), checks.CHECKS_OF_SETTINGS)


@profile(max_examples=10, **_ALL_BUT_HEALTH)
@given(mutilated(lambda: foreign.DOCUMENTS))
def test_values_are_judged_whatever_is_missing_or_of_another_type(text: str) -> None:
    asked(text, checks.CHECKS)


@pytest.mark.parametrize("change", [REMOVED, *REPLACEMENTS])
def test_no_check_fails_where_every_argument_is_changed_alike(change: str) -> None:
    document = opened(documents()["everything"])
    # From the inside out, so that each change finds its place.
    for place in reversed(list(places_inside(document))):
        apply(change, place)
    asked(json.dumps(closed(document)), (*_QUICK, *checks.CONVENTIONS), checks.CHECKS_OF_SETTINGS)


@pytest.mark.parametrize("name", foreign.DOCUMENTS)
def test_nothing_is_wrong_with_a_foreign_template_that_is_right(name: str) -> None:
    template = Template.of_text(json.dumps(foreign.DOCUMENTS[name]))
    assert checks.asked_of(template) == checks.CHECKS
    assert checks.findings(template) == []


class TestForeign:
    """What is wrong with a template of any making is found in it."""

    def found(self, name: str, kind: str, logical: str, **changes: Any) -> list[str]:
        document = json.loads(json.dumps(foreign.DOCUMENTS[name]))
        document["resource"][kind][logical].update(changes)
        return checks.findings(Template.of_text(json.dumps(document)))

    def test_an_instance_has_an_image_for_another_processor(self) -> None:
        (finding,) = self.found("instance", "aws_instance", "web", instance_type="t3.small")
        assert finding.startswith(
            "aws_instance.web: instance_type t3.small is x86_64, and its image al2023-ami-*-arm64"
        )

    def test_a_queue_of_several_is_called_for_an_attribute_that_it_has_not(self) -> None:
        variables = {"variables": {"FIRST": "${aws_sqs_queue.work[0].endpoint}"}}
        (finding,) = self.found("modules", "aws_lambda_function", "work", environment=variables)
        assert finding == (
            "aws_lambda_function.work: environment.variables.FIRST names aws_sqs_queue.work.endpoint: "
            "there is no such attribute"
        )

    def test_a_module_that_is_waited_for_is_not_there(self) -> None:
        waits = ["aws_iam_role_policy.work", "module.network"]
        (finding,) = self.found("modules", "aws_lambda_function", "work", depends_on=waits)
        assert finding == "aws_lambda_function.work: waits for module.network, which is not there"

    def test_a_function_starts_before_its_permissions(self) -> None:
        (finding,) = self.found("modules", "aws_lambda_function", "work", depends_on=["module.vpc"])
        assert finding == "aws_lambda_function.work: does not wait for aws_iam_role_policy.work"

    def test_a_bucket_has_two_periods_in_a_row(self) -> None:
        found = self.found("bucket", "aws_s3_bucket", "files", bucket="files..example")
        assert [each for each in found if "bucket 'files..example' is not of the characters that AWS takes" in each]
