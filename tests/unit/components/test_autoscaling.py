"""Autoscaling: between two limits, following only what the settings give a value."""

from __future__ import annotations

from typing import Any

import pytest
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from lib.components.autoscaling import Autoscaling, aurora_readers, service_tasks
from lib.naming import Names
from lib.settings.data import ReaderScaling
from lib.settings.services import Scaling
from tests.template import Block, Template

POLICY = "aws_appautoscaling_policy"
SPECIFICATION = "target_tracking_scaling_policy_configuration"


def build(**settings: Any) -> Template:
    """The tasks of a service, scaled."""

    def add(scope: Construct) -> None:
        scaled = service_tasks(
            Scaling(**settings),
            called="shop-dev-api",
            cluster_name="shop-dev-cluster",
            service_name="shop-dev-api-service",
            request_label="app/shop/1/targetgroup/api/2",
            attached=SnsTopic(scope, "rule"),
        )
        Autoscaling(scope, "autoscaling", name="api", names=Names("shop", "dev"), scaled=scaled)

    return Template.of_components(add)


@pytest.fixture(scope="module")
def template() -> Template:
    return build(
        min_tasks=3,
        max_tasks=12,
        cpu_percent=61,
        memory_percent=62,
        requests_per_target=900,
        scale_out_cooldown_seconds=45,
        scale_in_cooldown_seconds=200,
    )


@pytest.fixture(scope="module")
def of_readers() -> Template:
    """The readers of a database, scaled."""

    def add(scope: Construct) -> None:
        scaled = aurora_readers(
            ReaderScaling(max_readers=7, cpu_percent=44, cooldown_seconds=500),
            called="shop-dev-database",
            cluster_identifier="shop-dev-database-cluster",
            min_readers=2,
        )
        Autoscaling(scope, "autoscaling", name="database", names=Names("shop", "dev"), scaled=scaled)

    return Template.of_components(add)


def policy(template: Template, part: str) -> Block:
    return template.only(POLICY, name=f"shop-dev-api-{part}")


def test_limits_are_the_settings(template: Template) -> None:
    assert template.only("aws_appautoscaling_target") == {
        "service_namespace": "ecs",
        "scalable_dimension": "ecs:service:DesiredCount",
        "resource_id": "service/shop-dev-cluster/shop-dev-api-service",
        "min_capacity": 3,
        "max_capacity": 12,
        "tags": {"Name": "shop-dev-api"},
    }


@pytest.mark.parametrize(
    ("part", "value", "metric"),
    [
        ("cpu", 61, {"predefined_metric_type": "ECSServiceAverageCPUUtilization"}),
        ("memory", 62, {"predefined_metric_type": "ECSServiceAverageMemoryUtilization"}),
        (
            "requests",
            900,
            {"predefined_metric_type": "ALBRequestCountPerTarget", "resource_label": "app/shop/1/targetgroup/api/2"},
        ),
    ],
)
def test_follows_each_measure_with_the_settings_pauses(
    template: Template, part: str, value: int, metric: Block
) -> None:
    found = policy(template, part)
    assert found["policy_type"] == "TargetTrackingScaling"
    assert found[SPECIFICATION] == {
        "target_value": value,
        "scale_out_cooldown": 45,
        "scale_in_cooldown": 200,
        "predefined_metric_specification": metric,
    }


@pytest.mark.parametrize("part", ["cpu", "memory", "requests"])
def test_policies_are_the_targets(template: Template, part: str) -> None:
    found = policy(template, part)
    for attribute in ("service_namespace", "scalable_dimension", "resource_id"):
        assert found[attribute] == template.reference("aws_appautoscaling_target", attribute)


def test_requests_are_followed_once_the_load_balancer_knows_the_targets(template: Template) -> None:
    assert policy(template, "requests")["depends_on"] == ["aws_sns_topic.rule"]
    assert "depends_on" not in policy(template, "cpu")


@pytest.mark.parametrize(
    ("setting", "left"),
    [
        ("cpu_percent", ["shop-dev-api-memory", "shop-dev-api-requests"]),
        ("memory_percent", ["shop-dev-api-cpu", "shop-dev-api-requests"]),
        ("requests_per_target", ["shop-dev-api-cpu", "shop-dev-api-memory"]),
    ],
)
def test_measure_that_is_switched_off_is_not_followed(setting: str, left: list[str]) -> None:
    assert [each["name"] for each in build(**{setting: False}).all(POLICY)] == left


def test_readers_are_between_those_that_are_there_and_the_limit(of_readers: Template) -> None:
    assert of_readers.only("aws_appautoscaling_target") == {
        "service_namespace": "rds",
        "scalable_dimension": "rds:cluster:ReadReplicaCount",
        "resource_id": "cluster:shop-dev-database-cluster",
        "min_capacity": 2,
        "max_capacity": 7,
        "tags": {"Name": "shop-dev-database"},
    }


def test_readers_follow_their_cpu_with_the_same_pause_both_ways(of_readers: Template) -> None:
    found = of_readers.only(POLICY)
    assert (found["name"], found["policy_type"]) == ("shop-dev-database-cpu", "TargetTrackingScaling")
    assert found[SPECIFICATION] == {
        "target_value": 44,
        "scale_out_cooldown": 500,
        "scale_in_cooldown": 500,
        "predefined_metric_specification": {"predefined_metric_type": "RDSReaderAverageCPUUtilization"},
    }
    for attribute in ("service_namespace", "scalable_dimension", "resource_id"):
        assert found[attribute] == of_readers.reference("aws_appautoscaling_target", attribute)


def test_addresses_in_the_state_are_a_promise(template: Template) -> None:
    assert {
        name.rpartition("_")[0] for kind in (POLICY, "aws_appautoscaling_target") for name in template.named(kind)
    } == {
        "autoscaling_cpu_policy",
        "autoscaling_memory_policy",
        "autoscaling_requests_policy",
        "autoscaling_target",
    }
