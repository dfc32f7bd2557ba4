"""SQS: a queue's policy outlives other changes of the queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.sqs.models import Queue

from localaws.aws.extending import Extension, Mended


def _keeps_policy(original: Callable[..., None]) -> Callable[..., None]:
    def set_attributes(self: Queue, attributes: Mapping[str, Any], now: float | None = None) -> None:
        policy = getattr(self, "policy", None)
        original(self, attributes, now)
        if "Policy" not in attributes:
            self.policy = policy

    return set_attributes


EXTENSIONS: Final[tuple[Extension, ...]] = (
    Mended(Queue, "_set_attributes", _keeps_policy, "any change of a queue takes its policy away"),
)
