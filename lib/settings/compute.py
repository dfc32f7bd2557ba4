"""Settings of what runs outside ECS: fleets of EC2 instances, and functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from lib.settings.base import FrozenMap, LogRetentionDays, Model, Percent, Problem, SwitchedOff, UnitNames
from lib.settings.targets import Routed, Target, TargetAlarms, VariableName, taken_variables

PROJECT_FOLDER = Path(__file__).parents[2]
HANDLER_FILE = "handler.py"
"""The module of a function's folder that Lambda loads."""


MAX_USER_DATA_BYTES = 9_000
"""A script of one's own and the environment: what is left of EC2's 16 KB.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html"""
MAX_ENVIRONMENT_BYTES = 4_000
"""The environment beside the built-in application."""


class FleetScaling(Model):
    """How many instances run. A target set to `false` is not followed."""

    min_instances: Annotated[int, Field(ge=1, le=500)] = 2
    """Instances that always run; two survive the loss of a zone."""
    max_instances: Annotated[int, Field(ge=1, le=500)] = 4
    """Instances that never are exceeded."""
    cpu_percent: Annotated[Percent | None, SwitchedOff] = 60
    """Average CPU that scaling holds."""
    requests_per_target: Annotated[Annotated[int, Field(ge=1)] | None, SwitchedOff] = 1000
    """Requests a minute and instance that scaling holds."""
    warmup_seconds: Annotated[int, Field(ge=0, le=3600)] = 120
    """Time until a new instance counts: for scaling, and for the replacement of instances."""

    def _own_problems(self) -> Iterator[Problem]:
        if self.min_instances > self.max_instances:
            yield self.problem(
                "min_instances", f"must not exceed max_instances ({self.max_instances})", "max_instances"
            )


class FleetAlarms(TargetAlarms):
    """Thresholds of a fleet's alarms."""

    disk_percent: Percent = 85
    """Alarm above this use of an instance's disk."""


class Fleet(Target):
    """EC2 instances in an Auto Scaling group behind the load balancer."""

    instance_type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$")] = "t3.micro"
    """Size of the instances; its processor is that of `image_parameter`."""
    image_parameter: Annotated[str, Field(pattern=r"^/[A-Za-z0-9_./-]{1,1010}$")] = (
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    )
    """Systems Manager parameter that holds the id of the machine image. AWS's own always name the newest one: a
    deployment then brings the newest patches."""
    user_data: Annotated[str, Field(min_length=1)] | None = None
    """Shell script that starts the application at an instance's first boot. Left out: the application that answers
    `/health` and reports what it reaches. Variables of the platform are exported before."""
    disk_gb: Annotated[int, Field(ge=8, le=16_384)] = 10
    """Root volume (gp3), encrypted."""
    scaling: FleetScaling = FleetScaling()
    """Number of instances and what it follows."""
    health_check_grace_seconds: Annotated[int, Field(ge=0, le=7200)] = 300
    """Time after an instance's start in which failing health checks do not count."""
    log_retention_days: LogRetentionDays = 7
    """How long the logs of the instances are kept."""
    alarms: FleetAlarms = FleetAlarms()
    """Thresholds of the fleet's alarms."""

    def _own_problems(self) -> Iterator[Problem]:
        yield from super()._own_problems()
        yield from taken_variables(self, {"environment": self.environment})
        yield from self._size_problems()
        is_arm = re.match(r"[a-z]+\d+g", self.instance_type) is not None
        if (is_arm and "x86_64" in self.image_parameter) or (not is_arm and "arm64" in self.image_parameter):
            yield self.problem(
                "instance_type",
                f"does not run images of {self.image_parameter}: it has {'an ARM' if is_arm else 'an x86'} processor",
                "image_parameter",
            )

    def _size_problems(self) -> Iterator[Problem]:
        """What the platform adds is the rest of EC2's 16 KB; quoting doubles a variable at the worst."""
        script = len((self.user_data or "").encode())
        variables = 2 * sum(len(f"{name}{value}".encode()) for name, value in self.environment.items())
        room = MAX_USER_DATA_BYTES if self.user_data else MAX_ENVIRONMENT_BYTES
        if script + variables > room:
            at, other = ("user_data", "environment") if self.user_data else ("environment", "user_data")
            yield self.problem(
                at,
                f"is too long for EC2: {script + variables:,} bytes with the environment, counted twice; {room:,} fit",
                other,
            )


class FunctionAlarms(Model):
    """Thresholds of a function's alarms."""

    error_count: Annotated[int, Field(ge=0)] = 0
    """Alarm above this many failed invocations a minute."""
    duration_percent: Percent = 80
    """Alarm when an invocation takes more than this share of `timeout_seconds`."""


_RESERVED_BY_LAMBDA = re.compile(r"_.*|AWS_.*|LAMBDA_.*|TZ")
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime"""


class Function(Routed):
    """A Lambda function in Python, with its code in a folder. It runs outside the VPC: no cache and no database."""

    source: Annotated[str, Field(min_length=1)]
    """Folder with `handler.py` in it, from the project's folder: `lib/functions/transactions`."""
    handler: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")] = "handle"
    """The function of `handler.py` that is called."""
    runtime: Literal["python3.11", "python3.12", "python3.13", "python3.14"] = "python3.13"
    """Version of Python."""
    architecture: Literal["x86_64", "arm64"] = "arm64"
    """Processor; arm64 is about 20 % cheaper. Matters to packages with compiled parts only."""
    memory_mb: Annotated[int, Field(ge=128, le=10_240)] = 256
    """Memory; the processor's share goes with it."""
    timeout_seconds: Annotated[int, Field(ge=1, le=900)] = 10
    """An invocation that takes longer is ended. The load balancer waits for `idle_timeout_seconds` at the most."""
    reserved_concurrency: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Invocations at one time at the most, taken from the account's. Left out: whatever the account has."""
    environment: FrozenMap[VariableName, str] = Field(default_factory=dict, validate_default=True)
    """Environment variables. Nothing secret: they are readable in the function's configuration."""
    buckets: UnitNames = ()
    """Buckets that it may read and write, by name; `assets` is the CDN's."""
    tables: UnitNames = ()
    """Tables that it may read and write, by name."""
    log_retention_days: LogRetentionDays = 7
    """How long the function's logs are kept."""
    alarms: FunctionAlarms = FunctionAlarms()
    """Thresholds of the function's alarms."""

    @property
    def folder(self) -> Path:
        return PROJECT_FOLDER / self.source

    def _own_problems(self) -> Iterator[Problem]:
        yield from super()._own_problems()
        yield from taken_variables(self, {"environment": self.environment})
        if reserved := sorted(name for name in self.environment if _RESERVED_BY_LAMBDA.fullmatch(name)):
            yield self.problem("environment", f"must not set {', '.join(reserved)}: Lambda keeps them")
        if not (self.folder / HANDLER_FILE).is_file():
            yield self.problem("source", f"must be a folder with {HANDLER_FILE} in it, from the project's folder")
