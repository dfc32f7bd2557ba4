"""What every settings model shares: immutability, strictness, and rules that look at several values at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Path = tuple[str, ...]
"""Where a setting stands: ("services", "api", "cpu")."""


@dataclass(frozen=True)
class Problem:
    """One wrong setting. `involves` names all settings that the sentence speaks of, `at` the one it is shown under."""

    at: Path
    message: str
    involves: tuple[Path, ...]

    def below(self, path: Path) -> Problem:
        """The same problem, seen from further up."""
        return Problem(path + self.at, self.message, tuple(path + each for each in self.involves))


class Model(BaseModel):
    """A frozen model that refuses unknown keys and values of another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def problems(self) -> Iterator[Problem]:
        """What is wrong between values that are right one by one: this model's own, then those of the models in it."""
        yield from self._own_problems()
        for name in type(self).model_fields:
            for path, child in _models_in(getattr(self, name), (name,)):
                for problem in child.problems():
                    yield problem.below(path)

    def _own_problems(self) -> Iterator[Problem]:
        return iter(())

    def problem(self, field: str, message: str, *also: str) -> Problem:
        """A problem shown under `field` that speaks of `also` too."""
        return Problem((field,), message, tuple((name,) for name in (field, *also)))


def _models_in(value: object, path: Path) -> Iterator[tuple[Path, Model]]:
    if isinstance(value, Model):
        yield path, value
    elif isinstance(value, Mapping):
        for key, child in value.items():
            yield from _models_in(child, (*path, key))
    elif isinstance(value, tuple):
        for index, child in enumerate(value):
            yield from _models_in(child, (*path, str(index)))


def _none_for_false(value: Any) -> Any:
    return None if value is False else value


SwitchedOff = BeforeValidator(_none_for_false)
"""TOML knows no null: `database = false` leaves a unit out."""

NoneOfThem = BeforeValidator(lambda value: {} if value is False else value)
"""`services = false`: a table of units of which there are none."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
FrozenMap = Annotated[Mapping[_Key, _Value], AfterValidator(MappingProxyType)]
"""A table with names of the user's choice."""


def _each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if doubled := sorted({str(value) for value in values if values.count(value) > 1}):
        raise ValueError(f"names {', '.join(doubled)} more than once")
    return values


EachOnce = AfterValidator(_each_once)
"""A list that names things, each of them once."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")]
"""Becomes part of physical names: a letter, then letters and digits, 16 at most."""

UnitNames = Annotated[tuple[Name, ...], EachOnce]
"""Units that one unit names."""

LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""

Percent = Annotated[int, Field(ge=1, le=100)]
Port = Annotated[int, Field(ge=1, le=65535)]

Domain = Annotated[str, Field(pattern=r"^(([a-z0-9-]|\{suffix\})+\.)+[a-z]{2,}$", max_length=253)]
"""A domain name. `{suffix}` in it stands for the environment's suffix, so that environments do not share a domain."""
