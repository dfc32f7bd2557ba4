"""Judges what GitHub Actions is given: by zizmor, by actionlint, and shell scripts by shellcheck.

zizmor is of the lock file. The other two are taken where they are: actionlint from PATH, or built once by Go and kept;
shellcheck from the environment's own folder or PATH. What cannot be had is left out, with a line that says so.
Exit code: 0, or 1 for findings.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint"
ACTIONLINT_VERSION = "v1.7.12"
_LONGEST_BUILD = 180
"""Seconds. It takes 40 with nothing at hand; who has no network is not to wait for ever."""
_SCRIPTS = (".ci/run", ".github/**/*.sh", "scripts/*.sh")


def main(environ: Mapping[str, str] = os.environ) -> int:
    bin_folder = Path(sys.executable).parent
    shellcheck = shutil.which("shellcheck", path=f"{bin_folder}{os.pathsep}{environ.get('PATH', '')}")
    commands = [[str(bin_folder / "zizmor"), "--offline", "--no-progress", "--quiet", "--persona=auditor", ".github"]]
    actionlint = _actionlint(environ)
    if actionlint:
        commands.append([actionlint, f"-shellcheck={shellcheck or ''}", "-pyflakes="])
    if shellcheck:
        commands.append([shellcheck, *(str(path) for pattern in _SCRIPTS for path in sorted(ROOT.glob(pattern)))])
    else:
        _left_out("shellcheck", "there is none")
    # All of them, whatever the first one finds.
    codes = [subprocess.run(command, cwd=ROOT, check=False).returncode for command in commands]
    return int(any(codes))


def _actionlint(environ: Mapping[str, str]) -> str | None:
    path = environ.get("PATH", "")
    if found := shutil.which("actionlint", path=path):
        return found
    kept = _cache(environ) / f"actionlint-{ACTIONLINT_VERSION}" / "actionlint"
    if kept.exists():
        return str(kept)
    go = shutil.which("go", path=path)
    if go is None:
        _left_out("actionlint", "there is none, and no Go to build it with")
        return None
    print(f"lint: building actionlint {ACTIONLINT_VERSION} (half a minute, once)", file=sys.stderr)
    # Go's own cache is locked by file, and an executable is put in its place whole: two at once do no harm.
    own = {**environ, "GOBIN": str(kept.parent), "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    try:
        subprocess.run(
            [go, "install", f"{ACTIONLINT}@{ACTIONLINT_VERSION}"],
            env=own,
            capture_output=True,
            text=True,
            timeout=_LONGEST_BUILD,
            check=True,
        )
    except subprocess.TimeoutExpired:
        _left_out("actionlint", f"Go took more than {_LONGEST_BUILD} s to build it")
        return None
    except subprocess.CalledProcessError as error:
        _left_out("actionlint", f"Go cannot build it: {''.join(error.stderr.strip().splitlines()[-1:])}")
        return None
    return str(kept)


def _cache(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME", "~")).expanduser() / ".cache") / "tapstack"


def _left_out(tool: str, why: str) -> None:
    print(f"lint: {tool} was left out: {why}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
