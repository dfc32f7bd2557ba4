"""Automatic scaling, as AWS's pages describe it."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence.documents.scaling import group_policy, scalable_target, scaling_policy
from lib.evidence.values.literal import BlockJudge
from tests.template import Block
from tests.unit.evidence.documents import blocks_of, let_pass, refused

_SERVICE: Block = {
    "service_namespace": "ecs",
    "scalable_dimension": "ecs:service:DesiredCount",
    "resource_id": "service/${aws_ecs_cluster.a.name}/${aws_ecs_service.b.name}",
    "min_capacity": 1,
    "max_capacity": 4,
}
_LABEL = "${aws_lb.a.arn_suffix}/${aws_lb_target_group.b.arn_suffix}"
_TRACKING = "target_tracking_scaling_policy_configuration"
_METRIC = f"{_TRACKING}.predefined_metric_specification"


def wrong(**changes: Any) -> list[str]:
    return refused(scalable_target({**_SERVICE, **changes}))


def policy(metric: str, dimension: str = "ecs:service:DesiredCount", **changes: Any) -> list[str]:
    specification = {"predefined_metric_type": metric} | {
        name: value for name, value in changes.items() if name == "resource_label"
    }
    others = {name: value for name, value in changes.items() if name != "resource_label"}
    configuration = {"predefined_metric_specification": specification, "target_value": 60, **others}
    return refused(scaling_policy({"scalable_dimension": dimension, _TRACKING: configuration}))


class TestOfTheSamples:
    @pytest.mark.parametrize(
        ("kind", "judge"),
        [
            ("aws_appautoscaling_target", scalable_target),
            ("aws_appautoscaling_policy", scaling_policy),
            ("aws_autoscaling_policy", group_policy),
        ],
    )
    def test_everything_is_right(self, kind: str, judge: BlockJudge) -> None:
        assert blocks_of(kind)
        for block in blocks_of(kind):
            literals = list(judge(block))
            assert (refused(literals), [each.path for each in literals if not each.rules]) == ([], [])

    @pytest.mark.parametrize(
        ("kind", "judge", "argument"),
        [
            ("aws_appautoscaling_policy", scaling_policy, _TRACKING),
            ("aws_autoscaling_policy", group_policy, "target_tracking_configuration"),
        ],
    )
    def test_nonsense_is_found(self, kind: str, judge: BlockJudge, argument: str) -> None:
        for block in blocks_of(kind):
            passed = let_pass(
                lambda each, _: (one._replace(path=f"b.{one.path}") for one in judge(each)),
                {argument: block[argument]},
                "b",
            )
            assert passed == set()


class TestTarget:
    def test_is_of_its_service(self) -> None:
        assert wrong() == []
        assert wrong(service_namespace="rds") == ["scalable_dimension"]
        assert wrong(service_namespace="${local.service}") == []

    @pytest.mark.parametrize(
        ("dimension", "right", "bad"),
        [
            ("ecs:service:DesiredCount", "service/main/api", "service/api"),
            ("rds:cluster:ReadReplicaCount", "cluster:shop-db", "cluster/shop-db"),
            ("dynamodb:table:ReadCapacityUnits", "table/orders", "table:orders"),
            ("dynamodb:index:WriteCapacityUnits", "table/orders/index/by-date", "table/orders"),
        ],
    )
    def test_names_what_is_scaled(self, dimension: str, right: str, bad: str) -> None:
        service = dimension.partition(":")[0]
        assert wrong(scalable_dimension=dimension, service_namespace=service, resource_id=right) == []
        assert wrong(scalable_dimension=dimension, service_namespace=service, resource_id=bad) == ["resource_id"]

    def test_of_what_is_not_known_here_may_be_named_in_any_way(self) -> None:
        others = {"service_namespace": "kafka", "scalable_dimension": "kafka:broker-storage:VolumeSize"}
        assert wrong(**others, resource_id="arn:aws:kafka:x", max_capacity=9000) == []
        assert wrong(scalable_dimension=["ecs"], resource_id=4) == ["scalable_dimension"]

    def test_has_bounds(self) -> None:
        assert wrong(min_capacity=4) == []
        assert wrong(min_capacity=5) == ["max_capacity"]
        assert wrong(min_capacity=-1) == ["min_capacity"]
        assert wrong(max_capacity=5000) == []
        assert wrong(max_capacity=5001) == ["max_capacity"]
        assert wrong(max_capacity=2.5) == ["max_capacity"]

    def test_of_aurora_has_up_to_15_readers(self) -> None:
        readers = {"service_namespace": "rds", "scalable_dimension": "rds:cluster:ReadReplicaCount"}
        assert wrong(**readers, resource_id="cluster:a", max_capacity=15) == []
        assert wrong(**readers, resource_id="cluster:a", max_capacity=16) == ["max_capacity"]


class TestPolicy:
    @pytest.mark.parametrize(
        ("dimension", "metric", "other"),
        [
            ("ecs:service:DesiredCount", "ECSServiceAverageCPUUtilization", "RDSReaderAverageCPUUtilization"),
            ("rds:cluster:ReadReplicaCount", "RDSReaderAverageDatabaseConnections", "ECSServiceAverageCPUUtilization"),
            ("dynamodb:table:ReadCapacityUnits", "DynamoDBReadCapacityUtilization", "DynamoDBWriteCapacityUtilization"),
            ("${aws_appautoscaling_target.a.scalable_dimension}", "ECSServiceAverageCPUUtilization", "CPUUtilization"),
        ],
    )
    def test_scales_by_what_its_target_reports(self, dimension: str, metric: str, other: str) -> None:
        assert policy(metric, dimension) == []
        assert policy(other, dimension) == [f"{_METRIC}.predefined_metric_type"]

    @pytest.mark.parametrize("label", [_LABEL, "app/main/50dc6c495c0c9188/targetgroup/api/943f017f100becff"])
    def test_by_requests_names_balancer_and_targets(self, label: str) -> None:
        assert policy("ALBRequestCountPerTarget", resource_label=label, target_value=1000) == []

    @pytest.mark.parametrize(
        "label", [None, "${aws_lb.a.arn}/${aws_lb_target_group.b.arn}", "main/api", "app/main/1", 4]
    )
    def test_by_requests_names_nothing_else(self, label: Any) -> None:
        assert policy("ALBRequestCountPerTarget", resource_label=label) == [f"{_METRIC}.resource_label"]

    def test_by_anything_else_names_none(self) -> None:
        assert policy("ECSServiceAverageCPUUtilization", resource_label=_LABEL) == [f"{_METRIC}.resource_label"]

    @pytest.mark.parametrize(
        ("name", "right", "bad"),
        [
            ("target_value", 100, 101),
            ("target_value", "0.5", 0),
            ("target_value", 1, -1),
            ("scale_in_cooldown", 0, -1),
            ("scale_out_cooldown", 300, 1.5),
        ],
    )
    def test_has_an_aim_and_pauses(self, name: str, right: Any, bad: Any) -> None:
        assert policy("ECSServiceAverageCPUUtilization", **{name: right}) == []
        assert policy("ECSServiceAverageCPUUtilization", **{name: bad}) == [f"{_TRACKING}.{name}"]

    def test_by_no_percentage_may_aim_higher(self) -> None:
        assert policy("RDSReaderAverageDatabaseConnections", "rds:cluster:ReadReplicaCount", target_value=500) == []

    def test_of_a_group_scales_by_what_a_group_reports(self) -> None:
        path = "target_tracking_configuration"
        of = {"predefined_metric_specification": {"predefined_metric_type": "ASGAverageNetworkIn"}, "target_value": 1e6}
        assert refused(group_policy({path: of})) == []
        of["predefined_metric_specification"] = {"predefined_metric_type": "ECSServiceAverageCPUUtilization"}
        assert refused(group_policy({path: of | {"target_value": 50}})) == [
            f"{path}.predefined_metric_specification.predefined_metric_type"
        ]

    def test_without_a_predefined_metric_is_not_judged(self) -> None:
        assert list(scaling_policy({"policy_type": "StepScaling"})) == []
        assert refused(group_policy({"target_tracking_configuration": [{"target_value": 5000}]})) == []
