"""How moto is given what it lacks: operations that it has not, members that it takes and forgets.

Each extension says why it is there. An operation that moto has learnt by itself stops the server when it starts; for
the other extensions, tests/localaws asks the same of moto with and without them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores


class Learnt(Exception):  # noqa: N818 -- no failure: moto has become better
    """Moto has by now what an extension adds: the extension is to be taken out."""


@dataclass(frozen=True, slots=True)
class Added:
    """An operation, or a method of a model, that moto does not have."""

    target: type
    method: Callable[..., Any]
    reason: str
    live: bool = False
    """Whether it is what a member is read from, in the place of a value that is set once."""

    @property
    def name(self) -> str:
        return self.method.__name__

    def apply(self) -> None:
        if hasattr(self.target, self.name):
            raise Learnt(f"{self.target.__module__}.{self.target.__name__}.{self.name} exists")
        setattr(self.target, self.name, property(self.method, _ignore) if self.live else self.method)


def _ignore(_: object, value: object) -> None:
    """What moto sets is read anew each time."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A method that does what moto's does, and what that leaves out. `by` makes it of moto's."""

    target: Any
    name: str
    by: Callable[[Callable[..., Any]], Callable[..., Any]]
    reason: str

    def apply(self) -> None:
        setattr(self.target, self.name, self.by(getattr(self.target, self.name)))


@dataclass(frozen=True, slots=True)
class Routed:
    """An address that moto does not answer at."""

    paths: dict[str, Any]
    pattern: str
    handler: Callable[..., Any]
    reason: str

    @property
    def name(self) -> str:
        return self.pattern

    def apply(self) -> None:
        if self.pattern in self.paths:
            raise Learnt(self.pattern)
        self.paths[self.pattern] = self.handler


Extension = Added | Mended | Routed


def keeping(path: str, *members: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For an operation whose answer holds the object, at `path`: the object keeps `members` of the input that moto
    forgets; `member=other` where AWS shows it under another name.

    Moto's models are plain objects, and its answers are written from what they have: a member that is set is shown.
    """
    pairs = [(member, shown or member) for member, _, shown in (each.partition("=") for each in members)]

    def by(original: Callable[..., Any]) -> Callable[..., Any]:
        def operation(self: Any) -> Any:
            answer = original(self)
            thing, given = thing_in(answer, path), self._get_params()
            for member, shown in pairs:
                value = given.get(member)
                if value is not None:
                    put(thing, shown, value)
            return answer

        return operation

    return by


def thing_in(answer: ActionResult, path: str) -> Any:
    thing: Any = answer.result
    for step in path.split(".") if path else ():
        thing = thing[step] if isinstance(thing, dict) else getattr(thing, step)
    return thing


def put(thing: Any, member: str, value: Any) -> None:
    if isinstance(thing, dict):
        thing[member] = value
    else:
        setattr(thing, camelcase_to_underscores(member), value)
