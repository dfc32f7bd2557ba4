#!/usr/bin/env bash
# Resolves both Pipfiles anew. The lock files name no registry: everyone installs from the one that they are set up for.
set -euo pipefail
cd "$(dirname "$0")/.."
export PIPENV_VERBOSITY=-1

lock() { # environment, Pipfile
  VIRTUAL_ENV=$PWD/$1 PIPENV_PIPFILE=$PWD/$2 .venv/bin/pipenv lock
  .venv/bin/python - "$2.lock" <<'PYTHON'
import json
import pathlib
import sys

path = pathlib.Path(sys.argv[1])
lock = json.loads(path.read_text())
lock["_meta"]["sources"] = []
for section in ("default", "develop"):
    for package in lock[section].values():
        package.pop("index", None)
path.write_text(json.dumps(lock, indent=4, sort_keys=True) + "\n")
PYTHON
  VIRTUAL_ENV=$PWD/$1 PIPENV_PIPFILE=$PWD/$2 .venv/bin/pipenv verify
}

lock .venv Pipfile
lock .venv-checkov tools/checkov/Pipfile
