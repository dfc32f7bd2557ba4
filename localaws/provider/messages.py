"""Blocks as messages of Terraform's plugin protocol, and back."""

from __future__ import annotations

import json
from typing import Any

from localaws.provider.block import Attribute, Block, NestedBlock, Nesting, type_from_json, type_to_json
from localaws.provider.protocol import pb

_NESTINGS: dict[Nesting, Any] = {
    "single": pb.Schema.NestedBlock.SINGLE,
    "list": pb.Schema.NestedBlock.LIST,
    "set": pb.Schema.NestedBlock.SET,
    "map": pb.Schema.NestedBlock.MAP,
}
_NESTING_OF = {number: nesting for nesting, number in _NESTINGS.items()}


def write_block(block: Block, message: pb.Schema.Block) -> None:
    """Fills `message` with what `block` says."""
    # A block without anything in it has to be there all the same.
    message.SetInParent()
    for name, attribute in sorted(block.attributes.items()):
        message.attributes.add(
            name=name,
            type=json.dumps(type_to_json(attribute.type), separators=(",", ":")).encode(),
            required=attribute.required,
            optional=attribute.optional,
            computed=attribute.computed,
            sensitive=attribute.sensitive,
            write_only=attribute.write_only,
        )
    for name, nested in sorted(block.blocks.items()):
        inner = message.block_types.add(
            type_name=name,
            nesting=_NESTINGS[nested.nesting],
            min_items=nested.min_items,
            max_items=nested.max_items,
        )
        write_block(nested.block, inner.block)


def read_block(message: pb.Schema.Block) -> Block:
    """What `message` says."""
    return Block(
        {
            attribute.name: Attribute(
                type_from_json(json.loads(attribute.type)),
                required=attribute.required,
                optional=attribute.optional,
                computed=attribute.computed,
                sensitive=attribute.sensitive,
                write_only=attribute.write_only,
            )
            for attribute in message.attributes
        },
        {
            nested.type_name: NestedBlock(
                _NESTING_OF[nested.nesting], read_block(nested.block), nested.min_items, nested.max_items
            )
            for nested in message.block_types
        },
    )
