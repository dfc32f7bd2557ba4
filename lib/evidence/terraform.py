"""Terraform core, and the schema of whatever AWS provider it reaches, asked about a template: whether it fits, comes
up, stays as it is, and goes.

with terraform() as core:
    core.lifecycle(Source.of(Path("cdktf.out/stacks/TapStackdev/cdk.tf.json")))

No step can reach an account of AWS, whichever provider answers and whatever the environment holds:
docs/adr/0032-plans-out-of-reach-of-aws.md.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from textwrap import shorten
from typing import NamedTuple

from lib.evidence.template import Block, read

EXECUTABLE = "terraform"
STEPS = ("init", "validate", "plan", "apply", "second plan", "destroy")
WITHOUT_ANSWERS = STEPS[:2]
"""What can be asked of a provider that asks AWS itself."""

_TEMPLATE = "cdk.tf.json"
_SEAL = "seal_override.tf.json"
"""By its name an override file: it wins over the template.
https://developer.hashicorp.com/terraform/language/files/override"""
_STATE = "state.tfstate"
_PLUGINS = Path(".terraform", "providers")
_NOBODY = "offline"
_SOURCES = (None, "aws", "hashicorp/aws")
_CLI_CONFIGURATION = "TF_CLI_CONFIG_FILE"
"""https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_cli_config_file"""
_KEPT = ("AWS_REGION", "AWS_DEFAULT_REGION", _CLI_CONFIGURATION, "TF_PLUGIN_CACHE_DIR")
_KEPT_BEGINNING = "TF_VAR_"
_CONFIGURATION = (".tf", ".tf.json")
_TERRAFORMS_OWN = (*_CONFIGURATION, ".terraform", ".tfstate", ".tfvars")
_TOO_OLD = "Unsupported Terraform Core version"
_LONGEST_ANSWER = 60
"""Seconds. A provider that needs none of AWS answers in one or two."""
_LONGEST_END = 10
"""Seconds."""
_ERROR = "Error: "
_NOT_EMPTY = "Is not as it was made"
_LONGEST_REASON = 300
"""Characters. Behind the reason Terraform tells what else to ask it."""
_SHOWN_OF_OTHER = 300
"""Characters of what Terraform says without an error in it."""


class UnusableError(Exception):
    """Nothing can be said of the template. Says why, in one line."""


class NoTerraformError(UnusableError):
    """There is no Terraform."""


class OldTerraformError(UnusableError):
    """Terraform is older than the template asks for."""


class NoProviderError(UnusableError):
    """Terraform reaches no AWS provider of the version that the template asks for."""


class ForeignTemplateError(UnusableError):
    """The template holds what does not stay within Terraform and AWS's provider: to apply it could do anything."""


class Problem(NamedTuple):
    """What Terraform says is wrong."""

    summary: str
    detail: str = ""
    address: str = ""
    """Of the block that it is in, where Terraform names one."""

    def __str__(self) -> str:
        text = ": ".join(part for part in (self.address, self.summary, self.detail) if part)
        return " ".join(text.split())


class Change(NamedTuple):
    """What a plan would do to one object."""

    action: str
    """create, update, replace, delete."""
    address: str


class Plan(NamedTuple):
    changes: list[Change]
    problems: list[Problem]


class Step(NamedTuple):
    """One of STEPS."""

    name: str
    seconds: float
    problems: list[Problem]


@dataclass(frozen=True)
class Lifecycle:
    """What became of a template from init to destroy, or up to the first step that failed."""

    steps: Sequence[Step]
    objects: int = 0
    """In the state before the destroy."""
    left: int = 0
    """In the state after it."""

    @property
    def problems(self) -> list[tuple[str, Problem]]:
        """Step and what is wrong."""
        return [(step.name, problem) for step in self.steps for problem in step.problems]


class Provider(NamedTuple):
    """The AWS provider that Terraform reached."""

    version: str
    plugins: Path
    answers: bool
    """Out of reach of AWS it answers all the same: it is a stand-in, and nothing that it makes is real."""


@dataclass(frozen=True)
class Source:
    """A template, and the file that it is from: beside that lies what it reads, such as packages of functions."""

    document: Block
    path: Path | None = None

    @classmethod
    def of(cls, path: Path) -> Source:
        """Raises lib.evidence.template.UnusableTemplate and ForeignTemplateError."""
        document = read(path).document
        configurations = {each.name for each in path.parent.iterdir() if each.name.endswith(_CONFIGURATION)}
        if others := sorted(configurations - {path.name}):
            raise ForeignTemplateError(f"{path}: is not all of it: beside it stands {', '.join(others)}")
        return cls(document, path.resolve())


@contextmanager
def terraform(environ: Mapping[str, str] = os.environ) -> Iterator[Terraform]:
    """Terraform, with a folder that is gone afterwards, as is whatever still runs. Raises NoTerraformError, and
    NoProviderError where the file that is to say where providers are is not there."""
    executable = shutil.which(EXECUTABLE, path=environ.get("PATH"))
    if executable is None:
        raise NoTerraformError("terraform is not installed: https://developer.hashicorp.com/terraform/install")
    configuration = environ.get(_CLI_CONFIGURATION)
    if configuration and not Path(configuration).exists():
        raise NoProviderError(f"{_CLI_CONFIGURATION} names {configuration}, which is not there")
    # A port that is taken and that nobody listens at: who connects is refused, as long as it is held.
    with (
        socket.socket() as nobody,
        TemporaryDirectory(prefix="plan-check-", ignore_cleanup_errors=True) as own,
    ):
        nobody.bind(("127.0.0.1", 0))
        core = Terraform(executable, Path(own), f"http://127.0.0.1:{nobody.getsockname()[1]}", environ)
        try:
            yield core
        finally:
            core.stop()


def sealed(environ: Mapping[str, str], endpoint: str) -> dict[str, str]:
    """The environment of every step: nobody's credentials, from nowhere else either, and one closed door for AWS.

    https://github.com/hashicorp/terraform-provider-aws/blob/v6.25.0/website/docs/guides/custom-service-endpoints.html.markdown
    https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
    """
    kept = {
        key: value
        for key, value in environ.items()
        if key in _KEPT or key.startswith(_KEPT_BEGINNING) or not key.startswith(("AWS_", "TF_"))
    }
    return kept | {
        "AWS_ACCESS_KEY_ID": _NOBODY,
        "AWS_SECRET_ACCESS_KEY": _NOBODY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_MAX_ATTEMPTS": "1",
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        # Each step lives for a second or two: collecting garbage meanwhile is a tenth of its work.
        "GOGC": "400",
    }


def seal(document: Block, endpoint: str) -> Block:
    """What is laid over a template: a state of its own, and for each provider what the environment says already.

    Arguments of the template itself would win over the environment; over these they do not.
    """
    given = document.get("provider", {}).get("aws", [])
    closed = {
        "access_key": _NOBODY,
        "secret_key": _NOBODY,
        "shared_config_files": [os.devnull],
        "shared_credentials_files": [os.devnull],
        "endpoints": [{"sts": endpoint}],
    }
    aliases = {each["alias"]: None for each in given if each.get("alias")}
    providers = [closed, *({"alias": alias, **closed} for alias in aliases)]
    return {"terraform": {"backend": {"local": {"path": _STATE}}}, "provider": {"aws": providers}}


def foreign(document: Block) -> list[str]:
    """What a template holds beside blocks of AWS's provider: modules, other providers, programs to start."""
    required = document.get("terraform", {}).get("required_providers", {})
    found = [f"provider {name}" for name in {**document.get("provider", {}), **required} if name != "aws"]
    source = required.get("aws", {}).get("source") if isinstance(required.get("aws"), dict) else None
    # With the registry's host before it, it is the same one.
    known = source in _SOURCES or str(source).endswith("/hashicorp/aws")
    found += [] if known else [f"provider {source}"]
    found += [f"module.{name}" for name in document.get("module", {})]
    for section in ("resource", "data", "ephemeral"):
        for kind, named in document.get(section, {}).items():
            found += [f"{kind}.{name}" for name in named if not kind.startswith("aws_")]
            found += [f"provisioner of {kind}.{name}" for name, block in named.items() if "provisioner" in block]
    return found


class Terraform:
    """An installed Terraform. Several threads may use it at once."""

    def __init__(self, executable: str, folder: Path, endpoint: str, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.endpoint = endpoint
        self._executable = executable
        self._environment = sealed(environ, endpoint)
        self._providers: dict[str, Provider] = {}
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.version = str(json.loads(self.run(["version", "-json"], folder).stdout)["terraform_version"])

    def provider(self, document: Block) -> Provider:
        """The provider that Terraform reaches for a template, asked once for each version that templates want.

        Raises OldTerraformError, NoProviderError.
        """
        wanted = document.get("terraform", {})
        asked = {key: wanted[key] for key in ("required_version", "required_providers") if key in wanted}
        with self._lock:
            key = json.dumps(asked, sort_keys=True)
            if key not in self._providers:
                self._providers[key] = self._reached(asked)
            return self._providers[key]

    def _reached(self, asked: Block) -> Provider:
        probe = Workspace(self, self._new_folder())
        probe.write(
            {
                "terraform": asked,
                "provider": {"aws": [{"region": "us-east-1"}]},
                # Who that is knows AWS alone; a provider that says so out of AWS's reach has made it up.
                "data": {"aws_caller_identity": {"nobody": {}}},
            }
        )
        if problems := probe.init():
            if any(problem.summary == _TOO_OLD for problem in problems):
                needed = asked["required_version"]
                raise OldTerraformError(f"terraform {self.version} is too old: the template asks for {needed}")
            raise NoProviderError(shorten(f"terraform reaches no AWS provider: {problems[0]}", _LONGEST_REASON))
        (version,) = json.loads(self.run(["version", "-json"], probe.folder).stdout)["provider_selections"].values()
        answers = not probe.plan(timeout=_LONGEST_ANSWER).problems
        return Provider(str(version), probe.folder / _PLUGINS, answers)

    def workspace(self, source: Source) -> Workspace:
        """A copy of a template, after init. Raises UnusableError."""
        if found := foreign(source.document):
            raise ForeignTemplateError(f"holds more than AWS's provider, which could do anything: {', '.join(found)}")
        provider = self.provider(source.document)
        workspace = Workspace(self, self._new_folder(), provider)
        workspace.write(source.document)
        if source.path:
            workspace.take(source.path)
        return workspace

    def lifecycle(self, source: Source, *, keep_state: Path | None = None) -> Lifecycle:
        """Takes a copy of a template through STEPS, or WITHOUT_ANSWERS. Raises UnusableError.

        keep_state: where to leave the state before the destroy, for plans of later templates.
        """
        workspace = self.workspace(source)
        try:
            return workspace.lifecycle(keep_state)
        finally:
            shutil.rmtree(workspace.folder, ignore_errors=True)

    def _new_folder(self) -> Path:
        return Path(mkdtemp(dir=self.folder))

    def run(
        self, arguments: Sequence[str], folder: Path, timeout: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Terraform in a folder, sealed. timeout: seconds after which it is ended; it has failed then."""
        with subprocess.Popen(
            [self._executable, *arguments],
            cwd=folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            self._running.add(process)
            try:
                # Asked after it is known as running: whoever stops meanwhile has seen it, or is seen.
                if self._stopped.is_set():
                    raise InterruptedError("Terraform was stopped")
                output, _ = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                output = f"Error: no answer after {timeout} s"
            finally:
                self._running.discard(process)
                _end(process)
        return subprocess.CompletedProcess(process.args, process.returncode, output)

    def stop(self) -> None:
        """Ends what still runs, and lets nothing start any more."""
        self._stopped.set()
        for process in list(self._running):
            _end(process)


class Workspace:
    """A folder with a sealed copy of a template and its state."""

    def __init__(self, core: Terraform, folder: Path, provider: Provider | None = None) -> None:
        self.folder = folder
        self.provider = provider
        self._core = core

    @property
    def state(self) -> Path:
        """Where the state is as soon as something was applied."""
        return self.folder / _STATE

    def write(self, document: Block) -> None:
        """The template, in place of the one before."""
        (self.folder / _TEMPLATE).write_text(json.dumps(document))
        (self.folder / _SEAL).write_text(json.dumps(seal(document, self._core.endpoint)))

    def take(self, path: Path) -> None:
        """The template letter by letter, and what stands beside it, but for what is Terraform's own."""
        shutil.copyfile(path, self.folder / _TEMPLATE)
        for each in path.parent.iterdir():
            if not any(part in each.name for part in _TERRAFORMS_OWN):
                (self.folder / each.name).symlink_to(each)

    def init(self) -> list[Problem]:
        """Takes the provider that was reached before, where there is one: the registry is asked once."""
        plugins = [f"-plugin-dir={self.provider.plugins}"] if self.provider else []
        done = self._run("init", "-no-color", *plugins)
        return _spoken(done.stdout) if done.returncode else []

    def validate(self) -> list[Problem]:
        done = self._run("validate", "-json")
        return _told(json.loads(done.stdout)["diagnostics"] if done.stdout.startswith("{") else [], done)

    def plan(self, *, refresh: bool = True, out: str = "", timeout: float | None = None) -> Plan:
        """refresh: whether the provider is asked what became of the objects that the state has."""
        options = [*([] if refresh else ["-refresh=false"]), *([f"-out={out}"] if out else [])]
        done = self._run("plan", "-json", "-lock=false", *options, timeout=timeout)
        messages = _messages(done.stdout)
        planned = (each["change"] for each in messages if each["type"] == "planned_change")
        changes = [Change(each["action"], each["resource"]["addr"]) for each in planned]
        return Plan(changes, _told((each["diagnostic"] for each in messages if "diagnostic" in each), done))

    def apply(self, *arguments: str) -> list[Problem]:
        """Does what the template asks for, or what a plan that was kept does. The provider must be a stand-in."""
        if self.provider is None or not self.provider.answers:
            raise NoProviderError("the AWS provider is a real one: nothing is applied with it")
        done = self._run("apply", "-json", "-auto-approve", *arguments)
        return _told((each["diagnostic"] for each in _messages(done.stdout) if "diagnostic" in each), done)

    def destroy(self) -> list[Problem]:
        # What became of the objects was asked by the plan before.
        return self.apply("-destroy", "-refresh=false")

    def objects(self) -> list[str]:
        """Addresses in the state, data sources left out."""
        done = self._run("state", "list")
        return [line for line in done.stdout.split() if not line.startswith("data.")] if self.state.exists() else []

    def lifecycle(self, keep_state: Path | None = None) -> Lifecycle:
        """See Terraform.lifecycle."""
        steps: list[Step] = []
        objects: list[str] = []
        for name in STEPS if self.provider and self.provider.answers else WITHOUT_ANSWERS:
            if name == "destroy":
                objects = self.objects()
                if keep_state:
                    shutil.copyfile(self.state, keep_state)
            start = time.monotonic()
            problems = self._step(name)
            steps.append(Step(name, time.monotonic() - start, problems))
            # What is up is taken down again, so that all is known: what stayed, and what does not go.
            if problems and name != "second plan":
                return Lifecycle(steps, len(objects), len(self.objects()))
        if left := self.objects():
            problems.append(Problem("Objects are left after the destroy", ", ".join(left)))
        return Lifecycle(steps, len(objects), len(left))

    def _step(self, name: str) -> list[Problem]:
        if name == "plan":
            return self.plan(out="plan").problems
        if name == "apply":
            return self.apply("plan")
        if name == "second plan":
            again = self.plan()
            return again.problems or [
                Problem("Is not as it was made", each.action, each.address) for each in again.changes
            ]
        return {"init": self.init, "validate": self.validate, "destroy": self.destroy}[name]()

    def _run(self, *arguments: str, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
        return self._core.run(arguments, self.folder, timeout)


def _end(process: subprocess.Popen[str]) -> None:
    """Terraform asked to end also ends its plugins; killed, it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_LONGEST_END)
        except subprocess.TimeoutExpired:
            process.kill()


def _messages(output: str) -> list[Block]:
    """https://developer.hashicorp.com/terraform/internals/machine-readable-ui"""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def _told(diagnostics: Iterable[Block], done: subprocess.CompletedProcess[str]) -> list[Problem]:
    errors = [
        Problem(each["summary"], each.get("detail", ""), each.get("address") or _address(each))
        for each in diagnostics
        if each["severity"] == "error"
    ]
    return errors or (_spoken(done.stdout) if done.returncode else [])


def _address(diagnostic: Block) -> str:
    """Terraform names the block that it shows: `resource.aws_vpc.main`, in JSON with what is above and below it."""
    context = (diagnostic.get("snippet") or {}).get("context") or ""
    return str(context).removeprefix("resource.")


def _spoken(output: str) -> list[Problem]:
    """What Terraform says where it knows no JSON: for people, in frames."""
    lines = [line.strip("╷│╵ \t") for line in output.splitlines()]
    starts = [number for number, line in enumerate(lines) if line.startswith(_ERROR)]
    said = [
        Problem(lines[start].removeprefix(_ERROR), " ".join(filter(None, lines[start + 1 : end])))
        for start, end in pairwise([*starts, len(lines)])
    ]
    return said or [Problem("Terraform failed", " ".join(filter(None, lines))[-_SHOWN_OF_OTHER:])]
