"""The operations log: one JSON line for each operation of a backend, in the order in which they ended.

LOCALAWS_LOG names the file. The fields are those of Entry. The values of arguments that only the API may see are not in
it; what is in Terraform's state is.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from localaws.provider.backend import Operation
from localaws.provider.values import Object, Unknown

VARIABLE = "LOCALAWS_LOG"


@dataclass(frozen=True, slots=True)
class Entry:
    operation: Operation
    type: str
    """Of the resource, data source or ephemeral resource."""
    arguments: Object
    """What the configuration sets; of a read and a delete, the state before it."""
    state: Object | None
    """What came of it; None when nothing is there any more, or nothing came to be."""
    seconds: float
    error: str | None = None
    warnings: list[str] = field(default_factory=list)
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the backend tells besides: its calls, for one."""


class Journal:
    """Writes entries to a file, or nowhere."""

    def __init__(self, path: str = "") -> None:
        self._path = Path(path) if path else None
        self._lock = threading.Lock()

    def write(self, entry: Entry) -> None:
        if self._path is None:
            return
        line = json.dumps(asdict(entry), default=_written) + "\n"
        # For the user alone: secrets of the state are in it.
        with self._lock, open(os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
            file.write(line)


def _written(value: object) -> str:
    return value.value if isinstance(value, Unknown) else repr(value)
