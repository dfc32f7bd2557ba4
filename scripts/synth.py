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
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
TIERS = ("dev", "staging", "prod")


@dataclass(frozen=True)
class Stack:
    """One blueprint, built in or a TOML file of its own, in one tier."""

    blueprint: str
    tier: str

    @property
    def name(self) -> str:
        return f"{Path(self.blueprint).stem}-{self.tier}"

    @property
    def folder(self) -> Path:
        return ROOT / "cdktf.out" / self.name

    @property
    def template(self) -> Path:
        return self.folder / "stacks" / f"TapStack{self.tier}" / "cdk.tf.json"

    def environment(self, *, golden: bool = False) -> dict[str, str]:
        """The caller's (AWS_REGION, TAP__…) with this blueprint and tier; for golden templates none of the caller's."""
        ours = ("AWS_REGION", "COMMIT_AUTHOR", "REPOSITORY", "TAP_", "TERRAFORM_STATE_BUCKET")
        inherited = {key: value for key, value in os.environ.items() if not (golden and key.startswith(ours))}
        inherited.pop("TAP_TIER", None)
        chosen = {
            "TAP_BLUEPRINT": self.blueprint,
            "ENVIRONMENT_SUFFIX": self.tier,
            "CDKTF_OUTDIR": str(self.folder.relative_to(ROOT)),
        }
        return inherited | chosen


@dataclass(frozen=True)
class Run:
    """A stack, synthesized."""

    stack: Stack
    seconds: float
    exit_code: int
    errors: str

    @property
    def resources(self) -> int:
        kinds = json.loads(self.stack.template.read_text())["resource"]
        return sum(len(named) for named in kinds.values())


def stacks(blueprint: str | None = None, tier: str | None = None) -> list[Stack]:
    """One blueprint or all built-in ones, in one tier or all."""
    blueprints = [blueprint] if blueprint else json.loads((ROOT / "metadata.json").read_text())["blueprints"]
    return [Stack(each, one) for each in blueprints for one in ([tier] if tier else TIERS)]


class _Processes:
    """Those that run. Ended, all of them are, and none is started any more."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._ended = False
        self._lock = threading.Lock()

    def run(self, stack: Stack, *, golden: bool) -> Run:
        start = time.monotonic()
        with self._started(stack.environment(golden=golden)) as process:
            output, errors = process.communicate()
        with self._lock:
            self._running.discard(process)
        return Run(stack, time.monotonic() - start, process.returncode, output + errors)

    def end(self) -> None:
        with self._lock:
            self._ended = True
            for process in self._running:
                process.terminate()

    def _started(self, environment: dict[str, str]) -> subprocess.Popen[str]:
        with self._lock:
            if self._ended:
                raise InterruptedError
            process = subprocess.Popen(
                [sys.executable, "tap.py"],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self._running.add(process)
            return process


def runs(chosen: Sequence[Stack], *, golden: bool = False) -> Iterator[Run]:
    """Synthesizes each, as many at a time as there are processors, and tells of them in their order.

    Who stops asking ends what still runs.
    """
    processes = _Processes()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            yield from pool.map(lambda stack: processes.run(stack, golden=golden), chosen)
        finally:
            processes.end()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--golden", action="store_true", help="write tests/golden anew")
    golden = parser.parse_args().golden
    print(f"{'blueprint':<14}{'tier':<9}{'resources':>9}{'seconds':>9}  template")
    for run in runs(stacks(), golden=golden):
        if run.errors:
            print(run.errors, file=sys.stderr, end="")
        if run.exit_code:
            return run.exit_code
        stack = run.stack
        where = stack.template.relative_to(ROOT)
        print(f"{stack.blueprint:<14}{stack.tier:<9}{run.resources:>9}{run.seconds:>9.1f}  {where}")
        if golden:
            GOLDEN.mkdir(exist_ok=True)
            shutil.copyfile(stack.template, GOLDEN / f"{stack.name}.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
