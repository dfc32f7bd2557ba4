"""`make difference`: what a change does to the synthesized templates, as Markdown for who reviews it.

Each revision keeps its templates in tests/golden, and its tests hold them to what is synthesized. So nothing of another
revision has to run.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from lib.operations.ending import OK, UNUSABLE, Stop
from lib.operations.outputs import PROJECT_FOLDER
from lib.operations.printing import put

FOLDER = "tests/golden"
_NOTES = "//"
_LONGEST = 120
"""Characters of a value that are shown."""
_MOST = 8
"""Arguments of one object that are shown: one widget more on a dashboard moves all that follow."""
_NOTHING = "nothing"
_ITSELF = "value"

Templates = dict[str, Any]
"""Stack (`catalog-dev`) -> template."""


@dataclass(frozen=True, order=True)
class Change:
    """What becomes of something in a template."""

    address: str
    """`aws_vpc.network_vpc_1A2B`, `output.url`."""
    what: str
    """new, gone, changed."""
    details: tuple[tuple[str, str, str], ...] = ()
    """Argument, its value before and after."""


def difference(
    *,
    base: Annotated[str, typer.Option(metavar="REVISION", help="What to compare with: a branch, a tag, a commit.")],
) -> int:
    """What changes in the synthesized templates since a revision, as Markdown. `make golden` first.

    Exit code: 0, or 2 for a revision that there is not.
    """
    put(report(_at(base), _here()))
    return OK


def report(before: Templates, after: Templates) -> str:
    stacks = sorted(before.keys() | after.keys())
    changes = {stack: list(_changes(before.get(stack, {}), after.get(stack, {}))) for stack in stacks}
    changed = [stack for stack in stacks if changes[stack]]
    if not changed:
        return f"The templates of all {len(stacks)} stacks stay as they are.\n"
    lines = [f"The templates of {len(changed)} of {len(stacks)} stacks change.", ""]
    lines += ["| stack | new | changed | gone |", "|---|---|---|---|"]
    for stack in changed:
        counts = [str(sum(each.what == what for each in changes[stack])) for what in ("new", "changed", "gone")]
        lines.append(f"| {' | '.join([stack, *counts])} |")
    for names, together in _alike(changes):
        lines += ["", f"**{', '.join(names)}**", "", *(line for each in together for line in _lines(each))]
    return "\n".join(lines) + "\n"


def _alike(changes: Mapping[str, Sequence[Change]]) -> Iterator[tuple[tuple[str, ...], list[Change]]]:
    """A change that several stacks share is told once, under the names of all; what most of them share first."""
    stacks: dict[Change, list[str]] = {}
    for stack, each in changes.items():
        for change in each:
            stacks.setdefault(change, []).append(stack)
    found = ((tuple(names), change) for change, names in stacks.items())
    ordered = sorted(found, key=lambda pair: (-len(pair[0]), *pair))
    for names, pairs in groupby(ordered, key=lambda pair: pair[0]):
        yield names, [change for _, change in pairs]


def _lines(change: Change) -> Iterator[str]:
    yield f"- {change.what}: {_code(change.address)}"
    for argument, before, after in change.details[:_MOST]:
        yield f"  - {_code(argument or _ITSELF)}: {_code(before)} → {_code(after)}"
    if more := len(change.details[_MOST:]):
        yield f"  - {more} more"


def _changes(before: Any, after: Any) -> Iterator[Change]:
    old, new = dict(_parts(before)), dict(_parts(after))
    for address in sorted(old.keys() | new.keys()):
        if address not in old:
            yield Change(address, "new")
        elif address not in new:
            yield Change(address, "gone")
        elif old[address] != new[address]:
            yield Change(address, "changed", tuple(_details(old[address], new[address])))


def _parts(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Address -> what stands there: resources by type and name, and each entry of the other sections."""
    for section, entries in document.items():
        if section == _NOTES:
            continue
        for name, entry in entries.items():
            if section in ("resource", "data", "ephemeral"):
                lead = "" if section == "resource" else f"{section}."
                yield from ((f"{lead}{name}.{each}", _flat(block)) for each, block in entry.items())
            else:
                yield f"{section}.{name}", _flat(entry)


def _details(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, _NOTHING), after.get(path, _NOTHING)
        if old != new:
            yield path, old, new


def _flat(value: Any) -> dict[str, str]:
    return dict(_leaves(value, "")) if value != {} else {}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Path -> text of each value, in JSON documents too."""
    inner = _parsed(value) if isinstance(value, str) else value
    if isinstance(inner, dict) and inner:
        for key, each in inner.items():
            if key != _NOTES:
                yield from _leaves(each, f"{path}.{key}" if path else key)
    elif isinstance(inner, list) and inner:
        for index, each in enumerate(inner):
            yield from _leaves(each, f"{path}[{index}]")
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _parsed(text: str) -> Any:
    """What a JSON document says; a text stays one."""
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _code(text: str) -> str:
    """A value as it stands in a line of Markdown, whatever is in it."""
    line = " ".join(text.split()).replace("`", "'")
    shown = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
    return f"`{shown}`" if shown else "an empty text"


def _here() -> Templates:
    folder = PROJECT_FOLDER / FOLDER
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def _at(revision: str) -> Templates:
    """Raises Stop for a revision that is not there, and for one without templates."""
    names = [line for line in _git("ls-tree", "--name-only", revision, "--", f"{FOLDER}/").split() if ".json" in line]
    if not names:
        raise Stop(f"{revision}: has no templates in {FOLDER}", UNUSABLE)
    return {Path(name).stem: json.loads(_git("show", f"{revision}:{name}")) for name in names}


def _git(command: str, *arguments: str) -> str:
    done = subprocess.run(
        ["git", command, *arguments], cwd=PROJECT_FOLDER, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise Stop(f"git {command} {' '.join(arguments)}: {done.stderr.strip()}", UNUSABLE)
    return done.stdout
