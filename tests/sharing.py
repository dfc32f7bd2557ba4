"""What takes long to make, and is made once for all workers of a test run."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

Made = TypeVar("Made")


def folder_of_run(factory: pytest.TempPathFactory) -> Path:
    """The same for all workers of a run."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[], Made]) -> Made:
    """What make gives, which has to be something that pickle takes; the second worker waits for it."""
    file = folder_of_run(factory) / f"{name}.pickle"
    with FileLock(f"{file}.lock"):
        if not file.exists():
            file.write_bytes(pickle.dumps(make()))
    made: Made = pickle.loads(file.read_bytes())
    return made
