"""What is asked of Terraform and made of its answers, with a program in its place that answers as it is told."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lib.evidence import terraform as module
from lib.evidence.template import Block, UnusableTemplate
from lib.evidence.terraform import (
    STEPS,
    Change,
    ForeignTemplateError,
    NoProviderError,
    NoTerraformError,
    OldTerraformError,
    Problem,
    Source,
    Terraform,
    Workspace,
    foreign,
    seal,
    sealed,
    terraform,
)

_PROGRAM = r"""
import json, os, pathlib, sys, time
here = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
command = " ".join(arguments[: 2 if arguments[0] == "state" else 1])
command = "destroy" if "-destroy" in arguments else command
with (here / "asked").open("a") as asked:
    told = {key: value for key, value in os.environ.items() if key.startswith(("AWS_", "TF_"))}
    asked.write(json.dumps({"arguments": arguments, "folder": os.getcwd(), "environment": told}) + "\n")
answers = json.loads((here / "answers.json").read_text())
key = command
if command == "plan":
    key = "probe" if "aws_caller_identity" in open("cdk.tf.json").read() else key
    key = "second plan" if os.path.exists("state.tfstate") else key
if command == "init" and key + " of the probe" in answers and "-plugin-dir" not in " ".join(arguments):
    key += " of the probe"
answer = {"code": 0, "output": ""} | answers.get(key, {})
time.sleep(answer.get("seconds", 0))
if command == "apply" and not answer["code"]:
    pathlib.Path("state.tfstate").write_text("")
print(answer["output"])
sys.exit(answer["code"])
"""
_REQUIRED = {"required_version": ">= 1.11.0", "required_providers": {"aws": {"source": "aws", "version": "6.25.0"}}}
_DOCUMENT: Block = {"terraform": _REQUIRED, "resource": {"aws_vpc": {"main": {}}}}
_VERSION = {"terraform_version": "1.11.4", "provider_selections": {"hashicorp/aws": "6.25.0"}}
_REFUSED = "╷\n│ Error: Failed to query available provider packages\n│ \n│ no such host\n╵"


def error(summary: str, **more: Any) -> dict[str, Any]:
    return {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": summary, "detail": "", **more}}


def lines(*messages: Mapping[str, Any]) -> str:
    return "\n".join(map(json.dumps, messages))


def planned(action: str, address: str) -> dict[str, Any]:
    return {"type": "planned_change", "change": {"action": action, "resource": {"addr": address}}}


class Fake:
    """The program, what it answers to which command, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.answers: dict[str, dict[str, Any]] = {
            "version": {"output": json.dumps(_VERSION)},
            "validate": {"output": json.dumps({"diagnostics": []})},
        }
        program = folder / "terraform"
        program.write_text(f"#!{sys.executable} -SE\n{_PROGRAM}")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.environ = {"PATH": str(folder)}
        self.tell()

    def tell(self, **answers: dict[str, Any]) -> None:
        """Answers by command; a `_` in its name is a space."""
        self.answers |= {command.replace("_", " "): answer for command, answer in answers.items()}
        (self._folder / "answers.json").write_text(json.dumps(self.answers))

    @property
    def asked(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self._folder / "asked").read_text().splitlines()]

    def is_asked(self, name: str) -> bool:
        return f'"{name}"' in (self._folder / "asked").read_text()

    def commands(self, *names: str) -> list[list[str]]:
        return [each["arguments"] for each in self.asked if each["arguments"][0] in names]


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    return Fake(tmp_path)


@pytest.fixture
def core(fake: Fake) -> Iterator[Terraform]:
    with terraform(fake.environ) as found:
        yield found


@pytest.fixture
def workspace(core: Terraform) -> Workspace:
    return core.workspace(Source(_DOCUMENT))


class TestEnvironment:
    def test_holds_nobodys_credentials(self) -> None:
        given = {
            "AWS_ACCESS_KEY_ID": "AKIA",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
            "AWS_PROFILE": "prod",
            "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2",
            "AWS_ENDPOINT_URL_STS": "https://sts.amazonaws.com",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        }
        found = {key: value for key, value in sealed(given, "http://127.0.0.1:9").items() if key.startswith("AWS_")}
        assert found == {
            "AWS_ACCESS_KEY_ID": "offline",
            "AWS_SECRET_ACCESS_KEY": "offline",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AWS_MAX_ATTEMPTS": "1",
        }

    def test_keeps_where_providers_come_from_and_the_values_of_variables(self) -> None:
        given = {"TF_CLI_CONFIG_FILE": "rc", "TF_PLUGIN_CACHE_DIR": "cache", "TF_VAR_size": "1", "PATH": "bin"}
        found = sealed({**given, "AWS_REGION": "eu-west-1"}, "")
        assert found.items() >= {**given, "AWS_REGION": "eu-west-1"}.items()

    def test_keeps_nothing_else_of_terraforms(self) -> None:
        given = {"TF_CLI_ARGS_apply": "-var x=y", "TF_DATA_DIR": "data", "TF_REATTACH_PROVIDERS": "{}", "TF_LOG": "1"}
        assert sealed(given, "").keys() & given.keys() == set()

    def test_is_that_of_every_step(self, fake: Fake, core: Terraform) -> None:
        core.lifecycle(Source(_DOCUMENT))
        assert {each["environment"]["AWS_ACCESS_KEY_ID"] for each in fake.asked} == {"offline"}
        assert {each["environment"]["AWS_ENDPOINT_URL"] for each in fake.asked} == {core.endpoint}

    def test_names_an_endpoint_where_nobody_is(self, core: Terraform) -> None:
        host, _, port = core.endpoint.removeprefix("http://").partition(":")
        with socket.socket() as client, pytest.raises(ConnectionRefusedError):
            client.connect((host, int(port)))


class TestSeal:
    def test_keeps_the_state_beside_the_template(self) -> None:
        assert seal(_DOCUMENT, "")["terraform"] == {"backend": {"local": {"path": "state.tfstate"}}}

    def test_closes_the_default_provider_where_the_template_configures_none(self) -> None:
        (provider,) = seal({}, "http://127.0.0.1:9")["provider"]["aws"]
        assert provider == {
            "access_key": "offline",
            "secret_key": "offline",
            "shared_config_files": [os.devnull],
            "shared_credentials_files": [os.devnull],
            "endpoints": [{"sts": "http://127.0.0.1:9"}],
        }

    def test_closes_each_provider_once(self) -> None:
        configured = [{"region": "a"}, {"alias": "edge"}, {"alias": "edge", "region": "b"}, {"alias": "other"}]
        providers = seal({"provider": {"aws": configured}}, "")["provider"]["aws"]
        assert [each.get("alias") for each in providers] == [None, "edge", "other"]
        assert {each["access_key"] for each in providers} == {"offline"}


class TestForeign:
    @pytest.mark.parametrize(
        ("document", "found"),
        [
            ({}, []),
            (_DOCUMENT, []),
            ({"provider": {"aws": [{}], "google": [{}]}}, ["provider google"]),
            ({"terraform": {"required_providers": {"null": {"source": "hashicorp/null"}}}}, ["provider null"]),
            ({"terraform": {"required_providers": {"aws": {"source": "other/aws"}}}}, ["provider other/aws"]),
            ({"terraform": {"required_providers": {"aws": {"source": "registry.example.com/hashicorp/aws"}}}}, []),
            ({"terraform": {"required_providers": {"aws": "6.25.0"}}}, []),
            ({"module": {"vpc": {}}}, ["module.vpc"]),
            ({"resource": {"terraform_data": {"a": {}}}}, ["terraform_data.a"]),
            ({"data": {"external": {"a": {}}}}, ["external.a"]),
            ({"ephemeral": {"random_password": {"a": {}}}}, ["random_password.a"]),
            ({"resource": {"aws_vpc": {"a": {"provisioner": []}}}}, ["provisioner of aws_vpc.a"]),
        ],
    )
    def test_is_all_that_does_not_stay_with_the_provider(self, document: Block, found: list[str]) -> None:
        assert foreign(document) == found

    def test_templates_are_refused_before_anything_is_asked(self, fake: Fake, core: Terraform) -> None:
        with pytest.raises(ForeignTemplateError, match=r"holds more than AWS's provider, .*: module\.a"):
            core.workspace(Source({"module": {"a": {}}}))
        assert fake.commands("init", "plan") == []


class TestSource:
    def test_is_a_template_and_its_file(self, tmp_path: Path) -> None:
        path = tmp_path / "cdk.tf.json"
        path.write_text(json.dumps(_DOCUMENT))
        assert Source.of(path) == Source(_DOCUMENT, path.resolve())

    def test_is_refused_where_other_configuration_stands_beside_it(self, tmp_path: Path) -> None:
        for name in ("cdk.tf.json", "more.tf.json", "main.tf"):
            (tmp_path / name).write_text(json.dumps(_DOCUMENT))
        with pytest.raises(ForeignTemplateError, match=r"cdk\.tf\.json: is not .* stands main\.tf, more\.tf\.json"):
            Source.of(tmp_path / "cdk.tf.json")

    def test_is_refused_where_it_is_no_template(self, tmp_path: Path) -> None:
        with pytest.raises(UnusableTemplate, match="is not there"):
            Source.of(tmp_path / "cdk.tf.json")

    def test_comes_with_what_it_reads_and_without_what_is_terraforms(self, core: Terraform, tmp_path: Path) -> None:
        folder = tmp_path / "stack"
        (folder / "assets").mkdir(parents=True)
        text = json.dumps(_DOCUMENT, indent=4)
        for name in ("cdk.tf.json", "assets/a.zip", "terraform.x.tfstate", "a.auto.tfvars.json", ".terraform.lock.hcl"):
            (folder / name).write_text(text)
        workspace = core.workspace(Source.of(folder / "cdk.tf.json"))
        assert sorted(each.name for each in workspace.folder.iterdir()) == [
            "assets",
            "cdk.tf.json",
            "seal_override.tf.json",
        ]
        assert (workspace.folder / "cdk.tf.json").read_text() == text
        assert (workspace.folder / "assets" / "a.zip").read_text() == text


class TestTerraform:
    def test_that_is_not_installed_is_told_in_a_line(self, tmp_path: Path) -> None:
        with (
            pytest.raises(NoTerraformError, match=r"^terraform is not installed: https://\S+$"),
            terraform({"PATH": str(tmp_path)}),
        ):
            pass

    def test_that_is_told_of_a_configuration_that_is_not_there_is_not_asked(self, fake: Fake, tmp_path: Path) -> None:
        given = fake.environ | {"TF_CLI_CONFIG_FILE": str(tmp_path / "lost.rc")}
        with (
            pytest.raises(NoProviderError, match=r"^TF_CLI_CONFIG_FILE names .*lost\.rc, which is not there$"),
            terraform(given),
        ):
            pass
        assert not (tmp_path / "asked").exists()

    def test_that_is_too_old_is_told_in_a_line(self, fake: Fake, core: Terraform) -> None:
        fake.tell(init={"code": 1, "output": "╷\n│ Error: Unsupported Terraform Core version\n│ \n╵"})
        with pytest.raises(OldTerraformError, match=r"^terraform 1\.11\.4 is too old: .* asks for >= 1\.11\.0$"):
            core.provider(_DOCUMENT)

    def test_without_a_provider_is_told_in_a_line(self, fake: Fake, core: Terraform) -> None:
        fake.tell(init={"code": 1, "output": _REFUSED})
        with pytest.raises(
            NoProviderError, match=r"^terraform reaches no AWS provider: Failed to query .*: no such host$"
        ):
            core.provider(_DOCUMENT)

    def test_says_its_version(self, core: Terraform) -> None:
        assert core.version == "1.11.4"

    def test_asks_once_for_the_provider_of_equal_templates(self, fake: Fake, core: Terraform) -> None:
        assert core.provider(_DOCUMENT) is core.provider({"terraform": _REQUIRED})
        assert len(fake.commands("init")) == 1

    def test_asks_again_for_another_version_of_the_provider(self, fake: Fake, core: Terraform) -> None:
        assert core.provider(_DOCUMENT) is not core.provider({})
        assert len(fake.commands("init")) == 2

    def test_takes_the_provider_that_it_reached_for_every_template(self, fake: Fake, workspace: Workspace) -> None:
        assert workspace.provider
        assert workspace.init() == []
        assert fake.commands("init")[-1] == ["init", "-no-color", f"-plugin-dir={workspace.provider.plugins}"]

    def test_leaves_nothing_behind(self, fake: Fake) -> None:
        with terraform(fake.environ) as core:
            core.lifecycle(Source(_DOCUMENT))
            folder = core.folder
            assert folder.is_dir()
        assert not folder.exists()

    def test_is_ended_when_it_does_not_answer(
        self, fake: Fake, core: Terraform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "_LONGEST_ANSWER", 0.2)
        fake.tell(probe={"seconds": 30})
        start = time.monotonic()
        assert not core.provider(_DOCUMENT).answers
        assert time.monotonic() - start < 10

    def test_is_killed_when_it_does_not_even_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_LONGEST_END", 0.2)
        stubborn = [sys.executable, "-SE", "-c"]
        code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(30)"
        with subprocess.Popen([*stubborn, code], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            process.stdout.readline()
            module._end(process)
        assert process.returncode == -signal.SIGKILL


class TestInterruption:
    def test_ends_what_runs_and_leaves_nothing_behind(self, fake: Fake) -> None:
        fake.tell(validate={"seconds": 30})
        start = time.monotonic()
        seen: list[Path] = []

        def interrupted() -> None:
            with terraform(fake.environ) as core:
                seen.append(core.folder)
                workspace = core.workspace(Source(_DOCUMENT))
                # As a terminal does.
                threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
                workspace.validate()

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert time.monotonic() - start < 10
        assert not seen[0].exists()

    def test_ends_what_other_threads_wait_for(self, fake: Fake) -> None:
        fake.tell(validate={"seconds": 30})
        start = time.monotonic()
        with terraform(fake.environ) as core:
            waiting = threading.Thread(target=core.workspace(Source(_DOCUMENT)).validate)
            waiting.start()
            while not fake.is_asked("validate"):
                time.sleep(0.01)
        waiting.join(10)
        assert not waiting.is_alive()
        assert time.monotonic() - start < 10

    def test_lets_nothing_start_any_more(self, core: Terraform, workspace: Workspace) -> None:
        core.stop()
        with pytest.raises(InterruptedError):
            workspace.validate()


class TestLifecycle:
    def test_takes_every_step_with_a_provider_that_answers(self, fake: Fake, core: Terraform) -> None:
        lifecycle = core.lifecycle(Source(_DOCUMENT))
        assert [step.name for step in lifecycle.steps] == list(STEPS)
        assert lifecycle.problems == []
        asked = [each for each in fake.commands("init", "validate", "plan", "apply") if each[0] != "init"][1:]
        assert asked == [
            ["validate", "-json"],
            ["plan", "-json", "-lock=false", "-out=plan"],
            ["apply", "-json", "-auto-approve", "plan"],
            ["plan", "-json", "-lock=false"],
            ["apply", "-json", "-auto-approve", "-destroy", "-refresh=false"],
        ]

    def test_only_validates_with_a_provider_that_asks_aws(self, fake: Fake, core: Terraform) -> None:
        fake.tell(probe={"code": 1, "output": lines(error("no answer"))})
        lifecycle = core.lifecycle(Source(_DOCUMENT))
        assert [step.name for step in lifecycle.steps] == ["init", "validate"]
        assert (lifecycle.objects, lifecycle.left) == (0, 0)
        assert fake.commands("apply", "destroy") == []

    def test_applies_nothing_with_a_provider_that_asks_aws(self, fake: Fake, core: Terraform) -> None:
        fake.tell(probe={"code": 1, "output": "it says nothing"})
        workspace = core.workspace(Source(_DOCUMENT))
        for act in (workspace.apply, workspace.destroy):
            with pytest.raises(NoProviderError, match="nothing is applied"):
                act()
        assert fake.commands("apply", "destroy") == []

    def test_applies_nothing_before_it_knows_the_provider(self, fake: Fake, core: Terraform, tmp_path: Path) -> None:
        with pytest.raises(NoProviderError):
            Workspace(core, tmp_path).apply()
        assert fake.commands("apply") == []

    @pytest.mark.parametrize(
        ("step", "answers"),
        [
            ("init", {"init_of_the_probe": {}, "init": {"code": 1, "output": _REFUSED}}),
            ("validate", {"validate": {"code": 1, "output": json.dumps({"diagnostics": [error("x")["diagnostic"]]})}}),
            ("plan", {"plan": {"code": 1, "output": lines(error("x"))}}),
            ("apply", {"apply": {"code": 1, "output": lines(error("x"))}}),
        ],
    )
    def test_ends_at_a_step_that_fails(self, fake: Fake, core: Terraform, step: str, answers: dict[str, Any]) -> None:
        fake.tell(**answers)
        lifecycle = core.lifecycle(Source(_DOCUMENT))
        assert [each.name for each in lifecycle.steps] == list(STEPS[: STEPS.index(step) + 1])
        assert [name for name, _ in lifecycle.problems] == [step]

    def test_finds_a_second_plan_that_is_not_empty_and_goes_on(self, fake: Fake, core: Terraform) -> None:
        fake.tell(second_plan={"output": lines(planned("update", "aws_vpc.main"))})
        lifecycle = core.lifecycle(Source(_DOCUMENT))
        assert lifecycle.problems == [("second plan", Problem("Is not as it was made", "update", "aws_vpc.main"))]
        assert lifecycle.steps[-1].name == "destroy"

    def test_finds_a_second_plan_that_fails(self, fake: Fake, core: Terraform) -> None:
        fake.tell(second_plan={"code": 1, "output": lines(error("x"))})
        assert core.lifecycle(Source(_DOCUMENT)).problems == [("second plan", Problem("x"))]

    def test_finds_what_is_left_after_the_destroy(self, fake: Fake, core: Terraform) -> None:
        fake.tell(state_list={"output": "aws_vpc.main\naws_eip.one\ndata.aws_region.here"})
        lifecycle = core.lifecycle(Source(_DOCUMENT))
        assert (lifecycle.objects, lifecycle.left) == (2, 2)
        left = Problem("Objects are left after the destroy", "aws_vpc.main, aws_eip.one")
        assert lifecycle.problems == [("destroy", left)]

    def test_finds_a_destroy_that_fails(self, fake: Fake, core: Terraform) -> None:
        fake.tell(destroy={"code": 1, "output": lines(error("x"))}, state_list={"output": "aws_vpc.main"})
        lifecycle = core.lifecycle(Source(_DOCUMENT))
        assert (lifecycle.problems, lifecycle.left) == ([("destroy", Problem("x"))], 1)

    def test_keeps_the_state_before_the_destroy_for_who_wants_it(self, core: Terraform, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        core.lifecycle(Source(_DOCUMENT), keep_state=kept)
        assert kept.is_file()

    def test_measures_every_step(self, fake: Fake, core: Terraform) -> None:
        core.provider(_DOCUMENT)
        fake.tell(validate={"seconds": 0.2, "output": json.dumps({"diagnostics": []})})
        seconds = {step.name: step.seconds for step in core.lifecycle(Source(_DOCUMENT)).steps}
        assert 0.2 < seconds["validate"] < 10
        assert all(each > 0 for each in seconds.values())


class TestProblems:
    @pytest.fixture
    def validated(self, fake: Fake, workspace: Workspace) -> Callable[..., list[Problem]]:
        def run(*diagnostics: dict[str, Any]) -> list[Problem]:
            fake.tell(validate={"code": 1, "output": json.dumps({"diagnostics": diagnostics})})
            return workspace.validate()

        return run

    def test_name_the_block_that_terraform_shows(self, validated: Callable[..., list[Problem]]) -> None:
        shown = {"context": "resource.aws_vpc.main"}
        found = validated(error("Missing", detail="it", snippet=shown)["diagnostic"])
        assert found == [Problem("Missing", "it", "aws_vpc.main")]
        assert str(found[0]) == "aws_vpc.main: Missing: it"

    def test_name_the_address_where_terraform_does(self, validated: Callable[..., list[Problem]]) -> None:
        assert validated(error("x", address="aws_eip.a")["diagnostic"])[0].address == "aws_eip.a"

    @pytest.mark.parametrize("snippet", [None, {"context": None}])
    def test_may_name_no_block(self, validated: Callable[..., list[Problem]], snippet: Any) -> None:
        assert [str(each) for each in validated(error("Cycle", snippet=snippet)["diagnostic"])] == ["Cycle"]

    def test_are_no_warnings(self, validated: Callable[..., list[Problem]]) -> None:
        found = validated(error("a", severity="warning")["diagnostic"], error("b")["diagnostic"])
        assert found == [Problem("b")]

    def test_are_read_out_of_frames(self, fake: Fake, workspace: Workspace) -> None:
        two = "\n│ Error: One\n│ \n│ more of\n│ it\n╵\n╷\n│ Error: Two\n╵"
        fake.tell(init={"code": 1, "output": two})
        assert workspace.init() == [Problem("One", "more of it"), Problem("Two")]

    def test_are_what_was_said_last_where_terraform_breaks(self, fake: Fake, workspace: Workspace) -> None:
        fake.tell(validate={"code": 2, "output": "panic: nil"})
        assert workspace.validate() == [Problem("Terraform failed", "panic: nil")]

    def test_are_none_where_it_does_not_fail(self, fake: Fake, workspace: Workspace) -> None:
        fake.tell(apply={"output": lines({"type": "apply_complete"}, error("x", severity="warning"))})
        assert workspace.apply() == []


class TestPlan:
    def test_says_what_would_change(self, fake: Fake, workspace: Workspace) -> None:
        fake.tell(
            plan={"output": lines({"type": "version"}, planned("replace", "aws_vpc.main"), planned("create", "b"))}
        )
        assert workspace.plan() == ([Change("replace", "aws_vpc.main"), Change("create", "b")], [])

    def test_may_leave_the_objects_alone(self, fake: Fake, workspace: Workspace) -> None:
        workspace.plan(refresh=False)
        assert fake.commands("plan")[-1] == ["plan", "-json", "-lock=false", "-refresh=false"]

    def test_knows_no_objects_before_an_apply(self, fake: Fake, workspace: Workspace) -> None:
        fake.tell(state_list={"code": 1, "output": "No state file was found!"})
        assert workspace.objects() == []
