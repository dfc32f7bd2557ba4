"""`make use-region`: which region is written down, told, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.operations import region
from lib.operations.ending import Stop, ended
from lib.operations.region import use_region, used
from lib.settings import SettingsError, loader


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "lib" / "AWS_REGION"
    path.parent.mkdir()
    monkeypatch.setattr(region, "FILE", path)
    return path


def test_a_region_is_written_so_that_settings_read_it(file: Path) -> None:
    assert used("eu-west-1", {}) == (
        "eu-west-1 is in lib/AWS_REGION: commit it, so that everybody's stacks are made there.\n"
    )
    assert file.read_text() == "eu-west-1\n"
    assert file.stat().st_mode & 0o777 == 0o644
    assert loader.resolve_region(None, {}, root=file.parents[1]) == "eu-west-1"


def test_nothing_is_left_beside_it(file: Path) -> None:
    used("eu-west-1", {})
    used("us-west-2", {})
    assert [each.name for each in file.parent.iterdir()] == ["AWS_REGION"]


def test_that_a_variable_comes_before_it_is_said(file: Path) -> None:
    assert used("eu-west-1", {"AWS_REGION": "us-east-1"}).endswith(
        "AWS_REGION=us-east-1 in the environment still comes before it: unset it.\n"
    )
    assert file.is_file()


@pytest.mark.parametrize("name", ["eu-west-9", "Ireland", "eu-west-1a", "../eu-west-1"])
def test_what_is_no_region_is_refused_and_nothing_written(file: Path, name: str) -> None:
    with pytest.raises(Stop, match="there is no such region") as stop:
        used(name, {})
    assert stop.value.code == 2
    assert list(file.parent.iterdir()) == []


def test_a_slip_is_answered_with_what_is_near(file: Path) -> None:
    with pytest.raises(Stop, match=r"did you mean .*eu-west-1"):
        used("eu-wets-1", {})
    assert not file.exists()


@pytest.mark.parametrize("name", ["us-gov-west-1", "cn-north-1"])
def test_regions_of_other_partitions_are_regions(file: Path, name: str) -> None:
    used(name, {})
    assert file.read_text() == f"{name}\n"


def test_a_region_that_the_settings_do_not_go_with_is_refused(file: Path) -> None:
    environ = {"TAP__NETWORK__ZONE_NAMES": '["sa-east-1a", "sa-east-1b"]'}
    with pytest.raises(SettingsError, match="must lie in the stack's region eu-west-1"):
        used("eu-west-1", environ)
    assert not file.exists()


def test_a_disk_that_refuses_leaves_what_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used("eu-west-1", {})

    def refuse(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="no space left"):
        used("us-west-2", {})
    assert file.read_text() == "eu-west-1\n"
    assert [each.name for each in file.parent.iterdir()] == ["AWS_REGION"]


class TestInForce:
    def test_the_variable_comes_first(self, file: Path) -> None:
        file.write_text("eu-west-1\n")
        assert used("", {"AWS_REGION": "us-east-1"}) == "us-east-1, by AWS_REGION\n"

    def test_then_the_file(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file.write_text("eu-west-1\n")
        monkeypatch.setattr(region, "load", lambda *_, **__: type("S", (), {"region": "eu-west-1"}))
        assert used("", {}) == "eu-west-1, by lib/AWS_REGION\n"

    def test_then_what_the_project_says(self, file: Path) -> None:
        assert not file.exists()
        assert used("", {}) == "sa-east-1, by the blueprint, or else metadata.json\n"
        assert used("", {"TAP_BLUEPRINT": "payments"}) == "us-west-2, by the blueprint, or else metadata.json\n"

    def test_it_is_printed(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert ended(use_region)(" eu-west-1 ") == 0
        assert (file.read_text(), capsys.readouterr().out[:9]) == ("eu-west-1\n", "eu-west-1")
