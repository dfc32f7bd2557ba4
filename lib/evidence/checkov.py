"""What checkov's policies say of templates, but for what is accepted.

checkov is a program in an environment of its own (tools/checkov, .venv-checkov). Of a template that it cannot read, or
only in part, it reports success. So a policy of our own, the census, is asked with the others: what it did not see,
checkov did not see.

Modules and ephemeral resources are not looked at: checkov knows neither in JSON.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from lib.evidence import accepted
from lib.evidence.finding import Finding
from lib.evidence.reading import blocks
from lib.evidence.template import Template

_ROOT = Path(__file__).parents[2]
EXECUTABLE = _ROOT / ".venv-checkov" / "bin" / "checkov"
"""Installed by `make setup`."""
CENSUS = _ROOT / "tools" / "checkov" / "census"
"""The policies that pass for everything, by which is known what checkov saw."""

_SECTIONS = ("resource", "data", "provider", "locals")
"""What it is given. It breaks on the settings of Terraform itself."""
_UNSEEN = ("ephemeral.", "local.")
_CENSUS = ("CENSUS_RESOURCES", "CENSUS_DATA")
_METADATA = "//"
_LIST_INDEX = re.compile(r"/\[\d+\]")
_LONGEST_SECONDS = 300
_NAMED = 3
"""Of what is left out, how many are named."""


class CheckovError(Exception):
    """The policies could not be checked, or not of everything: what is known then is nothing."""


class _Record(NamedTuple):
    """One policy and one block, and how they got on."""

    place: str
    lines: tuple[int, ...]
    check: str
    sentence: str
    resource: str
    """`aws_vpc.main` or, without its kind, `resource.main`."""
    arguments: list[str]
    details: list[str]
    page: str | None


class _Report(NamedTuple):
    version: str
    passed: list[_Record]
    failed: list[_Record]
    unread: set[str]
    """Places of files that are no templates to checkov."""


class Policies(NamedTuple):
    """What came of asking checkov."""

    findings: dict[str, list[Finding]]
    """Name of a template -> what is found in it and not accepted."""
    stale: list[str]
    """Sentences about entries of the list of what is accepted that none of the templates needs. They mean something
    where the templates are all that the list is for: every blueprint in every tier."""


def findings(templates: Mapping[str, Template]) -> dict[str, list[Finding]]:
    """Name of a template -> what checkov finds in it and is not accepted. Raises CheckovError."""
    return policies(templates).findings


def policies(templates: Mapping[str, Template], *, listed: Path = accepted.LIST) -> Policies:
    """Asks checkov once about all templates. listed: what is accepted. Raises CheckovError."""
    try:
        entries = accepted.load(listed)
    except accepted.AcceptedError as error:
        raise CheckovError(str(error)) from error
    found = everything(templates)
    return Policies(accepted.unlisted(templates, found, entries), accepted.stale(templates, found, entries))


def everything(templates: Mapping[str, Template], *, executable: Path = EXECUTABLE) -> dict[str, list[Finding]]:
    """Name of a template -> all that checkov finds in it, accepted or not. Raises CheckovError."""
    if not templates:
        return {}
    # Users name templates, by paths too: here they go by their place.
    places = {f"template{number}": name for number, name in enumerate(templates)}
    with TemporaryDirectory() as folder:
        for place, name in places.items():
            file = Path(folder) / "templates" / place / "cdk.tf.json"
            file.parent.mkdir(parents=True)
            # A line for each value: resources are told apart by the lines that they stand in.
            file.write_text(json.dumps(_without_empty(_shown(templates[name])), indent=1))
        report = _read(_run(executable, Path(folder)))
    if unread := [name for place, name in places.items() if place in report.unread]:
        raise CheckovError(f"{', '.join(unread)}: checkov cannot read it")
    return {name: _findings(name, templates[name], report, place) for place, name in places.items()}


def _shown(template: Template) -> dict[str, Any]:
    return {section: template.document[section] for section in _SECTIONS if section in template.document}


def _without_empty(value: Any) -> Any:
    """Without explicit nulls, behind which checkov sees no blocks, and without CDKTF's metadata."""
    if isinstance(value, dict):
        return {key: _without_empty(each) for key, each in value.items() if each is not None and key != _METADATA}
    if isinstance(value, list):
        return [_without_empty(each) for each in value]
    return value


def _run(executable: Path, folder: Path) -> str:
    """checkov's report on what lies in `templates` of a folder.

    It knows nothing of its caller's environment: settings and keys there would have it leave policies out, or send the
    templates away.
    """
    command = [str(executable), "--directory", "templates", "--framework", "terraform_json", "--output", "json"]
    command += ["--external-checks-dir", str(CENSUS), "--skip-download", "--compact", "--soft-fail"]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LOG_LEVEL": "ERROR", "PYTHONWARNINGS": "ignore"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST_SECONDS,
        )
    except FileNotFoundError as error:
        raise CheckovError(f"checkov is not installed: `make setup` makes {executable}") from error
    except OSError as error:
        raise CheckovError(f"checkov cannot be started: {executable}: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise CheckovError(f"checkov was not ready after {_LONGEST_SECONDS} s") from error
    # With --soft-fail findings are no failure. A policy that breaks is an error in the log, and left out of the report.
    if done.returncode or done.stderr.strip():
        said = done.stderr.strip() or done.stdout.strip() or "it says nothing"
        raise CheckovError(f"checkov failed, with exit code {done.returncode}: {said.splitlines()[-1]}")
    return done.stdout


def _read(text: str) -> _Report:
    try:
        report = json.loads(text)
        results = report["results"]
        return _Report(
            version=str(report["summary"]["checkov_version"]),
            passed=[_record(each) for each in results["passed_checks"]],
            failed=[_record(each) for each in results["failed_checks"]],
            unread={Path(each).parent.name for each in results["parsing_errors"]},
        )
    except (ValueError, LookupError, TypeError) as error:
        # Without a single resource it reports in another form.
        raise CheckovError(f"checkov evaluated nothing, or reports in another form: {text.strip()[:200]!r}") from error


def _record(entry: Mapping[str, Any]) -> _Record:
    return _Record(
        place=Path(entry["file_path"]).parent.name,
        lines=tuple(entry["file_line_range"]),
        check=entry["check_id"],
        sentence=entry["check_name"],
        resource=entry["resource"],
        arguments=[_LIST_INDEX.sub("", each).replace("/", ".") for each in entry["check_result"]["evaluated_keys"]],
        details=list(entry["details"]),
        page=entry["guideline"],
    )


def _findings(name: str, template: Template, report: _Report, place: str) -> list[Finding]:
    passed, failed = ([each for each in all_ if each.place == place] for all_ in (report.passed, report.failed))
    addresses = {each.lines: _address(each) for each in passed if each.check in _CENSUS}
    there = {address for address in blocks(template) if not address.startswith(_UNSEEN)}
    if missed := sorted(there - set(addresses.values())):
        some = ", ".join(missed[:_NAMED]) + (", …" if len(missed) > _NAMED else "")
        raise CheckovError(f"{name}: checkov did not see {len(missed)} of {len(there)} blocks: {some}")
    if not [each for each in (*passed, *failed) if each.check not in _CENSUS and each.lines in addresses]:
        raise CheckovError(f"{name}: checkov evaluated no resource")
    return [
        Finding(
            check=each.check,
            resource=addresses.get(each.lines, each.resource),
            what=each.sentence,
            argument=each.arguments[0] if len(each.arguments) == 1 else "",
            source=each.page or f"checkov {report.version}",
        )
        for each in failed
    ]


def _address(record: _Record) -> str:
    """Of what the census saw: `resource.main` of the kind aws_vpc is `aws_vpc.main`."""
    section, _, name = record.resource.partition(".")
    return f"{'data.' if section == 'data' else ''}{record.details[0]}.{name}"
