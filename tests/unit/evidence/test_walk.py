"""Blocks beside the models: which literals there are, and which rules each finds."""

from __future__ import annotations

import json
from typing import Any

from lib.evidence.values.literal import Literal
from lib.evidence.values.mapping import models
from lib.evidence.values.walk import literals


def found(kind: str, **block: Any) -> list[Literal]:
    return list(literals(kind, block, models(kind)))


def places(kind: str, **block: Any) -> list[tuple[str, Any]]:
    return [(literal.path, literal.value) for literal in found(kind, **block) if not literal.is_name]


def refused(kind: str, **block: Any) -> list[tuple[str, str]]:
    """Path and check of every literal that some rule does not accept."""
    by_rule = [
        (literal.path, rule.check, literal.value)
        for literal in found(kind, **block)
        for rule in literal.rules
        if not rule.accepts(literal.value)
    ]
    # Two models may say the same.
    return [(path, check) for path, check, _ in dict.fromkeys(by_rule)]


class TestLiterals:
    def test_are_texts_numbers_and_truth_values_at_any_depth(self) -> None:
        block = {"name": "a", "network_configuration": {"subnets": ["s", "t"]}, "desired_count": 2, "x": True}
        assert places("aws_ecs_service", **block) == [
            ("name", "a"),
            ("network_configuration.subnets", "s"),
            ("network_configuration.subnets", "t"),
            ("desired_count", 2),
            ("x", True),
        ]

    def test_are_no_nulls_and_nothing_empty(self) -> None:
        assert places("aws_ecs_service", name=None, load_balancer=[], tags={}) == []

    def test_of_a_type_without_models_have_no_rules(self) -> None:
        assert found("aws_no_such_thing", name="a") == [Literal("name", "a", ())]

    def test_that_no_model_knows_have_no_rules(self) -> None:
        assert found("aws_ecs_service", nonsense="a", more={"nonsense": ["b"]}) == [
            Literal("nonsense", "a", ()),
            Literal("more.nonsense", "b", ()),
        ]


class TestRules:
    def test_are_those_of_every_model(self) -> None:
        (literal,) = found("aws_elasticache_user", access_string="on")
        assert [rule.source for rule in literal.rules] == [
            "botocore elasticache.CreateUser.AccessString",
            "cfn-lint AWS::ElastiCache::User.AccessString",
        ]

    def test_are_found_in_a_block_that_is_a_list_of_one(self) -> None:
        metric = {"predefined_metric_specification": [{"predefined_metric_type": "Nonsense"}]}
        assert refused("aws_appautoscaling_policy", target_tracking_scaling_policy_configuration=[metric]) == [
            (
                "target_tracking_scaling_policy_configuration.predefined_metric_specification.predefined_metric_type",
                "enumerations",
            )
        ]

    def test_are_found_in_one_block_of_what_aws_has_a_list_of(self) -> None:
        logged = {"log_configuration": {"log_driver": "nonsense"}}
        assert refused("aws_ecs_service", service_connect_configuration=logged) == [
            ("service_connect_configuration.log_configuration.log_driver", "enumerations")
        ]
        assert refused("aws_s3_bucket_versioning", versioning_configuration={"status": "nonsense"}) == [
            ("versioning_configuration.status", "enumerations")
        ]

    def test_of_a_list_hold_for_each_item(self) -> None:
        assert (
            refused("aws_ecs_task_definition", requires_compatibilities=["FARGATE", "MOON", "SUN"])
            == [("requires_compatibilities", "enumerations")] * 2
        )

    def test_follow_the_exceptions_of_the_table(self) -> None:
        assert refused("aws_lb_target_group", health_check={"protocol": "SMOKE"}) == [
            ("health_check.protocol", "enumerations")
        ]


class TestMaps:
    def test_have_rules_for_names_and_for_values(self) -> None:
        block = {"environment": {"variables": {"1NAME": "x"}}}
        assert ("environment.variables.1NAME", "patterns") in refused("aws_lambda_function", **block)

    def test_of_aws_s_pairs_do_too(self) -> None:
        assert ("tags.x", "lengths") in refused("aws_lambda_function", tags={"x": "y" * 257})

    def test_are_no_blocks_that_are_pairs_themselves(self) -> None:
        assert refused("aws_ecs_cluster", setting={"name": "containerInsights", "value": "enabled"}) == []
        assert ("setting.name", "enumerations") in refused(
            "aws_ecs_cluster", setting={"name": "nonsense", "value": "x"}
        )


class TestDocuments:
    def containers(self, **container: Any) -> dict[str, Any]:
        return {"container_definitions": json.dumps([{"name": "a", "image": "b", **container}])}

    def test_are_gone_into(self) -> None:
        assert places("aws_ecs_task_definition", **self.containers(essential=True)) == [
            ("container_definitions.name", "a"),
            ("container_definitions.image", "b"),
            ("container_definitions.essential", True),
        ]

    def test_have_the_rules_of_the_api(self) -> None:
        block = self.containers(portMappings=[{"containerPort": 80, "protocol": "smoke"}])
        assert ("container_definitions.portMappings.protocol", "enumerations") in refused(
            "aws_ecs_task_definition", **block
        )

    def test_may_not_have_a_member_that_the_api_does_not_know(self) -> None:
        assert refused("aws_ecs_task_definition", **self.containers(nonsense=1)) == [
            ("container_definitions.nonsense", "members")
        ]

    def test_say_which_models_do_not_know_it(self) -> None:
        (unknown,) = [each for each in found("aws_ecs_task_definition", **self.containers(nonsense=1)) if each.is_name]
        assert "botocore ecs.RegisterTaskDefinition.containerDefinitions" in unknown.rules[0].source

    def test_that_are_no_json_are_texts(self) -> None:
        assert places("aws_ecs_task_definition", container_definitions="[nonsense") == [
            ("container_definitions", "[nonsense")
        ]

    def test_are_no_texts_that_only_look_so(self) -> None:
        assert places("aws_ecs_service", name="[]") == [("name", "[]")]
