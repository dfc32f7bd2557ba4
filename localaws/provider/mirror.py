"""Where Terraform finds the plugin: a provider mirror, and the CLI configuration that names it.

`python -m localaws.provider.mirror [DIRECTORY]` writes both and prints the path for TF_CLI_CONFIG_FILE. Terraform
then takes hashicorp/aws from here, and no other provider from anywhere.
https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from localaws.provider import schema

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "registry.terraform.io/hashicorp/aws"
"""The provider's name, as `required_providers` spells it out; nothing is asked of that host."""

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_SYSTEMS = ("linux", "darwin")

_LAUNCHER = """\
#!/bin/sh
PYTHONPATH={root} exec {python} -P -m localaws.provider
"""
_CONFIGURATION = """\
disable_checkpoint = true
provider_installation {{
  filesystem_mirror {{
    path    = "{mirror}"
    include = ["{address}"]
  }}
}}
"""


def write(directory: Path | None = None) -> Path:
    """Writes mirror and configuration, where they are not there yet; the configuration's path."""
    version = schema.load().provider_version
    directory = directory or _own_directory()
    package = directory / "mirror" / ADDRESS / version / target(platform.system(), platform.machine())
    package.mkdir(parents=True, exist_ok=True)
    launcher = _LAUNCHER.format(root=shlex.quote(str(ROOT)), python=shlex.quote(sys.executable))
    _place(package / f"terraform-provider-aws_v{version}", launcher, mode=0o755)
    configuration = directory / "terraform.rc"
    _place(configuration, _CONFIGURATION.format(mirror=directory / "mirror", address=ADDRESS), mode=0o644)
    return configuration


def target(system: str, machine: str) -> str:
    """The platform as Terraform names it: linux_amd64."""
    system, machine = system.lower(), machine.lower()
    if system not in _SYSTEMS or machine not in _ARCHITECTURES:
        raise ValueError(f"the plugin is started by a shell script, which {system} on {machine} is not known to run")
    return f"{system}_{_ARCHITECTURES[machine]}"


def _own_directory() -> Path:
    """One for each checkout and interpreter, which the launcher names."""
    key = hashlib.sha256(f"{ROOT}\0{sys.executable}".encode()).hexdigest()[:16]
    return schema.cache_directory() / f"mirror-{key}"


def _place(path: Path, text: str, mode: int) -> None:
    """In one step, for a Terraform elsewhere may be reading it."""
    if path.is_file() and path.read_text() == text:
        return
    handle, unfinished = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    os.chmod(unfinished, mode)
    os.replace(unfinished, path)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) > 1:
        print("usage: python -m localaws.provider.mirror [DIRECTORY]", file=sys.stderr)
        return 2
    print(write(Path(arguments[0]).resolve() if arguments else None))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
