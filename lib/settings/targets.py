"""Settings that all have in common that requests of the load balancer come to, and that use the stores."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from lib.settings.base import EachOnce, FrozenMap, Model, Percent, Port, Problem, UnitNames

ALB_MAX_CONDITION_VALUES = 5
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""

PathPattern = Annotated[str, Field(pattern=r"^/[A-Za-z0-9_.$/~\"'@:+&*?-]{0,127}$")]
HostPattern = Annotated[str, Field(pattern=r"^[a-zA-Z0-9.*?-]{1,128}$")]
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]

PLATFORM_VARIABLES = re.compile(
    r"(CACHE|DATABASE|FILES)_.*|[A-Z0-9]+_(BUCKET|TABLE)|ASSETS_URL|AWS_REGION|EXPECTED_SECRETS|PORT|SERVICE_NAME"
)
"""Variables that the platform sets where a program runs, beside the URLs of services that it calls."""


def bucket_variable(bucket: str) -> str:
    """The variable that holds the name of a bucket."""
    return f"{bucket.upper()}_BUCKET"


def table_variable(table: str) -> str:
    """The variable that holds the name of a table."""
    return f"{table.upper()}_TABLE"


class Routed(Model):
    """What the load balancer may send requests to."""

    paths: Annotated[tuple[PathPattern, ...], Field(max_length=ALB_MAX_CONDITION_VALUES), EachOnce] = ()
    """Requests for these paths (`/orders/*`) come here."""
    hosts: Annotated[tuple[HostPattern, ...], Field(max_length=ALB_MAX_CONDITION_VALUES), EachOnce] = ()
    """Requests for these host names come here."""
    priority: Annotated[int, Field(ge=1, le=50_000)] | None = None
    """Place of the rule among all: the lowest is asked first. Left out: from the patterns' length and the name."""

    @property
    def has_rule(self) -> bool:
        """Whether it says which requests it wants."""
        return bool(self.paths or self.hosts)

    def _own_problems(self) -> Iterator[Problem]:
        if len(self.paths) + len(self.hosts) > ALB_MAX_CONDITION_VALUES:
            yield self.problem("paths", f"and hosts may be {ALB_MAX_CONDITION_VALUES} together", "hosts")
        if not self.has_rule and self.priority is not None:
            yield self.problem("priority", "needs paths or hosts", "paths", "hosts")


class HealthCheck(Model):
    """The target group's question to each target."""

    path: PathPattern = "/health"
    """What is asked for."""
    healthy_statuses: Annotated[str, Field(pattern=r"^[2-4][0-9][0-9]([,-][2-4][0-9][0-9])*$")] = "200"
    """Statuses that count as healthy: `200`, `200,204` or `200-299`."""
    interval_seconds: Annotated[int, Field(ge=5, le=300)] = 30
    """Time between two questions."""
    timeout_seconds: Annotated[int, Field(ge=2, le=120)] = 5
    """How long an answer may take; less than the interval."""
    healthy_count: Annotated[int, Field(ge=2, le=10)] = 2
    """Good answers in a row until a target gets traffic."""
    unhealthy_count: Annotated[int, Field(ge=2, le=10)] = 3
    """Bad answers in a row until a target is replaced."""

    def _own_problems(self) -> Iterator[Problem]:
        if self.timeout_seconds >= self.interval_seconds:
            yield self.problem(
                "timeout_seconds", f"must be less than interval_seconds ({self.interval_seconds})", "interval_seconds"
            )


class TargetAlarms(Model):
    """Thresholds of the alarms of what answers requests."""

    cpu_percent: Percent = 80
    """Alarm above this average CPU."""
    memory_percent: Percent = 80
    """Alarm above this average memory."""
    response_time_seconds: Annotated[float, Field(gt=0, le=300)] = 1
    """Alarm when targets answer more slowly than this on average."""
    unhealthy_targets: Annotated[int, Field(ge=1)] = 1
    """Alarm from this many unhealthy targets on."""
    target_5xx_count: Annotated[int, Field(ge=1)] = 10
    """Alarm above this many 5xx answers a minute."""


class Target(Routed):
    """What runs in the VPC and answers requests: tasks or instances."""

    port: Port = 8080
    """Port on which the application listens."""
    health_check: HealthCheck = HealthCheck()
    """The load balancer's health check."""
    environment: FrozenMap[VariableName, str] = Field(default_factory=dict, validate_default=True)
    """Environment variables. Nothing secret: they are readable in the task definition or launch template."""
    connects_to: Annotated[tuple[Literal["cache", "database"], ...], EachOnce] | None = None
    """Which stores it may reach; it gets their endpoints and credentials. Left out: all there are."""
    buckets: UnitNames = ()
    """Buckets that it may read and write, by name; `assets` is the CDN's."""
    tables: UnitNames = ()
    """Tables that it may read and write, by name."""
    deregistration_delay_seconds: Annotated[int, Field(ge=0, le=3600)] = 30
    """How long a leaving target may finish its requests."""
    alarms: TargetAlarms = TargetAlarms()
    """Thresholds of its alarms."""

    @property
    def is_default(self) -> bool:
        """Whether it gets the requests that no rule matches."""
        return not self.has_rule


def taken_variables(
    model: Model, fields: Mapping[str, Mapping[str, str]], urls: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """Variables of a user's own that the platform sets as well. urls: those that hold the URLs of other services."""
    for field, variables in fields.items():
        if taken := sorted(name for name in variables if name in urls or PLATFORM_VARIABLES.fullmatch(name)):
            yield model.problem(field, f"must not set {', '.join(taken)}: the platform does")
