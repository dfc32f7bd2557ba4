"""Alarms and graphs by what AWS reports: the names of metrics and dimensions, and how each of them may be asked for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from lib.evidence.documents import metric_math
from lib.evidence.documents.parts import (
    free_text,
    like,
    number,
    region,
    single,
    tables,
    where,
    wrong,
)
from lib.evidence.structure.known_metrics import KNOWN, Metric, Source
from lib.evidence.template import Block
from lib.evidence.values.literal import Judge, Literal
from lib.evidence.values.references import is_reference
from lib.evidence.values.rule import Rule, as_number, boolean, one_of

PAGE = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
_ALL_METRICS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html"
_STATISTICS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html"
OF_OUR_TABLE = "known_metrics"
"""The check of what `known_metrics.py` says there is: the metrics that stacks of this project watch, and no other."""
_ID = r"[a-z][A-Za-z0-9_]{0,254}"
_HOUR, _DAY, _WEEK = 3600, 86_400, 604_800
_FRACTIONS_OF_MINUTES = (10, 20, 30)

_PERCENT = r"(?:100|\d{1,2}(?:\.\d{1,10})?)"
_BOUND = r"\d*(?:\.\d+)?"
_EXTENDED = rf"(?:p|tm|tc|ts|wm){_PERCENT}|IQM|(?:PR|TM|TC|TS|WM)\((?:{_BOUND}%?):(?:{_BOUND}%?)\)"
_TIMES = ("Seconds", "Milliseconds", "Microseconds")
"""What is measured in these is worth looking at by percentiles."""

Asked = tuple[Source, Metric] | None
"""A metric and what reports it; None for one that nothing is known of."""

_NAME = r"[A-Za-z0-9_-]"
DIMENSIONS = {
    "ApiId": (r"[a-z0-9-]+", "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html"),
    "AutoScalingGroupName": (
        r"[ -9;-~]{1,255}",
        "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html",
    ),
    "CacheClusterId": (
        r"[a-z](?:-?[a-z0-9])*",
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html",
    ),
    "ClusterName": (
        rf"{_NAME}{{1,255}}",
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html",
    ),
    "DBClusterIdentifier": (
        r"[A-Za-z](?:-?[A-Za-z0-9]){0,62}",
        "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html",
    ),
    "DBInstanceIdentifier": (
        r"[A-Za-z](?:-?[A-Za-z0-9]){0,62}",
        "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html",
    ),
    "DistributionId": (
        r"[A-Z0-9]+",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html",
    ),
    "FileSystemId": (r"fs-[0-9a-f]+", "https://docs.aws.amazon.com/efs/latest/ug/efs-metrics.html"),
    "FunctionName": (
        rf"{_NAME}{{1,64}}",
        "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
    ),
    "LoadBalancer": (
        r"(?:app|net|gwy)/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
    ),
    "NatGatewayId": (
        r"nat-[0-9a-f]+",
        "https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html",
    ),
    "QueueName": (
        rf"{_NAME}{{1,80}}(?:\.fifo)?",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
    ),
    "Role": ("WRITER|READER", "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/dimensions.html"),
    "Rule": (rf"{_NAME}{{1,128}}", "https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html"),
    "RuleName": (
        r"[.A-Za-z0-9_-]{1,64}",
        "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html",
    ),
    "ServiceName": (
        rf"{_NAME}{{1,255}}",
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html",
    ),
    "Stage": (
        r"\$default|[A-Za-z0-9_-]{1,128}",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html",
    ),
    "TableName": (
        r"[A-Za-z0-9_.-]{3,255}",
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html",
    ),
    "TargetGroup": (
        r"targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
    ),
    "TopicName": (
        rf"{_NAME}{{1,256}}(?:\.fifo)?",
        "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
    ),
    "WebACL": (rf"{_NAME}{{1,128}}", "https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html"),
    "clusterId": (
        r"[a-z](?:-?[a-z0-9]){0,39}",
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html",
    ),
}
"""Dimension -> how its values look, and where AWS says so. `Region` is the name of a region, or Global."""


def known(namespace: Any, name: Any, dimensions: Sequence[Any] | None) -> Asked:
    """What reports a metric under exactly these dimensions, and the metric."""
    for source in _reporting(namespace, dimensions):
        if isinstance(name, str) and name in source.metrics:
            return source, source.metrics[name]
    return None


def _reporting(namespace: Any, dimensions: Sequence[Any] | None) -> list[Source]:
    """Whatever reports in a namespace, if that is known, and under exactly these dimensions, if they are."""
    is_open = isinstance(namespace, str) and is_reference(namespace)
    asked = sorted(map(str, dimensions or []))
    return [
        each
        for each in KNOWN
        if (is_open or each.namespace == namespace) and (dimensions is None or sorted(each.dimensions) == asked)
    ]


def namespace() -> Rule:
    return one_of(*sorted({each.namespace for each in KNOWN}), source=_ALL_METRICS, check=OF_OUR_TABLE)


def metric_name(of: Any, dimensions: Sequence[Any] | None) -> Rule:
    """The name of a metric that a namespace has under exactly these dimensions."""
    found = _reporting(of, dimensions)
    if found:
        names = sorted({name for each in found for name in each.metrics})
        return one_of(*names, source=found[0].page, check=OF_OUR_TABLE)
    reported = _reporting(of, None)
    by = " or by ".join(" and ".join(each.dimensions) for each in reported)
    allowed = f"a metric of {of} by {by}" if by else "a metric of a namespace that AWS reports"
    return Rule(OF_OUR_TABLE, allowed, reported[0].page if reported else _ALL_METRICS, lambda _: False)


def dimension_name(of: Any) -> Rule:
    names = {name for each in _reporting(of, None) for name in each.dimensions}
    return one_of(*sorted(names), source=_ALL_METRICS, check=OF_OUR_TABLE)


def dimension_value(name: Any) -> Rule:
    if name == "Region":
        either = one_of("Global", source=_ALL_METRICS).accepts
        return Rule("metrics", "a region or Global", _ALL_METRICS, lambda it: either(it) or region().accepts(it))
    if not isinstance(name, str) or name not in DIMENSIONS:
        return Rule(OF_OUR_TABLE, f"a value of one of {', '.join(sorted(DIMENSIONS))}", _ALL_METRICS, lambda _: False)
    pattern, page = DIMENSIONS[name]
    return like(pattern, page, f"what a {name} looks like: {pattern}", "metrics")


def statistic(asked: Sequence[Asked]) -> Rule:
    """One that says something about each of these metrics. Of metrics that are not known, any."""
    metrics = [(source.page, metric) for each in asked if each for source, metric in [each]]
    words = {"SampleCount", "Average", "Sum", "Minimum", "Maximum"}.intersection(
        *(each.statistics for _, each in metrics)
    )
    percentiles = like(_EXTENDED, _STATISTICS, "")
    takes_percentiles = all(each.unit in _TIMES for _, each in metrics)

    def accepts(value: Any) -> bool:
        return isinstance(value, str) and (value in words or (takes_percentiles and percentiles.accepts(value)))

    allowed = f"one of {', '.join(sorted(words))}" + " or a percentile like p99" * takes_percentiles
    return Rule("metrics", allowed, metrics[0][0] if metrics else _STATISTICS, accepts)


def extended_statistic(asked: Asked) -> Rule:
    if asked and asked[1].unit not in _TIMES:
        return Rule("metrics", "a statistic, and no percentile, of what is no time", asked[0].page, lambda _: False)
    return like(_EXTENDED, _STATISTICS, "a percentile like p99, IQM, TM(10%:90%)", "metrics")


def unit(asked: Asked) -> Rule:
    if asked is None:
        return Rule(OF_OUR_TABLE, "no unit of a metric that is not known", PAGE, lambda _: False)
    return one_of(asked[1].unit, source=PAGE, check="metrics")


def threshold(asked: Sequence[Asked], *, spelled: bool = False) -> Rule:
    """A value of these metrics. None of those that are known is ever negative; a calculation may be."""
    metrics = [each for each in asked if each]
    if not metrics or len(metrics) < len(asked):
        return number(PAGE, spelled=spelled)
    is_percent = all(metric.unit == "Percent" for _, metric in metrics)
    return number(metrics[0][0].page, 0, 100 if is_percent else math.inf, spelled=spelled)


def period(asked: Sequence[Asked], source: str, fractions: Sequence[int], *, spelled: bool = False) -> Rule:
    """Seconds that CloudWatch takes, and in which all of these metrics are reported."""
    step = max((each[0].resolution_seconds for each in asked if each), default=1)
    is_whole = number(source, 1, whole=True, spelled=spelled).accepts
    choice = f"one of {', '.join(map(str, fractions))} or " if step == 1 else ""

    def accepts(value: Any) -> bool:
        seconds = as_number(value) if is_whole(value) else None
        return seconds is not None and seconds % step == 0 and (seconds in fractions or seconds % 60 == 0)

    return Rule("metrics", f"{choice}a multiple of {max(step, 60)}", source, accepts)


def metric_id() -> Rule:
    return like(_ID, metric_math.PAGE, "letters, digits and _, a small letter first")


def expression(ids: Sequence[Any], source: str = metric_math.PAGE) -> Rule:
    """Metric math over metrics of these ids."""
    names = {each for each in ids if isinstance(each, str)}
    allowed = f"metric math over {', '.join(sorted(names)) or 'nothing'}"
    return where(lambda text: metric_math.is_expression(text, names), source, allowed, "metrics")


def metric_alarm(block: Block) -> Iterator[Literal]:
    """An alarm of CloudWatch's: of one metric, or of a calculation."""
    queries = list(tables(block, "metric_query"))
    is_open = isinstance(block.get("metric_query"), str) or "dynamic" in block
    if not is_open and bool(queries) == (block.get("metric_name") is not None):
        yield wrong("metric_name", block.get("metric_name"), "either the name of a metric or queries", PAGE)
    if block.get("metric_name") is not None:
        yield from _metric(block, "", "statistic")
        if (block.get("statistic") is None) == (block.get("extended_statistic") is None):
            yield wrong("statistic", block.get("statistic"), "either a statistic or an extended statistic", PAGE)
    asked = _asked(block)
    yield from single(extended_statistic(asked))(block.get("extended_statistic"), "extended_statistic")
    yield from _evaluation(block, [asked])
    yield from _queries(queries)


def _metric(block: Block, path: str, stat: str) -> Iterator[Literal]:
    """The arguments that name a metric and how it is asked for."""
    of, dimensions, asked = block.get("namespace"), _dimensions(block), _asked(block)
    judges: dict[str, Judge] = {
        "namespace": single(namespace()),
        "metric_name": single(metric_name(of, None if dimensions is None else list(dimensions))),
        stat: single(statistic([asked])),
        "period": single(period([asked], PAGE, _FRACTIONS_OF_MINUTES, spelled=True)),
        "unit": single(unit(asked)),
    }
    for name, judge in judges.items():
        yield from judge(block.get(name), f"{path}{name}")
    for name, value in (dimensions or {}).items():
        below = f"{path}dimensions.{name}"
        yield Literal(below, name, (dimension_name(of),), is_name=True)
        yield from single(dimension_value(name))(value, below)


def _asked(block: Block) -> Asked:
    dimensions = _dimensions(block)
    return known(block.get("namespace"), block.get("metric_name"), None if dimensions is None else list(dimensions))


def _dimensions(block: Block) -> Block | None:
    """Its dimensions; None where an expression says them."""
    found = block.get("dimensions") or {}
    return found if isinstance(found, dict) else None


def _evaluation(block: Block, asked: Sequence[Asked]) -> Iterator[Literal]:
    periods, seconds = as_number(block.get("evaluation_periods")), as_number(block.get("period"))
    longest = _WEEK if seconds and seconds >= _HOUR else _DAY
    most = longest // seconds if seconds and seconds > 0 else longest
    words = ("breaching", "notBreaching", "ignore", "missing")
    judges = {
        "evaluation_periods": single(number(PAGE, 1, most, whole=True, spelled=True)),
        "datapoints_to_alarm": single(number(PAGE, 1, periods or longest, whole=True, spelled=True)),
        "threshold": single(threshold(asked, spelled=True)),
        "treat_missing_data": single(one_of(*words, source=PAGE)),
        "evaluate_low_sample_count_percentiles": single(one_of("evaluate", "ignore", source=PAGE)),
    }
    for name, judge in judges.items():
        yield from judge(block.get(name), name)


def _queries(queries: Sequence[Block]) -> Iterator[Literal]:
    counts = Counter(str(each.get("id")) for each in queries)
    returned = [each for each in queries if each.get("return_data") in (True, "true")]
    if queries and len(returned) != 1:
        yield wrong("metric_query.return_data", len(returned), "exactly one query that returns its data", PAGE)
    for each in queries:
        others = [name for name in counts if name != str(each.get("id"))]
        ids = Rule("metrics", "an id of its own", PAGE, lambda value: counts[str(value)] <= 1)
        if (each.get("expression") is None) == (not each.get("metric")):
            yield wrong("metric_query", each.get("id"), "either an expression or a metric", PAGE)
        judges = {
            "id": single(metric_id(), ids),
            "expression": single(expression(others), _for_an_alarm()),
            "return_data": single(boolean(PAGE)),
            "label": single(free_text(PAGE)),
            "account_id": single(like(r"\d{12}", PAGE, "12 digits")),
            "period": single(period([], PAGE, _FRACTIONS_OF_MINUTES, spelled=True)),
        }
        for name, judge in judges.items():
            yield from judge(each.get(name), f"metric_query.{name}")
        for metric in tables(each, "metric"):
            yield from _metric(metric, "metric_query.metric.", "stat")


def _for_an_alarm() -> Rule:
    def fits(text: str) -> bool:
        return "SEARCH(" not in text

    return where(fits, metric_math.PAGE, "an expression without SEARCH, which no alarm can watch", "metrics")
