"""`make drift`: what was changed outside Terraform, and what the code wants otherwise, told apart.

A plan shows both mixed: somebody's change in the console is in it as the change that puts it back.
"""

from __future__ import annotations

import json as json_texts
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from lib.operations.chosen import chosen_stack
from lib.operations.ending import FOUND, OK, UNUSABLE, Stop
from lib.operations.plan import UNKNOWN, Action, Attribute, Change, Plan, show_changes
from lib.operations.printing import put, rendered
from lib.operations.state_lock import lock_of
from lib.operations.terraform import Object, Terraform


@dataclass(frozen=True)
class Differences:
    """Between what Terraform wrote down, what is there, and what the code says."""

    drift: list[Change]
    """Changed or deleted outside, and the next apply puts it back: value as it was deployed → value that is there."""
    noted: list[Change]
    """Is another than Terraform wrote down, in what the code leaves open."""
    pending: list[Change]
    """What the next apply changes because the code is another."""
    following: list[Change]
    """What the next apply changes only because something is put back that it refers to."""
    outputs: list[str]
    """Those that become others."""

    @property
    def found(self) -> bool:
        return bool(self.drift or self.pending or self.following or self.outputs)


def drift(
    *,
    json: Annotated[bool, typer.Option("--json", help="Everything as one JSON document, for programs.")] = False,
    every: Annotated[
        bool, typer.Option("--every", help="Also what differs where the code leaves it open; it does not count.")
    ] = False,
) -> int:
    """What was changed outside Terraform, and what the code wants otherwise: a plan, told apart. Nothing is changed.

    Exit code: 0 when there is neither, 1 for either (the last line says which), 2 when it cannot be told now, such as
    while a deployment runs, 3 when AWS cannot be reached or denies it.
    """
    stack = chosen_stack()
    stack.synthesize()
    core = Terraform(stack)
    _refuse_while_changed(core)
    core.init()
    found = differences(undisturbed_plan(core))
    if json:
        put(json_texts.dumps({"stack": stack.name, **document(found)}, indent=2, ensure_ascii=False) + "\n")
    else:
        put(rendered(lambda console: show(console, stack.name, found, every=every)))
    return FOUND if found.found else OK


def undisturbed_plan(core: Terraform) -> Plan:
    """The plan, if nobody worked on the state meanwhile. Raises Stop otherwise.

    It does not take the lock: a look in the night must not turn a deployment away. What it must not do either is to
    tell of the middle of a deployment, of things that are just being made. So it looks who has the lock, and what is
    in the state, before and after.
    """
    before = _state(core)
    with tempfile.TemporaryDirectory() as folder:
        plan = core.plan(Path(folder) / "plan", lock=False)
    if _state(core) != before:
        raise Stop(f"{core.stack.name}: somebody deployed meanwhile. Run this again.", UNUSABLE)
    return plan


def _state(core: Terraform) -> list[Object]:
    """What is in it. Raises Stop when somebody works on it."""
    _refuse_while_changed(core)
    return core.state()


def _refuse_while_changed(core: Terraform) -> None:
    lock = lock_of(core.template()["terraform"].get("backend", {}), core.stack.folder)
    if lock:
        raise Stop(f"{core.stack.name}: not while it is being changed.\n{lock.told(core.stack.folder)}", UNUSABLE)


def differences(plan: Plan) -> Differences:
    """A plan taken apart."""
    outside = {change.address: change for change in plan.drift}
    drifted: list[Change] = []
    pending: list[Change] = []
    for change in plan.changes:
        if change.action is Action.READ:
            continue
        was = outside.get(change.address)
        if was is None:
            pending.append(change)
        elif was.action is Action.DELETE and change.action is Action.CREATE:
            drifted.append(was)
        else:
            back, more = _apart(was, change)
            drifted += [_with(was, back)] if back else []
            pending += [_with(change, more)] if more or not back else []
    put_back = {change.address for change in drifted}
    noted = [change for change in plan.drift if change.address not in put_back]
    # What is not known before the apply comes from something that it makes or changes: with nothing of the code among
    # these, from what it puts back.
    if drifted and not any(map(_is_of_code, pending)):
        return Differences(drifted, noted, [], pending, plan.outputs_changed)
    return Differences(drifted, noted, pending, [], plan.outputs_changed)


def _is_of_code(change: Change) -> bool:
    return change.action is not Action.UPDATE or any(each.after != UNKNOWN for each in change.attributes)


def _apart(was: Change, change: Change) -> tuple[list[Attribute], list[Attribute]]:
    """Of what was changed outside: what the plan puts back. Of the plan: what it changes besides."""
    undone = {(_argument(each), each.after, each.before) for each in change.attributes}
    done = {(_argument(each), each.before, each.after) for each in was.attributes}
    back = [each for each in was.attributes if (_argument(each), each.before, each.after) in undone]
    more = [each for each in change.attributes if (_argument(each), each.after, each.before) not in done]
    return back, more


def _argument(attribute: Attribute) -> str:
    """`ingress` of `ingress[1].from_port`: what is taken out of a list moves what comes after it."""
    return attribute.path.partition(".")[0].partition("[")[0]


def _with(change: Change, attributes: Sequence[Attribute]) -> Change:
    return Change(change.address, change.type, change.action, tuple(attributes), change.reasons, change.before)


def show(console: Console, name: str, found: Differences, *, every: bool) -> None:
    for title, changes in _sections(found, every=every):
        console.print(Text(title, style="bold"))
        show_changes(console, changes)
    if found.outputs:
        console.print(Text(f"Outputs that change: {', '.join(found.outputs)}"), end="\n\n")
    console.print(Text(f"{name}: {verdict(found, every=every)}", style="bold red" if found.found else "bold green"))


def _sections(found: Differences, *, every: bool) -> Iterator[tuple[str, list[Change]]]:
    if found.drift:
        yield "Changed outside Terraform, as deployed → as it is; the next apply puts it back", found.drift
    if every and found.noted:
        yield "Another than Terraform wrote down, where the code leaves it open; the next apply leaves it", found.noted
    if found.following:
        yield "What follows from putting that back", found.following
    if found.pending:
        yield "Pending: what the next apply changes besides, as it is → as the code has it", found.pending


def verdict(found: Differences, *, every: bool = True) -> str:
    """One line that says which of both there is."""
    parts = [
        f"{len(found.drift)} changed outside" if found.drift else "no drift",
        f"{len(found.pending)} pending" if found.pending else "nothing pending",
    ]
    if found.outputs:
        parts.append(f"outputs that change: {len(found.outputs)}")
    if found.noted and not every:
        parts.append(f"{len(found.noted)} differ where the code leaves it open (--every shows them)")
    return ", ".join(parts)


def document(found: Differences) -> dict[str, Any]:
    """The same for programs."""
    return {
        "drift": [_as_json(change) for change in found.drift],
        "pending": [_as_json(change) for change in found.pending],
        "following": [_as_json(change) for change in found.following],
        "noted": [_as_json(change) for change in found.noted],
        "outputs_changed": found.outputs,
    }


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "address": change.address,
        "type": change.type,
        "action": change.action.value,
        "attributes": [{"path": each.path, "before": each.before, "after": each.after} for each in change.attributes],
        "reasons": list(change.reasons),
    }
