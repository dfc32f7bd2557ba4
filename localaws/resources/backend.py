"""The plugin's backend whose objects are in AWS: each operation of Terraform becomes calls of the AWS API."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from localaws.provider.backend import Category, Outcome, Refused, Surroundings
from localaws.provider.values import Object
from localaws.resources.connection import Connection, message
from localaws.resources.data import DATA, EPHEMERAL, Question
from localaws.resources.life import Life
from localaws.resources.resource import Resource
from localaws.resources.table import TABLE, tagging_of


def connect(surroundings: Surroundings) -> AwsBackend:
    return AwsBackend(surroundings)


class AwsBackend:
    """A `localaws.provider.backend.Backend`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._aws = Connection(surroundings.endpoint_url, surroundings.region)
        self._is_stopped = False

    def knows(self, category: Category, kind: str) -> bool:
        known: dict[Category, Collection[str]] = {"resource": TABLE, "data": DATA, "ephemeral": EPHEMERAL}
        return kind in known[category]

    def renewed(self, kind: str, changed: Collection[str]) -> Collection[str]:
        return TABLE[kind].renews.split() if changed else ()

    def create(self, kind: str, config: Object, planned: Object) -> Outcome:
        return self._life(kind, planned, config).create()

    def read(self, kind: str, state: Object, notes: Mapping[str, Any] | None) -> Outcome | None:
        return self._life(kind, state).read(None if notes is None else notes.get("watch", {}))

    def update(
        self,
        kind: str,
        prior: Object,
        config: Object,
        planned: Object,
        notes: Mapping[str, Any] | None,  # noqa: ARG002 -- part of the seam
    ) -> Outcome:
        return self._life(kind, planned, config).update(prior)

    def delete(
        self,
        kind: str,
        state: Object,
        notes: Mapping[str, Any] | None,  # noqa: ARG002 -- part of the seam
    ) -> Outcome | None:
        resource = self._resource(kind, state)
        life = Life(resource)
        life.delete()
        return Outcome({}, facts=life.facts)

    def data(self, kind: str, config: Object) -> Outcome:
        return self._ask("data", kind, config)

    def open_ephemeral(self, kind: str, config: Object) -> Outcome:
        return self._ask("ephemeral", kind, config)

    def stop(self) -> None:
        """Nothing waits; what is under way is a call of milliseconds, and no other is begun."""
        self._is_stopped = True

    def _life(self, kind: str, state: Object, config: Object | None = None) -> Life:
        return Life(self._resource(kind, state, config))

    def _resource(self, kind: str, state: Object, config: Object | None = None) -> Resource:
        if self._is_stopped:
            raise Refused(f"{kind}: stopped", "the user asked for it before this was begun")
        if kind not in TABLE:
            raise Refused(f"{kind}: not in the local AWS", "localaws/resources/table has no entry for it")
        schema = self._surroundings.block("resource", kind)
        return Resource(
            self._aws,
            kind,
            entry=TABLE[kind],
            tagging=tagging_of(kind),
            schema=schema,
            state=state,
            config=config,
        )

    def _ask(self, category: Category, kind: str, config: Object) -> Outcome:
        answers = DATA if category == "data" else EPHEMERAL
        if kind not in answers:
            raise Refused(f"{kind}: not in the local AWS", "localaws/resources/data.py has no answer for it")
        schema = self._surroundings.block(category, kind)
        question = Question(self._aws, kind, config)
        try:
            answer = answers[kind](question)
        except Exception as error:
            raise Refused(f"reading {kind}", message(error)) from error
        known = {
            name: value for name, value in answer.items() if name in schema.attributes and config.get(name) is None
        }
        return Outcome({**config, **known}, facts=question.facts)
