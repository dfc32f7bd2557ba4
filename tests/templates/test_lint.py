"""Lint of templates: every check over every template, and every check against templates that it must refuse."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence import checks
from lib.evidence.structure.known_metrics import KNOWN
from lib.evidence.structure.known_names import NAMED, UNNAMED
from tests.template import Template
from tests.templates.defects import DEFECTS, Defect
from tests.templates.defects.seeding import EVERY_CHECK
from tests.templates.samples import NAMES, sample


@pytest.mark.parametrize("name", NAMES)
def test_every_template_passes_every_check(name: str) -> None:
    template, settings = sample(name).template, sample(name).settings
    found = {check.__name__: check(template) for check in (*checks.CHECKS, *checks.CONVENTIONS)}
    found |= {check.__name__: check(template, settings) for check in checks.CHECKS_OF_SETTINGS}
    assert {check: findings for check, findings in found.items() if findings} == {}


class TestEveryCheck:
    @pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.check.__name__}-{defect.seed.__name__}")
    def test_finds(self, defect: Defect) -> None:
        assert [finding for finding in defect.findings() if defect.names in finding]

    @pytest.mark.parametrize("check", EVERY_CHECK, ids=lambda check: check.__name__)
    def test_finds_what_no_other_check_does(self, check: checks.Check | checks.CheckOfSettings) -> None:
        assert any(defect.only_it_finds() for defect in DEFECTS if defect.check is check)

    @pytest.mark.parametrize(
        ("check", "table", "exception"),
        [
            pytest.param(check, table, exception, id=f"{check.__name__}-{exception}")
            for check, table in checks.REVIEWED
            for exception in table
        ],
    )
    def test_lets_pass_only_what_some_template_needs(
        self, monkeypatch: pytest.MonkeyPatch, check: checks.Check, table: dict[str, Any], exception: str
    ) -> None:
        monkeypatch.delitem(table, exception)
        assert any(check(sample(name).template) for name in NAMES)


def kinds() -> set[str]:
    return {kind for name in NAMES for kind in sample(name).template.document["resource"]}


class TestTables:
    def test_of_names_have_no_kind_that_no_template_has(self) -> None:
        assert (NAMED.keys() | UNNAMED) - kinds() == set()

    def test_of_metrics_have_a_page_of_the_vendor_for_each_namespace(self) -> None:
        assert all(source.page.startswith("https://docs.aws.amazon.com/") for source in KNOWN)

    def test_of_metrics_know_every_namespace_that_is_watched(self) -> None:
        watched = {alarm["namespace"] for name in NAMES for alarm in alarms(sample(name).template)}
        assert watched == {source.namespace for source in KNOWN}


def alarms(template: Template) -> list[Any]:
    return template.all("aws_cloudwatch_metric_alarm")


def test_settings_add_what_they_ask_for_to_all_findings() -> None:
    template, settings = sample("catalog-dev").template, sample("catalog-dev").settings
    assert checks.findings(template) == checks.findings(template, settings) == []
    of_others = checks.findings(template, sample("no-cache").settings)
    assert "egress: api -> cache:6379 is open and not declared" in of_others
    assert "there are 25 alarms, and 22 are expected" in of_others
