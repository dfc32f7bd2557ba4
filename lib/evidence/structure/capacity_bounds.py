"""Bounds of capacity: the least is no more than the most, and what is asked for lies between."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor
from typing import NamedTuple

from lib.evidence.reading import is_set, number, tables, text
from lib.evidence.template import Block, Template

_AWS = "https://docs.aws.amazon.com/"
_GROUP = f"{_AWS}autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html"
_REFRESH = f"{_AWS}autoscaling/ec2/APIReference/API_RefreshPreferences.html"
_ACTION = f"{_AWS}autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html"
_TARGET = f"{_AWS}autoscaling/application/APIReference/API_RegisterScalableTarget.html"
_AURORA = f"{_AWS}AmazonRDS/latest/APIReference/API_ServerlessV2ScalingConfiguration.html"
_CACHE = f"{_AWS}AmazonElastiCache/latest/APIReference/API_"
_DEPLOYMENT = f"{_AWS}AmazonECS/latest/APIReference/API_DeploymentConfiguration.html"
_STRATEGY = f"{_AWS}AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html"


class Bounds(NamedTuple):
    """Arguments of one kind, none of which may be less than the one before it."""

    kind: str
    arguments: tuple[str, ...]
    page: str


ORDERED = (
    Bounds("aws_autoscaling_group", ("min_size", "desired_capacity", "max_size"), _GROUP),
    Bounds("aws_autoscaling_group", ("min_size", "max_size"), _GROUP),
    # Terraform waits for so many healthy instances, and there are no more of them.
    Bounds("aws_autoscaling_group", ("min_elb_capacity", "max_size"), _GROUP),
    Bounds("aws_autoscaling_schedule", ("min_size", "desired_capacity", "max_size"), _ACTION),
    Bounds("aws_autoscaling_schedule", ("min_size", "max_size"), _ACTION),
    Bounds("aws_appautoscaling_target", ("min_capacity", "max_capacity"), _TARGET),
    Bounds(
        "aws_appautoscaling_scheduled_action",
        ("scalable_target_action.min_capacity", "scalable_target_action.max_capacity"),
        _TARGET,
    ),
    Bounds(
        "aws_rds_cluster",
        ("serverlessv2_scaling_configuration.min_capacity", "serverlessv2_scaling_configuration.max_capacity"),
        _AURORA,
    ),
    Bounds(
        "aws_elasticache_serverless_cache",
        ("cache_usage_limits.data_storage.minimum", "cache_usage_limits.data_storage.maximum"),
        f"{_CACHE}DataStorage.html",
    ),
    Bounds(
        "aws_elasticache_serverless_cache",
        ("cache_usage_limits.ecpu_per_second.minimum", "cache_usage_limits.ecpu_per_second.maximum"),
        f"{_CACHE}ECPUPerSecond.html",
    ),
)

_WIDEST_REFRESH = 100
"""Percent between the least and the most instances while a group replaces its own."""


def capacity_is_within_bounds(template: Template) -> list[str]:
    """Groups, services, caches and databases can have the capacity that is asked for: bounds are in order, deployments
    have room to replace something, and Aurora's capacity comes in halves."""
    found = []
    for bounds in ORDERED:
        for name, block in template.named(bounds.kind).items():
            found += [f"{bounds.kind}.{name}: {each}, see {bounds.page}" for each in _out_of_order(bounds, block)]
    for kind, wrong in (
        ("aws_autoscaling_group", _wrong_refresh),
        ("aws_ecs_service", _wrong_deployment),
        ("aws_ecs_service", _wrong_strategy),
        ("aws_rds_cluster", _wrong_steps),
        ("aws_elasticache_replication_group", _wrong_nodes),
    ):
        found += [f"{kind}.{name}: {each}" for name, block in template.named(kind).items() for each in wrong(block)]
    return found


def _out_of_order(bounds: Bounds, block: Block) -> Iterator[str]:
    for less, more in zip(bounds.arguments, bounds.arguments[1:], strict=False):
        least, most = number(block, less), number(block, more)
        # -1 in a schedule leaves what there is.
        if least is not None and most is not None and least > most >= 0:
            yield f"{less} {least:g} is more than {more} {most:g}"


def _wrong_refresh(group: Block) -> Iterator[str]:
    path = "instance_refresh.preferences"
    least, most = number(group, f"{path}.min_healthy_percentage"), number(group, f"{path}.max_healthy_percentage")
    if most is None:
        return
    if least is None:
        yield f"{path}.max_healthy_percentage {most:g} needs a min_healthy_percentage beside it, see {_REFRESH}"
    elif most - least > _WIDEST_REFRESH:
        yield (
            f"{path}: from {least:g} to {most:g} percent is wider than the {_WIDEST_REFRESH} that are allowed, "
            f"see {_REFRESH}"
        )


def _wrong_deployment(service: Block) -> Iterator[str]:
    """A rolling update starts a task above the count or stops one below it: with room for neither, it never ends."""
    controller = text(service, "deployment_controller.type") or "ECS"
    if controller != "ECS" or text(service, "scheduling_strategy") == "DAEMON":
        return
    least = _percent(service, "deployment_minimum_healthy_percent", 100)
    most = _percent(service, "deployment_maximum_percent", 200)
    count = number(service, "desired_count")
    if least is None or most is None or count is None or count < 1:
        return
    if floor(count * most / 100) <= count <= ceil(count * least / 100):
        yield (
            f"deployment_maximum_percent {most:g} and deployment_minimum_healthy_percent {least:g} of desired_count "
            f"{count:g} let no task start and none stop, see {_DEPLOYMENT}"
        )


def _percent(service: Block, argument: str, default: float) -> float | None:
    return default if service.get(argument) is None else number(service, argument)


def _wrong_strategy(service: Block) -> Iterator[str]:
    items = tables(service, "capacity_provider_strategy")
    if len([each for each in items if number(each, "base")]) > 1:
        yield f"capacity_provider_strategy: more than one has a base, see {_STRATEGY}"
    if items and all(number(each, "weight") == 0 or each.get("weight") is None for each in items):
        yield f"capacity_provider_strategy: none has a weight above 0, see {_STRATEGY}"


def _wrong_steps(cluster: Block) -> Iterator[str]:
    for argument in ("min_capacity", "max_capacity"):
        path = f"serverlessv2_scaling_configuration.{argument}"
        if (units := number(cluster, path)) is not None and units * 2 % 1:
            yield f"{path} {units:g} is no multiple of 0.5, see {_AURORA}"


def _wrong_nodes(group: Block) -> Iterator[str]:
    has_failover = is_set(group, "automatic_failover_enabled")
    page = f"{_CACHE}CreateReplicationGroup.html"
    if has_failover and number(group, "num_cache_clusters") == 1:
        yield f"num_cache_clusters 1 is less than the 2 that automatic_failover_enabled needs, see {page}"
    if is_set(group, "multi_az_enabled") and not has_failover:
        yield f"multi_az_enabled needs automatic_failover_enabled, see {page}"
