"""How much of a quota a stack takes, and how much of it is taken, where that is not a number of things."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lib.operations.aws import Block, Refused
from lib.operations.preflight import inventory
from lib.operations.preflight.inventory import Kind
from lib.operations.preflight.planned import Planned, Resource
from lib.operations.preflight.site import Site

Amounts = dict[str, float]
"""Place -> how much. The place is a zone where AWS counts by zone, and empty elsewhere."""
Need = Callable[[Site], Amounts]


@dataclass(frozen=True)
class Used:
    amount: float
    is_own: bool
    place: str = ""


Use = Callable[[Site], Iterator[Used]]

_SPOT = "FARGATE_SPOT"
_STANDARD = re.compile(r"(?!hpc|inf|dl|trn|mac|vt)[acdhimrtz]")
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits"""
_TASKS_AT_ONCE = 100
_UNRESERVED = 100
"""Invocations that Lambda leaves to functions without a reservation.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""
_DELIVERY = "delivery.logs.amazonaws.com"
_GIB_PER_TIB = 1024


# Numbers of things.


def number_of(type: str, **where: str) -> Need:
    """Each resource of a type."""

    def need(site: Site) -> Amounts:
        return _here(len(site.resources(type, **where)))

    return need


def listed(kind: Kind) -> Use:
    """Each thing in a list of AWS's."""

    def use(site: Site) -> Iterator[Used]:
        for thing in kind.things(site):
            yield Used(1, thing.is_own)

    return use


def in_one(type: str, holder: str) -> Need:
    """Those of a type that name the same holder, where there are most of them. holder: the argument that names it."""

    def need(site: Site) -> Amounts:
        counts = Counter(str(each.body.get(holder)) for each in site.resources(type))
        return _here(max(counts.values(), default=0))

    return need


# The network.


def nat_gateways(site: Site) -> Amounts:
    zones = Counter(site.planned.zone_of(each.body.get("subnet_id")) for each in site.resources("aws_nat_gateway"))
    return {zone: float(count) for zone, count in zones.items()}


def nat_gateways_used(site: Site) -> Iterator[Used]:
    zone_of = {
        subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in site.ask("ec2", "describe_subnets")["Subnets"]
    }
    for thing in inventory.NAT_GATEWAY.things(site):
        yield Used(1, thing.is_own, zone_of.get(thing.body["SubnetId"], ""))


def security_groups(site: Site) -> Amounts:
    """Every VPC has one of its own."""
    return _here(len(site.resources("aws_security_group")) + len(site.resources("aws_vpc")))


def security_group_rules(site: Site) -> Amounts:
    ways = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
    return _here(max(in_one(way, "security_group_id")(site).get("", 0) for way in ways))


# The load balancer.


def listener_rules(site: Site) -> Amounts:
    """Those of all listeners of a load balancer, their last resorts left out."""
    counts: Counter[str] = Counter()
    for rule in site.resources("aws_lb_listener_rule"):
        listener = site.planned.referred(rule.body.get("listener_arn"))
        counts[str(listener.body.get("load_balancer_arn")) if listener else ""] += 1
    return _here(max(counts.values(), default=0))


def targets(site: Site) -> Amounts:
    """Tasks and instances at the most that scaling allows, while a deployment runs."""
    tasks = sum(_most_tasks(site.planned, service) for service in site.resources("aws_ecs_service"))
    return _here(tasks + sum(map(_most_instances, site.resources("aws_autoscaling_group"))))


# Processors.


def fargate(*, on_spot: bool) -> Need:
    """vCPUs of tasks at the most that scaling allows, while a deployment runs."""

    def need(site: Site) -> Amounts:
        return _here(sum(_fargate_vcpus(site.planned, each, on_spot) for each in site.resources("aws_ecs_service")))

    return need


def fargate_used(*, on_spot: bool) -> Use:
    """Tasks that run, of all clusters."""

    def use(site: Site) -> Iterator[Used]:
        own = set(inventory.CLUSTER.names(site))
        for cluster in inventory.CLUSTER.things(site):
            for task in _fargate_tasks(site, str(cluster.body)):
                if (task.get("capacityProviderName") == _SPOT) == on_spot:
                    yield Used(int(task.get("cpu") or 0) / 1024, cluster.name in own)

    return use


def instances(site: Site) -> Amounts:
    """vCPUs of standard instances at the most that scaling allows, while instances are replaced."""
    counts: Counter[str] = Counter()
    for group in site.resources("aws_autoscaling_group"):
        counts[_instance_type(site.planned, group)] += _most_instances(group)
    return _here(sum(number * vcpus for _, number, vcpus in _standard(site, counts)))


def instances_used(site: Site) -> Iterator[Used]:
    groups = set(inventory.GROUP.names(site))
    running = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for reservation in site.ask("ec2", "describe_instances", Filters=running)["Reservations"]:
        for instance in reservation["Instances"]:
            # Spot has a quota of its own.
            if "InstanceLifecycle" not in instance:
                tags = {each["Key"]: each["Value"] for each in instance.get("Tags", [])}
                is_own = tags.get("aws:autoscaling:groupName") in groups or site.is_own(tags)
                counts[is_own][str(instance["InstanceType"])] += 1
    for is_own, by_type in counts.items():
        for _, number, vcpus in _standard(site, by_type):
            yield Used(number * vcpus, is_own)


def disks(site: Site) -> Amounts:
    """TiB of gp3 of instances at the most."""
    gib = 0.0
    for group in site.resources("aws_autoscaling_group"):
        template = _launch_template(site.planned, group)
        for mapping in template.blocks("block_device_mappings") if template else ():
            ebs = mapping.get("ebs") or {}
            if ebs.get("volume_type") == "gp3":
                gib += float(ebs.get("volume_size") or 0) * _most_instances(group)
    return _here(gib / _GIB_PER_TIB)


def disks_used(site: Site) -> Iterator[Used]:
    filters = [{"Name": "volume-type", "Values": ["gp3"]}]
    for volume in site.ask("ec2", "describe_volumes", Filters=filters)["Volumes"]:
        tags = {each["Key"]: each["Value"] for each in volume.get("Tags", [])}
        yield Used(volume["Size"] / _GIB_PER_TIB, site.is_own(tags))


# Stores.


def database_instances(site: Site) -> Amounts:
    return _here(len(site.resources("aws_db_instance")) + len(site.resources("aws_rds_cluster_instance")))


def database_instances_used(site: Site) -> Iterator[Used]:
    """Those of Aurora are among them, by another type."""
    own = set(inventory.DATABASE_SERVER.names(site))
    for thing in inventory.DATABASE.things(site):
        yield Used(1, thing.is_own or thing.name in own)


def database_storage(site: Site) -> Amounts:
    """GB of instances, as far as they may grow by themselves. Aurora's is not among it."""
    return _here(
        sum(
            float(each.body.get("max_allocated_storage") or each.body.get("allocated_storage") or 0)
            for each in site.resources("aws_db_instance")
        )
    )


def database_storage_used(site: Site) -> Iterator[Used]:
    for thing in inventory.DATABASE.things(site):
        if not str(thing.body.get("Engine", "")).startswith("aurora"):
            yield Used(float(thing.body.get("AllocatedStorage") or 0), thing.is_own)


def cache_nodes(site: Site) -> Amounts:
    groups = site.resources("aws_elasticache_replication_group")
    return _here(sum(int(each.body.get("num_cache_clusters") or 1) for each in groups))


def cache_nodes_used(site: Site) -> Iterator[Used]:
    own = set(inventory.REPLICATION_GROUP.names(site))
    for cluster in site.ask("elasticache", "describe_cache_clusters")["CacheClusters"]:
        yield Used(int(cluster.get("NumCacheNodes") or 1), cluster.get("ReplicationGroupId") in own)


def keys_used(site: Site) -> Iterator[Used]:
    """AWS's own keys do not count; their aliases tell them, and ours tell ours."""
    own = set(inventory.ALIAS.names(site))
    aliases = site.ask("kms", "list_aliases")["Aliases"]
    names: dict[str, str] = {each["TargetKeyId"]: each["AliasName"] for each in aliases if "TargetKeyId" in each}
    for key in site.ask("kms", "list_keys")["Keys"]:
        name = names.get(key["KeyId"], "")
        if not name.startswith("alias/aws/"):
            yield Used(1, name in own)


# The rest.


def invocations(site: Site) -> Amounts:
    """What functions reserve and what has to stay unreserved then; one each where nothing is reserved."""
    functions = site.resources("aws_lambda_function")
    reserved = sum(max(0, int(each.body.get("reserved_concurrent_executions") or 0)) for each in functions)
    return _here(reserved + _UNRESERVED if reserved else len(functions))


def invocations_used(site: Site) -> Iterator[Used]:
    limits = site.ask("lambda", "get_account_settings")["AccountLimit"]
    own = sum(map(_reserved_by(site), inventory.FUNCTION.names(site)))
    yield Used(limits["ConcurrentExecutions"] - limits["UnreservedConcurrentExecutions"] - own, False)
    yield Used(own, True)


def log_policies(site: Site) -> Amounts:
    """WAF and the HTTP API have their logs written by one policy of the region."""
    stages = [each for each in site.resources("aws_apigatewayv2_stage") if each.body.get("access_log_settings")]
    return _here(1 if stages or site.resources("aws_wafv2_web_acl_logging_configuration") else 0)


def log_policies_used(site: Site) -> Iterator[Used]:
    """The policy for deliveries is shared, so one that is there needs no other."""
    policies = site.ask("logs", "describe_resource_policies")["resourcePolicies"]
    shared = [each for each in policies if _DELIVERY in str(each.get("policyDocument"))]
    for policy in policies:
        yield Used(1, policy in shared[:1])


def role_policies(site: Site) -> Amounts:
    return in_one("aws_iam_role_policy_attachment", "role")(site)


def _here(amount: float) -> Amounts:
    return {"": float(amount)} if amount else {}


def _most_tasks(planned: Planned, service: Resource) -> int:
    scaled = [
        int(target.body.get("max_capacity") or 0)
        for target in planned.all("aws_appautoscaling_target", service.region)
        if f"${{aws_ecs_service.{service.name}." in str(target.body.get("resource_id"))
    ]
    count = max([*scaled, int(service.body.get("desired_count") or 0)])
    percent = int(service.body.get("deployment_maximum_percent") or 200)
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html: rounded down.
    return math.floor(count * max(percent, 100) / 100)


def _most_instances(group: Resource) -> int:
    """While all of them are replaced there may be more than the group's most."""
    most = int(group.body.get("max_size") or 0)
    for refresh in group.blocks("instance_refresh"):
        preferences = refresh.get("preferences") or {}
        each = preferences[0] if isinstance(preferences, list) else preferences
        return math.ceil(most * max(100, float(each.get("max_healthy_percentage") or 100)) / 100)
    return most


def _fargate_vcpus(planned: Planned, service: Resource, on_spot: bool) -> float:
    task = planned.referred(service.body.get("task_definition"))
    cpu = float(task.body.get("cpu") or 0) / 1024 if task else 0.0
    return cpu * _share(service, _most_tasks(planned, service), on_spot)


def _share(service: Resource, tasks: float, on_spot: bool) -> float:
    """The base first, then by weight.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
    """
    strategy = service.blocks("capacity_provider_strategy") or [{"capacity_provider": "FARGATE", "weight": 1}]
    base = min(tasks, sum(int(each.get("base") or 0) for each in strategy))
    weights = sum(int(each.get("weight") or 0) for each in strategy)
    share = 0.0
    for each in strategy:
        if (each.get("capacity_provider") == _SPOT) == on_spot:
            share += base if each.get("base") else 0
            share += (tasks - base) * int(each.get("weight") or 0) / weights if weights else 0
    return share


def _fargate_tasks(site: Site, cluster: str) -> Iterator[Block]:
    arns = site.ask("ecs", "list_tasks", cluster=cluster, launchType="FARGATE")["taskArns"]
    for first in range(0, len(arns), _TASKS_AT_ONCE):
        chosen = arns[first : first + _TASKS_AT_ONCE]
        yield from site.ask("ecs", "describe_tasks", cluster=cluster, tasks=chosen)["tasks"]


def _launch_template(planned: Planned, group: Resource) -> Resource | None:
    for block in group.blocks("launch_template"):
        return planned.referred(block.get("id"))
    return None


def _instance_type(planned: Planned, group: Resource) -> str:
    template = _launch_template(planned, group)
    return str(template.body.get("instance_type") or "") if template else ""


def _standard(site: Site, counts: Counter[str]) -> Iterator[tuple[str, float, float]]:
    """Instance type, how many of it, and the vCPUs of one, for those that the quota of standard ones is about."""
    types = sorted(name for name in counts if _STANDARD.match(name))
    if not types:
        return
    described = site.ask("ec2", "describe_instance_types", InstanceTypes=types)["InstanceTypes"]
    for each in described:
        name = str(each["InstanceType"])
        yield name, counts[name], each["VCpuInfo"]["DefaultVCpus"]


def _reserved_by(site: Site) -> Callable[[str], int]:
    def reserved(function: str) -> int:
        try:
            answer = site.ask("lambda", "get_function_concurrency", FunctionName=function)
        except Refused as error:
            if error.code == "ResourceNotFoundException":
                return 0
            raise
        return int(answer.get("ReservedConcurrentExecutions") or 0)

    return reserved
