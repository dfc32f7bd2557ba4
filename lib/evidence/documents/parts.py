"""What JSON documents are made of: tables, lists and single values, put together as a page of AWS describes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import regex
from botocore.loaders import Loader

from lib.evidence.values.literal import Judge, Literal
from lib.evidence.values.references import filled, is_reference
from lib.evidence.values.rule import Rule, as_number, one_of


def single(*rules: Rule) -> Judge:
    """A text, number or truth value."""

    def judge(document: Any, path: str) -> Iterator[Literal]:
        if isinstance(document, dict | list):
            yield wrong(path, document, "a single value", rules[0].source if rules else "")
        elif document is not None and not (isinstance(document, str) and is_reference(document)):
            yield Literal(path, document, rules)

    return judge


def table(source: str, members: Mapping[str, Judge], *required: str) -> Judge:
    """A table of these members and of no other; without one that is required it is wrong."""

    def judge(document: Any, path: str) -> Iterator[Literal]:
        if not isinstance(document, dict):
            yield from _unless_reference(path, document, "a table", source)
            return
        for name, value in document.items():
            below = f"{path}.{name}" if path else name
            if name not in members:
                yield wrong(below, name, f"nothing but {', '.join(members)}", source)
            yield from members.get(name, unknown)(value, below)
        for name in required:
            if document.get(name) is None:
                yield wrong(f"{path}.{name}" if path else name, None, f"a table with {name} in it", source)

    return judge


def items(source: str, each: Judge, least: int = 0, most: int | None = None) -> Judge:
    """A list of so many items. They stand at the path of the list itself."""

    def judge(document: Any, path: str) -> Iterator[Literal]:
        if not isinstance(document, list):
            yield from _unless_reference(path, document, "a list", source)
            return
        if len(document) < least or (most is not None and len(document) > most):
            span = f"at least {least}" if most is None else f"{least} to {most}"
            yield wrong(path, f"a list of {len(document)}", f"a list of {span}", source)
        for item in document:
            yield from each(item, path)

    return judge


def unknown(document: Any, path: str) -> Iterator[Literal]:
    """The literals of what nothing is known of."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from unknown(value, f"{path}.{name}")
    elif isinstance(document, list):
        for value in document:
            yield from unknown(value, path)
    else:
        yield from single()(document, path)


def wrong(path: str, value: Any, allowed: str, source: str) -> Literal:
    """What is wrong as a whole: a name, a list, a table. It is judged, and no literal."""
    return Literal(path, value, (Rule("documents", allowed, source, lambda _: False),), is_name=True)


def _unless_reference(path: str, document: Any, allowed: str, source: str) -> Iterator[Literal]:
    if not (isinstance(document, str) and is_reference(document)):
        yield wrong(path, document, allowed, source)


def tables(block: Any, *names: str) -> Iterator[Any]:
    """The blocks at a path of arguments, whether one stands there or a list of them."""
    if not names:
        yield from (each for each in (block if isinstance(block, list) else [block]) if isinstance(each, dict))
        return
    for each in tables(block):
        yield from tables(each.get(names[0]), *names[1:])


def free_text(source: str) -> Rule:
    """A text that AWS says nothing else of."""
    return Rule("types", "a text", source, lambda value: isinstance(value, str))


def truth(source: str) -> Rule:
    return one_of(True, False, source=source, check="types")


def number(
    source: str, least: float = -math.inf, most: float = math.inf, *, whole: bool = False, spelled: bool = False
) -> Rule:
    """A number within bounds, both of which are allowed; a text that spells one only where Terraform reads it first."""
    bounds = [f"from {least:g}"] * (least > -math.inf) + [f"to {most:g}"] * (most < math.inf)

    def accepts(value: Any) -> bool:
        found = as_number(value) if spelled or not isinstance(value, str) else None
        if found is None or not math.isfinite(found):
            return False
        return least <= found <= most and (not whole or found == int(found))

    return Rule("ranges", " ".join(["a whole number" if whole else "a number", *bounds]), source, accepts)


def like(pattern: str, source: str, allowed: str, check: str = "patterns") -> Rule:
    """A text that matches from its first character to its last, whatever Terraform will put into it."""
    compiled = regex.compile(pattern)
    return where(lambda text: compiled.fullmatch(text) is not None, source, allowed, check)


def where(fits: Callable[[str], bool], source: str, allowed: str, check: str) -> Rule:
    """A text of which that is true, with samples for what Terraform will put into it."""
    return Rule(check, allowed, source, lambda value: isinstance(value, str) and fits(filled(value)))


@cache
def region() -> Rule:
    """A region of AWS's, of any partition."""
    partitions = Loader().load_data("partitions")["partitions"]
    names = [name for each in partitions for name in each["regions"] if not name.endswith("-global")]
    return one_of(*names, source="botocore partitions")


def arn(service: str, resource: str, source: str) -> Rule:
    """The ARN of a service's resource, the last part of which is a pattern."""
    return like(rf"arn:aws[a-z-]*:{service}:[a-z0-9-]+:\d{{12}}:{resource}", source, f"an ARN of {service}")
