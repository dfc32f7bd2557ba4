"""Puts a value in the place of what a plan left open."""

from __future__ import annotations

from collections.abc import Callable

from localaws.provider.block import Attribute, Block, CollectionType, ObjectType, Type
from localaws.provider.values import UNKNOWN, Object, Value, in_each

Make = Callable[[str, Attribute, Type], Value]
"""A value for an attribute, or for a part of it, which is of that type."""


def fill_unknown(block: Block, value: Object, make: Make) -> Object:
    """`value` with what is unknown made. Write-only arguments are in no state."""
    filled = dict(value)
    for name, attribute in block.attributes.items():
        filled[name] = None if attribute.write_only else _known(name, attribute, attribute.type, value.get(name), make)
    for name, nested in block.blocks.items():
        filled[name] = in_each(nested, value.get(name), lambda inner, item: fill_unknown(inner, item, make))
    return filled


def fill_computed(block: Block, value: Object, make: Make) -> Object:
    """`value` with what is computed and null made: a data source has no plan that says what is unknown."""
    opened = dict(value)
    for name, attribute in block.attributes.items():
        if attribute.computed and value.get(name) is None:
            opened[name] = UNKNOWN
    for name, nested in block.blocks.items():
        opened[name] = in_each(nested, value.get(name), lambda inner, item: fill_computed(inner, item, make))
    return fill_unknown(block, opened, make)


def nothing(name: str, attribute: Attribute, type_: Type) -> Value:
    """What nobody told is null, or an empty collection; never made up."""
    del name, attribute
    if isinstance(type_, CollectionType):
        return {} if type_.kind == "map" else []
    return None


def _known(name: str, attribute: Attribute, type_: Type, value: Value, make: Make) -> Value:
    if value is UNKNOWN:
        return make(name, attribute, type_)
    match type_, value:
        case ObjectType(attributes), dict(items):
            return {key: _known(key, attribute, attributes[key], item, make) for key, item in items.items()}
        case CollectionType(_, element), dict(items):
            return {key: _known(name, attribute, element, item, make) for key, item in items.items()}
        case CollectionType(_, element), list(items):
            return [_known(name, attribute, element, item, make) for item in items]
    return value
