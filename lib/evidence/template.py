"""The synthesized JSON, asked by resource type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn, Self, cast

Block = dict[str, Any]

LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "output": 1,
    "provider": 1,
    "variable": 1,
    "locals": 0,
    "terraform": 0,
}
"""Section -> how many names lead to a block in it.
https://developer.hashicorp.com/terraform/language/syntax/json"""

_COMMENT = "//"
_DEEPEST = 100
"""Nobody nests so much, and Python follows a few hundred levels."""
_WHAT_TO_GIVE = "give a synthesized Terraform template, such as the cdk.tf.json that `cdktf synth` writes"


class UnusableTemplate(ValueError):  # noqa: N818 -- It is what was given, not what went wrong.
    """What was given is no template that can be judged."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
        """All that is wrong with it, a sentence each."""


class Template:
    """A template's resources. Exactly one of a type: `only`; those with certain arguments: `where`; all: `all`."""

    def __init__(self, document: Block) -> None:
        self.document = document

    @classmethod
    def of_text(cls, text: str) -> Self:
        """The template that a JSON text says. Raises UnusableTemplate."""
        return cls(_usable(_document(text)))

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


def read(path: Path) -> Template:
    """The template in a file. Raises UnusableTemplate, which says all that is wrong with the file."""
    try:
        return Template.of_text(path.read_text(encoding="utf-8"))
    except UnusableTemplate as error:
        raise UnusableTemplate(*(f"{path}: {each}" for each in error.sentences)) from error
    except UnicodeDecodeError as error:
        raise UnusableTemplate(f"{path}: is no text in UTF-8: {_WHAT_TO_GIVE}") from error
    except IsADirectoryError as error:
        raise UnusableTemplate(f"{path}: is a folder: give the file cdk.tf.json in it") from error
    except FileNotFoundError as error:
        raise UnusableTemplate(f"{path}: is not there") from error
    except OSError as error:
        raise UnusableTemplate(f"{path}: cannot be read: {error.strerror}") from error


def _document(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise UnusableTemplate(f"is nested deeper than {_DEEPEST} levels") from error
    except ValueError as error:
        raise UnusableTemplate(f"is no JSON ({error}): {_WHAT_TO_GIVE}") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _usable(document: Any) -> Block:
    """The document with its sections in the one form that everything here reads: names lead to tables, and provider
    names to lists of them. Terraform takes lists of tables wherever a table may stand."""
    if not isinstance(document, dict):
        raise UnusableTemplate(f"is {_kind_of(document)}, not a table of sections: {_WHAT_TO_GIVE}")
    if other := _something_else(document):
        raise UnusableTemplate(other)
    if is_deeper(document, _DEEPEST):
        raise UnusableTemplate(f"is nested deeper than {_DEEPEST} levels")
    if not document.keys() & LABELS.keys():
        raise UnusableTemplate(f"has none of the sections {', '.join(LABELS)}: {_WHAT_TO_GIVE}")
    wrong: list[str] = []
    usable = dict(document)
    for section in [each for each in document if each in LABELS]:
        usable[section] = _blocks(document[section], LABELS[section], section, wrong)
    if wrong:
        raise UnusableTemplate(*wrong)
    return usable


def _blocks(value: Any, labels: int, path: str, wrong: list[str]) -> Any:
    tables = _tables(value, path, wrong)
    if path.startswith("provider."):
        return tables
    found: Block = {}
    for table in tables:
        for name, inner in table.items():
            if labels == 0:
                found[name] = inner
            elif name != _COMMENT and inner is not None:
                under = _blocks(inner, labels - 1, f"{path}.{name}", wrong)
                found[name] = _together(found[name], under) if name in found else under
    return found


def _together(one: Any, other: Any) -> Any:
    return [*one, *other] if isinstance(one, list) else {**one, **other}


def _tables(value: Any, path: str, wrong: list[str]) -> list[Block]:
    values = value if isinstance(value, list) else [value]
    wrong += [f"{path}: is {_kind_of(each)}, not a table" for each in values if not isinstance(each, dict | None)]
    return [each for each in values if isinstance(each, dict)]


def _something_else(document: Block) -> str | None:
    """What a document is that people take for a template."""
    if "AWSTemplateFormatVersion" in document or isinstance(document.get("Resources"), dict):
        return f"looks like a template of CloudFormation: {_WHAT_TO_GIVE}"
    if isinstance(stacks := document.get("stacks"), dict):
        paths = [each.get("synthesizedStackPath") for each in stacks.values() if isinstance(each, dict)]
        named = ", ".join(each for each in paths if isinstance(each, str)) or "stacks/<name>/cdk.tf.json"
        return f"looks like CDKTF's manifest.json: give a template that it names ({named})"
    if document.keys() & {"planned_values", "resource_changes"}:
        return "looks like a plan (`terraform show -json`): give the template that was planned"
    if "terraform_version" in document and document.keys() & {"resources", "lineage", "values"}:
        return "looks like a state file: give the template that was applied"
    return None


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "a truth value"
    names = {list: "a list", str: "a text", int: "a number", float: "a number"}
    return names.get(type(value), "nothing")


def is_deeper(value: Any, most: int) -> bool:
    """Whether tables and lists are nested in a value by more levels than that."""
    level = [value]
    for _ in range(most):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
    return any(isinstance(each, dict | list) for each in level)
