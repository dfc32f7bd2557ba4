"""A stack that is up and gets other settings: what is kept stays, and what has no part in them is not touched."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from lib.evidence.terraform import Plan, Source, Terraform, Workspace
from lib.settings import load
from tests.synthesis import BLUEPRINTS, stack_template, synthesized, template_of
from tests.template import Template
from tests.terraform.changes import IN_PLACE, KEEPING_NOTHING, REPLACED, STATEFUL, Change, plain, resources, touched
from tests.terraform.conftest import Lived

_UNITS: dict[str, Any] = {
    "services": {"orders": {"paths": ["/orders/*"]}},
    "functions": {"sum": {"source": "lib/functions/transactions", "paths": ["/sum"]}},
    "fleets": {"web": {"hosts": ["web.example.com"]}},
    "tables": {"carts": {}},
    "buckets": {"data": {}},
    "secrets": {"signing": {"description": "Key of signatures"}},
}
_OWN = {
    "services": ("orders_", "alarms_orders_"),
    "functions": ("sum_", "alarms_sum_", "functions_key"),
    "fleets": ("web_", "alarms_web_", "disks_key", "deployment_events_refresh_", "alarms_events_refresh"),
    "tables": ("carts_", "alarms_carts_", "tables_key"),
    "buckets": ("data_", "buckets_key"),
    "secrets": ("secrets_signing",),
}
"""How the names of a unit's own resources begin. The first of its kind brings what the kind has in common: a key, or
the rule that hears of failed instance refreshes."""
_SHARED = {
    # The function that rotates the database's password starts anew what signs in with it.
    "services": {
        "aws_cloudwatch_dashboard.dashboard",
        "aws_iam_role_policy.rotation_function_policy",
        "aws_lambda_function.rotation_function",
    },
    "functions": {"aws_cloudwatch_dashboard.dashboard"},
    "fleets": {"aws_cloudwatch_dashboard.dashboard"},
    "tables": {"aws_cloudwatch_dashboard.dashboard"},
    # Its access log goes there.
    "buckets": {"aws_s3_bucket_policy.log_bucket_policy"},
    "secrets": set[str](),
}
"""What else a unit touches: all of it reviewed."""


@pytest.fixture(scope="module")
def standing(core: Terraform, lived: Callable[[str, str], Lived]) -> Callable[[str], Workspace]:
    """A blueprint in its dev tier, up. Others may not apply anything to it."""
    known: dict[str, Workspace] = {}

    def get(blueprint: str) -> Workspace:
        if blueprint not in known:
            known[blueprint] = _copy(core, blueprint, lived)
        return known[blueprint]

    return get


def _copy(core: Terraform, blueprint: str, lived: Callable[[str, str], Lived]) -> Workspace:
    state = lived(blueprint, "dev").state
    workspace = core.workspace(Source(synthesized(blueprint, "dev").document))
    assert workspace.init() == []
    shutil.copyfile(state, workspace.state)
    return workspace


def plan_of(workspace: Workspace, template: Template, out: str = "") -> Plan:
    workspace.write(template.document)
    plan = workspace.plan(refresh=False, out=out)
    assert plan.problems == []
    return plan


def addresses(plan: Plan, action: str) -> set[str]:
    return {plain(change.address) for change in plan.changes if change.action == action}


def kinds(plan: Plan, *actions: str) -> set[str]:
    return {change.address.partition(".")[0] for change in plan.changes if change.action in actions}


def replacing(changed: dict[str, tuple[str, ...]]) -> list[str]:
    """Arguments that would replace what is kept, by the provider's documentation alone."""
    return [
        f"{address}: {argument}"
        for address, arguments in changed.items()
        for argument in arguments
        if argument in STATEFUL.get(address.partition(".")[0], ("", frozenset()))[1]
    ]


class TestOtherSettings:
    @pytest.mark.parametrize("change", IN_PLACE, ids=lambda change: change.name)
    def test_say_something_else_there_and_nowhere_else(self, change: Change) -> None:
        base, changed = synthesized(change.blueprint, "dev"), template_of(change.overrides, blueprint=change.blueprint)
        assert touched(base, changed) == change.touched
        assert resources(base).keys() == resources(changed).keys()

    @pytest.mark.parametrize("change", IN_PLACE, ids=lambda change: change.name)
    def test_replace_nothing_that_is_kept(self, change: Change) -> None:
        assert replacing(dict(change.touched)) == []

    @pytest.mark.parametrize("blueprint", sorted({change.blueprint for change in IN_PLACE}))
    def test_are_carried_out_in_place(self, standing: Callable[[str], Workspace], blueprint: str) -> None:
        """All of a blueprint at once, since a plan takes two seconds: each by itself says where it is, above."""
        changes = [change for change in IN_PLACE if change.blueprint == blueprint]
        plan = plan_of(standing(blueprint), template_of(merged(changes), blueprint=blueprint))
        named = {address for change in changes for address in change.touched}
        replaced = {address for address in named if address.startswith("aws_ecs_task_definition.")}
        # A service follows its task definition, and leaves the number of tasks to scaling.
        assert addresses(plan, "replace") == replaced
        assert addresses(plan, "update") == named - replaced
        assert kinds(plan, "create", "delete", "remove") == set()


def merged(changes: list[Change]) -> dict[str, Any]:
    """The settings of several changes in one."""
    found: dict[str, Any] = {}
    for change in changes:
        _lay_over(found, change.overrides)
    return found


def _lay_over(under: dict[str, Any], over: Any) -> None:
    for key, value in over.items():
        if isinstance(value, dict):
            _lay_over(under.setdefault(key, {}), value)
        else:
            under[key] = value


class TestAnotherTier:
    """The same environment as production. Every tag changes with it, so nearly all is updated."""

    @pytest.mark.parametrize("blueprint", BLUEPRINTS)
    def test_updates_what_is_kept_and_replaces_none_of_it(
        self, standing: Callable[[str], Workspace], blueprint: str
    ) -> None:
        base, template = synthesized(blueprint, "dev"), _as("prod", blueprint)
        plan = plan_of(standing(blueprint), template)
        assert kinds(plan, "replace") <= REPLACED.keys()
        assert kinds(plan, "delete", "remove") == set()
        assert addresses(plan, "create") == resources(template).keys() - resources(base).keys()
        kept = {address for address in resources(base) if address.partition(".")[0] in STATEFUL}
        assert kept - addresses(plan, "update") == set()

    @pytest.mark.parametrize("tier", ["staging", "prod"])
    @pytest.mark.parametrize("blueprint", BLUEPRINTS)
    def test_changes_no_argument_that_replaces_what_is_kept(self, blueprint: str, tier: str) -> None:
        base, template = synthesized(blueprint, "dev"), _as(tier, blueprint)
        assert replacing(touched(base, template)) == []
        assert resources(base).keys() - resources(template).keys() == set()


@cache
def _as(tier: str, blueprint: str) -> Template:
    """The dev environment under the settings of another tier."""
    return stack_template(load("dev", environ={"TAP_BLUEPRINT": blueprint, "TAP_TIER": tier}))


class TestOneUnitMore:
    @pytest.mark.parametrize("kind", _UNITS)
    def test_touches_its_own_and_what_is_reviewed(self, kind: str) -> None:
        base, more = synthesized("catalog", "dev"), template_of({kind: _UNITS[kind]})
        new = resources(more).keys() - resources(base).keys()
        assert [address for address in sorted(new) if not address.partition(".")[2].startswith(_OWN[kind])] == []
        assert set(touched(base, more)) == _SHARED[kind]
        assert resources(base).keys() - resources(more).keys() == set()

    def test_comes_and_goes_without_touching_the_others(
        self, core: Terraform, lived: Callable[[str, str], Lived]
    ) -> None:
        """One of each kind at once."""
        workspace = _copy(core, "catalog", lived)
        base, more = synthesized("catalog", "dev"), template_of(_UNITS)
        own, shared = resources(more).keys() - resources(base).keys(), set().union(*_SHARED.values())
        coming = plan_of(workspace, more, out="coming")
        assert (addresses(coming, "create"), addresses(coming, "update")) == (own, shared)
        assert kinds(coming, "replace", "delete", "remove") == set()
        assert workspace.apply("coming") == []
        going = plan_of(workspace, base)
        assert (addresses(going, "delete"), addresses(going, "update")) == (own, shared)
        assert kinds(going, "replace", "create") == set()


def test_the_table_of_what_is_kept_leaves_nothing_out() -> None:
    ends = ("bucket", "cache", "cluster", "group", "database", "instance", "key", "queue", "secret", "system", "table")
    kinds_of_all = {kind for blueprint in BLUEPRINTS for kind in synthesized(blueprint, "prod").document["resource"]}
    assert {kind for kind in kinds_of_all - STATEFUL.keys() if kind.endswith(ends)} == KEEPING_NOTHING


def test_every_kind_in_it_names_what_replaces_it_and_the_page() -> None:
    assert [kind for kind, (page, arguments) in STATEFUL.items() if not (page and len(arguments) > 1)] == []
    assert replacing({"aws_db_instance.database_instance": ("instance_class", "storage_encrypted")}) == [
        "aws_db_instance.database_instance: storage_encrypted"
    ]
