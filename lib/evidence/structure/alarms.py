"""Alarms that can go off, reach somebody, and are as many as the settings ask for; and a dashboard that shows them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

from lib.evidence.reading import decoded, every, is_set, number, referred, region_of, tables, text, text_table, texts
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
    - the function that rotates the database's password, where somebody signs in: errors, throttles,
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
            2 if settings.users_of("database") else 0,
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
    watched = Counter(json.dumps([_metric_of(alarm), text(alarm, "comparison_operator")]) for alarm in alarms)
    found += [f"{count} alarms watch {metric}" for metric, count in watched.items() if count > 1]
    names = {text(alarm, "alarm_name") for alarm in alarms}
    if names != set(texts(template.outputs, "alarm_names.value")):
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
    namespace, name, dimensions = text(alarm, "namespace"), text(alarm, "metric_name"), text_table(alarm, "dimensions")
    source = source_of(namespace, dimensions)
    if source is None or name not in source.metrics:
        yield f"nothing is known to report {namespace} {name} by {', '.join(sorted(dimensions)) or 'nothing'}"
        return
    for dimension, value in dimensions.items():
        if value not in source.dimensions[dimension](template):
            yield f"{dimension} is {value}, which no resource of the template goes by"
    metric, stands_in = source.metrics[name], region_of(template, alarm)
    reported_in = source.region(template, dimensions) or region_of(template, {})
    if stands_in != reported_in:
        yield f"{name} is reported in {reported_in}, and the alarm is in {stands_in}"
    if not metric.is_reported(template, dimensions):
        yield f"{name} is not reported of resources set up like this"
    if text(alarm, "statistic") not in metric.statistics:
        yield f"{alarm.get('statistic')} says nothing about {name}"
    operator = text(alarm, "comparison_operator")
    if not operator.startswith("Greater" if metric.is_bad == "high" else "Less"):
        yield f"{name} is bad when it is {metric.is_bad}, not {operator}"
    threshold = number(alarm, "threshold") or 0
    highest = metric.highest(template, dimensions) if metric.highest else None
    if highest is not None and not 0 < threshold < highest:
        yield f"{name} never gets beyond {highest:g}, nor does it mean anything at {threshold:g}"
    if (period := number(alarm, "period") or 0) % source.resolution_seconds:
        yield f"{name} comes every {source.resolution_seconds} seconds, not in periods of {period:g}"


def _wrong_evaluation(alarm: Block) -> Iterator[str]:
    period, periods = number(alarm, "period") or 0, number(alarm, "evaluation_periods") or 0
    needed = number(alarm, "datapoints_to_alarm") or 0
    if period not in (10, 20, 30) and (period < 60 or period % 60):
        yield f"CloudWatch takes no period of {period:g} seconds"
    if not 1 <= needed <= periods:
        yield f"{needed:g} of {periods:g} periods can never be beyond the threshold"
    if period * periods > _DAY_SECONDS:
        yield "looks back further than a day"
    if alarm.get("treat_missing_data") != "notBreaching":
        yield f"treats silence as {alarm.get('treat_missing_data', 'missing')}: what has no traffic is no failure"


def _wrong_actions(template: Template, alarm: Block) -> Iterator[str]:
    topics = [f"aws_sns_topic.{name}" for name in template.named("aws_sns_topic")]
    heard = {referred(each.get("topic_arn")) for each in template.all("aws_sns_topic_subscription")}
    for action in ("alarm_actions", "ok_actions"):
        told = [referred(each) for each in every(alarm, action)]
        if len(told) != 1 or told[0] not in topics or told[0] not in heard:
            yield f"{action} tell nobody"
    if is_set(alarm, "actions_enabled", False):
        yield "tells nobody: its actions are off"
    if len(text(alarm, "alarm_description")) < 40:
        yield "does not say what to do"


def dashboard_shows_the_alarms(template: Template) -> list[str]:
    """A graph for each alarm's metric and for no other, the state of every alarm, and a page that CloudWatch takes."""
    dashboards = template.all("aws_cloudwatch_dashboard")
    if len(dashboards) != 1:
        return [f"there are {len(dashboards)} dashboards, and one is expected"]
    body = decoded(dashboards[0].get("dashboard_body"))
    if not isinstance(body, dict) or not isinstance(body.get("widgets"), list):
        return ["the dashboard's body is no table of widgets"]
    widgets = tables(body, "widgets")
    return [
        *_wrong_places(widgets),
        *(problem for widget in widgets for problem in _wrong_widget(template, widget)),
        *_wrong_contents(template, widgets),
    ]


def _wrong_contents(template: Template, widgets: list[Block]) -> Iterator[str]:
    graphs = {json.dumps(_metric_shown(each)) for each in widgets if each.get("type") == "metric"}
    watched = {json.dumps(_metric_of(alarm)) for alarm in template.all(_KIND)}
    yield from (f"shows {metric}, which no alarm watches" for metric in sorted(graphs - watched))
    yield from (f"does not show {metric}" for metric in sorted(watched - graphs))
    listed = [alarm for each in widgets if each.get("type") == "alarm" for alarm in texts(each, "properties.alarms")]
    alarms = [f"${{{_ADDRESS}{name}.arn}}" for name in template.named(_KIND)]
    if sorted(listed) != sorted(alarms):
        yield "the list of alarms is not that of all alarms"


def _metric_of(alarm: Block) -> list[Any]:
    dimensions = sorted(text_table(alarm, "dimensions").items())
    said = [text(alarm, each) for each in ("namespace", "metric_name", "statistic")]
    return [*said[:2], dimensions, said[2], number(alarm, "period")]


def _metric_shown(widget: Block) -> list[Any]:
    """The one metric of a graph: a list of texts, of which names and values of dimensions take turns."""
    shown = texts(widget, "properties.metrics")
    namespace, name = [*shown, "", ""][:2]
    pairs = sorted(zip(shown[2::2], shown[3::2], strict=False))
    return [namespace, name, pairs, text(widget, "properties.stat"), number(widget, "properties.period")]


def _wrong_places(widgets: list[Block]) -> Iterator[str]:
    if not 0 < len(widgets) <= _MAX_WIDGETS:
        yield f"a page of {len(widgets)} widgets"
    places = [_place(each) for each in widgets]
    for index, each in enumerate(places):
        if not (each.x >= 0 and each.y >= 0 and each.width >= 1 and 1 <= each.height <= 1000):
            yield f"widget {index} has no place"
        if each.x + each.width > _COLUMNS:
            yield f"widget {index} is beyond column {_COLUMNS}"
    for (one, first), (other, second) in combinations(enumerate(places), 2):
        if _overlap(first.x, first.width, second.x, second.width) and _overlap(
            first.y, first.height, second.y, second.height
        ):
            yield f"widgets {one} and {other} overlap"


class _Place(NamedTuple):
    x: float
    y: float
    width: float
    height: float


def _place(widget: Block) -> _Place:
    return _Place(*(number(widget, each) or 0 for each in _Place._fields))


def _overlap(start: float, size: float, other_start: float, other_size: float) -> bool:
    return start < other_start + other_size and other_start < start + size


def _wrong_widget(template: Template, widget: Block) -> Iterator[str]:
    kind, region = text(widget, "type"), text(widget, "properties.region")
    if kind not in _WIDGET_TYPES:
        yield f"CloudWatch knows no widget {kind}"
    if kind == "metric" and region != _region_of(template, widget):
        yield f"{text(widget, 'properties.title')} looks for its metric in {region}"
    if kind == "alarm" and len(shown := every(widget, "properties.alarms")) > _MAX_ALARMS_A_WIDGET:
        yield f"a list of {len(shown)} alarms"


def _region_of(template: Template, widget: Block) -> str | None:
    """Where what a graph shows is reported."""
    namespace, _, pairs, *_ = _metric_shown(widget)
    source = source_of(namespace, dict(pairs))
    reported_in = source.region(template, dict(pairs)) if source else None
    return reported_in or region_of(template, {})
