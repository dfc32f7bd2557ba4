"""The seam between the Terraform plugin and what keeps its objects.

The plugin knows Terraform: schema, plans, state. A backend knows where objects live: `localaws.resources` makes them by
AWS API calls, `localaws.provider.filling` makes them up. `kind` is a type's name in Terraform, such as "aws_vpc".

Objects that go in and out have a value for each attribute and block of the kind's schema. What is UNKNOWN in a plan has
to be decided by the apply; what a backend leaves UNKNOWN becomes null (or empty, for a collection).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from localaws.provider.block import Block
from localaws.provider.values import Object

Category = Literal["resource", "data", "ephemeral"]
Operation = Literal["create", "read", "update", "delete", "data", "open"]


class Notice(NamedTuple):
    """Something the user is told by name while the operation goes on."""

    summary: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an operation."""

    state: Object
    notes: Mapping[str, Any] = field(default_factory=dict)
    """What the backend wants to find again with this object; Terraform keeps it beside the state, unseen. JSON."""
    warnings: tuple[Notice, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """More for the operations log: calls that were made, answers that differ. JSON."""


class Refused(Exception):  # noqa: N818 -- AWS, or the backend, said no; the reader of `raise Refused` sees it
    """The operation failed, and the user has to be told.

    `state` is what is there now. On create: a half-made object, which Terraform keeps and marks tainted; None if
    nothing came to be. On update and delete: None if the object is as it was before.
    """

    def __init__(
        self,
        summary: str,
        detail: str = "",
        *,
        state: Object | None = None,
        notes: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{summary}: {detail}" if detail else summary)
        self.summary, self.detail = summary, detail
        self.state, self.notes, self.facts = state, notes or {}, facts or {}


class Backend(Protocol):
    """Called from several threads at once. Raises Refused; any other exception is reported as a defect of it."""

    def knows(self, category: Category, kind: str) -> bool:
        """Whether there is something behind this kind. What is not known fails the plan, by name."""
        ...

    def renewed(self, kind: str, changed: Collection[str]) -> Collection[str]:
        """The computed attributes that an update of the `changed` arguments gives a new value: unknown in its plan."""
        ...

    def create(self, kind: str, config: Object, planned: Object) -> Outcome:
        """`config` is as the user wrote it, and the only one that has the values of write-only arguments."""
        ...

    def read(self, kind: str, state: Object, notes: Mapping[str, Any] | None) -> Outcome | None:
        """The object as it is now, or None when it is gone.

        `notes` are those of the last Outcome, or None for an object that is being imported: `state` then has its `id`
        (and region) and nothing else, and the answer is all that can be told of the object.
        """
        ...

    def update(
        self, kind: str, prior: Object, config: Object, planned: Object, notes: Mapping[str, Any] | None
    ) -> Outcome: ...

    def delete(self, kind: str, state: Object, notes: Mapping[str, Any] | None) -> Outcome | None:
        """No error if it is gone already. Of an Outcome only warnings and facts are looked at."""
        ...

    def data(self, kind: str, config: Object) -> Outcome: ...

    def open_ephemeral(self, kind: str, config: Object) -> Outcome: ...

    def stop(self) -> None:
        """The user pressed Ctrl-C: what waits stops waiting, and answers with Refused."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a backend is made with, once the provider block is known."""

    endpoint_url: str
    """A loopback address: the plugin has refused any other."""
    region: str
    block: Callable[[Category, str], Block]
    """The schema of a kind."""


Connect = Callable[[Surroundings], Backend]
"""`localaws.resources.connect` is one: the plugin imports it by that name when AWS_ENDPOINT_URL is set."""
