"""What a run was in numbers, from the plugin's operations log: types, objects, API calls, seconds. Nothing is mocked.

`python -m localaws.resources.report LOG` prints it, and fails if an object is in the state that no call of AWS made.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Report(NamedTuple):
    types: int
    objects: int
    calls: int
    seconds: float
    """In calls; Terraform makes up to ten at a time."""
    mocked: tuple[str, ...]
    """Types of objects that were made without a call."""

    def __str__(self) -> str:
        return (
            f"{self.objects} objects of {self.types} types by {self.calls} API calls in {self.seconds:.1f} s of calls, "
            f"{len(self.mocked)} mocked{': ' if self.mocked else ''}{', '.join(self.mocked)}"
        )


def report(entries: Iterable[Mapping[str, Any]]) -> Report:
    made: list[Mapping[str, Any]] = []
    calls, seconds = 0, 0.0
    for entry in entries:
        facts = entry.get("facts") or {}
        calls += len(facts.get("calls", ()))
        seconds += facts.get("seconds", 0.0)
        if entry["operation"] == "create" and not entry["error"]:
            made.append(entry)
    mocked = sorted({each["type"] for each in made if not (each.get("facts") or {}).get("calls")})
    return Report(len({each["type"] for each in made}), len(made), calls, seconds, tuple(mocked))


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m localaws.resources.report LOG", file=sys.stderr)
        return 2
    found = report(map(json.loads, Path(arguments[0]).read_text().splitlines()))
    print(found)
    return 1 if found.mocked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
