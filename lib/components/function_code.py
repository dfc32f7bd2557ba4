"""The package of a function: a folder, and the packages that it asks for, as a zip, the same bytes wherever it is made.

Terraform deploys a function again when its package has other bytes. A zip as other tools make it holds the time, the
modes and the order of its files, and what a version of zlib makes of them: another one on every machine.
"""

from __future__ import annotations

import atexit
import base64
import hashlib
import io
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from cdktf import AssetType, TerraformAsset
from constructs import Construct

LEFT_OUT = (".*", "__pycache__", "*.pyc", "tests", "test_*.py")
"""Names of files and folders that are no part of a function."""
REQUIREMENTS_FILE = "requirements.txt"
"""Names of the packages that a function needs and Lambda's runtime does not have, one a line, those that they need in
turn included. Their versions are those of the environment, which a lock file has made."""
OF_A_PACKAGE = ("METADATA",)
"""Of the files about a package: what it says of itself. The rest is the installer's."""
COMPILED = (".so", ".pyd", ".dylib")
MAX_BYTES = 50 * 1024**2
"""More than this Lambda takes from S3 only.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

_FILE_NAME = "function.zip"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""A zip knows no earlier time."""
_UNIX = 3
_READABLE_BY_ALL = (stat.S_IFREG | 0o644) << 16
"""Lambda runs the code as another user than the one who owns its files.
https://docs.aws.amazon.com/lambda/latest/dg/python-package.html"""


class FunctionCode(Construct):
    """The package of a folder, as a file beside the template.

    Raises ValueError for a folder that Lambda would not take, or that would be another one on another machine.
    """

    def __init__(self, scope: Construct, id: str, *, folder: Path) -> None:
        super().__init__(scope, id)
        content = package(folder)
        digest = hashlib.sha256(content)
        self.hash = base64.b64encode(digest.digest()).decode()
        """As Lambda gives it for the package that it runs: Terraform compares the two."""
        # CDKTF would hash by MD5, which some machines refuse.
        self._asset = TerraformAsset(
            self, "package", path=str(_written(content)), type=AssetType.FILE, asset_hash=digest.hexdigest()[:32]
        )

    @property
    def path(self) -> str:
        """From the template's own folder: `assets/<place in the tree>/<digest>/function.zip`."""
        return self._asset.path


def package(folder: Path) -> bytes:
    """The zip. It depends on the names and the contents of the files and on nothing else."""
    buffer = io.BytesIO()
    # Stored, not compressed: what zlib makes of the same bytes differs from version to version.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, path in sorted((*_files(folder), *_files_of_packages(folder / REQUIREMENTS_FILE))):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE_BY_ALL
            archive.writestr(entry, path.read_bytes())
    content = buffer.getvalue()
    if len(content) > MAX_BYTES:
        raise ValueError(f"{folder} comes to {len(content):,} bytes: Lambda takes {MAX_BYTES:,}")
    return content


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name in the package, and file."""
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if _matches(parts):
            continue
        if path.is_symlink():
            raise ValueError(f"{path} is a link: what it leads to may be another thing on another machine")
        if path.is_file():
            yield "/".join(parts), path


def _files_of_packages(requirements: Path) -> Iterator[tuple[str, Path]]:
    for name in requirements.read_text().split() if requirements.is_file() else ():
        try:
            files = distribution(name).files or ()
        except PackageNotFoundError:
            raise ValueError(f"{requirements} names {name}, which is not installed: make setup") from None
        for each in files:
            if not _is_left_out(each):
                if each.suffix in COMPILED:
                    raise ValueError(f"{name} has parts for this machine's processor: {each}")
                yield each.as_posix(), Path(str(each.locate()))


def _is_left_out(file: PurePosixPath) -> bool:
    by_an_installer = file.parts[0].endswith(".dist-info") and file.name not in OF_A_PACKAGE
    return by_an_installer or file.parts[0] == ".." or _matches(file.parts)


def _matches(parts: tuple[str, ...]) -> bool:
    return any(fnmatchcase(part, pattern) for part in parts for pattern in LEFT_OUT)


def _written(content: bytes) -> Path:
    """A file of its own for each package: nobody else writes to it, and it is handed on only when it is complete."""
    path = Path(tempfile.mkdtemp(dir=_workplace())) / _FILE_NAME
    path.write_bytes(content)
    return path


@cache
def _workplace() -> Path:
    """A folder of this process. It stays to the end: CDKTF takes the packages when the application is synthesized."""
    folder = Path(tempfile.mkdtemp(prefix="functions-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
