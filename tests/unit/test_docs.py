"""The generated pages of docs/ say what the code says."""

from __future__ import annotations

import pytest

from scripts import docs


@pytest.fixture(scope="module")
def pages() -> dict[str, tuple[str, str]]:
    """Name of the page -> what it should hold, what it holds."""
    return {path.name: (text, path.read_text()) for path, text in docs.pages().items()}


@pytest.mark.parametrize("name", ["blueprints.md", "outputs.md", "README.md"])
def test_page_is_current(pages: dict[str, tuple[str, str]], name: str) -> None:
    expected, actual = pages[name]
    assert actual == expected, f"{name} is not current: `make docs` writes it anew"


def test_no_other_page_is_generated(pages: dict[str, tuple[str, str]]) -> None:
    assert pages.keys() == {"blueprints.md", "outputs.md", "README.md"}
