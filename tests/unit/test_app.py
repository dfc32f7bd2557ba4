"""The application object: its context, and where it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.app import new_app


def test_has_the_context_of_cdktf_json_without_the_command_line_interface(tmp_path: Path) -> None:
    node = new_app(str(tmp_path)).node
    assert node.try_get_context("excludeStackIdFromLogicalIds") == "true"
    assert node.try_get_context("allowSepCharsInLogicalIds") == "true"


def test_finds_cdktf_json_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert new_app("here").node.try_get_context("allowSepCharsInLogicalIds") == "true"


def test_argument_comes_before_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "variable"))
    assert new_app(str(tmp_path / "argument")).outdir == str(tmp_path / "argument")
    assert not (tmp_path / "variable").exists()


def test_makes_the_variables_folder_with_those_above_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "one" / "two"
    monkeypatch.setenv("CDKTF_OUTDIR", str(folder))
    assert new_app().outdir == str(folder)
    assert folder.is_dir()
    assert new_app().outdir == str(folder)  # Once more, now that it is there.


@pytest.mark.parametrize("variable", [None, ""])
def test_writes_to_cdktf_out_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CDKTF_OUTDIR")
    if variable is not None:
        monkeypatch.setenv("CDKTF_OUTDIR", variable)
    assert new_app().outdir == str(tmp_path / "cdktf.out")
    assert (tmp_path / "cdktf.out").is_dir()
