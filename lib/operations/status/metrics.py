"""Last measurements, from CloudWatch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lib.operations.aws import Refused
from lib.operations.deployment import Deployment
from lib.operations.status.parts import answer_or

_PERIOD_SECONDS = 60
_HOUR = timedelta(hours=1)
_RECENT = timedelta(minutes=15)
"""What is measured once a minute may be told a few minutes late; what is older than this is no news."""
_FORMAT = "%Y-%m-%dT%H:%M:00Z"


@dataclass(frozen=True)
class Metric:
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str = "Average"
    """`Sum` is that of the last hour; any other one that of the newest minute."""


def measured(
    stack: Deployment,
    now: datetime,
    metrics: Mapping[str, Metric],
    missed: list[Refused],
    region: str | None = None,
) -> dict[str, float | None]:
    """Label -> value. None where nothing was measured, or AWS does not tell; a sum of nothing is 0."""
    nothing: dict[str, float | None] = dict.fromkeys(metrics)
    return answer_or(nothing, lambda: _measured(stack, now, metrics, region), missed)


def measured_of_each(
    stack: Deployment,
    now: datetime,
    things: Iterable[str],
    metrics: Mapping[str, str],
    missed: list[Refused],
    *,
    namespace: str,
    dimension: str,
) -> dict[str, dict[str, float | None]]:
    """Thing -> label -> value, by one question. metrics: label -> metric. dimension: which has the thing's name."""
    named = list(things)
    values = measured(
        stack,
        now,
        {
            f"{name} {label}": Metric(namespace, metric, {dimension: name})
            for name in named
            for label, metric in metrics.items()
        },
        missed,
    )
    return {name: {label: values[f"{name} {label}"] for label in metrics} for name in named}


def _measured(
    stack: Deployment, now: datetime, metrics: Mapping[str, Metric], region: str | None
) -> dict[str, float | None]:
    labels = list(metrics)
    answer = stack.ask(
        "cloudwatch",
        "get_metric_data",
        region=region,
        StartTime=(now - _HOUR).strftime(_FORMAT),
        EndTime=now.strftime(_FORMAT),
        ScanBy="TimestampDescending",
        MetricDataQueries=[_query(f"m{index}", metrics[label]) for index, label in enumerate(labels)],
    )
    found = {each["Id"]: each for each in answer["MetricDataResults"]}
    return {label: _value(found.get(f"m{index}", {}), metrics[label], now) for index, label in enumerate(labels)}


def _query(id: str, metric: Metric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    named = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {"Id": id, "MetricStat": {"Metric": named, "Period": _PERIOD_SECONDS, "Stat": metric.statistic}}


def _value(result: Mapping[str, Any], metric: Metric, now: datetime) -> float | None:
    values: list[float] = result.get("Values", [])
    if metric.statistic == "Sum":
        return sum(values)
    recent = [value for value, at in zip(values, result.get("Timestamps", []), strict=False) if at >= now - _RECENT]
    return recent[0] if recent else None


def number(value: float | None, unit: str = "") -> str:
    """`1,204`, `2.5 ACU`; `?` for what was not measured."""
    if value is None:
        return "?"
    text = f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
    return f"{text} {unit}" if unit else text
