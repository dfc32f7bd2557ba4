"""Sizes of tasks: pairs of CPU and memory that Fargate has, and containers that fit into them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.evidence.reading import at, containers, is_known, number, text, texts
from lib.evidence.template import Block, Template

_SIZES = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"
_CONTAINERS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"
_STORAGE = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html"
_PLATFORM = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html"

_GIB = 1024

FARGATE_MEMORY: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1 * _GIB, 4 * _GIB + 1, _GIB)),
    1024: tuple(range(2 * _GIB, 8 * _GIB + 1, _GIB)),
    2048: tuple(range(4 * _GIB, 16 * _GIB + 1, _GIB)),
    4096: tuple(range(8 * _GIB, 30 * _GIB + 1, _GIB)),
    8192: tuple(range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB)),
    16384: tuple(range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB)),
}
"""CPU units -> MiB of memory. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"""

WINDOWS_CPU = (1024, 2048, 4096)
"""Fargate runs Windows in these sizes only."""

EPHEMERAL_GIB = (21, 200)

_UNITS = {"vcpu": 1024, "gb": 1024}


def tasks_have_a_size(template: Template) -> list[str]:
    """Fargate has the task's pair of CPU and memory for its system and architecture; its containers need no more than
    the task has, and reserve no more than they may use."""
    found = []
    for name, task in template.named("aws_ecs_task_definition").items():
        address = f"aws_ecs_task_definition.{name}"
        if "FARGATE" in texts(task, "requires_compatibilities"):
            found += [f"{address}: {problem}" for problem in _wrong_fargate(task)]
        found += [f"{address}: {problem}" for problem in _wrong_containers(task)]
    return found


def _wrong_fargate(task: Block) -> Iterator[str]:
    cpu, memory = size(task, "cpu"), size(task, "memory")
    for argument in ("cpu", "memory"):
        if task.get(argument) is None:
            yield f"{argument} is missing, and Fargate needs it, see {_SIZES}"
    if cpu is not None and cpu not in FARGATE_MEMORY:
        yield f"cpu {cpu:g} is none of {', '.join(map(str, FARGATE_MEMORY))}, see {_SIZES}"
    elif cpu is not None and memory is not None and memory not in FARGATE_MEMORY[int(cpu)]:
        sizes = _spelt(FARGATE_MEMORY[int(cpu)])
        yield f"memory {memory:g} is not what Fargate has for cpu {cpu:g}: {sizes}, see {_SIZES}"
    mode = task.get("network_mode")
    if is_known(mode) and mode != "awsvpc":
        yield f"network_mode {mode!r} is not awsvpc, the only one of Fargate, see {_SIZES}"
    if (storage := number(task, "ephemeral_storage.size_in_gib")) is not None:
        least, most = EPHEMERAL_GIB
        if not least <= storage <= most:
            yield f"ephemeral_storage.size_in_gib {storage:g} is not from {least} to {most}, see {_STORAGE}"
    yield from _wrong_platform(task, cpu)


def _wrong_platform(task: Block, cpu: float | None) -> Iterator[str]:
    system = text(task, "runtime_platform.operating_system_family")
    if not system.startswith("WINDOWS"):
        return
    if cpu is not None and cpu not in WINDOWS_CPU:
        sizes = ", ".join(map(str, WINDOWS_CPU))
        yield f"cpu {cpu:g} is none of {sizes}, which Fargate has for {system}, see {_SIZES}"
    if text(task, "runtime_platform.cpu_architecture") == "ARM64":
        yield f"runtime_platform.cpu_architecture ARM64 is not X86_64, the only one of {system}, see {_PLATFORM}"
    if at(task, "ephemeral_storage") is not None:
        yield f"ephemeral_storage is not to be had with {system}, see {_STORAGE}"


def _wrong_containers(task: Block) -> Iterator[str]:
    said = containers(task)
    cpu, memory = size(task, "cpu"), size(task, "memory")
    needed_cpu = sum(number(each, "cpu") or 0 for each in said)
    if cpu is not None and needed_cpu > cpu:
        yield f"its containers need {needed_cpu:g} cpu together, and the task has {cpu:g}, see {_CONTAINERS}"
    needed = sum(number(each, "memoryReservation") or number(each, "memory") or 0 for each in said)
    if memory is not None and needed > memory:
        yield f"its containers need {needed:g} MiB of memory together, and the task has {memory:g}, see {_CONTAINERS}"
    for each in said:
        limit, reserved = number(each, "memory"), number(each, "memoryReservation")
        label = f"container {text(each, 'name')}"
        if limit is not None and reserved is not None and reserved >= limit:
            yield f"{label}: memoryReservation {reserved:g} is not below memory {limit:g}, see {_CONTAINERS}"
        if memory is not None and limit is not None and limit > memory:
            yield f"{label}: memory {limit:g} is more than the task's {memory:g}, see {_CONTAINERS}"
        if memory is None and task.get("memory") is None and not (limit or reserved):
            yield f"{label}: neither it nor its task says how much memory it needs, see {_CONTAINERS}"


def size(task: Block, argument: str) -> float | None:
    """CPU units, or MiB of memory, also where they are told as `.5 vCPU` or `2 GB`; None where it is not known."""
    plain = number(task, argument)
    parts = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})\s*(vcpu|gb)\s*", text(task, argument).lower())
    return plain if parts is None else float(parts[1]) * _UNITS[parts[2]]


def _spelt(sizes: tuple[int, ...]) -> str:
    if len(sizes) <= 4:
        return ", ".join(map(str, sizes))
    return f"{sizes[0]} to {sizes[-1]} in steps of {sizes[1] - sizes[0]}"
