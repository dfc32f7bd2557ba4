"""How a defect is seeded: a copy of a good template with one thing broken."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.template import Block, Template
from tests.templates.lint import CHECKS, CHECKS_OF_SETTINGS, Check, CheckOfSettings
from tests.templates.samples import sample

Seed = Callable[[Template], object]


@dataclass(frozen=True)
class Defect:
    """`seed` breaks the template of a sample; one of the findings of `check` then contains `names`."""

    check: Check | CheckOfSettings
    seed: Seed
    names: str
    sample: str

    def findings(self) -> list[str]:
        """What the check says of the broken template."""
        whole = sample(self.sample)
        broken = Template(copy.deepcopy(whole.template.document))
        self.seed(broken)
        alone = [check(broken) for check in CHECKS if check is self.check]
        against_settings = [check(broken, whole.settings) for check in CHECKS_OF_SETTINGS if check is self.check]
        (found,) = alone + against_settings
        return found


DEFECTS: list[Defect] = []


def breaks(check: Check | CheckOfSettings, names: str, sample: str = "catalog-prod") -> Callable[[Seed], Seed]:
    """Marks a function that seeds a defect."""

    def register(seed: Seed) -> Seed:
        DEFECTS.append(Defect(check, seed, names, sample))
        return seed

    return register


def first(template: Template, kind: str, **arguments: object) -> Block:
    return template.where(kind, **arguments)[0]


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
