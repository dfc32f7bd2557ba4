"""A report as tables, for a terminal or for a page in Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from lib.capacity.assumptions import Assumptions
from lib.capacity.bounds import Bound
from lib.capacity.limits import Limit, Quota
from lib.capacity.load import NO_LIMIT
from lib.capacity.report import Report

Row = Sequence[str]
_HUNDRED = 100
_MINUTE = 60


def plain(header: Row, rows: Iterable[Row]) -> str:
    """Columns of a terminal; those of numbers to the right."""
    lines = [header, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(header))]
    right = [all(_is_number(line[index]) for line in lines[1:]) for index in range(len(header))]
    return "".join(
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        + "\n"
        for line in lines
    )


def markdown(header: Row, rows: Iterable[Row]) -> str:
    rule = ["---"] * len(header)
    return "".join(f"| {' | '.join(line)} |\n" for line in (header, rule, *rows))


def number(value: float) -> str:
    if math.isinf(value):
        return "endless"
    if value >= _HUNDRED or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def users(count: float) -> str:
    return "no limit" if count >= NO_LIMIT else number(count)


def duration(seconds: float) -> str:
    if seconds == 0:
        return "none"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return " ".join([*([f"{minutes} min"] if minutes else []), *([f"{rest} s"] if rest else [])])


SUMMARY = ("blueprint", "environment", "carries", "with a zone lost", "at once", "enough")


def summary(reports: Iterable[Report]) -> list[Row]:
    """How many users each carries, and what binds first."""
    return [
        (
            report.blueprint,
            report.settings.suffix,
            _carried(report.first.users, report.first),
            _carried(report.first_zone_lost.users_zone_lost, report.first_zone_lost),
            _carried(report.first_at_once.users_at_once, report.first_at_once),
            _verdict(report),
        )
        for report in reports
    ]


BOUNDS = ("unit", "of", "there is", "needed", "carries", "with a zone lost", "at once", "more by")


def bounds(report: Report) -> list[Row]:
    return [
        (
            bound.unit,
            bound.measure,
            number(bound.there_is),
            number(bound.needed),
            users(bound.users),
            users(bound.users_zone_lost),
            users(bound.users_at_once),
            bound.setting,
        )
        for bound in report.bounds
    ]


FITS = ("figure", "is", "asked", "holds", "setting")


def fits(report: Report) -> list[Row]:
    return [
        (fit.what, number(fit.there_is), number(fit.asked), "yes" if fit.holds else "no", fit.setting)
        for fit in report.fits
    ]


GROWTH = ("unit", "of", "always", "for these users", "time", "how")


def growth(report: Report) -> list[Row]:
    return [
        (each.unit, each.measure, number(each.start), number(each.end), duration(each.seconds), each.how)
        for each in report.growth
    ]


QUOTAS = ("quota", "code", "needed", "fresh account", "carries", "enough")


def quotas(report: Report) -> list[Row]:
    return [
        (
            use.quota.meaning,
            use.quota.code,
            number(use.needed),
            number(use.quota.value),
            users(use.users),
            "yes" if use.fits else "ask for more",
        )
        for use in report.uses
    ]


ASSUMPTIONS = ("assumption", "value", "meaning")


def assumptions(values: Assumptions) -> list[Row]:
    return [(name, number(value), meaning) for name, value, meaning in values.rows()]


LIMITS = ("limit", "value", "quota", "page")


def limits(values: Iterable[Limit]) -> list[Row]:
    return [
        (limit.meaning, number(limit.value), limit.code if isinstance(limit, Quota) else "", limit.page)
        for limit in values
    ]


def question(values: Assumptions) -> str:
    """What the users in question come to."""
    average = values.concurrent_users / values.seconds_between_requests
    peak = values.concurrent_users * values.peak_rate_per_user
    count = number(values.concurrent_users)
    return f"{count} concurrent users: {number(average)} requests a second, {number(peak)} in the busiest minutes"


def _carried(count: int, bound: Bound) -> str:
    return f"{users(count)}: {bound.unit}, {bound.measure}"


def _verdict(report: Report) -> str:
    if not report.is_enough:
        return "no"
    if not report.is_enough_zone_lost:
        return "not with a zone lost"
    return "yes" if all(fit.holds for fit in report.fits) else "yes, but see the figures"


def _is_number(text: str) -> bool:
    return text in ("endless", "no limit") or text.replace(",", "").replace(".", "").isdigit()
