"""How checks read a template: what is in an expression, what is in a JSON text."""

from __future__ import annotations

import json
from typing import ClassVar

import pytest

from lib.evidence.reading import (
    Leaf,
    addresses,
    arguments,
    as_list,
    at,
    binding,
    blocks,
    containers,
    decoded,
    default_tags,
    every,
    expressions,
    is_known,
    is_of_tapstack,
    is_set,
    keys,
    leaves,
    number,
    provider,
    references,
    region_of,
    script_of,
    statements,
    suffix,
    tables,
    text,
    text_table,
    texts,
    uses,
    waited_for,
)
from tests.template import Block, Template


def named(text: str) -> list[str]:
    return [each.address for each in references(Leaf("", text, False))]


class TestExpressions:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("plain", []),
            ("${aws_vpc.main.id}", ["aws_vpc.main.id"]),
            ("a-${aws_vpc.a.id}-${aws_vpc.b.id}", ["aws_vpc.a.id", "aws_vpc.b.id"]),
            ("$${PORT} and ${aws_vpc.a.id}", ["aws_vpc.a.id"]),
            ("${merge({a = aws_vpc.a.id}, {})}", ["merge({a = aws_vpc.a.id}, {})"]),
            ("${aws_vpc.a.id", ["aws_vpc.a.id"]),
        ],
    )
    def test_are_what_terraform_evaluates(self, text: str, found: list[str]) -> None:
        assert list(expressions(text)) == found

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("${aws_vpc.main.id}", ["aws_vpc.main"]),
            ("${data.aws_partition.here.partition}", ["data.aws_partition.here"]),
            ("${ephemeral.aws_x_password.one.value}", ["ephemeral.aws_x_password.one"]),
            ("${aws_cache.one.endpoint[0].address}", ["aws_cache.one"]),
            ("${self.task_definition == aws_task.one.arn}", ["self.task_definition", "aws_task.one"]),
            ('${formatdate("YYYY", timestamp())}', []),
            ('${"aws_vpc.a.id"}', []),
            ('${join("-", [upper("${aws_vpc.a.id}"), aws_vpc.b.id])}', ["aws_vpc.a", "aws_vpc.b"]),
            ("${length(self.names) >= 2 ? true : false}", ["self.names"]),
            ("${aws_with-hyphen.of-name.id}", ["aws_with-hyphen.of-name"]),
            ("${aws_subnet.a[0].id}", ["aws_subnet.a"]),
            ('${aws_subnet.a["x"].id}', ["aws_subnet.a"]),
            ("${module.vpc.vpc_id}", ["module.vpc"]),
            ("${[for subnet in aws_subnet.a : subnet.id]}", ["aws_subnet.a"]),
            ("${{for key, subnet in aws_subnet.a : key => subnet.id}}", ["aws_subnet.a"]),
            ("${merge({name = aws_vpc.a.id}, {})}", ["aws_vpc.a"]),
        ],
    )
    def test_name_blocks(self, text: str, found: list[str]) -> None:
        assert named(text) == found

    @pytest.mark.parametrize(
        ("text", "attribute"),
        [
            ("${aws_subnet.a[0].id}", "id"),
            ('${aws_subnet.a["x"].id}', "id"),
            ("${aws_subnet.a[*].id}", "id"),
            ("${aws_subnet.a.*.id}", "id"),
            ("${aws_subnet.a}", None),
            ("${data.aws_vpc.a[0].id}", "id"),
        ],
    )
    def test_say_which_attribute_of_one_or_of_several_blocks(self, text: str, attribute: str | None) -> None:
        (found,) = references(Leaf("", text, False))
        assert found.attribute == attribute

    def test_a_value_alone_may_be_a_list_and_one_in_a_text_may_not(self) -> None:
        (alone,) = references(Leaf("", "${aws_cache.one.endpoint}", False))
        (amid,) = references(Leaf("", "at ${aws_cache.one.endpoint}", False))
        (within_json,) = references(Leaf("", "${aws_cache.one.endpoint}", True))
        assert (alone.in_text, amid.in_text, within_json.in_text) == (False, True, True)


class TestLeaves:
    def test_are_found_in_json_texts_too(self) -> None:
        block = {"policy": json.dumps({"Statement": [{"Action": ["a", "b"]}]}), "empty": [], "name": "{no json"}
        assert list(leaves(block)) == [
            Leaf("policy.Statement[].Action[]", "a", True),
            Leaf("policy.Statement[].Action[]", "b", True),
            Leaf("empty", [], False),
            Leaf("name", "{no json", False),
        ]

    def test_leave_out_what_cdktf_writes_about_itself(self) -> None:
        block = {"//": {"metadata": {"path": "x"}}, "name": "n"}
        assert list(leaves(block)) == [Leaf("name", "n", False)]
        assert list(keys(block)) == ["name"]


def test_blocks_are_all_that_an_expression_may_name() -> None:
    document: Block = {"resource": {"a": {"x": {}}}, "data": {"b": {"y": {}}}, "ephemeral": {"c": {"z": {}}}}
    assert list(blocks(Template(document))) == ["a.x", "data.b.y", "ephemeral.c.z"]
    others: Block = {"module": {"vpc": {"source": "x"}}, "variable": {"region": {}}, "locals": {"name": "n"}}
    assert blocks(Template(others)) == {"module.vpc": {"source": "x"}, "var.region": {}, "local.name": {"value": "n"}}


def test_a_block_uses_what_it_names_and_what_it_waits_for_but_not_itself() -> None:
    block = {"depends_on": ["aws_a.one"], "value": "${aws_b.two.id}", "condition": "${self.id == 1}"}
    assert list(uses(block)) == ["aws_a.one", "aws_b.two"]


@pytest.mark.parametrize(
    ("waits", "found"),
    [
        ("aws_a.one", ["aws_a.one"]),
        ("aws_a.one[0]", ["aws_a.one"]),
        ("${aws_a.one}", ["aws_a.one"]),
        ("module.vpc", ["module.vpc"]),
        ("data.aws_b.two", ["data.aws_b.two"]),
        ([], []),
        (7, []),
    ],
)
def test_a_block_waits_for_what_it_names_with_or_without_an_expression(waits: object, found: list[str]) -> None:
    assert list(uses({"depends_on": [waits]})) == found


def test_a_list_of_one_on_the_way_stands_for_its_item() -> None:
    block = {"rule": [{"object": {"name": "n"}}], "many": [{"a": 1}, {"a": 2}]}
    assert (at(block, "rule.object.name"), at(block, "many.a"), at(block, "none.at.all")) == ("n", None, None)


class TestPaths:
    BLOCK: ClassVar[Block] = {
        "rule": [{"id": "a", "values": ["x", None, 1]}, {"id": 2, "values": "y"}, "text"],
        "one": {"of": {"many": "z"}},
        "size": "3.5",
        "on": "true",
        "off": False,
    }

    def test_every_item_of_every_list_is_found_and_null_is_not(self) -> None:
        assert every(self.BLOCK, "rule.values") == ["x", 1, "y"]
        assert every(self.BLOCK, "rule.none") == every(self.BLOCK, "size.of") == []
        assert every([[{"a": [1]}], [{"a": 2}]], "a") == [1, 2]

    def test_tables_are_found_alone_and_in_lists(self) -> None:
        assert tables(self.BLOCK, "one.of") == [{"many": "z"}]
        assert [each["id"] for each in tables(self.BLOCK, "rule")] == ["a", 2]

    def test_texts_are_what_is_text(self) -> None:
        assert texts(self.BLOCK, "rule.values") == ["x", "y"]
        assert (text(self.BLOCK, "one.of.many"), text(self.BLOCK, "rule"), text(self.BLOCK, "none")) == ("z", "", "")

    @pytest.mark.parametrize(
        ("value", "found"),
        [(3, 3.0), ("3.5", 3.5), ("1e3", 1000.0), (0, 0.0), (-1, -1.0)],
    )
    def test_numbers_are_also_texts_that_spell_one(self, value: object, found: float) -> None:
        assert number({"size": [{"is": value}]}, "size.is") == found

    @pytest.mark.parametrize("value", [True, None, "many", "inf", "nan", 10**400, [1], "${var.size}"])
    def test_all_else_is_no_number(self, value: object) -> None:
        assert number({"size": value}, "size") is None

    @pytest.mark.parametrize(
        ("value", "is_on", "is_off"),
        [(True, True, False), ("true", True, False), (False, False, True), ("false", False, True), (1, False, False)],
    )
    def test_a_switch_may_be_a_text(self, value: object, is_on: bool, is_off: bool) -> None:
        assert (is_set({"on": value}, "on"), is_set({"on": value}, "on", False)) == (is_on, is_off)

    def test_a_switch_that_is_not_there_is_neither(self) -> None:
        assert not is_set({}, "on")
        assert not is_set({}, "on", False)

    def test_a_table_of_texts_leaves_out_what_is_none(self) -> None:
        assert text_table({"tags": {"a": "x", "b": 1, "c": None}}, "tags") == {"a": "x"}
        assert text_table({"tags": "x"}, "tags") == {}


def test_a_json_text_says_what_it_says_unless_it_is_too_deep_to_read() -> None:
    assert decoded(' [{"a": 1}]') == [{"a": 1}]
    assert decoded("[" * 50 + "]" * 50) is not None
    assert decoded("[" * 51 + "]" * 51) is decoded("[" * 100_000) is decoded("[1") is decoded("text") is None
    assert decoded(["[1]"]) is None


def test_a_text_without_an_expression_says_itself_what_it_is() -> None:
    assert is_known("plain $${x}")
    assert not is_known("${x}")
    assert not is_known(7)


def test_containers_are_the_tables_of_a_json_list() -> None:
    assert containers({"container_definitions": '[{"name": "a"}, 1]'}) == [{"name": "a"}]
    assert containers({"container_definitions": "${jsonencode([])}"}) == containers({}) == []


def test_addresses_are_found_in_lists_tables_and_json_texts() -> None:
    policy = json.dumps({"Resource": ["${aws_a.one.arn}/*", "${aws_b.two.arn}"]})
    assert addresses([{"policy": policy}, "${aws_c.three.id}", 4]) == {"aws_a.one", "aws_b.two", "aws_c.three"}


def test_whatever_is_waited_for_is_found_at_any_distance_and_also_in_a_circle() -> None:
    document: Block = {
        "resource": {
            "aws_a": {"one": {"depends_on": ["aws_b.two"]}},
            "aws_b": {"two": {"x": "${aws_c.three.id}"}},
            "aws_c": {"three": {"x": "${aws_b.two.id}", "y": "${aws_gone.four.id}"}, "alone": {}},
        }
    }
    before = waited_for(Template(document))
    assert before("aws_a.one") == before("aws_b.two") == {"aws_b.two", "aws_c.three"}
    assert before("aws_c.alone") == set()


def test_statements_are_those_of_a_document_and_none_of_anything_else() -> None:
    assert statements('{"Statement": [{"Sid": "One"}]}') == [{"Sid": "One"}]
    assert statements('{"Statement": [{"Sid": "One"}]},') == statements("[1]") == statements("no policy") == []
    assert statements('{"Statement": {"Sid": "One"}}') == [{"Sid": "One"}]
    assert statements(None) == statements({"Statement": []}) == []
    assert (as_list("s3:*"), as_list(["s3:Get", "s3:Put"])) == (["s3:*"], ["s3:Get", "s3:Put"])


def test_a_script_is_the_text_that_a_launch_template_encodes() -> None:
    template = Template({"locals": {"user_data": "#!/bin/bash", "user_data_2": "other"}})
    assert script_of(template, {"user_data": "${base64encode(local.user_data)}"}) == "#!/bin/bash"
    assert script_of(template, {}) == ""


def test_a_resource_is_where_it_says_or_where_the_stack_is() -> None:
    tags = [{"tags": {"Team": "a"}}]
    template = Template({"provider": {"aws": [{"region": "sa-east-1", "default_tags": tags}]}})
    assert (region_of(template, {}), region_of(template, {"region": "us-east-1"})) == ("sa-east-1", "us-east-1")
    assert default_tags(template) == {"Team": "a"}
    assert default_tags(Template({"provider": {"aws": [{}]}})) == {}


class TestProviders:
    AWS: ClassVar[list[Block]] = [{"alias": "edge", "region": "us-east-1"}, {"region": "eu-west-1"}]
    TEMPLATE = Template({"provider": {"aws": AWS}})

    def test_the_one_without_an_alias_is_that_of_all_who_name_none(self) -> None:
        assert provider(self.TEMPLATE) == {"region": "eu-west-1"}
        assert region_of(self.TEMPLATE, {}) == "eu-west-1"

    @pytest.mark.parametrize("named", ["aws.edge", "${aws.edge}"])
    def test_a_resource_is_in_the_region_of_the_one_that_it_names(self, named: str) -> None:
        assert region_of(self.TEMPLATE, {"provider": named}) == "us-east-1"

    def test_nobody_knows_the_region_of_one_that_is_not_there(self) -> None:
        assert region_of(self.TEMPLATE, {"provider": "aws.gone"}) is None
        assert region_of(Template({}), {}) is None

    @pytest.mark.parametrize("region", ["${var.region}", 7])
    def test_nobody_knows_a_region_that_only_terraform_does(self, region: object) -> None:
        assert region_of(Template({"provider": {"aws": [{"region": region}]}}), {}) is None


def test_a_template_of_this_project_tells_its_suffix() -> None:
    own = Template({"output": {"environment_suffix": {"value": "pr-42"}}})
    assert (is_of_tapstack(own), suffix(own)) == (True, "pr-42")
    assert (is_of_tapstack(Template({})), suffix(Template({}))) == (False, "")


@pytest.mark.parametrize(
    "kind", ["module", "var", "random_id", "aws_no_such_kind", "aws_provider", "aws__jsii", "data", "ephemeral.aws_x"]
)
def test_what_the_provider_has_no_class_for_has_none(kind: str) -> None:
    assert binding(kind) is None
    assert arguments(kind) == frozenset()


def test_arguments_are_those_of_the_provider() -> None:
    assert {"name", "kms_master_key_id", "region"} <= arguments("aws_sns_topic")
    assert "region" not in arguments("aws_iam_role")
    assert arguments("local") == frozenset()
