"""The cache of the schema."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from localaws.provider import schema
from tests.localaws.provider.samples import schema as sample


@pytest.fixture(name="builds")
def _builds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    builds: list[Path] = []

    def build(archive: Path) -> schema.Schema:
        builds.append(archive)
        # Long enough for others to come while it is under way.
        time.sleep(0.05)
        return sample()

    monkeypatch.setattr(schema, "build", build)
    return builds


def test_the_first_use_builds_it(tmp_path: Path, builds: list[Path]) -> None:
    assert (schema.load(tmp_path).kinds("resource"), len(builds)) == (["aws_thing"], 1)


def test_the_second_use_reads_it(tmp_path: Path, builds: list[Path]) -> None:
    schema.load(tmp_path)
    assert (schema.load(tmp_path).provider_version, len(builds)) == ("1.2.3", 1)


def test_first_uses_at_once_build_it_once(tmp_path: Path, builds: list[Path]) -> None:
    users = [threading.Thread(target=schema.load, args=(tmp_path,)) for _ in range(8)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    assert len(builds) == 1


def test_a_use_after_a_change_of_the_source_builds_it_again(
    tmp_path: Path, builds: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.load(tmp_path)
    monkeypatch.setattr(schema, "_source_digest", lambda: "changed")
    schema.load(tmp_path)
    assert len(builds) == 2


def test_a_build_that_fails_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "build", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        schema.load(tmp_path)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


@pytest.mark.usefixtures("builds")
def test_files_that_cannot_be_put_in_their_place_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("read-only")))
    with pytest.raises(OSError, match="read-only"):
        schema.load(tmp_path)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def test_the_cache_is_where_the_user_keeps_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert schema.cache_directory() == tmp_path / "tapstack-localaws"


def test_the_digest_follows_the_files_that_make_the_schema() -> None:
    here = Path(schema.__file__).parent
    assert all((here / name).is_file() for name in schema._READERS)
