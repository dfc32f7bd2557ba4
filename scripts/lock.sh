#!/usr/bin/env bash
# Resolves the Pipfile anew. The lock file names no registry: everyone installs from the one that they are set up for.
set -euo pipefail
cd "$(dirname "$0")/.."
PIPENV_VERBOSITY=-1 .venv/bin/pipenv lock
.venv/bin/python - <<'PYTHON'
import json
import pathlib

path = pathlib.Path("Pipfile.lock")
lock = json.loads(path.read_text())
lock["_meta"]["sources"] = []
for section in ("default", "develop"):
    for package in lock[section].values():
        package.pop("index", None)
path.write_text(json.dumps(lock, indent=4, sort_keys=True) + "\n")
PYTHON
.venv/bin/pipenv verify
