"""Dashboards, as CloudWatch's page describes them."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence.documents import FREE_TEXTS
from lib.evidence.documents.dashboards import dashboard
from tests.unit.evidence.documents import documents_of, let_pass, places, refused

_CPU = ["AWS/ECS", "CPUUtilization", "ClusterName", "main", "ServiceName", "api"]
_MEMORY = ["AWS/ECS", "MemoryUtilization", "ClusterName", "main", "ServiceName", "api"]
_ALARM = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:api-cpu"
_PROPERTIES = "d.widgets.properties"


def widget(kind: str, properties: Any, **changes: Any) -> Any:
    return {"type": kind, "x": 0, "y": 0, "width": 6, "height": 6, "properties": properties} | changes


def wrong(*widgets: Any, **changes: Any) -> list[str]:
    return refused(dashboard({"widgets": list(widgets), **changes}, "d"))


def graph(*metrics: Any, **properties: Any) -> list[str]:
    """What is wrong with a graph, below its properties."""
    shown = widget("metric", {"region": "eu-west-1", "metrics": list(metrics)} | properties)
    return [each.removeprefix(f"{_PROPERTIES}.") for each in wrong(shown)]


class TestOfTheSamples:
    def test_are_right(self) -> None:
        for document in documents_of("aws_cloudwatch_dashboard", "dashboard_body"):
            assert refused(dashboard(document, "dashboard_body")) == []

    def test_have_no_literal_that_is_not_judged(self) -> None:
        for document in documents_of("aws_cloudwatch_dashboard", "dashboard_body"):
            literals = [each for each in dashboard(document, "dashboard_body") if not each.is_name]
            assert [each.value for each in literals] == [value for _, value in places(document)]
            assert [each.path for each in literals if not each.rules] == []

    def test_with_nonsense_anywhere_are_wrong_but_for_what_people_read(self) -> None:
        passed = set()
        for document in documents_of("aws_cloudwatch_dashboard", "dashboard_body"):
            seen = set()
            for each in document["widgets"]:
                metrics = each["properties"].get("metrics", [[each["type"]]])
                kind = (*metrics[0][:2], len(metrics[0]))
                if kind not in seen:
                    seen.add(kind)
                    passed |= let_pass(dashboard, {"widgets": [each]}, "dashboard_body")
        texts = {path for kind, path in FREE_TEXTS if kind == "aws_cloudwatch_dashboard"}
        assert passed == texts

    @pytest.mark.parametrize("path", ["widgets.properties.title", "widgets.properties.markdown"])
    def test_hold_no_number_where_people_read(self, path: str) -> None:
        kind, name = ("text", "markdown") if path.endswith("markdown") else ("alarm", "title")
        assert f"d.{path}" in wrong(widget(kind, {name: 4, "alarms": [_ALARM]}))


class TestBody:
    def test_is_a_table(self) -> None:
        assert refused(dashboard([], "d")) == ["d"]
        assert refused(dashboard("body", "d")) == ["d"]

    def test_may_be_left_to_terraform(self) -> None:
        assert list(dashboard("${local.body}", "d")) == []

    def test_has_widgets(self) -> None:
        assert refused(dashboard({}, "d")) == ["d.widgets"]
        assert wrong() == []

    def test_has_up_to_500_widgets(self) -> None:
        text = widget("text", {"markdown": "a"})
        assert wrong(*[text] * 500) == []
        assert wrong(*[text] * 501) == ["d.widgets"]

    @pytest.mark.parametrize(
        ("name", "right", "bad"),
        [
            ("start", "-PT6H", "-6H"),
            ("start", "2018-12-17T06:00:00.000Z", "2018-12-17"),
            ("end", "2018-12-17T06:00:00.000Z", "-PT6H"),
            ("periodOverride", "inherit", "none"),
        ],
    )
    def test_says_when(self, name: str, right: str, bad: str) -> None:
        assert wrong(**{name: right}) == []
        assert wrong(**{name: bad}) == [f"d.{name}"]

    def test_says_nothing_else(self) -> None:
        assert wrong(widget=[]) == ["d.widget"]

    def test_may_have_variables_which_are_not_judged(self) -> None:
        (literal,) = dashboard({"widgets": [], "variables": [{"type": "pattern"}]}, "d")
        assert literal == ("d.variables.type", "pattern", (), False)


class TestWidget:
    @pytest.mark.parametrize(
        ("name", "right", "bad"),
        [
            ("x", 18, 24),
            ("x", 0, -1),
            ("y", 5000, -1),
            ("y", 0, 1.5),
            ("width", 24, 25),
            ("width", 1, 0),
            ("height", 1000, 1001),
            ("height", 1, 0),
            ("height", 1, True),
            ("height", 1, "6"),
        ],
    )
    def test_stands_on_the_grid(self, name: str, right: Any, bad: Any) -> None:
        assert wrong(widget("text", {"markdown": "a"}, **{name: right})) == []
        assert wrong(widget("text", {"markdown": "a"}, **{name: bad})) == [f"d.widgets.{name}"]

    def test_does_not_reach_beyond_the_last_column(self) -> None:
        assert wrong(widget("text", {"markdown": "a"}, x=18, width=6)) == []
        assert wrong(widget("text", {"markdown": "a"}, x=19, width=6)) == ["d.widgets.width"]

    def test_is_of_a_kind(self) -> None:
        assert wrong(widget("gauge", {})) == ["d.widgets.type"]
        assert wrong(widget(["metric"], {})) == ["d.widgets.type"]  # type: ignore[arg-type]
        assert wrong({"properties": {}}) == ["d.widgets.type"]

    def test_is_a_table_of_what_it_knows(self) -> None:
        assert wrong("text") == ["d.widgets"]
        assert wrong(widget("text", {"markdown": "a"}, z=1)) == ["d.widgets.z"]
        assert wrong({"type": "text"}) == ["d.widgets.properties"]

    @pytest.mark.parametrize(
        ("kind", "properties", "found"),
        [
            ("text", {"markdown": "a", "background": "solid"}, []),
            ("text", {"markdown": "a", "background": "red"}, ["background"]),
            ("text", {}, ["markdown"]),
            ("text", {"markdown": "a", "title": "b"}, ["title"]),
            ("alarm", {"alarms": [_ALARM], "sortBy": "timestamp", "states": ["ALARM"], "title": "a"}, []),
            ("alarm", {"alarms": ["${aws_cloudwatch_metric_alarm.a.arn}"]}, []),
            ("alarm", {"alarms": ["api-cpu"]}, ["alarms"]),
            ("alarm", {"alarms": []}, ["alarms"]),
            ("alarm", {"alarms": [_ALARM] * 100}, []),
            ("alarm", {"alarms": [_ALARM] * 101}, ["alarms"]),
            ("alarm", {"alarms": [{"arn": _ALARM}]}, ["alarms"]),
            ("alarm", {"alarms": _ALARM}, ["alarms"]),
            ("alarm", {"alarms": [_ALARM], "sortBy": "name"}, ["sortBy"]),
            ("alarm", {"alarms": [_ALARM], "states": ["BAD"]}, ["states"]),
            ("log", {"query": "SOURCE '/ecs/api' | fields @message", "region": "eu-west-1", "view": "table"}, []),
            ("log", {"query": "fields @message", "region": "eu-west-1"}, ["query"]),
            ("log", {"query": "SOURCE 'a' | limit 1", "region": "eu-west-9"}, ["region"]),
            ("log", {"query": "SOURCE 'a' | limit 1", "region": "eu-west-1", "view": "list"}, ["view"]),
            ("log", {"query": "SOURCE 'a' | limit 1"}, ["region"]),
        ],
    )
    def test_has_the_properties_of_its_kind(self, kind: str, properties: Any, found: list[str]) -> None:
        assert wrong(widget(kind, properties)) == [f"{_PROPERTIES}.{each}" for each in found]

    def test_that_explores_is_not_judged(self) -> None:
        literals = list(dashboard({"widgets": [widget("explorer", {"labels": [{"key": "a"}]})]}, "d"))
        assert [each.path for each in literals if not each.rules] == ["d.widgets.properties.labels.key"]


class TestGraph:
    @pytest.mark.parametrize(
        ("name", "right", "bad"),
        [
            ("accountId", "111122223333", "1111"),
            ("labels", {"visible": True}, {"visible": "yes"}),
            ("legend", {"position": "hidden"}, {"position": "top"}),
            ("liveData", False, "false"),
            ("period", 300, 90),
            ("period", 60, 30),
            ("period", 60, 0),
            ("period", 60, "60"),
            ("region", "sa-east-1", "sa-east-7"),
            ("region", "eusc-de-east-1", "aws-global"),
            ("stat", "Average", "Mean"),
            ("stat", "Maximum", "Sum"),
            ("timezone", "+0130", "CET"),
            ("view", "timeSeries", "line"),
            ("yAxis", {"left": {"min": 0, "max": 100, "showUnits": False}}, {"left": {"min": "0"}}),
            ("yAxis", {"right": {"label": "a"}}, {"top": {}}),
        ],
    )
    def test_is_drawn_as_it_is_told(self, name: str, right: Any, bad: Any) -> None:
        assert graph(_CPU, **{name: right}) == []
        assert [each.split(".")[0] for each in graph(_CPU, **{name: bad})] == [name]

    def test_knows_no_other_property(self) -> None:
        assert graph(_CPU, statistic="Average") == ["statistic"]

    def test_has_a_region(self) -> None:
        assert graph(_CPU, region=None) == ["region"]

    def test_shows_metrics_or_an_alarm(self) -> None:
        assert graph() == ["metrics"]
        assert graph(annotations={"alarms": [_ALARM]}) == []
        assert graph(annotations={"alarms": [_ALARM, _ALARM]}) == ["annotations.alarms"]
        assert graph(annotations=4) == ["annotations", "metrics"]

    def test_shows_up_to_500_metrics(self) -> None:
        assert graph(*[_CPU] * 500) == []
        assert graph(*[_CPU] * 501) == ["metrics"]

    def test_takes_short_periods_of_metrics_that_nothing_is_known_of(self) -> None:
        expression = {"expression": "SEARCH('{Own,Kind} size', 'Average', 10)"}
        assert graph([expression], period=10) == []
        assert graph([expression], period=15) == ["period"]

    @pytest.mark.parametrize(
        "annotations",
        [
            {"horizontal": [{"value": 101}]},
            {"horizontal": [{"value": -1}]},
            {"horizontal": [{"value": "80"}]},
            {"horizontal": [{"label": "none"}]},
            {"horizontal": [{"value": 1, "fill": "left"}]},
            {"horizontal": [{"value": 1, "color": "red"}]},
            {"horizontal": [[{"value": 1}]]},
            {"horizontal": [{"value": 1, "yAxis": "top"}]},
            {"vertical": [{"value": "today"}]},
            {"vertical": [{"value": "2018-08-28T15:25:26Z", "fill": "above"}]},
            {"diagonal": []},
            {"horizontal": {"value": 1}},
        ],
    )
    def test_has_lines_only_where_they_are_seen(self, annotations: Any) -> None:
        assert len(graph(_CPU, annotations=annotations)) == 1

    @pytest.mark.parametrize(
        "annotations",
        [
            {"horizontal": [{"value": 80, "label": "a", "fill": "above", "color": "#ff0000", "visible": True}]},
            {"horizontal": [[{"value": 20}, {"value": 80, "fill": "between"}]]},
            {"vertical": [{"value": "2018-08-28T15:25:26Z", "fill": "before"}]},
        ],
    )
    def test_may_have_lines_and_bands(self, annotations: Any) -> None:
        assert graph(_CPU, annotations=annotations) == []

    def test_may_have_lines_beyond_100_where_no_percentage_is_shown(self) -> None:
        requests = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "jobs"]
        lines: Any = {"horizontal": [{"value": 101}]}
        assert graph(requests, annotations=lines) == []
        assert graph(requests, annotations={"horizontal": [{"value": -1}]}) == ["annotations.horizontal.value"]

    def test_of_a_calculation_may_have_lines_below_zero(self) -> None:
        shown = [[*_CPU, {"id": "m1"}], [{"expression": "-m1"}]]
        assert graph(*shown, annotations={"horizontal": [{"value": -1}]}) == []
        assert graph(*shown, annotations={"horizontal": [{"value": 101}]}) == []
        assert graph([{"expression": "TIME_SERIES(-1)"}], annotations={"horizontal": [{"value": -1}]}) == []


class TestMetric:
    @pytest.mark.parametrize(
        "metric",
        [
            ["AWS/EC5", "CPUUtilization", "ClusterName", "main", "ServiceName", "api"],
            ["AWS/ECS", "CpuUtilization", "ClusterName", "main", "ServiceName", "api"],
            ["AWS/ECS", "CPUUtilization", "Cluster", "main", "ServiceName", "api"],
            ["AWS/ECS", "CPUUtilization", "ClusterName", "main"],
            ["AWS/ECS", "CPUUtilization", "ClusterName", "ma in", "ServiceName", "api"],
            ["AWS/ECS", "CPUUtilization", "ClusterName", "main", "ServiceName"],
            ["AWS/ECS"],
            ["AWS/ECS", 4, "ClusterName", "main", "ServiceName", "api"],
            "AWS/ECS",
            [".", ".", ".", "."],
        ],
    )
    def test_is_one_that_aws_reports(self, metric: Any) -> None:
        assert set(graph(metric)) == {"metrics"}

    def test_may_name_resources_by_reference(self) -> None:
        named = ["AWS/ECS", "CPUUtilization", "ClusterName", "${aws_ecs_cluster.a.name}", "ServiceName", "x-${local.y}"]
        assert graph(named) == []

    def test_may_be_of_a_namespace_that_terraform_tells(self) -> None:
        assert graph(["${local.space}", *_CPU[1:]]) == []

    @pytest.mark.parametrize(
        "short",
        [
            [".", "MemoryUtilization", ".", ".", ".", "."],
            ["...", "other"],
            ["..."],
            ["AWS/ECS", "...", "ServiceName", "other"],
        ],
    )
    def test_may_repeat_the_one_before(self, short: Any) -> None:
        assert graph(_CPU, short) == []

    @pytest.mark.parametrize(
        "short",
        [
            [".", "MemoryUsed", ".", ".", ".", "."],
            ["...", "not a name"],
            [".", ".", ".", "."],
            [".", ".", "..", ".", ".", "."],
            ["AWS/RDS", ".", ".", ".", ".", "."],
        ],
    )
    def test_repeats_only_what_fits(self, short: Any) -> None:
        assert set(graph(_CPU, short)) == {"metrics"}

    def test_repeats_nothing_where_nothing_was(self) -> None:
        assert set(graph(["...", "api"])) == {"metrics"}

    def test_repeats_no_more_than_there_was(self) -> None:
        assert graph(_CPU, ["...", *_CPU[1:]]) == []
        assert graph(_CPU, ["...", *_CPU]) == ["metrics"]
        assert "metrics" in graph(_CPU, ["...", *_CPU, *_CPU])

    def test_repeats_a_metric_also_over_a_calculation(self) -> None:
        assert graph([*_CPU, {"id": "m1"}], [{"expression": "m1"}], [".", "MemoryUtilization", *["."] * 4]) == []

    def test_repeats_with_a_dot_and_with_nothing_else(self) -> None:
        shown = widget("metric", {"region": "eu-west-1", "metrics": [_CPU, [".", *_MEMORY[1:]]]})
        (dot,) = [each for each in dashboard({"widgets": [shown]}, "d") if each.value == "."]
        assert [(rule.accepts("."), rule.accepts("AWS")) for rule in dot.rules] == [(True, False)]

    def test_is_something(self) -> None:
        assert graph([]) == ["metrics.expression"]

    def test_repeats_once(self) -> None:
        assert graph(_CPU, ["...", "...", "api"])[-1] == "metrics"

    @pytest.mark.parametrize(
        ("name", "right", "bad"),
        [
            ("color", "#1f77b4", "blue"),
            ("id", "m1", "M1"),
            ("label", "CPU", 4),
            ("period", 300, 90),
            ("region", "eu-west-1", "here"),
            ("stat", "Maximum", "Sum"),
            ("visible", False, 0),
            ("yAxis", "right", "top"),
            ("accountId", "LOCAL", "me"),
        ],
    )
    def test_has_options(self, name: str, right: Any, bad: Any) -> None:
        assert graph([*_CPU, {name: right}]) == []
        assert graph([*_CPU, {name: bad}]) == [f"metrics.{name}"]

    def test_has_no_other_options(self) -> None:
        assert graph([*_CPU, {"colour": "#1f77b4"}]) == ["metrics.colour"]

    def test_with_its_own_statistic_does_not_mind_that_of_the_graph(self) -> None:
        errors = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "jobs"]
        assert graph([*errors, {"stat": "Maximum"}], stat="Sum") == []
        assert graph(errors, stat="Sum") == ["stat"]

    def test_has_an_id_of_its_own(self) -> None:
        assert graph([*_CPU, {"id": "m1"}], [*_MEMORY, {"id": "m1"}]) == ["metrics.id"] * 2
        assert graph([*_CPU, {"id": "m1"}], [*_MEMORY, {"id": "m2"}]) == []

    def test_may_be_calculated_from_others(self) -> None:
        shown = [*_CPU, {"id": "m1"}]
        assert graph(shown, [{"expression": "m1 / 2", "id": "e1"}]) == []
        assert graph(shown, [{"expression": "m2 / 2", "id": "e1"}]) == ["metrics.expression"]
        assert graph(shown, [{"expression": "e1 / 2", "id": "e1"}]) == ["metrics.expression"]
        assert graph([{"label": "nothing"}]) == ["metrics.expression"]
        assert graph([*_CPU, {"expression": "m1"}]) == ["metrics.expression"]
