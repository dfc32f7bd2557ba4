"""What a store hands to a service that may use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lib.components.connections import Peer
from lib.components.policy import Statement


@dataclass(frozen=True, kw_only=True)
class Access:
    """Everything that it takes to use a store: where it is, the port to open, credentials, permissions."""

    peer: Peer
    ports: Sequence[int]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables for the container: where the store is."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Variables for the container: `valueFrom` of the credentials."""
    execution_statements: Sequence[Statement] = ()
    """What ECS must be allowed to in order to inject the secrets."""
    task_statements: Sequence[Statement] = ()
    """What the application must be allowed to in order to sign in."""
