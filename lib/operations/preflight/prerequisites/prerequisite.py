"""What a prerequisite is: a sentence that holds where a stack can be made, and a function that says what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lib.operations.aws import Aws, Refused
from lib.operations.preflight.measure import State
from lib.operations.preflight.prerequisites.ownership import Ownership
from lib.operations.preflight.site import Site
from lib.operations.verify.run import unreadable


class DoesNotApply(Exception):  # noqa: N818 -- no error: the stack has no use for it
    """Raised by a prerequisite that the template has nothing for. Its text says so."""


@dataclass(frozen=True)
class Note:
    """Said by the way: no problem, and yet worth knowing."""

    text: str


@dataclass(frozen=True)
class Situation:
    """A planned stack, where it goes, and from where it is deployed."""

    site: Site
    ownership: Ownership
    path: str | None = None
    """Where programs are looked for."""
    of_state: Aws | None = None
    """Asks the region of the state's bucket; None where the state is none in S3."""


Find = Callable[[Situation], Iterator[str | Note]]


@dataclass(frozen=True)
class Prerequisite:
    name: str
    what: str
    """The sentence that holds."""
    find: Find


@dataclass(frozen=True)
class Outcome:
    """What came of a prerequisite."""

    prerequisite: Prerequisite
    state: State
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    """Why it is not known, not asked or does not apply."""
    refusal: Refused | None = None


@dataclass
class Registry:
    """Prerequisites in the order in which they are told."""

    all: list[Prerequisite] = field(default_factory=list)

    def add(self, name: str, what: str) -> Callable[[Find], Find]:
        def added(find: Find) -> Find:
            self.all.append(Prerequisite(name, what, find))
            return find

        return added


def outcome(prerequisite: Prerequisite, situation: Situation) -> Outcome:
    """Nothing that it comes upon is raised."""
    problems: list[str] = []
    notes: list[str] = []

    def ended(state: State, reason: str = "", refusal: Refused | None = None) -> Outcome:
        state = State.PROBLEM if problems else state
        return Outcome(prerequisite, state, tuple(problems), tuple(notes), reason, refusal)

    try:
        # One by one: what was found before an answer failed is told.
        for said in prerequisite.find(situation):
            if isinstance(said, Note):
                notes.append(said.text)
            else:
                problems.append(said)
    except DoesNotApply as nothing:
        return ended(State.NOT_APPLICABLE, str(nothing))
    except Refused as error:
        if situation.site.emulated and not error.is_denial:
            return ended(State.NEEDS_AWS, "the emulator does not answer")
        return ended(State.UNKNOWN, str(error), error)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return ended(State.UNKNOWN, unreadable(error))
    return ended(State.OK)
