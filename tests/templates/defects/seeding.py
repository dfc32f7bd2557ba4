"""How a defect is seeded: a copy of a good template with one thing broken."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lib.evidence.checks import CHECKS, CHECKS_OF_SETTINGS, CONVENTIONS, Check, CheckOfSettings
from lib.evidence.values.judgement import values_are_taken
from tests.template import Block, Template
from tests.templates.samples import sample

_SLOW = (values_are_taken,)
"""Asked last, when no other check has said anything."""

Seed = Callable[[Template], object]

EVERY_CHECK: tuple[Check | CheckOfSettings, ...] = (*CHECKS, *CONVENTIONS, *CHECKS_OF_SETTINGS)


@dataclass(frozen=True)
class Defect:
    """`seed` breaks the template of a sample; one of the findings of `check` then contains `names`."""

    check: Check | CheckOfSettings
    seed: Seed
    names: str
    sample: str

    def findings(self) -> list[str]:
        """What the check says of the broken template."""
        return self._said_by(self.check, self._broken())

    def only_it_finds(self) -> bool:
        """Whether the check says something of the broken template, and no other does."""
        broken = self._broken()
        others = sorted((each for each in EVERY_CHECK if each is not self.check), key=_SLOW.__contains__)
        return bool(self._said_by(self.check, broken)) and not any(self._said_by(each, broken) for each in others)

    def _broken(self) -> Template:
        broken = Template(copy.deepcopy(sample(self.sample).template.document))
        self.seed(broken)
        return broken

    def _said_by(self, check: Check | CheckOfSettings, broken: Template) -> list[str]:
        settings = sample(self.sample).settings
        of_template = [each(broken) for each in (*CHECKS, *CONVENTIONS) if each is check]
        of_settings = [each(broken, settings) for each in CHECKS_OF_SETTINGS if each is check]
        (said,) = of_template + of_settings
        return said


DEFECTS: list[Defect] = []


def breaks(check: Check | CheckOfSettings, names: str, sample: str = "catalog-prod") -> Callable[[Seed], Seed]:
    """Marks a function that seeds a defect."""

    def register(seed: Seed) -> Seed:
        DEFECTS.append(Defect(check, seed, names, sample))
        return seed

    return register


def first(template: Template, kind: str, **arguments: object) -> Block:
    return template.where(kind, **arguments)[0]


def validator(template: Template) -> Block:
    """The function of the settings, beside that which rotates the database's password."""
    return next(each for each in template.all("aws_lambda_function") if each["function_name"].endswith("-validator"))


def copied(template: Template, kind: str, **changes: object) -> Block:
    """A second one of a kind, like the first but for the changes."""
    another = copy.deepcopy(template.all(kind)[0]) | changes
    template.named(kind)["another"] = another
    return another


def remove(template: Template, kind: str, block: Block) -> None:
    named = template.named(kind)
    del named[next(name for name, each in named.items() if each is block)]


@contextmanager
def text_of(block: Block, argument: str) -> Iterator[Any]:
    """What a JSON text says, to be changed in place."""
    document = json.loads(block[argument])
    yield document
    block[argument] = json.dumps(document)


@contextmanager
def statement(template: Template, kind: str, sid: str, argument: str = "policy") -> Iterator[Block]:
    """The statement of that id in the first policy of a kind that has it."""
    block = next(each for each in template.all(kind) if f'"{sid}"' in each[argument])
    with text_of(block, argument) as document:
        yield next(each for each in document["Statement"] if each["Sid"] == sid)
