"""The one thing that checks of many units say of keys."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.deployment import Deployment


def expect_key(stack: Deployment, part: str, key: str | None, what: str) -> Iterator[str]:
    """Says so when `what` is not under the key that the stack has for this part of it."""
    if not key:
        yield f"{what}: no key is named"
    elif not stack.is_key_of(part, key):
        yield f"{what}: the key is {key}, not the stack's for {part}"
