"""`make logs`: what services, fleets, functions and the parts in front of them write, in the order of time."""

from __future__ import annotations

import heapq
import json as json_texts
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from lib.operations.aws import Refused
from lib.operations.deployment import Deployment
from lib.operations.ending import FOUND, OK, UNUSABLE, Stop
from lib.operations.opening import OutputsFile, opened
from lib.operations.times import ago, duration

POLL_SECONDS = 3.0
"""FilterLogEvents is answered five to ten times a second in an account and region, to everybody together.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""
_LATE = timedelta(seconds=30)
"""Events come late and out of order, from several tasks at a time: this much is asked for again."""
TARGETS = ("service_log_group_names", "fleet_log_group_names", "function_log_group_names")
"""Outputs that name log groups by what writes to them."""
PARTS = {
    "waf": "web_acl_log_group_name",
    "http-api": "http_api_log_group_name",
    "rotation": "rotation_log_group_name",
}
"""Name -> the output with its log group."""
_DATABASE = "database"
_SHORT_ID = 8
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

Event = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What is wanted of log groups."""

    pattern: str
    """CloudWatch's own: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"""
    tasks: tuple[str, ...]
    """Beginnings of the ids of tasks or instances; none: all."""

    def holds(self, stream: str) -> bool:
        return not self.tasks or any(part.startswith(self.tasks) for part in stream.split("/"))


def logs(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME…", help="Services, fleets, functions, waf, http-api, rotation, database."),
    ] = None,
    *,
    since: Annotated[str, typer.Option(metavar="TIME", help="How far back: 90s, 30m, 1h, 2d, 1w.")] = "1h",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    pattern: Annotated[
        str,
        typer.Option("--filter", metavar="PATTERN", help="Only these, in CloudWatch's syntax: ERROR."),
    ] = "",
    tasks: Annotated[
        list[str] | None, typer.Option("--tasks", metavar="ID", help="Only these tasks or instances; repeatable.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="An event a line as JSON, for programs.")] = False,
    outputs: OutputsFile = None,
) -> int:
    """What a service, fleet, function, … wrote: in the order of time, each line with time and stream.

    Exit code: 0, also when nothing was written, which is said; 1 when a log group is gone, 2 for arguments that cannot
    be used, 3 when AWS cannot be reached or denies it. Ctrl-C is how --follow ends: the code is 0.
    """
    back = duration(since, "--since")
    stack = opened(outputs)
    groups = chosen(stack, names or [])
    asked = Asked(pattern, tuple(tasks or ()))
    return told(stack, groups, asked, back, follow=follow, as_json=json)


def known(stack: Deployment) -> dict[str, str]:
    """Name -> its log group, of all that writes."""
    groups: dict[str, str] = {}
    for output in TARGETS:
        groups |= stack.all(output)
    parts = {name: stack[output] for name, output in PARTS.items() if output in stack}
    if "database_identifier" in stack:
        kind = "cluster" if stack.has_aurora else "instance"
        parts[_DATABASE] = f"/aws/rds/{kind}/{stack['database_identifier']}/postgresql"
    # What people have named themselves is what they mean.
    return groups | {name: group for name, group in parts.items() if name not in groups}


def chosen(stack: Deployment, names: Sequence[str]) -> dict[str, str]:
    """The log groups that are meant. Raises Stop that names every unknown one, and all there are."""
    groups = known(stack)
    if not groups:
        raise Stop("nothing in the stack writes a log", UNUSABLE)
    if unknown := [name for name in names if name not in groups]:
        raise Stop(f"nothing is called {', '.join(unknown)}: there are {', '.join(groups)}", UNUSABLE)
    return {name: groups[name] for name in names or list(groups)[:1]}


def told(
    stack: Deployment, groups: dict[str, str], asked: Asked, back: timedelta, *, follow: bool, as_json: bool
) -> int:
    """Prints them. The exit code."""
    start = datetime.now(UTC) - back
    count = 0
    events = _followed(stack, groups, asked, start) if follow else _merged(stack, groups, asked, start)
    try:
        for event in events:
            print(_as_json(event) if as_json else _as_text(event), flush=True)
            count += 1
    except BrokenPipeError:
        # Who reads has read enough: `make logs | head`.
        return OK
    except KeyboardInterrupt:
        if not follow:
            raise
        return OK
    if not count:
        for group in groups.values():
            print(_silence(stack, group, asked, back), file=sys.stderr)
    return OK


def _followed(stack: Deployment, groups: dict[str, str], asked: Asked, start: datetime) -> Iterator[Event]:
    """Without an end."""
    seen: dict[str, int] = {}
    newest = _milliseconds(start)
    while True:
        since = max(_milliseconds(start), newest - int(_LATE.total_seconds() * 1000))
        # What is older than all that will be asked for again is not going to come again.
        seen = {id: at for id, at in seen.items() if at >= since}
        for event in _merged(stack, groups, asked, datetime.fromtimestamp(since / 1000, UTC)):
            if event["eventId"] not in seen:
                seen[event["eventId"]] = event["timestamp"]
                newest = max(newest, event["timestamp"])
                yield event
        time.sleep(POLL_SECONDS)


def _merged(stack: Deployment, groups: dict[str, str], asked: Asked, start: datetime) -> Iterator[Event]:
    """Of all groups, the oldest first."""
    of_groups = [_events(stack, group, asked, start) for group in groups.values()]
    return heapq.merge(*of_groups, key=lambda event: event["timestamp"])


def _events(stack: Deployment, group: str, asked: Asked, start: datetime) -> Iterator[Event]:
    """Page by page: who reads on gets on. An empty page is not the last one, and no page is older than the one before.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
    """
    wanted: dict[str, Any] = {"logGroupName": group, "startTime": _milliseconds(start)}
    if asked.pattern:
        wanted["filterPattern"] = asked.pattern
    while True:
        page = _page(stack, wanted)
        for event in sorted(page["events"], key=lambda event: event["timestamp"]):
            if asked.holds(event["logStreamName"]):
                yield {**event, "group": group}
        if not page.get("nextToken"):
            return
        wanted["nextToken"] = page["nextToken"]


def _page(stack: Deployment, wanted: dict[str, Any]) -> Event:
    try:
        return stack.aws.call("logs", "filter_log_events", **wanted)
    except Refused as error:
        raise _explained(error, wanted) from None


def _explained(error: Refused, wanted: dict[str, Any]) -> Exception:
    if error.code == "ResourceNotFoundException":
        return Stop(f"there is no log group {wanted['logGroupName']}, which the outputs name", FOUND)
    if error.code == "InvalidParameterException" and "filterPattern" in wanted:
        return Stop(f"--filter {wanted['filterPattern']}: {error}", UNUSABLE)
    return error


def _silence(stack: Deployment, group: str, asked: Asked, back: timedelta) -> str:
    """Why there is nothing to read: nobody wrote, or nobody has ever written."""
    newest = stack.aws.call(
        "logs", "describe_log_streams", logGroupName=group, orderBy="LastEventTime", descending=True, limit=1
    )["logStreams"]
    now = datetime.now(UTC)
    last = next((each["lastEventTimestamp"] for each in newest if each.get("lastEventTimestamp")), None)
    if last is None:
        return f"{group} is there, and nothing has ever been written to it"
    at = datetime.fromtimestamp(last / 1000, UTC)
    only = " that is asked for" if asked.pattern or asked.tasks else ""
    return f"{group}: nothing{only} within {ago(now, now - back)}; its last event is {ago(now, at)} old"


def _as_text(event: Event) -> str:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    message = _UNPRINTABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", event["message"].rstrip())
    return f"{stamp} {_short(event['logStreamName'])} {message}"


def _as_json(event: Event) -> str:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return json_texts.dumps(
        {
            "time": at.isoformat(timespec="milliseconds"),
            "group": event["group"],
            "stream": event["logStreamName"],
            "message": event["message"],
        }
    )


def _short(stream: str) -> str:
    """`api/0123abcd` of `api/api/0123abcd4567…`; others as they are."""
    prefix, _, id = stream.rpartition("/")
    name = prefix.partition("/")[0]
    return f"{name}/{id[:_SHORT_ID]}" if prefix == f"{name}/{name}" else stream


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
