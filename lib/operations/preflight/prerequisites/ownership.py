"""Whether something that is there is this very stack's: the state says so, or, where there is none to read, its VPC."""

from __future__ import annotations

import json
from pathlib import Path

from lib.operations.aws import Aws, Block, Refused
from lib.operations.preflight import inventory
from lib.operations.preflight.site import Site

_NOT_THERE = ("NoSuchKey", "NoSuchBucket", "404")


class Ownership:
    """Asked by name. A name of the template alone proves nothing: a destroyed stack may have left its things behind."""

    def __init__(self, site: Site, state: frozenset[str] | None) -> None:
        """state: every text that the state has of the stack's resources; None where it cannot be read."""
        self._site = site
        self._state = state

    def has(self, name: str) -> bool:
        """Raises Refused."""
        return name in self._state if self._state is not None else self._is_deployed()

    def _is_deployed(self) -> bool:
        return any(vpc.is_own for vpc in inventory.VPC.things(self._site))


def state_of(site: Site, folder: Path | None, in_region: Aws | None) -> frozenset[str] | None:
    """What the state of a template holds. folder: where Terraform runs. in_region: asks the region of its bucket."""
    backend = site.planned.template.document.get("terraform", {}).get("backend", {})
    try:
        if path := backend.get("local", {}).get("path"):
            # A file may as well be elsewhere: its absence proves nothing.
            return texts((folder / path).read_text(encoding="utf-8")) if folder else None
        if (s3 := backend.get("s3", {})) and in_region:
            answer = in_region.call("s3", "get_object", Bucket=s3.get("bucket"), Key=s3.get("key"))
            return texts(answer["Body"].read().decode())
    except Refused as error:
        return frozenset() if error.code in _NOT_THERE else None
    except (OSError, ValueError):
        return None
    return None


def texts(state: str) -> frozenset[str]:
    """Every text that a state has directly of its resources: names, ids, ARNs. Raises ValueError for no state."""
    document = json.loads(state)
    resources: list[Block] = document.get("resources", []) if isinstance(document, dict) else []
    return frozenset(
        value
        for resource in resources
        if resource.get("mode") == "managed"
        for instance in resource.get("instances", [])
        for value in instance.get("attributes", {}).values()
        if isinstance(value, str)
    )
