"""The same asked of moto with and without what localaws adds, so that an extension no longer needed is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from tests.localaws.local import client

Clients = Callable[[str], Any]


class Probe(NamedTuple):
    name: str
    """What is asked, and the id of the test."""
    proves: tuple[str, ...]
    """The extensions that answer, as `Class.method`."""
    ask: Callable[[Clients], Any]
    answer: Any
    """What AWS would say."""


def asked(probe: Probe, *, plain: bool) -> Any:
    """A refusal or a breakdown is an answer, too, and another one."""
    try:
        return probe.ask(lambda service: client(service, plain=plain))
    except (ClientError, ResponseParserError, KeyError) as error:
        return error


def network(clients: Clients) -> tuple[str, list[str], str]:
    """VPC, two subnets in different zones, a security group."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = [each["ZoneName"] for each in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate(zones)
    ]
    group = ec2.create_security_group(GroupName="probe", Description="probe", VpcId=vpc)["GroupId"]
    return vpc, subnets, group
