"""A small schema, and a backend that does as it is told and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.provider.backend import Category, Outcome, Refused
from localaws.provider.handmade import block, listed, unordered
from localaws.provider.messages import write_block
from localaws.provider.protocol import pb
from localaws.provider.schema import Schema
from localaws.provider.values import UNKNOWN, Object, Value, empty_object

THING = "aws_thing"
QUESTION = "aws_question"

THING_BLOCK = block(
    "id:c arn:c name:r size:o:number note:oc zones:o:list(string) secret:os tags:o:map(string) tags_all:oc:map(string) "
    "region:oc",
    rule=unordered(block("port:r:number rule_id:c", target=unordered(block("address:r")))),
    step=listed(block("title:r step_id:c")),
)
QUESTION_BLOCK = block("about:r answer:c region:oc")
PROVIDER_BLOCK = block(
    "region:o", default_tags=listed(block("tags:o:map(string)")), endpoints=unordered(block("ec2:o"))
)


def schema() -> Schema:
    """One resource, one data source and one ephemeral resource."""
    message = pb.GetProviderSchema.Response()
    write_block(PROVIDER_BLOCK, message.provider.block)
    write_block(THING_BLOCK, message.resource_schemas[THING].block)
    write_block(QUESTION_BLOCK, message.data_source_schemas[QUESTION].block)
    write_block(QUESTION_BLOCK, message.ephemeral_resource_schemas[QUESTION].block)
    return Schema("1.2.3", message.SerializeToString())


def thing(**values: Value) -> Object:
    """A thing of which nothing else is set."""
    return {**empty_object(THING_BLOCK), **values}


def made(**values: Value) -> Object:
    """A thing as its state is after a create."""
    known: Object = {
        "id": "t-1",
        "arn": "arn:t-1",
        "name": "one",
        "note": "told",
        "region": "us-east-1",
        "tags_all": {},
    }
    return thing(**{**known, **values})


@dataclass
class FakeBackend:
    """Makes what is unknown "told"; `refusal` is raised in place of an answer, `absent` kinds are not known."""

    refusal: Exception | None = None
    absent: frozenset[str] = frozenset()
    renews: frozenset[str] = frozenset()
    outcome: Outcome | None = None
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def knows(self, category: Category, kind: str) -> bool:
        del category
        return kind not in self.absent

    def renewed(self, kind: str, changed: Collection[str]) -> Collection[str]:
        del kind
        return self.renews if changed else ()

    def create(self, kind: str, config: Object, planned: Object) -> Outcome:
        return self._answer(("create", kind, config, planned), planned)

    def read(self, kind: str, state: Object, notes: Mapping[str, Any] | None) -> Outcome | None:
        answer = self._answer(("read", kind, state, notes), state)
        return None if answer.state.get("name") == "gone" else answer

    def update(
        self, kind: str, prior: Object, config: Object, planned: Object, notes: Mapping[str, Any] | None
    ) -> Outcome:
        return self._answer(("update", kind, prior, config, planned, notes), planned)

    def delete(self, kind: str, state: Object, notes: Mapping[str, Any] | None) -> Outcome | None:
        self._answer(("delete", kind, state, notes), {})
        return self.outcome

    def data(self, kind: str, config: Object) -> Outcome:
        return self._answer(("data", kind, config), {**config, "answer": "42"})

    def open_ephemeral(self, kind: str, config: Object) -> Outcome:
        return self._answer(("open", kind, config), {**config, "answer": "secret"})

    def stop(self) -> None:
        self.calls.append(("stop",))

    def _answer(self, call: tuple[Any, ...], state: Object) -> Outcome:
        self.calls.append(call)
        if self.refusal:
            raise self.refusal
        known: Object = {name: "told" if value is UNKNOWN else value for name, value in state.items()}
        return self.outcome or Outcome(known, notes={"watched": ["name"]})


def refusal_half_made() -> Refused:
    return Refused("creating aws_thing (one)", "CreateThing: Limit", state=made(id="t-1", arn=UNKNOWN), notes={"k": 1})
