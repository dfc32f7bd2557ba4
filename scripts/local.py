"""The platform on an AWS that runs on this machine.

up: synthesizes, starts the server, applies by Terraform, verifies, plans again, and leaves it running.
down: destroys, stops the server, and leaves nothing.
test: every blueprint in dev, each on a server of its own, up to destroyed; a table.

Exit code: 0; 1 when something is not as it should be; 2 when it cannot be done; 130 when interrupted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from localaws.environment import ROOT, Environment, LocalError, terraform
from scripts.synth import Stack, runs, stacks

FOLDER = ROOT / ".local"
_INTERRUPTED = 130
_AT_A_TIME = 2
_BLUEPRINT, _SUFFIX = "catalog", "dev"


class Tested(NamedTuple):
    """A blueprint's life."""

    name: str
    types: int
    objects: int
    calls: int
    seconds: float
    problems: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="local", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("up", "down", "test"))
    parser.add_argument("--blueprint", default=_BLUEPRINT)
    parser.add_argument("--suffix", default=_SUFFIX)
    chosen = parser.parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    try:
        if chosen.command == "down":
            return down(console, FOLDER / "environment")
        terraform()
        return test(console) if chosen.command == "test" else up(console, Stack(chosen.blueprint, chosen.suffix))
    except LocalError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted: `make local` goes on from here, `make local-down` leaves nothing", file=sys.stderr)
        return _INTERRUPTED


def up(console: Console, stack: Stack) -> int:
    start = time.monotonic()
    place = Environment(FOLDER / "environment")
    with _step(console, "synthesize"):
        _synthesize([stack])
    with _step(console, "start"):
        was_lost = place.start()
    if was_lost:
        console.print("The server had ended, and with it all that was there: this is a new one, from nothing.")
    with _step(console, "init"):
        place.take(stack.template)
    with _step(console, "apply") as told:
        place.apply(told)
    problems = _problems(console, place)
    console.print(f"{len(place.objects())} objects, {time.monotonic() - start:.0f} s. {place.numbers()}")
    _tell(console, place)
    for problem in problems:
        console.print(problem, markup=False)
    return 1 if problems else 0


def down(console: Console, folder: Path) -> int:
    place = Environment(folder)
    if not folder.exists():
        console.print("Nothing is there.")
        return 0
    if place.endpoint and place.work.exists():
        try:
            with _step(console, "destroy") as told:
                place.destroy(told)
        except LocalError as error:
            # In prod data are protected. Here all of AWS goes with the server.
            console.print(f"Not destroyed by Terraform, and gone with the server all the same:\n{error}", markup=False)
    place.remove()
    _remove_if_empty(FOLDER)
    console.print("The server is stopped, its folder removed.")
    return 0


def test(console: Console) -> int:
    chosen = stacks(tier="dev")
    with _step(console, "synthesize"):
        _synthesize(chosen)
    console.print(f"{'blueprint':<14}{'types':>6}{'objects':>9}{'calls':>7}{'seconds':>9}")
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        tested = []
        for each in pool.map(lambda stack: live(stack, FOLDER / "test" / stack.name), chosen):
            tested.append(each)
            console.print(f"{each.name:<14}{each.types:>6}{each.objects:>9}{each.calls:>7}{each.seconds:>9.1f}")
    _remove_if_empty(FOLDER / "test")
    _remove_if_empty(FOLDER)
    problems = [f"{each.name}: {problem}" for each in tested for problem in each.problems]
    for problem in problems:
        console.print(problem, markup=False)
    console.print(f"{len(problems)} problems")
    return 1 if problems else 0


def live(stack: Stack, folder: Path) -> Tested:
    """From nothing to nothing, on a server of its own."""
    start = time.monotonic()
    quiet = Console(quiet=True)
    place = Environment(folder)
    place.remove()
    problems: list[str] = []
    objects = 0
    try:
        place.start()
        place.take(stack.template)
        place.apply()
        objects = len(place.objects())
        problems += _problems(quiet, place)
        place.destroy()
        problems += [f"is left after the destroy: {each}" for each in place.objects()]
    except LocalError as error:
        problems.append(str(error))
    numbers = place.numbers()
    place.remove()
    return Tested(stack.blueprint, numbers.types, objects, numbers.calls, time.monotonic() - start, problems)


def _remove_if_empty(folder: Path) -> None:
    # Another environment may be in it.
    with suppress(OSError):
        folder.rmdir()


def _problems(console: Console, place: Environment) -> list[str]:
    """What is wrong with what is there."""
    with _step(console, "verify"):
        verified, summary = _verified(place)
    console.print(f"             {summary}")
    with _step(console, "plan again"):
        again = place.second_plan()
    mocked = place.numbers().mocked
    return [
        *verified,
        *(f"a second plan is not empty: {each}" for each in again),
        *(f"was made without a call of AWS: {each}" for each in mocked),
    ]


def _verified(place: Environment) -> tuple[list[str], str]:
    """What the integration tests find, and their summary."""
    environment = place.environment() | {"TAP_OUTPUTS": str(place.outputs_file)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/integration"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    summary = (done.stdout.splitlines() or [""])[-1]
    return [] if done.returncode == 0 else [done.stdout + done.stderr], summary


def _synthesize(chosen: Sequence[Stack]) -> None:
    for run in runs(chosen):
        if run.exit_code:
            raise LocalError(f"{run.stack.name}: no template:\n{run.errors.rstrip()}")


def _tell(console: Console, place: Environment) -> None:
    endpoint, region = place.endpoint, place.region
    url = json.loads(place.outputs_file.read_text())["url"]["value"]
    console.print(
        f"""
endpoint  {endpoint}
region    {region}
outputs   {place.outputs_file}
url       {url} (nothing runs behind it)

From another shell:
  export AWS_ENDPOINT_URL={endpoint} AWS_DEFAULT_REGION={region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  aws --endpoint-url {endpoint} ec2 describe-vpcs
  .venv/bin/python -c 'import boto3; print(boto3.client("ecs").list_clusters()["clusterArns"])'

make local       applies what has changed
make local-down  takes it away""",
        markup=False,
    )


@contextmanager
def _step(console: Console, name: str) -> Iterator[Callable[[int, int], None]]:
    """A line for each step with its seconds; on a terminal also how far it is."""
    start = time.monotonic()
    with console.status(name) as status:
        yield lambda done, total: status.update(f"{name}: {done} of {total}")
    console.print(f"{name:<12}{time.monotonic() - start:>6.1f} s")


if __name__ == "__main__":
    sys.exit(main())
