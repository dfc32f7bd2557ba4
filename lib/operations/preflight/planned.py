"""What a template is going to make: its resources with their regions, names and references, as far as text tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lib.evidence.template import Template
from lib.operations.aws import Block

_ACCOUNT = re.compile(r"\$\{data\.aws_caller_identity\.\w+\.(?:account_id|id)\}")
_PARTITION = re.compile(r"\$\{data\.aws_partition\.\w+\.partition\}")
_REFERENCE = re.compile(r"\$\{(aws_\w+)\.(\w+)\.\w+(?:\[0\])?\}")
_ZONE = re.compile(r"\$\{data\.aws_availability_zones\.\w+\.names\[(\d+)\]\}")
_OF_OURS = ("Project", "EnvironmentSuffix")
"""Tags that tell one environment of one project from every other."""


@dataclass(frozen=True)
class Resource:
    """One in the template."""

    type: str
    name: str
    region: str
    body: Block

    @property
    def address(self) -> str:
        return f"{self.type}.{self.name}"

    def blocks(self, argument: str) -> list[Block]:
        """Terraform takes a table where a list of one may stand."""
        value = self.body.get(argument) or []
        return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


class Planned:
    """A template as one account and region will see it."""

    def __init__(self, template: Template, account: str = "", partition: str = "aws", region: str = "") -> None:
        """region: another one than the template's own."""
        self.template = template
        self.account = account
        self.partition = partition
        provider = _provider(template)
        self.region = region or str(provider.get("region", ""))
        tags: Block = {}
        for each in _as_list(provider.get("default_tags")):
            tags |= each.get("tags", {})
        self.own_tags = {name: tags[name] for name in _OF_OURS} if all(name in tags for name in _OF_OURS) else {}
        """Those that everything of this environment carries; none for a template of another make."""

    def moved(self, region: str) -> Planned:
        """The same in another region, where its zones have other names."""
        return Planned(self.template, self.account, self.partition, region)

    @property
    def zones_needed(self) -> int:
        """How many of the region's zones its subnets are in."""
        zones = {self.zone(each.body.get("availability_zone")) for each in self.all("aws_subnet", self.region)}
        return max([*(int(zone) + 1 for zone in zones if zone.isdecimal()), len(zones)], default=0)

    @property
    def named_zones(self) -> list[str]:
        """Those of its subnets that are called by name."""
        zones = {self.zone(each.body.get("availability_zone")) for each in self.all("aws_subnet", self.region)}
        return sorted(zone for zone in zones if zone and not zone.isdecimal())

    @property
    def regions(self) -> list[str]:
        """The stack's first."""
        others = {each.region for kind in self.types for each in self.all(kind)} - {self.region}
        return [self.region, *sorted(others)]

    @property
    def types(self) -> list[str]:
        return list(self.template.document.get("resource", {}))

    def all(self, type: str, region: str = "", **where: str) -> list[Resource]:
        """Of a type; region, where: only these. `zone_of`, `text` read what they refer to."""
        found = [
            Resource(type, name, str(body.get("region") or self.region), body)
            for name, body in self.template.named(type).items()
        ]
        return [
            each
            for each in found
            if region in ("", each.region) and all(each.body.get(name) == value for name, value in where.items())
        ]

    def text(self, value: object) -> str:
        """What a text says once account and partition are known; empty where something else is still open."""
        if not isinstance(value, str):
            return ""
        known = _PARTITION.sub(self.partition, _ACCOUNT.sub(self.account, value))
        return "" if "${" in known else known

    def referred(self, value: object) -> Resource | None:
        """The resource that a value is an attribute of."""
        match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        body = self.template.named(match[1]).get(match[2]) if match else None
        return Resource(match[1], match[2], str(body.get("region") or self.region), body) if match and body else None

    def zone_of(self, subnet: object) -> str:
        """Of a subnet by its id: the zone's name, or its number among the region's (`0`); empty if it is not told."""
        found = self.referred(subnet)
        if found and found.type == "aws_route_table_association":
            found = self.referred(found.body.get("subnet_id"))
        return self.zone(found.body.get("availability_zone")) if found else ""

    def zone(self, value: object) -> str:
        """The same of an `availability_zone`."""
        match = _ZONE.fullmatch(value) if isinstance(value, str) else None
        return match[1] if match else self.text(value)

    def containers(self) -> Iterator[tuple[Resource, Block]]:
        """Each container of each task definition."""
        for task in self.all("aws_ecs_task_definition"):
            for container in _json(task.body.get("container_definitions")):
                yield task, container


def _provider(template: Template) -> Block:
    providers = template.document.get("provider", {}).get("aws", [])
    return next((each for each in providers if "alias" not in each), {})


def _as_list(value: Any) -> list[Block]:
    return value if isinstance(value, list) else [value] if value else []


def _json(text: object) -> list[Block]:
    try:
        document = json.loads(text) if isinstance(text, str) else []
    except ValueError:
        return []
    return [each for each in document if isinstance(each, dict)] if isinstance(document, list) else []
