"""Made-up values: of the right type, readable where expressions take them apart, never equal by accident."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.provider.block import Attribute, Block, CollectionType, ObjectType, Type
from localaws.provider.filling import fill_unknown, nothing
from localaws.provider.pure import PureBackend
from localaws.provider.values import UNKNOWN, Object, has_unknown
from tests.localaws.provider.samples import QUESTION, THING, schema, thing


def backend(block: Block | None = None) -> PureBackend:
    known = schema()
    return PureBackend("eu-west-1", lambda category, kind: block or known.block(category, kind))


def created(**planned: Any) -> Object:
    return backend().create(THING, {}, thing(**planned)).state


def made_up(name: str, attribute: Attribute) -> Any:
    state = backend(Block({name: attribute})).create("aws_lb", {}, {name: UNKNOWN}).state
    return state[name]


def test_every_kind_is_known() -> None:
    assert backend().knows("resource", "aws_anything")


def test_nothing_is_unknown_after_a_create() -> None:
    planned = thing(name="one", id=UNKNOWN, arn=UNKNOWN, tags_all=UNKNOWN, step=[{"title": "a", "step_id": UNKNOWN}])
    assert not has_unknown(backend().create(THING, {}, planned).state)


def test_what_is_known_is_kept() -> None:
    assert created(name="one", size=3, id=UNKNOWN)["size"] == 3


def test_objects_of_equal_configuration_have_different_ids() -> None:
    assert created(name="one", id=UNKNOWN)["id"] != created(name="one", id=UNKNOWN)["id"]


def test_what_an_update_leaves_open_is_made_up() -> None:
    outcome = backend().update(THING, {}, {}, thing(name="one", note=UNKNOWN), {})
    assert isinstance(outcome.state["note"], str)


def test_an_object_is_read_as_it_is() -> None:
    outcome = backend().read(THING, thing(id="t-1"), {})
    assert outcome is not None
    assert outcome.state == thing(id="t-1")


def test_an_imported_object_keeps_its_id_and_gets_the_rest() -> None:
    outcome = backend().read(THING, thing(id="t-1"), None)
    assert outcome is not None
    assert (outcome.state["id"], outcome.state["arn"]) == (
        "t-1",
        f"arn:aws:thing:eu-west-1:000000000000:aws_thing/{_name(outcome.state)}",
    )


def _name(state: Object) -> str:
    return str(state["arn"]).rpartition("/")[2]


def test_the_same_question_has_the_same_answer() -> None:
    asked: Object = {"about": "x", "answer": None, "region": None}
    assert backend().data(QUESTION, asked) == backend().data(QUESTION, asked)


def test_another_question_has_another_answer() -> None:
    first, second = (
        backend().data(QUESTION, {"about": about, "answer": None, "region": None}).state["answer"] for about in "xy"
    )
    assert first != second


def test_there_are_three_availability_zones() -> None:
    zones = Block({"names": Attribute(CollectionType("list", "string"), computed=True)})
    outcome = backend(zones).data("aws_availability_zones", {"names": None})
    assert outcome.state["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]


def test_an_ephemeral_resource_is_opened() -> None:
    outcome = backend().open_ephemeral(QUESTION, {"about": "x", "answer": None, "region": None})
    assert isinstance(outcome.state["answer"], str)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("id", "aws_lb-"),
        ("arn", "arn:aws:lb:eu-west-1:000000000000:aws_lb/aws_lb-"),
        ("role_arn", "arn:aws:lb:"),
        ("owner_id", "000000000000"),
        ("api_endpoint", "https://"),
        ("created_time", "2025-01-01T00:00:00Z"),
        ("cidr_block", "10.0.0.0/16"),
        ("anything", "anything-"),
    ],
)
def test_a_text_reads_like_its_name(name: str, pattern: str) -> None:
    assert made_up(name, Attribute("string", computed=True)).startswith(pattern)


def test_a_host_name_is_a_host_name() -> None:
    assert made_up("dns_name", Attribute("string", computed=True)).endswith(".lb.eu-west-1.amazonaws.com")


def test_a_policy_is_json() -> None:
    assert json.loads(made_up("policy", Attribute("string", computed=True))) == {}


@pytest.mark.parametrize(("type_", "expected"), [("number", 1), ("bool", False), (CollectionType("map", "string"), {})])
def test_other_types_have_a_value_of_theirs(type_: Type, expected: object) -> None:
    assert made_up("some", Attribute(type_, computed=True)) == expected


def test_a_list_that_can_only_be_read_has_an_element_for_its_first_index() -> None:
    endpoint = ObjectType({"address": "string", "port": "number"})
    (element,) = made_up("endpoint", Attribute(CollectionType("list", endpoint), computed=True))
    assert sorted(element) == ["address", "port"]


def test_a_list_that_may_be_set_and_is_not_is_empty() -> None:
    assert made_up("zones", Attribute(CollectionType("list", "string"), computed=True, optional=True)) == []


@pytest.mark.parametrize(
    ("type_", "expected"),
    [("string", None), ("number", None), (CollectionType("set", "string"), []), (CollectionType("map", "string"), {})],
)
def test_what_nobody_told_is_nothing(type_: Type, expected: object) -> None:
    assert nothing("some", Attribute(type_), type_) == expected


def test_a_part_of_a_map_that_is_unknown_is_made_up() -> None:
    state = created(name="one", tags_all={"Zone": UNKNOWN, "Team": "one"})
    assert isinstance(state["tags_all"], dict)
    assert (state["tags_all"]["Team"], type(state["tags_all"]["Zone"])) == ("one", str)


def test_a_write_only_argument_is_in_no_state() -> None:
    block = Block({"password_wo": Attribute("string", optional=True, write_only=True)})
    assert fill_unknown(block, {"password_wo": "x"}, nothing) == {"password_wo": None}
