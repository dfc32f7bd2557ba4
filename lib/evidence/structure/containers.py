"""Containers of a task: each name is there once, and whatever is named is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from lib.evidence.reading import blocks, containers, is_known, is_set, number, referred, tables, text, texts
from lib.evidence.template import Block, Template

_API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_"
_CONTAINER = f"{_API}ContainerDefinition.html"
_DEPENDENCY = f"{_API}ContainerDependency.html"
_HEALTH = f"{_API}HealthCheck.html"
_MOUNT = f"{_API}MountPoint.html"
_PORT = f"{_API}PortMapping.html"
_CONNECT = f"{_API}ServiceConnectService.html"
_BALANCER = f"{_API}LoadBalancer.html"

_ENDS = ("COMPLETE", "SUCCESS")
"""Conditions that a container meets by ending, after which an essential one ends its task."""


def containers_fit_together(template: Template) -> list[str]:
    """In a task: names and ports once, one container that it stands and falls with, dependencies, volumes and sources
    that are there. In a service: the container and the port that a load balancer and Service Connect ask for."""
    found = []
    for name, task in template.named("aws_ecs_task_definition").items():
        found += [f"aws_ecs_task_definition.{name}: {problem}" for problem in _wrong_task(task)]
    for name, service in template.named("aws_ecs_service").items():
        task = blocks(template).get(referred(service.get("task_definition")) or "", {})
        if said := containers(task):
            found += [f"aws_ecs_service.{name}: {problem}" for problem in _wrong_service(service, said)]
    return found


def _wrong_task(task: Block) -> Iterator[str]:
    if not (said := containers(task)):
        return
    names = [text(each, "name") for each in said]
    if "" in names:
        yield f"container {names.index('')} has no name, see {_CONTAINER}"
    yield from (
        f"{count} containers are called {name}, see {_CONTAINER}" for name, count in Counter(names).items() if count > 1
    )
    # What says nothing is essential.
    if all(is_set(each, "essential", False) for each in said):
        yield f"no container is essential, see {_CONTAINER}"
    yield from _wrong_dependencies(said)
    yield from _wrong_ports(said, is_awsvpc=task.get("network_mode") == "awsvpc")
    volumes = texts(task, "volume.name")
    for each in said:
        label = f"container {text(each, 'name')}"
        for volume in texts(each, "mountPoints.sourceVolume"):
            if is_known(volume) and volume not in volumes:
                yield f"{label}: mountPoints.sourceVolume {volume!r} is no volume of the task, see {_MOUNT}"
        for source in texts(each, "volumesFrom.sourceContainer"):
            if source not in names:
                yield f"{label}: volumesFrom.sourceContainer {source!r} is no container of the task, see {_CONTAINER}"
        timeout, interval = number(each, "healthCheck.timeout"), number(each, "healthCheck.interval") or 30
        if timeout is not None and timeout > interval:
            yield f"{label}: healthCheck.timeout {timeout:g} is longer than its interval {interval:g}, see {_HEALTH}"


def _wrong_dependencies(said: list[Block]) -> Iterator[str]:
    known = {text(each, "name"): each for each in said}
    for each in said:
        for dependency in tables(each, "dependsOn"):
            name, condition = text(dependency, "containerName"), text(dependency, "condition")
            label = f"container {text(each, 'name')}: dependsOn {name!r}"
            if name not in known:
                yield f"{label} is no container of the task, see {_DEPENDENCY}"
            elif condition == "HEALTHY" and "healthCheck" not in known[name]:
                yield f"{label} waits for HEALTHY, and that has no healthCheck, see {_DEPENDENCY}"
            elif condition in _ENDS and not is_set(known[name], "essential", False):
                yield f"{label} waits for {condition}, and with that essential one the task ends, see {_DEPENDENCY}"
    try:
        waits_for = {name: sorted(texts(each, "dependsOn.containerName")) for name, each in known.items()}
        TopologicalSorter(waits_for).prepare()
    except CycleError as error:
        yield f"container {' waits for '.join(reversed(error.args[1]))}, see {_DEPENDENCY}"


def _wrong_ports(said: list[Block], *, is_awsvpc: bool) -> Iterator[str]:
    mappings = [mapping for each in said for mapping in tables(each, "portMappings")]
    names = Counter(texts(mappings, "name"))
    yield from (f"{count} ports are called {name}, see {_PORT}" for name, count in names.items() if count > 1)
    ports = Counter((number(each, "containerPort"), text(each, "protocol") or "tcp") for each in mappings)
    for (port, protocol), count in ports.items():
        # With an address for all of them; behind a bridge each has its own.
        if is_awsvpc and port is not None and count > 1:
            yield f"{count} containers listen at {protocol} {port:g}, see {_PORT}"
    for mapping in mappings:
        host, port = number(mapping, "hostPort"), number(mapping, "containerPort")
        if is_awsvpc and host not in (None, 0, port):
            yield f"hostPort {host:g} is not containerPort {port or 0:g}, which awsvpc asks for, see {_PORT}"


def _wrong_service(service: Block, said: list[Block]) -> Iterator[str]:
    ports = {
        text(each, "name"): [number(mapping, "containerPort") for mapping in tables(each, "portMappings")]
        for each in said
    }
    for balancer in tables(service, "load_balancer"):
        name, port = text(balancer, "container_name"), number(balancer, "container_port")
        if is_known(name) and name not in ports:
            yield f"load_balancer.container_name {name!r} is none of {', '.join(sorted(ports))}, see {_BALANCER}"
        elif name in ports and port is not None and port not in ports[name]:
            yield f"load_balancer.container_port {port:g} is no port of {name}, see {_BALANCER}"
    names = [name for each in said for name in texts(each, "portMappings.name")]
    for name in texts(service, "service_connect_configuration.service.port_name"):
        if is_known(name) and name not in names:
            path, there = "service_connect_configuration.service.port_name", ", ".join(names) or "none"
            yield f"{path} {name!r} is no port of its task ({there}), see {_CONNECT}"
