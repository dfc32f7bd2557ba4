"""Values on the wire."""

from __future__ import annotations

import json

import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.provider.handmade import block, listed
from localaws.provider.protocol import pb
from localaws.provider.values import UNKNOWN, Object, Value, empty_object, has_unknown, is_set
from localaws.provider.wire import decoded, encoded
from tests.localaws.provider.samples import THING_BLOCK

ONE = block("value:o")
NUMBER = block("value:o:number many:o:list(number)", inner=listed(block("value:o:number")))


def message(value: object) -> pb.DynamicValue:
    return pb.DynamicValue(msgpack=msgpack.packb(value))


def sent(value: Object) -> object:
    return msgpack.unpackb(encoded(value).msgpack, ext_hook=lambda code, data: (code, data))


texts = st.one_of(st.none(), st.text(), st.just(UNKNOWN))


@given(texts)
def test_a_value_comes_back_as_it_was_sent(value: Value) -> None:
    assert decoded(encoded({"value": value}), ONE) == {"value": value}


def test_nothing_is_none() -> None:
    assert decoded(encoded(None), ONE) is None


def test_an_unknown_value_is_extension_0() -> None:
    assert sent({"value": UNKNOWN}) == {"value": (0, b"\x00")}


def test_an_unknown_value_with_a_refinement_is_unknown() -> None:
    assert decoded(message({"value": msgpack.ExtType(12, b"\x81\x01\xc2")}), ONE) == {"value": UNKNOWN}


def test_a_number_that_came_as_text_is_a_number() -> None:
    assert decoded(message({"value": "0.1", "many": ["0.25", 3], "inner": []}), NUMBER) == {
        "value": 0.1,
        "many": [0.25, 3],
        "inner": [],
    }


def test_a_number_in_a_nested_block_that_came_as_text_is_a_number() -> None:
    found = decoded(message({"value": None, "many": None, "inner": [{"value": "0.1"}]}), NUMBER)
    assert found == {"value": None, "many": None, "inner": [{"value": 0.1}]}


def test_text_that_looks_like_a_number_stays_text() -> None:
    assert decoded(message({"value": "0.1"}), ONE) == {"value": "0.1"}


def test_a_fraction_is_sent_as_the_text_that_names_it_exactly() -> None:
    assert sent({"value": 0.1}) == {"value": "0.1"}


def test_a_whole_number_is_sent_as_one() -> None:
    assert sent({"value": 3.0}) == {"value": 3}


def test_a_state_in_json_is_read_too() -> None:
    assert decoded(pb.DynamicValue(json=json.dumps({"value": "x"}).encode()), ONE) == {"value": "x"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(UNKNOWN, True), ("x", False), ([1, UNKNOWN], True), ({"a": {"b": UNKNOWN}}, True), ({"a": [None]}, False)],
)
def test_a_part_that_is_unknown_is_seen(value: Value, expected: bool) -> None:
    assert has_unknown(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"), [(None, False), ([], False), ({}, False), (0, True), (False, True), ("", True)]
)
def test_null_and_empty_collections_are_not_set(value: Value, expected: bool) -> None:
    assert is_set(value) is expected


def test_an_empty_object_has_every_name() -> None:
    assert set(empty_object(THING_BLOCK)) == {*THING_BLOCK.attributes, *THING_BLOCK.blocks}
