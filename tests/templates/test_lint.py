"""Lint of templates: every check over every template, and every check against templates that it must refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template import Template
from tests.templates import lint
from tests.templates.defects import DEFECTS, Defect
from tests.templates.known_metrics import KNOWN
from tests.templates.known_names import NAMED, UNNAMED
from tests.templates.samples import NAMES, Sample, sample


@pytest.fixture(scope="module", params=NAMES, name="looked_at")
def _looked_at(request: pytest.FixtureRequest) -> Sample:
    return sample(request.param)


class TestEveryTemplate:
    @pytest.mark.parametrize("check", lint.CHECKS, ids=lambda check: check.__name__)
    def test_passes(self, looked_at: Sample, check: lint.Check) -> None:
        assert check(looked_at.template) == []

    @pytest.mark.parametrize("check", lint.CHECKS_OF_SETTINGS, ids=lambda check: check.__name__)
    def test_is_what_its_settings_ask_for(self, looked_at: Sample, check: lint.CheckOfSettings) -> None:
        assert check(looked_at.template, looked_at.settings) == []


class TestEveryCheck:
    @pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.check.__name__}-{defect.seed.__name__}")
    def test_finds(self, defect: Defect) -> None:
        assert [finding for finding in defect.findings() if defect.names in finding]

    def test_has_a_defect_to_find(self) -> None:
        assert {defect.check for defect in DEFECTS} == {*lint.CHECKS, *lint.CHECKS_OF_SETTINGS}

    @pytest.mark.parametrize(
        ("check", "table", "exception"),
        [
            pytest.param(check, table, exception, id=f"{check.__name__}-{exception}")
            for check, table in lint.REVIEWED
            for exception in table
        ],
    )
    def test_lets_pass_only_what_some_template_needs(
        self, monkeypatch: pytest.MonkeyPatch, check: lint.Check, table: dict[str, Any], exception: str
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
    assert lint.findings(template) == lint.findings(template, settings) == []
    of_others = lint.findings(template, sample("no-cache").settings)
    assert "egress: api -> cache:6379 is open and not declared" in of_others
    assert "there are 23 alarms, and 20 are expected" in of_others
