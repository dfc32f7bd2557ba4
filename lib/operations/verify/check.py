"""What a check is: a sentence that holds of a right deployment, and a function that says what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lib.operations.deployment import Deployment

Find = Callable[[Deployment, str], Iterator[str]]
NO_TASKS = "an emulator runs no tasks, instances or functions and serves no requests"


class DoesNotApply(Exception):  # noqa: N818 -- no error: the check has nothing to say here, and says why
    """Raised by a check whose deployment has nothing that the check could be about."""


@dataclass(frozen=True)
class Having:
    """What a stack may have or not, by its outputs."""

    what: str
    """`cache`: in "the stack has no …"."""
    holds: Callable[[Deployment], bool]

    @property
    def absence(self) -> str:
        return f"the stack has no {self.what}"


def having(output: str, what: str) -> Having:
    return Having(what, lambda stack: output in stack)


ANY_STACK = Having("anything", lambda _: True)


@dataclass(frozen=True)
class Check:
    """One of them. `name` is the unit's and its own, and stays: reports and CI go by it."""

    name: str
    unit: str
    what: str
    """The sentence that holds."""
    find: Find
    """What does not hold, as sentences, of the stack or of one of its subjects."""
    conditions: tuple[Having, ...]
    outputs: tuple[str, ...]
    """Where the subjects stand: outputs with a value for each, or single ones; none: the stack is the subject."""
    needs_aws: str
    """Why no emulator can answer it; empty for what one can."""

    def absence(self, stack: Deployment) -> str | None:
        """Why it says nothing about this stack, as far as outputs tell."""
        return next((each.absence for each in self.conditions if not each.holds(stack)), None)

    def subjects(self, stack: Deployment) -> list[str]:
        """`""` is the stack itself."""
        return [subject for output in self.outputs for subject in stack.names_in(output)] if self.outputs else [""]


@dataclass
class Unit:
    """A part of the platform, and the checks of it."""

    name: str
    title: str
    of: Having = ANY_STACK
    checks: list[Check] = field(default_factory=list)

    def check(self, what: str, *conditions: Having, needs_aws: str = "") -> Callable[[_OfStack], _OfStack]:
        """Adds a check of the stack."""

        def add(find: _OfStack) -> _OfStack:
            name = f"{self.name}.{find.__name__}"
            all_conditions = (self.of, *conditions)
            self.checks.append(
                Check(name, self.name, what, lambda stack, _: find(stack), all_conditions, (), needs_aws)
            )
            return find

        return add

    def each(self, *outputs: str, what: str, needs_aws: str = "") -> Callable[[Find], Find]:
        """Adds a check that is made of each service, fleet, … that the outputs name, or of each output itself."""

        def add(find: Find) -> Find:
            called = " and no ".join(_SUBJECTS[output] for output in outputs)
            there = Having(called, lambda stack: any(output in stack for output in outputs))
            name = f"{self.name}.{find.__name__}"
            self.checks.append(Check(name, self.name, what, find, (self.of, there), outputs, needs_aws))
            return find

        return add


_SUBJECTS = {
    "service_names": "services",
    "autoscaling_group_names": "fleets",
    "function_names": "functions",
    "secret_arns": "secrets",
    "table_names": "tables",
    "bucket_names": "buckets",
    "web_acl_arn": "firewall of the load balancer",
    "cdn_web_acl_arn": "firewall of the CDN",
    "alarm_topic_arn": "topic",
    "edge_alarm_topic_arn": "topic of the CDN",
}
"""Output -> what it has one or more of."""
_OfStack = Callable[[Deployment], Iterator[str]]
