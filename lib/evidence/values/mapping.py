"""Which of AWS's own models speak of a Terraform type, and by which names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from lib.evidence.values import schemas, shapes
from lib.evidence.values.node import Node

_TABLE = Path(__file__).with_name("mapping.toml")


@dataclass(frozen=True)
class Model:
    """One model of a type's arguments."""

    root: Node
    names: Mapping[str, str] = field(default_factory=dict)
    """Path of an argument -> path of the member below the root, `.` for the root itself."""

    def at(self, path: str) -> Node | None:
        """What the exceptions say of an argument. None: this model has no such member."""
        return below(self.root, self.names[path].strip("."))


class Entry(BaseModel, extra="forbid", frozen=True):
    """A type's row of the table."""

    api: tuple[str, ...] = ()
    """`ecs.CreateService`, or with the member that takes the arguments: `s3.PutBucketCors:CORSConfiguration`."""
    cfn: str = ""
    """`AWS::ECS::Service`, or with the property that takes the arguments: `AWS::S3::Bucket:CorsConfiguration`."""
    api_names: dict[str, str] = {}
    cfn_names: dict[str, str] = {}


@cache
def models(kind: str) -> tuple[Model, ...]:
    """Every model of a Terraform type; none for a type that is not in the table."""
    entry = _table().get(kind)
    if entry is None:
        return ()
    found = [Model(_operation(each), entry.api_names) for each in entry.api]
    if entry.cfn:
        found.append(Model(_resource(entry.cfn), entry.cfn_names))
    return tuple(found)


@cache
def _table() -> dict[str, Entry]:
    return {kind: Entry.model_validate(row) for kind, row in tomllib.loads(_TABLE.read_text()).items()}


def _operation(text: str) -> Node:
    operation, _, path = text.partition(":")
    service, _, name = operation.partition(".")
    return _rooted(shapes.operation(service, name), path)


def _resource(text: str) -> Node:
    namespace, service, name, *path = text.replace("::", " ").replace(":", " ").split()
    return _rooted(schemas.resource("::".join((namespace, service, name))), "".join(path))


def _rooted(node: Node, path: str) -> Node:
    found = below(node, path)
    if found is None:
        raise KeyError(path)
    # One resource of Terraform's is one item of a list of AWS's.
    return found.item() or found


def below(node: Node | None, path: str) -> Node | None:
    """The node at a path of exact names; None where there is none."""
    for step in path.split(".") if path else ():
        node = node.step(step) if node else None
    return node
