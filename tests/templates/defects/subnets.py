"""Templates in which something stands where it cannot work or must not be."""

from __future__ import annotations

from lib.evidence.reading import referred
from lib.evidence.structure import subnets as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, copied, first, remove


def ids(template: Template, tier: str) -> list[str]:
    """The subnets of a tier, as everything names them."""
    return list(template.outputs[f"{tier}_subnet_ids"]["value"])


@breaks(checks.everything_stands_where_it_should, "stands in private subnets, not in public ones")
def the_public_cannot_reach_the_load_balancer(template: Template) -> None:
    template.only("aws_lb")["subnets"] = ids(template, "private")


@breaks(checks.everything_stands_where_it_should, "stands in public subnets, not in private ones", "payments-prod")
def an_internal_load_balancer_stands_in_public(template: Template) -> None:
    template.only("aws_lb")["subnets"] = ids(template, "public")


@breaks(checks.everything_stands_where_it_should, "stands in isolated subnets, not in private ones")
def tasks_have_no_way_out(template: Template) -> None:
    template.only("aws_ecs_service")["network_configuration"]["subnets"] = ids(template, "isolated")


@breaks(
    checks.everything_stands_where_it_should, "stands in private and public subnets, not in private ones", "fleet-prod"
)
def an_instance_stands_in_public(template: Template) -> None:
    group = template.only("aws_autoscaling_group")
    group["vpc_zone_identifier"] = [ids(template, "private")[0], ids(template, "public")[1]]


@breaks(checks.everything_stands_where_it_should, "stands in private subnets, not in isolated ones")
def the_database_stands_with_the_tasks(template: Template) -> None:
    template.only("aws_db_subnet_group")["subnet_ids"] = ids(template, "private")


@breaks(checks.everything_stands_where_it_should, "stands in private subnets, not in public ones")
def a_nat_gateway_has_no_way_out_itself(template: Template) -> None:
    first(template, "aws_nat_gateway")["subnet_id"] = ids(template, "private")[0]


@breaks(checks.everything_stands_where_it_should, "stands in one zone", "lms-prod")
def the_cache_goes_with_its_zone(template: Template) -> None:
    template.only("aws_elasticache_subnet_group")["subnet_ids"] = ids(template, "isolated")[:1]


@breaks(checks.everything_stands_where_it_should, "stands in one zone")
def two_subnets_are_in_one_zone(template: Template) -> None:
    for subnet in template.all("aws_subnet"):
        subnet["availability_zone"] = "sa-east-1a"


@breaks(checks.everything_stands_where_it_should, "subnets.py does not say where its kind stands")
def there_is_a_bastion(template: Template) -> None:
    template.document["resource"]["aws_instance"] = {"bastion": {"subnet_id": ids(template, "public")[0]}}


@breaks(checks.everything_stands_where_it_should, "stands in isolated subnets, not in private ones")
def the_rotation_has_no_way_out(template: Template) -> None:
    template.only("aws_lambda_function")["vpc_config"]["subnet_ids"] = ids(template, "isolated")


@breaks(checks.everything_stands_where_it_should, "has 2 route tables")
def a_subnet_has_two_tables(template: Template) -> None:
    copied(template, "aws_route_table_association")


@breaks(checks.everything_stands_where_it_should, "mounts files in 1 zones without a mount target", "lms-prod")
def files_are_not_there_in_one_zone(template: Template) -> None:
    gone = first(template, "aws_efs_mount_target")
    remove(template, "aws_efs_mount_target", gone)


@breaks(checks.everything_stands_where_it_should, "is nobody's way out")
def a_nat_gateway_is_paid_for_nothing(template: Template) -> None:
    routes = [each for each in template.all("aws_route") if "nat_gateway_id" in each]
    for route in routes:
        route["nat_gateway_id"] = routes[0]["nat_gateway_id"]


@breaks(checks.everything_stands_where_it_should, "stands in isolated and private subnets, not in private ones")
def a_way_out_is_missing(template: Template) -> None:
    table = referred(next(each["route_table_id"] for each in template.all("aws_route") if "nat_gateway_id" in each))
    for route in template.all("aws_route"):
        if referred(route["route_table_id"]) == table:
            route["destination_cidr_block"] = "192.0.2.0/24"
