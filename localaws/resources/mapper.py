"""Terraform's arguments as the input of an AWS operation, and an object that AWS shows as Terraform's values.

Both go by name and by shape: the API's shapes are botocore's models, Terraform's are the provider's schema. An entry of
the table names what is spelled too differently (`renames`). Shapes that differ in form and not in meaning:

    Terraform                     AWS
    a block, at most once         a structure
    a map                         [{"Key": …, "Value": …}], or an object of strings
    a list                        {"Quantity": 2, "Items": […]}, in CloudFront
    a string of JSON              a structure (container definitions)
    true                          "ENABLED", "true"
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from localaws.provider.block import Block, CollectionType, NestedBlock, ObjectType, Type
from localaws.provider.values import UNKNOWN
from localaws.resources.names import beginnings, endings, find

PAIRS: Final = (("Key", "Value"), ("key", "value"), ("Name", "Value"), ("name", "value"), ("TagKey", "TagValue"))
"""The names that the two halves of a map's entry have."""
_TRUE: Final = (True, "true", "True", "enabled", "ENABLED")
_WORDS: Final = {"enabled": True, "disabled": False, "true": True, "false": False}


class Missing(Enum):
    MISSING = "missing"


MISSING: Final = Missing.MISSING
"""There is no such value, as opposed to a value of null."""

Path = tuple[str, ...]


def one(value: Any) -> Any:
    """What a block that may appear once holds."""
    return (value[0] if value else None) if isinstance(value, list) else value


def is_unset(value: Any) -> bool:
    """Not set, or not known before the API says it."""
    return value is None or value is UNKNOWN or value in ("", {}, [])


@dataclass
class Request:
    """The input of an operation, and where in it each argument went."""

    params: dict[str, Any] = field(default_factory=dict)
    placed: dict[str, list[Path]] = field(default_factory=dict)
    """Argument -> paths of members."""
    homeless: list[str] = field(default_factory=list)
    """Arguments, or dotted paths of nested ones, that the operation has no member for."""

    def place(self, argument: str, value: Any, *path: str) -> None:
        """For what is placed by code and not by name."""
        here = self.params
        for step in path[:-1]:
            here = here.setdefault(step, {})
        here[path[-1]] = value
        self.claim(argument, *path)

    def claim(self, argument: str, *path: str) -> None:
        """Says that `argument` is in the member at `path`, and not without a place."""
        self.placed.setdefault(argument, []).append(path)
        self.homeless = [each for each in self.homeless if each.split(".")[0] != argument]


class Mapper:
    """For one type. `renames`: argument, or dotted path of a nested one -> member, or dotted path of one; None: code
    deals with it. `into`: the member that takes what the input itself has no member for."""

    def __init__(self, kind: str, renames: Mapping[str, str | None] | None = None, into: str | None = None) -> None:
        self._prefixes = endings(kind)
        self._renames = dict(renames or {})
        self._into = into

    # ---- to AWS

    def request(self, shape: Any, arguments: Mapping[str, Any]) -> Request:
        request = Request()
        for name, value in arguments.items():
            if not is_unset(value):
                self._place(shape, request, name, value)
        return request

    def member(self, shape: Any, name: str) -> str | None:
        """The member of an operation's input that is argument `name`."""
        return find(shape.members, name, self._prefixes)

    def has_place(self, shape: Any, name: str) -> bool:
        target = self._renames.get(name, name)
        roots = [shape] + ([shape.members[self._into]] if self._into in shape.members else [])
        return target is not None and any(self._trail(root, target, (name,)) for root in roots)

    def _place(self, shape: Any, request: Request, name: str, value: Any) -> None:
        target = self._renames.get(name, name)
        if target is None:
            return
        for root in (None, self._into):
            if root and root not in shape.members:
                continue
            trail = self._trail(shape.members[root] if root else shape, target, (name,))
            if trail:
                path, at = trail
                made = self.convert(at, value, (name,), request.homeless)
                if made is not MISSING:
                    full = (root, *path) if root else path
                    self._put(request.params, full, made)
                    request.placed.setdefault(name, []).append(full)
                return
        request.homeless.append(name)

    def _trail(self, shape: Any, target: str, path: Path) -> tuple[Path, Any] | None:
        """The members on the way to `target`, and the shape of the last."""
        at, trail = shape, []
        for number, step in enumerate(target.split(".")):
            if at.type_name == "map":
                trail.append(step)
                at = at.value
                continue
            if at.type_name != "structure":
                return None
            found = find(at.members, step, self._contexts(path) if number == 0 else ())
            if not found:
                return None
            trail.append(found)
            at = at.members[found]
        return tuple(trail), at

    def _contexts(self, path: Path) -> list[str]:
        return self._prefixes if len(path) == 1 else beginnings(path[-2])

    @staticmethod
    def _put(params: dict[str, Any], path: Path, value: Any) -> None:
        for step in path[:-1]:
            params = params.setdefault(step, {})
        there = params.get(path[-1])
        # Two arguments may share a structure: an ECS service's circuit breaker and its percentages.
        params[path[-1]] = {**there, **value} if isinstance(there, dict) and isinstance(value, dict) else value

    def convert(self, shape: Any, value: Any, path: Path = (), homeless: list[str] | None = None) -> Any:
        """A value in the form of a shape; MISSING if it has none. Arguments without a member go to `homeless`."""
        homeless = [] if homeless is None else homeless
        form = shape.type_name
        if isinstance(value, str) and form in ("structure", "list") and value.lstrip()[:1] in ("[", "{"):
            value = json.loads(value)
        match form:
            case "structure":
                return self._structure(shape, value, path, homeless)
            case "list":
                return self._list(shape, value, path, homeless)
            case "map":
                value = one(value)
                if not isinstance(value, dict):
                    return MISSING
                return {k: self.convert(shape.value, v, path, homeless) for k, v in value.items() if v is not None}
            case _:
                return _scalar(shape, value)

    def _structure(self, shape: Any, value: Any, path: Path, homeless: list[str]) -> Any:
        members = set(shape.members)
        if members >= {"Quantity", "Items"} and (len(members) == 2 or not isinstance(one(value), dict)):
            values = value if isinstance(value, list) else [value]
            if members == {"Quantity", "Items"} and isinstance(one(value), dict) and set(one(value)) == {"items"}:
                values = one(value)["items"] or []
            items = [self.convert(shape.members["Items"].member, each, path, homeless) for each in values]
            return {"Quantity": len(items), "Items": items}
        value = one(value)
        if not isinstance(value, dict):
            return MISSING
        made: dict[str, Any] = {}
        for name, inner in value.items():
            if is_unset(inner):
                continue
            here = (*path, name)
            target = self._renames.get(".".join(here), name)
            if target is None:
                continue
            trail = self._trail(shape, target, here)
            if not trail:
                homeless.append(".".join(here))
                continue
            converted = self.convert(trail[1], inner, here, homeless)
            if converted is not MISSING:
                self._put(made, trail[0], converted)
        return made

    def _list(self, shape: Any, value: Any, path: Path, homeless: list[str]) -> list[Any]:
        pair = pair_of(shape)
        if isinstance(value, dict) and pair:
            key, half = pair
            inner = shape.member.members[half]
            return [{key: k, half: self.convert(inner, v, path, homeless)} for k, v in sorted(value.items())]
        values = value if isinstance(value, list) else [value]
        known = [each for each in values if each is not None and each is not UNKNOWN]
        made = [self.convert(shape.member, each, path, homeless) for each in known]
        return [each for each in made if each is not MISSING]

    # ---- and back

    def told(self, name: str, schema: Block, found: Mapping[str, Any]) -> Any:
        """Argument or attribute `name` as the object shows it, in Terraform's form; MISSING if it does not."""
        roots = [found, found.get(self._into)] if self._into else [found]
        for root in roots:
            value = self._reach(root, (name,))
            if value is not MISSING:
                if name in schema.blocks:
                    return self._block(schema.blocks[name], value, (name,))
                return attribute(schema.attributes[name].type, value)
        return MISSING

    def _reach(self, found: Any, path: Path) -> Any:
        target = self._renames.get(".".join(path), path[-1])
        if target is None:
            return MISSING
        for number, step in enumerate(target.split(".")):
            if not isinstance(found, Mapping):
                return MISSING
            key = find(found, step, self._contexts(path) if number == 0 else ())
            if key is None:
                return MISSING
            found = found[key]
        return found

    def _block(self, schema: NestedBlock, value: Any, path: Path) -> Any:
        if isinstance(value, Mapping) and set(value) >= {"Quantity", "Items"} and len(value) == 2:
            value = value["Items"]
        values = value if isinstance(value, list) else [value]
        made = [self._object(schema.block, each, path) for each in values]
        if MISSING in made:
            return MISSING
        return made[0] if schema.nesting == "single" and made else made

    def _object(self, schema: Block, value: Any, path: Path) -> Any:
        if not isinstance(value, Mapping):
            return MISSING
        made: dict[str, Any] = {}
        for name, each in schema.attributes.items():
            inner = self._reach(value, (*path, name))
            told = MISSING if inner is MISSING else attribute(each.type, inner)
            made[name] = None if told is MISSING else told
        for name, block in schema.blocks.items():
            inner = self._reach(value, (*path, name))
            told = MISSING if inner is MISSING else self._block(block, inner, (*path, name))
            made[name] = (None if block.nesting == "single" else []) if told is MISSING else told
        return made


def pair_of(shape: Any) -> tuple[str, str] | None:
    """The names of key and value, if the shape is a list of such pairs."""
    if shape.type_name != "list" or shape.member.type_name != "structure":
        return None
    return next((pair for pair in PAIRS if set(pair) <= set(shape.member.members)), None)


def _scalar(shape: Any, value: Any) -> Any:
    kinds: dict[str, Callable[[Any], Any]] = {
        "integer": int,
        "long": int,
        "float": float,
        "double": float,
        "boolean": lambda each: each in _TRUE,
        "blob": lambda each: each if isinstance(each, bytes) else str(each).encode(),
    }
    convert = kinds.get(shape.type_name)
    return convert(value) if convert else _string(shape, value)


def _string(shape: Any, value: Any) -> str:
    if isinstance(value, bool):
        words: Sequence[str] = getattr(shape, "enum", ())
        return next((word for word in words if _WORDS.get(word.lower()) is value), str(value).lower())
    if isinstance(value, dict | list):
        return json.dumps(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def attribute(form: Type, value: Any) -> Any:
    """A value that AWS shows, in the form of a Terraform type; MISSING if it cannot be that."""
    if value is None:
        return MISSING
    match form:
        case CollectionType("map"):
            return _map(value)
        case CollectionType(_, element):
            return _values(element, value)
        case ObjectType(attributes):
            return _fields(attributes, value)
    return MISSING if isinstance(value, dict | list) else _scalar_attribute(form, value)


def _scalar_attribute(form: Type, value: Any) -> Any:
    if form == "string":
        return _text(value)
    return _number(value) if form == "number" else value in _TRUE


def _text(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).replace("+00:00", "Z")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Any) -> Any:
    try:
        return float(value) if "." in str(value) else int(value)
    except ValueError:
        return MISSING


def _values(element: Type, value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"Quantity", "Items"}:
        value = value["Items"]
    if isinstance(value, str) and "," in value:  # an Auto Scaling group's subnets
        value = value.split(",")
    made = [attribute(element, each) for each in (value if isinstance(value, list) else [value])]
    return MISSING if MISSING in made else made


def _fields(fields: Mapping[str, Type], value: Any) -> Any:
    if not isinstance(value, Mapping):
        return MISSING
    made = {}
    for name, form in fields.items():
        key = find(value, name)
        made[name] = MISSING if key is None else attribute(form, value[key])
    if all(each is MISSING for each in made.values()):
        return MISSING
    return {name: None if each is MISSING else each for name, each in made.items()}


def _map(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: str(each) for key, each in value.items()}
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        return MISSING
    made = {}
    for each in value:
        pair = next((pair for pair in PAIRS if pair[0] in each), None)
        if pair:
            made[each[pair[0]]] = str(each.get(pair[1], ""))
    return made
