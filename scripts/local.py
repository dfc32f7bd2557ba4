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
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from rich.console import Console

from lib.operations.verify.run import State
from localaws.environment import ROOT, Environment, LocalError, alone, terraform
from localaws.provider import mirror
from scripts.synth import Stack, runs, stacks

FOLDER = ROOT / ".local"
_INTERRUPTED = 130
_AT_A_TIME = 2
_BLUEPRINT, _SUFFIX = "catalog", "dev"
_WORDS = {"up": "make local", "down": "make local-down", "test": "make local-test"}
_MAY_BE_SKIPPED = (State.NEEDS_AWS, State.NOT_APPLICABLE)


class Tested(NamedTuple):
    """What the integration tests found."""

    counts: Counter[State]
    problems: list[str]


class Lived(NamedTuple):
    """A blueprint's life."""

    name: str
    types: int
    objects: int
    calls: int
    counts: Counter[State]
    seconds: float
    problems: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="local", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=_WORDS)
    parser.add_argument("--blueprint", default=_BLUEPRINT)
    parser.add_argument("--suffix", default=_SUFFIX)
    chosen = parser.parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    try:
        with alone(FOLDER, f"`{_WORDS[chosen.command]}`"):
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
    wanted = _as_asked_for(stack)
    if place.name not in ("", wanted):
        raise LocalError(
            f"{place.name} is up here. `make local {place.name}` applies what has changed of it; "
            f"`make local-down` takes it away, and then `make local {wanted}` can come"
        )
    with _step(console, "synthesize"):
        _synthesize([stack])
    with _step(console, "start"):
        was_lost = place.start(wanted)
    if was_lost:
        console.print("The server had ended, and with it all that was there: this is a new one, from nothing.")
    with _step(console, "init"):
        place.take(stack.template)
    with _step(console, "apply") as told:
        place.apply(told)
    with _step(console, "verify"):
        tested = integration_tests(place)
    console.print(f"             {_summary(tested.counts)}")
    with _step(console, "plan again"):
        changes = _changes(place)
    problems = [*tested.problems, *changes]
    console.print(f"{len(place.objects())} objects, {time.monotonic() - start:.0f} s. {place.numbers()}")
    _tell(console, place)
    return _end(console, problems)


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
    console.print("The server is stopped, its folder removed.")
    return 0


def test(console: Console) -> int:
    chosen = stacks(tier="dev")
    with _step(console, "synthesize"):
        _synthesize(chosen)
    console.print(
        f"{'':<29}{'API':>7}{'checks':>8}{'need':>7}{'not ap-':>9}\n"
        f"{'blueprint':<14}{'types':>6}{'objects':>9}{'calls':>7}{'hold':>8}{'AWS':>7}{'plicable':>9}{'seconds':>9}"
    )
    problems: list[str] = []
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for lived in pool.map(lambda stack: live(stack, FOLDER / "test" / stack.name), chosen):
            console.print(_row(lived))
            problems += [f"{lived.name}: {problem}" for problem in lived.problems]
    # Something may be left that could not be removed.
    with suppress(OSError):
        (FOLDER / "test").rmdir()
    code = _end(console, problems)
    console.print(f"{len(problems)} problem{'' if len(problems) == 1 else 's'}")
    return code


def live(stack: Stack, folder: Path) -> Lived:
    """From nothing to nothing, on a server of its own."""
    start = time.monotonic()
    place = Environment(folder)
    place.remove()
    problems: list[str] = []
    objects = 0
    tested = Tested(Counter(), [])
    try:
        place.start(_as_asked_for(stack))
        place.take(stack.template)
        place.apply()
        objects = len(place.objects())
        tested = integration_tests(place)
        problems += [*tested.problems, *_changes(place)]
        # The plan has just asked for each of them.
        place.destroy(refresh=False)
        problems += [f"is left after the destroy: {each}" for each in place.objects()]
    except LocalError as error:
        problems.append(str(error))
    finally:
        numbers = place.numbers()
        place.remove()
    seconds = time.monotonic() - start
    return Lived(stack.blueprint, numbers.types, objects, numbers.calls, tested.counts, seconds, problems)


def integration_tests(place: Environment) -> Tested:
    """tests/integration against what is deployed. One that was skipped has to say why, in the words of a check."""
    report = place.folder / "integration.xml"
    report.unlink(missing_ok=True)
    # Of pytest's plugins they need none, and to load them takes longer than to ask.
    environment = place.environment() | {"TAP_OUTPUTS": str(place.outputs_file), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}"]
    done = subprocess.run(
        [*command, "tests/integration"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    tested = reported(report.read_text()) if report.exists() else Tested(Counter(), [])
    if done.returncode and not tested.problems:
        tested.problems.append(f"the integration tests ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    if not tested.counts[State.HOLDS]:
        tested.problems.append("of the integration tests none was passed")
    return tested


def reported(junit: str) -> Tested:
    """What stands in a report of pytest.

    https://docs.pytest.org/en/stable/how-to/output.html#creating-junitxml-format-files
    """
    counts: Counter[State] = Counter()
    problems = []
    for case in ElementTree.fromstring(junit).iter("testcase"):
        name = case.get("name", "")
        failed = case.find("failure") if case.find("failure") is not None else case.find("error")
        skipped = case.find("skipped")
        if failed is not None:
            counts[State.PROBLEM] += 1
            problems.append(f"{name}: {failed.text or failed.get('message')}")
        elif skipped is not None:
            said, _, reason = skipped.get("message", "").partition(": ")
            state = next((each for each in _MAY_BE_SKIPPED if each.value == said and reason), State.NOT_ASKED)
            counts[state] += 1
            if state is State.NOT_ASKED:
                problems.append(f"{name}: was skipped, and for no reason that a check has: {skipped.get('message')!r}")
        else:
            counts[State.HOLDS] += 1
    return Tested(counts, problems)


def _changes(place: Environment) -> list[str]:
    """What ought not to be, by Terraform's second plan and by what was done so far."""
    again = place.second_plan()
    mocked = place.numbers().mocked
    return [
        *(f"a second plan is not empty: {each}" for each in again),
        *(f"was made without a call of AWS: {each}" for each in mocked),
    ]


def _summary(counts: Counter[State]) -> str:
    return ", ".join(f"{counts[state]} {said}" for state, said in _SAID.items() if counts[state] or state in _ALWAYS)


_SAID = {
    State.HOLDS: "hold",
    State.NEEDS_AWS: "need AWS (nothing runs here that could answer)",
    State.NOT_APPLICABLE: "not applicable (the stack has no such unit)",
    State.PROBLEM: "do not hold",
    State.NOT_ASKED: "skipped for no reason",
}
_ALWAYS = (State.HOLDS, *_MAY_BE_SKIPPED)


def _row(lived: Lived) -> str:
    counts = "".join(f"{lived.counts[state]:>{width}}" for state, width in zip(_ALWAYS, (8, 7, 9), strict=True))
    return f"{lived.name:<14}{lived.types:>6}{lived.objects:>9}{lived.calls:>7}{counts}{lived.seconds:>9.1f}"


def _end(console: Console, problems: Sequence[str]) -> int:
    for problem in problems:
        console.print(problem, markup=False)
    return 1 if problems else 0


def _as_asked_for(stack: Stack) -> str:
    return f"BLUEPRINT={stack.blueprint} SUFFIX={stack.tier}"


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
  export TAP_OUTPUTS={place.outputs_file}
  export TF_CLI_CONFIG_FILE={mirror.write()}
  aws --endpoint-url {endpoint} ec2 describe-vpcs
  .venv/bin/python -c 'import boto3; print(boto3.client("ecs").list_clusters()["clusterArns"])'
  make verify ARGS=--every

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
