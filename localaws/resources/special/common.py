"""Steps that several services need."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from localaws.resources.resource import Resource
from localaws.resources.searching import search


def asking(operation: str, path: str = "@", **params: Any) -> Callable[[Resource], Any]:
    """A read that has to say more than the object's key; values may be templates."""

    def ask(resource: Resource) -> Any:
        answer = resource.call(operation, {**resource.key(operation), **resource.fill(params)})
        return search(path, answer)

    return ask


def by_etag(get: str, operation: str) -> Callable[[Resource], None]:
    """CloudFront changes and deletes only what has not changed since it was looked at."""

    def run(resource: Resource) -> None:
        tag = resource.call(get, resource.key(get))["ETag"]
        resource.call(operation, {**resource.key(operation), "IfMatch": tag})

    return run


def token(_: Resource) -> str:
    """For operations that want to know a retry from a second call."""
    return uuid.uuid4().hex


def pascal(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))


def set_only(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
