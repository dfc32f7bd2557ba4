"""Names: every one carries the environment's suffix and is one that AWS takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lib.evidence.reading import arguments, at, expressions, resources, suffix
from lib.evidence.structure.known_names import NAMED, TAGGED_WITHOUT_A_NAME, UNNAMED, Naming
from lib.evidence.template import Template

_LONGEST_TAG = 256
"""https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""


def names_are_taken(template: Template) -> list[str]:
    """Every name has the suffix in it, is no longer than its kind may be, of its characters, and there once."""
    found = []
    for kind, address, block in resources(template):
        if kind not in NAMED and kind not in UNNAMED:
            found.append(f"{address}: known_names.py does not say how its kind is named")
        for naming in NAMED.get(kind, ()):
            name = at(block, naming.argument)
            if name is None and not naming.is_optional:
                found.append(f"{address}: has no {naming.argument}, and AWS or Terraform would invent one")
            elif name is not None:
                problems = _wrong_name(name, naming, suffix(template))
                found += [f"{address}: {naming.argument} {name!r} {problem}" for problem in problems]
    return [*found, *_doubled(template)]


def _wrong_name(name: str, naming: Naming, environment: str) -> Iterator[str]:
    filled = _filled(name)
    if next(expressions(filled), None):
        yield "is of a length that nobody knows"
    elif len(filled) > naming.longest:
        yield f"is longer than {naming.longest}"
    elif not re.fullmatch(naming.pattern, filled):
        yield f"is not of the characters that AWS takes: {naming.pattern}"
    if not _carries(filled, environment):
        yield f"does not carry the suffix {environment}"


def _carries(name: str, environment: str) -> bool:
    return re.search(rf"(^|[-/]){re.escape(environment)}([-/]|$)", name) is not None


def _filled(name: str) -> str:
    """The name with something as long as the real thing in place of what only Terraform knows."""
    name = re.sub(r"\$\{data\.aws_caller_identity\.\w+\.account_id\}", "1" * 12, name)
    return re.sub(r'\$\{formatdate\("(\w+)", timestamp\(\)\)\}', lambda match: "1" * len(match[1]), name)


def _doubled(template: Template) -> Iterator[str]:
    for kind, namings in NAMED.items():
        for naming in namings:
            names = Counter(at(block, naming.argument) for block in template.all(kind))
            yield from (f"{count} of {kind} are called {name}" for name, count in names.items() if name and count > 1)


def everything_goes_by_a_name(template: Template) -> list[str]:
    """What has no name of its own has the tag Name; every such tag carries the suffix."""
    found = []
    for kind, address, block in resources(template):
        name = block.get("tags", {}).get("Name")
        is_due = kind in UNNAMED and kind not in TAGGED_WITHOUT_A_NAME and "tags" in arguments(kind)
        if name is None and is_due:
            found.append(f"{address}: has neither a name nor the tag Name")
        if name is not None and not (_carries(name, suffix(template)) and len(name) <= _LONGEST_TAG):
            found.append(f"{address}: the tag Name {name!r} does not carry the suffix, or is too long")
    return found
