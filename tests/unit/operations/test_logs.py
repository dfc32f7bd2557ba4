"""`make logs`: which groups, in which order, until when, and what is said where there is nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.operations import logs as words
from lib.operations.ending import FOUND, UNUSABLE, Stop, ended
from lib.operations.logs import Asked, chosen, known, told
from tests.unit.operations.living import Living

FILTER = "logs filter_log_events"
STREAMS = "logs describe_log_streams"
ALL = Asked("", ())
HOUR = timedelta(hours=1)
TASK = "api/api/0123456789abcdef0123456789abcdef"
OTHER_TASK = "api/api/fedcba9876543210fedcba9876543210"
GROUPS = {"api": "/catalog/dev/api/application"}


def event(id: str, at: int, message: str = "", stream: str = TASK) -> dict[str, Any]:
    return {"eventId": id, "timestamp": at, "message": message or f"message {id}\n", "logStreamName": stream}


def page(*events: dict[str, Any], token: str = "") -> dict[str, Any]:
    return {"events": list(events), **({"nextToken": token} if token else {})}


@pytest.fixture
def catalog() -> Living:
    return Living("catalog")


Run = Callable[..., int]


@pytest.fixture
def run(catalog: Living) -> Run:
    def logs(
        *pages: object,
        asked: Asked = ALL,
        groups: dict[str, str] = GROUPS,
        follow: bool = False,
        as_json: bool = False,
    ) -> int:
        catalog.aws.script[FILTER] = list(pages)
        stack = catalog.deployment()
        return ended(lambda: told(stack, groups, asked, HOUR, follow=follow, as_json=as_json))()

    return logs


class TestNames:
    @pytest.mark.parametrize(
        ("blueprint", "expected"),
        [
            ("catalog", "api waf rotation database"),
            ("fleet", "web waf rotation database"),
            ("payments", "payments waf http-api rotation database"),
            ("transactions", "api validator waf rotation database"),
        ],
    )
    def test_all_that_writes_has_a_name(self, blueprint: str, expected: str) -> None:
        assert list(known(Living(blueprint).deployment())) == expected.split()

    def test_groups_are_those_of_the_outputs(self) -> None:
        groups = known(Living("payments").deployment())
        assert groups["payments"] == "/payments/prod/payments/application"
        assert groups["http-api"] == "/aws/vendedlogs/payments/prod/gateway/access"
        assert groups["database"] == "/aws/rds/cluster/payments-prod-database/postgresql"
        assert groups["waf"] == "aws-waf-logs-payments-prod-firewall"

    def test_a_single_database_has_another_group(self, catalog: Living) -> None:
        assert known(catalog.deployment())["database"] == "/aws/rds/instance/catalog-dev-database/postgresql"

    def test_a_service_goes_before_a_part_of_the_same_name(self, catalog: Living) -> None:
        catalog.outputs["service_log_group_names"]["waf"] = "/catalog/dev/waf/application"
        assert known(catalog.deployment())["waf"] == "/catalog/dev/waf/application"

    def test_without_a_name_it_is_the_first(self, catalog: Living) -> None:
        assert chosen(catalog.deployment(), []) == GROUPS

    def test_several_are_read_together(self, catalog: Living) -> None:
        assert list(chosen(catalog.deployment(), ["waf", "api"])) == ["waf", "api"]

    def test_every_unknown_name_is_told_with_all_there_are(self, catalog: Living) -> None:
        with pytest.raises(Stop) as stop:
            chosen(catalog.deployment(), ["nope", "api", "none"])
        assert str(stop.value) == "nothing is called nope, none: there are api, waf, rotation, database"
        assert stop.value.code == UNUSABLE

    def test_a_stack_in_which_nothing_writes_says_so(self, catalog: Living) -> None:
        for output in [*words.TARGETS, *words.PARTS.values(), "database_identifier"]:
            catalog.outputs.pop(output, None)
        with pytest.raises(Stop, match="nothing in the stack writes a log"):
            chosen(catalog.deployment(), [])


class TestReading:
    def test_a_line_has_time_stream_and_message(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(page(event("a", 1_700_000_000_123, "GET /health 200\n"))) == 0
        assert capsys.readouterr().out == "2023-11-14T22:13:20.123Z api/01234567 GET /health 200\n"

    def test_all_pages_are_read_and_an_empty_one_is_not_the_last(
        self, run: Run, catalog: Living, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run(page(event("a", 1), token="1"), page(token="2"), page(event("b", 2)))
        assert [line.rpartition(" ")[2] for line in capsys.readouterr().out.splitlines()] == ["a", "b"]
        assert [asked.get("nextToken") for _, asked in catalog.aws.called] == [None, "1", "2"]

    def test_events_of_a_page_are_in_order(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        run(page(event("b", 2), event("a", 1)))
        assert [line.rpartition(" ")[2] for line in capsys.readouterr().out.splitlines()] == ["a", "b"]

    def test_several_groups_are_one_stream_in_order(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        groups = {"api": "one", "web": "two"}
        run(page(event("a", 1), event("c", 3)), page(event("b", 2), event("d", 4)), groups=groups)
        assert [line.rpartition(" ")[2] for line in capsys.readouterr().out.splitlines()] == ["a", "b", "c", "d"]

    def test_it_goes_back_as_far_as_asked(self, run: Run, catalog: Living) -> None:
        run(page(event("a", 1)))
        ((_, asked),) = catalog.aws.called
        start = datetime.fromtimestamp(asked["startTime"] / 1000, UTC)
        assert abs(datetime.now(UTC) - HOUR - start) < timedelta(minutes=1)
        assert asked.keys() == {"logGroupName", "startTime"}

    def test_a_pattern_is_for_cloudwatch(self, run: Run, catalog: Living) -> None:
        run(page(event("a", 1)), asked=Asked("ERROR", ()))
        assert catalog.aws.called[0][1]["filterPattern"] == "ERROR"

    def test_only_the_tasks_that_are_asked_for(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        run(page(event("a", 1), event("b", 2, stream=OTHER_TASK)), asked=Asked("", ("fedc",)))
        assert capsys.readouterr().out.splitlines() == ["1970-01-01T00:00:00.002Z api/fedcba98 message b"]

    @pytest.mark.parametrize(
        ("stream", "shown"),
        [
            ("i-0123456789abcdef0/application", "i-0123456789abcdef0/application"),
            ("2026/11/24/[$LATEST]0123456789abcdef", "2026/11/24/[$LATEST]0123456789abcdef"),
            ("access", "access"),
        ],
    )
    def test_streams_of_others_are_whole(
        self, run: Run, stream: str, shown: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run(page(event("a", 1, "x", stream)))
        assert capsys.readouterr().out.split(" ")[1] == shown

    def test_what_users_send_cannot_command_a_terminal(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        run(page(event("a", 1, "one\ttwo\x1b[2Jthree\rfour\x9b\n")))
        assert capsys.readouterr().out.endswith(" one\ttwo\\x1b[2Jthree\\x0dfour\\x9b\n")

    def test_programs_get_an_event_a_line(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        run(page(event("a", 1_700_000_000_123, "one\ntwo\n")), as_json=True)
        assert json.loads(capsys.readouterr().out) == {
            "time": "2023-11-14T22:13:20.123+00:00",
            "group": "/catalog/dev/api/application",
            "stream": TASK,
            "message": "one\ntwo\n",
        }


class TestSilence:
    @pytest.mark.parametrize("streams", [[], [{"logStreamName": "a"}]])
    def test_a_group_that_was_never_written_to_says_so(
        self, run: Run, catalog: Living, streams: list[object], capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.aws.script[STREAMS] = [{"logStreams": streams}]
        assert run(page()) == 0
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err == "/catalog/dev/api/application is there, and nothing has ever been written to it\n"

    @pytest.mark.parametrize(("asked", "only"), [(ALL, ""), (Asked("ERROR", ()), " that is asked for")])
    def test_one_that_is_silent_says_since_when(
        self, run: Run, catalog: Living, asked: Asked, only: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        last = (datetime.now(UTC) - timedelta(days=3, minutes=1)).timestamp() * 1000
        catalog.aws.script[STREAMS] = [{"logStreams": [{"lastEventTimestamp": last}]}]
        assert run(page(), asked=asked) == 0
        said = f"/catalog/dev/api/application: nothing{only} within 1 h; its last event is 3 d old\n"
        assert capsys.readouterr().err == said


class TestFaults:
    def test_a_group_that_is_gone_is_told(self, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("ResourceNotFoundException") == FOUND
        assert capsys.readouterr().err == (
            "there is no log group /catalog/dev/api/application, which the outputs name\n"
        )

    def test_a_pattern_that_cloudwatch_does_not_take_is_told(
        self, run: Run, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("InvalidParameterException", asked=Asked("{", ())) == UNUSABLE
        assert capsys.readouterr().err.startswith("--filter {: logs filter_log_events: InvalidParameterException")

    @pytest.mark.parametrize(
        ("code", "exit_code"),
        [
            ("AccessDeniedException", 3),
            ("ExpiredTokenException", 3),
            ("ThrottlingException", 1),
            ("InvalidParameterException", 1),
        ],
    )
    def test_a_refusal_ends_it(self, run: Run, code: str, exit_code: int, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(code) == exit_code
        assert code in capsys.readouterr().err

    def test_who_reads_no_further_sees_no_error(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def closed(*_: object, **__: object) -> None:
            raise BrokenPipeError

        monkeypatch.setattr("builtins.print", closed)
        assert run(page(event("a", 1), token="more")) == 0
        monkeypatch.undo()
        assert capsys.readouterr().err == ""

    def test_interrupted_it_ends_with_130(self, run: Run) -> None:
        assert run(KeyboardInterrupt()) == 130


class TestFollowing:
    @pytest.fixture(autouse=True)
    def slept(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        return slept

    @pytest.fixture
    def start(self) -> int:
        return int(datetime.now(UTC).timestamp() * 1000)

    def test_ctrl_c_is_how_it_ends(self, run: Run, slept: list[float], capsys: pytest.CaptureFixture[str]) -> None:
        assert run(page(), page(), KeyboardInterrupt(), follow=True) == 0
        assert slept == [words.POLL_SECONDS] * 2
        printed = capsys.readouterr()
        assert (printed.out, printed.err) == ("", "")

    def test_nothing_comes_twice_and_late_ones_come(
        self, run: Run, start: int, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first, second = event("a", start), event("b", start + 1000)
        late = event("late", start + 500)
        run(page(first, second), page(first, late, second), page(first, late, second), KeyboardInterrupt(), follow=True)
        lines = capsys.readouterr().out.splitlines()
        assert [line.rpartition(" ")[2] for line in lines] == ["a", "b", "late"]

    def test_it_goes_on_from_the_newest_and_a_little_before(self, run: Run, catalog: Living, start: int) -> None:
        run(page(event("a", start), event("b", start + 60_000)), page(), KeyboardInterrupt(), follow=True)
        starts = [asked["startTime"] for _, asked in catalog.aws.called]
        assert starts[1:] == [start + 30_000, start + 30_000]

    def test_what_is_long_past_is_forgotten(self, run: Run, start: int, capsys: pytest.CaptureFixture[str]) -> None:
        """It would not be asked for again; here it comes again all the same."""
        old = event("old", start)
        run(page(old, event("new", start + 60_000)), page(old), KeyboardInterrupt(), follow=True)
        assert [line.rpartition(" ")[2] for line in capsys.readouterr().out.splitlines()] == ["old", "new", "old"]

    def test_credentials_that_expire_end_it_with_3(self, run: Run) -> None:
        assert run(page(), "ExpiredTokenException", follow=True) == 3


class TestWord:
    @pytest.fixture
    def word(self, catalog: Living, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
        monkeypatch.setattr(words, "opened", lambda path: catalog.deployment() if path == tmp_path else None)
        return lambda *names, **options: ended(words.logs)(list(names) or None, outputs=tmp_path, **options)

    def test_reads_the_hour_of_the_first_service(
        self, word: Run, catalog: Living, capsys: pytest.CaptureFixture[str]
    ) -> None:
        catalog.aws.script[FILTER] = [page(event("a", 1))]
        assert word() == 0
        assert catalog.aws.called[0][1]["logGroupName"] == "/catalog/dev/api/application"
        assert capsys.readouterr().out.endswith(" message a\n")

    def test_takes_what_is_asked(self, word: Run, catalog: Living, capsys: pytest.CaptureFixture[str]) -> None:
        catalog.aws.script[FILTER] = [page(event("a", 1))]
        catalog.aws.script[STREAMS] = [{"logStreams": []}]
        assert word("waf", since="2d", pattern="BLOCK", tasks=["x"], json=True) == 0
        asked = catalog.aws.called[0][1]
        assert (asked["logGroupName"], asked["filterPattern"]) == ("aws-waf-logs-catalog-dev-firewall", "BLOCK")
        assert capsys.readouterr().out == ""

    def test_a_wrong_time_is_told_before_anything_is_asked(
        self, word: Run, catalog: Living, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert word(since="yesterday") == 2
        assert capsys.readouterr().err.startswith("--since yesterday: ")
        assert not catalog.aws.called
        assert not catalog.aws.asked
