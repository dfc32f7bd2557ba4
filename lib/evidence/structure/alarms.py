"""Alarms that can go off, reach somebody, and are as many as the settings ask for; and a dashboard that shows them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from lib.evidence.reading import provider, referred, region_of
from lib.evidence.structure.known_metrics import source_of
from lib.evidence.template import Block, Template
from lib.settings import Settings
from lib.settings.data import AuroraDatabase, InstanceDatabase, NodeCache, ServerlessCache

_KIND = "aws_cloudwatch_metric_alarm"
_ADDRESS = f"{_KIND}."
_DAY_SECONDS = 24 * 60 * 60
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

_COLUMNS = 24
_WIDGET_TYPES = ("metric", "text", "log", "alarm", "explorer")
_MAX_WIDGETS = 500
_MAX_ALARMS_A_WIDGET = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"""


def expected_alarms(settings: Settings) -> int:
    """How many alarms a stack of these settings has: the sum of

    - a service: CPU, memory, unhealthy, healthy, latency, errors; with Container Insights its running tasks,
    - a fleet: CPU, memory, disk, instances, unhealthy, healthy, latency, errors,
    - a function: errors, duration, throttles, failed events; with a rule its 5xx,
    - the load balancer: 5xx, rejected connections,
    - the HTTP API: 5xx, latency; the CDN: 5xx, and of its firewall blocked requests,
    - the firewall: blocked requests,
    - a serverless cache: compute, memory, throttling; of nodes, each of 1 + replicas: CPU, memory, lag,
    - a database instance: CPU, storage, connections, wraparound; of Aurora, writer and readers: CPU, connections, and
      capacity or storage; readers: lag; the writer: wraparound,
    - a table: reads and writes that were throttled,
    - files: I/O; bursting ones their credits,
    - a NAT gateway (one, or one a zone): ports, drops,
    - the two event rules of a cluster, that of the fleets, and each topic: one each. The CDN has a topic of its own
      outside us-east-1.
    """
    has_insights = settings.cluster.container_insights != "disabled"
    gateways = settings.network.zone_count if settings.network.nat_gateways == "per_zone" else 1
    cache, files, database, cdn = settings.cache, settings.files, settings.database, settings.cdn
    return sum(
        (
            (6 + has_insights) * len(settings.services),
            8 * len(settings.fleets),
            sum(4 + function.has_rule for function in settings.functions.values()),
            2 * len(settings.tables),
            2,
            2 if settings.http_api else 0,
            1 + (cdn.firewall and settings.firewall is not None) if cdn else 0,
            1 if settings.firewall else 0,
            3 if isinstance(cache, ServerlessCache) else 0,
            3 * (1 + cache.replicas) if isinstance(cache, NodeCache) else 0,
            4 if isinstance(database, InstanceDatabase) else 0,
            4 + (4 if database.readers else 0) if isinstance(database, AuroraDatabase) else 0,
            1 + (files.throughput_mode == "bursting") if files else 0,
            2 * gateways,
            2 if settings.services else 0,
            1 if settings.fleets else 0,
            1 + (cdn is not None and settings.region != "us-east-1"),
        )
    )


def alarms_are_all_there(template: Template, settings: Settings) -> list[str]:
    """As many alarms as the settings ask for, no two alike, all of them in the outputs."""
    alarms = template.all(_KIND)
    found = []
    if len(alarms) != (expected := expected_alarms(settings)):
        found.append(f"there are {len(alarms)} alarms, and {expected} are expected")
    watched = Counter(json.dumps([_metric_of(alarm), alarm.get("comparison_operator")]) for alarm in alarms)
    found += [f"{count} alarms watch {metric}" for metric, count in watched.items() if count > 1]
    names = {alarm.get("alarm_name") for alarm in alarms}
    if names != set(template.outputs["alarm_names"]["value"]):
        found.append("the output alarm_names does not name the alarms")
    return found


def alarms_can_go_off(template: Template) -> list[str]:
    """Every alarm watches a metric that its resource reports, in a way that suits it, and tells the topic of it."""
    return [
        f"{_ADDRESS}{name}: {problem}"
        for name, alarm in template.named(_KIND).items()
        for problem in (
            *_wrong_metric(template, alarm),
            *_wrong_evaluation(alarm),
            *_wrong_actions(template, alarm),
        )
    ]


def _wrong_metric(template: Template, alarm: Block) -> Iterator[str]:
    namespace, name, dimensions = alarm["namespace"], alarm["metric_name"], alarm.get("dimensions", {})
    source = source_of(namespace, dimensions)
    if source is None or name not in source.metrics:
        yield f"nothing is known to report {namespace} {name} by {', '.join(sorted(dimensions)) or 'nothing'}"
        return
    for dimension, value in dimensions.items():
        if value not in source.dimensions[dimension](template):
            yield f"{dimension} is {value}, which no resource of the template goes by"
    metric, stands_in = source.metrics[name], region_of(template, alarm)
    reported_in = source.region(template, dimensions) or provider(template)["region"]
    if stands_in != reported_in:
        yield f"{name} is reported in {reported_in}, and the alarm is in {stands_in}"
    if not metric.is_reported(template, dimensions):
        yield f"{name} is not reported of resources set up like this"
    if alarm.get("statistic") not in metric.statistics:
        yield f"{alarm.get('statistic')} says nothing about {name}"
    if not alarm["comparison_operator"].startswith("Greater" if metric.is_bad == "high" else "Less"):
        yield f"{name} is bad when it is {metric.is_bad}, not {alarm['comparison_operator']}"
    if metric.highest and not 0 < alarm["threshold"] < (highest := metric.highest(template, dimensions)):
        yield f"{name} never gets beyond {highest:g}, nor does it mean anything at {alarm['threshold']}"
    if alarm["period"] % source.resolution_seconds:
        yield f"{name} comes every {source.resolution_seconds} seconds, not in periods of {alarm['period']}"


def _wrong_evaluation(alarm: Block) -> Iterator[str]:
    period, periods = alarm["period"], alarm["evaluation_periods"]
    if period not in (10, 20, 30) and (period < 60 or period % 60):
        yield f"CloudWatch takes no period of {period} seconds"
    if not 1 <= alarm.get("datapoints_to_alarm", 0) <= periods:
        yield f"{alarm.get('datapoints_to_alarm')} of {periods} periods can never be beyond the threshold"
    if period * periods > _DAY_SECONDS:
        yield "looks back further than a day"
    if alarm.get("treat_missing_data") != "notBreaching":
        yield f"treats silence as {alarm.get('treat_missing_data', 'missing')}: what has no traffic is no failure"


def _wrong_actions(template: Template, alarm: Block) -> Iterator[str]:
    topics = [f"aws_sns_topic.{name}" for name in template.named("aws_sns_topic")]
    heard = {referred(each["topic_arn"]) for each in template.all("aws_sns_topic_subscription")}
    for action in ("alarm_actions", "ok_actions"):
        told = [referred(each) for each in alarm.get(action, [])]
        if len(told) != 1 or told[0] not in topics or told[0] not in heard:
            yield f"{action} tell nobody"
    if alarm.get("actions_enabled") is False:
        yield "tells nobody: its actions are off"
    if len(alarm.get("alarm_description", "")) < 40:
        yield "does not say what to do"


def dashboard_shows_the_alarms(template: Template) -> list[str]:
    """A graph for each alarm's metric and for no other, the state of every alarm, and a page that CloudWatch takes."""
    (dashboard,) = template.all("aws_cloudwatch_dashboard")
    try:
        widgets = json.loads(dashboard["dashboard_body"])["widgets"]
    except (ValueError, KeyError, TypeError):
        return ["the dashboard's body is no table of widgets"]
    return [
        *_wrong_places(widgets),
        *(problem for widget in widgets for problem in _wrong_widget(template, widget)),
        *_wrong_contents(template, widgets),
    ]


def _wrong_contents(template: Template, widgets: list[Any]) -> Iterator[str]:
    graphs = {json.dumps(_metric_shown(each)) for each in widgets if each["type"] == "metric"}
    watched = {json.dumps(_metric_of(alarm)) for alarm in template.all(_KIND)}
    yield from (f"shows {metric}, which no alarm watches" for metric in sorted(graphs - watched))
    yield from (f"does not show {metric}" for metric in sorted(watched - graphs))
    listed = [alarm for each in widgets if each["type"] == "alarm" for alarm in each["properties"]["alarms"]]
    alarms = [f"${{{_ADDRESS}{name}.arn}}" for name in template.named(_KIND)]
    if sorted(listed) != sorted(alarms):
        yield "the list of alarms is not that of all alarms"


def _metric_of(alarm: Block) -> list[Any]:
    dimensions = sorted(alarm.get("dimensions", {}).items())
    return [alarm["namespace"], alarm["metric_name"], dimensions, alarm.get("statistic"), alarm["period"]]


def _metric_shown(widget: Any) -> list[Any]:
    properties = widget["properties"]
    ((namespace, name, *dimensions),) = properties["metrics"]
    pairs = sorted(zip(dimensions[::2], dimensions[1::2], strict=True))
    return [namespace, name, pairs, properties.get("stat"), properties.get("period")]


def _wrong_places(widgets: list[Any]) -> Iterator[str]:
    if not 0 < len(widgets) <= _MAX_WIDGETS:
        yield f"a page of {len(widgets)} widgets"
    for number, each in enumerate(widgets):
        if not (each["x"] >= 0 and each["y"] >= 0 and each["width"] >= 1 and 1 <= each["height"] <= 1000):
            yield f"widget {number} has no place"
        if each["x"] + each["width"] > _COLUMNS:
            yield f"widget {number} is beyond column {_COLUMNS}"
    for (one, first), (other, second) in combinations(enumerate(widgets), 2):
        if _overlap(first, second, "x", "width") and _overlap(first, second, "y", "height"):
            yield f"widgets {one} and {other} overlap"


def _overlap(one: Any, other: Any, start: str, size: str) -> bool:
    return bool(one[start] < other[start] + other[size] and other[start] < one[start] + one[size])


def _wrong_widget(template: Template, widget: Any) -> Iterator[str]:
    kind, properties = widget["type"], widget["properties"]
    if kind not in _WIDGET_TYPES:
        yield f"CloudWatch knows no widget {kind}"
    if kind == "metric" and properties.get("region") != _region_of(template, widget):
        yield f"{properties.get('title')} looks for its metric in {properties.get('region')}"
    if kind == "alarm" and len(properties["alarms"]) > _MAX_ALARMS_A_WIDGET:
        yield f"a list of {len(properties['alarms'])} alarms"


def _region_of(template: Template, widget: Any) -> str:
    """Where what a graph shows is reported."""
    namespace, _, pairs, *_ = _metric_shown(widget)
    source = source_of(namespace, dict(pairs))
    reported_in = source.region(template, dict(pairs)) if source else None
    return str(reported_in or provider(template)["region"])
