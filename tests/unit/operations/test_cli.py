"""The words, and what is no word."""

from __future__ import annotations

import os
import re
import runpy
import sys
from pathlib import Path

import pytest

from lib.operations import __main__ as program
from lib.operations import cli
from lib.operations.cli import WORDS, main


def test_each_word_tells_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = re.findall(r"^  ([a-z-]+)  +(\S.*)$", capsys.readouterr().out.split("Commands:")[1], re.MULTILINE)
    assert [word for word, _ in listed] == list(WORDS)


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_its_own_in_make(word: str, root: Path) -> None:
    makefile = (root / "Makefile").read_text()
    assert f"@$(OPERATIONS) {word}" in makefile
    assert re.search(rf"^{word}:.*##", makefile, re.MULTILINE)


@pytest.mark.parametrize("word", WORDS)
def test_each_option_says_what_it_is_for(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word, "--help"]) == 0
    printed = capsys.readouterr().out
    assert "Exit code:" in printed
    options = printed.split("Options:")[1]
    assert not re.search(r"^  --[\w-]+( [A-Z<>a-z_]+)?$", options.split("--help")[0], re.MULTILINE)


def test_what_is_no_word_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verfy"]) == 2
    assert "Did you mean 'verify'?" in capsys.readouterr().err


def test_an_option_that_is_none_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--jsn"]) == 2
    assert "--jsn" in capsys.readouterr().err


def test_as_a_program_it_ends_with_the_same_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class EndError(Exception):
        pass

    def end(code: int) -> None:
        raise EndError(code)

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(sys, "argv", ["operations", "verify", "nowhere.json"])
    monkeypatch.delitem(sys.modules, "lib.operations.__main__")
    with pytest.raises(EndError, match=r"^2$"):
        runpy.run_module("lib.operations", run_name="__main__")
    said = capsys.readouterr()
    assert said.err.startswith("nowhere.json: No such file or directory.")
    assert said.out == ""


def test_interrupted_as_it_starts_it_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupted)
    assert program.run() == 130
    assert capsys.readouterr() == ("", "")
