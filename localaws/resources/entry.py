"""The words in which the table says what a type's life is in API calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localaws.resources.mapper import Request
    from localaws.resources.resource import Resource

Step = "Callable[[Resource], Any]"
"""Code in the place of one operation."""


@dataclass(frozen=True, slots=True)
class Further:
    """A call besides the one that creates: made when an argument of its template is set, on update when one changed."""

    operation: str
    params: Mapping[str, Any]
    """A template: `{argument}` is its value. What refers to an argument that is not set is left out."""
    on_create: bool = True
    """False where the operation that creates has taken the arguments already."""


@dataclass(frozen=True, slots=True)
class FurtherCode:
    """The same as code: called when one of its arguments is set or, on update, changed. It gets the names of the
    changed ones, on create of all that are set."""

    code: Callable[[Resource, set[str]], None]
    arguments: str
    on_create: bool = True


@dataclass(frozen=True, slots=True)
class Tagging:
    """The calls that tag an object after it was made, and that show its tags."""

    put: str = "tag_resource"
    remove: str | None = "untag_resource"
    """None: there is no such call, `put` is given all the tags that shall remain."""
    show: str | None = "list_tags_for_resource"
    """None: reading the object shows its tags."""
    target: Mapping[str, Any] = field(default_factory=lambda: {"ResourceArn": "{arn}"})
    after: bool = False
    """Whether the operation that creates takes no tags, so that they have to follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How objects of one type are made, found, changed and deleted."""

    service: str
    """As botocore names it."""
    create: str | Callable[[Resource], Any]
    """The operation that makes one."""
    id: str = "{name}"
    """Where its id is: a path in the answer (`Vpc.VpcId`), or a template of arguments (`{role}:{name}`)."""
    key: str = "id"
    """What names the object in the other operations: members and the arguments that fill them, `member=argument`, or
    one word where they are alike. Each operation takes those it has."""
    read: str | Callable[[Resource], Any] | None = None
    """`operation`, or `operation:path` of the object in its answer (JMESPath, `$argument` stands for a value). No
    answer, a null or AWS's "not found" mean that it is gone."""
    also: tuple[str | Callable[[Resource], Any], ...] = ()
    """Further reads of what the first does not show, laid over it."""
    update: str | Callable[[Resource, set[str]], None] | None = None
    """The operation that changes it. The one that creates puts everything again; another is told what changed."""
    delete: str | Callable[[Resource], None] | None = None
    """None: nothing is to be deleted, or AWS has no call for it."""
    gone: Mapping[str, Any] = field(default_factory=dict)
    """What `delete` is told besides the key."""
    into: str | None = None
    """The member that takes the arguments the input has no member for: LaunchTemplateData."""
    renames: Mapping[str, str | None] = field(default_factory=dict)
    """Argument (dotted path of a nested one) -> member (dotted path of one). None: `adjust`, `further` or other code
    deals with it."""
    constants: Mapping[str, Any] = field(default_factory=dict)
    """Members that are set where no argument sets them; a function of the resource, or a value."""
    adjust: Callable[[Resource, Request], None] | None = None
    """Mends the input after names and shapes did what they can."""
    further: tuple[Further | FurtherCode, ...] = ()
    computed: Mapping[str, str | Callable[[Resource, Any], Any]] = field(default_factory=dict)
    """Attributes that names do not find: a path in what `read` shows, or a template."""
    renews: str = ""
    """Computed attributes that an update gives a new value."""
    code_takes: Mapping[str, str] = field(default_factory=dict)
    """Arguments that code deals with -> path where `read` shows them, so that a change of them is seen, or ""."""
    shown_as: Mapping[str, str] = field(default_factory=dict)
    """Member of a request -> path where `read` shows it under another name."""
    tagging: Tagging | None = None
    """Where the type's differs from its service's."""
