"""Reading a template from a file: what is one, and what is said of everything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lib.evidence.template import Template, UnusableTemplate, is_deeper, read


def sentences(folder: Path, content: str | bytes) -> list[str]:
    """What is said of a file, without its path."""
    path = folder / "cdk.tf.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UnusableTemplate) as error:
        read(path)
    assert str(error.value) == "\n".join(error.value.sentences)
    assert all(each.startswith(f"{path}: ") for each in error.value.sentences)
    return [each.removeprefix(f"{path}: ") for each in error.value.sentences]


def of(document: Any) -> Template:
    return Template.of_text(json.dumps(document))


class TestFiles:
    def test_that_are_templates_are_read(self, tmp_path: Path) -> None:
        path = tmp_path / "cdk.tf.json"
        path.write_text('{"resource": {"aws_vpc": {"main": {"cidr_block": "10.0.0.0/16"}}}}')
        assert read(path).only("aws_vpc") == {"cidr_block": "10.0.0.0/16"}

    def test_that_are_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UnusableTemplate, match=r"none\.json: is not there$"):
            read(tmp_path / "none.json")

    def test_that_are_folders(self, tmp_path: Path) -> None:
        with pytest.raises(UnusableTemplate, match=r"is a folder: give the file cdk\.tf\.json in it$"):
            read(tmp_path)

    def test_that_cannot_be_read(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("{}")
        with pytest.raises(UnusableTemplate, match=r"cannot be read: Not a directory$"):
            read(tmp_path / "file" / "cdk.tf.json")

    def test_that_are_no_utf_8(self, tmp_path: Path) -> None:
        (sentence,) = sentences(tmp_path, b'{"resource": "\xff"}')
        assert sentence.startswith("is no text in UTF-8: give a synthesized Terraform template")

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "Expecting value: line 1 column 1 (char 0)"),
            ('resource "aws_vpc" "main" {}', "Expecting value: line 1 column 1 (char 0)"),
            ('{"resource": NaN}', "NaN is no number"),
        ],
    )
    def test_that_are_no_json(self, tmp_path: Path, text: str, why: str) -> None:
        (sentence,) = sentences(tmp_path, text)
        assert sentence.startswith(f"is no JSON ({why}): give a synthesized Terraform template")

    @pytest.mark.parametrize(
        ("text", "kind"),
        [("[]", "a list"), ('"x"', "a text"), ("1", "a number"), ("null", "nothing"), ("true", "a truth value")],
    )
    def test_that_are_no_table(self, tmp_path: Path, text: str, kind: str) -> None:
        (sentence,) = sentences(tmp_path, text)
        assert sentence.startswith(f"is {kind}, not a table of sections: give")

    def test_that_have_no_section_of_a_template(self, tmp_path: Path) -> None:
        (sentence,) = sentences(tmp_path, '{"name": "x", "//": {}}')
        assert sentence.startswith("has none of the sections resource, data, ephemeral, module,")

    @pytest.mark.parametrize(
        ("document", "sentence"),
        [
            (
                {"Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}}},
                "looks like a template of CloudFormation: give a synth",
            ),
            ({"AWSTemplateFormatVersion": "2010-09-09"}, "looks like a template of CloudFormation: give a synth"),
            (
                {
                    "version": "0.21.0",
                    "stacks": {"a": {"synthesizedStackPath": "stacks/a/cdk.tf.json"}, "b": {}, "c": 1},
                },
                "looks like CDKTF's manifest.json: give a template that it names (stacks/a/cdk.tf.json)",
            ),
            (
                {"stacks": {}},
                "looks like CDKTF's manifest.json: give a template that it names (stacks/<name>/cdk.tf.json)",
            ),
            ({"format_version": "1.2", "planned_values": {}}, "looks like a plan (`terraform show -json`): give the"),
            ({"format_version": "1.2", "resource_changes": []}, "looks like a plan (`terraform show -json`): give the"),
            (
                {"version": 4, "terraform_version": "1.11.4", "resources": []},
                "looks like a state file: give the template that was applied",
            ),
            (
                {"format_version": "1.0", "terraform_version": "1.11.4", "values": {}},
                "looks like a state file: give the",
            ),
        ],
    )
    def test_that_people_take_for_templates(self, tmp_path: Path, document: Any, sentence: str) -> None:
        (found,) = sentences(tmp_path, json.dumps(document))
        assert found.startswith(sentence)

    def test_whose_sections_are_of_other_types_are_told_all_of_them(self, tmp_path: Path) -> None:
        document = {
            "resource": {"aws_vpc": [1, {"main": "text"}], "aws_subnet": {"one": True}},
            "data": ["x"],
            "locals": 3,
            "output": {"id": [{"value": 1}, "y"]},
        }
        assert sentences(tmp_path, json.dumps(document)) == [
            "resource.aws_vpc: is a number, not a table",
            "resource.aws_vpc.main: is a text, not a table",
            "resource.aws_subnet.one: is a truth value, not a table",
            "data: is a text, not a table",
            "locals: is a number, not a table",
            "output.id: is a text, not a table",
        ]

    @pytest.mark.parametrize("depth", [101, 100_000])
    def test_that_are_nested_too_deep(self, tmp_path: Path, depth: int) -> None:
        text = '{"locals": {"deep": ' + "[" * depth + "]" * depth + "}}"
        assert sentences(tmp_path, text) == ["is nested deeper than 100 levels"]


class TestSections:
    def test_are_the_same_in_a_list_as_alone(self) -> None:
        alone = of({"resource": {"aws_a": {"one": {"x": 1}, "two": {}}, "aws_b": {"three": {}}}})
        listed = of({"resource": [{"aws_a": [{"one": {"x": 1}}, {"two": [{}]}]}, {"aws_b": {"three": {}}}]})
        assert listed.document == alone.document

    def test_of_one_kind_are_put_together(self) -> None:
        template = of({"resource": [{"aws_a": {"one": {}}}, {"aws_a": {"two": {}}}], "locals": [{"a": 1}, {"b": 2}]})
        assert list(template.named("aws_a")) == ["one", "two"]
        assert template.document["locals"] == {"a": 1, "b": 2}

    @pytest.mark.parametrize(
        "providers", [{"aws": {"region": "x"}}, {"aws": [{"region": "x"}]}, [{"aws": {"region": "x"}}]]
    )
    def test_of_providers_hold_lists(self, providers: Any) -> None:
        assert of({"provider": providers}).document == {"provider": {"aws": [{"region": "x"}]}}

    def test_of_providers_keep_all_of_them(self) -> None:
        providers = [{"aws": {"region": "x"}}, {"aws": {"alias": "y"}}]
        assert of({"provider": providers}).document["provider"]["aws"] == [{"region": "x"}, {"alias": "y"}]

    def test_have_no_comments_and_nothing_that_is_null(self) -> None:
        template = of(
            {"resource": {"//": "why", "aws_a": {"one": None, "two": {"//": {}}}, "aws_b": None}, "data": None}
        )
        assert template.document == {"resource": {"aws_a": {"two": {"//": {}}}}, "data": {}}

    def test_that_nothing_here_reads_are_left(self) -> None:
        assert of({"resource": {}, "moved": [{"from": "a"}]}).document["moved"] == [{"from": "a"}]


def test_a_template_is_asked_by_kind() -> None:
    template = of({"resource": {"aws_a": {"one": {"x": 1}, "two": {"x": 2}}}, "data": {"aws_b": {"three": {"y": 3}}}})
    assert template.where("aws_a", x=2) == [template.only("aws_a", x=2)] == [{"x": 2}]
    assert template.reference("aws_a", "id", x=1) == "${aws_a.one.id}"
    assert (template.all("aws_c"), template.data("aws_b"), template.outputs) == ([], [{"y": 3}], {})


def test_depth_counts_tables_and_lists() -> None:
    assert not is_deeper({"a": [1]}, 2)
    assert is_deeper({"a": [[]]}, 2)
    assert not is_deeper("text", 0)
