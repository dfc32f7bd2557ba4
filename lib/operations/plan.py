"""What Terraform would do, as people read it: a saved plan, or what has changed behind its back.

The plan is what `terraform show -json` tells of it:
https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby, zip_longest
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

SENSITIVE = "(sensitive)"
UNKNOWN = "(known after the apply)"
ABSENT = "(nothing)"


class Action(StrEnum):
    """What becomes of an object. In the order in which people want to hear of it."""

    REPLACE = "replace"
    DELETE = "delete"
    FORGET = "forget"
    """It leaves the state and stays in AWS."""
    UPDATE = "update"
    CREATE = "create"
    READ = "read"


@dataclass(frozen=True)
class Attribute:
    """A value of an object that becomes another one."""

    path: str
    """`tags.Name`, `ingress[0].from_port`; within a JSON document too: `container_definitions[0].image`."""
    before: str
    after: str
    """Both as they are shown: a sensitive value, and one that nobody knows yet, as words in brackets."""
    replaces: bool = False
    """Whether the object has to be made anew for it."""


@dataclass(frozen=True)
class Change:
    """What becomes of one object."""

    address: str
    type: str
    action: Action
    attributes: tuple[Attribute, ...] = ()
    """Those that change. None of an object that is made, deleted or read as a whole."""
    reasons: tuple[str, ...] = ()
    """Why it is replaced or deleted, where Terraform tells."""
    before: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """All that Terraform knows of it as it is, secrets too; nothing of an object that is made."""


@dataclass(frozen=True)
class Plan:
    """A plan as Terraform made it."""

    changes: list[Change]
    outputs_changed: list[str]
    drift: list[Change]
    """What was changed or deleted outside Terraform since it last looked."""
    is_applicable: bool
    """Whether an apply would do anything, were it only to write something down in the state."""
    warnings: tuple[str, ...] = ()

    def counts(self) -> dict[Action, int]:
        """Action -> how many objects. Those that are only read do not count."""
        counted = [action for action in Action if action is not Action.READ]
        found = {action: sum(change.action is action for change in self.changes) for action in counted}
        return {action: count for action, count in found.items() if count}

    def of(self, *actions: Action) -> list[Change]:
        return [change for change in self.changes if change.action in actions]


_ACTIONS = {
    ("create",): Action.CREATE,
    ("read",): Action.READ,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
    ("forget",): Action.FORGET,
}

_REASONS = {
    "replace_because_tainted": "it was only half made",
    "replace_because_cannot_update": "AWS cannot change that in place",
    "replace_by_request": "it was asked for",
    "replace_by_triggers": "what it follows is replaced",
    "delete_because_no_resource_config": "the template does not hold it any more",
    "delete_because_no_module": "the template does not hold its module any more",
    "delete_because_wrong_repetition": "the template counts otherwise",
    "delete_because_count_index": "the template counts fewer",
    "delete_because_each_key": "the template does not name it any more",
    "delete_because_no_move_target": "where it was to move the template holds nothing",
}


def read_plan(text: str, warnings: Sequence[str] = ()) -> Plan:
    """The plan in the answer of `terraform show -json FILE`."""
    document = json.loads(text)
    changes = [_change(each) for each in document.get("resource_changes", ()) if _action(each)]
    return Plan(
        changes=sorted(changes, key=lambda change: (list(Action).index(change.action), change.address)),
        outputs_changed=sorted(
            name for name, each in document.get("output_changes", {}).items() if each["actions"] != ["no-op"]
        ),
        drift=[_change(each) for each in document.get("resource_drift", ()) if _action(each)],
        is_applicable=bool(document["applyable"]),
        warnings=tuple(warnings),
    )


def show(console: Console, plan: Plan) -> None:
    """What is lost first: replaced and deleted objects one by one, changed ones with their values, new ones by type."""
    for action, changes in groupby(plan.changes, key=lambda change: change.action):
        of_action = list(changes)
        if action is Action.CREATE:
            _show_new(console, of_action)
        elif action is not Action.READ:
            _show_each(console, of_action)
    for warning in plan.warnings:
        console.print(Text(f"warning: {warning}", style="yellow"))
    console.print(summary(plan))


def summary(plan: Plan) -> Text:
    """One line: how many of each, and which outputs."""
    said = [Text(f"{count} to {action}", style=_STYLES[action]) for action, count in plan.counts().items()] or [
        Text("nothing to change", style="green")
    ]
    if outputs := plan.outputs_changed:
        named = f": {', '.join(outputs)}" if len(outputs) <= _OUTPUTS_NAMED else ""
        said.append(Text(f"{len(outputs)} output{'' if len(outputs) == 1 else 's'} to change{named}"))
    return Text(", ").join(said)


_STYLES = {
    Action.REPLACE: "bold red",
    Action.DELETE: "bold red",
    Action.FORGET: "red",
    Action.UPDATE: "yellow",
    Action.CREATE: "green",
}
_SIGNS = {Action.REPLACE: "-/+", Action.DELETE: "-", Action.FORGET: "x", Action.UPDATE: "~", Action.CREATE: "+"}
_OUTPUTS_NAMED = 8
"""A new stack has all of its own, and nobody reads them there."""
_LONGEST_VALUE = 120
"""Characters."""


def show_changes(console: Console, changes: Sequence[Change]) -> None:
    """Each with its attributes, such as those of `Plan.drift`."""
    _show_each(console, changes)


def _show_each(console: Console, changes: Sequence[Change]) -> None:
    for change in changes:
        line = Text(f"{_SIGNS[change.action]:<4}{change.action} {change.address}", style=_STYLES[change.action])
        if change.reasons:
            line.append(f" ({'; '.join(change.reasons)})", style="not bold")
        console.print(line)
        for attribute in change.attributes:
            console.print(Padding(_attribute_text(attribute), (0, 0, 0, 8)))
    console.print()


def _attribute_text(attribute: Attribute) -> Text:
    text = Text.assemble((attribute.path, "bold"), f": {_short(attribute.before)} → {_short(attribute.after)}")
    return text.append("  needs a new one", style="bold red") if attribute.replaces else text


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[: _LONGEST_VALUE - 1]}…"


def _show_new(console: Console, changes: Sequence[Change]) -> None:
    console.print(Text(f"{_SIGNS[Action.CREATE]:<4}create {len(changes)}", style=_STYLES[Action.CREATE]))
    for type, of_type in groupby(sorted(changes, key=lambda change: change.address), key=lambda change: change.type):
        names = [change.address.removeprefix(f"{type}.") for change in of_type]
        console.print(Padding(Text.assemble((f"{len(names)} {type}", "bold"), f": {', '.join(names)}"), (0, 0, 0, 8)))
    console.print()


def _action(resource: Mapping[str, Any]) -> Action | None:
    """None where nothing becomes of it."""
    return _ACTIONS.get(tuple(resource["change"]["actions"]))


def _change(resource: Mapping[str, Any]) -> Change:
    action = _ACTIONS[tuple(resource["change"]["actions"])]
    attributes = tuple(_attributes(resource["change"])) if action in (Action.UPDATE, Action.REPLACE) else ()
    if action is Action.REPLACE:
        # Of a new object nothing is known that AWS decides on, and nobody has changed that.
        attributes = tuple(each for each in attributes if each.after != UNKNOWN or each.replaces)
    reason = resource.get("action_reason")
    # A half-deleted object, or one whose replacement was made and which is still there, is told apart by its key.
    deposed = f" (deposed {resource['deposed']})" if "deposed" in resource else ""
    return Change(
        address=f"{resource['address']}{deposed}",
        type=resource["type"],
        action=action,
        attributes=attributes,
        reasons=(_REASONS.get(reason, reason.replace("_", " ")),) if reason else (),
        before=resource["change"]["before"] or {},
    )


_Step = str | int
_MISSING = object()


def _attributes(change: Mapping[str, Any]) -> Iterator[Attribute]:
    replacing = [tuple(path) for path in change.get("replace_paths", ())]
    seen: set[tuple[_Step, ...]] = set()
    for path, before, after in _differences(
        (),
        (change["before"], change.get("before_sensitive"), False),
        (change["after"], change.get("after_sensitive"), change.get("after_unknown")),
    ):
        if path[0] == "tags_all" and {("tags",), ("tags", *path[1:])} & seen:
            continue
        seen.add(path)
        replaces = any(path[: len(each)] == each or each[: len(path)] == path for each in replacing)
        yield Attribute(_written(path), before, after, replaces)


_Side = tuple[Any, Any, Any]
"""A value, and what of it is sensitive, and what of it is not known: true, or the same for its members."""


def _differences(path: tuple[_Step, ...], before: _Side, after: _Side) -> Iterator[tuple[tuple[_Step, ...], str, str]]:
    """Path, before, after of whatever differs, as deep as both sides have the same form."""
    (old, old_hidden, _), (new, new_hidden, unknown) = before, after
    if unknown is True:
        yield path, _shown(old, old_hidden), UNKNOWN
        return
    if old_hidden is True or new_hidden is True:
        if old != new:
            yield path, _shown(old, True), _shown(new, True)
        return
    pair = _same_form(old, new) or _same_form(_document(old), _document(new))
    if pair is None:
        if _plain(old) != _plain(new):
            yield path, _shown(old, old_hidden), _shown(new, new_hidden)
        return
    one, other = pair
    if _are_scalars(one) and _are_scalars(other) and not _holds_true((old_hidden, new_hidden, unknown)):
        if one != other:
            yield path, _shown(one, False), _shown(other, False)
        return
    for of_old, of_new in _steps(one, other, unknown):
        yield from _differences(
            (*path, of_new if of_new is not None else of_old),
            (_member(one, of_old), _member(old_hidden, of_old), False),
            (_member(other, of_new), _member(new_hidden, of_new), _member(unknown, of_new)),
        )


def _are_scalars(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(each, dict | list) for each in value)


def _same_form(old: Any, new: Any) -> tuple[Any, Any] | None:
    for form in (dict, list):
        if isinstance(old, form) and isinstance(new, form):
            return old, new
    return None


def _document(value: Any) -> Any:
    """What a text says that is JSON: policies, definitions of containers."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _plain(value: Any) -> Any:
    return None if _is_absent(value) else value


def _is_absent(value: Any) -> bool:
    """Terraform has null, and empty lists and maps, for what is not there."""
    return value is _MISSING or value is None or value in ([], {})


def _steps(one: Any, other: Any, unknown: Any) -> list[tuple[Any, Any]]:
    """Members to compare, by their steps on either side. Of lists those that are on both sides are left out wherever
    they stand: sets are told as lists, and what is added to one moves the others."""
    if isinstance(one, dict):
        names = {*one, *other, *(unknown if isinstance(unknown, dict) else ())}
        return [(name, name) for name in sorted(names)]
    unknown = unknown if isinstance(unknown, list) else []
    other = [*other, *[None] * (len(unknown) - len(other))]
    is_open = [index < len(unknown) and _holds_true((unknown[index],)) for index in range(len(other))]
    old = [index for index, each in enumerate(one) if each not in other]
    new = [index for index, each in enumerate(other) if is_open[index] or each not in one]
    return list(zip_longest(old, new))


def _member(of: Any, step: _Step | None) -> Any:
    """A member of a value or of what is told of it. Of what is told `true` goes for all of them."""
    if isinstance(of, dict):
        return of.get(step, _MISSING)
    if isinstance(of, list):
        return of[step] if isinstance(step, int) and step < len(of) else _MISSING
    return of if of is True else _MISSING


def _shown(value: Any, hidden: Any) -> str:
    if _is_absent(value):
        return ABSENT
    if hidden is True or _holds_true(hidden):
        return SENSITIVE
    return json.dumps(value, ensure_ascii=False)


def _holds_true(told: Any) -> bool:
    members = told.values() if isinstance(told, dict) else told if isinstance(told, list | tuple) else ()
    return any(member is True or _holds_true(member) for member in members)


def _written(path: tuple[_Step, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
