"""What a schema says of one resource, data source or nested block: its attributes and the blocks inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

Primitive: TypeAlias = Literal["string", "number", "bool", "dynamic"]
Nesting: TypeAlias = Literal["single", "list", "set", "map"]


_PRIMITIVES: dict[str, Primitive] = {name: name for name in get_args(Primitive)}


@dataclass(frozen=True, slots=True)
class CollectionType:
    """A list, set or map of equal elements."""

    kind: Literal["list", "set", "map"]
    element: Type


@dataclass(frozen=True, slots=True)
class ObjectType:
    attributes: Mapping[str, Type]


Type: TypeAlias = "Primitive | CollectionType | ObjectType"


def type_to_json(type_: Type) -> Any:
    """The type as Terraform writes it: "string", ["list", "string"], ["object", {"name": "string"}]."""
    match type_:
        case CollectionType(kind, element):
            return [kind, type_to_json(element)]
        case ObjectType(attributes):
            return ["object", {name: type_to_json(inner) for name, inner in attributes.items()}]
    return type_


def type_from_json(written: Any) -> Type:
    """The inverse of `type_to_json`."""
    match written:
        case ["object", attributes]:
            return ObjectType({name: type_from_json(inner) for name, inner in attributes.items()})
        case [("list" | "set" | "map") as kind, element]:
            return CollectionType(kind, type_from_json(element))
        case str() if written in _PRIMITIVES:
            return _PRIMITIVES[written]
    raise ValueError(f"not a type of Terraform: {written!r}")


@dataclass(frozen=True, slots=True)
class Attribute:
    type: Type
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    write_only: bool = False

    @property
    def settable(self) -> bool:
        """Whether a configuration may set it."""
        return self.required or self.optional


@dataclass(frozen=True, slots=True)
class NestedBlock:
    nesting: Nesting
    block: Block
    min_items: int = 0
    max_items: int = 0
    """0 is no limit."""


@dataclass(frozen=True, slots=True)
class Block:
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blocks: Mapping[str, NestedBlock] = field(default_factory=dict)
