"""The place that a stack goes to: what AWS is asked about it, and which of that is the stack's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lib.operations.aws import Aws, Block
from lib.operations.preflight.planned import Planned, Resource
from lib.settings.edge import EDGE_REGION


@dataclass(frozen=True)
class Site:
    """One region of an account, for one planned stack."""

    planned: Planned
    aws: Aws
    region: str
    emulated: bool
    everywhere: bool = False
    """Whether the resources of all regions are meant: what an account has once."""

    def ask(self, service: str, operation: str, **parameters: Any) -> Block:
        """Raises Refused."""
        return self.aws.ask(service, operation, region=self.region, **parameters)

    def resources(self, type: str, **where: str) -> list[Resource]:
        """Those that the stack has here."""
        return self.planned.all(type, "" if self.everywhere else self.region, **where)

    def zones(self) -> list[Block]:
        """Those that subnets can be in, as Terraform's data source lists them: by name, without local ones."""
        filters = [
            {"Name": "zone-type", "Values": ["availability-zone"]},
            {"Name": "state", "Values": ["available"]},
        ]
        zones = self.ask("ec2", "describe_availability_zones", Filters=filters)["AvailabilityZones"]
        return sorted(zones, key=lambda zone: str(zone["ZoneName"]))

    def zone_name(self, zone: str) -> str:
        """Of a zone by name or number; the number where there is none of that number."""
        names = [str(each["ZoneName"]) for each in self.zones()]
        return names[int(zone)] if zone.isdecimal() and int(zone) < len(names) else zone

    def is_own(self, tags: Mapping[str, str]) -> bool:
        """Whether these tags say that something is this environment's."""
        own = self.planned.own_tags
        return bool(own) and own.items() <= tags.items()

    def home(self) -> Site:
        """The region that AWS's client was made for."""
        return self.in_region(self.aws.region)

    def everywhere_at_once(self) -> Site:
        """Where AWS answers for the whole account, with the resources of all regions."""
        return replace(self, region=EDGE_REGION, everywhere=True)

    def moved(self, region: str) -> Site:
        """As if the stack were meant for another region. What it has in a third one stays there."""
        return replace(self, planned=self.planned.moved(region), region=region)

    def in_region(self, region: str) -> Site:
        return replace(self, region=region)
