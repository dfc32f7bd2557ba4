"""Classes, engines and versions, as the lists of a region have them."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence.values.classes import literals

REGION = "eu-west-1"


def refused(kind: str, region: str | None = REGION, **block: Any) -> list[tuple[str, str]]:
    return [
        (literal.path, rule.check)
        for literal in literals(kind, block, region)
        for rule in literal.rules
        if not rule.accepts(literal.value)
    ]


@pytest.mark.parametrize(
    ("kind", "argument", "there", "not_there"),
    [
        ("aws_launch_template", "instance_type", "t4g.micro", "t4g.gigantic"),
        ("aws_instance", "instance_type", "m7g.large", "db.m7g.large"),
        ("aws_elasticache_replication_group", "node_type", "cache.t4g.micro", "t4g.micro"),
        ("aws_elasticache_cluster", "node_type", "cache.r7g.large", "cache.r7g.tiny"),
        ("aws_db_instance", "engine", "postgres", "postgresql"),
        ("aws_rds_cluster", "engine", "aurora-postgresql", "aurora"),
    ],
)
def test_a_list_is_asked(kind: str, argument: str, there: str, not_there: str) -> None:
    assert refused(kind, **{argument: there}) == []
    assert refused(kind, **{argument: not_there}) == [(argument, "classes")]


class TestInstancesOfDatabases:
    def test_are_of_a_class_that_the_engine_has(self) -> None:
        assert refused("aws_db_instance", engine="postgres", instance_class="db.t4g.micro") == []
        assert refused("aws_db_instance", engine="postgres", instance_class="db.serverless") == [
            ("instance_class", "classes")
        ]

    def test_of_a_cluster_have_the_classes_of_aurora(self) -> None:
        engine = "${aws_rds_cluster.c.engine}"
        assert refused("aws_rds_cluster_instance", engine=engine, instance_class="db.serverless")[1:] == []
        assert ("instance_class", "classes") in refused(
            "aws_rds_cluster_instance", engine=engine, instance_class="db.t3.micro"
        )

    def test_differ_between_regions(self) -> None:
        in_each = [
            refused("aws_db_instance", region, engine="postgres", instance_class="db.m1.small")
            for region in ("eu-west-1", "eu-north-1")
        ]
        assert in_each == [[], [("instance_class", "classes")]]


class TestVersions:
    def test_are_those_of_the_engine(self) -> None:
        assert refused("aws_db_instance", engine="postgres", engine_version="17") == []
        assert refused("aws_db_instance", engine="postgres", engine_version="5.7") == [("engine_version", "classes")]

    def test_may_be_told_by_their_beginning(self) -> None:
        assert refused("aws_db_instance", engine="mysql", engine_version="8.0") == []
        assert refused("aws_rds_cluster", engine="aurora-mysql", engine_version="8.0.mysql_aurora.3") == []
        assert refused("aws_db_instance", engine="mysql", engine_version="8.") == [("engine_version", "classes")]
        assert refused("aws_db_instance", engine="postgres", engine_version="17.0") == [("engine_version", "classes")]

    def test_are_not_judged_without_an_engine(self) -> None:
        assert list(literals("aws_db_instance", {"engine_version": "99"}, REGION)) == []

    def test_of_an_engine_that_there_is_not_have_no_list(self) -> None:
        assert refused("aws_db_instance", engine="nonsense", engine_version="1") == [("engine", "classes")]


@pytest.mark.parametrize("region", [None, "mars-north-1"])
def test_without_a_region_that_is_known_classes_are_not_judged(region: str | None) -> None:
    block = {"engine": "postgres", "instance_class": "nonsense"}
    assert refused("aws_db_instance", region, **block) == []
    assert refused("aws_launch_template", region, instance_type="nonsense") == []


def test_other_types_have_none() -> None:
    assert list(literals("aws_vpc", {"engine": "postgres", "instance_type": "x"}, REGION)) == []


def test_a_rule_says_how_many_there_are_and_which_list_has_them() -> None:
    (literal,) = literals("aws_launch_template", {"instance_type": "x"}, REGION)
    (rule,) = literal.rules
    assert rule.allowed.startswith("one of the 1")
    assert rule.allowed.endswith(", …")
    assert rule.source == "cfn-lint schemas/extensions/aws_ec2_instance/instancetype_enum.json, eu-west-1"
