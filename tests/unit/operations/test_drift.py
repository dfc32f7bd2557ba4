"""`make drift`: changes outside told apart from those of the code, and never the middle of a deployment."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib.operations import drift as words
from lib.operations.diagnosis import Lock
from lib.operations.drift import Differences, differences, document, show, undisturbed_plan, verdict
from lib.operations.ending import UNREACHABLE, Stop, ended
from lib.operations.plan import UNKNOWN, Action, Attribute, Change, Plan
from lib.operations.printing import rendered
from lib.operations.terraform import Object

ALARM, GROUP = "aws_cloudwatch_metric_alarm.cpu", "aws_cloudwatch_log_group.api"
LOCK = Lock("0d9c", "runner@ci", "2026-11-24 17:30:00 UTC", "OperationTypeApply")


def change(address: str, action: Action = Action.UPDATE, *attributes: tuple[str, str, str]) -> Change:
    type = address.partition(".")[0]
    return Change(address, type, action, tuple(Attribute(*each) for each in attributes))


def plan(changes: Sequence[Change] = (), drift: Sequence[Change] = (), outputs: Sequence[str] = ()) -> Plan:
    return Plan(list(changes), list(outputs), list(drift), is_applicable=bool(changes))


def addresses(changes: Sequence[Change]) -> list[tuple[str, list[str]]]:
    return [(each.address, [attribute.path for attribute in each.attributes]) for each in changes]


class TestApart:
    def test_nothing_is_neither(self) -> None:
        found = differences(plan())
        assert found == Differences([], [], [], [], [])
        assert not found.found

    def test_what_the_plan_puts_back_is_drift_and_not_pending(self) -> None:
        was = change(ALARM, Action.UPDATE, ("threshold", "80", "99"))
        back = change(ALARM, Action.UPDATE, ("threshold", "99", "80"))
        found = differences(plan([back], [was]))
        assert found == Differences([was], [], [], [], [])
        assert found.found

    def test_what_the_code_wants_otherwise_is_pending(self) -> None:
        new = change(ALARM, Action.UPDATE, ("threshold", "80", "70"))
        found = differences(plan([new]))
        assert (found.drift, found.pending) == ([], [new])
        assert found.found

    def test_both_of_one_object_are_told_apart(self) -> None:
        was = change(ALARM, Action.UPDATE, ("threshold", "80", "99"), ("tags.Owner", "(nothing)", '"me"'))
        both = change(ALARM, Action.UPDATE, ("threshold", "99", "80"), ("period", "60", "300"))
        found = differences(plan([both], [was]))
        assert addresses(found.drift) == [(ALARM, ["threshold"])]
        assert addresses(found.pending) == [(ALARM, ["period"])]

    def test_a_value_that_the_code_has_changed_as_well_is_pending(self) -> None:
        was = change(ALARM, Action.UPDATE, ("threshold", "80", "99"))
        new = change(ALARM, Action.UPDATE, ("threshold", "99", "70"))
        found = differences(plan([new], [was]))
        assert (addresses(found.drift), addresses(found.pending)) == ([], [(ALARM, ["threshold"])])
        assert found.noted == [was]

    def test_what_moved_within_a_list_is_put_back_all_the_same(self) -> None:
        was = change("aws_x.y", Action.UPDATE, ("cidr_blocks[2].range", "(nothing)", '"0.0.0.0/0"'))
        back = change("aws_x.y", Action.UPDATE, ("cidr_blocks[0].range", '"0.0.0.0/0"', "(nothing)"))
        found = differences(plan([back], [was]))
        assert (found.drift, found.pending) == ([was], [])

    def test_what_was_deleted_outside_is_drift(self) -> None:
        was, again = change(ALARM, Action.DELETE), change(ALARM, Action.CREATE)
        found = differences(plan([again], [was]))
        assert (found.drift, found.pending) == ([was], [])

    def test_what_is_replaced_for_another_reason_stays_pending(self) -> None:
        was = change(ALARM, Action.UPDATE, ("threshold", "80", "99"))
        new = change(ALARM, Action.REPLACE)
        found = differences(plan([new], [was]))
        assert (found.drift, found.pending, found.noted) == ([], [new], [was])

    def test_what_the_code_leaves_open_is_noted_and_does_not_count(self) -> None:
        was = change(ALARM, Action.UPDATE, ("state", "1", "2"))
        found = differences(plan([], [was]))
        assert found.noted == [was]
        assert not found.found

    def test_reads_are_no_changes(self) -> None:
        assert not differences(plan([change("data.aws_x.y", Action.READ)])).found

    def test_what_follows_from_putting_back_is_not_of_the_code(self) -> None:
        was, again = change(ALARM, Action.DELETE), change(ALARM, Action.CREATE)
        follows = change("aws_cloudwatch_dashboard.d", Action.UPDATE, ("dashboard_body", '"{}"', UNKNOWN))
        found = differences(plan([again, follows], [was]))
        assert (found.pending, found.following) == ([], [follows])

    def test_it_may_be_of_the_code_where_anything_is(self) -> None:
        was, again = change(ALARM, Action.DELETE), change(ALARM, Action.CREATE)
        open_ = change("aws_cloudwatch_dashboard.d", Action.UPDATE, ("dashboard_body", '"{}"', UNKNOWN))
        new = change(GROUP, Action.CREATE)
        found = differences(plan([again, open_, new], [was]))
        assert (found.pending, found.following) == ([open_, new], [])

    def test_outputs_that_change_count(self) -> None:
        assert differences(plan(outputs=["url"])).found


class TestShown:
    @pytest.fixture(autouse=True)
    def _plain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "120")
        monkeypatch.setenv("NO_COLOR", "1")

    def screen(self, found: Differences, *, every: bool = False) -> list[str]:
        return rendered(lambda console: show(console, "TapStackdev", found, every=every)).splitlines()

    def test_drift_is_as_deployed_and_as_it_is(self) -> None:
        found = Differences([change(ALARM, Action.UPDATE, ("threshold", "80", "99"))], [], [], [], [])
        assert self.screen(found) == [
            "Changed outside Terraform, as deployed → as it is; the next apply puts it back",
            f"~   update {ALARM}",
            "        threshold: 80 → 99",
            "",
            "TapStackdev: 1 changed outside, nothing pending",
        ]

    def test_each_kind_has_a_section(self) -> None:
        one = [change(ALARM)]
        lines = self.screen(Differences(one, one, one, one, ["url"]), every=True)
        assert [line.partition(",")[0].partition(":")[0] for line in lines if line and line[0].isupper()] == [
            "Changed outside Terraform",
            "Another than Terraform wrote down",
            "What follows from putting that back",
            "Pending",
            "Outputs that change",
            "TapStackdev",
        ]

    def test_what_is_noted_is_counted_and_shown_on_demand(self) -> None:
        noted = Differences([], [change(ALARM)], [], [], [])
        assert self.screen(noted) == [
            "TapStackdev: no drift, nothing pending, 1 differ where the code leaves it open (--every shows them)"
        ]
        assert len(self.screen(noted, every=True)) > 1

    @pytest.mark.parametrize(
        ("found", "says"),
        [
            (Differences([], [], [], [], []), "no drift, nothing pending"),
            (Differences([], [], [change(ALARM)], [], []), "no drift, 1 pending"),
            (
                Differences([change(ALARM)], [], [], [], ["url"]),
                "1 changed outside, nothing pending, outputs that change: 1",
            ),
        ],
    )
    def test_the_verdict_says_which(self, found: Differences, says: str) -> None:
        assert verdict(found) == says

    def test_programs_get_the_same(self) -> None:
        found = Differences([change(ALARM, Action.UPDATE, ("threshold", "80", "99"))], [], [], [], ["url"])
        content = json.loads(json.dumps(document(found)))
        assert content["drift"] == [
            {
                "address": ALARM,
                "type": "aws_cloudwatch_metric_alarm",
                "action": "update",
                "attributes": [{"path": "threshold", "before": "80", "after": "99"}],
                "reasons": [],
            }
        ]
        assert (content["pending"], content["following"], content["noted"]) == ([], [], [])
        assert content["outputs_changed"] == ["url"]


class Core:
    """Terraform, as far as a look needs it."""

    def __init__(self, *states: list[Object], result: Plan | BaseException | None = None) -> None:
        self.states = list(states) or [[], []]
        self.result = result or plan()
        self.did: list[str] = []
        self.locks: list[bool] = []
        self.stack = SimpleNamespace(name="TapStackdev", folder=Path("/stack"))

    def init(self) -> None:
        self.did.append("init")

    def template(self) -> dict[str, Any]:
        return {"terraform": {"backend": {"s3": {"key": "state"}}}}

    def state(self) -> list[Object]:
        return self.states.pop(0)

    def plan(self, file: Path, *, lock: bool) -> Plan:
        self.did.append("plan")
        self.locks.append(lock)
        assert file.parent.stat().st_mode & 0o077 == 0
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


@pytest.fixture
def locks(monkeypatch: pytest.MonkeyPatch) -> list[Lock | None]:
    """Who has the state, each time that is asked."""
    found: list[Lock | None] = [None, None]
    monkeypatch.setattr(words, "lock_of", lambda *_: found.pop(0) if found else None)
    return found


@pytest.mark.usefixtures("locks")
class TestUndisturbed:
    def look(self, core: Core) -> Plan:
        return undisturbed_plan(core)  # type: ignore[arg-type]

    def test_no_deployment_is_turned_away(self) -> None:
        core = Core()
        self.look(core)
        assert core.locks == [False]

    def test_while_somebody_deploys_it_does_not_look(self, locks: list[Lock | None]) -> None:
        locks[0] = LOCK
        core = Core()
        with pytest.raises(Stop, match=r"not while it is being changed\.\nThe state is locked by runner@ci") as stop:
            self.look(core)
        assert (stop.value.code, core.did) == (2, [])

    def test_what_somebody_began_meanwhile_is_not_told(self, locks: list[Lock | None]) -> None:
        locks[1] = LOCK
        with pytest.raises(Stop, match="not while it is being changed"):
            self.look(Core())

    def test_what_somebody_did_meanwhile_is_not_told(self) -> None:
        old, new = (Object(ALARM, "aws_cloudwatch_metric_alarm", False, {"threshold": n}) for n in (80, 70))
        with pytest.raises(Stop, match="somebody deployed meanwhile") as stop:
            self.look(Core([old], [new]))
        assert stop.value.code == 2

    @pytest.mark.parametrize("result", [None, KeyboardInterrupt()])
    def test_the_plan_is_gone_afterwards(
        self, result: BaseException | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with contextlib.suppress(KeyboardInterrupt):
            self.look(Core(result=result))
        assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("locks")
class TestWord:
    Run = Callable[..., int]

    @pytest.fixture
    def run(self, monkeypatch: pytest.MonkeyPatch) -> Run:
        def drift(core: Core, **options: bool) -> int:
            stack = SimpleNamespace(name="TapStackdev", synthesize=lambda: core.did.append("synthesize"))
            monkeypatch.setattr(words, "chosen_stack", lambda: stack)
            monkeypatch.setattr(words, "Terraform", lambda _: core)
            return ended(words.drift)(**options)

        return drift

    def test_neither_ends_with_0(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        core = Core()
        assert run(core) == 0
        assert core.did == ["synthesize", "init", "plan"]
        assert capsys.readouterr().out == "TapStackdev: no drift, nothing pending\n"

    def test_either_ends_with_1(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(Core(result=plan([change(ALARM)]))) == 1
        assert capsys.readouterr().out.splitlines()[-1] == "TapStackdev: no drift, 1 pending"

    def test_json_names_the_stack(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(Core(), json=True) == 0
        assert json.loads(capsys.readouterr().out)["stack"] == "TapStackdev"

    def test_while_somebody_deploys_nothing_is_begun(
        self, run: Run, locks: list[Lock | None], capsys: pytest.CaptureFixture[str]
    ) -> None:
        locks[0] = LOCK
        core = Core()
        assert run(core) == 2
        assert core.did == ["synthesize"]
        assert capsys.readouterr().err.startswith("TapStackdev: not while it is being changed.")

    def test_what_terraform_refuses_ends_it(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(Core(result=Stop("no credentials", UNREACHABLE))) == 3
        printed = capsys.readouterr()
        assert (printed.out, printed.err) == ("", "no credentials\n")
