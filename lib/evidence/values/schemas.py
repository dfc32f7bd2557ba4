"""What cfn-lint's copies of the CloudFormation schemas know of a resource's properties.

AWS publishes them per resource type; cfn-lint mends them where its authors found them wrong, and adds enumerations that
they lack. https://github.com/aws-cloudformation/cfn-lint
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import regex

from lib.evidence.values.node import Node, member_of
from lib.evidence.values.rule import Rule, between, boolean, matching, one_of, sized

# Two regions between which the schemas hardly differ: a type that is missing in the first is in no other either.
_REGION = "us-east-1"


@dataclass(frozen=True)
class Property:
    """A property, as a node: all the schemas that have to hold for it at once."""

    schemas: tuple[Any, ...]
    document: Any
    """The whole schema, for what refers to its definitions."""
    source: str

    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for schema in self.schemas for rule in _rules(schema, self.source))

    def member(self, name: str, owner: str) -> Node | None:
        names = tuple(dict.fromkeys(each for schema in self.schemas for each in schema.get("properties", {})))
        found = member_of(names, name, owner)
        return self.step(found) if found else None

    def step(self, name: str) -> Node | None:
        if self.item():
            return self._of([schema["items"] for schema in self.schemas if "items" in schema]).step(name)
        found = [schema["properties"][name] for schema in self.schemas if name in schema.get("properties", {})]
        return self._of(found, f".{name}") if found else None

    def item(self) -> Node | None:
        items = [schema["items"] for schema in self.schemas if "items" in schema]
        return self._of(items) if items else None

    def entry(self) -> tuple[Node | None, Node | None] | None:
        values = [each for schema in self.schemas for each in schema.get("patternProperties", {}).values()]
        if values:
            return None, self._of(values)
        pair = self.item()
        key, value = (pair.step("Key"), pair.step("Value")) if pair else (None, None)
        return (key, value) if key and value else None

    def _of(self, schemas: list[Any], more: str = "") -> Property:
        return Property(tuple(_resolved(schemas, self.document)), self.document, f"{self.source}{more}")


@cache
def resource(kind: str) -> Property:
    """The properties of a resource type: `resource("AWS::ECS::Service")`."""
    schema = read(f"schemas/resources/{_types()[kind]}.json")
    return Property((schema,), schema, f"cfn-lint {kind}")


def regions() -> list[str]:
    """Every region that there are schemas of."""
    return sorted(each.stem for each in (_data() / "schemas" / "providers").glob("*-*-[0-9].json"))


@cache
def read(path: str) -> Any:
    """One of cfn-lint's data files."""
    return json.loads((_data() / path).read_text())


@cache
def _data() -> Path:
    # Not by import: cfn-lint pulls in a computer algebra system.
    spec = find_spec("cfnlint")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


def _types() -> dict[str, str]:
    types: dict[str, str] = read(f"schemas/providers/{_REGION}.json")
    return types


def _resolved(schemas: list[Any], document: Any) -> Iterator[Any]:
    """Schemas with the definitions that they refer to, and the parts that all have to hold, beside each other."""
    for schema in schemas:
        reference = schema.get("$ref")
        if reference is not None:
            target = document
            for step in reference.removeprefix("#/").split("/"):
                target = target[step]
            yield from _resolved([target], document)
        yield schema
        yield from _resolved(schema.get("allOf", []), document)
        # Of alternatives only the names are of use: which one is meant, the value alone does not tell.
        for alternative in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            yield from (_names(each) for each in _resolved([alternative], document))


def _names(schema: Any) -> Any:
    return {key: value for key, value in schema.items() if key in ("properties", "items", "patternProperties")}


def _rules(schema: Any, source: str) -> Iterator[Rule]:
    if schema.get("type") == "boolean":
        yield boolean(source)
    if "enum" in schema:
        yield one_of(*_both_spellings(schema["enum"]), source=source)
    if "pattern" in schema and (pattern := _searchable(schema["pattern"])):
        yield matching(pattern, source, allowed=f"a text like {schema['pattern']}")
    if "minimum" in schema or "maximum" in schema:
        yield between(schema.get("minimum"), schema.get("maximum"), source)
    if schema.get("minLength") or "maxLength" in schema:
        yield sized(schema.get("minLength"), schema.get("maxLength"), source)


def _both_spellings(words: list[Any]) -> Iterator[Any]:
    """Numbers also as texts, and the other way round: Terraform takes either."""
    for word in words:
        yield word
        if isinstance(word, int | float) and not isinstance(word, bool):
            yield str(word)
        elif isinstance(word, str) and word.isdecimal():
            yield int(word)
        if isinstance(word, str) and word.lower() in ("enabled", "disabled", "on", "off", "true", "false"):
            yield word.lower() in ("enabled", "on", "true")


def _searchable(pattern: str) -> str | None:
    """JSON Schema looks for a pattern anywhere in a text, unless it is anchored."""
    whole = pattern if pattern.startswith("^") else f"[\\s\\S]*(?:{pattern})"
    whole = whole if pattern.endswith("$") else f"(?:{whole})[\\s\\S]*"
    try:
        regex.compile(whole)
    except regex.error:
        return None
    return whole
