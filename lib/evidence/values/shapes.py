"""What the AWS SDK knows of the input of an API operation.

botocore is made from the models that AWS's services publish themselves: enumerations, patterns, lengths and ranges per
member. How much a model says differs: that of ECS has few patterns, that of EC2 hardly anything but enumerations.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import regex
from botocore.loaders import Loader
from botocore.model import ServiceModel

from lib.evidence.values.node import Node, member_of
from lib.evidence.values.rule import Rule, between, boolean, matching, one_of, sized

_KEYS, _VALUES = (
    ("Key", "key", "TagKey", "Name", "name", "ParameterName"),
    ("Value", "value", "TagValue", "ParameterValue"),
)
# One for all services: each looks through the folders of all of them, and keeps what it found.
_LOADER = Loader()
_WHOLE = ("integer", "long")
_NUMBERS = (*_WHOLE, "float", "double")


@dataclass(frozen=True)
class Shape:
    """A shape of botocore's, as a node."""

    of: Any
    """`botocore.model.Shape`, which has no types."""
    source: str

    def rules(self) -> tuple[Rule, ...]:
        return _rules(self.of, self.source)

    def member(self, name: str, owner: str) -> Node | None:
        found = member_of(tuple(self.of.members), name, owner) if self.of.type_name == "structure" else None
        return self.step(found) if found else None

    def step(self, name: str) -> Node | None:
        if self.of.type_name == "map":
            return Shape(self.of.value, f"{self.source}.{name}")
        if self.of.type_name == "list":
            return Shape(self.of.member, self.source).step(name)
        members = self.of.members if self.of.type_name == "structure" else {}
        return Shape(members[name], f"{self.source}.{name}") if name in members else None

    def item(self) -> Node | None:
        if self.of.type_name == "structure" and {"Quantity", "Items"} <= self.of.members.keys():
            # CloudFront's way of writing a list.
            return Shape(self.of.members["Items"].member, self.source)
        return Shape(self.of.member, self.source) if self.of.type_name == "list" else None

    def entry(self) -> tuple[Node | None, Node | None] | None:
        if self.of.type_name == "map":
            return Shape(self.of.key, f"{self.source} key"), Shape(self.of.value, f"{self.source} value")
        if self.of.type_name == "list" and self.of.member.type_name == "structure":
            members = self.of.member.members
            key, value = (next((name for name in names if name in members), None) for names in (_KEYS, _VALUES))
            if key and value:
                pair = Shape(self.of.member, self.source)
                return pair.step(key), pair.step(value)
        return None


@cache
def operation(service: str, name: str) -> Shape:
    """The input of an operation: `operation("ecs", "CreateService")`."""
    return Shape(_model(service).operation_model(name).input_shape, f"botocore {service}.{name}")


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(_LOADER.load_service_model(service, "service-2"))


def _rules(shape: Any, source: str) -> tuple[Rule, ...]:
    kind, facts = shape.type_name, shape.metadata
    if kind == "boolean":
        return (boolean(source),)
    if kind in _NUMBERS:
        bounds = facts.get("min"), facts.get("max")
        return (between(*bounds, source),) if bounds != (None, None) else ()
    if kind not in ("string", "blob"):
        return ()
    rules = []
    if facts.get("enum"):
        rules.append(_choice(facts["enum"], source))
    if (pattern := _compilable(facts.get("pattern"))) is not None:
        rules.append(matching(pattern, source))
    if "max" in facts or facts.get("min"):
        rules.append(sized(facts.get("min"), facts.get("max"), source))
    return tuple(rules)


def _choice(words: list[str], source: str) -> Rule:
    """One of a few words; of two that say on and off, Terraform makes truth values."""
    on_and_off = {"enabled", "disabled", "on", "off", "true", "false"}
    truths = (True, False) if {word.lower() for word in words} & on_and_off else ()
    return one_of(*words, *truths, source=source)


def _compilable(pattern: str | None) -> str | None:
    """A pattern that Python can read; models write some in the words of Java."""
    if pattern is None:
        return None
    try:
        regex.compile(pattern)
    except regex.error:
        return None
    return pattern
