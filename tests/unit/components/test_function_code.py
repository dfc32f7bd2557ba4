"""The package of a function: the same bytes everywhere, nothing in it that does not belong there, nothing missing."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from importlib.metadata import files, requires, version
from io import BytesIO
from pathlib import Path

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components import function_code
from lib.components.function_code import REQUIREMENTS_FILE, FunctionCode, package
from tests.template import Template

PROJECT = Path(__file__).parents[3]
TRANSACTIONS = PROJECT / "lib" / "functions" / "transactions"
ROTATION = PROJECT / "lib" / "functions" / "rotation"

PROGRAM = f"""
import sys
from pathlib import Path
from lib.app import new_app
from cdktf import LocalBackend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from lib.components.function_code import FunctionCode

app = new_app(sys.argv[1])
stack = TerraformStack(app, "test")
AwsProvider(stack, "aws", region="eu-west-1")
LocalBackend(stack, path="test.tfstate")
code = FunctionCode(stack, "code", folder=Path({str(TRANSACTIONS)!r}))
TerraformOutput(stack, "path", value=code.path)
TerraformOutput(stack, "hash", value=code.hash)
del code
app.synth()
"""
"""A synthesis, as one process does it."""


def write(folder: Path, *names: str) -> Path:
    """A folder with files of these names, each of which says its name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def contents(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def start(folder: Path, hash_seed: str) -> subprocess.Popen[bytes]:
    """A synthesis into `folder`/out, from a place of its own and with temporary files of its own."""
    (folder / "tmp").mkdir(parents=True)
    environ = os.environ | {
        "PYTHONPATH": str(PROJECT),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONHASHSEED": hash_seed,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder / "out")], env=environ, cwd=folder)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of two syntheses that ran at the same time."""
    folders = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("another") / "further" / "down"
    processes = [start(folder, seed) for folder, seed in zip(folders, "12", strict=True)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    return folders


class TestPackage:
    def test_holds_the_files_of_the_folder_by_their_names_in_it(self, tmp_path: Path) -> None:
        write(tmp_path, "handler.py", "vendored/deep/module.py", "data.json")
        assert contents(package(tmp_path)) == {
            "data.json": b"data.json",
            "handler.py": b"handler.py",
            "vendored/deep/module.py": b"vendored/deep/module.py",
        }

    def test_leaves_out_what_is_no_part_of_the_function(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            "handler.py",
            "__pycache__/handler.cpython-313.pyc",
            "__pycache__/handler.cpython-313.nbi",
            "vendored/__pycache__/module.pyc",
            "module.pyc",
            ".env",
            ".git/config",
            "vendored/.hidden",
            "tests/data.json",
            "vendored/tests/deep/test.py",
            "test_handler.py",
        )
        assert list(contents(package(tmp_path))) == ["handler.py"]

    def test_keeps_what_only_reads_like_that(self, tmp_path: Path) -> None:
        names = ["contest_a.py", "mytests/a.py", "testing.py", "tests.py"]
        assert list(contents(package(write(tmp_path, *names)))) == names

    def test_is_the_same_whenever_and_in_whatever_order_its_files_were_written(self, tmp_path: Path) -> None:
        names = ["b.py", "a.py", "a/b.py", "z.py"]
        one, other = write(tmp_path / "one", *names), write(tmp_path / "other", *reversed(names))
        for number, path in enumerate(sorted(other.rglob("*.py"))):
            os.utime(path, (number, 1_000_000_000))
            path.chmod(0o700)
        write(other, "__pycache__/a.pyc", ".DS_Store")
        assert package(one) == package(other)

    def test_is_another_one_with_other_contents(self, tmp_path: Path) -> None:
        before = package(write(tmp_path, "handler.py"))
        (tmp_path / "handler.py").write_text("other")
        assert package(tmp_path) != before

    def test_is_another_one_with_other_names(self, tmp_path: Path) -> None:
        one, other = write(tmp_path / "one", "a.py"), write(tmp_path / "other", "a.py")
        (other / "a.py").rename(other / "b.py")
        assert package(one) != package(other)

    def test_is_the_same_from_release_to_release(self, tmp_path: Path) -> None:
        """Other bytes here are a deployment of every function: Python's zip module or this one makes another zip."""
        digest = hashlib.sha256(package(write(tmp_path, "handler.py", "data/a.json"))).hexdigest()
        assert digest == "c6e652ed2c03cba972df009af6aa4875304cc1dce761ae4e7ad162d49e8a2307"

    def test_says_nothing_of_the_machine(self, tmp_path: Path) -> None:
        write(tmp_path, "handler.py")
        with zipfile.ZipFile(BytesIO(package(tmp_path))) as archive:
            (entry,) = archive.infolist()
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.create_system == 3
        assert entry.compress_type == zipfile.ZIP_STORED
        assert (entry.extra, entry.comment) == (b"", b"")

    def test_can_be_read_by_the_user_that_runs_it(self, tmp_path: Path) -> None:
        write(tmp_path, "handler.py")
        (tmp_path / "handler.py").chmod(0o600)
        with zipfile.ZipFile(BytesIO(package(tmp_path))) as archive:
            (entry,) = archive.infolist()
        assert entry.external_attr >> 16 == stat.S_IFREG | 0o644

    @pytest.mark.parametrize("target", ["handler.py", "vendored", "nowhere"])
    def test_takes_no_links(self, tmp_path: Path, target: str) -> None:
        write(tmp_path, "handler.py", "vendored/module.py")
        (tmp_path / "linked").symlink_to(tmp_path / target)
        with pytest.raises(ValueError, match="linked is a link: what it leads to may be another thing"):
            package(tmp_path)

    def test_does_not_look_at_links_that_are_left_out(self, tmp_path: Path) -> None:
        write(tmp_path, "handler.py")
        (tmp_path / ".linked").symlink_to(tmp_path / "handler.py")
        assert list(contents(package(tmp_path))) == ["handler.py"]

    def test_is_no_larger_than_lambda_takes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert function_code.MAX_BYTES == 50 * 1024 * 1024
        size = len(package(write(tmp_path, "handler.py")))
        monkeypatch.setattr(function_code, "MAX_BYTES", size)
        package(tmp_path)
        monkeypatch.setattr(function_code, "MAX_BYTES", size - 1)
        with pytest.raises(ValueError, match=rf"comes to {size} bytes: Lambda takes {size - 1}"):
            package(tmp_path)


class TestTheTransactionsFunction:
    def test_is_packaged_as_it_is(self) -> None:
        assert contents(package(TRANSACTIONS)) == {
            name: (TRANSACTIONS / name).read_bytes() for name in ("__init__.py", "handler.py")
        }

    def test_runs_from_its_package(self, tmp_path: Path) -> None:
        """As in Lambda, where there is nothing beside it but Python and boto3."""
        (tmp_path / "function.zip").write_bytes(package(TRANSACTIONS))
        program = (
            "import sys; sys.path.insert(0, 'function.zip'); import json, handler;"
            "print(json.dumps([handler.__file__, handler.handle({'amount': 'x'}, None)]))"
        )
        said = subprocess.run([sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, check=True)
        file, answer = json.loads(said.stdout)
        assert file == "function.zip/handler.py"
        assert answer["statusCode"] == 400
        assert json.loads(answer["body"])["errors"].keys() == {"amount", "currency", "reference"}


class TestPackagesOfOthers:
    def test_are_those_that_the_folder_asks_for_and_nothing_of_an_installer(self) -> None:
        names = contents(package(ROTATION)).keys()
        assert {name.split("/")[0] for name in names} == {
            *("__init__.py", "handler.py", "requirements.txt"),
            *("asn1crypto", "dateutil", "pg8000", "scramp", "six.py"),
            *(f"{name}-{version(name)}.dist-info" for name in ("asn1crypto", "pg8000", "scramp", "six")),
            f"python_dateutil-{version('python-dateutil')}.dist-info",
        }
        assert {name.split("/")[1] for name in names if ".dist-info/" in name} == {"METADATA"}
        assert not [name for name in names if name.endswith(".pyc")]

    def test_are_as_they_are_installed(self) -> None:
        found = contents(package(ROTATION))
        for file in files("pg8000") or ():
            if file.suffix == ".py":
                assert found[str(file)] == Path(str(file.locate())).read_bytes()

    def test_are_all_that_they_need_in_turn(self) -> None:
        asked_for = set((ROTATION / REQUIREMENTS_FILE).read_text().split())
        needed = [each for name in asked_for for each in requires(name) or () if "extra ==" not in each]
        assert {re.split(r"[^\w-]", each)[0] for each in needed} <= asked_for

    def test_are_of_the_versions_in_the_lock_file(self) -> None:
        locked = json.loads((PROJECT / "Pipfile.lock").read_text())["default"]
        for name in (ROTATION / REQUIREMENTS_FILE).read_text().split():
            assert locked[name]["version"] == f"=={version(name)}"

    def test_one_that_is_not_installed_is_named(self, tmp_path: Path) -> None:
        write(tmp_path, "handler.py")
        (tmp_path / REQUIREMENTS_FILE).write_text("no-such-package\n")
        with pytest.raises(ValueError, match=r"names no-such-package, which is not installed: make setup"):
            package(tmp_path)

    def test_one_for_this_machines_processor_is_refused(self, tmp_path: Path) -> None:
        write(tmp_path, "handler.py")
        (tmp_path / REQUIREMENTS_FILE).write_text("pydantic-core\n")
        with pytest.raises(ValueError, match="pydantic-core has parts for this machine's processor"):
            package(tmp_path)

    def test_a_function_runs_with_its_own(self, tmp_path: Path) -> None:
        """As in Lambda, which takes the package apart and has boto3 beside it, with some of the same packages."""
        with zipfile.ZipFile(BytesIO(package(ROTATION))) as archive:
            archive.extractall(tmp_path)
        program = (
            f"import sys; sys.path.insert(0, {str(tmp_path)!r});"
            "import handler, pg8000, scramp, asn1crypto, dateutil, six;"
            "print(*(each.__file__ for each in (handler, pg8000, scramp, asn1crypto, dateutil, six)))"
        )
        said = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=True, text=True)
        assert all(file.startswith(str(tmp_path)) for file in said.stdout.split())


class TestInTheTemplate:
    def test_testing_synth_works_as_well(self) -> None:
        def add(scope: Construct) -> None:
            code = FunctionCode(scope, "code", folder=TRANSACTIONS)
            TerraformOutput(scope, "path", value=code.path)
            TerraformOutput(scope, "hash", value=code.hash)

        outputs = Template.of_components(add).outputs
        digest = hashlib.sha256(package(TRANSACTIONS))
        folder, place, hash, name = outputs["path"]["value"].split("/")
        assert (folder, hash, name) == ("assets", digest.hexdigest()[:32], "function.zip")
        assert place.startswith("code_package_")
        assert outputs["hash"]["value"] == base64.b64encode(digest.digest()).decode()

    def test_package_lies_beside_the_template_where_it_says(self, synthesized: tuple[Path, Path]) -> None:
        stack = synthesized[0] / "out" / "stacks" / "test"
        outputs = json.loads((stack / "cdk.tf.json").read_text())["output"]
        content = (stack / outputs["path"]["value"]).read_bytes()
        assert content == package(TRANSACTIONS)
        assert outputs["hash"]["value"] == base64.b64encode(hashlib.sha256(content).digest()).decode()

    def test_two_at_once_come_to_the_same_bytes(self, synthesized: tuple[Path, Path]) -> None:
        one, other = (tree(folder / "out") for folder in synthesized)
        assert one == other
        assert sum(name.endswith("function.zip") for name in one) == 1

    def test_nothing_names_the_machine(self, synthesized: tuple[Path, Path]) -> None:
        for folder in synthesized:
            for name, content in tree(folder / "out").items():
                assert str(folder).encode() not in content, name
                assert b"functions-" not in content, name

    def test_nothing_is_left_behind(self, synthesized: tuple[Path, Path]) -> None:
        for folder in synthesized:
            names = [path.name for path in (folder / "tmp").rglob("*")]
            assert not {"function.zip"} & set(names)
            assert not [name for name in names if name.startswith("functions-")]
