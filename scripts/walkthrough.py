"""Writes docs/walkthrough.md: every command around a deployment, and what it printed, on an AWS of this machine.

Takes some minutes, and the place of whatever `make local` has left running.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from localaws.environment import ROOT

PAGE = ROOT / "docs" / "walkthrough.md"
_KEPT = ("HOME", "LANG", "PATH", "TERM", "TMPDIR")
_LONGEST = 75
"""Lines. Of more than that the middle is left out."""
_HEAD, _TAIL = 24, 48
_TITLE = """# A walk through the commands

<!-- Written by `.venv/bin/python -m scripts.walkthrough`, which runs them. -->

Every command around a deployment, against the AWS API that `make local` starts on this machine, and what it really
printed (the checkout's folder is shown as `~/tapstack`, the middle of long outputs is left out). No task runs behind
that API, so what only running tasks, real quotas and mail can tell says "needs AWS". What each command is for:
[runbook](runbook.md), [verification](verification.md), [preflight](preflight.md), [CI](ci.md).
"""


class Step(NamedTuple):
    """What is typed, and what there is to say before it. A variable that is set stays set."""

    said: str
    typed: str


STEPS = (
    Step("## An AWS to try it on", "make local"),
    Step(
        "What it said for other shells, and a second environment, `walk`, with its state in a bucket:",
        "export ENVIRONMENT_SUFFIX=walk TERRAFORM_STATE_BUCKET=walk-state TAP_OUTPUTS=cdktf.out/walk.json",
    ),
    Step("## Before a deployment\n\nThe bucket of the state, made once and checked again:", "make state-bootstrap"),
    Step("", "make state-bootstrap ARGS=--check"),
    Step("", "make use-region"),
    Step("", "make preflight"),
    Step("## Deploy", "make deploy ARGS=--yes"),
    Step("Once more, there is nothing to do:", "make deploy ARGS=--yes"),
    Step("", "make verify"),
    Step("## Day 2", "make status"),
    Step("", "make logs NAME=api"),
    Step("", "make exec SERVICE=api"),
    Step(
        "A change of the service, and back to the revision before:",
        "export TAP__SERVICES__API__CPU=512 TAP__SERVICES__API__MEMORY_MIB=1024",
    ),
    Step("", "make deploy ARGS=--yes"),
    Step("", "make rollback SERVICE=api ARGS=--yes"),
    Step("Terraform sees that; so it does when somebody changes something by hand:", "make drift"),
    Step("", "make deploy ARGS=--yes"),
    Step("", "make drift"),
    Step("## A pipeline's roles", "make ci-role REPOSITORY=owner/name ENVIRONMENT=walk"),
    Step("", "make ci-role REPOSITORY=owner/name ENVIRONMENT=walk"),
    Step("", "make difference BASE=HEAD"),
    Step("## What goes wrong\n\nSettings that cannot be:", "TAP__DATABASE__MULTI_AZ=perhaps make deploy ARGS=--yes"),
    Step("No outputs:", "make status OUTPUTS=nowhere.json"),
    Step("Nobody answers:", "AWS_ENDPOINT_URL=http://127.0.0.1:9 make status"),
    Step("## The end", "make destroy ARGS=--yes"),
    Step("", "make local-down"),
)


def main() -> int:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    parts = [_TITLE]
    for step in STEPS:
        print(step.typed, file=sys.stderr)
        printed = _printed(step.typed, environment)
        # What a step exports, or tells people to export, holds for those after it.
        for line in (step.typed, *printed):
            environment |= _exported(line)
        parts += [f"{step.said}\n"] if step.said else []
        parts.append("\n".join(["```text", f"$ {step.typed}", *_shortened(printed), "```", ""]))
    PAGE.write_text("\n".join(parts), encoding="utf-8")
    return 0


def _printed(typed: str, environment: Mapping[str, str]) -> list[str]:
    """What a shell prints, results and errors as they come."""
    done = subprocess.run(
        ["bash", "-c", typed],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout.replace(str(ROOT), "~/tapstack").replace(str(Path.home()), "~").splitlines()


def _exported(line: str) -> dict[str, str]:
    words = shlex.split(line) if line.strip().startswith("export ") else []
    pairs = (word.partition("=")[::2] for word in words[1:])
    return {name: value.replace("~/tapstack", str(ROOT)).replace("~", str(Path.home())) for name, value in pairs}


def _shortened(lines: Sequence[str]) -> list[str]:
    left_out = len(lines) - _HEAD - _TAIL
    if len(lines) <= _LONGEST:
        return list(lines)
    return [*lines[:_HEAD], f"… {left_out} lines …", *lines[-_TAIL:]]


if __name__ == "__main__":
    sys.exit(main())
