"""The provider mirror and the CLI configuration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from localaws.provider import mirror


@pytest.fixture(name="configuration")
def _configuration(tmp_path: Path) -> Path:
    return mirror.write(tmp_path / "a folder")


def launcher(configuration: Path) -> Path:
    (found,) = configuration.parent.glob("mirror/**/terraform-provider-aws_v*")
    return found


def test_the_launcher_is_where_terraform_looks(configuration: Path) -> None:
    parts = launcher(configuration).relative_to(configuration.parent / "mirror").parts
    assert parts[1:4] == ("hashicorp", "aws", "6.25.0")


def test_the_launcher_can_be_run(configuration: Path) -> None:
    assert os.access(launcher(configuration), os.X_OK)


def test_the_configuration_names_the_mirror(configuration: Path) -> None:
    assert f'path    = "{configuration.parent}/mirror"' in configuration.read_text()


def test_writing_again_leaves_the_files_alone(configuration: Path) -> None:
    before = launcher(configuration).stat()
    mirror.write(configuration.parent)
    after = launcher(configuration).stat()
    # That it was read meanwhile shows in it as well.
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_launcher_of_another_place_is_replaced(configuration: Path) -> None:
    launcher(configuration).write_text("old")
    mirror.write(configuration.parent)
    assert "localaws.provider" in launcher(configuration).read_text()


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [
        ("Linux", "x86_64", "linux_amd64"),
        ("Linux", "aarch64", "linux_arm64"),
        ("Darwin", "x86_64", "darwin_amd64"),
        ("Darwin", "arm64", "darwin_arm64"),
    ],
)
def test_a_platform_has_terraforms_name(system: str, machine: str, expected: str) -> None:
    assert mirror.target(system, machine) == expected


@pytest.mark.parametrize(("system", "machine"), [("Windows", "AMD64"), ("Linux", "riscv64")])
def test_another_platform_is_refused(system: str, machine: str) -> None:
    with pytest.raises(ValueError, match="not known to run"):
        mirror.target(system, machine)


def test_the_command_prints_the_path_for_terraform(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mirror.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/terraform.rc\n"


def test_the_command_takes_one_directory(capsys: pytest.CaptureFixture[str]) -> None:
    assert mirror.main(["a", "b"]) == 2
    assert "usage" in capsys.readouterr().err
