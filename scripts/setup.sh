#!/usr/bin/env bash
# The Python environment in .venv, exactly as Pipfile.lock says. Needs Python 3.11 or newer and a package registry.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "setup: needs Python 3.11 or newer, and $python is not: PYTHON=python3.12 make setup" >&2
  exit 2
fi
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  rm -rf .venv
  "$python" -m venv .venv || { echo "setup: $python has no venv module (Debian: apt install python3-venv)" >&2; exit 2; }
fi
echo "setup: installing what Pipfile.lock names into .venv (about a minute, once)"
.venv/bin/pip install --quiet --disable-pip-version-check "pipenv==2026.10.3"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! VIRTUAL_ENV=$PWD/.venv PIPENV_NOSPIN=1 PIPENV_VERBOSITY=-1 .venv/bin/pipenv sync --dev >"$log" 2>&1; then
  cat "$log" >&2
  exit 2
fi
# The bindings' types take mypy longer to read than all else together; it keeps what it read. Errors are for `make lint`.
echo "setup: reading the types of the AWS bindings (about a minute, once)"
.venv/bin/mypy >/dev/null 2>&1 || true
touch .venv/.ready
