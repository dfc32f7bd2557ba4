"""The values of a template: which of them AWS would refuse, and which nothing here could judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lib.evidence import documents
from lib.evidence.documents.metrics import OF_OUR_TABLE
from lib.evidence.finding import Finding
from lib.evidence.policies import document as policy
from lib.evidence.reading import blocks, decoded, is_of_tapstack, region_of
from lib.evidence.template import Block, Template
from lib.evidence.values import classes, parameters, together
from lib.evidence.values.arguments import own_rules
from lib.evidence.values.arguments.everywhere import TAG_NAME
from lib.evidence.values.literal import Judge, Literal
from lib.evidence.values.mapping import models
from lib.evidence.values.references import is_reference
from lib.evidence.values.rule import Rule
from lib.evidence.values.walk import literals

_NO_DOCUMENT = Rule("documents", "a JSON document", "https://www.rfc-editor.org/rfc/rfc8259", lambda _: False)


@dataclass
class Judgement:
    """What came out."""

    findings: list[Finding] = field(default_factory=list)
    literals: Counter[str] = field(default_factory=Counter)
    """Type -> how many texts, numbers and truth values it is told that are not wholly references."""
    unchecked: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Type and argument -> how many of these nothing is known of."""


def values_are_taken(template: Template) -> list[str]:
    """Every literal is one that AWS's models and documentation allow where it stands."""
    return [str(finding) for finding in judged(template).findings]


def judged(template: Template) -> Judgement:
    """Every literal of every resource, data source and ephemeral resource against all that is known of it."""
    judgement = Judgement()
    is_ours = is_of_tapstack(template)
    for kind, address, block in _told_to_aws(template):
        context = [*_in_context(kind, block, region_of(template, block))]
        alone = [*_alone(kind, block)]
        if not is_ours:
            context, alone = [*map(_of_others, context)], [*map(_of_others, alone)]
        _judge(judgement, address, kind, context, alone)
    return judgement


def _of_others(literal: Literal) -> Literal:
    """Without what only our table of metrics says against it: others may watch what it does not have."""
    rules = [rule for rule in literal.rules if rule.check != OF_OUR_TABLE or rule.accepts(literal.value)]
    return literal._replace(rules=tuple(rules))


def _told_to_aws(template: Template) -> Iterator[tuple[str, str, Block]]:
    for address, block in blocks(template).items():
        kind = address.rpartition(".")[0]
        if kind != "local":
            yield kind, address, block
    for block in template.document.get("provider", {}).get("aws", []):
        yield "provider.aws", "provider.aws", block


def _judge(judgement: Judgement, address: str, kind: str, in_context: list[Literal], alone: list[Literal]) -> None:
    context = [literal for literal in in_context if not _is_reference(literal.value)]
    found = [finding for literal in context for finding in _findings(address, literal)]
    judged_in_context = {literal.path for literal in context} - {each.path for each in context if not each.rules}
    for literal in alone:
        if _is_reference(literal.value):
            continue
        found += _findings(address, literal)
        if not literal.is_name:
            judgement.literals[kind] += 1
            if _is_free(kind, literal) and literal.path not in judged_in_context:
                judgement.unchecked[kind, literal.path] += 1
    judgement.findings += _once(found)


def _once(found: list[Finding]) -> Iterator[Finding]:
    """Of what is said of one value, each once: what stands around it and a model may say the same."""
    said: set[tuple[str, str, str]] = set()
    for finding in found:
        words = finding.check, finding.argument, repr(finding.value)
        if words not in said:
            said.add(words)
            yield finding


def _in_context(kind: str, block: Block, region: str | None) -> Iterator[Literal]:
    """What only the other arguments of the block, or its region, can tell."""
    yield from classes.literals(kind, block, region)
    yield from parameters.literals(kind, block)
    yield from together.literals(kind, block, region)
    if kind in documents.BLOCK_JUDGES:
        yield from documents.BLOCK_JUDGES[kind](block)


def _alone(kind: str, block: Block) -> Iterator[Literal]:
    """Every literal with what is known of it by itself; a JSON document's in place of its text."""
    for literal in literals(kind, {name: value for name, value in block.items() if name != "//"}, models(kind)):
        document = decoded(literal.value)
        if "tags." in literal.path:
            yield Literal(literal.path, literal.path.rpartition("tags.")[2], TAG_NAME, is_name=True)
        judge = _judge_of(kind, literal.path, document)
        if document is None and (kind, literal.path) in documents.JUDGES:
            yield literal._replace(rules=(_NO_DOCUMENT,))
        elif judge is None:
            yield literal._replace(rules=(*literal.rules, *own_rules(kind, literal.path)))
        else:
            yield from judge(document, literal.path)


def _judge_of(kind: str, path: str, document: Any) -> Judge | None:
    if document is None:
        return None
    if isinstance(document, dict) and "Statement" in document:
        return policy.judge
    return documents.JUDGES.get((kind, path))


def _is_free(kind: str, literal: Literal) -> bool:
    """Whether any text, or anything at all, is as right as another. That it is a text says nothing of what it says."""
    return not literal.rules or (kind, literal.path) in documents.FREE_TEXTS


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and is_reference(value)


def _findings(address: str, literal: Literal) -> Iterator[Finding]:
    """What a literal breaks, once for each check: two models often say the same."""
    broken: dict[str, list[Rule]] = {}
    for rule in literal.rules:
        if not rule.accepts(literal.value):
            broken.setdefault(rule.check, []).append(rule)
    for check, rules in broken.items():
        allowed = " and ".join(dict.fromkeys(rule.allowed for rule in rules))
        source = ", ".join(rule.source for rule in rules)
        what = f"{literal.path} is {literal.value!r}, and AWS takes {allowed} ({source})"
        yield Finding(check, address, what, literal.path, literal.value, allowed, source)
