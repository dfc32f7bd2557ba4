"""Names that AWS takes once: free, or this stack's already."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.aws import Refused
from lib.operations.preflight import inventory
from lib.operations.preflight.inventory import UNIQUE, Kind
from lib.operations.preflight.prerequisites.prerequisite import (
    DoesNotApply,
    Find,
    Note,
    Registry,
    Situation,
)
from lib.operations.preflight.site import Site

NAMES = Registry()
_WAYS_OUT = "delete or import it, or choose another ENVIRONMENT_SUFFIX"


def _free(kind: Kind) -> Find:
    def free(situation: Situation) -> Iterator[str | Note]:
        for site in _sites(situation, kind.type, kind.is_global):
            wanted = set(kind.names(site))
            for thing in kind.things(site) if wanted else ():
                if thing.name in wanted and not situation.ownership.has(thing.name):
                    yield f"{kind.type} {thing.name} is there and not this stack's: {_WAYS_OUT}"

    return free


for _kind in UNIQUE:
    _of, _said = (".cdn", "of the CDN ") if _kind is inventory.EDGE_WEB_ACL else ("", "")
    NAMES.add(f"names.{_kind.type}{_of}", f"No {_kind.type} {_said}of a name of the stack's is there")(_free(_kind))


@NAMES.add("names.aws_cloudwatch_log_group", "No log group of a name of the stack's is left over")
def log_groups(situation: Situation) -> Iterator[str | Note]:
    for site in _sites(situation, "aws_cloudwatch_log_group"):
        for group in site.resources("aws_cloudwatch_log_group"):
            name = site.planned.text(group.body.get("name"))
            answer = site.ask("logs", "describe_log_groups", logGroupNamePrefix=name)["logGroups"] if name else []
            if any(each["logGroupName"] == name for each in answer) and not situation.ownership.has(name):
                yield (
                    f"the log group {name} is there and not this stack's: "
                    f"`aws logs delete-log-group --region {site.region} --log-group-name {name}` deletes it"
                )


@NAMES.add("names.aws_s3_bucket", "The names of buckets are free in all the world")
def buckets(situation: Situation) -> Iterator[str | Note]:
    for site in _sites(situation, "aws_s3_bucket"):
        for name in inventory.BUCKET.names(site):
            match _head(site, name):
                case "taken":
                    yield (
                        f"the bucket {name} is there and not to be looked at: another account's, or s3:ListBucket is "
                        "missing; names of buckets are unique in the world, so choose another project name or suffix"
                    )
                case "there" if not situation.ownership.has(name):
                    yield f"the bucket {name} is there and not this stack's: {_WAYS_OUT}"


@NAMES.add("names.aws_secretsmanager_secret", "No secret of a name of the stack's is there, or waits to be deleted")
def secrets(situation: Situation) -> Iterator[str | Note]:
    for site in _sites(situation, "aws_secretsmanager_secret"):
        wanted = set(inventory.SECRET.names(site))
        for thing in inventory.SECRET.things(site) if wanted else ():
            if thing.name in wanted and "DeletedDate" in thing.body:
                yield (
                    f"the secret {thing.name} is scheduled for deletion, and its name is taken until then: restore it "
                    f"(`aws secretsmanager restore-secret --region {site.region} --secret-id {thing.name}`) and import "
                    "it, or choose another ENVIRONMENT_SUFFIX"
                )
            elif thing.name in wanted and not situation.ownership.has(thing.name):
                yield f"the secret {thing.name} is there and not this stack's: {_WAYS_OUT}"


def _sites(situation: Situation, type: str, is_global: bool = False) -> list[Site]:
    """Where the stack has resources of a type."""
    site = situation.site
    regions = [] if is_global else [each for each in site.planned.regions if site.planned.all(type, each)]
    found = [site.in_region(region) for region in regions]
    if is_global and site.planned.all(type):
        found = [site.everywhere_at_once()]
    if not found:
        raise DoesNotApply(f"the stack has no {type}")
    return found


def _head(site: Site, bucket: str) -> str:
    try:
        site.ask("s3", "head_bucket", Bucket=bucket)
    except Refused as error:
        if error.code in ("404", "NoSuchBucket"):
            return "free"
        if error.code in ("301", "403", "400"):
            return "taken"
        raise
    return "there"
