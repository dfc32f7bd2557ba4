"""Templates with containers that name what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lib.evidence.structure import containers as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, text_of

_TASK = "aws_ecs_task_definition"
_SIDECAR = {"name": "sidecar", "image": "public.ecr.aws/nginx/nginx:1", "essential": False}


@contextmanager
def containers(template: Template, *more: dict[str, Any]) -> Iterator[list[Any]]:
    """The containers of the task, and some more."""
    with text_of(template.only(_TASK), "container_definitions") as found:
        found += [{**_SIDECAR, **each} for each in more]
        yield found


@breaks(checks.containers_fit_together, "2 containers are called api")
def two_containers_have_one_name(template: Template) -> None:
    with containers(template, {"name": "api"}):
        pass


@breaks(checks.containers_fit_together, "container 1 has no name")
def a_container_has_no_name(template: Template) -> None:
    with containers(template, {"name": ""}):
        pass


@breaks(checks.containers_fit_together, "no container is essential")
def a_task_stands_and_falls_with_nothing(template: Template) -> None:
    with containers(template) as found:
        found[0]["essential"] = False


@breaks(checks.containers_fit_together, "dependsOn 'proxy' is no container of the task")
def a_container_waits_for_one_that_is_not_there(template: Template) -> None:
    with containers(template) as found:
        found[0]["dependsOn"] = [{"containerName": "proxy", "condition": "START"}]


@breaks(checks.containers_fit_together, "dependsOn 'sidecar' waits for HEALTHY, and that has no healthCheck")
def a_container_waits_for_health_that_nobody_looks_after(template: Template) -> None:
    with containers(template, {}) as found:
        found[0]["dependsOn"] = [{"containerName": "sidecar", "condition": "HEALTHY"}]


@breaks(checks.containers_fit_together, "dependsOn 'api' waits for COMPLETE, and with that essential one the task ends")
def a_container_waits_for_the_end_of_its_task(template: Template) -> None:
    with containers(template, {"dependsOn": [{"containerName": "api", "condition": "COMPLETE"}]}):
        pass


@breaks(checks.containers_fit_together, "container api waits for sidecar waits for api")
def two_containers_wait_for_each_other(template: Template) -> None:
    with containers(template, {"dependsOn": [{"containerName": "api", "condition": "HEALTHY"}]}) as found:
        found[0]["dependsOn"] = [{"containerName": "sidecar", "condition": "SUCCESS"}]


@breaks(checks.containers_fit_together, "mountPoints.sourceVolume 'data' is no volume of the task")
def a_volume_is_not_there(template: Template) -> None:
    with containers(template, {"mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}]}):
        pass


@breaks(checks.containers_fit_together, "volumesFrom.sourceContainer 'proxy' is no container of the task")
def a_container_has_volumes_of_one_that_is_not_there(template: Template) -> None:
    with containers(template, {"volumesFrom": [{"sourceContainer": "proxy"}]}):
        pass


@breaks(checks.containers_fit_together, "healthCheck.timeout 40 is longer than its interval 30")
def a_container_is_asked_again_before_it_answered(template: Template) -> None:
    with containers(template) as found:
        found[0]["healthCheck"].update(timeout=40, interval=30)


@breaks(checks.containers_fit_together, "2 ports are called http")
def two_ports_have_one_name(template: Template) -> None:
    with containers(template, {"portMappings": [{"name": "http", "containerPort": 8081}]}):
        pass


@breaks(checks.containers_fit_together, "2 containers listen at tcp 8080")
def two_containers_have_one_port(template: Template) -> None:
    with containers(template, {"portMappings": [{"name": "more", "containerPort": 8080}]}):
        pass


@breaks(checks.containers_fit_together, "hostPort 80 is not containerPort 8080")
def a_port_is_another_outside(template: Template) -> None:
    with containers(template) as found:
        found[0]["portMappings"][0]["hostPort"] = 80


@breaks(checks.containers_fit_together, "load_balancer.container_name 'web' is none of api")
def the_load_balancer_asks_for_another_container(template: Template) -> None:
    template.only("aws_ecs_service")["load_balancer"][0]["container_name"] = "web"


@breaks(checks.containers_fit_together, "load_balancer.container_port 9000 is no port of api")
def the_load_balancer_asks_at_another_port(template: Template) -> None:
    template.only("aws_ecs_service")["load_balancer"][0]["container_port"] = 9000


@breaks(
    checks.containers_fit_together,
    "service_connect_configuration.service.port_name 'grpc' is no port of its task (http)",
    "three-services",
)
def a_port_of_service_connect_is_not_there(template: Template) -> None:
    for service in template.all("aws_ecs_service"):
        for each in service["service_connect_configuration"].get("service", []):
            each["port_name"] = "grpc"
