"""Dashboard: the alarms' states, then each alarm's metric with its threshold."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components.alarms import Alarm
from lib.components.dashboard import Dashboard, Widget, overview
from lib.naming import Names
from tests.template import Template

CPU = Alarm(
    unit="api",
    role="cpu",
    namespace="AWS/ECS",
    metric="CPUUtilization",
    statistic="Average",
    threshold=80,
    period_seconds=60,
    dimensions={"ClusterName": "cluster", "ServiceName": "api"},
    why="Too busy.",
)
TASKS = replace(
    CPU, role="tasks", metric="RunningTaskCount", comparison="LessThanThreshold", threshold=2, period_seconds=300
)
UNHEALTHY = replace(CPU, role="unhealthy", comparison="GreaterThanOrEqualToThreshold", statistic="Maximum")
ERRORS = replace(CPU, role="errors")
CACHE = replace(CPU, unit="cache", role="memory", namespace="AWS/ElastiCache", dimensions={"clusterId": "shop"})
ALARMS = [CPU, TASKS, CACHE, UNHEALTHY, ERRORS]
ARNS = [f"arn:{alarm.role}" for alarm in ALARMS]


def place(widget: Widget) -> tuple[int, int, int, int]:
    return widget["x"], widget["y"], widget["width"], widget["height"]


@pytest.fixture(scope="module")
def widgets() -> list[Widget]:
    return overview(ALARMS, ARNS, "eu-west-1")


def test_states_of_all_alarms_are_on_top(widgets: list[Widget]) -> None:
    assert widgets[0] == {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": 24,
        "height": 4,
        "properties": {"title": "Alarms", "alarms": ARNS},
    }


def test_units_come_as_they_are_given_and_are_kept_together(widgets: list[Widget]) -> None:
    titles = [widget["properties"].get("markdown") or widget["properties"]["title"] for widget in widgets[1:]]
    assert titles == [
        "## api",
        "api cpu: CPUUtilization",
        "api tasks: RunningTaskCount",
        "api unhealthy: CPUUtilization",
        "api errors: CPUUtilization",
        "## cache",
        "cache memory: CPUUtilization",
    ]


def test_rows_hold_three_graphs_and_do_not_overlap(widgets: list[Widget]) -> None:
    assert [place(widget) for widget in widgets[1:]] == [
        (0, 4, 24, 1),
        (0, 5, 8, 6),
        (8, 5, 8, 6),
        (16, 5, 8, 6),
        (0, 11, 8, 6),
        (0, 17, 24, 1),
        (0, 18, 8, 6),
    ]
    assert widgets[1]["type"] == "text"


def test_graph_shows_what_the_alarm_watches(widgets: list[Widget]) -> None:
    assert widgets[3]["type"] == "metric"
    assert widgets[3]["properties"] == {
        "title": "api tasks: RunningTaskCount",
        "view": "timeSeries",
        "region": "eu-west-1",
        "metrics": [["AWS/ECS", "RunningTaskCount", "ClusterName", "cluster", "ServiceName", "api"]],
        "stat": "Average",
        "period": 300,
        "annotations": {"horizontal": [{"label": "alarm below", "value": 2, "fill": "below"}]},
    }


def test_graph_takes_statistic_and_dimensions_of_its_own_alarm(widgets: list[Widget]) -> None:
    assert widgets[4]["properties"]["stat"] == "Maximum"
    assert widgets[-1]["properties"]["metrics"] == [["AWS/ElastiCache", "CPUUtilization", "clusterId", "shop"]]


def test_graph_of_an_alarm_elsewhere_looks_for_its_metric_there() -> None:
    alarms = [CPU, replace(CPU, role="5xx", region="us-east-1")]
    regions = [widget["properties"].get("region") for widget in overview(alarms, ["arn:a", "arn:b"], "eu-west-1")]
    assert regions == [None, None, "eu-west-1", "us-east-1"]


@pytest.mark.parametrize("index", [2, 4])
def test_alarming_side_of_a_limit_is_above_it(widgets: list[Widget], index: int) -> None:
    (line,) = widgets[index]["properties"]["annotations"]["horizontal"]
    assert line == {"label": "alarm above", "value": 80, "fill": "above"}


def test_more_alarms_than_one_widget_takes_go_into_a_second() -> None:
    arns = [f"arn:{number}" for number in range(101)]
    first, second, title, _ = overview([CPU], arns, "eu-west-1")
    assert first["properties"]["alarms"] == arns[:100]
    assert second["properties"]["alarms"] == arns[100:]
    assert (place(first), place(second), place(title)) == ((0, 0, 24, 4), (0, 4, 24, 4), (0, 8, 24, 1))


def test_three_graphs_fill_one_row_only() -> None:
    widgets = overview([CPU, TASKS, ERRORS, CACHE], ["arn"], "eu-west-1")
    assert place(widgets[-1]) == (0, 12, 8, 6)


def test_without_alarms_it_is_empty() -> None:
    assert overview([], [], "eu-west-1") == []


def test_dashboard_holds_the_overview_under_the_environments_name() -> None:
    def build(scope: Construct) -> None:
        names = Names("shop", "dev")
        made = Dashboard(scope, "dashboard", names=names, region="eu-west-1", alarms=ALARMS, alarm_arns=ARNS)
        TerraformOutput(scope, "name", value=made.name)

    template = Template.of_components(build)
    dashboard = template.only("aws_cloudwatch_dashboard")
    assert dashboard["dashboard_name"] == "shop-dev-overview"
    assert json.loads(dashboard["dashboard_body"]) == {"widgets": overview(ALARMS, ARNS, "eu-west-1")}
    assert template.outputs["name"]["value"] == template.reference("aws_cloudwatch_dashboard", "dashboard_name")
