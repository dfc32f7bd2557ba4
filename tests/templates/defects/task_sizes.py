"""Templates with tasks of sizes that Fargate does not have, or that do not hold their containers."""

from __future__ import annotations

from typing import Any

from lib.evidence.structure import task_sizes as checks
from tests.template import Block, Template
from tests.templates.defects.seeding import breaks, text_of

_TASK = "aws_ecs_task_definition"


def task(template: Template, **changes: Any) -> Block:
    block = template.only(_TASK)
    block.update(changes)
    return block


def container(template: Template, **changes: Any) -> None:
    """Changes the first container."""
    with text_of(template.only(_TASK), "container_definitions") as containers:
        containers[0].update(changes)


@breaks(checks.tasks_have_a_size, "memory 8192 is not what Fargate has for cpu 256: 512, 1024, 2048")
def a_task_has_more_memory_than_its_cpu_takes(template: Template) -> None:
    task(template, cpu="256", memory="8192")


@breaks(checks.tasks_have_a_size, "memory 18432 is not what Fargate has for cpu 8192: 16384 to 61440 in steps of 4096")
def a_task_s_memory_is_between_two_steps(template: Template) -> None:
    task(template, cpu="8 vCPU", memory="18 GB")


@breaks(checks.tasks_have_a_size, "cpu 300 is none of 256, 512, 1024")
def a_task_has_a_cpu_that_fargate_does_not_know(template: Template) -> None:
    task(template, cpu=300)


@breaks(checks.tasks_have_a_size, "memory is missing, and Fargate needs it")
def a_task_does_not_say_its_memory(template: Template) -> None:
    del task(template)["memory"]


@breaks(checks.tasks_have_a_size, "network_mode 'bridge' is not awsvpc")
def a_task_is_behind_a_bridge(template: Template) -> None:
    task(template, network_mode="bridge")


@breaks(checks.tasks_have_a_size, "ephemeral_storage.size_in_gib 20 is not from 21 to 200")
def a_task_has_the_storage_that_it_has_anyway(template: Template) -> None:
    task(template, ephemeral_storage={"size_in_gib": 20})


_WINDOWS = {"operating_system_family": "WINDOWS_SERVER_2022_CORE"}


@breaks(checks.tasks_have_a_size, "cpu 256 is none of 1024, 2048, 4096, which Fargate has for WINDOWS_SERVER_2022_CORE")
def a_task_of_windows_is_too_small(template: Template) -> None:
    task(template, runtime_platform=_WINDOWS, cpu="256", memory="512")


@breaks(checks.tasks_have_a_size, "runtime_platform.cpu_architecture ARM64 is not X86_64")
def a_task_of_windows_is_on_arm(template: Template) -> None:
    task(template, runtime_platform={**_WINDOWS, "cpu_architecture": "ARM64"}, cpu="1024", memory="2048")


@breaks(checks.tasks_have_a_size, "ephemeral_storage is not to be had with WINDOWS_SERVER_2022_CORE")
def a_task_of_windows_has_storage(template: Template) -> None:
    task(template, runtime_platform=_WINDOWS, cpu="1024", memory="2048", ephemeral_storage={"size_in_gib": 30})


@breaks(checks.tasks_have_a_size, "its containers need 2048 cpu together, and the task has 512")
def containers_need_more_cpu_than_there_is(template: Template) -> None:
    task(template, cpu="512", memory="1024")
    container(template, cpu=2048)


@breaks(checks.tasks_have_a_size, "its containers need 2048 MiB of memory together, and the task has 1024")
def containers_need_more_memory_than_there_is(template: Template) -> None:
    task(template, cpu="512", memory="1024")
    container(template, memory=4096, memoryReservation=2048)


@breaks(checks.tasks_have_a_size, "memoryReservation 512 is not below memory 512")
def a_container_reserves_all_that_it_may_use(template: Template) -> None:
    container(template, memory=512, memoryReservation=512)


@breaks(checks.tasks_have_a_size, "memory 4096 is more than the task's 1024")
def a_container_may_use_more_than_its_task(template: Template) -> None:
    task(template, cpu="512", memory="1024")
    container(template, memory=4096, memoryReservation=128)


@breaks(checks.tasks_have_a_size, "neither it nor its task says how much memory it needs")
def nobody_says_how_much_memory_is_needed(template: Template) -> None:
    block = task(template, requires_compatibilities=["EC2"])
    del block["memory"], block["cpu"]
