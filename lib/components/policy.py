"""IAM policy documents, written once and the same everywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement. `principal` belongs to policies of resources (key, bucket, topic), not to those of roles."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str] = ()
    effect: Literal["Allow", "Deny"] = "Allow"
    principal: Mapping[str, str] | str | None = None
    condition: Mapping[str, Mapping[str, str | Sequence[str]]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        parts = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Principal": self.principal,
            "Action": list(self.actions),
            "Resource": list(self.resources),
            "Condition": self.condition,
        }
        return {key: value for key, value in parts.items() if value}


def document(*statements: Statement) -> str:
    """The policy as JSON. Tokens inside stay references: they are plain strings to JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement.as_dict() for statement in statements]})


def trust(service: str, *, account_id: str) -> str:
    """The trust policy of a role that one AWS service takes on, for this account's resources only.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    return document(
        Statement(
            sid="Trust",
            actions=["sts:AssumeRole"],
            principal={"Service": service},
            condition={"StringEquals": {"aws:SourceAccount": account_id}},
        )
    )


def distinct(statements: Sequence[Statement]) -> list[Statement]:
    """The statements, a repeated one once: IAM refuses a policy in which two have the same id.

    Raises ValueError when two different ones have it.
    """
    by_sid: dict[str, Statement] = {}
    for statement in statements:
        if by_sid.setdefault(statement.sid, statement) != statement:
            raise ValueError(f"two different statements are called {statement.sid}")
    return list(by_sid.values())
