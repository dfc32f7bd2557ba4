"""One look at all parts, side by side. A part that cannot be asked says why, and hides no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from lib.operations.aws import POOL_SIZE, Refused
from lib.operations.deployment import Deployment
from lib.operations.status import compute, edge, stores, watching
from lib.operations.status.parts import Line, Part, Severity, Trouble
from lib.operations.verify.run import unreadable
from lib.operations.verify.words import Gone

_TOPICS = ("alarm_topic_arn", "edge_alarm_topic_arn")
PARTS: tuple[Part, ...] = (
    Part("services", "Services", "service {}", ("service_names",), compute.service),
    Part("fleets", "Fleets", "fleet {}", ("autoscaling_group_names",), compute.fleet),
    Part("targets", "Targets", "targets of {}", ("target_group_arns", "fleet_target_group_arns"), compute.target),
    Part("functions", "Functions", "function {}", ("function_names",), compute.function),
    Part("database", "Database", "database", ("database_arn",), stores.database),
    Part("cache", "Cache", "cache", ("cache_arn",), stores.cache),
    Part("http_api", "HTTP API", "HTTP API", ("http_api_id",), edge.http_api),
    Part("cdn", "CDN", "CDN", ("cdn_distribution_id",), edge.cdn),
    Part("alarms", "Alarms", "alarms", ("alarm_names",), watching.alarms),
    Part(
        "subscriptions",
        "Subscriptions",
        "subscriptions",
        ("alarm_topic_arn", "edge_alarm_topic_arn"),
        watching.subscriptions,
    ),
    Part("deployment", "Last deployment", "last deployment", ("load_balancer_arn",), watching.deployment),
)


@dataclass(frozen=True)
class Seen:
    """What came of looking at one member of a part."""

    part: Part
    subject: str
    line: Line
    is_denied: bool = False
    """Whether nothing at all could be asked, for want of a permission."""

    @property
    def label(self) -> str:
        """Its name, where there may be several: what is an output by itself has none."""
        return "" if self.subject in self.part.outputs else self.subject

    @property
    def called(self) -> str:
        return self.part.called.format(self.label)


def look(
    stack: Deployment, now: datetime, parts: Sequence[Part] = PARTS, after: Callable[[Seen], object] = lambda _: None
) -> list[Seen]:
    """In the order of the parts. after: is told of each member as it is seen."""

    def see(part: Part, subject: str) -> Seen:
        seen = _seen(stack, now, part, subject)
        after(seen)
        return seen

    pool = ThreadPoolExecutor(POOL_SIZE)
    try:
        futures = [pool.submit(see, part, subject) for part in parts for subject in part.subjects(stack)]
        return [future.result() for future in futures]
    finally:
        # Whoever interrupts does not wait for answers that nobody reads.
        pool.shutdown(wait=False, cancel_futures=True)


def _seen(stack: Deployment, now: datetime, part: Part, subject: str) -> Seen:
    try:
        line = part.read(stack, now, subject)
        unknown = tuple(Trouble(Severity.UNKNOWN, str(refusal)) for refusal in line.missed)
        return Seen(part, subject, replace(line, troubles=(*line.troubles, *unknown)))
    except Gone as gone:
        return Seen(part, subject, Line(("gone",), troubles=(Trouble(Severity.DOWN, str(gone)),)))
    except Refused as refusal:
        line = replace(_not_asked(str(refusal)), missed=(refusal,))
        return Seen(part, subject, line, is_denied=refusal.is_denial)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return Seen(part, subject, _not_asked(unreadable(error)))


def _not_asked(reason: str) -> Line:
    return Line(("not known",), troubles=(Trouble(Severity.UNKNOWN, reason),))


def troubles(seen: Sequence[Seen]) -> list[tuple[Seen, Trouble]]:
    """All of them, the worst first, and then as the parts come."""
    found = [(each, trouble) for each in seen for trouble in each.line.troubles]
    return sorted(found, key=lambda pair: pair[1].severity)


def is_well(seen: Sequence[Seen]) -> bool:
    return all(trouble.severity is Severity.NOTE for _, trouble in troubles(seen))
