"""What botocore's models say of arguments."""

from __future__ import annotations

from typing import Any

from lib.evidence.values.node import Node
from lib.evidence.values.shapes import operation


def at(service: str, name: str, *steps: str) -> Node:
    node: Node | None = operation(service, name)
    for step in steps:
        assert node is not None
        node = node.step(step)
    assert node is not None
    return node


def allowed(node: Node) -> list[tuple[str, str]]:
    return [(rule.check, rule.allowed) for rule in node.rules()]


def accepts(node: Node, value: Any) -> bool:
    return all(rule.accepts(value) for rule in node.rules())


class TestRules:
    def test_an_enumeration_is_one(self) -> None:
        assert allowed(at("dynamodb", "CreateTable", "BillingMode")) == [
            ("enumerations", "one of PAY_PER_REQUEST, PROVISIONED")
        ]

    def test_words_for_on_and_off_are_truth_values_too(self) -> None:
        public_ip = at("ecs", "CreateService", "networkConfiguration", "awsvpcConfiguration", "assignPublicIp")
        assert [accepts(public_ip, value) for value in ("ENABLED", True, False, "maybe", 1)] == [
            True,
            True,
            True,
            False,
            False,
        ]

    def test_other_words_are_not(self) -> None:
        assert not accepts(at("dynamodb", "CreateTable", "BillingMode"), True)

    def test_a_pattern_and_lengths_are_rules_of_their_own(self) -> None:
        checks = [check for check, _ in allowed(at("lambda", "CreateFunction", "Role"))]
        assert checks == ["patterns", "lengths"]

    def test_a_length_of_none_at_least_is_no_rule(self) -> None:
        assert [rule.check for rule in at("kms", "CreateKey", "Description").rules()] == ["lengths"]
        assert allowed(at("ecs", "CreateService", "platformVersion")) == []

    def test_a_number_has_bounds(self) -> None:
        assert allowed(at("lambda", "CreateFunction", "MemorySize")) == [("ranges", "a number from 128 to 32768")]

    def test_a_number_without_bounds_has_no_rule(self) -> None:
        assert allowed(at("ecs", "CreateService", "desiredCount")) == []

    def test_a_truth_value_is_one(self) -> None:
        assert [rule.check for rule in at("ecs", "CreateService", "enableExecuteCommand").rules()] == ["types"]

    def test_a_structure_has_none_itself(self) -> None:
        assert allowed(at("ecs", "CreateService", "networkConfiguration")) == []

    def test_says_which_member_of_which_operation_it_is_from(self) -> None:
        assert (
            at("lambda", "CreateFunction", "MemorySize").rules()[0].source
            == "botocore lambda.CreateFunction.MemorySize"
        )

    def test_a_pattern_that_python_cannot_read_is_left_out(self) -> None:
        from lib.evidence.values.shapes import _compilable

        assert (_compilable("[a-z"), _compilable("[a-z]"), _compilable(None)) == (None, "[a-z]", None)


class TestParts:
    def test_a_member_goes_by_terraform_s_name(self) -> None:
        found = operation("ecs", "CreateService").member("load_balancer", "aws_ecs_service")
        assert found is not None
        assert found.source == "botocore ecs.CreateService.loadBalancers"

    def test_there_is_none_of_another_name(self) -> None:
        assert operation("ecs", "CreateService").member("nonsense", "aws_ecs_service") is None
        assert operation("ecs", "CreateService").step("nonsense") is None

    def test_a_text_has_no_parts(self) -> None:
        text = at("ecs", "CreateService", "cluster")
        assert (text.member("x", "y"), text.step("x"), text.item(), text.entry()) == (None, None, None, None)

    def test_a_list_is_gone_through(self) -> None:
        ports = at("ecs", "RegisterTaskDefinition", "containerDefinitions", "portMappings", "appProtocol")
        assert allowed(ports) == [("enumerations", "one of grpc, http, http2")]

    def test_a_list_of_cloudfront_s_is_a_list(self) -> None:
        methods = at("cloudfront", "CreateDistribution", "DistributionConfig", "DefaultCacheBehavior", "AllowedMethods")
        found = methods.item()
        assert found is not None
        assert accepts(found, "GET")
        assert not accepts(found, "FETCH")

    def test_a_map_has_keys_and_values(self) -> None:
        entry = at("lambda", "CreateFunction", "Environment", "Variables").entry()
        assert entry is not None
        key, value = entry
        assert key is not None
        assert value is not None
        assert accepts(key, "NAME")
        assert not accepts(key, "1NAME")

    def test_a_map_s_entry_goes_by_any_name(self) -> None:
        assert at("lambda", "CreateFunction", "Environment", "Variables", "ANY").source.endswith("Variables.ANY")

    def test_a_list_of_pairs_is_a_map_of_terraform_s(self) -> None:
        entry = at("ecs", "CreateService", "tags").entry()
        assert entry is not None
        assert [node.source for node in entry if node] == [
            "botocore ecs.CreateService.tags.key",
            "botocore ecs.CreateService.tags.value",
        ]

    def test_a_list_of_anything_else_is_none(self) -> None:
        assert at("ecs", "CreateService", "loadBalancers").entry() is None
