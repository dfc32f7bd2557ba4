"""The types of resources that the templates have."""

from __future__ import annotations

from functools import cache

from tests.templates.samples import NAMES, sample


@cache
def used_kinds() -> set[str]:
    return {kind for name in NAMES for kind in sample(name).template.document["resource"]}
