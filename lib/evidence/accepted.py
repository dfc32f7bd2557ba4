"""What checkov finds and is right as it is: accepted.toml, an entry a decision, with a reason for a security reviewer.

An entry speaks of one policy and of resources by kind and construct id, `*` for what users name: the hash that CDKTF
puts behind an id is left out. Where what it lets pass is a matter of cost it names the tiers that it is for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from lib.evidence.finding import Finding
from lib.evidence.reading import default_tags
from lib.evidence.template import Template
from lib.settings.base import EachOnce
from lib.settings.model import Tier

LIST = Path(__file__).parent / "accepted.toml"

_HASH = re.compile(r"_[0-9A-F]{8}$")
_Pattern = Annotated[str, Field(pattern=r"^(data\.)?aws_[a-z0-9_]+\.[a-z0-9_*]+$")]


def _one_at_least(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("must name one at least")
    return values


class AcceptedError(Exception):
    """A list of accepted findings that cannot be used. Its text names every wrong value."""


class Accepted(BaseModel):
    """One decision to leave something as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: Annotated[str, Field(pattern=r"^CKV2?_AWS_[0-9]+$")]
    """The policy's id."""
    resources: Annotated[tuple[_Pattern, ...], AfterValidator(_one_at_least), EachOnce]
    """`aws_lb.load_balancer_alb`, `aws_cloudwatch_log_group.*_function_log_group`."""
    tiers: Annotated[tuple[Tier, ...], AfterValidator(_one_at_least), EachOnce] | None = None
    """The tiers that it is for; all when left out."""
    reason: Annotated[str, Field(min_length=80)]
    """Why it is right, and what stands in for what the policy asks for."""
    page: Annotated[str, Field(pattern=r"^https://\S+$")] | None = None
    """The vendor's page that the reason leans on."""

    def covers(self, finding: Finding, tier: str | None) -> bool:
        """Whether it lets a finding pass in a template of that tier; None for a template that has none."""
        return any(self.covers_by(pattern, finding, tier) for pattern in self.resources)

    def covers_by(self, pattern: str, finding: Finding, tier: str | None) -> bool:
        in_tier = self.tiers is None or tier in self.tiers
        return in_tier and finding.check == self.check and fnmatchcase(_HASH.sub("", finding.resource), pattern)


def load(path: Path = LIST) -> tuple[Accepted, ...]:
    """The entries of a list, `[[accepted]]` each. Raises AcceptedError."""
    try:
        document = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise AcceptedError(f"{path}: {error}") from None
    entries = document.pop("accepted", [])
    wrong = [f"{key}: is not known here; entries are called [[accepted]]" for key in document]
    if not isinstance(entries, list):
        entries, wrong = [], [*wrong, "accepted: must be [[accepted]], a list of tables"]
    accepted = []
    for number, entry in enumerate(entries, 1):
        try:
            accepted.append(Accepted.model_validate(entry))
        except ValidationError as error:
            wrong += _sentences(f"entry {number}", error)
    if wrong:
        count = "1 value is" if len(wrong) == 1 else f"{len(wrong)} values are"
        raise AcceptedError("\n".join([f"{path}: {count} wrong", *(f"  {each}" for each in wrong)]))
    return tuple(accepted)


def _sentences(entry: str, error: ValidationError) -> Iterator[str]:
    for each in error.errors():
        where = ", ".join([entry, *map(str, each["loc"])])
        yield f"{where}: {each['msg'].removeprefix('Value error, ')}" + (
            "" if each["type"] == "missing" else f" (is {each['input']!r})"
        )


def unlisted(
    templates: Mapping[str, Template], found: Mapping[str, Sequence[Finding]], accepted: Sequence[Accepted]
) -> dict[str, list[Finding]]:
    """Name of a template -> the findings in it that no entry lets pass."""
    return {
        name: [each for each in findings if not any(entry.covers(each, tier_of(templates[name])) for entry in accepted)]
        for name, findings in found.items()
    }


def stale(
    templates: Mapping[str, Template], found: Mapping[str, Sequence[Finding]], accepted: Sequence[Accepted]
) -> list[str]:
    """What no template needs any more: a sentence for each pattern, and for each tier, that nothing is found by.

    To be asked about all that the list is for, every blueprint in every tier: in fewer templates there is less.
    """
    of_tiers = [(tier_of(templates[name]), each) for name, findings in found.items() for each in findings]
    sentences = []
    for entry in accepted:
        for pattern in entry.resources:
            tiers = {tier for tier, each in of_tiers if entry.covers_by(pattern, each, tier)}
            missing = [tier for tier in entry.tiers or () if tier not in tiers]
            if not tiers:
                sentences.append(f"{entry.check}: nothing is found any more at {pattern}")
            elif missing:
                sentences.append(f"{entry.check}: nothing is found any more at {pattern} in {', '.join(missing)}")
    return sentences


def tier_of(template: Template) -> str | None:
    """The tier of a template as the stack tags everything with it; None for a template without."""
    return default_tags(template).get("Environment")
