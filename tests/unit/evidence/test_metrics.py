"""Alarms by the metrics that AWS reports and by what PutMetricAlarm takes."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence.documents.metrics import DIMENSIONS, dimension_value, metric_alarm
from lib.evidence.structure.known_metrics import KNOWN
from tests.template import Block
from tests.unit.evidence.documents import blocks_of, let_pass, places, refused

_ALARM: Block = {
    "namespace": "AWS/ApplicationELB",
    "metric_name": "TargetResponseTime",
    "dimensions": {"LoadBalancer": "app/main/50dc6c495c0c9188", "TargetGroup": "${aws_lb_target_group.a.arn_suffix}"},
    "statistic": "Average",
    "period": 60,
    "evaluation_periods": 3,
    "datapoints_to_alarm": 2,
    "threshold": 1,
    "treat_missing_data": "notBreaching",
}
_METRIC = {name: _ALARM[name] for name in ("namespace", "metric_name", "dimensions", "period")} | {"stat": "p99"}
_CALCULATED: Block = {"id": "e1", "expression": "m1 * 2", "return_data": True, "label": "twice"}
_WATCHED: Block = {"id": "m1", "metric": [_METRIC]}


def wrong(**changes: Any) -> list[str]:
    return refused(metric_alarm({**_ALARM, **changes}))


def of_queries(*queries: Any, **changes: Any) -> list[str]:
    """What is wrong with an alarm of queries, below these."""
    block = {"evaluation_periods": 3, "threshold": -1, "metric_query": list(queries), **changes}
    return [each.removeprefix("metric_query.") for each in refused(metric_alarm(block))]


class TestAlarmsOfTheSamples:
    def test_are_right(self) -> None:
        for block in blocks_of("aws_cloudwatch_metric_alarm"):
            assert refused(metric_alarm(block)) == []

    def test_have_no_literal_of_these_arguments_that_is_not_judged(self) -> None:
        for block in blocks_of("aws_cloudwatch_metric_alarm"):
            literals = [each for each in metric_alarm(block) if not each.is_name]
            asked = [".".join(map(str, place)) for place, _ in places(block) if place[0] in _ALARM]
            assert sorted(each.path for each in literals) == sorted(asked)
            assert [each.path for each in literals if not each.rules] == []

    def test_with_nonsense_anywhere_are_wrong(self) -> None:
        seen = set()
        for block in blocks_of("aws_cloudwatch_metric_alarm"):
            parts = {name: value for name, value in block.items() if name in _ALARM}
            if (kind := (parts["namespace"], parts["metric_name"], *parts["dimensions"])) not in seen:
                seen.add(kind)
                passed = let_pass(
                    lambda each, _: (one._replace(path=f"a.{one.path}") for one in metric_alarm(each)), parts, "a"
                )
                assert passed == set()


class TestMetric:
    def test_is_one_that_aws_reports(self) -> None:
        assert wrong() == []
        assert wrong(namespace="AWS/ELB") == [
            "namespace",
            "metric_name",
            "dimensions.LoadBalancer",
            "dimensions.TargetGroup",
        ]
        assert wrong(metric_name="ResponseTime") == ["metric_name"]
        assert wrong(metric_name=4) == ["metric_name"]

    def test_is_reported_by_exactly_these_dimensions(self) -> None:
        balancer = {"LoadBalancer": "app/main/50dc6c495c0c9188"}
        assert wrong(dimensions=balancer) == []
        assert wrong(dimensions={"Balancer": "main"}) == ["metric_name", "dimensions.Balancer", "dimensions.Balancer"]
        assert wrong(dimensions={}) == wrong(dimensions=None) == ["metric_name"]
        assert wrong(metric_name="HealthyHostCount", dimensions=balancer) == ["metric_name"]

    def test_of_dimensions_or_a_namespace_that_terraform_tells_is_any_of_these(self) -> None:
        assert wrong(dimensions="${local.dimensions}") == []
        assert wrong(dimensions="${local.dimensions}", metric_name="ResponseTime") == ["metric_name"]
        assert wrong(namespace="${local.namespace}") == []
        assert wrong(namespace="${local.namespace}", metric_name="ResponseTime") == ["metric_name"]

    def test_is_asked_for_in_a_way_that_says_something(self) -> None:
        assert wrong(statistic="Sum") == ["statistic"]
        assert wrong(statistic="Maximum") == []

    def test_has_one_statistic(self) -> None:
        assert wrong(statistic=None) == ["statistic"]
        assert wrong(statistic=None, extended_statistic="p99") == []
        assert wrong(extended_statistic="p99") == ["statistic"]

    @pytest.mark.parametrize(
        "text", ["p90", "p99.9", "p100", "tm90", "wm0", "IQM", "PR(10:100)", "TM(10%:90%)", "TS(:90%)"]
    )
    def test_that_is_a_time_has_percentiles(self, text: str) -> None:
        assert wrong(statistic=None, extended_statistic=text) == []

    @pytest.mark.parametrize("text", ["p101", "p", "q90", "99", "Average", "TM(10%)", 99])
    def test_has_nothing_that_is_no_percentile(self, text: Any) -> None:
        assert wrong(statistic=None, extended_statistic=text) == ["extended_statistic"]

    def test_that_is_no_time_has_no_percentiles(self) -> None:
        hosts = {"metric_name": "HealthyHostCount", "statistic": None, "extended_statistic": "p99"}
        assert wrong(**hosts) == ["extended_statistic"]
        assert wrong(metric_name="HealthyHostCount", statistic="p99") == ["statistic"]

    def test_comes_in_one_unit(self) -> None:
        assert wrong(unit="Seconds") == []
        assert wrong(unit="Milliseconds") == ["unit"]
        assert wrong(metric_name="HealthyHostCount", unit="Count") == []
        assert "unit" in wrong(metric_name="ResponseTime", unit="Seconds")

    @pytest.mark.parametrize("period", [60, 300, 3600, "60"])
    def test_comes_in_whole_minutes(self, period: Any) -> None:
        assert wrong(period=period) == []

    @pytest.mark.parametrize("period", [10, 30, 0, -60, 90, 60.5, "a minute", True])
    def test_comes_in_nothing_shorter(self, period: Any) -> None:
        assert wrong(period=period) == ["period"]

    def test_of_which_nothing_is_known_may_come_in_seconds(self) -> None:
        assert wrong(metric_name="ResponseTime", period=10) == ["metric_name"]
        assert wrong(metric_name="ResponseTime", period=15) == ["metric_name", "period"]

    def test_has_a_threshold_that_it_can_get_to(self) -> None:
        assert wrong(threshold="0.5") == []
        assert wrong(threshold=-1) == ["threshold"]
        assert wrong(threshold=1000) == []
        files = {"namespace": "AWS/EFS", "metric_name": "PercentIOLimit", "dimensions": {"FileSystemId": "fs-1a"}}
        assert wrong(**files, threshold=100) == []
        assert wrong(**files, threshold=101) == ["threshold"]

    def test_of_which_nothing_is_known_may_be_negative(self) -> None:
        assert wrong(metric_name="ResponseTime", threshold=-1) == ["metric_name"]


class TestEvaluation:
    def test_looks_back_up_to_a_day(self) -> None:
        assert wrong(period=60, evaluation_periods=1440) == []
        assert wrong(period=60, evaluation_periods=1441) == ["evaluation_periods"]

    def test_by_hours_looks_back_up_to_a_week(self) -> None:
        assert wrong(period=3600, evaluation_periods=168) == []
        assert wrong(period=3600, evaluation_periods=169) == ["evaluation_periods"]
        assert wrong(period=3540, evaluation_periods=24) == []
        assert wrong(period=3540, evaluation_periods=25) == ["evaluation_periods"]

    def test_looks_at_something(self) -> None:
        assert wrong(evaluation_periods=0, datapoints_to_alarm=None) == ["evaluation_periods"]
        assert wrong(evaluation_periods=1.5, datapoints_to_alarm=1) == ["evaluation_periods"]

    def test_goes_off_on_no_more_than_it_looks_at(self) -> None:
        assert wrong(datapoints_to_alarm=3) == []
        assert wrong(datapoints_to_alarm=4) == ["datapoints_to_alarm"]
        assert wrong(datapoints_to_alarm=0) == ["datapoints_to_alarm"]
        assert wrong(evaluation_periods="${local.periods}", datapoints_to_alarm=4) == []

    def test_takes_silence_for_something(self) -> None:
        assert wrong(treat_missing_data="ignore") == []
        assert wrong(treat_missing_data="ok") == ["treat_missing_data"]

    def test_by_percentiles_may_need_samples(self) -> None:
        assert wrong(evaluate_low_sample_count_percentiles="ignore") == []
        assert wrong(evaluate_low_sample_count_percentiles="skip") == ["evaluate_low_sample_count_percentiles"]


class TestQueries:
    def test_may_stand_in_the_place_of_a_metric(self) -> None:
        assert of_queries(_CALCULATED, _WATCHED) == []
        assert refused(metric_alarm({"metric_query": [_CALCULATED, _WATCHED]})) == []

    def test_do_not_stand_beside_a_metric(self) -> None:
        assert wrong(metric_query=[_CALCULATED, _WATCHED]) == ["metric_name"]
        assert of_queries() == ["metric_name"]

    def test_may_be_left_to_terraform(self) -> None:
        assert refused(metric_alarm({"metric_query": "${local.queries}"})) == []
        assert refused(metric_alarm({"dynamic": {"metric_query": {"for_each": "${local.queries}"}}})) == []

    def test_return_one_line(self) -> None:
        assert of_queries(_CALCULATED | {"return_data": False}, _WATCHED) == ["return_data"]
        assert of_queries(_CALCULATED, _WATCHED | {"return_data": True}) == ["return_data"]
        assert of_queries(_CALCULATED, _WATCHED | {"return_data": "maybe"}) == ["return_data"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [("id", "E1"), ("id", "m1"), ("label", 4), ("account_id", "me"), ("period", 15), ("expression", "m2")],
    )
    def test_are_what_cloudwatch_takes(self, name: str, value: Any) -> None:
        assert name in of_queries(_CALCULATED | {name: value}, _WATCHED)

    def test_calculate_from_others(self) -> None:
        assert of_queries(_CALCULATED | {"expression": "e1 + 1"}, _WATCHED) == ["expression"]

    def test_do_not_search(self) -> None:
        search = "SEARCH('{AWS/EC2,InstanceId} CPUUtilization', 'Average')"
        assert of_queries(_CALCULATED | {"expression": search}, _WATCHED) == ["expression"]

    def test_are_of_a_metric_or_an_expression(self) -> None:
        assert of_queries(_CALCULATED, {"id": "m1"}) == ["metric_query"]
        assert of_queries(_CALCULATED, _WATCHED | {"expression": "e1"}) == ["metric_query"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("namespace", "AWS/ELB"),
            ("metric_name", "ResponseTime"),
            ("stat", "Sum"),
            ("period", 90),
            ("unit", "Count"),
            ("dimensions", {"LoadBalancer": "main"}),
        ],
    )
    def test_of_metrics_are_of_such_as_aws_reports(self, name: str, value: Any) -> None:
        found = of_queries(_CALCULATED, {"id": "m1", "metric": [_METRIC | {name: value}]})
        assert f"metric.{name}" in [each.replace(".LoadBalancer", "") for each in found]


class TestDimension:
    def test_is_known_of_every_metric(self) -> None:
        assert {name for each in KNOWN for name in each.dimensions} - {"Region"} == set(DIMENSIONS)

    @pytest.mark.parametrize(
        ("name", "right", "bad"),
        [
            ("ApiId", "a1b2c3", "A1"),
            ("AutoScalingGroupName", "web fleet", "web:fleet"),
            ("CacheClusterId", "shop-cache-001", "shop--cache"),
            ("ClusterName", "main", "main/api"),
            ("DBClusterIdentifier", "shop-db", "1shop"),
            ("DBInstanceIdentifier", "shop-db", "shop-"),
            ("DistributionId", "E1A2B3", "e1"),
            ("FileSystemId", "fs-1a2b", "vol-1a2b"),
            ("FunctionName", "sum", "arn:aws:lambda"),
            ("LoadBalancer", "app/main/50dc6c495c0c9188", "main"),
            ("NatGatewayId", "nat-1a2b", "ngw-1a2b"),
            ("QueueName", "jobs.fifo", "jobs.first"),
            ("Region", "eu-west-1", "eu"),
            ("Region", "Global", "global"),
            ("Role", "WRITER", "MASTER"),
            ("Rule", "ALL", "all rules"),
            ("RuleName", "a.b", "a b"),
            ("ServiceName", "api", "api/1"),
            ("Stage", "$default", "$other"),
            ("TableName", "orders", "or"),
            ("TargetGroup", "targetgroup/api/50dc6c495c0c9188", "api"),
            ("TopicName", "alarms", "al:arms"),
            ("WebACL", "main", "ma in"),
            ("clusterId", "shop-cache", "Shop"),
            ("ClusterName", "a-${local.b}", "a b-${local.b}"),
        ],
    )
    def test_is_a_name_of_what_reports(self, name: str, right: str, bad: str) -> None:
        assert dimension_value(name).accepts(right)
        assert not dimension_value(name).accepts(bad)

    def test_of_another_name_is_nothing(self) -> None:
        assert not dimension_value("Cluster").accepts("main")
        assert not dimension_value(["Cluster"]).accepts("")
