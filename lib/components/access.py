"""What a store hands to whoever may use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lib.components.connections import Peer
from lib.components.policy import Statement


@dataclass(frozen=True, kw_only=True)
class Access:
    """Everything that it takes to use a store: where it is, the port to open, credentials, permissions."""

    peer: Peer | None = None
    """None for what is reached as a service of AWS: a bucket, a table."""
    ports: Sequence[int] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables: where the store is."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Variables for a container: `valueFrom` of the credentials."""
    secret_references: Mapping[str, str] = field(default_factory=dict)
    """Variables for a program that reads the credentials by itself: the ARN of the secret."""
    execution_statements: Sequence[Statement] = ()
    """What reading the credentials takes: of ECS where it injects `secrets`, else of the program itself."""
    task_statements: Sequence[Statement] = ()
    """What the application must be allowed to in order to sign in, read and write."""


def joined(variables: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The variables of several stores, whose names differ."""
    return {name: value for each in variables for name, value in each.items()}
