"""The settings of one stack, all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lib.naming import MAX_SUFFIX_LENGTH, PROJECT_PATTERN, RESERVED_PROJECTS, SUFFIX_PATTERN
from lib.settings.base import FrozenMap, Model, Name, Path, Problem, SwitchedOff
from lib.settings.data import Cache, Database, Files, Removal, Secret, ServerlessCache
from lib.settings.network import Firewall, LoadBalancer, Network
from lib.settings.routing import rule_priorities
from lib.settings.services import Cluster, Service

Tier = Literal["dev", "staging", "prod"]

STORES = ("cache", "database")
"""What services connect to by name."""

RESERVED_SERVICE_NAMES = frozenset(
    {
        "alb",
        "cache",
        "cluster",
        "database",
        "events",
        "files",
        "firewall",
        "internet",
        "nat",
        "network",
        "notifications",
    }
)
"""Units of the platform: a service of that name would share a security group's, role's or alarm's name with one."""

_TAG_CHARACTERS = r"^[A-Za-z0-9_ .:/=+@-]*$"
TagKey = Annotated[str, Field(pattern=_TAG_CHARACTERS, min_length=1, max_length=128)]
TagValue = Annotated[str, Field(pattern=_TAG_CHARACTERS, max_length=256)]
"""https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""


Email = Annotated[str, Field(pattern=r"^[^@\s${}]+@[^@\s${}]+\.[^@\s${}]+$", max_length=254)]


class Notifications(Model):
    """Who hears of alarms and of failed deployments."""

    emails: Annotated[tuple[Email, ...], Field(min_length=1)] = ("alerts@example.com",)
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
    network: Network = Network()
    load_balancer: LoadBalancer = LoadBalancer()
    firewall: Annotated[Firewall | None, SwitchedOff] = Firewall()
    cluster: Cluster = Cluster()
    services: Annotated[FrozenMap[Name, Service], Field(min_length=1)] = Field(
        default_factory=lambda: {"api": Service()}, validate_default=True
    )
    cache: Annotated[Cache | None, SwitchedOff] = ServerlessCache()
    database: Annotated[Database | None, SwitchedOff] = Database()
    files: Annotated[Files | None, SwitchedOff] = Files()
    secrets: FrozenMap[Name, Secret] = Field(default_factory=dict, validate_default=True)
    notifications: Notifications = Notifications()
    removal: Removal = Removal()

    def stores_of(self, service: str) -> tuple[str, ...]:
        """Which stores a service may reach: those it names, or all there are."""
        named = self.services[service].connects_to
        return tuple(
            store for store in STORES if getattr(self, store) is not None and (named is None or store in named)
        )

    def _own_problems(self) -> Iterator[Problem]:
        if self.name in RESERVED_PROJECTS:
            yield self._problem("name", f"must not be one of {', '.join(sorted(RESERVED_PROJECTS))}: AWS keeps them")
        if reserved := sorted(key for key in self.tags if key.lower().startswith("aws:")):
            yield self._problem("tags", f"must not name {', '.join(reserved)}: AWS keeps aws: for itself")
        yield from self._region_problems()
        yield from self._tls_problems()
        yield from self._routing_problems()
        for name in self.services:
            yield from self._reference_problems(name)

    def _region_problems(self) -> Iterator[Problem]:
        if any(zone[:-1] != self.region for zone in self.network.zone_names):
            yield _problem(("network", "zone_names"), f"must lie in the stack's region {self.region}", ("region",))
        arn = self.load_balancer.certificate_arn
        if arn is not None and arn.split(":")[3] != self.region:
            at = ("load_balancer", "certificate_arn")
            yield _problem(at, f"must be of the stack's region {self.region}", ("region",))

    def _tls_problems(self) -> Iterator[Problem]:
        balancer = self.load_balancer
        if self.tier == "prod" and not balancer.has_tls and not balancer.accept_plain_http:
            yield _problem(
                ("load_balancer",),
                "has no TLS, in production: give certificate_arn, or domain_name and hosted_zone,"
                " or say accept_plain_http = true",
            )

    def _routing_problems(self) -> Iterator[Problem]:
        if reserved := sorted(self.services.keys() & RESERVED_SERVICE_NAMES):
            yield self._problem("services", f"must not be called {', '.join(reserved)}: units of the platform are")
        defaults = [name for name, service in self.services.items() if service.is_default]
        if len(defaults) > 1:
            yield self._problem("services", f"{', '.join(defaults)} have neither paths nor hosts: only one may")
            return
        names_by_priority: dict[int, list[str]] = defaultdict(list)
        for name, priority in rule_priorities(self.services).items():
            names_by_priority[priority].append(name)
        for priority, names in names_by_priority.items():
            if len(names) > 1:
                yield self._problem(
                    "services",
                    f"{', '.join(names)} come to the same priority {priority}:"
                    f" set priority on all but one of them to a number that is free",
                )

    def _reference_problems(self, name: str) -> Iterator[Problem]:
        service, at = self.services[name], ("services", name)
        for store in service.connects_to or ():
            if getattr(self, store) is None:
                yield _problem((*at, "connects_to"), f"names {store}, which is left out", (store,))
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
