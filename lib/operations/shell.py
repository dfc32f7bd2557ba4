"""`make exec`: a command in a running task of a service, or on an instance of a fleet, with this terminal.

As the AWS CLI does it: AWS opens a session, and AWS's own plugin carries it.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from lib.operations.aws import Block, Refused
from lib.operations.deployment import Deployment
from lib.operations.ending import FOUND, OK, UNUSABLE, Stop
from lib.operations.opening import OutputsFile, one_of, opened
from lib.operations.verify.check import NO_TASKS
from lib.operations.verify.units.services import described_tasks

PLUGIN = "session-manager-plugin"
HOW_TO_GET_PLUGIN = (
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"
)
_AGENT = "ExecuteCommandAgent"
_SHELL = "/bin/sh"
_RESPONSE = "AWS_SSM_START_SESSION_RESPONSE"
_LAST_WITHOUT_VARIABLE = (1, 2, 497, 0)
"""Newer ones take the session from a variable, so that its token is in no list of processes.
https://github.com/aws/aws-cli/blob/develop/awscli/customizations/sessionmanager.py"""
_NOT_CONNECTED = "TargetNotConnected"


@dataclass(frozen=True)
class Session:
    """One that AWS has opened."""

    id: str
    token: str
    url: str
    request: Mapping[str, Any]
    """What the plugin asks for again when the line breaks."""


def shell(
    *,
    service: Annotated[
        str | None, typer.Option(metavar="NAME", help="A task of this service; left out: the only one.")
    ] = None,
    fleet: Annotated[str | None, typer.Option(metavar="NAME", help="An instance of this fleet instead.")] = None,
    command: Annotated[
        str | None, typer.Option(metavar="TEXT", help=f"What to run; left out: {_SHELL}, or on an instance its shell.")
    ] = None,
    task: Annotated[
        str | None, typer.Option(metavar="ID", help="This task or instance, by the beginning of its id.")
    ] = None,
    outputs: OutputsFile = None,
) -> int:
    """A command in a running task of a service, or on an instance of a fleet, with this terminal.

    Exit code: 0, 1 when the session ended badly, 2 when something that it takes is missing, each named, 3 when AWS
    cannot be reached or denies it.
    """
    if service and fleet:
        raise Stop("--service and --fleet: one of them", UNUSABLE)
    stack = opened(outputs)
    if fleet or (service is None and not stack.all("service_names")):
        return on_instance(stack, one_of(stack.names_in("autoscaling_group_names"), fleet, "fleet"), command, task)
    return in_task(stack, one_of(stack.names_in("service_names"), service, "service"), command or _SHELL, task)


def in_task(stack: Deployment, service: str, command: str, wanted: str | None) -> int:
    """The exit code."""
    plugin = shutil.which(PLUGIN)
    task, problems = _task(stack, service, wanted)
    _refuse([*_about_plugin(plugin), *problems])
    assert plugin
    answer = _opened(
        stack,
        "ecs",
        "execute_command",
        cluster=stack["cluster_name"],
        task=task["taskArn"],
        container=service,
        command=command,
        interactive=True,
    )
    session = answer["session"]
    runtime = _container(task, service)["runtimeId"]
    target = f"ecs:{stack['cluster_name']}_{_id(task['taskArn'])}_{runtime}"
    return _carried(
        stack, plugin, Session(session["sessionId"], session["tokenValue"], session["streamUrl"], {"Target": target})
    )


def on_instance(stack: Deployment, fleet: str, command: str | None, wanted: str | None) -> int:
    """The exit code."""
    plugin = shutil.which(PLUGIN)
    instance, problems = _instance(stack, fleet, wanted)
    _refuse([*_about_plugin(plugin), *problems])
    assert plugin
    request: Block = {"Target": instance}
    if command:
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
        request |= {"DocumentName": "AWS-StartInteractiveCommand", "Parameters": {"command": [command]}}
    answer = _opened(stack, "ssm", "start_session", **request)
    return _carried(stack, plugin, Session(answer["SessionId"], answer["TokenValue"], answer["StreamUrl"], request))


def _task(stack: Deployment, service: str, wanted: str | None) -> tuple[Block, list[str]]:
    """The one to go into, and what keeps from it."""
    found = stack.service(service)
    if found.get("status") != "ACTIVE":
        return {}, [f"ECS has no active service {stack['service_names'][service]}, which the outputs name"]
    if not found.get("enableExecuteCommand"):
        return {}, [
            f"{service} lets nobody in: `execute_command = true` in the blueprint's [services.{service}], then"
            " `make deploy`; its root file system becomes writable by it"
        ]
    tasks = described_tasks(stack, service, "RUNNING")
    running = [task for task in tasks if _id(task["taskArn"]).startswith(wanted or "")]
    if not running:
        among = f" among {', '.join(_id(task['taskArn']) for task in tasks)}" if tasks else ""
        of = f"no task {wanted} of {service} runs{among}" if wanted else f"no task of {service} runs"
        return {}, [f"{of} ({NO_TASKS})" if stack.emulated else of]
    ready = [task for task in running if _state_of_agent(task, service) == "RUNNING"]
    if ready:
        return ready[0], []
    return {}, [
        f"task {_id(task['taskArn'])}: its agent is {_state_of_agent(task, service)}; tasks that started before"
        " `execute_command` was set have none: `aws ecs update-service --force-new-deployment` replaces them"
        for task in running
    ]


def _state_of_agent(task: Block, container: str) -> str:
    agents = _container(task, container).get("managedAgents", [])
    return next((str(each.get("lastStatus")) for each in agents if each.get("name") == _AGENT), "not there")


def _container(task: Block, name: str) -> Block:
    return next((each for each in task.get("containers", []) if each.get("name") == name), {})


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]


def _instance(stack: Deployment, fleet: str, wanted: str | None) -> tuple[str, list[str]]:
    """The one to go to, and what keeps from it."""
    name = stack["autoscaling_group_names"][fleet]
    groups = stack.ask("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[name])["AutoScalingGroups"]
    if not groups:
        return "", [f"there is no Auto Scaling group {name}, which the outputs name"]
    serving = [each["InstanceId"] for each in groups[0]["Instances"] if each["LifecycleState"] == "InService"]
    ids = [id for id in serving if id.startswith(wanted or "")]
    if not ids:
        among = f"; there are {', '.join(serving)}" if serving else ""
        return "", [f"no instance {wanted or ''} of {fleet} is in service{among}".replace("  ", " ")]
    known = stack.ask("ssm", "describe_instance_information", Filters=[{"Key": "InstanceIds", "Values": ids}])[
        "InstanceInformationList"
    ]
    states = {each["InstanceId"]: each["PingStatus"] for each in known}
    online = [id for id in ids if states.get(id) == "Online"]
    if online:
        return online[0], []
    why = f" ({NO_TASKS})" if stack.emulated else ""
    return "", [f"{id}: Systems Manager finds it {states.get(id, 'not at all')}{why}" for id in ids]


def _about_plugin(plugin: str | None) -> Iterator[str]:
    if plugin is None:
        yield f"{PLUGIN} is not in PATH: {HOW_TO_GET_PLUGIN}"


def _refuse(problems: list[str]) -> None:
    if problems:
        raise Stop("\n".join(problems), UNUSABLE)


def _opened(stack: Deployment, service: str, operation: str, **parameters: Any) -> Block:
    try:
        return stack.aws.call(service, operation, **parameters)
    except Refused as error:
        if error.code.startswith(_NOT_CONNECTED):
            raise Stop(f"its agent has no way to Systems Manager: {error}", FOUND) from None
        raise


def _carried(stack: Deployment, plugin: str, session: Session) -> int:
    """Hands the terminal over, and waits for its end."""
    response = json.dumps({"SessionId": session.id, "TokenValue": session.token, "StreamUrl": session.url})
    environ = dict(os.environ)
    if _version(plugin) > _LAST_WITHOUT_VARIABLE:
        environ[_RESPONSE] = response
        response = _RESPONSE
    arguments = [
        plugin,
        response,
        stack.region,
        "StartSession",
        os.environ.get("AWS_PROFILE", ""),
        json.dumps(session.request),
        # Also for tasks: the plugin resumes a session by a call of Systems Manager.
        stack.aws.endpoint("ssm"),
    ]
    try:
        with _signals_left_to_plugin():
            code = subprocess.run(arguments, env=environ, check=False).returncode
    except OSError as error:
        # Or the session would wait for somebody for twenty minutes.
        stack.aws.call("ssm", "terminate_session", SessionId=session.id)
        raise Stop(f"{plugin} cannot be run: {error.strerror}", UNUSABLE) from None
    if code:
        raise Stop(f"{PLUGIN} ended with {code}", FOUND)
    return OK


def _version(plugin: str) -> tuple[int, ...]:
    """Nothing where it does not tell."""
    try:
        done = subprocess.run([plugin, "--version"], capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", done.stdout))


@contextmanager
def _signals_left_to_plugin() -> Iterator[None]:
    """Ctrl-C is for what runs there."""
    kept = {each: signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)}
    try:
        yield
    finally:
        for each, handler in kept.items():
            signal.signal(each, handler)
