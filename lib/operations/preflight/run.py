"""A preflight: everything that is asked for one stack, side by side, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from lib.evidence.progress import nobody_watches
from lib.evidence.template import Template, UnusableTemplate, read
from lib.operations.aws import POOL_SIZE, Aws, Refused, is_emulated
from lib.operations.chosen import ChosenStack
from lib.operations.ending import FOUND, OK, UNREACHABLE, UNUSABLE, Stop
from lib.operations.preflight.measure import Row, State, rows
from lib.operations.preflight.planned import Planned
from lib.operations.preflight.prerequisites.ownership import Ownership, state_of
from lib.operations.preflight.prerequisites.place import unusable_region
from lib.operations.preflight.prerequisites.prerequisite import Outcome, Prerequisite, Situation, outcome
from lib.operations.preflight.prerequisites.registry import PREREQUISITES
from lib.operations.preflight.quotas import QUOTAS, Scope
from lib.operations.preflight.regions import Region, others
from lib.operations.preflight.site import Site
from lib.settings.edge import EDGE_REGION

STEP = "questions"
STEPS = {STEP: len(QUOTAS) + len(PREREQUISITES)}
"""What is told of while it goes on, and how often."""

Told = Callable[[str], object]
Open = Callable[[str], Aws]


@dataclass(frozen=True)
class Finding:
    """Something that stands in the way, or that could not be found out. `permission`: what it takes, if that is why."""

    is_problem: bool
    subject: str
    text: str
    permission: str = ""


@dataclass(frozen=True)
class Result:
    """What a preflight found."""

    name: str
    account: str
    region: str
    emulated: bool
    rows: tuple[Row, ...]
    outcomes: tuple[Outcome, ...]
    regions: tuple[Region, ...]
    """Others, where a quota is full here: those with most room first."""
    regions_reason: str
    """Why there are none, although a quota is full."""
    seconds: float

    @property
    def full(self) -> list[Row]:
        return [row for row in self.rows if row.state is State.PROBLEM]

    @property
    def findings(self) -> list[Finding]:
        """Problems first."""
        found = [*(_of_row(row) for row in self.rows if row.state in (State.PROBLEM, State.UNKNOWN))]
        found += [finding for each in self.outcomes for finding in _of_outcome(each)]
        return sorted(found, key=lambda finding: not finding.is_problem)

    @property
    def missing_permissions(self) -> list[str]:
        return sorted({finding.permission for finding in self.findings} - {""})

    @property
    def code(self) -> int:
        """1 for a problem; 3 where there is none, as far as AWS told, but it did not tell all."""
        if any(finding.is_problem for finding in self.findings):
            return FOUND
        return UNREACHABLE if self.findings else OK

    def counts(self, state: State) -> int:
        states = [*(row.state for row in self.rows), *(each.state for each in self.outcomes)]
        return states.count(state)

    def show(self, console: Console, *, every: bool = False) -> None:
        """every: also the quotas with ample room, and prerequisites that hold."""
        # Who shows a result reads it, which this module does not.
        from lib.operations.preflight.report import show

        show(console, self, every=every)


def preflight_of(stack: ChosenStack, aws: Aws, told: Told = nobody_watches) -> Result:
    """Of the stack that is chosen, from its template as it is. aws: asks the stack's region. told: of STEPS.

    Raises Stop for a template that cannot be used and a region that cannot be, Refused where AWS is deaf.
    """
    return preflight(stack.template, aws, told, name=stack.name, folder=stack.folder, path=stack.environ.get("PATH"))


def preflight(
    template: Path,
    aws: Aws,
    told: Told = nobody_watches,
    *,
    name: str,
    folder: Path,
    path: str | None = None,
    emulated: bool | None = None,
    open_aws: Open = Aws,
) -> Result:
    """folder: where Terraform runs. path: where programs are looked for. open_aws: asks another region."""
    start = time.monotonic()
    document = _read(template)
    caller = _caller(aws, open_aws)
    partition = caller["Arn"].split(":")[1]
    planned = Planned(document, caller["Account"], partition, aws.region)
    site = Site(planned, aws, planned.region, is_emulated() if emulated is None else emulated)
    of_state = _of_state(document, aws, open_aws)
    situation = Situation(site, Ownership(site, state_of(site, folder, of_state)), path, of_state)
    found = list(_side_by_side(situation, told))
    all_rows = [row for quota in QUOTAS for row in found if isinstance(row, Row) and row.quota is quota]
    outcomes = {each.prerequisite.name: each for each in found if isinstance(each, Outcome)}
    regions, reason = _elsewhere(site, [row for row in all_rows if row.state is State.PROBLEM])
    return Result(
        name=name,
        account=planned.account,
        region=planned.region,
        emulated=site.emulated,
        rows=tuple(all_rows),
        outcomes=tuple(outcomes[each.name] for each in PREREQUISITES),
        regions=tuple(regions),
        regions_reason=reason,
        seconds=time.monotonic() - start,
    )


def _read(path: Path) -> Template:
    try:
        return read(path)
    except UnusableTemplate as error:
        raise Stop(str(error), UNUSABLE) from None


def _caller(aws: Aws, open_aws: Open) -> dict[str, str]:
    try:
        return aws.ask("sts", "get_caller_identity")
    except Refused as error:
        if error.is_deaf and aws.region != EDGE_REGION and (why := unusable_region(open_aws(EDGE_REGION), aws.region)):
            raise why from None
        raise


def _of_state(document: Template, aws: Aws, open_aws: Open) -> Aws | None:
    backend = document.document.get("terraform", {}).get("backend", {}).get("s3")
    if not backend:
        return None
    region = str(backend.get("region") or aws.region)
    return aws if region == aws.region else open_aws(region)


def _side_by_side(situation: Situation, told: Told) -> Iterator[Row | Outcome]:
    jobs: list[Callable[[], Sequence[Row | Outcome]]] = [partial(rows, quota, situation.site) for quota in QUOTAS]
    jobs += [partial(_outcomes, each, situation) for each in PREREQUISITES]
    pool = ThreadPoolExecutor(POOL_SIZE)
    try:
        for future in as_completed([pool.submit(job) for job in jobs]):
            told(STEP)
            yield from future.result()
    finally:
        # Whoever interrupts does not wait for answers that nobody reads.
        pool.shutdown(wait=False, cancel_futures=True)


def _outcomes(prerequisite: Prerequisite, situation: Situation) -> Sequence[Outcome]:
    return [outcome(prerequisite, situation)]


def _elsewhere(site: Site, full: Sequence[Row]) -> tuple[list[Region], str]:
    """Other regions and their room, where that may help."""
    regional = [row for row in full if row.quota.scope in (Scope.REGION, Scope.ZONE) and row.region == site.region]
    if not regional:
        return [], ""
    try:
        return others(site, regional), ""
    except Refused as error:
        return [], str(error)


def _of_row(row: Row) -> Finding:
    if row.state is State.UNKNOWN:
        permission = row.refusal.permission if row.refusal else ""
        return Finding(False, row.quota.name, row.reason, permission)
    return Finding(True, row.quota.name, too_much(row))


def _of_outcome(each: Outcome) -> Iterator[Finding]:
    for text in each.problems:
        yield Finding(True, each.prerequisite.name, text)
    if each.refusal or each.state is State.UNKNOWN:
        yield Finding(False, each.prerequisite.name, each.reason, each.refusal.permission if each.refusal else "")


def too_much(row: Row) -> str:
    """What is full, by how much, and how to raise it."""
    assert row.limit
    quota = row.quota
    called = f"{quota.service} {quota.code}" if quota.code else quota.service
    own = f", {number(row.own)} of this stack besides" if row.own else ""
    text = (
        f"{quota.name} ({called}) in {row.where}: {number(row.used)} in use{own}, {number(row.needed)} needed, "
        f"limit {number(row.limit.value)} ({row.limit.source.value})"
    )
    if not quota.adjustable:
        return f"{text}. AWS does not raise it."
    if not quota.code:
        return f"{text}. AWS Support raises it: {quota.page}"
    return f"{text}. To raise it:\n{raise_it(row)}"


def raise_it(row: Row) -> str:
    """The command that asks AWS for enough."""
    return (
        f"aws service-quotas request-service-quota-increase --region {row.region} --service-code {row.quota.service} "
        f"--quota-code {row.quota.code} --desired-value {-int(-row.after // 1)}"
    )


def number(value: float) -> str:
    """As people write it."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")
