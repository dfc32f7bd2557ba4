"""What cfn-lint's schemas say of arguments."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence.values.schemas import Property, read, regions, resource


def of(schema: Any, document: Any = None) -> Property:
    """A property with a schema of its own, as if it were in a document."""
    root = Property(({"properties": {"P": schema}},), document or {}, "cfn-lint T")
    found = root.step("P")
    assert isinstance(found, Property)
    return found


def allowed(node: Property) -> list[tuple[str, str]]:
    return [(rule.check, rule.allowed) for rule in node.rules()]


def refused(node: Property, *values: Any) -> list[Any]:
    return [value for value in values if not all(rule.accepts(value) for rule in node.rules())]


class TestRules:
    def test_an_enumeration_is_one(self) -> None:
        assert allowed(of({"enum": ["a", "b"]})) == [("enumerations", "one of a, b")]

    def test_numbers_may_be_spelled_either_way(self) -> None:
        assert refused(of({"enum": [1, 3]}), 1, "3", 2, "2") == [2, "2"]
        assert refused(of({"enum": ["256", "512"]}), 256, "512", 100) == [100]

    def test_words_for_on_and_off_are_truth_values_too(self) -> None:
        assert refused(of({"enum": ["enabled", "disabled"]}), "enabled", True, False, "on") == ["on"]

    def test_truth_values_of_a_list_stay_what_they_are(self) -> None:
        assert refused(of({"enum": [True]}), True, False, "True") == [False, "True"]

    def test_a_pattern_is_looked_for_anywhere_unless_it_is_anchored(self) -> None:
        assert refused(of({"pattern": "b"}), "abc", "xyz") == ["xyz"]
        assert refused(of({"pattern": "^b"}), "bc", "abc") == ["abc"]
        assert refused(of({"pattern": "b$"}), "ab", "abc") == ["abc"]
        assert refused(of({"pattern": "^b$"}), "b", "bb") == ["bb"]

    def test_a_pattern_that_python_cannot_read_is_left_out(self) -> None:
        assert allowed(of({"pattern": "[a-z"})) == []

    def test_bounds_and_lengths_are_rules(self) -> None:
        assert allowed(of({"minimum": 1, "maximum": 5})) == [("ranges", "a number from 1 to 5")]
        assert allowed(of({"maximum": 5})) == [("ranges", "a number up to 5")]
        assert allowed(of({"minLength": 1, "maxLength": 5})) == [("lengths", "from 1 to 5 long")]
        assert allowed(of({"minLength": 2})) == [("lengths", "from 2 long")]

    def test_a_length_of_none_at_least_is_no_rule(self) -> None:
        assert allowed(of({"minLength": 0})) == []

    def test_a_truth_value_is_one(self) -> None:
        assert refused(of({"type": "boolean"}), True, "false", 1) == [1]

    def test_says_which_property_it_is_from(self) -> None:
        assert of({"maximum": 5}).rules()[0].source == "cfn-lint T.P"


DOCUMENT = {"definitions": {"D": {"enum": ["x"], "properties": {"Q": {"maximum": 1}}}}}


class TestReferences:
    def test_a_definition_is_looked_up(self) -> None:
        assert allowed(of({"$ref": "#/definitions/D"}, DOCUMENT)) == [("enumerations", "one of x")]

    def test_all_of_several_have_to_hold(self) -> None:
        assert allowed(of({"allOf": [{"minimum": 1}, {"$ref": "#/definitions/D"}]}, DOCUMENT)) == [
            ("ranges", "a number from 1"),
            ("enumerations", "one of x"),
        ]

    @pytest.mark.parametrize("word", ["anyOf", "oneOf"])
    def test_alternatives_lend_their_names_and_not_their_rules(self, word: str) -> None:
        node = of({word: [{"$ref": "#/definitions/D"}]}, DOCUMENT)
        found = node.step("Q")
        assert isinstance(found, Property)
        assert allowed(node) == []
        assert allowed(found) == [("ranges", "a number up to 1")]


class TestParts:
    def test_a_property_goes_by_terraform_s_name(self) -> None:
        found = resource("AWS::RDS::DBInstance").member("backup_retention_period", "aws_db_instance")
        assert found is not None
        assert found.source == "cfn-lint AWS::RDS::DBInstance.BackupRetentionPeriod"

    def test_there_is_none_of_another_name(self) -> None:
        assert resource("AWS::RDS::DBInstance").member("nonsense", "aws_db_instance") is None
        assert of({"type": "string"}).step("x") is None
        assert of({"type": "string"}).item() is None
        assert of({"type": "string"}).entry() is None

    def test_a_list_is_gone_through(self) -> None:
        node = of({"items": {"properties": {"Q": {"maximum": 1}}}})
        found = node.step("Q")
        assert isinstance(found, Property)
        assert (found.source, allowed(found)) == ("cfn-lint T.P.Q", [("ranges", "a number up to 1")])

    def test_a_map_has_values(self) -> None:
        entry = of({"patternProperties": {".*": {"maxLength": 3}}}).entry()
        assert entry is not None
        key, value = entry
        assert key is None
        assert isinstance(value, Property)
        assert allowed(value) == [("lengths", "up to 3 long")]

    def test_a_list_of_pairs_is_a_map_of_terraform_s(self) -> None:
        pair = {"properties": {"Key": {"maxLength": 128}, "Value": {"maxLength": 256}}}
        entry = of({"items": pair}).entry()
        assert entry is not None
        assert [node.source for node in entry if node] == ["cfn-lint T.P.Key", "cfn-lint T.P.Value"]

    def test_a_list_of_anything_else_is_none(self) -> None:
        assert of({"items": {"properties": {"Key": {}}}}).entry() is None


def test_an_unknown_resource_type_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        resource("AWS::No::Such")


def test_regions_are_those_of_the_schemas() -> None:
    assert {"eu-west-1", "sa-east-1", "us-east-1", "us-gov-west-1"} <= set(regions())
    assert "sam" not in regions()


def test_data_is_read_once() -> None:
    assert read("schemas/providers/us-east-1.json") is read("schemas/providers/us-east-1.json")
