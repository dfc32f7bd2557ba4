"""Paths into what AWS shows, as the table writes them: JMESPath, which botocore brings along."""

from __future__ import annotations

from typing import Any

import jmespath


def search(path: str, found: Any) -> Any:
    """None if there is nothing at the path. https://jmespath.org/specification.html"""
    return jmespath.search(path, found)
