"""Rules of EventBridge: patterns by their grammar and by what events hold, and what targets are told of an event."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import regex
from botocore.loaders import Loader

from lib.evidence.documents.parts import like, number, single, tables, truth, unknown, where, wrong
from lib.evidence.template import Block
from lib.evidence.values.literal import Literal
from lib.evidence.values.references import filled
from lib.evidence.values.rule import Rule, one_of

GRAMMAR = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html"
ENVELOPE = "https://docs.aws.amazon.com/eventbridge/latest/ref/events-structure.html"
TRANSFORMER = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html"


@dataclass(frozen=True)
class Field:
    """What a field of an event may say: one of these words, a text like that, or a number."""

    source: str
    words: tuple[str, ...] = ()
    pattern: str = ""
    is_number: bool = False

    @property
    def allowed(self) -> str:
        if self.is_number:
            return "a number"
        return f"one of {', '.join(self.words)}" if self.words else f"a text like {self.pattern}"

    def takes(self, operator: str, text: str, *, ignoring_case: bool = False) -> bool:
        """Whether some value of the field is found by an operator of the grammar."""
        if self.words:
            return any(
                _FINDS[operator](_plain(word, ignoring_case), _plain(text, ignoring_case)) for word in self.words
            )
        if operator in ("suffix", "wildcard"):
            # The beginning is open, so that hardly anything can be excluded.
            return bool(text)
        flags = regex.IGNORECASE if ignoring_case or operator == "equals-ignore-case" else 0
        return regex.fullmatch(self.pattern, text, flags, partial=operator == "prefix") is not None


def _plain(text: str, ignoring_case: bool) -> str:
    return text.casefold() if ignoring_case else text


def _fits_wildcard(word: str, pattern: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), word, re.DOTALL) is not None


_FINDS: Mapping[str, Callable[[str, str], bool]] = {
    "equals": lambda word, text: word == text,
    "prefix": lambda word, text: word.startswith(text),
    "suffix": lambda word, text: word.endswith(text),
    "equals-ignore-case": lambda word, text: word.casefold() == text.casefold(),
    "wildcard": _fits_wildcard,
}

Fields = Mapping[str, "Field | Fields | None"]
"""Name -> what the field holds: a value, further fields, or what nothing is known of."""

_ARN = r"arn:aws[a-z-]*"
_ACCOUNT = r"\d{12}"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
_PRINTED = r"[ -~]+"
_BY_CLOUDTRAIL = (
    "AWS API Call via CloudTrail",
    "AWS Console Action via CloudTrail",
    "AWS Console Signin via CloudTrail",
    "AWS Insight via CloudTrail",
    "AWS Service Event via CloudTrail",
)

_TASKS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html"
_TASK_ERRORS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"
_LIFECYCLE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html"
_TASK = "botocore ecs.Task"
_DEPLOYMENTS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html"
_ACTIONS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html"
_STATES = (
    "PROVISIONING",
    "PENDING",
    "ACTIVATING",
    "RUNNING",
    "DEACTIVATING",
    "STOPPING",
    "DEPROVISIONING",
    "STOPPED",
    "DELETED",
)
_ERRORS = (
    "CannotCreateVolumeError",
    "CannotInspectContainerError",
    "CannotPullContainerError",
    "CannotPullECRContainerError",
    "CannotStartContainerError",
    "CannotStopContainerError",
    "ContainerRuntimeError",
    "ContainerRuntimeTimeoutError",
    "DockerTimeoutError",
    "EssentialContainerExited",
    "InternalError",
    "OutOfMemoryError",
    "ResourceInitializationError",
    "SpotInterruptionError",
    "TaskFailedToStart",
)


def _ecs(resource: str, source: str) -> Field:
    return Field(source, pattern=rf"{_ARN}:ecs:[a-z0-9-]+:{_ACCOUNT}:{resource}/[A-Za-z0-9_/:-]+")


def _text(source: str) -> Field:
    return Field(source, pattern=_PRINTED)


def _times(source: str, *names: str) -> Fields:
    return {name: Field(source, pattern=_TIME) for name in names}


_TASK_DETAIL: Fields = {
    "attachments": None,
    "attributes": None,
    "availabilityZone": Field(_TASK, pattern=r"[a-z0-9-]+[a-z]"),
    "capacityProviderName": _text(_TASK),
    "clusterArn": _ecs("cluster", _TASK),
    "connectivity": Field(_TASK, words=("CONNECTED", "DISCONNECTED")),
    "containerInstanceArn": _ecs("container-instance", _TASK),
    "containers": {
        "containerArn": _ecs("container", _TASK),
        "cpu": _text(_TASK),
        "exitCode": Field(_TASK, is_number=True),
        "gpuIds": _text(_TASK),
        "image": _text(_TASK),
        "imageDigest": Field(_TASK, pattern="sha256:[0-9a-f]{64}"),
        "lastStatus": Field(_LIFECYCLE, words=_STATES),
        "managedAgents": None,
        "memory": _text(_TASK),
        "memoryReservation": _text(_TASK),
        "name": Field(_TASK, pattern=r"[A-Za-z0-9_-]{1,255}"),
        "networkBindings": None,
        "networkInterfaces": None,
        "reason": Field(_TASK_ERRORS, pattern=rf"(?:{'|'.join(_ERRORS)}): {_PRINTED}"),
        "runtimeId": _text(_TASK),
        "taskArn": _ecs("task", _TASK),
    },
    "cpu": _text(_TASK),
    "desiredStatus": Field(_LIFECYCLE, words=_STATES),
    "enableExecuteCommand": None,
    "ephemeralStorage": None,
    "group": Field(_TASK, pattern=r"(?:service|family):[A-Za-z0-9_-]{1,255}"),
    "healthStatus": Field(_TASK, words=("HEALTHY", "UNHEALTHY", "UNKNOWN")),
    "lastStatus": Field(_LIFECYCLE, words=_STATES),
    "launchType": Field(_TASK, words=("EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES")),
    "memory": _text(_TASK),
    "overrides": None,
    "platformVersion": _text(_TASK),
    "startedBy": _text(_TASK),
    "stopCode": Field(
        _TASK,
        words=(
            "EssentialContainerExited",
            "InfrastructureHealth",
            "ServiceSchedulerInitiated",
            "SpotInterruption",
            "TaskFailedToStart",
            "TerminationNotice",
            "UserInitiated",
        ),
    ),
    "stoppedReason": _text(_TASK),
    "taskArn": _ecs("task", _TASK),
    "taskDefinitionArn": _ecs("task-definition", _TASK),
    "version": Field(_TASK, is_number=True),
    **_times(
        _TASKS,
        "connectivityAt",
        "createdAt",
        "executionStoppedAt",
        "pullStartedAt",
        "pullStoppedAt",
        "startedAt",
        "stoppedAt",
        "stoppingAt",
        "updatedAt",
    ),
}

_SCALING = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html"
_REFRESHES = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-eventbridge-events.html"
_GROUP = Field(_SCALING, pattern="[ -9;-~]{1,255}")
_INSTANCE = Field(_SCALING, pattern="i-[0-9a-f]{8,17}")
_REFRESH: Fields = {"AutoScalingGroupName": _GROUP, "InstanceRefreshId": Field(_REFRESHES, pattern=_UUID)}
_CHECKPOINT: Fields = {
    **_REFRESH,
    "CheckpointDelay": Field(_REFRESHES, pattern=r"\d+"),
    "CheckpointPercentage": Field(_REFRESHES, pattern=r"\d{1,3}"),
}
_ACTIVITY: Fields = {
    "ActivityId": Field(_SCALING, pattern=_UUID),
    "AutoScalingGroupName": _GROUP,
    "Cause": _text(_SCALING),
    "Description": _text(_SCALING),
    "Destination": _text(_SCALING),
    "Details": None,
    "EC2InstanceId": _INSTANCE,
    "EndTime": Field(_SCALING, pattern=_TIME),
    "Origin": _text(_SCALING),
    "RequestId": Field(_SCALING, pattern=_UUID),
    "StartTime": Field(_SCALING, pattern=_TIME),
    "StatusCode": Field(_SCALING, words=("InProgress", "Failed")),
    "StatusMessage": _text(_SCALING),
}
_HOOK: Fields = {
    "AutoScalingGroupName": _GROUP,
    "Destination": Field(_SCALING, words=("AutoScalingGroup", "EC2", "WarmPool")),
    "EC2InstanceId": _INSTANCE,
    "LifecycleActionToken": Field(_SCALING, pattern=_UUID),
    "LifecycleHookName": Field(_SCALING, pattern=r"[A-Za-z0-9/_-]{1,255}"),
    "LifecycleTransition": Field(
        _SCALING, words=("autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING")
    ),
    "NotificationMetadata": _text(_SCALING),
    "Origin": Field(_SCALING, words=("AutoScalingGroup", "EC2", "WarmPool")),
}


@dataclass(frozen=True)
class Service:
    """The events of a service: what they are of, and by their type what they hold."""

    page: str
    resources: str
    """A pattern of the ARNs."""
    details: Mapping[str, Fields | None]


SERVICES = {
    "aws.ecs": Service(
        "https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ecs.html",
        rf"{_ARN}:ecs:[a-z0-9-]+:{_ACCOUNT}:(?:cluster|container-instance|service|task)/[A-Za-z0-9_/-]+",
        {
            "ECS Container Instance State Change": None,
            "ECS Deployment State Change": {
                "deploymentId": Field(_DEPLOYMENTS, pattern=r"ecs-svc/\d+"),
                "eventName": Field(
                    _DEPLOYMENTS,
                    words=(
                        "SERVICE_DEPLOYMENT_IN_PROGRESS",
                        "SERVICE_DEPLOYMENT_COMPLETED",
                        "SERVICE_DEPLOYMENT_FAILED",
                    ),
                ),
                "eventType": Field(_DEPLOYMENTS, words=("INFO", "ERROR")),
                "reason": _text(_DEPLOYMENTS),
                "updatedAt": Field(_DEPLOYMENTS, pattern=_TIME),
            },
            "ECS Service Action": None,
            "ECS Task State Change": _TASK_DETAIL,
        },
    ),
    "aws.autoscaling": Service(
        "https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-autoscaling.html",
        rf"{_ARN}:(?:autoscaling|ec2):[a-z0-9-]+:{_ACCOUNT}:[ -~]+",
        {
            "EC2 Auto Scaling Instance Refresh Cancelled": _REFRESH,
            "EC2 Auto Scaling Instance Refresh Checkpoint Reached": _CHECKPOINT,
            "EC2 Auto Scaling Instance Refresh Failed": _REFRESH,
            "EC2 Auto Scaling Instance Refresh Rollback Failed": _REFRESH,
            "EC2 Auto Scaling Instance Refresh Rollback Started": _REFRESH,
            "EC2 Auto Scaling Instance Refresh Rollback Succeeded": _REFRESH,
            "EC2 Auto Scaling Instance Refresh Started": _REFRESH,
            "EC2 Auto Scaling Instance Refresh Started Baking": _REFRESH,
            "EC2 Auto Scaling Instance Refresh Succeeded": _REFRESH,
            "EC2 Instance Detach Successful": _ACTIVITY,
            "EC2 Instance Detach Unsuccessful": _ACTIVITY,
            "EC2 Instance Launch Successful": _ACTIVITY,
            "EC2 Instance Launch Unsuccessful": _ACTIVITY,
            "EC2 Instance Terminate Successful": _ACTIVITY,
            "EC2 Instance Terminate Unsuccessful": _ACTIVITY,
            "EC2 Instance-launch Lifecycle Action": _HOOK,
            "EC2 Instance-terminate Lifecycle Action": _HOOK,
        },
    ),
}
"""Source -> its events. Of other sources only the grammar of a pattern is known."""

_OTHER_SOURCES = ("aws.monitoring", "aws.signin", "aws.states", "aws.tag", "aws.trustedadvisor")
"""Sources that no service of the AWS SDK is called by."""


def event_pattern(document: Any, path: str) -> Iterator[Literal]:
    """A pattern that chooses events."""
    if not isinstance(document, dict) or not document:
        yield wrong(path, document, "a table of fields of events", GRAMMAR)
        return
    yield from _table(document, path, _event(document))


def _event(pattern: Block) -> Fields:
    """The fields of the events that a pattern can mean."""
    sources = _texts(pattern.get("source"))
    services = [SERVICES[each] for each in sources if each in SERVICES]
    are_known = bool(services) and len(services) == len(sources)
    types = {name: fields for each in services for name, fields in each.details.items()}
    kind = Field(services[0].page, words=(*sorted(types), *_BY_CLOUDTRAIL)) if are_known else None
    return {
        "version": Field(ENVELOPE, words=("0",)),
        "id": Field(ENVELOPE, pattern=_UUID),
        "detail-type": kind,
        "source": Field(ENVELOPE, pattern=_sources()),
        "account": Field(ENVELOPE, pattern=_ACCOUNT),
        "time": Field(ENVELOPE, pattern=_TIME),
        "region": Field(ENVELOPE, pattern="[a-z]{2}(?:-[a-z]+)+-[0-9]"),
        "replay-name": _text(ENVELOPE),
        "resources": Field(services[0].page, pattern="|".join(each.resources for each in services))
        if are_known
        else None,
        "detail": _detail(pattern.get("detail-type"), kind, types),
    }


def _detail(asked: Any, kind: Field | None, types: Mapping[str, Fields | None]) -> Fields | None:
    """What the events of the types that are asked for hold, all taken together; None where that is not known."""
    matchers = asked if isinstance(asked, list) else []
    chosen = {name for name in types for each in matchers if _chooses(each, name)}
    details = [types[name] for name in sorted(chosen)]
    if kind is None or not details or any(each is None for each in details):
        return None
    return {name: field for each in details if each for name, field in each.items()}


def _chooses(matcher: Any, name: str) -> bool:
    operator, text = next(iter(matcher.items())) if isinstance(matcher, dict) and matcher else ("equals", matcher)
    return isinstance(text, str) and operator in _FINDS and _FINDS[operator](name, text)


def _texts(found: Any) -> list[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


@cache
def _sources() -> str:
    """A pattern of the sources of events: AWS's services, its partners, and whatever does not look like AWS."""
    services = [f"aws.{name}" for name in Loader().list_available_services("service-2")]
    names = "|".join(map(re.escape, (*services, *_OTHER_SOURCES)))
    return rf"{names}|aws\.partner/[A-Za-z0-9./_-]+|(?!aws\.)[A-Za-z0-9./_-]+"


def _table(document: Block, path: str, fields: Fields | None) -> Iterator[Literal]:
    for name, value in document.items():
        below = f"{path}.{name}"
        if name == "$or":
            yield from _alternatives(value, below, fields)
            continue
        if fields is not None and name not in fields:
            allowed = f"nothing but {', '.join(fields)}"
            yield wrong(below, name, f"{allowed}, which is what these events hold", ENVELOPE)
        yield from _field(value, below, fields.get(name) if fields else None)


def _alternatives(value: Any, path: str, fields: Fields | None) -> Iterator[Literal]:
    if not isinstance(value, list) or len(value) < 2 or not all(isinstance(each, dict) for each in value):
        yield wrong(path, value, "a list of at least two tables", GRAMMAR)
        return
    for each in value:
        yield from _table(each, path, fields)


def _field(value: Any, path: str, field: Field | Fields | None) -> Iterator[Literal]:
    if isinstance(value, dict) and value and not isinstance(field, Field):
        yield from _table(value, path, field)
    elif isinstance(value, list) and value and (field is None or isinstance(field, Field)):
        for each in value:
            yield from _matcher(each, path, field)
    else:
        allowed = "a list of values" if isinstance(field, Field) else "a table of fields, or a list of values of one"
        yield wrong(path, value, allowed, GRAMMAR)


def _matcher(matcher: Any, path: str, field: Field | None) -> Iterator[Literal]:
    if not isinstance(matcher, dict):
        yield from single(*_rules(field, "equals"))(matcher, path)
        return
    if len(matcher) != 1:
        yield wrong(path, matcher, "one operator", GRAMMAR)
    for operator, operand in matcher.items():
        yield from _operation(operator, operand, f"{path}.{operator}", field)


def _operation(operator: str, operand: Any, path: str, field: Field | None) -> Iterator[Literal]:
    if operator == "anything-but":
        for each in operand if isinstance(operand, list) else [operand]:
            yield from _matcher(each, path, field)
    elif operator in ("prefix", "suffix") and isinstance(operand, dict) and [*operand] == ["equals-ignore-case"]:
        rules = _rules(field, operator, ignoring_case=True)
        yield from single(*rules)(operand["equals-ignore-case"], f"{path}.equals-ignore-case")
    elif operator in _FINDS and operator != "equals":
        yield from single(_WORDS, *_rules(field, operator))(operand, path)
    elif operator == "exists":
        yield from single(truth(GRAMMAR))(operand, path)
    elif operator == "cidr":
        yield from single(where(_is_network, GRAMMAR, "a range of addresses like 10.0.0.0/24", "events"))(operand, path)
    elif operator == "numeric":
        yield from _comparison(operand, path)
    else:
        allowed = "one of anything-but, cidr, equals-ignore-case, exists, numeric, prefix, suffix, wildcard"
        yield wrong(path, operator, allowed, GRAMMAR)
        yield from unknown(operand, path)


_WORDS = where(lambda text: "**" not in text, GRAMMAR, "a text without two * in a row", "events")


def _rules(field: Field | None, operator: str, *, ignoring_case: bool = False) -> tuple[Rule, ...]:
    if field is None:
        return ()

    def accepts(value: Any) -> bool:
        if field.is_number:
            return isinstance(value, int | float) and not isinstance(value, bool)
        return isinstance(value, str) and field.takes(operator, filled(value), ignoring_case=ignoring_case)

    found_by = "" if operator == "equals" else f", found by {operator}"
    return (Rule("events", f"{field.allowed}{found_by}", field.source, accepts),)


def _comparison(operand: Any, path: str) -> Iterator[Literal]:
    parts = operand if isinstance(operand, list) else []
    if len(parts) not in (2, 4):
        yield wrong(path, operand, 'a list like [">", 0, "<=", 5]', GRAMMAR)
    for sign, bound in zip(parts[::2], parts[1::2], strict=False):
        yield from single(one_of("<", "<=", "=", ">", ">=", source=GRAMMAR))(sign, path)
        yield from single(number(GRAMMAR, -5e9, 5e9))(bound, path)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


_STEP = r"(?:\.[A-Za-z0-9_/*-]+|\[(?:\d+|\*)\])"
_PATH = rf"\$(?:\.(?:version|id|detail-type|source|account|time|region|resources|detail){_STEP}*)?"
_PLACEHOLDER = re.compile(r"<([^<>\s]+)>")
_PREDEFINED = (
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
)
_MOST_PATHS = 100


def event_target(block: Block) -> Iterator[Literal]:
    """A target's input transformer: paths into the event, and a text with what stands there."""
    for transformer in tables(block, "input_transformer"):
        paths = transformer.get("input_paths")
        named = paths if isinstance(paths, dict) else {}
        if len(named) > _MOST_PATHS:
            yield wrong("input_transformer.input_paths", len(named), f"up to {_MOST_PATHS} paths", TRANSFORMER)
        for name, value in named.items():
            below = f"input_transformer.input_paths.{name}"
            yield Literal(below, name, (_variable(),), is_name=True)
            yield from single(like(_PATH, TRANSFORMER, "a path like $.detail.name into an event"))(value, below)
        rules = (_placeholders(named), where(_is_input, TRANSFORMER, "JSON, of which each line may be one", "events"))
        yield from single(*rules)(transformer.get("input_template"), "input_transformer.input_template")


def _variable() -> Rule:
    return like("(?!(?i:aws))[A-Za-z0-9_-]{1,256}", TRANSFORMER, "letters, digits, _ and -, not beginning with AWS")


def _placeholders(named: Mapping[str, Any]) -> Rule:
    known = {*named, *_PREDEFINED}
    allowed = f"a text with no variables but {', '.join(sorted(known))}"
    return where(lambda text: set(_PLACEHOLDER.findall(text)) <= known, TRANSFORMER, allowed, "events")


def _is_input(template: str) -> bool:
    """Whether it is JSON once the variables are filled in, as a whole or line by line."""
    text = _PLACEHOLDER.sub("0", template)
    lines = text.splitlines()
    return _is_json(text) or (len(lines) > 1 and all(map(_is_json, lines)))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
