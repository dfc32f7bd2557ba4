"""What differs between two templates, in words that a review can use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.template import Block


def without_metadata(value: Any) -> Any:
    """The template without the notes that CDKTF writes into files, and not into what tests get."""
    if isinstance(value, dict):
        return {key: without_metadata(child) for key, child in value.items() if key != "//"}
    if isinstance(value, list):
        return [without_metadata(child) for child in value]
    return value


def differences(kept: Block, new: Block) -> Iterator[str]:
    """What was added, removed or changed: resources, and what else a template has, by address."""
    before, after = parts(kept), parts(new)
    for address in sorted(before.keys() | after.keys()):
        if address not in before:
            yield f"new      {address}"
        elif address not in after:
            yield f"gone     {address}"
        elif before[address] != after[address]:
            yield f"changed  {address}: {', '.join(changed_arguments(before[address], after[address]))}"


def parts(document: Block) -> dict[str, object]:
    """Address -> what stands there: `aws_vpc.network_vpc_1A2B`, `output.url`, `terraform.backend`."""
    resources = {
        f"{kind}.{name}": resource
        for kind, named in document.get("resource", {}).items()
        for name, resource in named.items()
    }
    others = {
        f"{section}.{name}": value
        for section, entries in document.items()
        if section != "resource"
        for name, value in entries.items()
    }
    return resources | others


def changed_arguments(before: object, after: object) -> list[str]:
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return [f"{before} -> {after}"]
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
