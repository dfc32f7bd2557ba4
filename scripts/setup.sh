#!/usr/bin/env bash
# The Python environments, exactly as their lock files say: the project's in .venv, and checkov's in .venv-checkov, as it
# pins other versions of what both need. An argument names the one to make. Needs Python 3.11 or newer and a package
# registry.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

make_environment() { # folder
  if ! "$1/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$1"
    "$python" -m venv "$1" || { echo "setup: $python has no venv module (Debian: apt install python3-venv)" >&2; exit 2; }
  fi
}

sync() { # folder, Pipfile, arguments of pipenv sync
  if ! VIRTUAL_ENV=$PWD/$1 PIPENV_PIPFILE=$PWD/$2 PIPENV_NOSPIN=1 PIPENV_VERBOSITY=-1 \
    .venv/bin/pipenv sync "${@:3}" >"$log" 2>&1; then
    cat "$log" >&2
    exit 2
  fi
}

project() {
  make_environment .venv
  echo "setup: installing what Pipfile.lock names into .venv (about a minute, once)" >&2
  .venv/bin/pip install --quiet --disable-pip-version-check "pipenv==2026.10.3"
  sync .venv Pipfile --dev
  # The bindings' types take mypy longer to read than all else together; it keeps what it read. Errors are for `make lint`.
  echo "setup: reading the types of the AWS bindings (about a minute, once)" >&2
  .venv/bin/mypy >/dev/null 2>&1 || true
  touch .venv/.ready
}

policies() {
  make_environment .venv-checkov
  echo "setup: installing what tools/checkov/Pipfile.lock names into .venv-checkov (half a minute, once)" >&2
  sync .venv-checkov tools/checkov/Pipfile
  touch .venv-checkov/.ready
}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "setup: needs Python 3.11 or newer, and $python is not: PYTHON=python3.12 make setup" >&2
  exit 2
fi
case ${1:-both} in
  .venv) project ;;
  .venv-checkov) policies ;;
  both) project && policies ;;
  *) echo "setup: makes .venv or .venv-checkov, not $1" >&2; exit 2 ;;
esac
