"""A stack of a few resources, deployed by real Terraform onto an AWS of this machine.

`python -m tests.operations.small deploy FOLDER` is the same in a process of its own, which can be interrupted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lib.operations.aws import Aws
from lib.operations.deploy.applying import Around
from lib.operations.deploy.command import deployed
from lib.operations.deploy.destruction import destroyed
from lib.operations.ending import OK, ended
from lib.operations.outputs import UNITS
from localaws.environment import ROOT
from tests.operations.conftest import environ_on
from tests.unit.operations.fake_terraform import Small, small
from tests.unit.operations.on_aws import on_aws

REGION = "eu-west-1"
STATES = "states-of-small-stacks"
_SUFFIX = "suffix"


def small_on(
    endpoint: str,
    folder: Path,
    resources: Mapping[str, Any],
    *,
    in_s3: bool = False,
    suffix: str = "dev",
    environ: dict[str, str] | None = None,
) -> Small:
    """in_s3: where the state is; beside the folder otherwise. environ: more of it."""
    key = f"{folder.name}/a.tfstate"
    s3 = {"s3": {"bucket": STATES, "key": key, "region": REGION, "encrypt": True, "use_lockfile": True}}
    around = environ_on(endpoint, folder, REGION) | {_SUFFIX: suffix} | (environ or {})
    return small(folder, around, resources, backend=s3 if in_s3 else None, suffix=suffix, outputs=_outputs(suffix))


def run(stack: Small, word: str = "deploy", **options: Any) -> int:
    """As the command ends, whatever it ends with."""
    return ended(_deploy if word == "deploy" else _destroy)(stack, **options)


def begun(stack: Small) -> subprocess.Popen[str]:
    """A deployment under way."""
    command = [sys.executable, "-m", "tests.operations.small", "deploy", str(stack.folder.parent)]
    return subprocess.Popen(
        command, cwd=ROOT, env=dict(stack.environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _deploy(stack: Small, allowed: tuple[str, ...] = ()) -> int:
    return deployed(stack, AROUND, yes=True, skip_preflight=True, with_cdktf=False, allowed=allowed)


def _destroy(stack: Small, destroy_data: str | None = None) -> int:
    return destroyed(stack, AROUND, yes=True, destroy_data=destroy_data)


def _outputs(suffix: str) -> dict[str, Any]:
    """Those that every stack has."""
    recorded = on_aws("fleet").outputs | {"project": "catalog", "environment_suffix": suffix}
    return {name: {"value": recorded[name]} for name in UNITS["stack"]}


AROUND = Around(lambda *_: OK, lambda _: OK, Aws)
"""Of so small a stack there is nothing to look for before and after."""


def main(word: str, folder: str) -> int:
    there = Path(folder)
    template = json.loads((there / "work" / "cdk.tf.json").read_text())
    stack = small(
        there,
        os.environ,
        template["resource"],
        backend=template["terraform"]["backend"],
        suffix=os.environ[_SUFFIX],
        outputs=template["output"],
    )
    return run(stack, word)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
