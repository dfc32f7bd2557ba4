"""The container of a service, as ECS takes it.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib import responder
from lib.components.text import literal
from lib.settings.services import Service as ServiceSettings

PORT_NAME = "http"
"""By this name Service Connect finds the port."""
FILES_VOLUME = "files"
SCRATCH_VOLUME = "scratch"
SCRATCH_PATH = "/tmp"
_FIRST_UNPRIVILEGED_PORT = 1024


def container_definition(
    settings: ServiceSettings,
    *,
    name: str,
    environment: Mapping[str, str],
    secrets: Mapping[str, str],
    region: str,
    log_group_name: str,
) -> dict[str, Any]:
    """environment, secrets: variable -> value, variable -> `valueFrom`; all that the container gets."""
    parts = {
        "name": name,
        "image": settings.image or responder.IMAGE,
        "essential": True,
        "command": [literal(word) for word in (settings.command if settings.image else responder.COMMAND)],
        "user": _user(settings),
        "portMappings": [
            {
                "name": PORT_NAME,
                "containerPort": settings.port,
                "hostPort": settings.port,
                "protocol": "tcp",
                "appProtocol": "http",
            }
        ],
        "environment": [{"name": key, "value": environment[key]} for key in sorted(environment)],
        "secrets": [{"name": key, "valueFrom": secrets[key]} for key in sorted(secrets)],
        "healthCheck": _health_check(settings),
        # Passes signals on and reaps what the application leaves behind.
        "linuxParameters": {"initProcessEnabled": True},
        "systemControls": _system_controls(settings),
        "readonlyRootFilesystem": has_read_only_root(settings),
        "mountPoints": _mount_points(settings),
        "stopTimeout": settings.stop_timeout_seconds,
        "logConfiguration": {"logDriver": "awslogs", "options": log_options(log_group_name, region, name)},
    }
    return {key: value for key, value in parts.items() if value not in (None, [])}


def log_options(log_group_name: str, region: str, prefix: str) -> dict[str, str]:
    """Options of the awslogs driver. Full buffers drop lines rather than stop the application.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
    """
    return {
        "awslogs-group": log_group_name,
        "awslogs-region": region,
        "awslogs-stream-prefix": prefix,
        "mode": "non-blocking",
        "max-buffer-size": "25m",
    }


def has_read_only_root(settings: ServiceSettings) -> bool:
    """The agent behind `execute-command` writes to the root file system: one goes or the other.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """
    return settings.read_only_root and not settings.execute_command


def platform_environment(settings: ServiceSettings, *, name: str, region: str) -> dict[str, str]:
    """What every container is told about itself; `PLATFORM_VARIABLES` keeps these names free."""
    environment = {"SERVICE_NAME": name, "PORT": str(settings.port), "AWS_REGION": region}
    if settings.mounts:
        environment["FILES_PATH"] = settings.mounts[0].path
    return environment


def responder_environment(settings: ServiceSettings, secrets: Mapping[str, str]) -> dict[str, str]:
    """What the built-in application needs besides, in order to report on it."""
    if settings.image is not None:
        return {}
    environment = {"EXPECTED_SECRETS": " ".join(sorted(secrets))} if secrets else {}
    if settings.mounts:
        environment["FILES_READ_ONLY"] = str(settings.mounts[0].read_only).lower()
    return environment


def _user(settings: ServiceSettings) -> str | None:
    """None for the image's own."""
    return settings.user or (None if settings.image else responder.USER)


def _system_controls(settings: ServiceSettings) -> list[dict[str, str]]:
    """Ports below 1024 are root's, on Fargate too, unless the task's own network says where others' ports begin.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html (Fargate from platform 1.4.0 on)
    https://github.com/aws/containers-roadmap/issues/1721
    """
    user = (_user(settings) or "root").partition(":")[0]
    if settings.port >= _FIRST_UNPRIVILEGED_PORT or user in ("root", "0"):
        return []
    return [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]


def _health_check(settings: ServiceSettings) -> dict[str, Any] | None:
    check = settings.container_health_check
    if check is not None:
        return {
            "command": ["CMD-SHELL", literal(check.command)],
            "interval": check.interval_seconds,
            "timeout": check.timeout_seconds,
            "retries": check.retries,
            "startPeriod": check.start_period_seconds,
        }
    if settings.image is None:
        return {
            "command": ["CMD", *responder.HEALTH_COMMAND],
            "interval": 30,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 10,
        }
    return None


def _mount_points(settings: ServiceSettings) -> list[dict[str, Any]]:
    """The shared files, and beside a read-only root a place for temporary ones.

    The volume belongs to root unless the image declares the path as a VOLUME of its user:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
    """
    points = [
        {"sourceVolume": FILES_VOLUME, "containerPath": mount.path, "readOnly": mount.read_only}
        for mount in settings.mounts
    ]
    if has_read_only_root(settings):
        points.append({"sourceVolume": SCRATCH_VOLUME, "containerPath": SCRATCH_PATH, "readOnly": False})
    return points
