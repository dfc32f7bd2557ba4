"""What runs: services and what the load balancer thinks of them, fleets, functions."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from lib.operations.aws import Block, Refused
from lib.operations.deployment import Deployment
from lib.operations.status.metrics import Metric, measured, number
from lib.operations.status.parts import MEASURED_ON_AWS, Line, Severity, Trouble, iso
from lib.operations.times import ago, as_time
from lib.operations.verify.check import NO_TASKS
from lib.operations.verify.words import Gone

_REFRESH_ENDED_BADLY = {"Failed", "RollbackFailed", "RollbackSuccessful"}
_REFRESH_UNDER_WAY = {"Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"}


def service(stack: Deployment, now: datetime, name: str) -> Line:
    found = stack.service(name)
    if found.get("status") != "ACTIVE":
        raise Gone(f"ECS has no active service {stack['service_names'][name]}")
    rollout = primary(found)
    runs, deployed = found["taskDefinition"], stack["task_definition_arns"][name]
    since = as_time(rollout.get("updatedAt") or rollout.get("createdAt"))
    facts = {
        "desired": found["desiredCount"],
        "running": None if stack.emulated else found["runningCount"],
        "pending": None if stack.emulated else found["pendingCount"],
        "rollout": None if stack.emulated else rollout.get("rolloutState"),
        "rollout_reason": None if stack.emulated else rollout.get("rolloutStateReason"),
        "since": iso(since),
        "task_definition": revision(runs),
        "deployed_task_definition": revision(deployed),
    }
    definition = revision(runs) + (", as deployed" if runs == deployed else f", not {revision(deployed)}")
    if stack.emulated:
        troubles = [*_off_course(runs, deployed), *_unwanted(found)]
        return Line((f"{found['desiredCount']} wanted", definition), facts, tuple(troubles), NO_TASKS)
    counts = f"{found['runningCount']} of {found['desiredCount']} running, {found['pendingCount']} pending"
    state = str(rollout.get("rolloutState", "?")).lower().replace("_", " ")
    lasting = f", for {ago(now, since)}" if since else ""
    troubles = [
        *_unwanted(found),
        *_missing_tasks(found),
        *_off_course(runs, deployed),
        *_rollout(rollout, runs),
    ]
    return Line((f"{counts}; rollout {state}{lasting}", definition), facts, tuple(troubles))


def primary(service: Block) -> Block:
    """The deployment that ECS is at, or was last."""
    return next((each for each in service.get("deployments", []) if each.get("status") == "PRIMARY"), {})


def revision(arn: str) -> str:
    """`catalog-dev-api:7`"""
    return arn.rpartition("/")[2]


def _unwanted(found: Block) -> list[Trouble]:
    return [] if found["desiredCount"] else [Trouble(Severity.DOWN, "no task is wanted of it")]


def _missing_tasks(found: Block) -> list[Trouble]:
    running, desired = found["runningCount"], found["desiredCount"]
    if running >= desired:
        return []
    if running == 0:
        return [Trouble(Severity.DOWN, f"none of {desired} tasks runs")]
    return [Trouble(Severity.DEGRADED, f"{running} of {desired} tasks run")]


def _off_course(runs: str, deployed: str) -> list[Trouble]:
    if runs == deployed:
        return []
    return [Trouble(Severity.FAILED, f"it runs {revision(runs)}, not {revision(deployed)} that was deployed")]


def _rollout(rollout: Block, runs: str) -> list[Trouble]:
    failed = rollout.get("failedTasks", 0)
    of_tasks = f"; {failed} of its tasks failed" if failed else ""
    match rollout.get("rolloutState"):
        case "FAILED":
            reason = rollout.get("rolloutStateReason", "ECS does not say why")
            return [Trouble(Severity.FAILED, f"its last deployment failed: {reason}")]
        case "IN_PROGRESS":
            severity = Severity.DEGRADED if failed else Severity.NOTE
            return [Trouble(severity, f"a deployment to {revision(runs)} is under way{of_tasks}")]
        case _:
            return []


def target(stack: Deployment, _: datetime, name: str) -> Line:
    """What the load balancer finds, of a service or a fleet."""
    if stack.emulated:
        return Line((), {"healthy": None, "unhealthy": None, "states": None}, needs_aws=NO_TASKS)
    answer = stack.ask("elbv2", "describe_target_health", TargetGroupArn=stack.targets()[name])
    targets = answer["TargetHealthDescriptions"]
    states = Counter(each["TargetHealth"]["State"] for each in targets)
    sick = {each["Target"]["Id"]: _why_sick(each["TargetHealth"]) for each in targets if _is_sick(each)}
    facts = {"healthy": states["healthy"], "unhealthy": sick, "states": dict(states)}
    text = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "no target"
    if not states["healthy"]:
        why = "; ".join(f"{id}: {reason}" for id, reason in sick.items()) or "there is none"
        return Line((text,), facts, (Trouble(Severity.DOWN, f"no target is healthy: {why}"),))
    return Line((text,), facts, tuple(Trouble(Severity.DEGRADED, f"{id}: {why}") for id, why in sick.items()))


def _is_sick(target: Block) -> bool:
    # `draining` is a target that goes, `initial` one that comes.
    return target["TargetHealth"]["State"] not in ("healthy", "draining", "initial")


def _why_sick(health: Block) -> str:
    return ", ".join(health[each] for each in ("State", "Reason", "Description") if health.get(each))


def fleet(stack: Deployment, now: datetime, name: str) -> Line:
    named = stack["autoscaling_group_names"][name]
    groups = stack.ask("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[named])
    if not groups["AutoScalingGroups"]:
        raise Gone(f"there is no Auto Scaling group {named}")
    group = stack.group(name)
    serving = [each for each in group["Instances"] if each["LifecycleState"] == "InService"]
    sick = [each["InstanceId"] for each in serving if each["HealthStatus"] != "Healthy"]
    wanted = group["DesiredCapacity"]
    refresh = _last_refresh(stack, named)
    facts = {
        "in_service": len(serving),
        "desired": wanted,
        "unhealthy": sick,
        "refresh": refresh.get("Status"),
        "refresh_percent": refresh.get("PercentageComplete"),
        "refresh_started": iso(as_time(refresh.get("StartTime"))),
    }
    texts = [f"{len(serving)} of {wanted} in service"]
    if refresh:
        started = as_time(refresh.get("StartTime"))
        begun = f", begun {ago(now, started)} ago" if started else ""
        texts.append(f"instance refresh {refresh['Status']}{begun}")
    troubles = [*_missing_instances(len(serving), wanted), *_refresh(refresh)]
    troubles += [Trouble(Severity.DEGRADED, f"{id} is unhealthy") for id in sick]
    return Line(tuple(texts), facts, tuple(troubles))


def _last_refresh(stack: Deployment, group: str) -> Block:
    refreshes = stack.ask("autoscaling", "describe_instance_refreshes", AutoScalingGroupName=group)
    # Newest first. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeInstanceRefreshes.html
    return next(iter(refreshes["InstanceRefreshes"]), {})


def _missing_instances(serving: int, wanted: int) -> list[Trouble]:
    if serving >= max(wanted, 1):
        return []
    if serving == 0:
        return [Trouble(Severity.DOWN, f"none of {wanted} instances is in service")]
    return [Trouble(Severity.DEGRADED, f"{serving} of {wanted} instances are in service")]


def _refresh(refresh: Block) -> list[Trouble]:
    status = refresh.get("Status")
    if status in _REFRESH_ENDED_BADLY:
        reason = refresh.get("StatusReason", "it does not say why")
        return [Trouble(Severity.FAILED, f"its last instance refresh ended with {status}: {reason}")]
    if status in _REFRESH_UNDER_WAY:
        return [
            Trouble(Severity.NOTE, f"an instance refresh is under way: {refresh.get('PercentageComplete', 0)} % done")
        ]
    return []


def function(stack: Deployment, now: datetime, name: str) -> Line:
    found = stack.function(name)
    state, update = found.get("State"), found.get("LastUpdateStatus")
    facts = {"state": state, "last_update": update, "modified": iso(as_time(found.get("LastModified")))}
    text = f"{state}, last update {update}"
    troubles = _of_function(found)
    if stack.emulated:
        return Line((text,), facts | dict.fromkeys(("calls", "errors", "throttles")), tuple(troubles), MEASURED_ON_AWS)
    dimensions = {"FunctionName": stack["function_names"][name]}
    metrics = {"calls": "Invocations", "errors": "Errors", "throttles": "Throttles"}
    missed: list[Refused] = []
    of_function = {label: Metric("AWS/Lambda", metric, dimensions, "Sum") for label, metric in metrics.items()}
    counts = measured(stack, now, of_function, missed)
    calls, errors, throttles = (counts[label] for label in metrics)
    if errors:
        troubles.append(
            Trouble(Severity.DEGRADED, f"{number(errors)} of {number(calls)} calls failed within the last hour")
        )
    if throttles:
        troubles.append(Trouble(Severity.DEGRADED, f"{number(throttles)} calls were throttled within the last hour"))
    last_hour = f"last hour: {number(calls)} calls, {number(errors)} errors, {number(throttles)} throttled"
    return Line((text, last_hour), facts | counts, tuple(troubles), missed=tuple(missed))


def _of_function(found: Block) -> list[Trouble]:
    troubles = []
    if found.get("State") not in ("Active", "Pending"):
        reason = found.get("StateReason", "it does not say why")
        troubles.append(Trouble(Severity.DOWN, f"it is {found.get('State')}: {reason}"))
    if found.get("LastUpdateStatus") == "Failed":
        reason = found.get("LastUpdateStatusReason", "it does not say why")
        troubles.append(Trouble(Severity.FAILED, f"its last update failed: {reason}"))
    return troubles
