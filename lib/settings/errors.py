"""The one error that a wrong setting ends in."""

from __future__ import annotations

from collections.abc import Sequence


class SettingsError(Exception):
    """Settings that cannot be used. Its text lists every wrong value and what is allowed."""

    def __init__(self, source: str, findings: Sequence[str]) -> None:
        self.findings = tuple(findings)
        count = "1 setting is" if len(findings) == 1 else f"{len(findings)} settings are"
        super().__init__("\n".join([f"{source}: {count} wrong", *(f"  {finding}" for finding in findings)]))
