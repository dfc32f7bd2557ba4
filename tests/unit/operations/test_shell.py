"""`make exec`: what it takes, and what AWS's plugin is started with. The plugin is a script that writes that down."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.operations import shell as words
from lib.operations.ending import ended
from lib.operations.shell import PLUGIN, in_task, on_instance
from tests.unit.operations.living import Living
from tests.unit.operations.on_aws import TASK
from tests.unit.operations.recorded import GONE

SERVICE = "ecs describe_services"
TASKS = "ecs describe_tasks"
GROUP = "autoscaling describe_auto_scaling_groups"
MANAGED = "ssm describe_instance_information"
EXECUTE = "ecs execute_command"
START = "ssm start_session"
ID = TASK.rpartition("/")[2]
SESSION = {"SessionId": "session-1", "TokenValue": "token-1", "StreamUrl": "wss://stream"}
RESPONSE = "AWS_SSM_START_SESSION_RESPONSE"
_PLUGIN = """#!/bin/sh
if [ "$1" = --version ]; then echo "$VERSION"; exit; fi
printf '%s\\n' "$@" > "$WRITTEN"
printf '%s\\n' "$AWS_SSM_START_SESSION_RESPONSE" > "$WRITTEN.environment"
grep SigIgn /proc/self/status > "$WRITTEN.signals" 2>/dev/null
exit ${CODE:-0}
"""


@pytest.fixture(autouse=True)
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the plugin writes with what it was started."""
    plugin = tmp_path / PLUGIN
    plugin.write_text(_PLUGIN)
    plugin.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("WRITTEN", str(tmp_path / "written"))
    monkeypatch.setenv("VERSION", "1.2.707.0")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return tmp_path / "written"


@pytest.fixture
def without_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


@pytest.fixture
def catalog() -> Living:
    """Its service lets people in."""
    living = Living("catalog")
    living.change(SERVICE, "services.0.enableExecuteCommand", True)
    agent = {"name": "ExecuteCommandAgent", "lastStatus": "RUNNING"}
    containers = [{"name": "proxy"}, {"name": "api", "runtimeId": "runtime-1", "managedAgents": [agent]}]
    living.change(TASKS, "tasks.0.containers", containers)
    session = {"sessionId": "session-1", "tokenValue": "token-1", "streamUrl": "wss://stream"}
    living.aws.script[EXECUTE] = [{"session": session}]
    return living


@pytest.fixture
def fleet() -> Living:
    living = Living("fleet")
    living.aws.script[START] = [SESSION]
    return living


def enter(living: Living, command: str = "/bin/sh", task: str | None = None, *, emulated: bool = False) -> int:
    stack = living.deployment(emulated=emulated)
    return ended(lambda: in_task(stack, "api", command, task))()


def visit(living: Living, command: str | None = None, task: str | None = None, *, emulated: bool = False) -> int:
    stack = living.deployment(emulated=emulated)
    return ended(lambda: on_instance(stack, "web", command, task))()


def instance(fleet: Living) -> str:
    return str(fleet.deployment().group("web")["Instances"][0]["InstanceId"])


class TestTask:
    def test_the_command_is_run_in_the_service_s_container(self, catalog: Living) -> None:
        assert enter(catalog, "ls -l") == 0
        assert catalog.aws.called == [
            (
                EXECUTE,
                {
                    "cluster": "catalog-dev-cluster",
                    "task": TASK,
                    "container": "api",
                    "command": "ls -l",
                    "interactive": True,
                },
            )
        ]

    def test_the_plugin_is_started_as_the_aws_cli_does(self, catalog: Living, written: Path) -> None:
        assert enter(catalog) == 0
        response, region, operation, profile, request, endpoint = written.read_text().splitlines()
        assert (region, operation, profile) == ("sa-east-1", "StartSession", "")
        assert json.loads(request) == {"Target": f"ecs:catalog-dev-cluster_{ID}_runtime-1"}
        assert endpoint == "https://ssm.sa-east-1.amazonaws.com"
        assert response == RESPONSE

    def test_the_token_is_in_no_list_of_processes(self, catalog: Living, written: Path) -> None:
        enter(catalog)
        assert "token-1" not in written.read_text()
        assert json.loads(Path(f"{written}.environment").read_text()) == SESSION

    @pytest.mark.parametrize("version", ["1.2.497.0", "1.1.61.0", "", "unknown"])
    def test_an_older_plugin_takes_it_as_an_argument(
        self, catalog: Living, written: Path, version: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("VERSION", version)
        assert enter(catalog) == 0
        assert json.loads(written.read_text().splitlines()[0]) == SESSION

    def test_the_profile_is_handed_on(self, catalog: Living, written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_PROFILE", "night")
        enter(catalog)
        assert written.read_text().splitlines()[3] == "night"

    def test_ctrl_c_is_for_what_runs_there(self, catalog: Living, written: Path) -> None:
        before = signal.getsignal(signal.SIGINT)
        enter(catalog)
        assert signal.getsignal(signal.SIGINT) is before
        ignored = Path(f"{written}.signals").read_text()
        if ignored:
            assert int(ignored.split()[1], 16) & 1 << (signal.SIGINT - 1)

    def test_a_session_that_ends_badly_ends_with_1(
        self, catalog: Living, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("CODE", "255")
        assert enter(catalog) == 1
        assert capsys.readouterr().err == "session-manager-plugin ended with 255\n"

    def test_a_task_is_chosen_by_the_beginning_of_its_id(self, catalog: Living) -> None:
        assert enter(catalog, task=ID[:4]) == 0

    def test_one_whose_agent_runs_is_preferred(self, catalog: Living) -> None:
        def other_first(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [{"taskArn": "arn:aws:ecs:sa-east-1:1:task/cluster/ffff", "containers": []}, *tasks]

        catalog.change(TASKS, "tasks", other_first)
        assert enter(catalog) == 0
        assert catalog.aws.called[0][1]["task"] == TASK


class TestMissing:
    def said(self, code: int, capsys: pytest.CaptureFixture[str]) -> list[str]:
        assert code == 2
        return capsys.readouterr().err.splitlines()

    @pytest.mark.usefixtures("without_plugin")
    def test_the_plugin(self, catalog: Living, capsys: pytest.CaptureFixture[str]) -> None:
        (said,) = self.said(enter(catalog), capsys)
        assert said.startswith("session-manager-plugin is not in PATH: https://docs.aws.amazon.com/")
        assert catalog.aws.called == []

    def test_the_service_s_permission(self, catalog: Living, capsys: pytest.CaptureFixture[str]) -> None:
        catalog.change(SERVICE, "services.0.enableExecuteCommand", False)
        (said,) = self.said(enter(catalog), capsys)
        assert said == (
            "api lets nobody in: `execute_command = true` in the blueprint's [services.api], then `make deploy`; its"
            " root file system becomes writable by it"
        )

    @pytest.mark.usefixtures("without_plugin")
    def test_both_are_said(self, catalog: Living, capsys: pytest.CaptureFixture[str]) -> None:
        catalog.change(SERVICE, "services.0.enableExecuteCommand", GONE)
        assert len(self.said(enter(catalog), capsys)) == 2

    def test_the_service(self, catalog: Living, capsys: pytest.CaptureFixture[str]) -> None:
        catalog.change(SERVICE, "services", [])
        assert self.said(enter(catalog), capsys) == [
            "ECS has no active service catalog-dev-api, which the outputs name"
        ]

    @pytest.mark.parametrize(
        ("emulated", "why"),
        [(False, ""), (True, " (an emulator runs no tasks, instances or functions and serves no requests)")],
    )
    def test_a_task(self, catalog: Living, emulated: bool, why: str, capsys: pytest.CaptureFixture[str]) -> None:
        catalog.change("ecs list_tasks", "taskArns", [])
        assert self.said(enter(catalog, emulated=emulated), capsys) == [f"no task of api runs{why}"]

    def test_the_task_that_is_asked_for(self, catalog: Living, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.said(enter(catalog, task="ffff"), capsys) == [f"no task ffff of api runs among {ID}"]

    @pytest.mark.parametrize(
        ("agents", "state"),
        [([], "not there"), ([{"name": "ExecuteCommandAgent", "lastStatus": "STOPPED"}], "STOPPED")],
    )
    def test_the_task_s_agent(
        self, catalog: Living, agents: list[object], state: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.change(TASKS, "tasks.0.containers.1.managedAgents", agents)
        (said,) = self.said(enter(catalog), capsys)
        assert said.startswith(f"task {ID}: its agent is {state}; tasks that started before `execute_command` was set")
        assert catalog.aws.called == []

    def test_the_group_of_a_fleet(self, fleet: Living, capsys: pytest.CaptureFixture[str]) -> None:
        fleet.change(GROUP, "AutoScalingGroups", [])
        said = ["there is no Auto Scaling group fleet-dev-web, which the outputs name"]
        assert self.said(visit(fleet), capsys) == said

    def test_an_instance(self, fleet: Living, capsys: pytest.CaptureFixture[str]) -> None:
        fleet.change(GROUP, "AutoScalingGroups.0.Instances", [])
        assert self.said(visit(fleet), capsys) == ["no instance of web is in service"]

    def test_the_instance_that_is_asked_for(self, fleet: Living, capsys: pytest.CaptureFixture[str]) -> None:
        said = [f"no instance i-none of web is in service; there are {instance(fleet)}"]
        assert self.said(visit(fleet, task="i-none"), capsys) == said

    @pytest.mark.parametrize(("emulated", "why"), [(False, ""), (True, " (an emulator runs no tasks")])
    def test_systems_manager_s_way_to_it(
        self, fleet: Living, emulated: bool, why: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        fleet.change(MANAGED, "InstanceInformationList", [])
        (said,) = self.said(visit(fleet, emulated=emulated), capsys)
        assert said.startswith(f"{instance(fleet)}: Systems Manager finds it not at all{why}")

    def test_a_connection_of_its_agent(self, fleet: Living, capsys: pytest.CaptureFixture[str]) -> None:
        fleet.change(MANAGED, "InstanceInformationList.0.PingStatus", "ConnectionLost")
        assert self.said(visit(fleet), capsys) == [f"{instance(fleet)}: Systems Manager finds it ConnectionLost"]

    def test_a_plugin_that_cannot_be_run(
        self, catalog: Living, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / PLUGIN).write_text("#!/nowhere/sh\n")
        catalog.aws.script["ssm terminate_session"] = [{}]
        (said,) = self.said(enter(catalog), capsys)
        assert said == f"{tmp_path / PLUGIN} cannot be run: No such file or directory"
        assert catalog.aws.called[-1] == ("ssm terminate_session", {"SessionId": "session-1"})


class TestInstance:
    def test_its_shell_is_opened(self, fleet: Living, written: Path) -> None:
        assert visit(fleet) == 0
        assert fleet.aws.called == [(START, {"Target": instance(fleet)})]
        lines = written.read_text().splitlines()
        assert json.loads(lines[4]) == {"Target": instance(fleet)}
        assert lines[5] == "https://ssm.sa-east-1.amazonaws.com"

    def test_a_command_is_run_instead(self, fleet: Living) -> None:
        assert visit(fleet, "top") == 0
        ((_, asked),) = fleet.aws.called
        assert (asked["DocumentName"], asked["Parameters"]) == ("AWS-StartInteractiveCommand", {"command": ["top"]})

    @pytest.mark.usefixtures("without_plugin")
    def test_without_the_plugin_nothing_is_opened(self, fleet: Living) -> None:
        assert visit(fleet) == 2
        assert fleet.aws.called == []


class TestRefusals:
    @pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException"])
    def test_a_denial_ends_with_3(self, catalog: Living, code: str, capsys: pytest.CaptureFixture[str]) -> None:
        catalog.aws.script[EXECUTE] = [code]
        assert enter(catalog) == 3
        assert code in capsys.readouterr().err

    def test_an_agent_without_a_way_out_is_told(self, catalog: Living, capsys: pytest.CaptureFixture[str]) -> None:
        catalog.aws.script[EXECUTE] = ["TargetNotConnectedException"]
        assert enter(catalog) == 1
        assert capsys.readouterr().err.startswith("its agent has no way to Systems Manager: ecs execute_command")


class TestWord:
    Run = Callable[..., int]

    @pytest.fixture
    def word(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
        def exec_in(living: Living, **options: object) -> int:
            monkeypatch.setattr(words, "opened", lambda path: living.deployment() if path == tmp_path else None)
            return ended(words.shell)(outputs=tmp_path, **options)

        return exec_in

    def test_goes_into_the_only_service_with_a_shell(self, word: Run, catalog: Living) -> None:
        assert word(catalog) == 0
        assert catalog.aws.called[0][1]["command"] == "/bin/sh"

    def test_goes_to_the_only_fleet_where_there_is_no_service(self, word: Run, fleet: Living) -> None:
        assert word(fleet) == 0
        assert fleet.aws.called[0][0] == START

    def test_an_unknown_fleet_is_told(self, word: Run, fleet: Living, capsys: pytest.CaptureFixture[str]) -> None:
        assert word(fleet, fleet="wep") == 2
        assert capsys.readouterr().err == "there is no fleet wep: web\n"

    def test_a_service_where_there_is_none_is_told(
        self, word: Run, fleet: Living, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert word(fleet, service="api") == 2
        assert capsys.readouterr().err == "the stack has no service\n"

    def test_both_are_refused(self, word: Run, catalog: Living, capsys: pytest.CaptureFixture[str]) -> None:
        assert word(catalog, service="api", fleet="web") == 2
        assert capsys.readouterr().err == "--service and --fleet: one of them\n"
