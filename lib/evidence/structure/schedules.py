"""Schedules: every cron, rate and at expression is one that its service reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from lib.evidence.reading import is_known, texts
from lib.evidence.template import Template

_EVENTS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html"
_SCHEDULER = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"
_SCALING = "https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html"
_BACKUP = "https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html"
_ROTATION = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html"
_GROUPS = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html"

FORMS = {
    ("aws_cloudwatch_event_rule", "schedule_expression"): (("cron", "rate"), _EVENTS),
    ("aws_scheduler_schedule", "schedule_expression"): (("cron", "rate", "at"), _SCHEDULER),
    ("aws_appautoscaling_scheduled_action", "schedule"): (("cron", "rate", "at"), _SCALING),
    ("aws_backup_plan", "rule.schedule"): (("cron",), _BACKUP),
    ("aws_secretsmanager_secret_rotation", "rotation_rules.schedule_expression"): (("cron", "rate"), _ROTATION),
    ("aws_autoscaling_schedule", "recurrence"): (("unix cron",), _GROUPS),
}
"""Kind and argument -> which forms it may have, and where AWS says so."""

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_UNITS = ("minute", "hour", "day")


class Field(NamedTuple):
    """What a place in a cron expression takes: numbers, names that stand for the first of them on, and forms of its
    own."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()
    forms: str = ""


_MINUTE, _HOUR, _MONTH = Field("minutes", 0, 59), Field("hours", 0, 23), Field("month", 1, 12, _MONTHS)
FIELDS = (
    _MINUTE,
    _HOUR,
    Field("day of the month", 1, 31, forms=r"\?|L(-\d+)?|LW|\d+W"),
    _MONTH,
    Field("day of the week", 1, 7, _DAYS, forms=r"\?|L|(\d|[A-Z]{3})(L|#[1-5])"),
    Field("year", 1970, 2199),
)
UNIX_FIELDS = (_MINUTE, _HOUR, Field("day of the month", 1, 31), _MONTH, Field("day of the week", 0, 7, _DAYS))


def schedules_are_read(template: Template) -> list[str]:
    """Cron expressions have the fields of their service, each within its range, with one of the two days left open;
    rates are a number and a unit, one of it in the singular."""
    found = []
    for (kind, path), (forms, page) in FORMS.items():
        for name, block in template.named(kind).items():
            for value in texts(block, path):
                if is_known(value):
                    found += [f"{kind}.{name}: {path} {value!r} {each}, see {page}" for each in wrong(value, forms)]
    return found


def wrong(value: str, forms: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with an expression that has to be of one of these forms."""
    if forms == ("unix cron",):
        yield from _wrong_fields(value.split(), UNIX_FIELDS)
        return
    parts = re.fullmatch(r"(cron|rate|at)\((.*)\)", value)
    if parts is None or parts[1] not in forms:
        yield f"is not {' or '.join(f'{form}(…)' for form in forms)}"
    elif parts[1] == "cron":
        yield from _wrong_cron(parts[2].split())
    elif parts[1] == "rate":
        yield from _wrong_rate(parts[2])
    else:
        yield from _wrong_time(parts[2])


def _wrong_cron(fields: list[str]) -> Iterator[str]:
    yield from _wrong_fields(fields, FIELDS)
    if len(fields) == len(FIELDS) and (fields[2] == "?") == (fields[4] == "?"):
        yield "leaves not exactly one of day of the month and day of the week open, by ?"


def _wrong_fields(said: list[str], fields: tuple[Field, ...]) -> Iterator[str]:
    if len(said) != len(fields):
        yield f"has {len(said)} fields, and {len(fields)} are read"
        return
    for value, field in zip(said, fields, strict=True):
        if not all(_is_within(each, field) for each in value.upper().split(",")):
            yield f"has {value} for {field.name}, which takes {field.least} to {field.most}"


def _is_within(value: str, field: Field) -> bool:
    if field.forms and re.fullmatch(field.forms, value):
        return True
    span, slash, step = value.partition("/")
    if slash and not re.fullmatch(r"[1-9]\d{0,3}", step):
        return False
    numbers = [_number(each, field) for each in span.split("-")]
    return span == "*" or (len(numbers) <= 2 and all(field.least <= each <= field.most for each in numbers))


def _number(value: str, field: Field) -> int:
    """-1 for what is none."""
    if value in field.names:
        return field.names.index(value) + field.least
    return int(value) if re.fullmatch(r"\d{1,4}", value) else -1


def _wrong_rate(said: str) -> Iterator[str]:
    parts = re.fullmatch(rf"([1-9]\d*) ({'|'.join(_UNITS)})(s?)", said)
    if parts is None:
        yield "is not a number above 0 and minutes, hours or days"
    elif (parts[1] == "1") == bool(parts[3]):
        yield f"says {parts[1]} {parts[2]}{parts[3]}: 1 is followed by a singular, more by a plural"


def _wrong_time(said: str) -> Iterator[str]:
    try:
        datetime.strptime(said, "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        yield "is not a time like 2030-01-31T04:00:00"
