"""A template as blocks, leaves and references: what the checks are made of."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from math import isfinite
from typing import Any, NamedTuple

from lib.evidence.template import Block, Template, is_deeper

_METADATA = "//"
_TRAVERSAL = re.compile(r"(?<![\w.])(?P<head>[A-Za-z_][\w-]*)(?P<path>(?:\.[\w*-]+|\[[^\]]*\])*)\s*(?P<call>\()?")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_LOOP = re.compile(r"\bfor\s+(\w+)(?:\s*,\s*(\w+))?\s+in\b")
_PREFIXES = {"data": 3, "ephemeral": 3}
"""How many words the address of a block has that is no resource."""
_DEEPEST = 50
"""Levels of a JSON text that is read as one."""


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
    """Address, as other blocks write it, -> block: resources, data sources, ephemeral resources, modules, variables,
    local values."""
    found: dict[str, Block] = {}
    for section, prefix in (("resource", ""), ("data", "data."), ("ephemeral", "ephemeral.")):
        for kind, named in template.document.get(section, {}).items():
            found |= {f"{prefix}{kind}.{name}": block for name, block in named.items()}
    for section, prefix in (("module", "module."), ("variable", "var.")):
        found |= {f"{prefix}{name}": block for name, block in template.document.get(section, {}).items()}
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


def decoded(value: Any) -> Any:
    """What a JSON text says; None for all that is none. Read only: it is kept."""
    return _decoded(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _decoded(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return None if is_deeper(found, _DEEPEST) else found


def at(block: Any, path: str) -> Any:
    """What stands at `a.b.c`, None for nothing. A list on the way stands for its only item."""
    for key in path.split("."):
        if isinstance(block, list) and len(block) == 1:
            (block,) = block
        if not isinstance(block, dict):
            return None
        block = block.get(key)
    return block


def every(block: Any, path: str) -> list[Any]:
    """All that stands at `a.b.c`, of each item where there is a list. Terraform takes a block alone for a list of one.
    Null is nothing."""
    found = [block]
    for key in path.split("."):
        found = [each.get(key) for each in _items(found) if isinstance(each, dict)]
    return [each for each in _items(found) if each is not None]


def _items(values: list[Any]) -> Iterator[Any]:
    for each in values:
        if isinstance(each, list):
            yield from _items(each)
        else:
            yield each


def tables(block: Any, path: str) -> list[Block]:
    """Of all that stands at `a.b.c`, the tables: blocks, or what a JSON document lists."""
    return [each for each in every(block, path) if isinstance(each, dict)]


def texts(block: Any, path: str) -> list[str]:
    """Of all that stands at `a.b.c`, the texts."""
    return [each for each in every(block, path) if isinstance(each, str)]


def text(block: Any, path: str) -> str:
    """The text that stands at `a.b.c`; an empty one where there is none."""
    found = at(block, path)
    return found if isinstance(found, str) else ""


def number(block: Any, path: str) -> float | None:
    """The number that stands at `a.b.c`, also where a text spells it as Terraform takes it; None for all else."""
    found = at(block, path)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    try:
        value = float(found)
    except (ValueError, OverflowError):
        return None
    return value if isfinite(value) else None


def is_set(block: Any, path: str, expected: bool = True) -> bool:
    """Whether `a.b.c` is that truth value, which Terraform takes as a text, too."""
    found = at(block, path)
    return found is expected or found == str(expected).lower()


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


def is_known(value: Any) -> bool:
    """Whether a value is a text that says itself what it is: without an expression, which only Terraform knows."""
    return isinstance(value, str) and next(expressions(value), None) is None


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
    code = _QUOTED.sub('""', expression)
    of_loops = {name for names in _LOOP.findall(code) for name in names}
    for match in _TRAVERSAL.finditer(code):
        head, path = match["head"], match["path"]
        # A name alone is a word of the language, or a key of a table.
        if match["call"] or not path.startswith(".") or head in of_loops:
            continue
        words = [head, *re.findall(r"\.([\w*-]+)|\[", path)]
        length = _PREFIXES.get(head, 2)
        # One of several that `count` or `for_each` makes, or all of them.
        if words[length : length + 1] in ([""], ["*"]):
            del words[length]
        attribute = words[length] if len(words) > length else None
        yield Reference(".".join(words[:length]), attribute, len(words) == length + 1, not alone)


def uses(block: Block) -> Iterator[str]:
    """The addresses that a block names: in expressions and as what it waits for. Itself (`self`) left out."""
    for leaf in leaves(block):
        yield from awaited(leaf)
        yield from (each.address for each in references(leaf) if not each.address.startswith("self."))


def awaited(leaf: Leaf) -> Iterator[str]:
    """The address that an item of `depends_on` names, with or without `${}` and an index."""
    if leaf.path == "depends_on[]" and isinstance(leaf.value, str) and "${" not in leaf.value:
        yield from (each.address for each in _asked_for(leaf.value, True))


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


def statements(policy: Any) -> list[Block]:
    """The statements of a policy document, one or several; none of a text that is no document."""
    return tables(decoded(policy), "Statement")


def as_list(value: Any) -> list[Any]:
    """What a policy says in one word or in several."""
    return value if isinstance(value, list) else [value]


def containers(task: Block) -> list[Block]:
    """What a task definition says of its containers; nothing where only Terraform knows."""
    found = decoded(task.get("container_definitions"))
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def script_of(template: Template, launch_template: Block) -> str:
    """What instances run at their first boot, in the clear."""
    named = addresses(launch_template.get("user_data"))
    texts_ = {name: each for name, each in template.document.get("locals", {}).items() if isinstance(each, str)}
    return "".join(each for name, each in texts_.items() if f"local.{name}" in named)


def referred(value: Any) -> str | None:
    """The address of the block that a value is an attribute of; None when it is anything else."""
    found = list(references(Leaf("", value, False)))
    return found[0].address if len(found) == 1 and not found[0].in_text else None


def is_key(template: Template, value: Any) -> bool:
    """Whether a value is the ARN of a key of the template's own."""
    return value in [f"${{aws_kms_key.{name}.arn}}" for name in template.named("aws_kms_key")]


@cache
def binding(kind: str) -> type | None:
    """The provider's class for `aws_vpc` or `data.aws_partition`; None for what it has none for: what is ephemeral or
    local, modules, variables, kinds of other providers."""
    section, _, kind_alone = kind.rpartition(".")
    if not re.fullmatch("aws_[a-z0-9_]+", kind_alone) or section not in ("", "data"):
        return None
    name = kind.replace(".", "_").removeprefix("aws_")
    try:
        classes = vars(importlib.import_module(f"cdktf_cdktf_provider_aws.{name}")).values()
    except ModuleNotFoundError:
        return None
    found = [each for each in classes if getattr(each, "TF_RESOURCE_TYPE", None) == kind_alone]
    return found[0] if found else None


@cache
def arguments(kind: str) -> frozenset[str]:
    """All that a kind of resource can be told."""
    found = binding(kind)
    return frozenset(inspect.signature(vars(found)["__init__"]).parameters if found else ())


def is_of_tapstack(template: Template) -> bool:
    """Whether a stack of this project made it, and so keeps to its conventions."""
    return "environment_suffix" in template.outputs


def suffix(template: Template) -> str:
    """The environment's suffix, as the stack itself tells it."""
    return text(template.outputs, "environment_suffix.value")


def provider(template: Template) -> Block:
    """What the resources are made with that name no other: the AWS provider without an alias."""
    found = [each for each in template.document.get("provider", {}).get("aws", []) if not each.get("alias")]
    return found[0] if found else {}


def region_of(template: Template, block: Block) -> str | None:
    """Where a resource is: in the region that it names, or its provider; None where the template does not tell."""
    own = block.get("region") or _provider_of(template, block).get("region")
    return own if isinstance(own, str) and next(expressions(own), None) is None else None


def _provider_of(template: Template, block: Block) -> Block:
    named = text(block, "provider").removeprefix("${").removesuffix("}").partition(".")[2]
    if not named:
        return provider(template)
    found = [each for each in template.document.get("provider", {}).get("aws", []) if each.get("alias") == named]
    return found[0] if found else {}


def default_tags(template: Template) -> dict[str, str]:
    """What the provider tags everything with."""
    return text_table(provider(template), "default_tags.tags")


def text_table(block: Block, path: str) -> dict[str, str]:
    """Of the table that stands at `a.b.c`, what is text."""
    found = at(block, path)
    return {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
