"""The pages for people who operate name words that there are, and leave none out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lib.operations.cli import WORDS

PAGES = (
    "README.md",
    "docs/ci.md",
    "docs/preflight.md",
    "docs/runbook.md",
    "docs/verification.md",
    "docs/walkthrough.md",
)
_MADE = re.compile(r"(?:^|[`$;] ?|\s{3})make ([a-z][a-z-]*)", re.MULTILINE)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([\w./-]*)(?:#([\w-]+))?\)")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_words_of_make_alone(page: str, root: Path) -> None:
    words = set(re.findall(r"^([a-z][a-z-]*):.*##", (root / "Makefile").read_text(), re.MULTILINE))
    named = set(_MADE.findall((root / page).read_text()))
    assert named
    assert named - words == set()


@pytest.mark.parametrize("word", WORDS)
def test_each_word_is_walked_through(word: str, root: Path) -> None:
    assert re.search(rf"^\$ (\w+=\S+ )*make {word}\b", (root / "docs" / "walkthrough.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str, root: Path) -> None:
    links = _LINK.findall((root / page).read_text())
    broken = [f"{path}#{heading}" for path, heading in links if not _leads((root / page), path, heading)]
    assert broken == []


def test_each_decision_is_in_the_list_under_its_title(root: Path) -> None:
    folder = root / "docs" / "adr"
    listed = (folder / "README.md").read_text()
    files = sorted(folder.glob("[0-9]*.md"))
    titles = {path.name: path.read_text().splitlines()[0].removeprefix(f"# {path.name[:4]}. ") for path in files}
    assert [name for name, title in titles.items() if f"- [{name[:4]}]({name}) {title}\n" not in listed] == []


def _leads(page: Path, path: str, heading: str) -> bool:
    target = page.parent / path if path else page
    if not target.exists():
        return False
    return not heading or heading in {_anchor(each) for each in _HEADING.findall(target.read_text())}


def _anchor(heading: str) -> str:
    """As GitHub makes it."""
    text = re.sub(r"[^\w\- ]", "", re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading).lower())
    return text.strip().replace(" ", "-")
