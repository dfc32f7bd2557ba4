"""What the rows of requirements ask of a template, followed through its references."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NamedTuple, cast

from lib.evidence.reading import at, resources
from lib.evidence.structure.known_names import NAMED
from tests.template import Block, Template, statements

_REFERENCE = re.compile(r"\$\{(?P<kind>aws_\w+)\.(?P<name>\w+)\.")
INTERNET = "internet"
ROTATION = "rotation"
"""The function that rotates the password of the database's users."""


class Subnet(NamedTuple):
    """A subnet as the stack hands it out: with the kinds of resource that its routes lead to, by destination."""

    name: str
    zone: str
    cidr: str
    routes: dict[str, str]


class Edge(NamedTuple):
    """One open port. An end is the last word of its security group's name, or the internet."""

    source: str
    target: str
    port: int


OF_ROTATION = Edge(ROTATION, "database", 5432)
OUT_OF_ROTATION = Edge(ROTATION, INTERNET, 443)
"""What that function reaches; nobody reaches it."""


def provider(template: Template) -> Block:
    """The one configuration of the AWS provider."""
    (block,) = template.document["provider"]["aws"]
    return cast(Block, block)


def default_tags(template: Template) -> dict[str, str]:
    """The tags that the provider puts on everything."""
    (block,) = provider(template)["default_tags"]
    return cast(dict[str, str], block["tags"])


def referred(template: Template, reference: str) -> Block:
    """The resource that `${aws_kind.name.attribute}` speaks of."""
    match = _REFERENCE.match(reference)
    assert match, f"{reference} refers to no resource"
    return template.named(match["kind"])[match["name"]]


def key(template: Template, part: str) -> str:
    """How others refer to the project's own key for one kind of data."""
    (alias,) = [each for each in template.all("aws_kms_alias") if each["name"].endswith(f"/{part}")]
    return template.reference("aws_kms_key", "arn", tags={"Name": alias["name"]})


def address(template: Template, kind: str, **arguments: object) -> str:
    """How `depends_on` speaks of the one resource of a type (with these arguments)."""
    return template.reference(kind, "", **arguments).removeprefix("${").removesuffix(".}")


def users_of(template: Template, reference: str) -> set[str]:
    """The kinds of resource that speak of an attribute of another: `${aws_kms_key.a.arn}`."""
    spoken = reference.removeprefix("${").removesuffix("}")
    return {kind for kind, _, block in resources(template) if spoken in json.dumps(block)}


def physical_names(template: Template) -> list[str]:
    """Every name that AWS knows something by: of each kind as the table of kinds says, and the tags Name."""
    names = [
        name
        for kind, _, block in resources(template)
        for naming in NAMED.get(kind, ())
        if (name := at(block, naming.argument)) is not None
    ]
    return names + [block["tags"]["Name"] for _, _, block in resources(template) if "Name" in block.get("tags", {})]


def alarms_of(template: Template) -> dict[str, Block]:
    """Alarm by its name without project and suffix: `api-cpu`."""
    prefix = f"{template.outputs['project']['value']}-{template.outputs['environment_suffix']['value']}-"
    return {each["alarm_name"].removeprefix(prefix): each for each in template.all("aws_cloudwatch_metric_alarm")}


def graphs(template: Template) -> list[Block]:
    """What the dashboard draws: the properties of each graph."""
    widgets = json.loads(template.only("aws_cloudwatch_dashboard")["dashboard_body"])["widgets"]
    return [widget["properties"] for widget in widgets if widget["type"] == "metric"]


def listeners(template: Template) -> dict[int, Block]:
    """The load balancer's listeners by their ports."""
    found = template.all("aws_lb_listener")
    assert {each["load_balancer_arn"] for each in found} == {template.reference("aws_lb", "arn")}
    return {each["port"]: each for each in found}


def bucket(template: Template, part: str) -> dict[str, Block]:
    """What a bucket is made of: the last words of each kind -> the resource. `bucket` is the bucket itself."""
    (name,) = [name for name, each in template.named("aws_s3_bucket").items() if f"-{part}-" in each["bucket"]]
    parts = {"bucket": template.named("aws_s3_bucket")[name]}
    for kind in template.document["resource"]:
        if kind.startswith("aws_s3_bucket_") and (own := template.where(kind, bucket=f"${{aws_s3_bucket.{name}.id}}")):
            (parts[kind.removeprefix("aws_s3_bucket_")],) = own
    return parts


def group(template: Template, part: str) -> str:
    """How others refer to a security group, by the last word of its name."""
    (name,) = [each["name"] for each in template.all("aws_security_group") if each["name"].endswith(f"-{part}")]
    return template.reference("aws_security_group", "id", name=name)


def container(template: Template, service: str) -> Block:
    """The one container of a service's tasks."""
    definitions = [json.loads(each["container_definitions"]) for each in template.all("aws_ecs_task_definition")]
    (found,) = [containers for containers in definitions if containers[0]["name"] == service]
    assert len(found) == 1
    return cast(Block, found[0])


def by_name(entries: Iterable[Block], value: str = "value") -> dict[str, str]:
    """`[{"name": …, "value": …}]` as a table."""
    return {each["name"]: each[value] for each in entries}


def role_statements(template: Template, role: str) -> dict[str, Block]:
    """Sid -> statement of the policies in a role, named by its last two words: `api-task`."""
    (name,) = [name for name, each in template.named("aws_iam_role").items() if each["name"].endswith(f"-{role}")]
    policies = [each for each in template.all("aws_iam_role_policy") if f".{name}." in each["role"]]
    return {statement["Sid"]: statement for each in policies for statement in statements(each["policy"])}


def password(template: Template) -> str:
    """How others refer to the secret by which they sign in to the database: once its user is there."""
    arn = template.reference("aws_secretsmanager_secret", "arn", name=_name_of_password(template))
    prepared = template.reference("aws_lambda_invocation", "id")
    return f"${{element([{arn[2:-1]}, {prepared[2:-1]}], 0)}}"


def application_secrets(template: Template) -> list[Block]:
    """Those of the settings."""
    return [each for each in template.all("aws_secretsmanager_secret") if each["name"] != _name_of_password(template)]


def _name_of_password(template: Template) -> str:
    project, suffix = (template.outputs[name]["value"] for name in ("project", "environment_suffix"))
    return f"{project}/{suffix}/database/application"


def subnets(template: Template, tier: str) -> list[Subnet]:
    """The subnets of a tier as the stack's outputs name them, zone by zone."""
    return [_subnet(template, reference) for reference in template.outputs[f"{tier}_subnet_ids"]["value"]]


def _subnet(template: Template, association: str) -> Subnet:
    associated = referred(template, association)
    subnet = referred(template, associated["subnet_id"])
    routes = {
        route["destination_cidr_block"]: _kind(route.get("gateway_id") or route["nat_gateway_id"])
        for route in template.where("aws_route", route_table_id=associated["route_table_id"])
    }
    return Subnet(subnet["tags"]["Name"], subnet["availability_zone"], subnet["cidr_block"], routes)


def _kind(reference: str) -> str:
    match = _REFERENCE.match(reference)
    assert match, f"{reference} refers to no resource"
    return match["kind"]


def ingress(template: Template) -> set[Edge]:
    """Every port that a group lets in, and from where. Fails on a rule that is anything but one TCP port."""
    rules = template.all("aws_vpc_security_group_ingress_rule")
    edges = [Edge(_peer(template, rule), _group(template, rule["security_group_id"]), _port(rule)) for rule in rules]
    assert len(set(edges)) == len(edges)
    return set(edges)


def egress(template: Template) -> set[Edge]:
    """Every port that a group lets out, and where to."""
    rules = template.all("aws_vpc_security_group_egress_rule")
    edges = [Edge(_group(template, rule["security_group_id"]), _peer(template, rule), _port(rule)) for rule in rules]
    assert len(set(edges)) == len(edges)
    return set(edges)


def _port(rule: Block) -> int:
    assert rule["ip_protocol"] == "tcp"
    assert rule["from_port"] == rule["to_port"]
    return int(rule["from_port"])


def _peer(template: Template, rule: Block) -> str:
    if "referenced_security_group_id" in rule:
        return _group(template, rule["referenced_security_group_id"])
    assert rule["cidr_ipv4"] == "0.0.0.0/0"
    return INTERNET


def _group(template: Template, reference: str) -> str:
    return str(referred(template, reference)["name"]).rpartition("-")[2]
