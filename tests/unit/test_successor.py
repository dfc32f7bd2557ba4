"""compat/cdktn: imports of CDKTF lead to CDK Terrain, here one of a few lines. docs/way-out.md has the real one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with something that is laid out as the successor is."""
    (tmp_path / "cdktn").mkdir()
    (tmp_path / "cdktn" / "__init__.py").write_text("class App: ...\n")
    bindings = tmp_path / "cdktn_provider_aws"
    (bindings / "vpc").mkdir(parents=True)
    (bindings / "__init__.py").write_text("raise AssertionError('2,200 modules')\n")
    (bindings / "vpc" / "__init__.py").write_text("import cdktn\n\nclass Vpc(cdktn.App): ...\n")
    return tmp_path


def run(code: str, *folders: Path) -> subprocess.CompletedProcess[str]:
    """The code in a Python of its own that sees these folders and what is installed."""
    path = os.pathsep.join(map(str, folders))
    command = [sys.executable, "-B", "-c", code]
    return subprocess.run(command, env={"PYTHONPATH": path}, capture_output=True, text=True, check=False)


def test_cdktf_is_the_successor(root: Path, packages: Path) -> None:
    done = run("import cdktf, cdktn; assert cdktf is cdktn", root / "compat" / "cdktn", packages)
    assert done.returncode == 0, done.stderr


def test_bindings_are_the_successors_and_share_its_classes(root: Path, packages: Path) -> None:
    code = "from cdktf import App; from cdktf_cdktf_provider_aws.vpc import Vpc; assert issubclass(Vpc, App)"
    done = run(code, root / "compat" / "cdktn", packages)
    assert done.returncode == 0, done.stderr


def test_fast_bindings_step_aside(root: Path, packages: Path) -> None:
    code = "from lib import aws_bindings; assert not aws_bindings.status().python_on_demand"
    done = run(code, root / "compat" / "cdktn", packages, root)
    assert done.returncode == 0, done.stderr


def test_says_what_is_missing(root: Path) -> None:
    done = run("import cdktf_cdktf_provider_aws", root / "compat" / "cdktn")
    assert "cdktn-provider-aws is not installed" in done.stderr
