"""A template as blocks, leaves and references: what the checks are made of."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from lib.evidence.template import Block, Template

_METADATA = "//"
_TRAVERSAL = re.compile(r"(?<![\w.])(?P<head>[A-Za-z_][\w-]*)(?P<path>(?:\.[\w*-]+|\[[^\]]*\])*)\s*(?P<call>\()?")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORDS = {"true", "false", "null", "for", "in", "if"}
_PREFIXES = {"data": 3, "ephemeral": 3}
"""How many words the address of a block has that is no resource."""


class Leaf(NamedTuple):
    """A value that holds no other: text, number, truth value, null, empty table or list."""

    path: str
    """`rule[].statement.name`; what is inside a JSON text goes on behind the text's own path."""
    value: Any
    in_json: bool


class Reference(NamedTuple):
    """What an expression asks for: `aws_vpc.main`, `id`. No attribute: the block as a whole."""

    address: str
    attribute: str | None
    is_all: bool
    """Nothing of the attribute is picked: it comes with all that it holds."""
    in_text: bool
    """Other text stands around it, so that it has to be text itself."""


def blocks(template: Template) -> dict[str, Block]:
    """Address, as other blocks write it, -> block: resources, data sources, ephemeral resources, local values."""
    found: dict[str, Block] = {}
    for section, prefix in (("resource", ""), ("data", "data."), ("ephemeral", "ephemeral.")):
        for kind, named in template.document.get(section, {}).items():
            found |= {f"{prefix}{kind}.{name}": block for name, block in named.items()}
    return found | {f"local.{name}": {"value": value} for name, value in template.document.get("locals", {}).items()}


def resources(template: Template) -> Iterator[tuple[str, str, Block]]:
    """Kind, address and block of each resource."""
    for kind, named in template.document.get("resource", {}).items():
        for name, block in named.items():
            yield kind, f"{kind}.{name}", block


def leaves(value: Any, path: str = "", in_json: bool = False) -> Iterator[Leaf]:
    """Every leaf, in JSON texts too."""
    inner = _decoded(value) if isinstance(value, str) else None
    if inner is not None:
        yield from leaves(inner, path, True)
    elif isinstance(value, dict) and value:
        for key, child in value.items():
            if key != _METADATA:
                yield from leaves(child, f"{path}.{key}" if path else key, in_json)
    elif isinstance(value, list) and value:
        for child in value:
            yield from leaves(child, f"{path}[]", in_json)
    else:
        yield Leaf(path, value, in_json)


def keys(value: Any) -> Iterator[str]:
    """Every key of every table, in JSON texts too."""
    if isinstance(value, str):
        value = _decoded(value)
    if isinstance(value, dict):
        for key, child in value.items():
            if key != _METADATA:
                yield key
                yield from keys(child)
    elif isinstance(value, list):
        for child in value:
            yield from keys(child)


@lru_cache(maxsize=4096)
def _decoded(text: str) -> Any:
    """What a JSON text says; None for a text that is none. Read only: it is kept."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def at(block: Any, path: str) -> Any:
    """What stands at `a.b.c`, None for nothing. A list on the way stands for its only item."""
    for key in path.split("."):
        if isinstance(block, list) and len(block) == 1:
            (block,) = block
        if not isinstance(block, dict):
            return None
        block = block.get(key)
    return block


def expressions(text: str) -> Iterator[str]:
    """What stands between `${` and its `}`. `$${` is text and no expression."""
    position = 0
    while (start := text.find("${", position)) >= 0:
        position = start + 2
        if text.endswith("$", 0, start):
            continue
        depth = 1
        while position < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[position], 0)
            position += 1
        yield text[start + 2 : position - (depth == 0)]


def references(leaf: Leaf) -> Iterator[Reference]:
    """All that the expressions in a text ask for, also from inside calls and their texts."""
    if isinstance(leaf.value, str):
        for expression in expressions(leaf.value):
            alone = not leaf.in_json and leaf.value == f"${{{expression}}}"
            yield from _asked_for(expression, alone)


def _asked_for(expression: str, alone: bool) -> Iterator[Reference]:
    for literal in _QUOTED.findall(expression):
        for inner in expressions(literal):
            yield from _asked_for(inner, False)
    for match in _TRAVERSAL.finditer(_QUOTED.sub('""', expression)):
        head, path = match["head"], match["path"]
        if match["call"] or (head in _WORDS and not path):
            continue
        words = [head, *re.findall(r"\.([\w*-]+)|\[", path)]
        length = _PREFIXES.get(head, 2)
        attribute = words[length] if len(words) > length else None
        yield Reference(".".join(words[:length]), attribute, len(words) == length + 1, not alone)


def uses(block: Block) -> Iterator[str]:
    """The addresses that a block names: in expressions and as what it waits for. Itself (`self`) left out."""
    for leaf in leaves(block):
        if leaf.path == "depends_on[]":
            yield leaf.value
        yield from (each.address for each in references(leaf) if not each.address.startswith("self."))


def addresses(value: Any) -> set[str]:
    """The addresses that a value names, JSON texts and lists looked into."""
    return {each.address for leaf in leaves(value) for each in references(leaf)}


def waited_for(template: Template) -> Callable[[str], set[str]]:
    """Asked for an address: all that is made before it, by reference or by `depends_on`, its own and that of others."""
    known = blocks(template)
    used = {address: {each for each in uses(block) if each in known} for address, block in known.items()}

    def before(address: str) -> set[str]:
        found: set[str] = set()
        waiting = [address]
        while waiting:
            new = used[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    return before


def statements(policy: str | None) -> list[Block]:
    """The statements of a policy document; none of a text that is no document."""
    document = _decoded(policy) if policy else None
    return list(document.get("Statement", [])) if isinstance(document, dict) else []


def as_list(value: Any) -> list[Any]:
    """What a policy says in one word or in several."""
    return value if isinstance(value, list) else [value]


def script_of(template: Template, launch_template: Block) -> str:
    """What instances run at their first boot, in the clear."""
    named = addresses(launch_template.get("user_data"))
    return "".join(text for name, text in template.document.get("locals", {}).items() if f"local.{name}" in named)


def referred(value: Any) -> str | None:
    """The address of the block that a value is an attribute of; None when it is anything else."""
    found = list(references(Leaf("", value, False)))
    return found[0].address if len(found) == 1 and not found[0].in_text else None


def is_key(template: Template, value: Any) -> bool:
    """Whether a value is the ARN of a key of the template's own."""
    return value in {f"${{aws_kms_key.{name}.arn}}" for name in template.named("aws_kms_key")}


@cache
def binding(kind: str) -> type | None:
    """The provider's class for `aws_vpc` or `data.aws_partition`; None for what it has none for (ephemeral, local)."""
    if kind.startswith("ephemeral.") or kind == "local":
        return None
    name = kind.replace(".", "_").removeprefix("aws_")
    classes = vars(importlib.import_module(f"cdktf_cdktf_provider_aws.{name}")).values()
    (found,) = [each for each in classes if isinstance(each, type) and hasattr(each, "TF_RESOURCE_TYPE")]
    return found


@cache
def arguments(kind: str) -> frozenset[str]:
    """All that a kind of resource can be told."""
    found = binding(kind)
    return frozenset(inspect.signature(vars(found)["__init__"]).parameters if found else ())


def suffix(template: Template) -> str:
    """The environment's suffix, as the stack itself tells it."""
    return str(template.outputs["environment_suffix"]["value"])


def provider(template: Template) -> Block:
    (found,) = template.document["provider"]["aws"]
    return dict(found)


def region_of(template: Template, block: Block) -> str:
    """Where a resource is: in the region that it names, else in the stack's."""
    return str(block.get("region") or provider(template)["region"])


def default_tags(template: Template) -> dict[str, str]:
    """What the provider tags everything with."""
    return dict(at(provider(template), "default_tags.tags") or {})
