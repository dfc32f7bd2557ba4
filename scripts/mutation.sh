#!/usr/bin/env bash
# How many small mistakes in settings and naming the tests notice: mutmut, on a copy. An argument narrows it:
# scripts/mutation.sh 'lib.naming*'. Components are left out: mutmut forks, and jsii's Node process does not fork along.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r lib tests scripts docs tap.py cdktf.json metadata.json pyproject.toml "$copy"
cd "$copy"
find . -name __pycache__ -prune -exec rm -rf {} +
cat >> pyproject.toml <<'TOML'

[tool.mutmut]
source_paths = ["lib/naming.py", "lib/settings/"]
pytest_add_cli_args_test_selection = ["tests/unit/settings", "tests/unit/test_naming.py"]
also_copy = ["lib", "tests", "scripts", "docs", "metadata.json", "cdktf.json", "tap.py"]
TOML
"$bin/mutmut" run "$@" >mutmut.log 2>&1 || { tail -n 40 mutmut.log >&2; exit 1; }
"$bin/mutmut" results --all true | sed -n 's/.*: //p' | sort | uniq -c
"$bin/mutmut" results | grep survived || true
