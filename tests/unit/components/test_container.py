"""The container definition: what ECS is told of the one container of a task."""

from __future__ import annotations

from typing import Any

import pytest

from lib import responder
from lib.components.container import (
    container_definition,
    has_read_only_root,
    platform_environment,
    responder_environment,
)
from lib.settings.services import ContainerHealthCheck, Mount
from lib.settings.services import Service as ServiceSettings

IMAGE = "example.com/shop/api:1"


def definition(**settings: Any) -> dict[str, Any]:
    return container_definition(
        ServiceSettings(**settings),
        name="api",
        environment={"ZONE": "z", "ALPHA": "a"},
        secrets={"TOKEN": "arn:token", "KEY": "arn:key:field::"},
        region="eu-west-1",
        log_group_name="/shop/dev/api/application",
    )


def test_image_of_ones_own_runs_as_it_is() -> None:
    assert definition(image=IMAGE, read_only_root=False) == {
        "name": "api",
        "image": IMAGE,
        "essential": True,
        "portMappings": [
            {"name": "http", "containerPort": 8080, "hostPort": 8080, "protocol": "tcp", "appProtocol": "http"}
        ],
        "environment": [{"name": "ALPHA", "value": "a"}, {"name": "ZONE", "value": "z"}],
        "secrets": [
            {"name": "KEY", "valueFrom": "arn:key:field::"},
            {"name": "TOKEN", "valueFrom": "arn:token"},
        ],
        "linuxParameters": {"initProcessEnabled": True},
        "readonlyRootFilesystem": False,
        "stopTimeout": 30,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/shop/dev/api/application",
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "api",
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
    }


def test_what_the_settings_say_of_the_process_is_taken_over() -> None:
    container = definition(image=IMAGE, command=("serve", "--fast"), user="app:app", port=9000, stop_timeout_seconds=90)
    assert container["command"] == ["serve", "--fast"]
    assert container["user"] == "app:app"
    assert container["portMappings"][0]["containerPort"] == 9000
    assert container["portMappings"][0]["hostPort"] == 9000
    assert container["stopTimeout"] == 90


def test_without_an_image_the_built_in_application_runs_as_nobody() -> None:
    container = definition()
    assert container["image"] == responder.IMAGE
    assert container["command"] == list(responder.COMMAND)
    assert container["user"] == "65534:65534"


def test_built_in_application_may_run_as_somebody_else() -> None:
    assert definition(user="1000")["user"] == "1000"


@pytest.mark.parametrize(("image", "user"), [(None, None), (None, "1000"), (IMAGE, "app:root"), (IMAGE, "1000:0")])
def test_port_below_1024_is_opened_to_users_other_than_root(image: str | None, user: str | None) -> None:
    assert definition(image=image, user=user, port=1023)["systemControls"] == [
        {"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}
    ]


@pytest.mark.parametrize(
    ("image", "user", "port"),
    [
        (None, None, 1024),
        (None, "root", 80),
        (IMAGE, "app", 1024),
        (IMAGE, "root:app", 80),
        (IMAGE, "0", 80),
        (IMAGE, None, 80),
    ],
)
def test_network_is_left_as_it_is_otherwise(image: str | None, user: str | None, port: int) -> None:
    assert "systemControls" not in definition(image=image, user=user, port=port)


def test_built_in_application_checks_its_own_health() -> None:
    assert definition()["healthCheck"] == {
        "command": ["CMD", *responder.HEALTH_COMMAND],
        "interval": 30,
        "timeout": 5,
        "retries": 3,
        "startPeriod": 10,
    }


@pytest.mark.parametrize("image", [None, IMAGE])
def test_health_check_of_the_settings_goes_first(image: str | None) -> None:
    check = ContainerHealthCheck(
        command="curl -f http://localhost/health || exit 1",
        interval_seconds=31,
        timeout_seconds=6,
        retries=4,
        start_period_seconds=61,
    )
    assert definition(image=image, container_health_check=check)["healthCheck"] == {
        "command": ["CMD-SHELL", "curl -f http://localhost/health || exit 1"],
        "interval": 31,
        "timeout": 6,
        "retries": 4,
        "startPeriod": 61,
    }


def test_read_only_root_leaves_a_place_for_temporary_files() -> None:
    container = definition()
    assert container["readonlyRootFilesystem"] is True
    assert container["mountPoints"] == [{"sourceVolume": "scratch", "containerPath": "/tmp", "readOnly": False}]


def test_files_appear_where_the_settings_say() -> None:
    mounts = (Mount(path="/data"), Mount(path="/reports", read_only=True))
    assert definition(mounts=mounts, read_only_root=False)["mountPoints"] == [
        {"sourceVolume": "files", "containerPath": "/data", "readOnly": False},
        {"sourceVolume": "files", "containerPath": "/reports", "readOnly": True},
    ]


@pytest.mark.parametrize(
    ("read_only_root", "execute_command", "read_only"),
    [(True, False, True), (True, True, False), (False, False, False), (False, True, False)],
)
def test_sessions_need_a_writable_root(read_only_root: bool, execute_command: bool, read_only: bool) -> None:
    settings = ServiceSettings(read_only_root=read_only_root, execute_command=execute_command)
    assert has_read_only_root(settings) is read_only


def test_container_is_told_its_name_port_and_region() -> None:
    assert platform_environment(ServiceSettings(port=9000), name="api", region="eu-west-1") == {
        "SERVICE_NAME": "api",
        "PORT": "9000",
        "AWS_REGION": "eu-west-1",
    }


def test_container_is_told_where_its_files_are() -> None:
    settings = ServiceSettings(mounts=(Mount(path="/data"), Mount(path="/more")))
    assert platform_environment(settings, name="api", region="eu-west-1")["FILES_PATH"] == "/data"


def test_built_in_application_is_told_which_secrets_to_expect() -> None:
    assert responder_environment(ServiceSettings(), {"B": "arn:b", "A": "arn:a"}) == {"EXPECTED_SECRETS": "A B"}
    assert responder_environment(ServiceSettings(), {}) == {}


@pytest.mark.parametrize(("read_only", "told"), [(True, "true"), (False, "false")])
def test_built_in_application_is_told_whether_it_may_write(read_only: bool, told: str) -> None:
    settings = ServiceSettings(mounts=(Mount(path="/data", read_only=read_only),))
    assert responder_environment(settings, {})["FILES_READ_ONLY"] == told


def test_other_images_are_told_nothing_of_the_kind() -> None:
    assert responder_environment(ServiceSettings(image=IMAGE), {"A": "arn:a"}) == {}
