"""Terraform, run for a stack: what it says is read from its machine-readable messages, and it is let finish.

At Ctrl-C it is asked to end: it completes what it has begun and writes that down. A second one has it end at once.
https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from lib.evidence.terraform import Problem
from lib.operations.aws import is_emulated
from lib.operations.chosen import ChosenStack
from lib.operations.diagnosis import Failed, failed
from lib.operations.ending import INTERRUPTED, UNUSABLE, Stop
from lib.operations.plan import Plan, read_plan

OLDEST = (1, 11)
HOW_TO_GET = (
    "Terraform 1.11 or newer has to be in PATH: one file from https://developer.hashicorp.com/terraform/install"
)
_OWN_VARIABLES = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
"""No question to its maker's server for a newer version, and none to people."""
_WORDS = (
    "\nTerraform finishes what it has begun, and writes it down. Ctrl-C again ends it at once.\n",
    "\nTerraform ends at once: what was being made may not be in the state, which may stay locked.\n",
)
"""At each Ctrl-C. At the second it takes a few seconds, at a third it is killed.
https://github.com/hashicorp/terraform/blob/v1.11.4/internal/command/meta.go"""

_STDERR = 2

Event = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """Something that an apply has begun, goes on with, has done, or failed to do."""

    address: str
    action: str
    """create, update, delete, read."""
    state: str
    """start, progress, complete, errored."""
    seconds: int


Told = Callable[[Step], object]


@dataclass(frozen=True)
class Object:
    """An object in the state."""

    address: str
    type: str
    is_tainted: bool
    """It was not made as a whole, and the next apply makes it anew."""
    attributes: Mapping[str, Any] = field(repr=False)
    """All of its values, secrets too."""


def executable(path: str | None) -> str:
    """Terraform's. path: where to look, as PATH says it. Raises Stop."""
    found = shutil.which("terraform", path=path)
    if found is None:
        raise Stop(f"There is no terraform. {HOW_TO_GET}", UNUSABLE)
    if why := unusable(found, os.environ | _OWN_VARIABLES):
        raise Stop(f"{why} {HOW_TO_GET}", UNUSABLE)
    return found


def unusable(executable: str, environ: Mapping[str, str]) -> str:
    """Why a Terraform cannot be used, nothing where it can. environ: what it is asked with."""
    done = subprocess.run(
        [executable, "version", "-json"], capture_output=True, text=True, env=dict(environ), check=False
    )
    try:
        version = str(json.loads(done.stdout)["terraform_version"])
        numbers = tuple(int(part) for part in version.split("-", maxsplit=1)[0].split(".")[:2])
    except (ValueError, KeyError):
        return f"{executable} does not tell its version."
    return f"terraform {version} is too old." if numbers < OLDEST else ""


class Terraform:
    """What it does in the folder of a stack. Whatever it refuses is raised as Stop: Failed with its diagnostics."""

    def __init__(self, stack: ChosenStack) -> None:
        self.stack = stack
        self._executable = executable(stack.environ.get("PATH"))

    def init(self) -> None:
        """Finds the provider, and the state where the template says that it is."""
        # By its own names a bucket would be asked for at an address of its own, which no machine has.
        path_style = ["-backend-config=use_path_style=true"] if self._is_in_s3() and self._is_emulated() else []
        self._all("init", ["init", "-json", "-reconfigure", *path_style])

    def plan(self, file: Path, *, destroy: bool = False, refresh_only: bool = False, lock: bool = True) -> Plan:
        """Written to the file, which holds secrets, and read back. Nothing is changed. lock: whether nobody may work
        on the state meanwhile."""
        flags = {"-destroy": destroy, "-refresh-only": refresh_only, "-lock=false": not lock}
        options = [flag for flag, is_set in flags.items() if is_set]
        events = self._all("plan", ["plan", "-json", f"-out={file}", *options])
        warnings = [str(_problem(event)) for event in events if _is_diagnostic(event, "warn")]
        return read_plan(self._text("show", "-json", str(file)), warnings)

    def apply(self, file: Path, told: Told) -> None:
        """What the plan in the file says, and nothing else. told: of each step as it comes."""
        with closing(self._events("apply", ["apply", "-json", str(file)])) as events:
            for event in events:
                if match := _OF_APPLY.fullmatch(event["type"]):
                    hook = event["hook"]
                    told(Step(hook["resource"]["addr"], hook["action"], match[1], hook.get("elapsed_seconds", 0)))

    def outputs(self) -> str:
        """As Terraform's JSON."""
        return self._text("output", "-json")

    def objects(self) -> list[str]:
        """Addresses in the state, data sources left out."""
        return [each.address for each in self.state()]

    def state(self) -> list[Object]:
        """What is in the state, data sources left out; nothing where there is no state yet."""
        text = self._text("state", "pull")
        document = json.loads(text) if text.strip() else {}
        return [
            Object(
                _address(resource, instance),
                resource["type"],
                instance.get("status") == "tainted",
                instance.get("attributes", {}),
            )
            for resource in document.get("resources", ())
            if resource["mode"] == "managed"
            for instance in resource["instances"]
        ]

    def _is_in_s3(self) -> bool:
        return "s3" in self.template()["terraform"].get("backend", {})

    def _is_emulated(self) -> bool:
        return is_emulated(self.stack.environ)

    def template(self) -> dict[str, Any]:
        """The stack's, as it was synthesized."""
        return dict(json.loads(self.stack.template.read_text(encoding="utf-8")))

    def _all(self, doing: str, arguments: list[str]) -> list[Event]:
        return list(self._events(doing, arguments))

    def _events(self, doing: str, arguments: list[str]) -> Generator[Event]:
        """Its messages as they come. Raises Failed at the end, with all that it said was wrong."""
        problems: list[Problem] = []
        beside: list[str] = []
        with self._process(arguments, subprocess.STDOUT) as run:
            for line in run.lines():
                event = _event(line)
                if event is None:
                    beside.append(line.strip())
                    continue
                if _is_diagnostic(event, "error"):
                    problems.append(_problem(event))
                yield event
        if run.interrupts:
            raise Failed(f"{doing} was interrupted.", INTERRUPTED, problems)
        if run.process.returncode:
            raise self._failed(doing, problems or [Problem("\n".join(filter(None, beside)))])

    def _text(self, *arguments: str) -> str:
        with self._process([*arguments], subprocess.PIPE) as run:
            output, errors = run.process.communicate()
        if run.interrupts:
            raise Failed(f"{arguments[0]} was interrupted.", INTERRUPTED)
        if run.process.returncode:
            raise self._failed(arguments[0], [Problem(_without_frame(errors))])
        return output

    def _failed(self, doing: str, problems: list[Problem]) -> Failed:
        return failed(f"{self.stack.name}: terraform {doing}", problems, self.stack.folder)

    def _process(self, arguments: list[str], errors: int) -> AbstractContextManager[_Running]:
        environ = {**self.stack.environ, **_OWN_VARIABLES}
        return running([self._executable, *arguments], self.stack.folder, environ, subprocess.PIPE, errors)


@contextmanager
def running(
    command: list[str], folder: Path, environ: Mapping[str, str], output: int | None, errors: int | None
) -> Iterator[_Running]:
    """A process that runs Terraform, waited for in any case; interrupts are told to it, and not only to us."""
    run = _Running()
    with (
        run.in_charge(),
        subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            text=True,
            # A terminal tells Ctrl-C to everything in its foreground group, and Terraform would hear it twice.
            process_group=0,
        ) as process,
    ):
        run.begin(process)
        try:
            yield run
        except BaseException:
            process.send_signal(signal.SIGINT)
            # Read to the end: who writes to nobody is ended by the system, before the state is written.
            if process.stdout:
                process.stdout.read()
            raise


class _Running:
    """A process of Terraform's, and how often somebody wanted it to end."""

    process: subprocess.Popen[str]

    def __init__(self) -> None:
        self.interrupts = 0
        self._has_begun = False

    def begin(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._has_begun = True
        if self.interrupts:
            process.send_signal(signal.SIGINT)

    def lines(self) -> Iterator[str]:
        assert self.process.stdout
        # Not `yield from`: it would close the output with whoever stops reading.
        for line in self.process.stdout:  # noqa: UP028
            yield line

    @contextmanager
    def in_charge(self) -> Iterator[None]:
        """Interrupts go to Terraform, from before it begins to its end. Those who end a job in CI send SIGTERM."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupts += 1
        if self.interrupts <= len(_WORDS):
            # Not by print: another interrupt may come while it is at it, which it does not take.
            os.write(_STDERR, _WORDS[self.interrupts - 1].encode())
        if not self._has_begun:
            return
        if self.interrupts <= len(_WORDS):
            self.process.send_signal(signal.SIGINT)
        else:
            os.killpg(self.process.pid, signal.SIGKILL)


_OF_APPLY = re.compile(r"apply_(start|progress|complete|errored)")
_FRAME = re.compile(r"^[╷│╵]\s?", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[\d;]*m")


def _event(line: str) -> Event | None:
    """None for what is no message: some of its words come without."""
    if not line.startswith("{"):
        return None
    try:
        return dict(json.loads(line))
    except ValueError:
        return None


def _is_diagnostic(event: Event, level: str) -> bool:
    return event.get("type") == "diagnostic" and event.get("@level") == level


def _problem(event: Event) -> Problem:
    said = event["diagnostic"]
    return Problem(said["summary"], said.get("detail", ""), said.get("address", ""))


def _without_frame(text: str) -> str:
    return _FRAME.sub("", _COLOUR.sub("", text)).strip()


def _address(resource: dict[str, Any], instance: dict[str, Any]) -> str:
    """https://developer.hashicorp.com/terraform/internals/json-format has no word on it: as `terraform state list`
    tells it."""
    module = f"{resource['module']}." if "module" in resource else ""
    key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
    deposed = f" (deposed {instance['deposed']})" if "deposed" in instance else ""
    return f"{module}{resource['type']}.{resource['name']}{key}{deposed}"
