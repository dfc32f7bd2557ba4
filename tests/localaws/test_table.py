"""The table against botocore's models and the provider's schema, without a server: what it names exists."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from localaws.provider.replacement import forces_replacement
from localaws.resources.connection import Connection
from localaws.resources.entry import Further, FurtherCode
from localaws.resources.gate import without_a_place
from localaws.resources.mapper import Request
from localaws.resources.names import find
from localaws.resources.resource import PROVIDER_ONLY, Resource, words_of
from localaws.resources.reviewed import REVIEWED
from localaws.resources.table import TABLE, tagging_of
from tests.localaws.local import PROJECT_FOLDER, REGION, known, written

_NOWHERE = Connection("http://127.0.0.1:9", REGION)
"""Nothing listens there: models are all that these tests ask."""
_META = {"//", "lifecycle", "depends_on", "provisioner", "provider"}
_SET_WITH_OTHERS = {
    "aws_dynamodb_table": {"attribute": "a key's type changes with its index, which replaces the table"},
    "aws_secretsmanager_secret_version": {"secret_string_wo": "write-only: its version is what changes"},
}
"""Arguments that no update carries and that replace nothing, and why that is right."""

kinds = pytest.mark.parametrize("kind", sorted(TABLE))


@cache
def _used() -> dict[str, list[dict[str, Any]]]:
    """Type -> each resource of it in the fifteen templates."""
    used: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted(Path(PROJECT_FOLDER, "tests", "golden").glob("*.json")):
        for kind, named in json.loads(path.read_text()).get("resource", {}).items():
            used[kind] += [{k: v for k, v in each.items() if k not in _META} for each in named.values()]
    return used


def _resource(kind: str, given: dict[str, Any] | None = None) -> Resource:
    schema = known().block("resource", kind)
    state = written(schema, given) if given else {}
    return Resource(_NOWHERE, kind, entry=TABLE[kind], tagging=tagging_of(kind), schema=schema, state=state)


def _operations(kind: str) -> list[str]:
    entry = TABLE[kind]
    named = [entry.create, entry.update, entry.delete, *(each for each in (entry.read, *entry.also))]
    named += [each.operation for each in entry.further if isinstance(each, Further)]
    return [each.partition(":")[0] for each in named if isinstance(each, str)]


@kinds
def test_operations_exist(kind: str) -> None:
    operations = _NOWHERE.client(TABLE[kind].service).meta.method_to_api_mapping
    assert [each for each in _operations(kind) if each not in operations] == []


@kinds
def test_tag_operations_exist(kind: str) -> None:
    if "tags_all" in known().block("resource", kind).attributes:
        tagging = tagging_of(kind)
        named = [each.partition(":")[0] for each in (tagging.put, tagging.remove, tagging.show) if each]
        operations = _NOWHERE.client(TABLE[kind].service).meta.method_to_api_mapping
        assert [each for each in named if each not in operations] == []


@kinds
def test_reads_and_deletes_take_the_key(kind: str) -> None:
    entry, resource = TABLE[kind], _resource(kind)
    members = [item.partition("=")[0] for item in entry.key.split()]
    for each in (entry.read, entry.delete, *entry.also):
        if isinstance(each, str):
            shape = resource.shape(each.partition(":")[0])
            assert any(resource.mapper.member(shape, member) for member in members), each


@kinds
def test_deletes_are_told_all_that_they_insist_on(kind: str) -> None:
    entry, resource = TABLE[kind], _resource(kind)
    if isinstance(entry.delete, str):
        shape = resource.shape(entry.delete)
        told = {resource.mapper.member(shape, item.partition("=")[0]) for item in entry.key.split()} | set(entry.gone)
        assert [each for each in shape.required_members if each not in told] == []


@kinds
def test_renames_lead_to_members(kind: str) -> None:
    entry, resource = TABLE[kind], _resource(kind)
    if isinstance(entry.create, str):
        shapes = [resource.shape(each) for each in (entry.create, entry.update) if isinstance(each, str)]
        top = {name: target for name, target in entry.renames.items() if target and "." not in name}
        assert [name for name in top if not any(resource.mapper.has_place(shape, name) for shape in shapes)] == []


@kinds
def test_names_of_arguments_and_attributes_are_in_the_schema(kind: str) -> None:
    entry, schema = TABLE[kind], known().block("resource", kind)
    names = {*entry.computed, *entry.renews.split(), *entry.code_takes}
    names |= {name.split(".")[0] for name in entry.renames}
    names |= {name for each in entry.further if isinstance(each, FurtherCode) for name in each.arguments.split()}
    assert sorted(names - set(schema.attributes) - set(schema.blocks) - _ELSEWHERE.get(kind, set())) == []


_ELSEWHERE: dict[str, set[str]] = {
    # Both kinds of rule and listener have the same words.
    "aws_lb_listener": {"action"},
    "aws_lb_listener_rule": {"default_action"},
}


@kinds
def test_templates_of_further_calls_fit_their_operation(kind: str) -> None:
    resource, schema = _resource(kind), known().block("resource", kind)
    for each in TABLE[kind].further:
        if isinstance(each, Further):
            shape = resource.shape(each.operation)
            assert [member for member in each.params if not find(shape.members, member)] == []
            words = {word.split(".")[0] for word in words_of(each.params)}
            assert words <= {*schema.attributes, *schema.blocks, "account", "region"}


def test_every_type_of_every_blueprint_and_tier_has_an_entry() -> None:
    assert sorted(set(_used()) - set(TABLE)) == []


def test_the_templates_were_found() -> None:
    assert len(_used()) == 96


def test_few_types_are_there_that_no_template_uses() -> None:
    assert sorted(set(TABLE) - set(_used())) == [
        "aws_cloudwatch_log_metric_filter",
        "aws_ecr_repository",
        "aws_iam_policy",
        "aws_lambda_event_source_mapping",
    ]


def _arguments_without_a_place(kind: str, given: dict[str, Any]) -> list[str]:
    # References are strings in a template, whatever they become.
    schema = known().block("resource", kind)
    plain = {name: value for name, value in given.items() if name in schema.attributes or name in schema.blocks}
    resource = _resource(kind)
    resource.args, resource.written = dict(plain), set(plain)
    entry = TABLE[kind]
    return without_a_place(resource, _placed(resource, entry.create) if isinstance(entry.create, str) else Request())


def _placed(resource: Resource, create: str) -> Request:
    """Where arguments go by name; values that are references do not matter, and code claims the others."""
    request, shape = Request(), resource.shape(create)
    for name in resource.args:
        by_code = resource.entry.renames.get(name, name) is None and resource.entry.adjust
        if by_code or resource.mapper.has_place(shape, name):
            request.claim(name, name)
    return request


@pytest.mark.parametrize("kind", sorted(_used()))
def test_every_argument_of_the_templates_has_a_place(kind: str) -> None:
    lost = {name for given in _used()[kind] for name in _arguments_without_a_place(kind, given)}
    assert sorted(lost) == []


@pytest.mark.parametrize("kind", sorted(_used()))
def test_every_argument_of_the_templates_can_be_changed_or_replaces(kind: str) -> None:
    entry, resource = TABLE[kind], _resource(kind)
    if callable(entry.update):
        return  # what code does is tried out in the tests of special/
    changed = set(PROVIDER_ONLY) | set(_SET_WITH_OTHERS.get(kind, {}))
    for each in entry.further:
        changed |= set(each.arguments.split()) if isinstance(each, FurtherCode) else set()
        changed |= {word.split(".")[0] for word in words_of(each.params)} if isinstance(each, Further) else set()
    given = {name for each in _used()[kind] for name in each}
    if entry.update:
        shape = resource.shape(entry.update)
        changed |= {name for name in given if resource.mapper.has_place(shape, name)}
        changed |= {name for name, target in entry.renames.items() if target is None and entry.adjust}
    assert sorted(name for name in given - changed if not forces_replacement(kind, name)) == []


def test_reviewed_members_are_of_types_in_the_table() -> None:
    assert sorted(set(REVIEWED) - set(TABLE)) == []


@pytest.mark.parametrize("kind", sorted(REVIEWED))
def test_each_reviewed_member_has_a_reason(kind: str) -> None:
    assert all(len(reason.split()) >= 3 for reason in REVIEWED[kind].values())
