"""What a check says of a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, as a reader and a machine need it."""

    check: str
    """The name of the check."""
    resource: str
    """`aws_vpc.main`; empty where it is no single resource's."""
    what: str
    """A sentence."""
    argument: str = ""
    """`health_check.path`, where it is one argument's."""
    value: Any = None
    """What the argument says."""
    allowed: str = ""
    """What it may say."""
    source: str = ""
    """Where that is from: a model of AWS or a page of AWS's documentation."""

    def __str__(self) -> str:
        return f"{self.resource}: {self.what}" if self.resource else self.what
