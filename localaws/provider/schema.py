"""The provider's schema, built once from the installed bindings and kept in the user's cache directory.

The cache is keyed by the version of the bindings and by the source of the modules that read them, so neither an update
nor a change here can meet an old schema. It may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import shutil
import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import platformdirs
from filelock import FileLock

from localaws.provider import bindings, handmade
from localaws.provider.backend import Category
from localaws.provider.block import Block
from localaws.provider.messages import read_block, write_block
from localaws.provider.protocol import pb

_BINDINGS = "cdktf-cdktf-provider-aws"
_READERS = ("bindings.py", "block.py", "handmade.py", "messages.py", "schema.py", "sensitive.json")
"""The files whose change makes another schema."""
_RESPONSE, _VERSION = "schema.pb", "provider-version"


class Schema:
    """What the provider knows: the answer to Terraform's question, and the blocks in it."""

    def __init__(self, provider_version: str, response: bytes) -> None:
        self.provider_version = provider_version
        self.response = response
        self._blocks: dict[tuple[Category, str], Block] = {}

    @cached_property
    def message(self) -> pb.GetProviderSchema.Response:
        return pb.GetProviderSchema.Response.FromString(self.response)

    @cached_property
    def provider(self) -> Block:
        """The provider block."""
        return read_block(self.message.provider.block)

    def kinds(self, category: Category) -> list[str]:
        """The names of all resources, data sources or ephemeral resources."""
        return sorted(self._schemas(category))

    def block(self, category: Category, kind: str) -> Block:
        """What is in one of them."""
        key = (category, kind)
        if key not in self._blocks:
            schemas = self._schemas(category)
            if kind not in schemas:
                raise KeyError(f"version {self.provider_version} of the provider has no {category} {kind}")
            self._blocks[key] = read_block(schemas[kind].block)
        return self._blocks[key]

    def _schemas(self, category: Category) -> Mapping[str, pb.Schema]:
        return {
            "resource": self.message.resource_schemas,
            "data": self.message.data_source_schemas,
            "ephemeral": self.message.ephemeral_resource_schemas,
        }[category]


class _Archive(NamedTuple):
    path: Path
    version: str


def load(cache: Path | None = None) -> Schema:
    """The schema of the installed bindings; the first call on a machine builds it, which takes a few seconds."""
    cache = cache or cache_directory()
    archive = _installed_bindings()
    directory = cache / f"schema-{archive.version}-{_source_digest()}"
    if not directory.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{directory}.lock"):
            if not directory.is_dir():
                _store(build(archive.path), directory)
    return Schema((directory / _VERSION).read_text(), (directory / _RESPONSE).read_bytes())


def cache_directory() -> Path:
    """Where what is built once is kept: $XDG_CACHE_HOME/tapstack-localaws, or what the platform has in its place."""
    return platformdirs.user_cache_path("tapstack-localaws")


def build(archive: Path) -> Schema:
    """Reads the bindings' archive."""
    version, found = bindings.read(archive)
    message = pb.GetProviderSchema.Response()
    message.server_capabilities.get_provider_schema_optional = True
    for kind, name, block in found:
        match kind:
            case "resource":
                write_block(block, message.resource_schemas[name].block)
            case "data":
                write_block(block, message.data_source_schemas[name].block)
            case "provider":
                write_block(block, message.provider.block)
    for name, block in handmade.EPHEMERAL.items():
        write_block(block, message.ephemeral_resource_schemas[name].block)
    return Schema(version, message.SerializeToString(deterministic=True))


def _store(schema: Schema, directory: Path) -> None:
    """Puts the files there in one step, so that a reader finds all of them or none."""
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=directory.parent))
    try:
        (unfinished / _VERSION).write_text(schema.provider_version)
        (unfinished / _RESPONSE).write_bytes(schema.response)
        os.replace(unfinished, directory)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _installed_bindings() -> _Archive:
    distribution = importlib.metadata.distribution(_BINDINGS)
    archives = [file for file in distribution.files or () if file.name.endswith(".jsii.tgz")]
    if len(archives) != 1:
        raise bindings.UnreadableBindingsError(
            f"{_BINDINGS} {distribution.version} has {len(archives)} jsii archives, not 1"
        )
    return _Archive(Path(str(distribution.locate_file(archives[0]))), distribution.version)


def _source_digest() -> str:
    digest = hashlib.sha256()
    for name in _READERS:
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()[:16]
