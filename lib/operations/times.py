"""Times as people say them: how long ago, and `30m`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from lib.operations.ending import UNUSABLE, Stop

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"([0-9]{1,6})([smhdw])")
_STEPS = (("d", 86_400), ("h", 3_600), ("min", 60))


def duration(text: str, option: str) -> timedelta:
    """`90s`, `30m`, `1h`, `2d`, `1w`. Raises Stop that names the option."""
    match = _DURATION.fullmatch(text)
    if not match or not int(match[1]):
        raise Stop(f"{option} {text}: a number of at least 1 with s, m, h, d or w behind it, such as 30m", UNUSABLE)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def ago(now: datetime, then: datetime) -> str:
    """`3 h`: the largest unit that holds it, no parts of it. Also of what is still to come."""
    seconds = abs(int((now - then).total_seconds()))
    for unit, size in _STEPS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def moment(then: datetime) -> str:
    """To the minute, in UTC: `2026-11-24 17:30 UTC`."""
    return f"{then.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def as_time(value: object) -> datetime | None:
    """A time of an answer: botocore reads most, and Lambda gives a text. None for anything else."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC) if isinstance(value, str) else None
    except ValueError:
        return None
