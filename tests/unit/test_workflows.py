"""What GitHub Actions is given: the rules that every workflow keeps, and what its scripts do, run with stand-ins.

GitHub itself has no part in this.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from lib.operations.ci.account import DEPLOY_SECONDS, PLAN_SECONDS
from scripts import lint_workflows

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
TOOLS = ROOT / ".github" / "actions" / "tools"
FILES = sorted(FOLDER.glob("*.yml"))
WORKFLOWS: dict[str, Any] = {path.stem: yaml.safe_load(path.read_text()) for path in FILES}
TEXTS = {path.name: path.read_text() for path in [*FILES, TOOLS / "action.yml"]}

READ = {"contents": "read"}
ASSUME = {"contents": "read", "id-token": "write"}
PERMISSIONS = {
    "deploy.dev": ASSUME,
    "deploy.prod": ASSUME,
    "deploy.staging": ASSUME,
    "deploy.test": READ,
    "deploy-environment.deploy": ASSUME,
    "deploy-environment.plan": ASSUME,
    "drift.look": ASSUME,
    "drift.tell": {"issues": "write"},
    "pull-request.comment": {"pull-requests": "write"},
    "pull-request.difference": READ,
    "pull-request.test": READ,
    "test.test": READ,
}
"""Job -> all that its token may do."""

VARIABLES = {
    "AWS_REGION",
    "AWS_ROLE",
    "ENVIRONMENT_SUFFIX",
    "REPOSITORY",
    "TAP__PERMISSIONS_BOUNDARY",
    "TAP_BLUEPRINT",
    "TERRAFORM_STATE_BUCKET",
    "TERRAFORM_STATE_BUCKET_REGION",
}
ON = True
"""YAML 1.1 takes the word `on` for it."""


def jobs() -> Iterator[tuple[str, Any]]:
    for workflow, content in WORKFLOWS.items():
        for name, job in content["jobs"].items():
            yield f"{workflow}.{name}", job


def steps() -> Iterator[tuple[str, Any]]:
    for name, job in jobs():
        yield from ((name, step) for step in job.get("steps", ()))
    yield from (("tools", step) for step in yaml.safe_load(TEXTS["action.yml"])["runs"]["steps"])


def job(name: str) -> Any:
    return dict(jobs())[name]


def script(of: str, named: str) -> str:
    """What a step of a job runs."""
    return str(next(step["run"] for step in job(of)["steps"] if step.get("name") == named))


def index(of: str, part: str) -> int:
    """Where in a job the step stands that runs or uses something."""
    found = [number for number, step in enumerate(job(of)["steps"]) if part in step.get("run", step.get("uses", ""))]
    return found[0]


class TestRules:
    def test_every_action_of_others_is_pinned_to_a_commit_with_its_version_beside_it(self) -> None:
        used = [line for text in TEXTS.values() for line in text.splitlines() if re.search(r"\buses:", line)]
        foreign = [line.strip(" -") for line in used if "uses: ./" not in line]
        assert len(foreign) > 10
        pinned = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
        assert [line for line in foreign if not pinned.fullmatch(line)] == []

    def test_an_action_is_used_at_one_version(self) -> None:
        used = {match for text in TEXTS.values() for match in re.findall(r"uses: ([\w/-]+)@(\w+) # (v[\d.]+)", text)}
        assert sorted(name for name, _, _ in used) == [
            "actions/checkout",
            "actions/download-artifact",
            "actions/setup-python",
            "actions/upload-artifact",
            "aws-actions/configure-aws-credentials",
        ]

    def test_no_token_may_do_anything_that_its_job_does_not_say(self) -> None:
        assert {name: content["permissions"] for name, content in WORKFLOWS.items()} == {name: {} for name in WORKFLOWS}
        assert {name: each["permissions"] for name, each in jobs()} == PERMISSIONS

    def test_no_token_stays_in_the_checked_out_sources(self) -> None:
        checkouts = [step for _, step in steps() if step.get("uses", "").startswith("actions/checkout@")]
        assert len(checkouts) == 5
        assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * 5

    def test_no_script_has_an_expression_in_it(self) -> None:
        assert [name for name, step in steps() if "${{" in step.get("run", "")] == []

    def test_every_job_ends_by_itself(self) -> None:
        assert [name for name, each in jobs() if "uses" not in each and not 0 < each["timeout-minutes"] <= 110] == []

    def test_every_runner_is_of_one_release(self) -> None:
        assert {each["runs-on"] for _, each in jobs() if "uses" not in each} == {"ubuntu-24.04"}

    def test_there_is_no_key_that_lasts_and_no_secret(self) -> None:
        said = re.compile(r"secrets\.|secrets:|aws[-_](access[-_]key|secret|session[-_]token)", re.IGNORECASE)
        assert [name for name, text in TEXTS.items() if said.search(text)] == []

    def test_nothing_runs_for_others_with_the_rights_of_the_repository(self) -> None:
        triggers = {trigger for content in WORKFLOWS.values() for trigger in dict(content[ON])}
        assert triggers == {"pull_request", "push", "schedule", "workflow_call", "workflow_dispatch"}

    def test_every_word_of_make_is_one(self) -> None:
        words = {
            word
            for _, step in steps()
            for line in re.findall(
                r"^make ([^|>\n]*)", step.get("run", "").replace("make --silent", "make"), re.MULTILINE
            )
            for word in re.findall(r"(?<!\S)[a-z][a-z-]+(?!\S)", re.sub(r'"[^"]*"', "", line))
        }
        known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        assert words == {"deploy", "difference", "golden", "preflight", "setup", "test", "verify"}
        assert words - known == set()

    def test_every_word_of_the_command_line_is_one(self) -> None:
        from lib.operations.cli import WORDS

        said = [*(step.get("run", "") for _, step in steps()), (ROOT / "Makefile").read_text()]
        words = {
            word for text in said for word in re.findall(r"(?:-m lib\.operations|\$\(OPERATIONS\)) ([a-z-]+)", text)
        }
        assert {"ci-role", "difference", "drift"} <= words
        assert words - set(WORDS) == set()

    def test_a_pipe_that_fails_ends_its_step(self) -> None:
        """Without a name of a shell GitHub's bash knows no pipefail.
        https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell"""
        piped = {name.partition(".")[0] for name, step in steps() if re.search(r"[^|]\| tee", step.get("run", ""))}
        assert piped == {"deploy-environment"}
        assert WORKFLOWS["deploy-environment"]["defaults"]["run"]["shell"] == "bash"


class TestPullRequest:
    def test_gets_no_role(self) -> None:
        assert "id-token" not in (FOLDER / "pull-request.yml").read_text()
        assert "vars." not in (FOLDER / "pull-request.yml").read_text()

    def test_is_tested_and_synthesized_before_it_is_compared(self) -> None:
        assert job("pull-request.test")["uses"] == "./.github/workflows/test.yml"
        assert script("test.test", "Test") == "make test"
        assert index("pull-request.difference", "make golden") < index(
            "pull-request.difference", "difference BASE=HEAD^1"
        )

    def test_is_compared_with_what_it_would_be_merged_into(self) -> None:
        assert job("pull-request.difference")["steps"][0]["with"]["fetch-depth"] == 2

    def test_of_a_fork_gets_no_comment(self) -> None:
        own = "github.event.pull_request.head.repo.full_name == github.repository"
        assert job("pull-request.comment")["if"] == own

    def test_runs_nothing_of_its_own_where_something_may_be_written(self) -> None:
        writing = [name for name, allowed in PERMISSIONS.items() if {"issues", "pull-requests"} & set(allowed)]
        assert writing == ["drift.tell", "pull-request.comment"]
        used = [step["uses"].partition("@")[0] for name, step in steps() if name in writing and "uses" in step]
        assert used == ["actions/download-artifact"] * 2

    def test_that_is_pushed_again_ends_the_run_before(self) -> None:
        assert WORKFLOWS["pull-request"]["concurrency"]["cancel-in-progress"] is True


class TestDeploy:
    def test_goes_from_dev_over_staging_to_prod(self) -> None:
        needs = {name: job(f"deploy.{name}")["needs"] for name in ("dev", "staging", "prod")}
        assert needs == {"dev": "test", "staging": ["test", "dev"], "prod": ["test", "dev", "staging"]}

    @pytest.mark.parametrize("name", ["dev", "staging", "prod"])
    def test_is_the_same_everywhere(self, name: str) -> None:
        one = job(f"deploy.{name}")
        assert one["uses"] == "./.github/workflows/deploy-environment.yml"
        assert one["with"] == {"environment": name, "arguments": "${{ inputs.arguments || '' }}"}

    @pytest.mark.parametrize("name", ["dev", "staging", "prod"])
    def test_is_left_out_where_no_environment_is_set_up(self, name: str) -> None:
        assert f"contains(fromJSON(vars.AWS_ENVIRONMENTS || '[]'), '{name}')" in job(f"deploy.{name}")["if"]

    @pytest.mark.parametrize(("name", "before"), [("staging", ["dev"]), ("prod", ["dev", "staging"])])
    def test_goes_on_after_what_is_deployed_or_left_out_and_after_nothing_else(
        self, name: str, before: list[str]
    ) -> None:
        """`!failure()` would not do: a job that took too long counts as cancelled."""
        lead = ["!cancelled()", "needs.test.result == 'success'"]
        ended = [f'contains(fromJSON(\'["success", "skipped"]\'), needs.{each}.result)' for each in before]
        assert job(f"deploy.{name}")["if"].split(" && ")[: len(lead + ended)] == lead + ended

    def test_by_hand_goes_to_one_environment(self) -> None:
        inputs = WORKFLOWS["deploy"][ON]["workflow_dispatch"]["inputs"]
        assert inputs["environment"]["options"] == ["dev", "staging", "prod"]
        assert "inputs.environment == 'prod'" in job("deploy.prod")["if"]

    def test_waits_for_the_rules_of_its_environment(self) -> None:
        assert job("deploy-environment.deploy")["environment"] == "${{ inputs.environment }}"

    def test_is_shown_before_it_is_approved_by_a_role_that_only_looks(self) -> None:
        assert job("deploy-environment.plan")["environment"] == "${{ inputs.environment }}-plan"
        assert job("deploy-environment.deploy")["needs"] == "plan"

    def test_is_one_at_a_time_in_an_environment_and_never_cut_off(self) -> None:
        queue = {"group": "deploy-${{ inputs.environment }}", "cancel-in-progress": False}
        assert job("deploy-environment.deploy")["concurrency"] == queue
        assert "concurrency" not in WORKFLOWS["deploy"]

    def test_is_preceded_by_a_preflight_and_followed_by_a_verification(self) -> None:
        order = [index("deploy-environment.deploy", f"make {word}") for word in ("preflight", "deploy", "verify")]
        assert order == sorted(order)
        assert index("deploy-environment.deploy", "configure-aws-credentials") == order[0] - 1

    def test_takes_a_session_that_outlasts_the_job(self) -> None:
        one = job("deploy-environment.deploy")
        asked = one["steps"][index("deploy-environment.deploy", "configure-aws-credentials")]["with"]
        assert asked["role-duration-seconds"] == DEPLOY_SECONDS > 60 * one["timeout-minutes"]
        assert (
            60 * max(job(name)["timeout-minutes"] for name in ("deploy-environment.plan", "drift.look")) < PLAN_SECONDS
        )

    def test_keeps_what_it_said_and_the_outputs(self) -> None:
        kept = job("deploy-environment.deploy")["steps"][-1]
        assert kept["with"]["path"].split() == ["outputs.json", "reports"]
        assert kept["if"] == "${{ !cancelled() }}"


@pytest.mark.parametrize("name", ["deploy-environment.deploy", "deploy-environment.plan", "drift.look"])
class TestJobsWithARole:
    def test_know_the_environment_by_the_same_variables(self, name: str) -> None:
        assert set(job(name)["env"]) == VARIABLES

    def test_ask_whether_all_are_set_before_anything_is_asked_of_aws(self, name: str) -> None:
        assert index(name, "is-set.sh") < index(name, "configure-aws-credentials")

    def test_take_the_role_that_the_environment_names(self, name: str) -> None:
        asked = job(name)["steps"][index(name, "configure-aws-credentials")]["with"]
        assert (asked["role-to-assume"], asked["aws-region"]) == ("${{ vars.AWS_ROLE }}", "${{ vars.AWS_REGION }}")


def test_drift_is_looked_for_every_night_in_every_environment_that_is_set_up() -> None:
    assert WORKFLOWS["drift"][ON]["schedule"] == [{"cron": "17 3 * * *"}]
    matrix = {"environment": "${{ fromJSON(vars.AWS_ENVIRONMENTS || '[]') }}"}
    assert job("drift.look")["strategy"] == job("drift.tell")["strategy"] == {"fail-fast": False, "matrix": matrix}
    assert job("drift.look")["environment"] == "${{ matrix.environment }}-plan"


def test_actions_and_packages_are_kept_up_to_date() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    assert [each["package-ecosystem"] for each in updates] == ["github-actions", "pip"]
    folders = {folder.strip("/") for each in updates for folder in each["directories"]}
    assert folders == {"", ".github/actions/tools", "tools/checkov"}


class Place:
    """A folder in which a script runs, and stand-ins for what it calls: they keep their arguments and answer a text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = folder / "bin"
        self._bin.mkdir()

    def stand_in(self, name: str, answer: str = "") -> None:
        (self.folder / f"{name}.answer").write_text(answer)
        path = self._bin / name
        path.write_text(
            '#!/usr/bin/env bash\nhere=$(dirname "$0")/..\n'
            f'printf "%s\\0" "$@" >>"$here/{name}.calls"; printf "\\n" >>"$here/{name}.calls"\n'
            f'cat "$here/{name}.answer"\n'
        )
        path.chmod(0o755)

    def calls(self, name: str) -> list[list[str]]:
        path = self.folder / f"{name}.calls"
        return [line.split("\0") for line in path.read_text().split("\0\n")[:-1]] if path.exists() else []

    def run(self, text: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """As a runner does where a workflow names the shell."""
        own = {
            "PATH": f"{self._bin}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_REPOSITORY": "octocat/platform",
            "GITHUB_RUN_ID": "7",
            "GITHUB_SERVER_URL": "https://github.com",
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
            cwd=self.folder,
            env=own | environ,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def here(tmp_path: Path) -> Place:
    return Place(tmp_path)


def fields(call: list[str]) -> dict[str, str]:
    """The fields that gh is given, by name."""
    given = [call[number + 1] for number, word in enumerate(call) if word in ("--field", "--raw-field")]
    return dict(each.split("=", 1) for each in given)


class TestComment:
    TEXT = script("pull-request.comment", "Write the comment, or renew it")

    def test_is_written_where_there_is_none(self, here: Place) -> None:
        here.stand_in("gh")
        (here.folder / "difference.md").write_text("`$(touch x)` changes\n")
        assert here.run(self.TEXT, NUMBER="12").returncode == 0
        look, write = here.calls("gh")
        assert look[1:3] == ["--paginate", "repos/octocat/platform/issues/12/comments"]
        assert write[:3] == ["api", "--silent", "repos/octocat/platform/issues/12/comments"]
        assert fields(write) == {"body": "@comment.md"}
        written = (here.folder / "comment.md").read_text()
        assert written == "<!-- difference of the templates -->\n`$(touch x)` changes\n"

    def test_is_renewed_where_there_is_one(self, here: Place) -> None:
        here.stand_in("gh", "41\n42\n")
        (here.folder / "difference.md").write_text("changes\n")
        assert here.run(self.TEXT, NUMBER="12").returncode == 0
        _, renew = here.calls("gh")
        assert renew[2:5] == ["--method", "PATCH", "repos/octocat/platform/issues/comments/41"]

    def test_is_looked_for_among_those_of_the_workflow_alone(self, here: Place) -> None:
        here.stand_in("gh")
        (here.folder / "difference.md").write_text("")
        here.run(self.TEXT, NUMBER="12")
        query = here.calls("gh")[0][-1]
        assert query == (
            '.[] | select(.user.login == "github-actions[bot]" and '
            '(.body | startswith("<!-- difference of the templates -->"))) | .id'
        )

    def test_is_no_longer_than_github_takes(self, here: Place) -> None:
        here.stand_in("gh")
        (here.folder / "difference.md").write_text("x" * 100_000)
        assert here.run(self.TEXT, NUMBER="12").returncode == 0
        assert len((here.folder / "comment.md").read_text()) < 65_536


class TestIssueOfDrift:
    TEXT = script("drift.tell", "Open, renew or close the issue")

    def run(self, here: Place, code: str, known: str) -> list[list[str]]:
        here.stand_in("gh", known)
        (here.folder / "code").write_text(f"{code}\n")
        (here.folder / "report.txt").write_text("aws_lb.alb: idle_timeout: 60 -> 61\n")
        assert here.run(self.TEXT, ENVIRONMENT="prod").returncode == 0
        look, *rest = here.calls("gh")
        assert look[1:3] == ["--paginate", "repos/octocat/platform/issues?state=open&per_page=100"]
        assert look[-1] == '.[] | select(.user.login == "github-actions[bot]" and .title == "Drift in prod") | .number'
        return rest

    def test_is_opened_when_there_is_drift(self, here: Place) -> None:
        (opened,) = self.run(here, "1", "")
        assert opened[:3] == ["api", "--silent", "repos/octocat/platform/issues"]
        assert fields(opened) == {"title": "Drift in prod", "body": "@body.md"}
        body = (here.folder / "body.md").read_text()
        assert "https://github.com/octocat/platform/actions/runs/7" in body
        assert "aws_lb.alb: idle_timeout: 60 -> 61" in body

    def test_is_renewed_while_there_is(self, here: Place) -> None:
        (renewed,) = self.run(here, "1", "5\n")
        assert renewed[2:5] == ["--method", "PATCH", "repos/octocat/platform/issues/5"]

    def test_is_closed_when_it_is_gone(self, here: Place) -> None:
        commented, closed = self.run(here, "0", "5\n")
        assert commented[2] == "repos/octocat/platform/issues/5/comments"
        assert fields(closed) == {"state": "closed"}

    def test_is_not_there_where_there_was_none(self, here: Place) -> None:
        assert self.run(here, "0", "") == []

    @pytest.mark.parametrize("code", ["2", "3"])
    def test_stays_as_it_is_where_nobody_could_ask(self, here: Place, code: str) -> None:
        assert self.run(here, code, "5\n") == []


class TestDriftIsTold:
    TEXT = script("drift.look", "Drift")
    END = script("drift.look", "Whether it could be asked")

    @pytest.mark.parametrize("code", [0, 1, 2, 3])
    def test_by_the_exit_code_of_the_command(self, here: Place, code: int) -> None:
        python = here.folder / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/usr/bin/env bash\necho "$@"\nexit {code}\n')
        python.chmod(0o755)
        files = {"GITHUB_OUTPUT": str(here.folder / "out"), "GITHUB_STEP_SUMMARY": str(here.folder / "summary")}
        assert here.run(self.TEXT, ENVIRONMENT_SUFFIX="prod", **files).returncode == 0
        assert (here.folder / "out").read_text() == f"code={code}\n"
        assert (here.folder / "drift" / "code").read_text() == f"{code}\n"
        assert (here.folder / "drift" / "report.txt").read_text() == "-m lib.operations drift\n"
        ended = here.run(self.END, CODE=str(code), ENVIRONMENT_SUFFIX="prod")
        assert ended.returncode == (code if code > 1 else 0)


class TestArguments:
    TEXT = script("deploy-environment.deploy", "What is set")

    @pytest.fixture
    def checked(self, here: Place) -> Place:
        path = here.folder / ".github" / "actions" / "tools" / "is-set.sh"
        path.parent.mkdir(parents=True)
        path.write_text("#!/usr/bin/env bash\n")
        path.chmod(0o755)
        return here

    @pytest.mark.parametrize(
        "arguments", ["", "--skip-preflight", "--allow-replace aws_db_instance.database_instance_D7FC2283 --with-cdktf"]
    )
    def test_of_a_deployment_are_options_and_addresses(self, checked: Place, arguments: str) -> None:
        assert checked.run(self.TEXT, ARGUMENTS=arguments).returncode == 0

    @pytest.mark.parametrize(
        "arguments", ["; touch x", "$(touch x)", "`touch x`", "a\ntouch x", "$$x", "a > x", "'a'", '"a"', "a | b", "*"]
    )
    def test_that_a_shell_or_make_would_take_apart_are_refused(self, checked: Place, arguments: str) -> None:
        refused = checked.run(self.TEXT, ARGUMENTS=arguments)
        assert (refused.returncode, (checked.folder / "reports").exists()) == (2, False)
        assert refused.stdout.startswith("::error::arguments: ")

    def test_reach_make_as_one_word(self, here: Place) -> None:
        here.stand_in("make")
        (here.folder / "reports").mkdir()
        text = script("deploy-environment.deploy", "Deploy")
        assert here.run(text, ARGUMENTS="--allow-replace aws_lb.alb").returncode == 0
        assert here.calls("make") == [["deploy", "ARGS=--yes --skip-preflight --allow-replace aws_lb.alb"]]


class TestVariables:
    TEXT = str(TOOLS / "is-set.sh")
    ALL = dict.fromkeys(VARIABLES - {"REPOSITORY"}, "x")

    def test_are_enough(self, here: Place) -> None:
        assert here.run(self.TEXT, **self.ALL).returncode == 0

    def test_that_are_empty_are_named_all_at_once_as_they_are_called_on_github(self, here: Place) -> None:
        empty = {"AWS_ROLE": "", "TAP__PERMISSIONS_BOUNDARY": "", "TERRAFORM_STATE_BUCKET": ""}
        refused = here.run(self.TEXT, **self.ALL | empty)
        assert refused.returncode == 2
        assert "are not set: AWS_ROLE PERMISSIONS_BOUNDARY TERRAFORM_STATE_BUCKET (docs/ci.md)" in refused.stdout


class TestTerraform:
    def test_that_is_not_what_was_reviewed_is_not_used(self, here: Place) -> None:
        here.stand_in("curl")
        path = here.folder / "path"
        archive = here.folder / "terraform-1.11.4" / "terraform.zip"
        archive.parent.mkdir()
        archive.write_bytes(b"something else")
        ended = here.run(str(TOOLS / "terraform.sh"), RUNNER_TEMP=str(here.folder), GITHUB_PATH=str(path))
        assert ended.returncode != 0
        assert "did NOT match" in ended.stderr
        assert not path.exists()

    def test_is_fetched_by_https_alone(self, here: Place) -> None:
        here.stand_in("curl")
        here.run(str(TOOLS / "terraform.sh"), RUNNER_TEMP=str(here.folder), GITHUB_PATH=str(here.folder / "path"))
        (call,) = here.calls("curl")
        assert "--proto" in call
        assert call[-1] == "https://releases.hashicorp.com/terraform/1.11.4/terraform_1.11.4_linux_amd64.zip"

    def test_is_new_enough_for_the_stack(self) -> None:
        from lib.tap_stack import TERRAFORM_VERSION

        assert TERRAFORM_VERSION == ">= 1.11.0"
        assert "version=1.11.4\n" in (TOOLS / "terraform.sh").read_text()


class TestLint:
    """scripts/lint_workflows.py, with stand-ins for what it starts."""

    @pytest.fixture
    def started(self, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
        commands: list[list[str]] = []

        def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
            commands.append(command)
            if command[1:2] == ["install"] and "broken" in command[0]:
                raise subprocess.CalledProcessError(1, command, stderr="go: no network\n")
            if command[1:2] == ["install"] and "slow" in command[0]:
                raise subprocess.TimeoutExpired(command, 1)
            return subprocess.CompletedProcess(command, 1 if "findings" in command[0] else 0)

        monkeypatch.setattr(subprocess, "run", run)
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        return commands

    def _tools(self, folder: Path, *names: str) -> dict[str, str]:
        folder.mkdir()
        for name in names:
            (folder / name).write_text("")
            (folder / name).chmod(0o755)
        return {"PATH": str(folder), "HOME": str(folder)}

    def test_asks_zizmor_out_of_the_lock_file(self, started: list[list[str]], tmp_path: Path) -> None:
        assert lint_workflows.main(self._tools(tmp_path / "bin")) == 0
        (zizmor,) = started
        assert zizmor[0] == "/nowhere/zizmor"
        assert {"--offline", "--persona=auditor", ".github"} <= set(zizmor)

    def test_says_what_is_left_out(
        self, started: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lint_workflows.main(self._tools(tmp_path / "bin"))
        assert started
        assert capsys.readouterr().err.splitlines() == [
            "lint: actionlint was left out: there is none, and no Go to build it with",
            "lint: shellcheck was left out: there is none",
        ]

    def test_takes_actionlint_and_shellcheck_where_they_are(self, started: list[list[str]], tmp_path: Path) -> None:
        lint_workflows.main(self._tools(tmp_path / "bin", "actionlint", "go", "shellcheck"))
        tools = tmp_path / "bin"
        assert [command[0] for command in started[1:]] == [str(tools / "actionlint"), str(tools / "shellcheck")]
        assert started[1][1] == f"-shellcheck={tools / 'shellcheck'}"
        assert str(ROOT / ".github/actions/tools/terraform.sh") in started[2]

    def test_has_go_build_actionlint_once(self, started: list[list[str]], tmp_path: Path) -> None:
        environ = self._tools(tmp_path / "bin", "go")
        lint_workflows.main(environ)
        kept = tmp_path / "bin" / ".cache" / "tapstack" / "actionlint-v1.7.12" / "actionlint"
        assert started[0] == [
            str(tmp_path / "bin" / "go"),
            "install",
            "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12",
        ]
        assert started[2][0] == str(kept)
        started.clear()
        kept.parent.mkdir(parents=True)
        kept.write_text("")
        lint_workflows.main(environ)
        assert [Path(command[0]).name for command in started] == ["zizmor", "actionlint"]

    @pytest.mark.parametrize(
        ("how", "why"), [("broken", "Go cannot build it: go: no network"), ("slow", "Go took more")]
    )
    def test_goes_on_where_go_cannot(
        self, started: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str, why: str
    ) -> None:
        assert lint_workflows.main(self._tools(tmp_path / how, "go")) == 0
        assert Path(started[-1][0]).name == "zizmor"
        assert f"lint: actionlint was left out: {why}" in capsys.readouterr().err

    def test_ends_with_1_for_findings_after_all_have_looked(self, started: list[list[str]], tmp_path: Path) -> None:
        assert lint_workflows.main(self._tools(tmp_path / "findings", "actionlint", "shellcheck")) == 1
        assert len(started) == 3


def test_the_rows_of_the_page_are_the_workflows() -> None:
    page = (ROOT / "docs" / "ci.md").read_text()
    assert sorted(re.findall(r"^\| `([\w-]+)\.yml` \|", page, re.MULTILINE)) == sorted(WORKFLOWS)


def test_the_page_names_every_variable() -> None:
    page = (ROOT / "docs" / "ci.md").read_text()
    named = {name.removeprefix("TAP__") for name in VARIABLES - {"ENVIRONMENT_SUFFIX", "REPOSITORY"}}
    assert {each for each in named if f"`{each}`" not in page} == set()
    assert json.loads(re.search(r"AWS_ENVIRONMENTS --body '([^']+)'", page)[1]) == ["dev", "staging", "prod"]  # type: ignore[index]
