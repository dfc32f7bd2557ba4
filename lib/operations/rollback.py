"""`make rollback`: brings a service back to an earlier revision of its tasks, without Terraform.

The way out when the deployed version is worse than the one before and there is no time for a build. Terraform keeps old
revisions (`skip_destroy`), so ECS can go back to any of them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lib.operations.aws import POOL_SIZE, Block
from lib.operations.deploy.rollout import Rolled, failures
from lib.operations.deployment import Deployment
from lib.operations.ending import FOUND, INTERRUPTED, OK, UNUSABLE, Stop
from lib.operations.opening import OutputsFile, one_of, opened
from lib.operations.printing import put, rendered
from lib.operations.times import ago, as_time
from lib.operations.verify.check import NO_TASKS

_SHOWN = 10
"""Revisions, the newest of them."""
_LOOKS = 15
_SECONDS_BETWEEN_LOOKS = 1
_NAMED = {"environment": "value", "secrets": "valueFrom"}
"""Lists of named values of a container -> where the value stands. Values are compared and never shown."""
_OF_AWS = frozenset(
    {"taskDefinitionArn", "revision", "status", "registeredAt", "registeredBy", "requiresAttributes", "compatibilities"}
    | {"deregisteredAt", "containerDefinitions", "tags", "family"}
)
"""Members of a definition that nobody chose, and those that are compared by themselves."""


@dataclass(frozen=True)
class Revision:
    """A task definition of the service's family."""

    number: int
    arn: str
    definition: Block

    @property
    def name(self) -> str:
        """`catalog-dev-api:7`"""
        return _name(self.arn)

    @property
    def images(self) -> list[str]:
        return [str(each.get("image")) for each in self.definition["containerDefinitions"]]


@dataclass(frozen=True)
class Way:
    """From where a service is to where it is to go."""

    service: str
    revisions: Sequence[Revision]
    """The newest first, those that are shown."""
    runs: Revision
    deployed: str
    """ARN of the one that the outputs name."""
    target: Revision
    under_way: str
    """What ECS is doing already; empty when it is done."""

    @property
    def is_there(self) -> bool:
        return self.runs.arn == self.target.arn

    def said_of(self, revision: Revision) -> str:
        marks = {"runs": self.runs.arn, "deployed": self.deployed}
        marks |= {} if self.is_there else {"goes to": self.target.arn}
        return ", ".join(mark for mark, arn in marks.items() if arn == revision.arn)


def _watched(stack: Deployment, rolled: Rolled) -> list[str]:
    return failures(stack.aws, [rolled], lambda line: print(line, file=sys.stderr), emulated=stack.emulated)


Watch = Callable[[Deployment, Rolled], list[str]]
"""Waits until ECS has brought a service to a task definition, and gives what went wrong."""


def rollback(
    service: Annotated[str | None, typer.Argument(metavar="SERVICE", help="Left out: the only one.")] = None,
    *,
    to: Annotated[
        int | None, typer.Option(metavar="REVISION", min=1, help="Left out: the one before what was deployed.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without a question.")] = False,
    outputs: OutputsFile = None,
) -> int:
    """Bring a service back to the task definition before the one that was deployed, and wait until it runs.

    Shows the revisions and what changes, and asks. Exit code: 0 when it runs, 1 when there is nothing to go back to or
    it does not get there, 2 for arguments that cannot be used, 3 when AWS cannot be reached or denies it.
    """
    stack = opened(outputs)
    return rolled_back(stack, one_of(stack.names_in("service_names"), service, "service"), to, yes=yes)


def rolled_back(stack: Deployment, service: str, to: int | None, *, yes: bool, watch: Watch = _watched) -> int:
    """The exit code."""
    way = find_way(stack, service, to)
    now = datetime.now(UTC)
    put(rendered(lambda console: show(console, way, now)))
    if not way.is_there:
        _agree(way, yes=yes)
        _go(stack, way)
    _wait(stack, way, watch)
    put(rendered(lambda console: console.print(Text(afterwards(way)))))
    return OK


def find_way(stack: Deployment, service: str, to: int | None) -> Way:
    """Where it is and where it goes. Raises Stop where there is no way."""
    found = stack.service(service)
    if found.get("status") != "ACTIVE":
        raise Stop(f"ECS has no active service {stack['service_names'][service]}, which the outputs name", FOUND)
    runs, deployed = str(found["taskDefinition"]), str(stack["task_definition_arns"][service])
    family = _family(runs)
    arns = stack.ask("ecs", "list_task_definitions", familyPrefix=family, status="ACTIVE", sort="DESC")
    known = {_number(arn): arn for arn in arns["taskDefinitionArns"] if _family(arn) == family}
    number = _target(known, _number(runs), _number(deployed), to, family)
    shown = {*sorted(known, reverse=True)[:_SHOWN], number, _number(runs)}
    # One that was deregistered runs on, and is in no list.
    known[_number(runs)] = runs
    revisions = _described(stack, [known[each] for each in sorted(shown, reverse=True)])
    of_number = {each.number: each for each in revisions}
    return Way(service, revisions, of_number[_number(runs)], deployed, of_number[number], _under_way(stack, found))


def _target(known: Mapping[int, str], runs: int, deployed: int, to: int | None, family: str) -> int:
    if to is not None:
        if to not in known:
            numbers = ", ".join(map(str, sorted(known, reverse=True)[:_SHOWN]))
            raise Stop(f"--to {to}: {family} has no such revision: {numbers or 'none is there'}", UNUSABLE)
        return to
    if runs < deployed:
        # ECS has gone back by itself, or somebody was here before.
        return runs
    before = [number for number in known if number < runs]
    if not before:
        raise Stop(f"{family}:{runs} runs, and no revision before it is there: nothing to go back to", FOUND)
    return max(before)


def _described(stack: Deployment, arns: Sequence[str]) -> list[Revision]:
    def described(arn: str) -> Revision:
        answer = stack.ask("ecs", "describe_task_definition", taskDefinition=arn)
        return Revision(_number(arn), arn, answer["taskDefinition"])

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        return list(pool.map(described, arns))


def _under_way(stack: Deployment, service: Block) -> str:
    if stack.emulated:
        return ""  # There no deployment comes to its end.
    going = [each for each in service.get("deployments", []) if each.get("rolloutState") == "IN_PROGRESS"]
    return ", ".join(f"a deployment to {_name(each['taskDefinition'])} is under way" for each in going)


def show(console: Console, way: Way, now: datetime) -> None:
    """The revisions, and what is another after it."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("revision", "", "registered", "image"):
        table.add_column(column, overflow="fold")
    for each in way.revisions:
        at = as_time(each.definition.get("registeredAt"))
        table.add_row(each.name, way.said_of(each), f"{ago(now, at)} ago" if at else "", ", ".join(each.images))
    console.print(table)
    console.print()
    if way.under_way:
        console.print(Text(way.under_way, style="yellow"))
    if way.is_there:
        console.print(Text(f"{way.service} is at {way.target.name} already"))
        return
    console.print(Text(f"from {way.runs.name} to {way.target.name}:", style="bold"))
    for text in differences(way.runs.definition, way.target.definition) or ["nothing is another"]:
        console.print(Text(f"  {text}"))


def differences(now: Block, then: Block) -> list[str]:
    """What is another in the one definition than in the other: images and sizes, but of variables only the names."""
    members = sorted((now.keys() | then.keys()) - _OF_AWS)
    found = [f"{name}: {_shown(now.get(name), then.get(name))}" for name in members if now.get(name) != then.get(name)]
    containers = [{each["name"]: each for each in of["containerDefinitions"]} for of in (now, then)]
    for name in sorted(containers[0].keys() | containers[1].keys()):
        found += _of_container(name, containers[0].get(name, {}), containers[1].get(name, {}))
    return found


def _of_container(name: str, now: Block, then: Block) -> Iterator[str]:
    if now.get("image") != then.get("image"):
        yield f"{name}: image {_shown(now.get('image'), then.get('image'))}"
    for member, value in _NAMED.items():
        before, after = ({each["name"]: each[value] for each in of.get(member, [])} for of in (now, then))
        for variable in sorted(before.keys() | after.keys()):
            if before.get(variable) != after.get(variable):
                what = "goes" if variable not in after else "comes" if variable not in before else "has another value"
                yield f"{name}: {member} {variable} {what}"
    others = sorted((now.keys() | then.keys()) - _NAMED.keys() - {"image", "name"})
    if changed := [member for member in others if now.get(member) != then.get(member)]:
        yield f"{name}: {', '.join(changed)}"


def _shown(before: Any, after: Any) -> str:
    if isinstance(before, str) and isinstance(after, str):
        return f"{before} → {after}"
    return "changes"


def _agree(way: Way, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise Stop("nobody is there to be asked: --yes does it without a question", UNUSABLE)
    print(f"Bring {way.service} to {way.target.name}? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Stop("nothing was changed", FOUND)


def _go(stack: Deployment, way: Way) -> None:
    """Has ECS begin. Raises Stop if it is not where it was when people agreed."""
    found = _definition_now(stack, way)
    if found != way.runs.arn:
        raise Stop(f"meanwhile somebody else brought {way.service} to {_name(found)}; nothing was changed", FOUND)
    stack.aws.call(
        "ecs",
        "update_service",
        cluster=stack["cluster_name"],
        service=stack["service_names"][way.service],
        taskDefinition=way.target.arn,
    )
    print(f"{way.service} goes to {way.target.name}", file=sys.stderr)
    # ECS may tell of what was before for a moment, and who watches would take that for having gone back.
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
    for _ in range(_LOOKS):
        if _definition_now(stack, way) == way.target.arn:
            return
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _definition_now(stack: Deployment, way: Way) -> str:
    """ARN of what the service is at or on its way to."""
    where = {"cluster": stack["cluster_name"], "services": [stack["service_names"][way.service]]}
    found: Block = next(iter(stack.aws.call("ecs", "describe_services", **where)["services"]), {})
    return str(found.get("taskDefinition", "nothing"))


def _wait(stack: Deployment, way: Way, watch: Watch) -> None:
    """Until it runs. Raises Stop when it does not get there."""
    name = stack["service_names"][way.service]
    try:
        wrong = watch(stack, Rolled(way.service, stack["cluster_name"], name, way.target.arn))
    except KeyboardInterrupt:
        raise Stop("interrupted; ECS goes on with it: `make status` tells how far it is", INTERRUPTED) from None
    if wrong:
        raise Stop("\n".join([f"{way.service} did not get to {way.target.name}:", *wrong]), FOUND)
    if stack.emulated:
        print(f"whether its tasks get healthy needs AWS: {NO_TASKS}", file=sys.stderr)


def afterwards(way: Way) -> str:
    """What Terraform is going to make of it."""
    if way.target.arn == way.deployed:
        return f"{way.service} is at {way.target.name}, which is what was deployed: Terraform has nothing to change."
    deployed = _name(way.deployed)
    return (
        f"{way.service} is at {way.target.name}. Terraform does not know: the next `make deploy` brings it forward"
        f" again, to {deployed} or what the blueprint then says. To stay, put into [services.{way.service}] what this"
        f' revision has (image = "{way.target.images[0]}") and deploy; until then `make status` and `make verify`'
        f" say that it runs another one than {deployed}."
    )


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _family(arn: str) -> str:
    return _name(arn).rpartition(":")[0]


def _number(arn: str) -> int:
    return int(arn.rpartition(":")[2])
