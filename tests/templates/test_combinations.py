"""Settings in combination: what is refused says why, what is taken comes to a template that passes every check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import Phase, given, reject
from hypothesis import settings as profile
from hypothesis import strategies as st

from lib.evidence import checks
from lib.settings import Settings, SettingsError
from lib.settings.data import AuroraDatabase, InstanceDatabase, NodeCache, ServerlessCache
from tests.synthesis import stack_template
from tests.templates.combinations import Combination, combinations

_PHASES = (Phase.generate, Phase.shrink)

_MORE: dict[str, dict[str, Any]] = {
    "services": {"paths": ["/more/*"]},
    "fleets": {"paths": ["/more/*"]},
    "functions": {"paths": ["/more/*"], "source": "lib/functions/transactions"},
}
"""One unit more of each kind, that uses no store by name."""

_SPEAK_OF_ALL = ("aws_cloudwatch_dashboard", "aws_cloudwatch_event_rule")
"""Kinds of resources that name all units."""


@profile(max_examples=32, phases=_PHASES)
@given(combinations())
def test_settings_are_refused_by_sentences_or_come_to_a_template_that_passes_every_check(
    combination: Combination,
) -> None:
    settings, sentences = outcome(combination)
    if settings is None:
        assert sentences
        assert all(each and "\n" not in each for each in sentences)
    else:
        assert checks.findings(stack_template(settings), settings) == []


@profile(max_examples=10, phases=_PHASES)
@given(combinations(), st.sampled_from(sorted(_MORE)))
def test_a_unit_more_changes_nothing_of_the_others(combination: Combination, kind: str) -> None:
    less, _ = outcome(combination)
    if less is None:
        reject()
    units = {**(combination.table[kind] or {}), "more": _MORE[kind]}
    more, sentences = outcome(replace(combination, table={**combination.table, kind: units}))
    assert sentences == ()
    before, after = blocks_of(less), blocks_of(more)
    assert before.keys() < after.keys()
    assert {address: after[address] for address in before} == before


def outcome(combination: Combination) -> tuple[Settings | None, tuple[str, ...]]:
    """The settings, or why they are refused."""
    try:
        return combination.settings(), ()
    except SettingsError as error:
        return None, error.findings


def blocks_of(settings: Settings | None) -> dict[tuple[str, str, str], Any]:
    """All that Terraform makes or asks for, but for what speaks of all of it."""
    document = stack_template(settings).document if settings else {}
    return {
        (section, kind, name): block
        for section in ("resource", "data", "ephemeral")
        for kind, named in document.get(section, {}).items()
        if kind not in _SPEAK_OF_ALL
        for name, block in named.items()
    }


REACHED: dict[str, Callable[[Settings], bool]] = {
    "services": lambda drawn: bool(drawn.services),
    "several services": lambda drawn: len(drawn.services) > 1,
    "calls": lambda drawn: any(each.calls for each in drawn.services.values()),
    "mounts": lambda drawn: any(each.mounts for each in drawn.services.values()),
    "secrets": lambda drawn: any(each.secrets for each in drawn.services.values()),
    "the system's port": lambda drawn: any(each.port == 80 for each in drawn.targets.values()),
    "no store": lambda drawn: any(each.connects_to == () for each in drawn.targets.values()),
    "hosts": lambda drawn: any(each.hosts for each in drawn.routed.values()),
    "fleets": lambda drawn: bool(drawn.fleets),
    "two fleets": lambda drawn: len(drawn.fleets) == 2,
    "user data": lambda drawn: any(each.user_data for each in drawn.fleets.values()),
    "functions": lambda drawn: bool(drawn.functions),
    "a function with a rule": lambda drawn: any(each.has_rule for each in drawn.functions.values()),
    "a function without one": lambda drawn: any(not each.has_rule for each in drawn.functions.values()),
    "functions alone": lambda drawn: not drawn.targets,
    "tables": lambda drawn: bool(drawn.tables),
    "buckets": lambda drawn: bool(drawn.buckets),
    "a target with a table": lambda drawn: any(each.tables for each in drawn.targets.values()),
    "a function with a bucket": lambda drawn: any(each.buckets for each in drawn.functions.values()),
    "cdn": lambda drawn: drawn.cdn is not None,
    "a cdn of its own name": lambda drawn: drawn.cdn is not None and drawn.cdn.domain_name is not None,
    "a cdn in us-east-1": lambda drawn: drawn.cdn is not None and drawn.region == "us-east-1",
    "a firewall of the cdn": lambda drawn: drawn.cdn is not None and drawn.cdn.firewall and drawn.firewall is not None,
    "firewall": lambda drawn: drawn.firewall is not None,
    "http api": lambda drawn: drawn.http_api is not None,
    "internal": lambda drawn: drawn.load_balancer.internal,
    "tls": lambda drawn: drawn.load_balancer.has_tls,
    "a certificate of its own": lambda drawn: drawn.load_balancer.hosted_zone is not None,
    "serverless cache": lambda drawn: isinstance(drawn.cache, ServerlessCache),
    "cache of nodes": lambda drawn: isinstance(drawn.cache, NodeCache),
    "no cache": lambda drawn: drawn.cache is None,
    "database instance": lambda drawn: isinstance(drawn.database, InstanceDatabase),
    "aurora": lambda drawn: isinstance(drawn.database, AuroraDatabase),
    "aurora on servers": lambda drawn: isinstance(drawn.database, AuroraDatabase) and not drawn.database.is_serverless,
    "aurora without readers": lambda drawn: isinstance(drawn.database, AuroraDatabase) and not drawn.database.readers,
    "scaled readers": lambda drawn: isinstance(drawn.database, AuroraDatabase) and bool(drawn.database.reader_scaling),
    "no database": lambda drawn: drawn.database is None,
    "files": lambda drawn: drawn.files is not None,
    "four zones": lambda drawn: drawn.network.zone_count == 4,
    "a way out in each zone": lambda drawn: drawn.network.nat_gateways == "per_zone",
    "production": lambda drawn: drawn.tier == "prod",
    "staging": lambda drawn: drawn.tier == "staging",
    "spot": lambda drawn: len(drawn.cluster.capacity) == 2,
    "no insights": lambda drawn: drawn.cluster.container_insights == "disabled",
}


@cache
def draws() -> tuple[Settings | None, ...]:
    found: list[Settings | None] = []

    @profile(max_examples=150, phases=[Phase.generate])
    @given(combinations())
    def collect(combination: Combination) -> None:
        found.append(outcome(combination)[0])

    collect()
    return tuple(found)


class TestDraws:
    @pytest.mark.parametrize("unit", REACHED)
    def test_reach(self, unit: str) -> None:
        there = [REACHED[unit](each) for each in draws() if each]
        assert any(there)
        assert not all(there)

    def test_are_settings_that_are_taken_more_often_than_not(self) -> None:
        refused = [each for each in draws() if each is None]
        assert 0 < len(refused) < len(draws()) / 3


def refusal(**table: Any) -> tuple[str, ...]:
    _, sentences = outcome(Combination("prod", "sa-east-1", {"services": {"api": {}}, **_PLAIN, **table}))
    return tuple(each.replace(" (constructor)", "") for each in sentences)


_PLAIN: dict[str, Any] = {"load_balancer": {"accept_plain_http": True}}


class TestSettings:
    @pytest.mark.parametrize(
        ("table", "sentence"),
        [
            (
                {"services": {"api": {"paths": ["/a", "/b", "/a"]}}},
                'api.paths = ["/a", "/b", "/a"]: names /a more than once',
            ),
            ({"services": {"api": {"hosts": ["a.io", "a.io"]}}}, "names a.io more than once"),
            ({"services": {"api": {"calls": ["b", "b"]}, "b": {"paths": ["/b"]}}}, "names b more than once"),
            ({"services": {"api": {"buckets": ["d", "d"]}}, "buckets": {"d": {}}}, "names d more than once"),
            ({"services": {"api": {"tables": ["d", "d"]}}, "tables": {"d": {}}}, "names d more than once"),
            ({"services": {"api": {"connects_to": ["cache"] * 2}}, "cache": {}}, "names cache more than once"),
            ({"notifications": {"emails": ["a@b.io", "a@b.io"]}}, "names a@b.io more than once"),
            ({"firewall": {"count_only_rules": ["SQLi_BODY"] * 2}}, "names SQLi_BODY more than once"),
            (
                {"functions": {"sum": {**_MORE["functions"], "tables": ["d", "d"]}}, "tables": {"d": {}}},
                "names d more than once",
            ),
            (
                {"functions": {"sum": {**_MORE["functions"], "buckets": ["d", "d"]}}, "buckets": {"d": {}}},
                "names d more than once",
            ),
        ],
    )
    def test_name_nothing_twice(self, table: dict[str, Any], sentence: str) -> None:
        (finding,) = refusal(**table)
        assert finding.endswith(sentence)

    def test_leave_the_bucket_of_the_logs_its_place(self) -> None:
        assert refusal(buckets={"log": {}}) == ("buckets: must not be called log: buckets of the platform are",)

    def test_give_load_balancer_and_cdn_names_that_differ_in_each_environment(self) -> None:
        zone = {"hosted_zone": "a.io"}
        balancer = {"load_balancer": {"domain_name": "{suffix}.a.io", **zone}}
        (finding,) = refusal(**balancer, cdn={"domain_name": "prod.a.io", **zone})
        assert finding == 'cdn.domain_name = "prod.a.io": must differ from the load balancer\'s'
        assert refusal(**balancer, cdn={"domain_name": "dev.a.io", **zone}) == ()

    def test_have_tags_that_iam_takes_for_different_ones(self) -> None:
        (finding,) = refusal(tags={"environment": "x", "Team": "a", "TEAM": "b"})
        assert finding == "tags: must not differ by case only, which IAM refuses: Environment, TEAM, Team, environment"
        assert refusal(tags={"Environment": "x", "Team": "a"}) == ()

    def test_have_no_more_tags_than_aws_takes(self) -> None:
        (finding,) = refusal(tags={f"Tag{number}": "x" for number in range(46)})
        assert finding == "tags: come to 51 with those of the platform: AWS takes 50"
        assert refusal(tags={f"Tag{number}": "x" for number in range(45)}) == ()

    def test_give_a_unit_that_is_switched_on_again_the_defaults_of_its_tier(self) -> None:
        settings, _ = outcome(Combination("prod", "sa-east-1", {**_PLAIN, "services": {"api": {}}, "database": {}}))
        assert settings
        assert isinstance(settings.database, InstanceDatabase)
        assert (settings.database.multi_az, settings.database.backup_retention_days) == (True, 30)
