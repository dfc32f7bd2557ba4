"""After an apply: whether ECS runs what was deployed, or went back to something else, and why.

A service is watched until its primary deployment is complete, for as long as something moves. Where ECS gave up, the
reasons of the tasks that stopped and the last lines of their logs say what was wrong with the new version.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lib.operations.aws import Aws, Block, Refused
from lib.operations.deployment import Deployment
from lib.operations.terraform import Object

SECONDS_BETWEEN = 10
LONGEST_STANDSTILL = 600
"""Seconds in which nothing about a service moves. A task that does not become healthy is replaced well before."""
LONGEST = 1800
"""Seconds in all. ECS gives up by itself long before, but for services of many tasks."""

_AT_A_TIME = 10
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""
_TASKS_SHOWN = 3
_EVENTS_SHOWN = 5
_LINES_SHOWN = 10
_STREAM = "awslogs-stream-prefix"
_GROUP = "awslogs-group"


@dataclass(frozen=True)
class Rolled:
    """A service, and what was deployed to it."""

    label: str
    """As the outputs call it."""
    cluster: str
    name: str
    definition: str
    """The task definition's ARN."""


Told = Callable[[str], object]
"""Is told a line whenever a service has moved."""


def of_outputs(stack: Deployment) -> list[Rolled]:
    """The services of a deployment."""
    return [
        Rolled(label, stack["cluster_name"], name, stack["task_definition_arns"][label])
        for label, name in stack.all("service_names").items()
    ]


def of_state(objects: Sequence[Object], addresses: Sequence[str]) -> list[Rolled]:
    """Services at addresses of the state, where no outputs tell of them: with the newest definition of their family."""
    newest = {
        each.attributes["family"]: each.attributes["arn"] for each in objects if each.type == "aws_ecs_task_definition"
    }
    found = [each.attributes for each in objects if each.type == "aws_ecs_service" and each.address in addresses]
    return [
        Rolled(each["name"], each["cluster"], each["name"], newest[family])
        for each in found
        if (family := _revision(each["task_definition"]).partition(":")[0]) in newest
    ]


def failures(
    aws: Aws,
    services: Sequence[Rolled],
    told: Told,
    *,
    emulated: bool,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> list[str]:
    """What went wrong, in lines; nothing where each service runs what was deployed. Waits for those that still move,
    but not where AWS is emulated: there no task ever runs. Raises Refused."""
    if emulated:
        found = _described(aws, services)
        return [line for service in services for line in _verdict_of_definition(aws, service, found[service])]
    return _Watch(aws, services, told, clock, sleep).failures()


class _Watch:
    """Services on their way, and when each of them last moved."""

    def __init__(
        self,
        aws: Aws,
        services: Sequence[Rolled],
        told: Told,
        clock: Callable[[], float],
        sleep: Callable[[float], object],
    ) -> None:
        self._aws = aws
        self._told = told
        self._clock = clock
        self._sleep = sleep
        self._waiting = list(services)
        self._start = clock()
        self._moved = dict.fromkeys(services, self._start)
        self._seen: dict[Rolled, str] = {}

    def failures(self) -> list[str]:
        said: list[str] = []
        while self._waiting:
            found = _described(self._aws, self._waiting)
            for service in list(self._waiting):
                verdict = self._verdict(service, found[service])
                if verdict is not None:
                    said += verdict
                    self._waiting.remove(service)
            if self._waiting:
                self._sleep(SECONDS_BETWEEN)
        return said

    def _verdict(self, service: Rolled, found: Block) -> list[str] | None:
        """Lines of what is wrong, none where all is well; None as long as it is not decided."""
        if wrong := _verdict_of_definition(self._aws, service, found):
            return wrong
        primary = _primary(found)
        state = primary.get("rolloutState")
        if state == "COMPLETED":
            self._told(f"{service.label}: runs what was deployed")
            return []
        if state == "FAILED":
            return _explained(self._aws, service, found, f"{service.label}: the deployment failed")
        self._look(service, primary)
        now = self._clock()
        if now - self._moved[service] >= LONGEST_STANDSTILL or now - self._start >= LONGEST:
            minutes = (now - self._start) / 60
            return _explained(
                self._aws,
                service,
                found,
                f"{service.label}: not deployed after {minutes:.0f} min, and not given up by ECS: {_counts(primary)}",
            )
        return None

    def _look(self, service: Rolled, primary: Block) -> None:
        counts = _counts(primary)
        if self._seen.get(service) != counts:
            self._seen[service] = counts
            self._moved[service] = self._clock()
            self._told(f"{service.label}: {counts}")


def explained(aws: Aws, services: Sequence[Rolled]) -> list[str]:
    """What ECS and the logs say of services that are known not to be as they should."""
    found = _described(aws, services)
    return [line for each in services for line in _explained(aws, each, found[each], f"{each.label}:")]


def _described(aws: Aws, services: Sequence[Rolled]) -> dict[Rolled, Block]:
    """As ECS describes them; nothing of one that is not there."""
    found: dict[Rolled, Block] = {}
    for first in range(0, len(services), _AT_A_TIME):
        some = services[first : first + _AT_A_TIME]
        answer = aws.call(
            "ecs", "describe_services", cluster=some[0].cluster, services=[service.name for service in some]
        )
        by_name = {each["serviceName"]: each for each in answer["services"]}
        found |= {service: by_name.get(service.name, {}) for service in some}
    return found


def _verdict_of_definition(aws: Aws, service: Rolled, found: Block) -> list[str]:
    """What is wrong at first sight: it is gone, or on another task definition."""
    if found.get("status") != "ACTIVE":
        return [f"{service.label}: there is no service {service.name}; it is {found.get('status', 'gone')}"]
    running = str(_primary(found).get("taskDefinition", found.get("taskDefinition", "")))
    if running == service.definition:
        return []
    return _explained(
        aws,
        service,
        found,
        f"{service.label}: the deployment failed: ECS runs {_revision(running)}, not {_revision(service.definition)} "
        "that was deployed",
    )


def _primary(found: Block) -> Block:
    return next((dict(each) for each in found.get("deployments", []) if each["status"] == "PRIMARY"), {})


def _counts(primary: Block) -> str:
    """What moves while it is under way."""
    numbers = [primary.get(name, 0) for name in ("runningCount", "desiredCount", "pendingCount", "failedTasks")]
    running, desired, pending, failed = numbers
    more = [f", {count} {what}" for count, what in ((pending, "about to run"), (failed, "failed")) if count]
    return f"{running} of {desired} tasks run{''.join(more)}"


def _explained(aws: Aws, service: Rolled, found: Block, verdict: str) -> list[str]:
    """The verdict, and what ECS and the tasks say of it. What AWS does not tell is said, and the rest told."""
    lines = [verdict]
    lines += [
        f"  ECS: {each['rolloutStateReason']}"
        for each in found.get("deployments", [])
        if each.get("rolloutStateReason") and each.get("rolloutState") != "COMPLETED"
    ]
    try:
        lines += _of_tasks(aws, service)
    except Refused as error:
        lines.append(f"  why tasks stopped cannot be told: {error}")
    for event in found.get("events", [])[:_EVENTS_SHOWN]:
        lines.append(f"  event: {event['message']}")
    return lines


def _of_tasks(aws: Aws, service: Rolled) -> Iterator[str]:
    """Of the last tasks of the definition that stopped: ECS remembers them for an hour."""
    arns = aws.call("ecs", "list_tasks", cluster=service.cluster, serviceName=service.name, desiredStatus="STOPPED")[
        "taskArns"
    ]
    # As many as a page holds, and as can be described at a time.
    tasks = aws.call("ecs", "describe_tasks", cluster=service.cluster, tasks=arns)["tasks"] if arns else []
    of_definition = [task for task in tasks if task["taskDefinitionArn"] == service.definition]
    last = sorted(of_definition, key=lambda task: task.get("stoppedAt", _LONG_AGO), reverse=True)
    containers = _containers(aws, service) if last else []
    for task in last[:_TASKS_SHOWN]:
        id = task["taskArn"].rpartition("/")[2]
        yield f"  task {id} stopped: {task.get('stoppedReason', 'ECS does not say why')}"
        for container in task.get("containers", []):
            if container.get("reason") or container.get("exitCode"):
                code = f"exit code {container['exitCode']}" if "exitCode" in container else ""
                yield f"    {container['name']}: {', '.join(filter(None, (code, container.get('reason'))))}"
        for container in containers:
            yield from _last_lines(aws, container, id)


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _containers(aws: Aws, service: Rolled) -> list[Block]:
    answer = aws.call("ecs", "describe_task_definition", taskDefinition=service.definition)
    return list(answer["taskDefinition"]["containerDefinitions"])


def _last_lines(aws: Aws, container: Block, task: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html says what streams are called:
    prefix/container/task."""
    options = container.get("logConfiguration", {}).get("options", {})
    if _GROUP not in options or _STREAM not in options:
        return
    stream = f"{options[_STREAM]}/{container['name']}/{task}"
    try:
        events = aws.call(
            "logs",
            "get_log_events",
            logGroupName=options[_GROUP],
            logStreamName=stream,
            limit=_LINES_SHOWN,
            startFromHead=False,
        )["events"]
    except Refused as error:
        # A container that never ran has no stream.
        if error.code != "ResourceNotFoundException":
            yield f"    the log of {container['name']} cannot be told: {error}"
        return
    for event in events:
        yield f"    {container['name']} | {event['message'].rstrip()}"


def _revision(arn: str) -> str:
    return arn.rpartition("/")[2] or "nothing"
