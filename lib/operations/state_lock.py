"""Who has locked the state of a stack, read from where Terraform writes it."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lib.operations.aws import Aws, Refused
from lib.operations.diagnosis import Lock


def lock_of(backend: Mapping[str, Any], folder: Path) -> Lock | None:
    """None where nobody has. backend: the template's, by its kind. folder: where Terraform runs. Raises Refused.

    In S3 a lock outlives whoever held it; that of a file ends with the process, whatever is written beside it.
    """
    if "s3" in backend:
        return _in_s3(backend["s3"])
    return _beside(folder / backend.get("local", {}).get("path", "terraform.tfstate"))


def _in_s3(settings: Mapping[str, Any]) -> Lock | None:
    """https://developer.hashicorp.com/terraform/language/backend/s3#state-locking"""
    try:
        answer = Aws(settings["region"]).call(
            "s3", "get_object", Bucket=settings["bucket"], Key=f"{settings['key']}.tflock"
        )
    except Refused as error:
        if error.code == "NoSuchKey":
            return None
        raise
    return _read(answer["Body"].read().decode())


def _beside(state: Path) -> Lock | None:
    """https://github.com/hashicorp/terraform/blob/v1.11.4/internal/states/statemgr/filesystem_lock_unix.go"""
    told = state.with_name(f".{state.name}.lock.info")
    try:
        with state.open("r+") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return _read(told.read_text())
    return None


def _read(text: str) -> Lock:
    said = json.loads(text)
    return Lock(said["ID"], said["Who"], said["Created"], said["Operation"])
