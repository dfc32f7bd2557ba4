"""A Terraform that says what a test has it say, and a stack that it is run for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.operations.chosen import ChosenStack
from lib.settings import load

_SCRIPT = """\
#!/bin/sh
said="{said}/$1"
echo "$*" >> "{said}/calls"
{before}
[ -f "$said.out" ] && cat "$said.out"
[ -f "$said.err" ] && cat "$said.err" >&2
[ -f "$said.code" ] && exit "$(cat "$said.code")"
exit 0
"""
_INTERRUPTED = """\
if [ "$1" = "{word}" ]; then
  count=0
  trap 'count=$((count + 1)); [ $count -eq {times} ] && exit 1; kill -INT $PPID' INT
  kill -INT $PPID
  while :; do sleep 0.02; done
fi
"""


class FakeTerraform:
    """An executable that is first in a PATH of its own."""

    def __init__(self, folder: Path, version: str = "1.11.4") -> None:
        self.folder = folder / "fake"
        self.folder.mkdir(parents=True)
        self.says("version", json.dumps({"terraform_version": version}))
        self.says("show", plan_of())
        self.says("output", "{}")
        self._write("")

    def says(self, word: str, output: str, *, errors: str = "", code: int = 0) -> None:
        (self.folder / f"{word}.out").write_text(output)
        (self.folder / f"{word}.err").write_text(errors)
        (self.folder / f"{word}.code").write_text(str(code))

    def reports(self, word: str, *events: Mapping[str, Any], code: int = 0) -> None:
        self.says(word, "".join(f"{json.dumps(event)}\n" for event in events), code=code)

    def interrupts(self, word: str, times: int = 1) -> None:
        """Whoever runs it is interrupted while the word is under way. It ends after so many interrupts of its own."""
        self._write(_INTERRUPTED.format(word=word, times=times))

    def waits(self, word: str) -> None:
        """For an interrupt, with the word."""
        self._write(f'[ "$1" = {word} ] && exec sleep 9')

    @property
    def calls(self) -> list[str]:
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def path(self) -> str:
        return f"{self.folder}:/usr/bin:/bin"

    def _write(self, before: str) -> None:
        script = self.folder / "terraform"
        script.write_text(_SCRIPT.format(said=self.folder, before=before))
        script.chmod(0o755)


@dataclass(frozen=True)
class Small(ChosenStack):
    """A stack with a template that a test has written."""

    def synthesize(self) -> None:
        """It is there."""


def small(
    folder: Path,
    environ: Mapping[str, str],
    resources: Mapping[str, Any] | None = None,
    *,
    backend: Mapping[str, Any] | None = None,
    suffix: str = "dev",
    overrides: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
) -> Small:
    """Of the given resources, in Europe."""
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    region = "eu-west-1"
    template = {
        "terraform": {
            "required_providers": {"aws": {"source": "aws", "version": "6.25.0"}},
            "backend": backend or {"local": {"path": "../state.tfstate"}},
        },
        "provider": {"aws": [{"region": region}]},
        "resource": resources or {},
        "output": outputs or {},
    }
    (work / "cdk.tf.json").write_text(json.dumps(template))
    settings = load(suffix, aws_region=region, environ={"TAP_BLUEPRINT": "catalog"}, overrides=overrides)
    bucket = (backend or {}).get("s3", {}).get("bucket")
    return Small(settings, work, folder / "outputs.json", bucket, region, environ)


def resource_change(address: str, actions: Sequence[str], before: Any = None, after: Any = None, **more: Any) -> Any:
    """As `terraform show -json` tells it. more: members of the change; of the resource where they begin with `_`."""
    change = {
        "actions": list(actions),
        "before": before,
        "after": after,
        "after_unknown": {},
        "before_sensitive": {},
        "after_sensitive": {},
    }
    change |= {name: value for name, value in more.items() if not name.startswith("_")}
    beside = {name[1:]: value for name, value in more.items() if name.startswith("_")}
    return {"address": address, "type": address.split(".", maxsplit=1)[0], "change": change, **beside}


def plan_of(*changes: Any, outputs: Mapping[str, Any] | None = None, drift: Sequence[Any] = (), **more: Any) -> str:
    document = {
        "resource_changes": list(changes),
        "resource_drift": list(drift),
        "output_changes": outputs or {},
        "applyable": bool(changes),
    }
    return json.dumps(document | more)


def diagnostic(summary: str, detail: str = "", address: str = "", severity: str = "error") -> dict[str, Any]:
    said = {"severity": severity, "summary": summary, "detail": detail}
    return {
        "@level": severity if severity == "error" else "warn",
        "type": "diagnostic",
        "diagnostic": said | ({"address": address} if address else {}),
    }


def state_of(*resources: Any) -> str:
    return json.dumps({"version": 4, "resources": list(resources)})


def stated(type: str, name: str = "one", /, *, mode: str = "managed", **attributes: Any) -> dict[str, Any]:
    return {"mode": mode, "type": type, "name": name, "instances": [{"attributes": attributes}]}
