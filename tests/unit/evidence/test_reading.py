"""How checks read a template: what is in an expression, what is in a JSON text."""

from __future__ import annotations

import json

import pytest

from lib.evidence.reading import (
    Leaf,
    addresses,
    arguments,
    as_list,
    at,
    blocks,
    default_tags,
    expressions,
    keys,
    leaves,
    references,
    region_of,
    script_of,
    statements,
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
        ],
    )
    def test_name_blocks(self, text: str, found: list[str]) -> None:
        assert named(text) == found

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


def test_blocks_are_resources_data_sources_and_ephemeral_resources() -> None:
    document: Block = {"resource": {"a": {"x": {}}}, "data": {"b": {"y": {}}}, "ephemeral": {"c": {"z": {}}}}
    assert list(blocks(Template(document))) == ["a.x", "data.b.y", "ephemeral.c.z"]


def test_a_block_uses_what_it_names_and_what_it_waits_for_but_not_itself() -> None:
    block = {"depends_on": ["aws_a.one"], "value": "${aws_b.two.id}", "condition": "${self.id == 1}"}
    assert list(uses(block)) == ["aws_a.one", "aws_b.two"]


def test_a_list_of_one_on_the_way_stands_for_its_item() -> None:
    block = {"rule": [{"object": {"name": "n"}}], "many": [{"a": 1}, {"a": 2}]}
    assert (at(block, "rule.object.name"), at(block, "many.a"), at(block, "none.at.all")) == ("n", None, None)


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
    assert statements(None) == []
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


def test_arguments_are_those_of_the_provider() -> None:
    assert {"name", "kms_master_key_id", "region"} <= arguments("aws_sns_topic")
    assert "region" not in arguments("aws_iam_role")
    assert arguments("local") == frozenset()
