"""Subnets: everything stands where it can be reached by whom it serves, reaches what it needs, and survives a zone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from lib.evidence.reading import arguments, blocks, every, is_set, referred, resources, text
from lib.evidence.template import Block, Template

_ANYWHERE = "0.0.0.0/0"

PUBLIC, PRIVATE, ISOLATED = "public", "private", "isolated"
"""By their way out: to the internet and back, out through NAT, none."""


class Place(NamedTuple):
    """Which subnets a kind of resource stands in, by which argument it names them, in how many zones at least."""

    argument: str
    tier: str
    zones: int = 2


PLACES = {
    "aws_apigatewayv2_vpc_link": Place("subnet_ids", PRIVATE),
    "aws_autoscaling_group": Place("vpc_zone_identifier", PRIVATE),
    "aws_db_subnet_group": Place("subnet_ids", ISOLATED),
    "aws_ecs_service": Place("network_configuration.subnets", PRIVATE),
    "aws_efs_mount_target": Place("subnet_id", ISOLATED, zones=1),
    "aws_elasticache_serverless_cache": Place("subnet_ids", ISOLATED),
    "aws_elasticache_subnet_group": Place("subnet_ids", ISOLATED),
    "aws_lambda_function": Place("vpc_config.subnet_ids", PRIVATE),
    "aws_lb": Place("subnets", PUBLIC),
    "aws_nat_gateway": Place("subnet_id", PUBLIC, zones=1),
}
_ARGUMENTS = ("subnets", "subnet_ids", "subnet_id", "vpc_zone_identifier", "vpc_config", "subnet_mapping")
_HAVE_NO_PLACE = ("aws_route_table_association",)
_MAY_BE_OUTSIDE = {"aws_lambda_function": "vpc_config"}
"""Kinds that stand in a VPC only where they have this argument."""


def everything_stands_where_it_should(template: Template) -> list[str]:
    """Load balancers of the public in public subnets, what runs in private ones, stores in isolated ones; each in two
    zones, files in all zones from which they are mounted; and every NAT gateway is somebody's way out."""
    found = []
    for kind, address, block in resources(template):
        if kind in _MAY_BE_OUTSIDE and _MAY_BE_OUTSIDE[kind] not in block:
            continue
        if kind in PLACES:
            found += [f"{address}: {problem}" for problem in _wrong_place(template, kind, block)]
        elif kind not in _HAVE_NO_PLACE and {*_ARGUMENTS} & arguments(kind) & block.keys():
            found.append(f"{address}: subnets.py does not say where its kind stands")
    return [*found, *_wrong_tables(template), *_missing_mount_targets(template), *_unused_gateways(template)]


def _wrong_place(template: Template, kind: str, block: Block) -> Iterator[str]:
    place = PLACES[kind]
    tier = PRIVATE if kind == "aws_lb" and is_set(block, "internal") else place.tier
    subnets = [_subnet(template, each) for each in every(block, place.argument)]
    tiers = sorted({_tier(template, each) for each in subnets})
    if tiers != [tier]:
        yield f"stands in {' and '.join(tiers) or 'no'} subnets, not in {tier} ones"
    if len({_zone(template, each) for each in subnets}) < place.zones:
        yield "stands in one zone"


def _subnet(template: Template, value: Any) -> str | None:
    """The subnet that an id is of, also where it is read from what gives the subnet its routes."""
    address = referred(value)
    block = blocks(template).get(address or "", {})
    return referred(block.get("subnet_id")) if "route_table_id" in block else address


def _zone(template: Template, subnet: str | None) -> str:
    return text(blocks(template).get(subnet or "", {}), "availability_zone")


def _tier(template: Template, subnet: str | None) -> str:
    tables = [
        referred(each.get("route_table_id"))
        for each in template.all("aws_route_table_association")
        if referred(each.get("subnet_id")) == subnet
    ]
    routes = [
        route
        for route in template.where("aws_route", destination_cidr_block=_ANYWHERE)
        if referred(route.get("route_table_id")) in tables
    ]
    if any("gateway_id" in route for route in routes):
        return PUBLIC
    return PRIVATE if routes else ISOLATED


def _wrong_tables(template: Template) -> Iterator[str]:
    """A subnet without a table of its own takes the VPC's main one, of which nothing here speaks."""
    associated = [referred(each.get("subnet_id")) for each in template.all("aws_route_table_association")]
    for name in template.named("aws_subnet"):
        if (count := associated.count(f"aws_subnet.{name}")) != 1:
            yield f"aws_subnet.{name}: has {count} route tables"


def _missing_mount_targets(template: Template) -> Iterator[str]:
    tasks = {
        f"aws_ecs_task_definition.{name}"
        for name, task in template.named("aws_ecs_task_definition").items()
        if every(task, "volume.efs_volume_configuration")
    }
    served = {
        _zone(template, _subnet(template, each.get("subnet_id"))) for each in template.all("aws_efs_mount_target")
    }
    for name, service in template.named("aws_ecs_service").items():
        subnets = [_subnet(template, each) for each in every(service, "network_configuration.subnets")]
        missing = {_zone(template, each) for each in subnets} - served
        if referred(service.get("task_definition")) in tasks and missing:
            yield f"aws_ecs_service.{name}: mounts files in {len(missing)} zones without a mount target"


def _unused_gateways(template: Template) -> Iterator[str]:
    ways_out = {referred(route.get("nat_gateway_id")) for route in template.all("aws_route")}
    for name in template.named("aws_nat_gateway"):
        if f"aws_nat_gateway.{name}" not in ways_out:
            yield f"aws_nat_gateway.{name}: is nobody's way out"
