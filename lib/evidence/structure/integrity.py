"""Whether a template says what was meant: nothing lost, nothing leaked, everything that is named there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from lib import responder
from lib.components.text import literal
from lib.evidence.reading import (
    Leaf,
    Reference,
    awaited,
    binding,
    blocks,
    keys,
    leaves,
    references,
    suffix,
    tables,
    text,
    text_table,
    uses,
)
from lib.evidence.template import Template

EMPTY_ON_PURPOSE = {
    "aws_default_security_group ingress": "no rule at all: that is what closes it",
    "aws_default_security_group egress": "no rule at all: that is what closes it",
    "aws_s3_bucket_lifecycle_configuration rule[].filter[]": "every object; without the block S3 refuses the rule",
    "aws_wafv2_web_acl default_action.allow": "the block's presence is its meaning",
    "aws_wafv2_web_acl rule[].override_action.none": "the block's presence is its meaning",
    "aws_wafv2_web_acl rule[].action.block": "the block's presence is its meaning",
    "aws_wafv2_web_acl rule[].statement.managed_rule_group_statement.rule_action_override[].action_to_use.count": (
        "the block's presence is its meaning"
    ),
    "data.aws_caller_identity": "takes no argument",
    "data.aws_partition": "takes no argument",
}
"""Kind of block and path -> why nothing is there."""

_SCOPES = ("self", "each", "count", "path", "terraform")
"""What an expression may speak of besides blocks."""

_LEAK = re.compile(
    r"""TfToken\[ | \bTOKEN\b | Token\[ | <jsii | \[object[ ]Object\] | \bundefined\b | \bNaN\b
    | \bNone\b | <(lib|cdktf|constructs|class|function|bound)\b | [ ]object[ ]at[ ]0x
    | \bdict_(keys|values|items)\( """,
    re.VERBOSE,
)
"""What a token, a JavaScript object or a Python object looks like where its value should be."""

_LARGEST = 1e100
"""CDKTF writes number tokens as numbers beyond this."""

COMMON_TAGS = ("Environment", "EnvironmentSuffix", "Project", "ManagedBy")
TERRAFORM = re.compile(r">= 1\.(1[1-9]|[2-9][0-9])\.[0-9]+")
"""1.11 is the first with write-only arguments.
https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only"""


def nothing_is_empty(template: Template) -> list[str]:
    """No table, list or value is there without anything in it: that is what a struct lost on the way leaves."""
    found = []
    for address, block in blocks(template).items():
        kind = address.rpartition(".")[0]
        for path in sorted({leaf.path for leaf in leaves(block) if leaf.value in ({}, [], None)}):
            if f"{kind} {path}".strip() not in EMPTY_ON_PURPOSE:
                found.append(f"{address}: {path or 'the block'} is empty")
    return found


def no_token_is_leaked(template: Template) -> list[str]:
    """No value is the placeholder or the Python or JavaScript object that should have become the value."""
    sections = {key: value for key, value in template.document.items() if key != "//"}
    values = [(leaf.path, _without_program(leaf.value)) for leaf in leaves(sections)]
    values += [("a key", key) for key in keys(sections)]
    return [f"{path}: {value!r} is no value" for path, value in values if _is_leaked(value)]


def _without_program(value: Any) -> Any:
    """A text without the built-in application, in which None has its place."""
    return value.replace(literal(responder.COMMAND[-1]), "") if isinstance(value, str) else value


def _is_leaked(value: Any) -> bool:
    if isinstance(value, str):
        return _LEAK.search(value) is not None
    return isinstance(value, int | float) and abs(value) > _LARGEST


def references_resolve(template: Template) -> list[str]:
    """Everything that expressions and `depends_on` name is there, has that attribute, and is text where text is due."""
    known = blocks(template)
    found = []
    for address, block in {**known, "output": template.outputs}.items():
        for leaf in leaves(block):
            found += [f"{address}: waits for {each}, which is not there" for each in awaited(leaf) if each not in known]
            found += [f"{address}: {leaf.path} {problem}" for problem in _wrong_references(leaf, known)]
    return found


def _wrong_references(leaf: Leaf, known: Mapping[str, Any]) -> Iterator[str]:
    for reference in references(leaf):
        name = f"{reference.address}.{reference.attribute or '?'}"
        if reference.address.partition(".")[0] in _SCOPES:
            continue
        if reference.address not in known:
            yield f"names {name}, which is not there"
        elif not _has_attribute(reference):
            yield f"names {name}: there is no such attribute"
        elif reference.in_text and reference.is_all and _is_collection(reference):
            yield f"has {name} in a text: it is a list or table, which fails in the middle of an apply"


@cache
def _properties(kind: str) -> dict[str, Any] | None:
    """What a kind of resource can be asked for, by its name without `_`, which Terraform and Python set differently."""
    found = binding(kind)
    return {name.replace("_", ""): getattr(found, name) for name in dir(found)} if found else None


def _property(reference: Reference) -> Any:
    found = _properties(reference.address.rpartition(".")[0]) or {}
    return found.get((reference.attribute or "").replace("_", ""))


def _has_attribute(reference: Reference) -> bool:
    is_known = _properties(reference.address.rpartition(".")[0]) is not None
    return not is_known or reference.attribute is None or isinstance(_property(reference), property)


def _is_collection(reference: Reference) -> bool:
    found = _property(reference)
    return isinstance(found, property) and re.search("List|Map", str(found.fget.__annotations__["return"])) is not None


def nothing_waits_for_itself(template: Template) -> list[str]:
    """No block waits for one that waits for it, by reference or by `depends_on`."""
    known = blocks(template)
    waits_for = {address: sorted({used for used in uses(block) if used in known}) for address, block in known.items()}
    try:
        TopologicalSorter(waits_for).prepare()
    except CycleError as error:
        return [" waits for ".join(reversed(error.args[1]))]
    return []


def template_says_whose_it_is(template: Template) -> list[str]:
    """One provider with a region and the common tags, one state of the environment's own, versions that fit."""
    terraform = template.document.get("terraform", {})
    return [*_wrong_provider(template), *_wrong_versions(terraform), *_wrong_backend(terraform, suffix(template))]


def _wrong_provider(template: Template) -> Iterator[str]:
    providers = template.document.get("provider", {})
    of_aws = providers.get("aws", [])
    if len(of_aws) != 1 or len(providers) != 1:
        yield "there is another provider" if of_aws else "there is no provider"
    for each in of_aws[:1]:
        if not text(each, "region"):
            yield "the provider has no region"
        tags = text_table(each, "default_tags.tags")
        yield from (f"default tags have no {tag}" for tag in COMMON_TAGS if not tags.get(tag))


def _wrong_versions(terraform: Any) -> Iterator[str]:
    if not TERRAFORM.fullmatch(text(terraform, "required_version")):
        yield "required_version takes a Terraform without write-only arguments"
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", text(terraform, "required_providers.aws.version")):
        yield "the provider's version is not one version"


def _wrong_backend(terraform: Any, environment: str) -> Iterator[str]:
    kinds = [kind for each in tables(terraform, "backend") for kind in each]
    if len(kinds) != 1:
        yield f"there are {len(kinds)} backends"
    for kind in kinds:
        backend = (tables(terraform, f"backend.{kind}") or [{}])[0]
        if kind not in ("local", "s3"):
            yield f"nobody has thought about backend {kind}"
        place = text(backend, "key" if kind == "s3" else "path")
        if not environment or environment not in place:
            yield f"the state's place {place!r} is not the environment's own"
        if kind == "s3":
            yield from (f"backend has no {each}" for each in ("bucket", "region") if not text(backend, each))
            yield from (f"backend: {each} is off" for each in ("encrypt", "use_lockfile") if not backend.get(each))
