"""How many run: tasks of the services, instances of the fleets, readers of the database, following load."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import DoesNotApply, Having, Unit
from lib.operations.verify.words import expect, expect_true, one

UNIT = Unit("autoscaling", "Scaling")

_OF_TASKS = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
_OF_READERS = {"ServiceNamespace": "rds", "ScalableDimension": "rds:cluster:ReadReplicaCount"}


@UNIT.each("service_names", what="The number of tasks is between its limits")
def task_limits(stack: Deployment, service: str) -> Iterator[str]:
    target = _target(stack, _resource(stack, service), _OF_TASKS)
    least, most = target["MinCapacity"], target["MaxCapacity"]
    wanted = stack.service(service).get("desiredCount", 0)
    yield from expect_true(1 <= least <= wanted <= most, f"{wanted} tasks are wanted, not {max(least, 1)} to {most}")


@UNIT.each("service_names", what="The number of tasks follows load, by target tracking that nobody suspended")
def tasks_follow_load(stack: Deployment, service: str) -> Iterator[str]:
    resource = _resource(stack, service)
    yield from _follows(stack, resource, _OF_TASKS)
    group = stack["target_group_arns"][service].rpartition(":")[2]
    label = f"{stack['load_balancer_arn'].rpartition(':loadbalancer/')[2]}/{group}"
    for policy in _policies(stack, resource, _OF_TASKS):
        metric = policy["TargetTrackingScalingPolicyConfiguration"].get("PredefinedMetricSpecification", {})
        if metric.get("PredefinedMetricType") == "ALBRequestCountPerTarget":
            yield from expect(f"what {policy['PolicyName']} counts", metric.get("ResourceLabel"), label)


@UNIT.each("autoscaling_group_names", what="The number of instances follows load, by target tracking that is on")
def instances_follow_load(stack: Deployment, fleet: str) -> Iterator[str]:
    name = stack["autoscaling_group_names"][fleet]
    found = stack.ask("autoscaling", "describe_policies", AutoScalingGroupName=name)["ScalingPolicies"]
    yield from expect_true(found, "no policy scales it")
    for policy in found:
        yield from expect(f"the kind of {policy['PolicyName']}", policy["PolicyType"], "TargetTrackingScaling")
        yield from expect_true(policy.get("Enabled", True), f"{policy['PolicyName']} is off")


@UNIT.check("The number of Aurora's readers follows load where it should", Having("Aurora", lambda it: it.has_aurora))
def readers_follow_load(stack: Deployment) -> Iterator[str]:
    resource = f"cluster:{stack['database_identifier']}"
    answer = stack.ask("application-autoscaling", "describe_scalable_targets", ResourceIds=[resource], **_OF_READERS)
    if not answer["ScalableTargets"]:
        raise DoesNotApply("the number of readers is fixed")
    yield from _follows(stack, resource, _OF_READERS)


def _follows(stack: Deployment, resource: str, kind: dict[str, str]) -> Iterator[str]:
    target = _target(stack, resource, kind)
    suspended = [what for what, is_suspended in target.get("SuspendedState", {}).items() if is_suspended]
    yield from expect("what is suspended", suspended, [])
    kinds = {policy["PolicyType"] for policy in _policies(stack, resource, kind)}
    yield from expect("the kinds of its policies", kinds, {"TargetTrackingScaling"})


def _target(stack: Deployment, resource: str, kind: dict[str, str]) -> Block:
    answer = stack.ask("application-autoscaling", "describe_scalable_targets", ResourceIds=[resource], **kind)
    return one(answer["ScalableTargets"], f"scalable target {resource}")


def _policies(stack: Deployment, resource: str, kind: dict[str, str]) -> list[Block]:
    answer = stack.ask("application-autoscaling", "describe_scaling_policies", ResourceId=resource, **kind)
    return list(answer["ScalingPolicies"])


def _resource(stack: Deployment, service: str) -> str:
    return f"service/{stack['cluster_name']}/{stack['service_names'][service]}"
