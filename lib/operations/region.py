"""`make use-region`: the region that stacks of this project are made in, written down."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import boto3
import typer

from lib.operations.ending import OK, UNUSABLE, Stop
from lib.operations.outputs import PROJECT_FOLDER
from lib.operations.printing import put
from lib.settings import load

FILE = PROJECT_FOLDER / "lib" / "AWS_REGION"
_SHOWN = "lib/AWS_REGION"


def use_region(
    region: Annotated[str, typer.Argument(metavar="[REGION]", help="Left out: tell the one in force.")] = "",
) -> int:
    """Write the region of this project's stacks to lib/AWS_REGION, or tell which one is in force and why.

    Exit code: 0, or 2 for a region that there is not, or that the settings do not go with.
    """
    put(used(region.strip(), os.environ))
    return OK


def used(region: str, environ: Mapping[str, str]) -> str:
    """What there is to say, once the region is written. Raises Stop, SettingsError; nothing is written then."""
    suffix = environ.get("ENVIRONMENT_SUFFIX") or "dev"
    if not region:
        return f"{load(suffix, aws_region=environ.get('AWS_REGION'), environ=environ).region}, by {_source(environ)}\n"
    _refuse_unknown(region)
    # Zones by name, for one, are of a region.
    load(suffix, aws_region=region, environ=environ)
    _write(f"{region}\n")
    loud = environ.get("AWS_REGION")
    unheard = f"AWS_REGION={loud} in the environment still comes before it: unset it.\n" if loud else ""
    return f"{region} is in {_SHOWN}: commit it, so that everybody's stacks are made there.\n{unheard}"


def _source(environ: Mapping[str, str]) -> str:
    if environ.get("AWS_REGION"):
        return "AWS_REGION"
    return _SHOWN if FILE.is_file() and FILE.read_text().strip() else "the blueprint, or else metadata.json"


def _refuse_unknown(region: str) -> None:
    session = boto3.Session()
    known = [each for partition in session.get_available_partitions() for each in _regions(session, partition)]
    if region in known:
        return
    near = difflib.get_close_matches(region, known, n=3)
    means = f"; did you mean {' or '.join(near)}?" if near else f": {', '.join(sorted(known))}"
    raise Stop(f"REGION={region}: there is no such region{means}", UNUSABLE)


def _regions(session: boto3.Session, partition: str) -> list[str]:
    """Those that EC2 has an address in, which all have."""
    return list(session.get_available_regions("ec2", partition_name=partition))


def _write(text: str) -> None:
    """As a whole or not at all."""
    handle, name = tempfile.mkstemp(dir=FILE.parent, prefix=".AWS_REGION-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(FILE)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
