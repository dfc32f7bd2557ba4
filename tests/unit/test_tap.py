"""tap.py: what the environment says reaches the stack; what cannot be used ends in one error and writes nothing."""

from __future__ import annotations

import gc
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import tap
from lib.app import new_app
from lib.settings import load
from lib.tap_stack import TapStack
from tests.blueprints.reading import default_tags, provider
from tests.golden.comparison import without_metadata
from tests.template import Template


class Environment:
    """Sets variables and runs tap.py in this process."""

    def __init__(self, patch: pytest.MonkeyPatch, outdir: Path) -> None:
        self.outdir = outdir
        self._patch = patch

    def set(self, **variables: str) -> None:
        for name, value in ({"CDKTF_OUTDIR": str(self.outdir)} | variables).items():
            self._patch.setenv(name, value)

    def run(self, **variables: str) -> int:
        self.set(**variables)
        return tap.main()

    def template(self, **variables: str) -> Template:
        assert self.run(**variables) == 0
        (folder,) = (self.outdir / "stacks").iterdir()
        return Template.of_text((folder / "cdk.tf.json").read_text())


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    return Environment(monkeypatch, tmp_path / "not" / "there" / "yet")


class TestEnvironment:
    def test_without_any_variable_it_is_catalog_in_dev(self, environment: Environment) -> None:
        template = environment.template()
        assert [folder.name for folder in (environment.outdir / "stacks").iterdir()] == ["TapStackdev"]
        assert template.outputs["environment_suffix"]["value"] == "dev"
        assert template.outputs["project"]["value"] == "catalog"
        assert provider(template)["region"] == "sa-east-1"
        assert template.document["terraform"]["backend"].keys() == {"local"}
        assert not {"Repository", "CommitAuthor"} & default_tags(template).keys()

    def test_every_variable_reaches_the_stack(self, environment: Environment) -> None:
        template = environment.template(
            ENVIRONMENT_SUFFIX="pr-42",
            AWS_REGION="eu-west-1",
            TERRAFORM_STATE_BUCKET="states",
            TERRAFORM_STATE_BUCKET_REGION="eu-west-3",
            REPOSITORY="acme/platform",
            COMMIT_AUTHOR="Ada Lovelace",
            TAP_BLUEPRINT="lms",
            TAP_TIER="staging",
        )
        assert [folder.name for folder in (environment.outdir / "stacks").iterdir()] == ["TapStackpr-42"]
        assert provider(template)["region"] == "eu-west-1"
        assert template.document["terraform"]["backend"] == {
            "s3": {
                "bucket": "states",
                "key": "lms/pr-42/TapStackpr-42.tfstate",
                "region": "eu-west-3",
                "encrypt": True,
                "use_lockfile": True,
            }
        }
        assert default_tags(template) == {
            "Application": "learning-management",
            "CommitAuthor": "Ada Lovelace",
            "Environment": "staging",
            "EnvironmentSuffix": "pr-42",
            "ManagedBy": "cdktf",
            "Project": "lms",
            "Repository": "acme/platform",
            "Team": "learning",
        }

    def test_empty_variables_count_as_none(self, environment: Environment) -> None:
        names = ("ENVIRONMENT_SUFFIX", "AWS_REGION", "TERRAFORM_STATE_BUCKET", "TERRAFORM_STATE_BUCKET_REGION")
        more = ("REPOSITORY", "COMMIT_AUTHOR", "TAP_BLUEPRINT", "TAP_TIER")
        template = environment.template(**dict.fromkeys((*names, *more), ""))
        assert template.outputs["environment_suffix"]["value"] == "dev"
        assert provider(template)["region"] == "sa-east-1"
        assert template.document["terraform"]["backend"].keys() == {"local"}
        assert not {"Repository", "CommitAuthor"} & default_tags(template).keys()

    def test_what_aws_refuses_in_a_tag_is_replaced(self, environment: Environment) -> None:
        tags = default_tags(environment.template(COMMIT_AUTHOR="dependabot[bot]", REPOSITORY="a/b" + "c" * 300))
        assert tags["CommitAuthor"] == "dependabot-bot-"
        assert tags["Repository"] == "a/b" + "c" * 253

    def test_a_blueprint_of_ones_own(self, environment: Environment, tmp_path: Path) -> None:
        blueprint = tmp_path / "shop.toml"
        blueprint.write_text('name = "shop"\ncache = false\n[services.web]\nport = 9000\n')
        template = environment.template(TAP_BLUEPRINT=str(blueprint))
        assert template.only("aws_ecs_service")["name"] == "shop-dev-web"
        assert template.only("aws_lb_target_group")["port"] == 9000
        assert template.all("aws_elasticache_serverless_cache") == []


class TestWhatCannotBeUsed:
    @pytest.mark.parametrize(
        ("variables", "message"),
        [
            ({"ENVIRONMENT_SUFFIX": "Not OK"}, 'suffix = "Not OK"'),
            ({"TAP_TIER": "qa"}, "TAP_TIER = 'qa': must be one of dev, staging, prod"),
            ({"AWS_REGION": "nowhere"}, 'region = "nowhere"'),
            ({"TAP_BLUEPRINT": "no-such"}, "TAP_BLUEPRINT = 'no-such': neither a file nor one of"),
            ({"TAP__SERVICES__API__MEMORY": "512"}, "services.api.memory (environment (TAP__…)): unknown setting"),
            ({"TAP__FIREWALL__COUNT_ONLY_RULES": '["Nope"]'}, "firewall.count_only_rules"),
        ],
    )
    def test_is_one_error_and_exit_code_2(
        self, environment: Environment, capsys: pytest.CaptureFixture[str], variables: dict[str, str], message: str
    ) -> None:
        assert environment.run(**variables) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        first, second = printed.err.splitlines()
        assert first.endswith(": 1 setting is wrong")
        assert second.startswith(f"  {message}")

    def test_exit_code_is_the_process_own(self, environment: Environment, root: Path) -> None:
        environment.set(ENVIRONMENT_SUFFIX="Not OK")
        try:
            with pytest.raises(SystemExit) as exit:
                runpy.run_path(str(root / "tap.py"), run_name="__main__")
            # It collects no garbage, which only pays for a process that ends soon.
            assert not gc.isenabled()
        finally:
            gc.unfreeze()
            gc.enable()
        assert exit.value.code == 2

    def test_an_output_folder_that_is_a_file_is_said_without_a_traceback(
        self, environment: Environment, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        taken = tmp_path / "taken"
        taken.write_text("mine")
        assert environment.run(CDKTF_OUTDIR=str(taken)) == 2
        assert str(taken) in capsys.readouterr().err
        assert taken.read_text() == "mine"

    def test_leaves_nothing_behind(self, environment: Environment) -> None:
        assert environment.run(ENVIRONMENT_SUFFIX="Not OK") == 2
        assert not environment.outdir.parents[1].exists()

    def test_leaves_an_earlier_template_as_it_was(self, environment: Environment) -> None:
        environment.template()
        (template,) = environment.outdir.rglob("cdk.tf.json")
        before = template.read_bytes(), template.stat().st_mtime_ns
        assert environment.run(TAP__DATABASE__STORAGE_GB="3") == 2
        assert (template.read_bytes(), template.stat().st_mtime_ns) == before

    def test_is_all_of_it_at_once(self, environment: Environment, capsys: pytest.CaptureFixture[str]) -> None:
        assert environment.run(ENVIRONMENT_SUFFIX="no_", AWS_REGION="nowhere", TAP__DATABASE__STORAGE_GB="3") == 2
        first, *others = capsys.readouterr().err.splitlines()
        assert first == "catalog.toml: 3 settings are wrong"
        assert len(others) == 3


def process(root: Path, outdir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """tap.py as a process of its own."""
    return subprocess.run(
        [sys.executable, "tap.py"],
        cwd=root,
        env=os.environ | {"CDKTF_OUTDIR": str(outdir)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


class TestProcess:
    def test_is_silent_and_writes_the_same_bytes_every_time(self, root: Path, tmp_path: Path) -> None:
        written = []
        # A warning ends the second run; with another seed sets come in another order.
        for seed, warnings in (("1", "default"), ("2", "error")):
            done = process(root, tmp_path, PYTHONHASHSEED=seed, PYTHONWARNINGS=warnings)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
            files = {
                str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
            }
            packages = [name for name in files if name.endswith("/function.zip")]
            assert len(packages) == 1
            assert files.keys() == {"manifest.json", "stacks/TapStackdev/cdk.tf.json", *packages}
            written.append(files)
        assert written[0] == written[1]
        # What tests look at is what is deployed.
        stack = TapStack(new_app(str(tmp_path)), "TapStackdev", environment_suffix="dev", settings=load("dev"))
        document = json.loads(written[0]["stacks/TapStackdev/cdk.tf.json"])
        assert without_metadata(document) == Template.of(stack).document

    def test_wrong_settings_end_in_their_names_and_no_traceback(self, root: Path, tmp_path: Path) -> None:
        outdir = tmp_path / "out"
        done = process(root, outdir, TAP_BLUEPRINT="lms", TAP__SERVICES__WEB__CPU="300")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [
            "lms.toml: 1 setting is wrong",
            "  services.web.cpu = 300 (environment (TAP__…)): must be 256, 512, 1024, 2048, 4096, 8192 or 16384",
        ]
        assert not outdir.exists()


class TestProjectFiles:
    def test_cdktf_json_starts_tap_py_and_reports_nothing_home(self, root: Path) -> None:
        config = json.loads((root / "cdktf.json").read_text())
        assert config["language"] == "python"
        assert config["app"] == "pipenv run python tap.py"
        assert config["sendCrashReports"] == "false"
        assert config["context"] == {"excludeStackIdFromLogicalIds": "true", "allowSepCharsInLogicalIds": "true"}
        # Ready-made bindings: nothing to generate.
        assert (config["terraformProviders"], config["terraformModules"]) == ([], [])

    def test_metadata_json_lists_the_blueprints_there_are(self, root: Path) -> None:
        metadata = json.loads((root / "metadata.json").read_text())
        assert metadata.keys() == {"name", "description", "language", "region", "blueprints"}
        assert (metadata["name"], metadata["language"], metadata["region"]) == ("tapstack", "python", "sa-east-1")
        blueprints = {path.stem for path in (root / "lib" / "settings" / "blueprints").iterdir()}
        assert set(metadata["blueprints"]) == blueprints
        assert len(metadata["blueprints"]) == len(blueprints)
        assert metadata["blueprints"][0] == "catalog"
