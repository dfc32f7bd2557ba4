"""The schema of the installed bindings, built once for each run at most."""

from __future__ import annotations

import pytest

from localaws.provider import schema


@pytest.fixture(scope="session")
def installed() -> schema.Schema:
    return schema.load()
