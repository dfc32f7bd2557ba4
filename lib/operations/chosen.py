"""The stack that the environment chooses, as for a synthesis: its settings, its template, and where its outputs go."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lib.operations.ending import UNUSABLE, Stop
from lib.operations.outputs import PROJECT_FOLDER
from lib.settings import Settings, load

_DEFAULT_SUFFIX = "dev"
_DEFAULT_FOLDER = "cdktf.out"


@dataclass(frozen=True)
class ChosenStack:
    """A stack before or after its deployment. Nothing is read or written until it is asked for."""

    settings: Settings
    folder: Path
    """Where its template is and Terraform runs."""
    outputs_file: Path
    state_bucket: str | None
    state_bucket_region: str
    environ: Mapping[str, str]

    @property
    def template(self) -> Path:
        return self.folder / "cdk.tf.json"

    @property
    def name(self) -> str:
        return f"TapStack{self.settings.suffix}"

    def synthesize(self) -> None:
        """Writes its template, in a process of its own: only there CDKTF is loaded. Raises Stop with what it says."""
        done = subprocess.run(
            [sys.executable, "tap.py"],
            cwd=PROJECT_FOLDER,
            env=dict(self.environ),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Stop(f"{self.name}: no template:\n{(done.stdout + done.stderr).strip()}", UNUSABLE)


def chosen_stack(environ: Mapping[str, str] = os.environ) -> ChosenStack:
    """By the variables of README's table of configuration. Raises SettingsError that lists every wrong value."""
    suffix = environ.get("ENVIRONMENT_SUFFIX") or _DEFAULT_SUFFIX
    settings = load(suffix, aws_region=environ.get("AWS_REGION"), environ=environ)
    output_folder = environ.get("CDKTF_OUTDIR") or _DEFAULT_FOLDER
    return ChosenStack(
        settings=settings,
        folder=PROJECT_FOLDER / output_folder / "stacks" / f"TapStack{suffix}",
        outputs_file=Path(environ.get("TAP_OUTPUTS") or PROJECT_FOLDER / "outputs.json"),
        state_bucket=environ.get("TERRAFORM_STATE_BUCKET") or None,
        state_bucket_region=environ.get("TERRAFORM_STATE_BUCKET_REGION") or settings.region,
        environ=environ,
    )
