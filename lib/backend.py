"""Where Terraform keeps the state of a stack."""

from __future__ import annotations

import os
from pathlib import Path

from cdktf import App, LocalBackend, S3Backend, TerraformStack

from lib.app import PROJECT_FOLDER
from lib.naming import Names


def use_state_backend(stack: TerraformStack, names: Names, *, bucket: str | None, region: str) -> None:
    """An encrypted S3 object with its lock file beside it, or a file in the project's folder when there is no bucket.

    Both names hold the project: two blueprints under one suffix have stacks of the same id and never share a state.
    """
    name = stack.node.id
    if bucket:
        S3Backend(
            stack, bucket=bucket, key=f"{names.project}/{names.suffix}/{name}.tfstate", region=region, encrypt=True
        )
        # CDKTF does not know this argument. https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
        stack.add_override("terraform.backend.s3.use_lockfile", True)
    else:
        LocalBackend(stack, path=_local_path(stack, f"terraform.{names.project}.{name}.tfstate"))


def _local_path(stack: TerraformStack, file_name: str) -> str:
    """The file from the folder in which Terraform runs: relative, so that the template is the same on any machine.

    Not in the output folder itself, which people delete.
    """
    folder = Path(App.of(stack).outdir, "stacks", stack.node.id)
    return os.path.relpath(PROJECT_FOLDER / file_name, folder.resolve())
