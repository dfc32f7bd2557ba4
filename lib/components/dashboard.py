"""The state of everything on one page, made of the same definitions as the alarms."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard
from constructs import Construct

from lib.components.alarms import Alarm
from lib.naming import Kind, Names

_COLUMNS = 24
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"""
_STATUS_HEIGHT = 4
_TITLE_HEIGHT = 1
_GRAPH_WIDTH = 8
_GRAPH_HEIGHT = 6
_GRAPHS_A_ROW = _COLUMNS // _GRAPH_WIDTH
_ALARMS_A_STATUS = 100
"""An alarm status widget takes no more."""

Widget = dict[str, Any]


class Dashboard(Construct):
    """On top the alarms' states, below a graph for each alarm with its threshold, unit by unit as they come."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        region: str,
        alarms: Sequence[Alarm],
        alarm_arns: Sequence[str],
    ) -> None:
        """region: that of alarms which name none, the stack's."""
        super().__init__(scope, id)
        dashboard = CloudwatchDashboard(
            self,
            "dashboard",
            dashboard_name=names.of(Kind.DASHBOARD, "overview"),
            dashboard_body=json.dumps({"widgets": overview(alarms, alarm_arns, region)}),
        )
        self.name = dashboard.dashboard_name


def overview(alarms: Sequence[Alarm], alarm_arns: Sequence[str], region: str) -> list[Widget]:
    """The widgets, from top to bottom."""
    widgets = _status_widgets(alarm_arns)
    top = _STATUS_HEIGHT * len(widgets)
    for unit, group in _by_unit(alarms).items():
        widgets.append(_title_widget(unit, top))
        top += _TITLE_HEIGHT
        widgets.extend(_graph_widget(alarm, region, index, top) for index, alarm in enumerate(group))
        top += _GRAPH_HEIGHT * -(-len(group) // _GRAPHS_A_ROW)
    return widgets


def _by_unit(alarms: Sequence[Alarm]) -> Mapping[str, list[Alarm]]:
    groups: dict[str, list[Alarm]] = {}
    for alarm in alarms:
        groups.setdefault(alarm.unit, []).append(alarm)
    return groups


def _status_widgets(alarm_arns: Sequence[str]) -> list[Widget]:
    starts = range(0, len(alarm_arns), _ALARMS_A_STATUS)
    return [
        {
            "type": "alarm",
            "x": 0,
            "y": row * _STATUS_HEIGHT,
            "width": _COLUMNS,
            "height": _STATUS_HEIGHT,
            "properties": {"title": "Alarms", "alarms": list(alarm_arns[start : start + _ALARMS_A_STATUS])},
        }
        for row, start in enumerate(starts)
    ]


def _title_widget(unit: str, top: int) -> Widget:
    return {
        "type": "text",
        "x": 0,
        "y": top,
        "width": _COLUMNS,
        "height": _TITLE_HEIGHT,
        "properties": {"markdown": f"## {unit}"},
    }


def _graph_widget(alarm: Alarm, region: str, index: int, top: int) -> Widget:
    row, column = divmod(index, _GRAPHS_A_ROW)
    dimensions = [part for pair in alarm.dimensions.items() for part in pair]
    return {
        "type": "metric",
        "x": column * _GRAPH_WIDTH,
        "y": top + row * _GRAPH_HEIGHT,
        "width": _GRAPH_WIDTH,
        "height": _GRAPH_HEIGHT,
        "properties": {
            "title": f"{alarm.unit} {alarm.role}: {alarm.metric}",
            "view": "timeSeries",
            "region": alarm.region or region,
            "metrics": [[alarm.namespace, alarm.metric, *dimensions]],
            "stat": alarm.statistic,
            "period": alarm.period_seconds,
            "annotations": {"horizontal": [_threshold(alarm)]},
        },
    }


def _threshold(alarm: Alarm) -> dict[str, Any]:
    """A line at the threshold, the alarming side of it shaded."""
    side = "above" if alarm.comparison.startswith("Greater") else "below"
    return {"label": f"alarm {side}", "value": alarm.threshold, "fill": side}
