"""`make local`, `make local-down`, `make local-test`: what is done in which order, what is said, how it ends."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from lib.operations.verify.run import State
from localaws.environment import Environment, LocalError, alone
from localaws.resources.report import Report
from scripts import local
from scripts.synth import Run, Stack

_OUTPUTS = {"url": {"value": "http://alb.example"}}
_RIGHT = local.Tested(Counter({State.HOLDS: 100, State.NEEDS_AWS: 10, State.NOT_APPLICABLE: 78}), [])
_CATALOG, _LMS = "BLUEPRINT=catalog SUFFIX=dev", "BLUEPRINT=lms SUFFIX=dev"


class Place(Environment):
    """An environment that does nothing but say what it was asked to do. `fails`: a step -> what comes of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {})
        self.done: list[str] = []
        self.fails: dict[str, BaseException] = {}
        self.running = ""
        self.was_lost = False
        self.changes: list[str] = []
        self.mocked: list[str] = []
        self.left: list[str] = []

    def _do(self, step: str) -> None:
        self.done.append(step)
        if step in self.fails:
            raise self.fails[step]

    @property
    def endpoint(self) -> str | None:
        return "http://127.0.0.1:5000" if self.running else None

    @property
    def name(self) -> str:
        return self.running

    @property
    def region(self) -> str:
        return "eu-west-1"

    def start(self, name: str = "") -> bool:
        self._do("start")
        self.running = name
        self.work.mkdir(parents=True, exist_ok=True)
        return self.was_lost

    def take(self, template: Path) -> None:
        self._do(f"take {template.parts[-4]}")

    def apply(self, told: Callable[[int, int], None] = lambda *_: None) -> None:
        told(3, 10)
        self._do("apply")
        self.outputs_file.write_text(json.dumps(_OUTPUTS))
        self.left = ["aws_vpc.main", "aws_sns_topic.main"]

    def destroy(self, told: Callable[[int, int], None] = lambda *_: None, *, refresh: bool = True) -> None:
        told(2, 2)
        self._do("destroy" if refresh else "destroy without asking again")
        self.left = []

    def second_plan(self) -> list[str]:
        self._do("plan again")
        return self.changes

    def objects(self) -> list[str]:
        return self.left

    def numbers(self) -> Report:
        return Report(2, 2, 7, 1.0, tuple(self.mocked))

    def remove(self) -> None:
        self._do("remove")
        self.running = ""
        super().remove()


@pytest.fixture(name="place")
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The one environment that a command finds; whatever else it would start is in its place."""
    place = Place(tmp_path / ".local" / "environment")
    monkeypatch.setattr(local, "FOLDER", tmp_path / ".local")
    monkeypatch.setattr(local, "Environment", lambda _: place)
    monkeypatch.setattr(local, "terraform", lambda: place.done.append("terraform"))
    monkeypatch.setattr(local, "runs", lambda chosen: _synthesized(place, chosen))
    monkeypatch.setattr(local, "integration_tests", _verified)
    yield place
    Environment.remove(place)


def _verified(place: Environment) -> local.Tested:
    assert isinstance(place, Place)
    place._do("verify")
    return _RIGHT


def _synthesized(place: Place, chosen: list[Stack]) -> Iterator[Run]:
    for stack in chosen:
        place.done.append(f"synthesize {stack.name}")
        yield Run(stack, 1.0, 0, "")


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


class TestUp:
    def test_does_all_in_order_and_leaves_it_running(self, place: Place) -> None:
        assert local.main(["up"]) == 0
        steps = ["synthesize catalog-dev", "start", "take catalog-dev", "apply", "verify", "plan again"]
        assert place.done == ["terraform", *steps]
        assert place.running == _CATALOG

    def test_says_how_long_each_step_took(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG002
        local.main(["up"])
        steps = [line.split("  ")[0] for line in _lines(capsys) if line.endswith(" s") and line[0].isalpha()]
        assert steps == ["synthesize", "start", "init", "apply", "verify", "plan again"]

    def test_says_how_many_checks_hold_and_why_others_say_nothing(
        self,
        place: Place,  # noqa: ARG002
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        local.main(["up"])
        (line,) = [line.strip() for line in _lines(capsys) if " hold" in line]
        assert line.split(", ") == [
            "100 hold",
            "10 need AWS (nothing runs here that could answer)",
            "78 not applicable (the stack has no such unit)",
        ]

    def test_tells_another_shell_all_that_it_needs(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        local.main(["up"])
        exports = [line.split()[1:] for line in _lines(capsys) if line.startswith("  export ")]
        given = dict(each.split("=", 1) for line in exports for each in line)
        assert Path(given.pop("TF_CLI_CONFIG_FILE")).name == "terraform.rc"
        assert given == {
            "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "TAP_OUTPUTS": str(place.outputs_file),
        }

    def test_takes_the_blueprint_and_suffix_that_are_asked_for(self, place: Place) -> None:
        assert local.main(["up", "--blueprint", "lms", "--suffix", "staging"]) == 0
        assert place.running == "BLUEPRINT=lms SUFFIX=staging"
        assert "take lms-staging" in place.done

    def test_a_second_time_does_it_again(self, place: Place) -> None:
        local.main(["up"])
        place.done.clear()
        assert local.main(["up"]) == 0
        assert "apply" in place.done

    def test_with_another_stack_over_one_that_is_up_is_refused(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.running = _CATALOG
        assert local.main(["up", "--blueprint", "lms"]) == 2
        assert capsys.readouterr().err == (
            f"{_CATALOG} is up here. `make local {_CATALOG}` applies what has changed of it; "
            f"`make local-down` takes it away, and then `make local {_LMS}` can come\n"
        )
        assert (place.done, place.running) == (["terraform"], _CATALOG)

    def test_says_that_all_was_lost_with_a_server_that_ended(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.was_lost = True
        assert local.main(["up"]) == 0
        assert "The server had ended, and with it all that was there: this is a new one, from nothing." in _lines(
            capsys
        )

    @pytest.mark.parametrize("what", ["changes", "mocked"])
    def test_with_something_that_is_not_as_it_should_be_ends_with_1(
        self, place: Place, capsys: pytest.CaptureFixture[str], what: str
    ) -> None:
        setattr(place, what, ["aws_vpc.main"])
        assert local.main(["up"]) == 1
        said = {"changes": "a second plan is not empty", "mocked": "was made without a call of AWS"}
        assert _lines(capsys)[-1] == f"{said[what]}: aws_vpc.main"

    def test_with_a_check_that_does_not_hold_ends_with_1(
        self, place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wrong = local.Tested(Counter({State.HOLDS: 99, State.PROBLEM: 1}), ["network.[a]: is [b]"])
        monkeypatch.setattr(local, "integration_tests", lambda _: wrong)
        assert local.main(["up"]) == 1
        lines = _lines(capsys)
        assert "             99 hold, 0 need AWS (nothing runs here that could answer), " in "\n".join(lines)
        assert lines[-1] == "network.[a]: is [b]"
        assert place.running == _CATALOG

    def test_that_cannot_apply_ends_with_2_and_what_terraform_says(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.fails["apply"] = LocalError("aws_vpc.main: Refused")
        assert local.main(["up"]) == 2
        assert capsys.readouterr().err == "aws_vpc.main: Refused\n"
        assert place.running == _CATALOG

    def test_without_a_template_starts_nothing(
        self, place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            local, "runs", lambda chosen: [Run(each, 1.0, 2, "1 setting is wrong\n") for each in chosen]
        )
        assert local.main(["up"]) == 2
        assert capsys.readouterr().err == "catalog-dev: no template:\n1 setting is wrong\n"
        assert place.done == ["terraform"]

    def test_without_terraform_does_nothing(
        self, place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def missing() -> None:
            raise LocalError("There is no terraform.")

        monkeypatch.setattr(local, "terraform", missing)
        assert local.main(["up"]) == 2
        assert capsys.readouterr().err == "There is no terraform.\n"
        assert (place.done, local.FOLDER.exists()) == ([], False)

    @pytest.mark.parametrize("step", ["start", "apply", "plan again"])
    def test_interrupted_says_how_to_go_on(self, place: Place, capsys: pytest.CaptureFixture[str], step: str) -> None:
        place.fails[step] = KeyboardInterrupt()
        assert local.main(["up"]) == 130
        said = "interrupted: `make local` goes on from here, `make local-down` leaves nothing\n"
        assert capsys.readouterr().err == said
        assert place.done[-1] == step

    @pytest.mark.parametrize("arguments", [[], ["sideways"], ["up", "--tier", "dev"]])
    def test_with_other_arguments_says_which_there_are(
        self, place: Place, capsys: pytest.CaptureFixture[str], arguments: list[str]
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            local.main(arguments)
        assert ended.value.code == 2
        assert "usage: local " in capsys.readouterr().err
        assert place.done == []


class TestDown:
    def test_where_nothing_is_says_so(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        assert local.main(["down"]) == 0
        assert _lines(capsys) == ["Nothing is there."]
        assert (place.done, local.FOLDER.exists()) == ([], False)

    def test_destroys_and_leaves_nothing(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        local.main(["up"])
        place.done.clear()
        capsys.readouterr()
        assert local.main(["down"]) == 0
        assert place.done == ["destroy", "remove"]
        assert _lines(capsys)[-1] == "The server is stopped, its folder removed."
        assert not local.FOLDER.exists()

    def test_needs_no_terraform_where_the_server_has_ended(self, place: Place) -> None:
        local.main(["up"])
        place.done.clear()
        place.running = ""
        assert local.main(["down"]) == 0
        assert place.done == ["remove"]

    def test_goes_on_where_terraform_refuses_and_says_why(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        local.main(["up"])
        place.fails["destroy"] = LocalError("deletion protection is on")
        assert local.main(["down"]) == 0
        lines = _lines(capsys)
        assert "deletion protection is on" in lines
        assert "Not destroyed by Terraform, and gone with the server all the same:" in lines
        assert not local.FOLDER.exists()

    def test_interrupted_keeps_what_is_there(self, place: Place) -> None:
        local.main(["up"])
        place.fails["destroy"] = KeyboardInterrupt()
        assert local.main(["down"]) == 130
        assert place.folder.exists()


class TestTwoAtOnce:
    @pytest.mark.parametrize(("command", "word"), [("up", "local"), ("down", "local-down"), ("test", "local-test")])
    def test_the_second_one_says_who_is_at_work(
        self, place: Place, capsys: pytest.CaptureFixture[str], command: str, word: str
    ) -> None:
        with alone(local.FOLDER, "`make local`"):
            assert local.main([command]) == 2
        assert capsys.readouterr().err.startswith(f"`make {word}` was not begun: `make local` (process ")
        assert place.done == []


class TestAll:
    @pytest.fixture(autouse=True)
    def _a_place_for_each(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG002
        monkeypatch.setattr(local, "Environment", Place)

    def test_has_a_row_for_each_blueprint(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert local.main(["test"]) == 0
        _, above, head, *rows, end = _lines(capsys)
        assert above.split() == ["API", "checks", "need", "not", "ap-"]
        assert head.split() == ["blueprint", "types", "objects", "calls", "hold", "AWS", "plicable", "seconds"]
        blueprints = ["catalog", "transactions", "payments", "fleet", "lms"]
        assert sorted(row.split()[0] for row in rows) == sorted(blueprints)
        assert {tuple(row.split()[1:-1]) for row in rows} == {("2", "2", "7", "100", "10", "78")}
        assert end == "0 problems"

    def test_leaves_nothing(self) -> None:
        local.main(["test"])
        assert not local.FOLDER.exists()

    def test_names_whose_problem_it_is_and_ends_with_1(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(local, "stacks", lambda tier: [Stack("lms", tier)])
        monkeypatch.setattr(Place, "second_plan", lambda _: ["aws_vpc.main: update"])
        assert local.main(["test"]) == 1
        assert _lines(capsys)[-2:] == ["lms: a second plan is not empty: aws_vpc.main: update", "1 problem"]


class TestALife:
    def test_ends_with_nothing(self, place: Place) -> None:
        lived = local.live(Stack("catalog", "dev"), place.folder)
        steps = ["start", "take catalog-dev", "apply", "verify", "plan again", "destroy without asking again"]
        assert place.done == ["remove", *steps, "remove"]
        assert (lived.objects, lived.problems, place.folder.exists()) == (2, [], False)

    def test_that_leaves_something_says_what(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(place, "destroy", lambda **_: None)
        lived = local.live(Stack("catalog", "dev"), place.folder)
        left = ["aws_vpc.main", "aws_sns_topic.main"]
        assert lived.problems == [f"is left after the destroy: {each}" for each in left]

    def test_that_does_not_come_up_is_taken_down_all_the_same(self, place: Place) -> None:
        place.fails["apply"] = LocalError("aws_vpc.main: Refused")
        lived = local.live(Stack("catalog", "dev"), place.folder)
        assert (lived.problems, lived.objects, lived.counts) == (["aws_vpc.main: Refused"], 0, Counter())
        assert place.done[-1] == "remove"

    def test_that_breaks_leaves_nothing_either(self, place: Place) -> None:
        place.fails["verify"] = KeyError("name")
        with pytest.raises(KeyError):
            local.live(Stack("catalog", "dev"), place.folder)
        assert (place.done[-1], place.folder.exists()) == ("remove", False)


def _report(*cases: str) -> str:
    return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"


def _case(name: str, inner: str = "") -> str:
    return f'<testcase classname="tests.integration" name="test_deployment[{name}]">{inner}</testcase>'


class TestTheIntegrationTests:
    def test_are_counted_by_what_came_of_them(self) -> None:
        needs = '<skipped message="needs AWS: nothing runs here">file:17: needs AWS</skipped>'
        absent = '<skipped message="not applicable: the stack has no cache">file:17</skipped>'
        failed = '<failure message="Failed">The cache is small.\nsmall: 1</failure>'
        tested = local.reported(
            _report(_case("a"), _case("b"), _case("c", needs), _case("d", absent), _case("e", failed))
        )
        assert tested.counts == {
            State.HOLDS: 2,
            State.NEEDS_AWS: 1,
            State.NOT_APPLICABLE: 1,
            State.PROBLEM: 1,
        }
        assert tested.problems == ["test_deployment[e]: The cache is small.\nsmall: 1"]

    @pytest.mark.parametrize(
        "message", ["", "needs AWS", "needs AWS: ", "there is no deployment to look at", "unconditional skip"]
    )
    def test_that_are_skipped_without_a_reason_are_a_problem(self, message: str) -> None:
        tested = local.reported(_report(_case("a", f'<skipped message="{message}"/>')))
        assert tested.problems == [f"test_deployment[a]: was skipped, and for no reason that a check has: {message!r}"]
        assert tested.counts == {State.NOT_ASKED: 1}

    def test_that_break_are_a_problem(self) -> None:
        broken = _case("a", '<error message="failed on setup">no such fixture</error>')
        assert local.reported(_report(broken)).problems == ["test_deployment[a]: no such fixture"]

    def test_that_cannot_run_are_a_problem(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The real ones, and outputs that are not there."""
        place = Place(tmp_path)
        monkeypatch.setattr(place, "environment", dict)
        tested = local.integration_tests(place)
        ended, none = tested.problems
        assert ended.startswith("the integration tests ended with 4:\n")
        assert f"TAP_OUTPUTS names {place.outputs_file}, which is not there" in ended
        assert none == "of the integration tests none was passed"


def test_on_a_terminal_a_step_shows_how_far_it_is() -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=80)
    with local._step(console, "apply") as told:
        told(3, 10)
    assert "apply: 3 of 10" in shown.getvalue()


def test_elsewhere_a_step_is_a_line() -> None:
    shown = io.StringIO()
    with local._step(Console(file=shown, width=80), "apply") as told:
        told(3, 10)
    assert shown.getvalue().split() == ["apply", "0.0", "s"]
