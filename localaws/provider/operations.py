"""Runs the operations of a backend: those asked to fail fail, none begins after Ctrl-C, each is written to the log."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from localaws.provider.backend import Backend, Operation, Outcome, Refused
from localaws.provider.faults import Faults
from localaws.provider.journal import Entry, Journal
from localaws.provider.values import Object, is_set

Notes = Mapping[str, Any] | None


class Operations:
    """A backend, watched. Whatever goes wrong in it is Refused."""

    def __init__(self, backend: Backend, faults: Faults, journal: Journal) -> None:
        self.backend = backend
        self._faults = faults
        self._journal = journal
        self._stopped = threading.Event()

    def create(self, kind: str, config: Object, planned: Object) -> Outcome:
        def made() -> Outcome:
            outcome = self.backend.create(kind, config, planned)
            self._faults.raise_if_asked(kind, "created", outcome.state)
            return outcome

        return _there(self._run("create", kind, config, made))

    def read(self, kind: str, state: Object, notes: Notes) -> Outcome | None:
        return self._run("read", kind, state, lambda: self.backend.read(kind, state, notes))

    def update(self, kind: str, prior: Object, config: Object, planned: Object, notes: Notes) -> Outcome:
        return _there(
            self._run("update", kind, config, lambda: self.backend.update(kind, prior, config, planned, notes))
        )

    def delete(self, kind: str, state: Object, notes: Notes) -> Outcome | None:
        return self._run("delete", kind, state, lambda: self.backend.delete(kind, state, notes))

    def data(self, kind: str, config: Object) -> Outcome:
        return _there(self._run("data", kind, config, lambda: self.backend.data(kind, config)))

    def open_ephemeral(self, kind: str, config: Object) -> Outcome:
        return _there(self._run("open", kind, config, lambda: self.backend.open_ephemeral(kind, config)))

    def stop(self) -> None:
        self._stopped.set()
        self.backend.stop()

    def _run(
        self, operation: Operation, kind: str, given: Object, call: Callable[[], Outcome | None]
    ) -> Outcome | None:
        began = time.monotonic()
        outcome, refusal = None, None
        try:
            outcome = self._guarded(operation, kind, call)
        except Refused as refused:
            refusal = refused
        told = refusal or outcome
        self._journal.write(
            Entry(
                operation=operation,
                type=kind,
                arguments={name: value for name, value in given.items() if is_set(value)},
                state=told.state if told and operation != "delete" else None,
                seconds=round(time.monotonic() - began, 4),
                error=str(refusal) if refusal else None,
                warnings=[": ".join(filter(None, notice)) for notice in outcome.warnings] if outcome else [],
                facts=told.facts if told else {},
            )
        )
        if refusal:
            raise refusal
        return outcome

    def _guarded(self, operation: Operation, kind: str, call: Callable[[], Outcome | None]) -> Outcome | None:
        if self._stopped.is_set():
            raise Refused(f"{kind}: not begun", "The run was interrupted.")
        self._faults.raise_if_asked(kind, operation)
        try:
            return call()
        except Refused:
            raise
        except Exception as error:
            raise Refused(f"{kind}: a defect of localaws in {operation}", traceback.format_exc()) from error


def _there(outcome: Outcome | None) -> Outcome:
    if outcome is None:
        raise TypeError("a backend answers with None to a read or a delete only")
    return outcome
