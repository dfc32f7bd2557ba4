"""Settings of what runs: the cluster and the services in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lib.settings.base import FrozenMap, LogRetentionDays, Model, Percent, Problem, SwitchedOff, UnitNames
from lib.settings.targets import Target, VariableName, taken_variables

_GIB = 1024
FARGATE_MEMORY_MIB: dict[int, tuple[int, ...]] = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: tuple(range(1 * _GIB, 4 * _GIB + 1, _GIB)),
    1024: tuple(range(2 * _GIB, 8 * _GIB + 1, _GIB)),
    2048: tuple(range(4 * _GIB, 16 * _GIB + 1, _GIB)),
    4096: tuple(range(8 * _GIB, 30 * _GIB + 1, _GIB)),
    8192: tuple(range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB)),
    16384: tuple(range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB)),
}
"""CPU units and the memory that Fargate takes with them.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html"""

SecretReference = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}(:[A-Za-z0-9_.-]+)?$")]


def url_variable(callee: str) -> str:
    """The variable that holds the URL of another service."""
    return f"{callee.upper()}_URL"


class CapacityProvider(Model):
    """One row of a capacity provider strategy."""

    name: Literal["FARGATE", "FARGATE_SPOT"]
    """Spot is about 70 % cheaper and may be taken away with two minutes' notice."""
    base: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Tasks that run here before weights count; one provider only may have a base."""
    weight: Annotated[int, Field(ge=0, le=1000)] = 1
    """Share of the tasks above the base."""


Capacity = Annotated[tuple[CapacityProvider, ...], Field(min_length=1, max_length=2)]


def _capacity_problem(capacity: tuple[CapacityProvider, ...]) -> str | None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html"""
    if len({provider.name for provider in capacity}) != len(capacity):
        return "must name each provider once"
    if sum(provider.base > 0 for provider in capacity) > 1:
        return "must have a base on one provider only"
    if all(provider.weight == 0 for provider in capacity):
        return "must have a weight above 0 on one provider at least"
    return None


class Cluster(Model):
    """The ECS cluster that all services share."""

    container_insights: Literal["enabled", "enhanced", "disabled"] = "enabled"
    """CloudWatch Container Insights; `enhanced` adds metrics per task and container, at a price."""
    capacity: Capacity = (CapacityProvider(name="FARGATE", base=1, weight=1),)
    """Where tasks run by default: a list of {name, base, weight}."""
    session_log_retention_days: LogRetentionDays = 90
    """How long is kept who did what inside a container (`execute_command`): it is asked long after."""

    def _own_problems(self) -> Iterator[Problem]:
        if message := _capacity_problem(self.capacity):
            yield self.problem("capacity", message)


class ContainerHealthCheck(Model):
    """The container's own check, run inside it by ECS."""

    command: Annotated[str, Field(min_length=1)]
    """A shell command; exit code 0 is healthy: `curl -f http://localhost/health || exit 1`."""
    interval_seconds: Annotated[int, Field(ge=5, le=300)] = 30
    """Time between two checks."""
    timeout_seconds: Annotated[int, Field(ge=2, le=60)] = 5
    """How long a check may take."""
    retries: Annotated[int, Field(ge=1, le=10)] = 3
    """Failures in a row until the container counts as unhealthy."""
    start_period_seconds: Annotated[int, Field(ge=0, le=300)] = 60
    """Time in which failures do not count yet."""


class Mount(Model):
    """Where the shared files appear in the container."""

    path: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._-]+)+$")]
    """Absolute path in the container."""
    read_only: bool = False
    """The task role then may not write either."""


class Scaling(Model):
    """How many tasks run. A target set to `false` is not followed."""

    min_tasks: Annotated[int, Field(ge=1, le=5000)] = 2
    """Tasks that always run; two survive the loss of a zone."""
    max_tasks: Annotated[int, Field(ge=1, le=5000)] = 10
    """Tasks that never are exceeded."""
    cpu_percent: Annotated[Percent | None, SwitchedOff] = 70
    """Average CPU that scaling holds."""
    memory_percent: Annotated[Percent | None, SwitchedOff] = 70
    """Average memory that scaling holds."""
    requests_per_target: Annotated[Annotated[int, Field(ge=1)] | None, SwitchedOff] = 1000
    """Requests a minute and task that scaling holds."""
    scale_out_cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 60
    """Pause after tasks were added."""
    scale_in_cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    """Pause after tasks were taken away."""

    def _own_problems(self) -> Iterator[Problem]:
        if self.min_tasks > self.max_tasks:
            yield self.problem("min_tasks", f"must not exceed max_tasks ({self.max_tasks})", "max_tasks")


class Service(Target):
    """One Fargate service behind the load balancer. One service or fleet may have no rule: it gets the rest."""

    image: Annotated[str, Field(pattern=r"^[a-z0-9][A-Za-z0-9_./:@-]+$", max_length=255)] | None = None
    """Container image. Left out: a small public image that answers `/health` and reports what it reaches."""
    command: tuple[str, ...] = ()
    """Overrides the image's command."""
    cpu: Literal[256, 512, 1024, 2048, 4096, 8192, 16384] = 256
    """CPU units of a task; 1024 is one vCPU."""
    memory_mib: Annotated[int, Field(ge=512, le=120 * _GIB)] = 512
    """Memory of a task in MiB; Fargate takes certain pairs of cpu and memory."""
    architecture: Literal["X86_64", "ARM64"] = "X86_64"
    """Processor of the image; ARM64 is about 20 % cheaper."""
    container_health_check: ContainerHealthCheck | None = None
    """The container's own health check. The built-in image brings one."""
    secrets: FrozenMap[VariableName, SecretReference] = Field(default_factory=dict, validate_default=True)
    """Environment variables from secrets: variable -> name in `secrets`, or `name:json_key`."""
    calls: UnitNames = ()
    """Other services that this one calls through Service Connect, by name."""
    mounts: tuple[Mount, ...] = ()
    """Where the shared files are mounted: a list of {path, read_only}."""
    scaling: Scaling = Scaling()
    """Number of tasks and what it follows."""
    capacity: Capacity | None = None
    """Where this service's tasks run. Left out: the cluster's strategy."""
    health_check_grace_seconds: Annotated[int, Field(ge=0, le=86_400)] = 60
    """Time after a task's start in which failing health checks do not count."""
    stop_timeout_seconds: Annotated[int, Field(ge=2, le=120)] = 30
    """Time between SIGTERM and SIGKILL."""
    read_only_root: bool = True
    """The container's own file system is not writable. `/tmp` is, to root, and to another user if the image declares it
    as a VOLUME of that user's."""
    user: Annotated[str, Field(pattern=r"^[a-z0-9_-]+(:[a-z0-9_-]+)?$")] | None = None
    """User (and group) that the container runs as. Left out: the image's."""
    execute_command: bool = False
    """Allows `aws ecs execute-command` into the containers. Their root is then writable, `read_only_root` or not."""
    log_retention_days: LogRetentionDays = 7
    """How long the service's logs are kept."""

    def _own_problems(self) -> Iterator[Problem]:
        yield from super()._own_problems()
        allowed = FARGATE_MEMORY_MIB[self.cpu]
        if self.memory_mib not in allowed:
            pairs = ", ".join(map(str, allowed))
            yield self.problem("memory_mib", f"does not go with cpu {self.cpu}; allowed: {pairs}", "cpu")
        if self.capacity is not None and (message := _capacity_problem(self.capacity)):
            yield self.problem("capacity", message)
        if self.image is None and self.command:
            yield self.problem("command", "needs an image of your own", "image")
        urls = frozenset(map(url_variable, self.calls))
        yield from taken_variables(self, {"environment": self.environment, "secrets": self.secrets}, urls)
        if doubled := sorted(self.environment.keys() & self.secrets.keys()):
            yield self.problem("secrets", f"and environment both set {', '.join(doubled)}", "environment")
        if len({mount.path for mount in self.mounts}) != len(self.mounts):
            yield self.problem("mounts", "must have different paths")
