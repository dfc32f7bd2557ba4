"""What the stack runs: images, instance types, engines and classes of databases and caches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lib.operations.aws import Block, Refused
from lib.operations.preflight.planned import Resource
from lib.operations.preflight.prerequisites.prerequisite import DoesNotApply, Note, Registry, Situation
from lib.operations.preflight.site import Site

ARTIFACTS = Registry()

_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]+))?"
)
_ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
_MANIFESTS = [
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
]


@ARTIFACTS.add("images", "Images are in their registry, for the tasks' processors")
def images(situation: Situation) -> Iterator[str | Note]:
    wanted = sorted({(str(container.get("image")), _processor(task)) for task, container in _containers(situation)})
    if not wanted:
        raise DoesNotApply("the stack runs no containers")
    for image, processor in wanted:
        match = _ECR.fullmatch(image)
        if match is None:
            yield Note(f"{image}: not asked, since only ECR tells what it has without a pull")
        else:
            yield from _image(situation.site, _Image(image, **match.groupdict()), processor)


@ARTIFACTS.add("instance_types", "Each zone of a fleet offers its instance type")
def instance_types(situation: Situation) -> Iterator[str | Note]:
    site = situation.site
    groups = site.resources("aws_autoscaling_group")
    if not groups:
        raise DoesNotApply("the stack has no fleet")
    for group in groups:
        template = site.planned.referred(next(iter(group.blocks("launch_template")), {}).get("id"))
        kind = str(template.body.get("instance_type")) if template else ""
        zones = {site.zone_name(site.planned.zone_of(each)) for each in group.body.get("vpc_zone_identifier", [])}
        offers = site.ask(
            "ec2",
            "describe_instance_type_offerings",
            LocationType="availability-zone",
            Filters=[{"Name": "instance-type", "Values": [kind]}],
        )["InstanceTypeOfferings"]
        if lacking := sorted(zones - {"", *(each["Location"] for each in offers)}):
            yield f"there is no {kind} in {', '.join(lacking)}: choose another type, or zones by network.zone_names"


@ARTIFACTS.add("databases", "RDS offers the engine, its version and the class in the region")
def databases(situation: Situation) -> Iterator[str | Note]:
    site = situation.site
    wanted = set(_engines(site))
    if not wanted:
        raise DoesNotApply("the stack has no database")
    for engine, version, size in sorted(wanted):
        known = site.ask("rds", "describe_db_engine_versions", Engine=engine)["DBEngineVersions"]
        versions = {str(each["EngineVersion"]) for each in known}
        if not any(_is_of(each, version) for each in versions):
            yield f"RDS has no {engine} {version} in {site.region}: {', '.join(sorted(versions)) or 'none'}"
            continue
        options = site.ask("rds", "describe_orderable_db_instance_options", Engine=engine, DBInstanceClass=size)
        if not any(_is_of(str(each["EngineVersion"]), version) for each in options["OrderableDBInstanceOptions"]):
            yield f"RDS has no {size} for {engine} {version} in {site.region}"


@ARTIFACTS.add("caches", "ElastiCache offers the engine and its version in the region")
def caches(situation: Situation) -> Iterator[str | Note]:
    site = situation.site
    groups = site.resources("aws_elasticache_replication_group")
    wanted = {(str(each.body.get("engine")), str(each.body.get("engine_version"))) for each in groups}
    if not wanted:
        raise DoesNotApply("the stack has no cache of nodes")
    for engine, version in sorted(wanted):
        known = site.ask("elasticache", "describe_cache_engine_versions", Engine=engine)["CacheEngineVersions"]
        versions = {str(each["EngineVersion"]) for each in known}
        if not any(_is_of(each, version) for each in versions):
            yield f"ElastiCache has no {engine} {version} in {site.region}: {', '.join(sorted(versions)) or 'none'}"


@dataclass(frozen=True)
class _Image:
    name: str
    account: str
    region: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def id(self) -> Block:
        return {"imageDigest": self.digest} if self.digest else {"imageTag": self.tag or "latest"}


def _containers(situation: Situation) -> Iterator[tuple[Resource, Block]]:
    return situation.site.planned.containers()


def _processor(task: Resource) -> str:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html: else X86_64."""
    platform = next(iter(task.blocks("runtime_platform")), {})
    return str(platform.get("cpu_architecture") or "X86_64")


def _image(site: Site, image: _Image, processor: str) -> Iterator[str | Note]:
    there = site.in_region(image.region)
    try:
        found = there.ask(
            "ecr",
            "batch_get_image",
            registryId=image.account,
            repositoryName=image.repository,
            imageIds=[image.id],
            acceptedMediaTypes=_MANIFESTS,
        )["images"]
    except Refused as error:
        if error.code != "RepositoryNotFoundException":
            raise
        yield f"{image.name}: there is no repository {image.repository} in {image.region}"
        return
    if not found:
        yield f"{image.name}: the repository has no such image"
        return
    platforms = [each.get("platform", {}) for each in json.loads(found[0]["imageManifest"]).get("manifests", [])]
    there_are = sorted({str(each.get("architecture")) for each in platforms} - {"unknown", "None"})
    wanted = _ARCHITECTURES[processor]
    if not there_are:
        yield Note(f"{image.name}: its manifest does not tell the processor; the tasks have {processor}")
    elif wanted not in there_are:
        yield f"{image.name}: is for {', '.join(there_are)}, and the tasks have {processor}"


def _engines(site: Site) -> Iterator[tuple[str, str, str]]:
    """Engine, version and class of each server."""
    for each in site.resources("aws_db_instance"):
        yield str(each.body.get("engine")), str(each.body.get("engine_version")), str(each.body.get("instance_class"))
    for each in site.resources("aws_rds_cluster_instance"):
        if cluster := site.planned.referred(each.body.get("cluster_identifier")):
            of = cluster.body
            yield str(of.get("engine")), str(of.get("engine_version")), str(each.body.get("instance_class"))


def _is_of(version: str, wanted: str) -> bool:
    """`17.4` is of `17`."""
    return version == wanted or version.startswith(f"{wanted}.")
