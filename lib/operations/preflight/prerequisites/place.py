"""The account, the region and its zones, the tools, and where the state is."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.aws import Aws, Refused
from lib.operations.ending import FOUND, UNUSABLE, Stop
from lib.operations.preflight import services
from lib.operations.preflight.prerequisites.prerequisite import DoesNotApply, Note, Registry, Situation
from lib.operations.state_bucket import exists, lacking
from lib.operations.terraform import executable

PLACE = Registry()

_USABLE = ("opt-in-not-required", "opted-in")
_LINK_ZONES = {
    "us-east-1": "1 2 4 5 6",
    "us-east-2": "1 2 3",
    "us-west-1": "1 3",
    "us-west-2": "1 2 3 4",
    "ap-east-1": "2 3",
    "ap-northeast-1": "1 2 4",
    "ap-northeast-2": "1 2 3",
    "ap-south-1": "1 2 3",
    "ap-southeast-1": "1 2 3",
    "ap-southeast-2": "1 2 3",
    "ca-central-1": "1 2",
    "eu-central-1": "1 2 3",
    "eu-north-1": "1 2 3",
    "eu-south-2": "1 2 3",
    "eu-west-1": "1 2 3",
    "eu-west-2": "1 2 3",
    "eu-west-3": "1 3",
    "me-south-1": "1 2 3",
    "sa-east-1": "1 2 3",
    "us-gov-west-1": "1 2 3",
}
"""Region -> ends of the ids of zones that VPC links can be in.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vpc-links.html"""


@PLACE.add("account", "AWS knows who asks")
def account(situation: Situation) -> Iterator[str | Note]:
    caller = situation.site.home().ask("sts", "get_caller_identity")
    yield Note(f"account {caller['Account']}, as {caller['Arn']}")


@PLACE.add("region", "The region, and each other one that the stack uses, is enabled for the account")
def region(situation: Situation) -> Iterator[str | Note]:
    known = {
        each["RegionName"]: each.get("OptInStatus", _USABLE[0])
        for each in situation.site.home().ask("ec2", "describe_regions", AllRegions=True)["Regions"]
    }
    for each in situation.site.planned.regions:
        if each not in known:
            yield f"there is no region {each}"
        elif known[each] not in _USABLE:
            yield f"{each} is not enabled for the account: enable it in the account's settings, or choose another"


@PLACE.add("services", "The region has every service that the stack is made of")
def offered(situation: Situation) -> Iterator[str | Note]:
    for service in services.missing(situation.site):
        yield f"{situation.site.region} has no {service}"


@PLACE.add("zones", "The region has the availability zones that the subnets are meant for")
def zones(situation: Situation) -> Iterator[str | Note]:
    planned = situation.site.planned
    if not planned.zones_needed:
        raise DoesNotApply("the stack has no subnets")
    names = [str(each["ZoneName"]) for each in situation.site.zones()]
    there = f"{situation.site.region} has {', '.join(names) or 'none'}"
    if len(names) < planned.zones_needed:
        yield f"{planned.zones_needed} zones are needed, and {there}: lower network.zone_count"
    for zone in planned.named_zones:
        if zone not in names:
            yield f"there is no zone {zone} for network.zone_names: {there}"


@PLACE.add("vpc_link_zones", "API Gateway's VPC links can be in the zones of their subnets")
def vpc_link_zones(situation: Situation) -> Iterator[str | Note]:
    site = situation.site
    links = site.resources("aws_apigatewayv2_vpc_link")
    if not links:
        raise DoesNotApply("the stack has no VPC link")
    if site.region not in _LINK_ZONES:
        yield Note(f"AWS does not say which zones of {site.region} have VPC links")
        return
    ids = {str(each["ZoneName"]): str(each["ZoneId"]) for each in site.zones()}
    allowed = _LINK_ZONES[site.region].split()
    for zone in sorted(
        {site.zone_name(site.planned.zone_of(each)) for link in links for each in link.body["subnet_ids"]}
    ):
        if zone in ids and ids[zone].rpartition("-az")[2] not in allowed:
            yield f"there are no VPC links in {zone} ({ids[zone]}): choose other zones with network.zone_names"


@PLACE.add("terraform", "Terraform is there, and new enough")
def terraform(situation: Situation) -> Iterator[str | Note]:
    try:
        executable(situation.path)
    except Stop as stop:
        yield str(stop)


@PLACE.add("state", "The bucket of the state is there, in its region, and as `make state-bootstrap` makes it")
def state(situation: Situation) -> Iterator[str | Note]:
    backend = situation.site.planned.template.document.get("terraform", {}).get("backend", {})
    aws, bucket = situation.of_state, backend.get("s3", {}).get("bucket")
    if not aws or not bucket:
        raise DoesNotApply("the state is no object in S3")
    try:
        if not exists(aws, bucket):
            yield f"there is no bucket {bucket}: `make state-bootstrap` makes it"
            return
        for what in lacking(aws, bucket):
            yield f"of the bucket {bucket} this is not so: {what}; `make state-bootstrap` mends it"
    except Stop as stop:
        yield str(stop)


def unusable_region(aws: Aws, region: str) -> Stop | None:
    """Why a region does not answer, if that is its own fault. aws: asks one that does.

    A region that is not enabled says that it does not know who asks, and one that is none has no address.
    """
    try:
        known = aws.ask("ec2", "describe_regions", AllRegions=True)["Regions"]
    except Refused:
        return None
    status = {each["RegionName"]: each.get("OptInStatus", _USABLE[0]) for each in known}
    if region not in status:
        return Stop(f"there is no region {region}: {', '.join(sorted(status))}", UNUSABLE)
    if status[region] not in _USABLE:
        return Stop(
            f"{region} is not enabled for the account: enable it in the account's settings, or choose another", FOUND
        )
    return None
