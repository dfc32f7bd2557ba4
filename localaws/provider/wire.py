"""Terraform's values on the wire: MessagePack, in messages of the plugin protocol.

https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol/object-wire-format
"""

from __future__ import annotations

import json
from typing import Any

import msgpack  # type: ignore[import-untyped]

from localaws.provider.block import Block, CollectionType, ObjectType, Type
from localaws.provider.protocol import pb
from localaws.provider.values import UNKNOWN, Object, Unknown, Value, in_each


def decoded(message: pb.DynamicValue, block: Block) -> Object | None:
    """The object in a message of Terraform; None where there is none (before a create, after a delete)."""
    if message.msgpack:
        value = msgpack.unpackb(message.msgpack, raw=False, strict_map_key=False, ext_hook=lambda *_: UNKNOWN)
    else:
        value = json.loads(message.json) if message.json else None
    return None if value is None else _with_numbers(block, value)


def encoded(value: Object | None) -> pb.DynamicValue:
    """The message that says `value`."""
    return pb.DynamicValue(msgpack=msgpack.packb(_sendable(value), use_bin_type=True))


def _with_numbers(block: Block, value: Object) -> Object:
    """Terraform writes a number as text where a float would not be exact: 0.1, for one."""
    changed = dict(value)
    for name, attribute in block.attributes.items():
        changed[name] = _with_numbers_in(attribute.type, value.get(name))
    for name, nested in block.blocks.items():
        changed[name] = in_each(nested, value.get(name), _with_numbers)
    return changed


def _with_numbers_in(type_: Type, value: Value) -> Value:
    match type_, value:
        case "number", str(text):
            return float(text)
        case CollectionType(_, element), list(items):
            return [_with_numbers_in(element, item) for item in items]
        case CollectionType(_, element), dict(items):
            return {key: _with_numbers_in(element, item) for key, item in items.items()}
        case ObjectType(attributes), dict(items):
            return {name: _with_numbers_in(attributes[name], item) for name, item in items.items()}
    return value


def _sendable(value: Any) -> Any:
    match value:
        case dict():
            return {key: _sendable(item) for key, item in value.items()}
        case list() | tuple():
            return [_sendable(item) for item in value]
        case float():
            return int(value) if value.is_integer() else repr(value)
        case Unknown():
            return msgpack.ExtType(0, b"\x00")
    return value
