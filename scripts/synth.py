"""Synthesizes every blueprint in every tier with tap.py, and says what came out.

--golden: also keep the templates in tests/golden, for review by `git diff`.
Exit code: 0, or the first failing run's.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
TIERS = ("dev", "staging", "prod")


@dataclass(frozen=True)
class Run:
    """One blueprint in one tier, synthesized."""

    blueprint: str
    tier: str
    seconds: float
    exit_code: int
    errors: str

    @property
    def template(self) -> Path:
        return ROOT / "cdktf.out" / f"{self.blueprint}-{self.tier}" / "stacks" / f"TapStack{self.tier}" / "cdk.tf.json"

    @property
    def resources(self) -> int:
        kinds = json.loads(self.template.read_text())["resource"]
        return sum(len(named) for named in kinds.values())


def environment(blueprint: str, tier: str, *, golden: bool) -> dict[str, str]:
    """The caller's environment (AWS_REGION, TAP__…) with this blueprint and tier; for golden templates none of it."""
    ours = ("AWS_REGION", "COMMIT_AUTHOR", "REPOSITORY", "TAP_", "TERRAFORM_STATE_BUCKET")
    inherited = {key: value for key, value in os.environ.items() if not (golden and key.startswith(ours))}
    inherited.pop("TAP_TIER", None)
    chosen = {
        "TAP_BLUEPRINT": blueprint,
        "ENVIRONMENT_SUFFIX": tier,
        "CDKTF_OUTDIR": f"cdktf.out/{blueprint}-{tier}",
    }
    return inherited | chosen


def synthesize(blueprint: str, tier: str, *, golden: bool) -> Run:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "tap.py"],
        cwd=ROOT,
        env=environment(blueprint, tier, golden=golden),
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(blueprint, tier, time.monotonic() - start, done.returncode, done.stdout + done.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--golden", action="store_true", help="write tests/golden anew")
    golden = parser.parse_args().golden
    blueprints = json.loads((ROOT / "metadata.json").read_text())["blueprints"]
    print(f"{'blueprint':<14}{'tier':<9}{'resources':>9}{'seconds':>9}  template")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pairs = [(blueprint, tier) for blueprint in blueprints for tier in TIERS]
        for run in pool.map(lambda pair: synthesize(*pair, golden=golden), pairs):
            if run.errors:
                print(run.errors, file=sys.stderr, end="")
            if run.exit_code:
                return run.exit_code
            where = run.template.relative_to(ROOT)
            print(f"{run.blueprint:<14}{run.tier:<9}{run.resources:>9}{run.seconds:>9.1f}  {where}")
            if golden:
                GOLDEN.mkdir(exist_ok=True)
                shutil.copyfile(run.template, GOLDEN / f"{run.blueprint}-{run.tier}.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
