"""Dashboards of CloudWatch: widgets on a grid of 24 columns, what they show, and of which metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from lib.evidence.documents import metrics
from lib.evidence.documents.metrics import Asked
from lib.evidence.documents.parts import (
    arn,
    free_text,
    items,
    like,
    number,
    region,
    single,
    table,
    truth,
    unknown,
    wrong,
)
from lib.evidence.template import Block
from lib.evidence.values.literal import Judge, Literal
from lib.evidence.values.rule import Rule, one_of

PAGE = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"
_COLUMNS = 24
_HIGHEST = 1000
_MOST_WIDGETS = 500
_MOST_METRICS = 500
_MOST_ALARMS = 100
_FRACTIONS_OF_MINUTES = (1, 5, 10, 30)
"""Seconds, for metrics of high resolution."""

_TEXT = single(free_text(PAGE))
_TRUTH = single(truth(PAGE))
_REGION = single(region())
_COLOUR = single(like("#[0-9A-Fa-f]{6}", PAGE, "a colour like #1f77b4"))
_ACCOUNT = single(like(r"LOCAL|\d{12}", PAGE, "12 digits"))
_ALARM = single(arn("cloudwatch", "alarm:.+", PAGE))
_DAY_AND_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)"
_ABSOLUTE = single(like(_DAY_AND_TIME, PAGE, "a time like 2018-12-17T06:00:00.000Z"))
_START = single(like(rf"-P(?:T\d+[MH]|\d+[DWM])|{_DAY_AND_TIME}", PAGE, "a time, or a distance like -PT6H"))


def _choice(*words: str) -> Judge:
    return single(one_of(*words, source=PAGE))


_AXIS = table(
    PAGE,
    {"label": _TEXT, "min": single(number(PAGE)), "max": single(number(PAGE)), "showUnits": _TRUTH},
)
_SIDE = _choice("left", "right")
_MOMENT = table(
    PAGE,
    {
        "value": _ABSOLUTE,
        "label": _TEXT,
        "color": _COLOUR,
        "fill": _choice("before", "after", "between", "none"),
        "visible": _TRUTH,
    },
    "value",
)

_TEXT_PROPERTIES = table(PAGE, {"markdown": _TEXT, "background": _choice("transparent", "solid")}, "markdown")
_ALARM_PROPERTIES = table(
    PAGE,
    {
        "alarms": items(PAGE, _ALARM, 1, _MOST_ALARMS),
        "sortBy": _choice("default", "stateUpdatedTimestamp", "timestamp"),
        "states": items(PAGE, _choice("ALARM", "INSUFFICIENT_DATA", "OK")),
        "title": _TEXT,
    },
    "alarms",
)
_LOG_PROPERTIES = table(
    PAGE,
    {
        "accountId": _ACCOUNT,
        "query": single(like(r"(?s)SOURCE\s.+", PAGE, "a query that begins with SOURCE and the log groups")),
        "queryLanguage": _choice("CWLI", "PPL", "SQL"),
        "region": _REGION,
        "stacked": _TRUTH,
        "title": _TEXT,
        "view": _choice("table", "timeSeries", "bar", "pie"),
    },
    "query",
    "region",
)


def dashboard(document: Any, path: str) -> Iterator[Literal]:
    """A dashboard's body."""
    yield from table(
        PAGE,
        {
            "start": _START,
            "end": _ABSOLUTE,
            "periodOverride": _choice("auto", "inherit"),
            "variables": unknown,
            "widgets": items(PAGE, _widget, 0, _MOST_WIDGETS),
        },
        "widgets",
    )(document, path)


def _widget(widget: Any, path: str) -> Iterator[Literal]:
    properties: dict[str, Judge] = {
        "alarm": _ALARM_PROPERTIES,
        "explorer": unknown,
        "log": _LOG_PROPERTIES,
        "metric": _graph,
        "text": _TEXT_PROPERTIES,
    }
    kind, left = (widget.get("type"), widget.get("x")) if isinstance(widget, dict) else (None, None)
    room = _COLUMNS - left if isinstance(left, int) and 0 <= left < _COLUMNS else _COLUMNS
    judge = properties.get(kind, unknown) if isinstance(kind, str) else unknown
    yield from table(
        PAGE,
        {
            "type": _choice(*properties),
            "x": single(number(PAGE, 0, _COLUMNS - 1, whole=True)),
            "y": single(number(PAGE, 0, whole=True)),
            "width": single(number(PAGE, 1, room, whole=True)),
            "height": single(number(PAGE, 1, _HIGHEST, whole=True)),
            "properties": judge,
        },
        "type",
        "properties",
    )(widget, path)


class _Shown(NamedTuple):
    """An item of a graph's `metrics`, with what it takes from the one before it written out."""

    fields: list[Any]
    """Namespace, name of the metric, and names and values of its dimensions; none of an expression."""
    options: Block

    @property
    def asked(self) -> Asked:
        return metrics.known(self.fields[0], self.fields[1], self.fields[2::2]) if len(self.fields) > 1 else None


def _graph(properties: Any, path: str) -> Iterator[Literal]:
    own = properties if isinstance(properties, dict) else {}
    shown = list(_shown(own.get("metrics")))
    asked = [each.asked for each in shown if each.fields]
    without_own = [each.asked for each in shown if each.fields and "stat" not in each.options]
    members: dict[str, Judge] = {
        "accountId": _ACCOUNT,
        "annotations": _annotations([each.asked for each in shown]),
        "end": _ABSOLUTE,
        "labels": table(PAGE, {"visible": _TRUTH}),
        "legend": table(PAGE, {"position": _choice("bottom", "hidden", "right")}),
        "liveData": _TRUTH,
        "metrics": _metrics(shown),
        "period": single(metrics.period(asked, PAGE, _FRACTIONS_OF_MINUTES)),
        "region": _REGION,
        "setPeriodToTimeRange": _TRUTH,
        "singleValueFullPrecision": _TRUTH,
        "sparkline": _TRUTH,
        "stacked": _TRUTH,
        "start": _START,
        "stat": single(metrics.statistic(without_own)),
        "table": unknown,
        "timezone": single(like(r"[+-]\d{4}", PAGE, "an offset like +0130")),
        "title": _TEXT,
        "trend": _TRUTH,
        "view": _choice("bar", "gauge", "pie", "singleValue", "table", "timeSeries"),
        "yAxis": table(PAGE, {"left": _AXIS, "right": _AXIS}),
    }
    yield from table(PAGE, members, "region")(properties, path)
    alarms = own["annotations"].get("alarms") if isinstance(own.get("annotations"), dict) else None
    if not own.get("metrics") and not alarms:
        yield wrong(f"{path}.metrics", None, "metrics, or an alarm among the annotations", PAGE)


def _annotations(asked: Sequence[Asked]) -> Judge:
    line = table(
        PAGE,
        {
            "value": single(metrics.threshold(asked)),
            "label": _TEXT,
            "color": _COLOUR,
            "fill": _choice("above", "below", "between", "none"),
            "visible": _TRUTH,
            "yAxis": _SIDE,
        },
        "value",
    )
    return table(
        PAGE,
        {
            "alarms": items(PAGE, _ALARM, 1, 1),
            "horizontal": items(PAGE, _one_or_band(line)),
            "vertical": items(PAGE, _one_or_band(_MOMENT)),
        },
    )


def _one_or_band(line: Judge) -> Judge:
    """A line, or two in a list, between which it is shaded."""
    band = items(PAGE, line, 2, 2)

    def judge(document: Any, path: str) -> Iterator[Literal]:
        yield from (band if isinstance(document, list) else line)(document, path)

    return judge


def _shown(found: Any) -> Iterator[_Shown]:
    before: list[Any] = []
    for each in found if isinstance(found, list) else []:
        fields = list(each) if isinstance(each, list) else []
        options = fields.pop() if fields and isinstance(fields[-1], dict) else {}
        fields = _written_out(fields, before)
        before = fields or before
        yield _Shown(fields, options)


def _written_out(fields: list[Any], before: list[Any]) -> list[Any]:
    """What `.` (the same as there in the item before) and `...` (all the same up to what follows) stand for."""
    if "..." in fields:
        start = fields.index("...")
        after = fields[start + 1 :]
        fields = [*fields[:start], *before[start : len(before) - len(after)], *after]
    return [before[place] if each == "." and place < len(before) else each for place, each in enumerate(fields)]


def _metrics(shown: Sequence[_Shown]) -> Judge:
    def judge(document: Any, path: str) -> Iterator[Literal]:
        yield from items(PAGE, lambda *_: iter(()), 0, _MOST_METRICS)(document, path)
        ids = [each.options.get("id") for each in shown]
        for written, of in zip(document if isinstance(document, list) else [], shown, strict=False):
            yield from _metric(written, of, ids, path)

    return judge


def _metric(written: Any, of: _Shown, ids: Sequence[Any], path: str) -> Iterator[Literal]:
    if not isinstance(written, list):
        yield wrong(path, written, "a list of namespace, metric, dimensions and options", PAGE)
        return
    if len(of.fields) % 2:
        yield wrong(path, written, "a namespace and the name of a metric, and a value for each dimension", PAGE)
    yield from _fields([each for each in written if not isinstance(each, dict)], of, path)
    if of.options or not of.fields:
        yield from _options(of, ids, path)


def _fields(written: list[Any], of: _Shown, path: str) -> Iterator[Literal]:
    skipped = len(of.fields) - len(written)
    rules = [_rule(place, of.fields) for place in range(len(of.fields))]
    repeats = Rule("documents", "after a metric that it can repeat", PAGE, lambda _: skipped >= 0)
    place = 0
    for each in written:
        if each == "...":
            yield Literal(path, each, (repeats,))
            place += skipped + 1
        elif place < len(rules):
            rule = rules[place]
            yield from single(rule if each != "." else _same(rule, of.fields[place]))(each, path)
            place += 1
        else:
            yield wrong(path, each, "what a metric before it has to be repeated", PAGE)


def _same(rule: Rule, value: Any) -> Rule:
    return Rule(rule.check, rule.allowed, rule.source, lambda written: written == "." and rule.accepts(value))


def _rule(place: int, fields: list[Any]) -> Rule:
    if place == 0:
        return metrics.namespace()
    if place == 1:
        return metrics.metric_name(fields[0], fields[2::2])
    return metrics.dimension_name(fields[0]) if place % 2 == 0 else metrics.dimension_value(fields[place - 1])


def _options(of: _Shown, ids: Sequence[Any], path: str) -> Iterator[Literal]:
    asked = [of.asked] if of.fields else []
    own = of.options.get("id")
    alone = Rule("documents", "an id of its own", PAGE, lambda value: list(ids).count(value) <= 1)
    others = [each for each in ids if each and each != own]
    members: dict[str, Judge] = {
        "accountId": _ACCOUNT,
        "color": _COLOUR,
        "id": single(metrics.metric_id(), alone),
        "label": _TEXT,
        "period": single(metrics.period(asked, PAGE, _FRACTIONS_OF_MINUTES)),
        "region": _REGION,
        "stat": single(metrics.statistic(asked)),
        "visible": _TRUTH,
        "yAxis": _SIDE,
    }
    if of.fields:
        yield from table(PAGE, members)(of.options, path)
    else:
        members["expression"] = single(metrics.expression(others))
        yield from table(PAGE, members, "expression")(of.options, path)
