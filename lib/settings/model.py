"""The settings of one stack, all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lib.naming import MAX_SUFFIX_LENGTH, PROJECT_PATTERN, RESERVED_PROJECTS, SUFFIX_PATTERN
from lib.settings.base import EachOnce, FrozenMap, Model, Name, NoneOfThem, Path, Problem, SwitchedOff
from lib.settings.compute import Fleet, Function
from lib.settings.data import Bucket, Cache, Database, Files, InstanceDatabase, Removal, Secret, ServerlessCache, Table
from lib.settings.edge import Cdn, HttpApi
from lib.settings.network import Firewall, LoadBalancer, Network
from lib.settings.routing import rule_priorities
from lib.settings.services import Cluster, Service
from lib.settings.targets import Routed, Target

Tier = Literal["dev", "staging", "prod"]

STORES = ("cache", "database")
"""What services and fleets connect to by name."""

ASSETS = "assets"
"""The bucket behind the CDN, as services, fleets and functions name it."""

RESERVED_NAMES = frozenset(
    {
        "alb",
        "cache",
        "cdn",
        "cluster",
        "database",
        "events",
        "files",
        "firewall",
        "gateway",
        "internet",
        "nat",
        "network",
        "notifications",
        "rotation",
    }
)
"""Units of the platform: a service, fleet or function of that name would share a security group's, role's or alarm's
name with one."""

RESERVED_BUCKETS = frozenset({ASSETS, "log", "logs"})
"""Buckets of the platform's own, and what that of the logs is called in the template."""

LONGEST_CERTIFICATE_NAME = 64
"""https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html"""

TAGS_OF_THE_PLATFORM = ("Environment", "EnvironmentSuffix", "ManagedBy", "Name", "Project")
MOST_TAGS = 50
"""https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""

_TAG_CHARACTERS = r"^[A-Za-z0-9_ .:/=+@-]*$"
TagKey = Annotated[str, Field(pattern=_TAG_CHARACTERS, min_length=1, max_length=128)]
TagValue = Annotated[str, Field(pattern=_TAG_CHARACTERS, max_length=256)]
"""https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""
PolicyName = Annotated[str, Field(pattern=r"^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$", max_length=512)]
"""With its path, if it has one. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html"""

Email = Annotated[str, Field(pattern=r"^[^@\s${}]+@[^@\s${}]+\.[^@\s${}]+$", max_length=254)]


class Notifications(Model):
    """Who hears of alarms and of failed deployments."""

    emails: Annotated[tuple[Email, ...], Field(min_length=1), EachOnce] = ("alerts@example.com",)
    """Addresses; AWS asks each one to confirm before it sends anything."""


class Settings(Model):
    """Everything that one stack is made from. `false` in place of a table leaves a unit out."""

    name: Annotated[str, Field(pattern=rf"^{PROJECT_PATTERN}$")] = "catalog"
    """The project; all physical names begin with it."""
    suffix: Annotated[str, Field(pattern=rf"^{SUFFIX_PATTERN}$", max_length=MAX_SUFFIX_LENGTH)]
    """The environment; all physical names carry it. From ENVIRONMENT_SUFFIX or the constructor."""
    tier: Tier
    """Which column of the tier table applies. From the suffix or TAP_TIER."""
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    """AWS region. From the constructor, AWS_REGION, lib/AWS_REGION or metadata.json, the first that is there."""
    tags: FrozenMap[TagKey, TagValue] = Field(default_factory=dict, validate_default=True)
    """Tags on everything, beside Environment, EnvironmentSuffix, Project and ManagedBy."""
    permissions_boundary: PolicyName | None = None
    """A managed policy of the account that bounds what any role of the stack may do: `ci_boundary_shop-prod`."""
    network: Network = Network()
    load_balancer: LoadBalancer = LoadBalancer()
    firewall: Annotated[Firewall | None, SwitchedOff] = Firewall()
    cluster: Cluster = Cluster()
    services: Annotated[FrozenMap[Name, Service], NoneOfThem] = Field(
        default_factory=lambda: {"api": Service()}, validate_default=True
    )
    fleets: FrozenMap[Name, Fleet] = Field(default_factory=dict, validate_default=True)
    functions: FrozenMap[Name, Function] = Field(default_factory=dict, validate_default=True)
    http_api: Annotated[HttpApi | None, SwitchedOff] = None
    cdn: Annotated[Cdn | None, SwitchedOff] = None
    cache: Annotated[Cache | None, SwitchedOff] = ServerlessCache()
    database: Annotated[Database | None, SwitchedOff] = InstanceDatabase()
    files: Annotated[Files | None, SwitchedOff] = Files()
    tables: FrozenMap[Name, Table] = Field(default_factory=dict, validate_default=True)
    buckets: FrozenMap[Name, Bucket] = Field(default_factory=dict, validate_default=True)
    secrets: FrozenMap[Name, Secret] = Field(default_factory=dict, validate_default=True)
    notifications: Notifications = Notifications()
    removal: Removal = Removal()

    @property
    def targets(self) -> dict[str, Target]:
        """Services and fleets: what runs in the VPC and answers requests."""
        return {**self.services, **self.fleets}

    @property
    def routed(self) -> dict[str, Routed]:
        """What has a rule at the load balancer: services, fleets, and the functions that ask for one."""
        functions = {name: function for name, function in self.functions.items() if function.has_rule}
        return {**self.targets, **functions}

    def domain(self, pattern: str | None) -> str | None:
        """A domain name of the settings, for this environment."""
        return pattern and pattern.replace("{suffix}", self.suffix)

    def stores_of(self, target: str) -> tuple[str, ...]:
        """Which stores a service or fleet may reach: those it names, or all there are."""
        named = self.targets[target].connects_to
        return tuple(
            store for store in STORES if getattr(self, store) is not None and (named is None or store in named)
        )

    def users_of(self, store: str) -> list[str]:
        """Services and fleets that may reach a store."""
        return [name for name in self.targets if store in self.stores_of(name)]

    def _own_problems(self) -> Iterator[Problem]:
        if self.name in RESERVED_PROJECTS:
            yield self.problem("name", f"must not be one of {', '.join(sorted(RESERVED_PROJECTS))}: AWS keeps them")
        yield from self._tag_problems()
        yield from self._region_problems()
        yield from self._domain_problems()
        yield from self._tls_problems()
        yield from self._entry_problems()
        yield from self._name_problems()
        yield from self._routing_problems()
        for name in self.services:
            yield from self._service_problems(name)
        for kind in ("services", "fleets", "functions"):
            for name in getattr(self, kind):
                yield from self._reference_problems(kind, name)

    def _tag_problems(self) -> Iterator[Problem]:
        if reserved := sorted(key for key in self.tags if key.lower().startswith("aws:")):
            yield self.problem("tags", f"must not name {', '.join(reserved)}: AWS keeps aws: for itself")
        keys = {*TAGS_OF_THE_PLATFORM, *self.tags}
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating
        lower = [key.lower() for key in keys]
        if alike := sorted(key for key in keys if lower.count(key.lower()) > 1):
            yield self.problem("tags", f"must not differ by case only, which IAM refuses: {', '.join(alike)}")
        if len(keys) > MOST_TAGS:
            yield self.problem("tags", f"come to {len(keys)} with those of the platform: AWS takes {MOST_TAGS}")

    def _region_problems(self) -> Iterator[Problem]:
        if any(zone[:-1] != self.region for zone in self.network.zone_names):
            yield _problem(("network", "zone_names"), f"must lie in the stack's region {self.region}", ("region",))
        arn = self.load_balancer.certificate_arn
        if arn is not None and arn.split(":")[3] != self.region:
            at = ("load_balancer", "certificate_arn")
            yield _problem(at, f"must be of the stack's region {self.region}", ("region",))

    def _domain_problems(self) -> Iterator[Problem]:
        domains = {"load_balancer": self.load_balancer.domain_name, "cdn": self.cdn.domain_name if self.cdn else None}
        for unit, pattern in domains.items():
            if (name := self.domain(pattern)) and len(name) > LONGEST_CERTIFICATE_NAME:
                yield _problem(
                    (unit, "domain_name"),
                    f"comes to {name}, {len(name)} characters: a certificate takes {LONGEST_CERTIFICATE_NAME}",
                    ("suffix",),
                )
        if domains["cdn"] and self.domain(domains["cdn"]) == self.domain(domains["load_balancer"]):
            yield _problem(
                ("cdn", "domain_name"), "must differ from the load balancer's", ("load_balancer", "domain_name")
            )

    def _tls_problems(self) -> Iterator[Problem]:
        balancer = self.load_balancer
        if self.tier == "prod" and not balancer.has_tls and not balancer.accept_plain_http:
            yield _problem(
                ("load_balancer",),
                "has no TLS, in production: give certificate_arn, or domain_name and hosted_zone,"
                " or say accept_plain_http = true",
            )

    def _entry_problems(self) -> Iterator[Problem]:
        internal = self.load_balancer.internal
        if internal and self.http_api is None:
            yield _problem(
                ("load_balancer", "internal"),
                "leaves nobody who reaches the platform: it needs http_api",
                ("http_api",),
            )
        if internal and (by_host := sorted(name for name, target in self.routed.items() if target.hosts)):
            yield _problem(
                ("load_balancer", "internal"),
                f"makes {', '.join(by_host)} unreachable by hosts: every request names the HTTP API's. Give paths",
                *(self._at(name, "hosts") for name in by_host),
            )

        balancer = self.load_balancer
        if self.http_api is not None and balancer.has_tls and balancer.domain_name is None:
            yield _problem(
                ("load_balancer", "domain_name"),
                "must be given: the HTTP API checks the load balancer's certificate by it",
                ("http_api",),
            )

    def _name_problems(self) -> Iterator[Problem]:
        for kind in ("services", "fleets", "functions"):
            if reserved := sorted(getattr(self, kind).keys() & RESERVED_NAMES):
                yield self.problem(kind, f"must not be called {', '.join(reserved)}: units of the platform are")
        for one, other in (("fleets", "services"), ("functions", "services"), ("functions", "fleets")):
            if shared := sorted(getattr(self, one).keys() & getattr(self, other).keys()):
                yield self.problem(one, f"and {other} are both called {', '.join(shared)}", other)
        if reserved := sorted(self.buckets.keys() & RESERVED_BUCKETS):
            yield self.problem("buckets", f"must not be called {', '.join(reserved)}: buckets of the platform are")

    def _routing_problems(self) -> Iterator[Problem]:
        if not self.routed:
            yield self.problem(
                "services",
                "are none, and nothing else answers at the load balancer: give a service, a fleet, or a function with"
                " paths or hosts",
                "fleets",
                "functions",
            )
        defaults = [name for name, target in self.targets.items() if target.is_default]
        if len(defaults) > 1:
            yield self.problem(
                "services", f"{', '.join(defaults)} have neither paths nor hosts: only one may", "fleets"
            )
            return
        names_by_priority: dict[int, list[str]] = defaultdict(list)
        for name, priority in rule_priorities(self.routed).items():
            names_by_priority[priority].append(name)
        for priority, names in names_by_priority.items():
            if len(names) > 1:
                yield self.problem(
                    "services",
                    f"{', '.join(names)} come to the same priority {priority}:"
                    f" set priority on all but one of them to a number that is free",
                    "fleets",
                    "functions",
                )

    def _service_problems(self, name: str) -> Iterator[Problem]:
        service, at = self.services[name], ("services", name)
        if service.mounts and self.files is None:
            yield _problem((*at, "mounts"), "needs files, which is left out", ("files",))
        for callee in service.calls:
            if callee == name or callee not in self.services:
                others = ", ".join(sorted(self.services.keys() - {name})) or "none"
                yield _problem((*at, "calls"), f"names {callee}; other services: {others}", ("services",))
            elif name in self._called_from(callee):
                yield _problem(
                    (*at, "calls"),
                    f"names {callee}, which calls {name} in turn: one of them would start without knowing the other",
                    ("services",),
                )
        for variable, reference in service.secrets.items():
            if reference.partition(":")[0] not in self.secrets:
                known = ", ".join(sorted(self.secrets)) or "none"
                yield _problem((*at, "secrets", variable), f"names no secret; secrets: {known}", ("secrets",))

    def _reference_problems(self, kind: str, name: str) -> Iterator[Problem]:
        """Stores, buckets and tables that are named and not there."""
        user, at = getattr(self, kind)[name], (kind, name)
        for store in getattr(user, "connects_to", None) or ():
            if getattr(self, store) is None:
                yield _problem((*at, "connects_to"), f"names {store}, which is left out", (store,))
        buckets = {*self.buckets, *([ASSETS] if self.cdn else [])}
        for field, known in (("buckets", buckets), ("tables", set(self.tables))):
            if unknown := sorted(set(getattr(user, field)) - known):
                there = ", ".join(sorted(known)) or "none"
                yield _problem((*at, field), f"names {', '.join(unknown)}; there are: {there}", (field,), ("cdn",))

    def _at(self, name: str, field: str) -> Path:
        """Where a setting of a service, fleet or function stands."""
        kind = next(kind for kind in ("services", "fleets", "functions") if name in getattr(self, kind))
        return (kind, name, field)

    def _called_from(self, name: str) -> set[str]:
        """The services that a service calls, and those that they call."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            for callee in self.services[waiting.pop()].calls:
                if callee in self.services and callee not in found:
                    found.add(callee)
                    waiting.append(callee)
        return found


def _problem(at: Path, message: str, *also: Path) -> Problem:
    return Problem(at, message, (at, *also))
