"""A night with a deployed stack: what people see, what somebody changes behind Terraform's back, and the way back.

The stack is a small one beside the shared platform, since it is meddled with. All of it happens once, in order; each
test looks at what was said at one point.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from lib.operations.chosen import chosen_stack
from lib.operations.drift import drift
from lib.operations.ending import ended
from lib.operations.logs import logs
from lib.operations.rollback import rollback
from lib.operations.shell import shell
from lib.operations.status.command import status
from lib.operations.terraform import Terraform
from tests.operations.conftest import BUCKET, Platform
from tests.sharing import folder_of_run, once

SUFFIX = "night"
_LITTLE = dict.fromkeys(("TAP__DATABASE", "TAP__CACHE", "TAP__FILES", "TAP__FIREWALL"), "false")
_LOCK = {
    "ID": "0d9c6d0e-2f5b-4a39-9c0f-9a0000000000",
    "Operation": "OperationTypeApply",
    "Info": "",
    "Who": "runner@ci",
    "Version": "1.11.4",
    "Created": "2026-11-24T17:30:00Z",
    "Path": "",
}


@dataclass(frozen=True)
class Said:
    """What a command ended with, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def night(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Said]:
    folder = folder_of_run(tmp_path_factory) / SUFFIX
    folder.mkdir(exist_ok=True)
    return once(tmp_path_factory, SUFFIX, lambda: _Night(platform, folder).walk())


class _Night:
    def __init__(self, platform: Platform, folder: Path) -> None:
        own = {"CDKTF_OUTDIR": str(folder / "cdktf.out"), "TAP_OUTPUTS": str(folder / "outputs.json")}
        self._environ = {**platform.environ, **_LITTLE, **own, "ENVIRONMENT_SUFFIX": SUFFIX, "COLUMNS": "120"}
        self._environ["NO_COLOR"] = "1"

    def walk(self) -> dict[str, Said]:
        with _environment(self._environ):
            self._deploy()
            said = {
                "status": _said(status),
                "silence": _said(logs),
                "exec": _said(shell, service="api"),
                "quiet": _said(drift),
            }
            self._meddle()
            said["status after"] = _said(status, json=True)
            with _environment({**self._environ, "TAP__SERVICES__API__HEALTH_CHECK_GRACE_SECONDS": "99"}):
                said["drift"] = _said(drift, json=True)
            said["rollback"] = _said(rollback, yes=True)
            said["rollback again"] = _said(rollback, yes=True)
            said["status in the end"] = _said(status)
            said["logs"] = _said(logs, ["api"], pattern="ERROR")
            self._lock()
            said["locked"] = _said(drift)
        return said

    def _deploy(self) -> None:
        stack = chosen_stack(self._environ)
        stack.synthesize()
        core = Terraform(stack)
        core.init()
        plan = stack.folder / "plan"
        core.plan(plan)
        core.apply(plan, lambda _: None)
        stack.outputs_file.write_text(core.outputs())

    def _meddle(self) -> None:
        """What people do in the console."""
        cloudwatch, ecs, logs_ = (_client(name) for name in ("cloudwatch", "ecs", "logs"))
        logs_.put_retention_policy(logGroupName="/catalog/night/api/application", retentionInDays=1)
        cloudwatch.delete_alarms(AlarmNames=["catalog-night-api-memory"])
        family = "catalog-night-api"
        definition = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
        container = definition["containerDefinitions"][0] | {"image": "shop:2"}
        kept = ("family", "networkMode", "cpu", "memory", "executionRoleArn", "taskRoleArn", "requiresCompatibilities")
        members = {name: definition[name] for name in kept if name in definition}
        ecs.register_task_definition(**members, containerDefinitions=[container])
        arn = ecs.describe_task_definition(taskDefinition=f"{family}:2")["taskDefinition"]["taskDefinitionArn"]
        ecs.update_service(cluster="catalog-night-cluster", service="catalog-night-api", taskDefinition=arn)
        stream = {"logGroupName": "/catalog/night/api/application", "logStreamName": f"api/api/{'0' * 32}"}
        logs_.create_log_stream(**stream)
        now = int(datetime.now(UTC).timestamp() * 1000)
        written = [{"timestamp": now + n, "message": text} for n, text in enumerate(["listening", "ERROR no cache"])]
        logs_.put_log_events(**stream, logEvents=written)

    def _lock(self) -> None:
        key = "catalog/night/TapStacknight.tfstate.tflock"
        _client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(_LOCK).encode())


@contextlib.contextmanager
def _environment(environ: Mapping[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        yield


def _client(service: str) -> Any:
    return boto3.Session().client(service)


def _said(word: Callable[..., int], *arguments: object, **options: object) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = ended(word)(*arguments, **options)
    return Said(code, out.getvalue(), err.getvalue())


def test_a_deployed_stack_is_well(night: dict[str, Said]) -> None:
    said = night["status"]
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0].startswith("catalog night (dev) in 123456789012, sa-east-1, ")
    assert said.out.splitlines()[-1] == "all is well; 3 of 5 lines need AWS to be complete"


def test_a_log_that_nobody_wrote_says_so(night: dict[str, Said]) -> None:
    said = night["silence"]
    assert (said.code, said.out) == (0, "")
    assert said.err == "/catalog/night/api/application is there, and nothing has ever been written to it\n"


def test_what_a_session_takes_is_said(night: dict[str, Said]) -> None:
    said = night["exec"]
    assert said.code == 2
    assert "api lets nobody in: `execute_command = true` in the blueprint's [services.api]" in said.err


def test_without_a_change_there_is_no_drift(night: dict[str, Said]) -> None:
    said = night["quiet"]
    assert (said.code, said.out, said.err) == (0, "TapStacknight: no drift, nothing pending\n", "")


def test_another_revision_and_a_missing_alarm_are_not_well(night: dict[str, Said]) -> None:
    said = night["status after"]
    assert said.code == 1
    assert [(each["severity"], each["text"]) for each in json.loads(said.out)["troubles"]] == [
        ("failed", "it runs catalog-night-api:2, not catalog-night-api:1 that was deployed"),
        ("unheard", "there is no alarm catalog-night-api-memory"),
    ]


def test_changes_outside_are_drift_with_what_was_and_is(night: dict[str, Said]) -> None:
    said = night["drift"]
    assert said.code == 1
    found = json.loads(said.out)["drift"]
    assert [(each["type"], each["action"]) for each in found] == [
        ("aws_cloudwatch_log_group", "update"),
        ("aws_ecs_service", "update"),
        ("aws_cloudwatch_metric_alarm", "delete"),
    ]
    assert found[0]["attributes"] == [{"path": "retention_in_days", "before": "7", "after": "1"}]
    (definition,) = found[1]["attributes"]
    assert (definition["before"][-3:], definition["after"][-3:]) == (':1"', ':2"')


def test_changes_of_the_code_are_pending_and_not_drift(night: dict[str, Said]) -> None:
    pending = {each["type"]: each["attributes"] for each in json.loads(night["drift"].out)["pending"]}
    assert pending["aws_ecs_service"] == [{"path": "health_check_grace_period_seconds", "before": "60", "after": "99"}]
    assert "aws_cloudwatch_log_group" not in pending


def test_a_service_goes_back(night: dict[str, Said]) -> None:
    said = night["rollback"]
    assert said.code == 0
    assert "api: image shop:2 → public.ecr.aws/amazonlinux/amazonlinux:2023" in said.out
    assert said.err.splitlines()[0] == "api goes to catalog-night-api:1"


def test_a_second_time_there_is_nothing_before(night: dict[str, Said]) -> None:
    said = night["rollback again"]
    assert (said.code, said.out) == (1, "")
    assert said.err == "catalog-night-api:1 runs, and no revision before it is there: nothing to go back to\n"


def test_afterwards_it_is_on_what_was_deployed(night: dict[str, Said]) -> None:
    said = night["status in the end"]
    assert said.code == 1
    assert "catalog-night-api:1, as deployed" in said.out
    assert said.out.splitlines()[-1].startswith("not well: alarms (unheard); ")


def test_a_log_is_filtered(night: dict[str, Said]) -> None:
    said = night["logs"]
    assert said.code == 0
    (line,) = said.out.splitlines()
    assert line.endswith(" api/00000000 ERROR no cache")


def test_during_a_deployment_no_drift_is_told(night: dict[str, Said]) -> None:
    said = night["locked"]
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("TapStacknight: not while it is being changed.\nThe state is locked by runner@ci")
