"""The synthesized JSON, asked by resource type."""

from __future__ import annotations

import json
from typing import Any, Self, cast

Block = dict[str, Any]


class Template:
    """A template's resources. Exactly one of a type: `only`; those with certain arguments: `where`; all: `all`."""

    def __init__(self, document: Block) -> None:
        self.document = document

    @classmethod
    def of_text(cls, text: str) -> Self:
        return cls(cast(Block, json.loads(text)))

    def named(self, kind: str) -> dict[str, Block]:
        """Logical name -> resource."""
        return cast(dict[str, Block], self.document.get("resource", {}).get(kind, {}))

    def all(self, kind: str) -> list[Block]:
        return list(self.named(kind).values())

    def where(self, kind: str, **arguments: object) -> list[Block]:
        """The resources of a type whose arguments equal these."""
        return [each for each in self.all(kind) if all(each.get(key) == value for key, value in arguments.items())]

    def only(self, kind: str, **arguments: object) -> Block:
        """The one resource of a type (with these arguments); fails when there is none or another."""
        (resource,) = self.where(kind, **arguments)
        return resource

    def reference(self, kind: str, attribute: str, **arguments: object) -> str:
        """How another resource refers to this one: `${aws_vpc.network_vpc_1A2B.id}`."""
        (name,) = [
            name
            for name, each in self.named(kind).items()
            if all(each.get(key) == value for key, value in arguments.items())
        ]
        return f"${{{kind}.{name}.{attribute}}}"

    def data(self, kind: str) -> list[Block]:
        return list(self.document.get("data", {}).get(kind, {}).values())

    @property
    def outputs(self) -> dict[str, Block]:
        return cast(dict[str, Block], self.document.get("output", {}))
