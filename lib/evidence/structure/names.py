"""Names: every one is one that AWS takes and, in a stack of this project, carries the environment's suffix."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lib.evidence.reading import arguments, at, expressions, resources, suffix, text
from lib.evidence.structure.known_names import NAMED, TAGGED_WITHOUT_A_NAME, UNNAMED, Naming
from lib.evidence.template import Block, Template

_SCOPES = ("role", "api_id", "cluster", "vpc_id", "resource_id", "autoscaling_group_name", "region", "provider")
_IN_A_LOOP = re.compile(r"\b(each|count)\.")
_LONGEST_TAG = 256
"""https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""


def names_are_taken(template: Template) -> list[str]:
    """Every name is no longer than its kind may be, of its characters, and there once."""
    found = []
    for _, address, naming, name in _names(template):
        found += [f"{address}: {naming.argument} {name!r} {problem}" for problem in _wrong_name(name, naming)]
    return [*found, *_doubled(template)]


def _names(template: Template) -> Iterator[tuple[str, str, Naming, str]]:
    for kind, address, block in resources(template):
        for naming in NAMED.get(kind, ()):
            if name := text(block, naming.argument):
                yield kind, address, naming, name


def _wrong_name(name: str, naming: Naming) -> Iterator[str]:
    filled = _filled(name)
    if next(expressions(filled), None):
        return
    if len(filled) > naming.longest:
        yield f"is longer than {naming.longest}, see {naming.page}"
    elif not re.fullmatch(naming.pattern, filled):
        yield f"is not of the characters that AWS takes: {naming.pattern}, see {naming.page}"


def names_carry_the_suffix(template: Template) -> list[str]:
    """Every kind of resource is named in a way that is known, by the stack itself and not by AWS or Terraform, so that
    environments can stand side by side."""
    found = []
    for kind, address, block in resources(template):
        if kind not in NAMED and kind not in UNNAMED:
            found.append(f"{address}: known_names.py does not say how its kind is named")
        for naming in NAMED.get(kind, ()):
            if at(block, naming.argument) is None and not naming.is_optional:
                found.append(f"{address}: has no {naming.argument}, and AWS or Terraform would invent one")
    for _, address, naming, name in _names(template):
        filled = _filled(name)
        if next(expressions(filled), None):
            found.append(f"{address}: {naming.argument} {name!r} is of a length that nobody knows")
        if not _carries(filled, suffix(template)):
            found.append(f"{address}: {naming.argument} {name!r} does not carry the suffix {suffix(template)}")
    return found


def _carries(name: str, environment: str) -> bool:
    return re.search(rf"(^|[-/]){re.escape(environment)}([-/]|$)", name) is not None


def _filled(name: str) -> str:
    """The name with something as long as the real thing in place of what only Terraform knows."""
    name = re.sub(r"\$\{data\.aws_caller_identity\.\w+\.account_id\}", "1" * 12, name)
    return re.sub(r'\$\{formatdate\("(\w+)", timestamp\(\)\)\}', lambda match: "1" * len(match[1]), name)


def _doubled(template: Template) -> Iterator[str]:
    for kind, namings in NAMED.items():
        for naming in namings:
            names = Counter((*_scope(block), text(block, naming.argument)) for block in template.all(kind))
            for (*_, name), count in names.items():
                if name and count > 1 and not _IN_A_LOOP.search(name):
                    yield f"{count} of {kind} are called {name}"


def _scope(block: Block) -> tuple[str, ...]:
    """Within what a name is to be had once: a role, an API, a cluster, a region."""
    return tuple(text(block, each) for each in _SCOPES)


def everything_goes_by_a_name(template: Template) -> list[str]:
    """What has no name of its own has the tag Name; every such tag carries the suffix."""
    found = []
    for kind, address, block in resources(template):
        name = text(block, "tags.Name")
        is_due = kind in UNNAMED and kind not in TAGGED_WITHOUT_A_NAME and "tags" in arguments(kind)
        if not name and is_due:
            found.append(f"{address}: has neither a name nor the tag Name")
        if name and not (_carries(name, suffix(template)) and len(name) <= _LONGEST_TAG):
            found.append(f"{address}: the tag Name {name!r} does not carry the suffix, or is too long")
    return found
