"""Where the state lies: encrypted and locked in a bucket, or in a file that outlives the output folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cdktf import TerraformStack

from lib.app import new_app
from lib.backend import use_state_backend
from lib.naming import Names
from tests.template import Block, Template


def backend(*, bucket: str | None, outdir: str | None = None, project: str = "shop", id: str = "one") -> Block:
    stack = TerraformStack(new_app(outdir), id)
    use_state_backend(stack, Names(project, "dev"), bucket=bucket, region="eu-west-1")
    return dict(Template.of(stack).document["terraform"]["backend"])


def test_a_bucket_holds_it_encrypted_under_a_lock_file() -> None:
    assert backend(bucket="states") == {
        "s3": {
            "bucket": "states",
            "key": "shop/dev/one.tfstate",
            "region": "eu-west-1",
            "encrypt": True,
            "use_lockfile": True,
        }
    }


@pytest.mark.parametrize("bucket", [None, ""])
def test_without_a_bucket_it_is_a_file_in_the_projects_folder(tmp_path: Path, root: Path, bucket: str | None) -> None:
    (kind, arguments), *others = backend(bucket=bucket, outdir=str(tmp_path)).items()
    assert (kind, arguments.keys(), others) == ("local", {"path"}, [])
    where_terraform_runs = tmp_path / "stacks" / "one"
    assert Path(os.path.normpath(where_terraform_runs / arguments["path"])) == root / "terraform.shop.one.tfstate"


def test_its_path_says_nothing_of_the_machine(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    path = backend(bucket=None, outdir="cdktf.out/tests")["local"]["path"]
    assert path == "../../../../terraform.shop.one.tfstate"


def test_a_linked_output_folder_counts_where_it_really_is(tmp_path: Path, root: Path) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real" / "deep")
    path = backend(bucket=None, outdir=str(tmp_path / "link"))["local"]["path"]
    really = tmp_path / "real" / "deep" / "stacks" / "one"
    assert Path(os.path.normpath(really / path)) == root / "terraform.shop.one.tfstate"


@pytest.mark.parametrize("bucket", [None, "states"])
def test_stacks_and_projects_never_share_one(tmp_path: Path, bucket: str | None) -> None:
    places = {
        str(backend(bucket=bucket, outdir=str(tmp_path), project=project, id=id))
        for project in ("shop", "blog")
        for id in ("one", "two")
    }
    assert len(places) == 4
