"""Who watches, and what was deployed last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.operations.aws import Block
from lib.operations.deployment import Deployment, region_of
from lib.operations.status.compute import primary, revision
from lib.operations.status.parts import Line, Severity, Trouble, iso
from lib.operations.times import ago, as_time, moment
from lib.operations.verify.units import alarms as units
from lib.operations.verify.words import tag_map

_WAITS = "PendingConfirmation"


def alarms(stack: Deployment, now: datetime, _: str) -> Line:
    found, expected = stack.alarms(), stack["alarm_names"]
    own = [found[name] for name in expected if name in found]
    states = Counter(each["StateValue"] for each in own)
    on = [each for each in own if each["StateValue"] == "ALARM"]
    missing = [name for name in expected if name not in found]
    muted = [each["AlarmName"] for each in own if not each["ActionsEnabled"]]
    facts = {
        "ok": states["OK"],
        "alarm": {each["AlarmName"]: each.get("StateReason") for each in on},
        "insufficient_data": states["INSUFFICIENT_DATA"],
        "missing": missing,
        "muted": muted,
    }
    text = f"{states['ALARM']} on, {states['OK']} ok, {states['INSUFFICIENT_DATA']} without data"
    troubles = [Trouble(Severity.ALARM, _of_alarm(each, now)) for each in on]
    troubles += [Trouble(Severity.UNHEARD, f"there is no alarm {name}") for name in missing]
    troubles += [Trouble(Severity.UNHEARD, f"{name} tells nobody: it is muted") for name in muted]
    return Line((text,), facts, tuple(troubles))


def _of_alarm(alarm: Block, now: datetime) -> str:
    since = as_time(alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp"))
    lasting = f", for {ago(now, since)}" if since else ""
    return f"{alarm['AlarmName']}{lasting}: {alarm.get('StateReason', 'it does not say why')}"


def subscriptions(stack: Deployment, _: datetime, topic: str) -> Line:
    found = units.subscriptions(stack, topic)
    facts: dict[str, Any] = {"subscribed": len(found), "confirmed": None, "waiting": None}
    if stack.emulated:
        text = f"{len(found)} subscribed in {region_of(stack[topic])}"
        return Line((text,), facts, needs_aws="an emulator sends no mail")
    waiting = [each["Endpoint"] for each in found if each["SubscriptionArn"] == _WAITS]
    confirmed = len(found) - len(waiting)
    facts |= {"confirmed": confirmed, "waiting": waiting}
    text = f"{confirmed} of {len(found)} confirmed in {region_of(stack[topic])}"
    who = ", ".join(waiting) or "an address"
    if not confirmed:
        return Line((text,), facts, (Trouble(Severity.UNHEARD, f"nobody hears alarms until {who} confirms"),))
    return Line((text,), facts, (Trouble(Severity.NOTE, f"{who} has not confirmed"),) if waiting else ())


@dataclass(frozen=True)
class _Rollout:
    """When which part was changed, to what, and by whom."""

    at: datetime
    part: str
    version: str
    by: str


def deployment(stack: Deployment, now: datetime, _: str) -> Line:
    """The newest version of anything that runs. What changed around it, Terraform's state alone could tell."""
    rollouts = sorted(_rollouts(stack), key=lambda rollout: rollout.at)
    tags = _tags(stack)
    facts = {
        "commit_author": tags.get("CommitAuthor"),
        "repository": tags.get("Repository"),
        "at": None,
        "part": None,
        "version": None,
        "by": None,
    }
    of_tags = ", ".join(
        f"{word} {tags[tag]}" for tag, word in (("CommitAuthor", "commit by"), ("Repository", "from")) if tag in tags
    )
    if not rollouts:
        return Line(tuple(filter(None, ("AWS does not tell when", of_tags))), facts)
    last = rollouts[-1]
    facts |= {"at": iso(last.at), "part": last.part, "version": last.version, "by": last.by or None}
    by = f" by {last.by}" if last.by else ""
    texts = (f"{moment(last.at)}, {ago(now, last.at)} ago: {last.part} to {last.version}{by}", of_tags)
    return Line(tuple(filter(None, texts)), facts)


def _rollouts(stack: Deployment) -> Iterator[_Rollout]:
    for service in stack.all("service_names"):
        found = stack.service(service)
        if at := as_time(primary(found).get("createdAt")):
            arn = found["taskDefinition"]
            definition = stack.ask("ecs", "describe_task_definition", taskDefinition=arn)["taskDefinition"]
            yield _Rollout(at, service, revision(arn), _who(definition.get("registeredBy", "")))
    for fleet in stack.all("autoscaling_group_names"):
        used = stack.group(fleet)["LaunchTemplate"]
        version = stack.ask(
            "ec2",
            "describe_launch_template_versions",
            LaunchTemplateId=used["LaunchTemplateId"],
            Versions=[used["Version"]],
        )["LaunchTemplateVersions"][0]
        if at := as_time(version.get("CreateTime")):
            name = f"{version['LaunchTemplateName']} version {version['VersionNumber']}"
            yield _Rollout(at, fleet, name, _who(version.get("CreatedBy", "")))
    for function in stack.all("function_names"):
        found = stack.function(function)
        if at := as_time(found.get("LastModified")):
            yield _Rollout(at, function, f"code {found['CodeSha256'][:8]}", "")


def _who(arn: str) -> str:
    """`deploy/GitHubActions` of `arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions`."""
    return arn.partition("/")[2] or arn


def _tags(stack: Deployment) -> dict[str, str]:
    """Of the load balancer: every stack has one, and it carries the stack's tags."""
    answer = stack.ask("elbv2", "describe_tags", ResourceArns=[stack["load_balancer_arn"]])
    return tag_map(answer["TagDescriptions"][0]["Tags"])
