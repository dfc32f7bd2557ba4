"""Which deployment a command is about, which part of it, and how people say times."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lib.operations.aws import Refused
from lib.operations.deployment import Deployment
from lib.operations.ending import UNUSABLE, Stop
from lib.operations.opening import one_of, opened
from lib.operations.outputs import UnusableOutputsError
from lib.operations.times import ago, as_time, duration, moment
from tests.unit.operations.living import Living

NOW = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)


@pytest.fixture
def catalog() -> Living:
    return Living("catalog")


def written(folder: Path, content: object) -> Path:
    path = folder / "outputs.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_deployment_is_opened_from_its_outputs(tmp_path: Path, catalog: Living) -> None:
    def open_deployment(outputs: Mapping[str, object]) -> Deployment:
        assert outputs == catalog.outputs
        return catalog.deployment()

    assert opened(written(tmp_path, {"TapStackdev": catalog.outputs}), open_deployment).region == "sa-east-1"


def test_without_a_file_it_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAP_OUTPUTS", raising=False)
    monkeypatch.setattr("lib.operations.outputs.PROJECT_FOLDER", tmp_path)
    with pytest.raises(Stop, match="there are no outputs: `make deploy`") as stop:
        opened(None)
    assert stop.value.code == UNUSABLE


@pytest.mark.parametrize("content", ["", "{", "[]", {"TapStackdev": {"url": 3}}, {}])
def test_a_malformed_file_is_told(tmp_path: Path, content: object) -> None:
    with pytest.raises(UnusableOutputsError, match=str(tmp_path)):
        opened(written(tmp_path, content))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableOutputsError, match="No such file"):
        opened(tmp_path / "none.json")


def test_an_arn_that_is_none_is_told(tmp_path: Path, catalog: Living) -> None:
    outputs = catalog.outputs | {"load_balancer_arn": "nothing"}
    with pytest.raises(Stop, match="load_balancer_arn is 'nothing', no ARN"):
        opened(written(tmp_path, {"TapStackdev": outputs}))


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", ""])
def test_without_credentials_that_hold_it_ends_at_once(tmp_path: Path, catalog: Living, code: str) -> None:
    catalog.aws.script["sts get_caller_identity"] = [Refused("sts GetCallerIdentity", code)]
    with pytest.raises(Refused):
        opened(written(tmp_path, {"TapStackdev": catalog.outputs}), lambda _: catalog.deployment())
    assert len(catalog.aws.called) == 1


def test_who_may_not_ask_who_it_is_may_ask_other_things(tmp_path: Path, catalog: Living) -> None:
    catalog.aws.script["sts get_caller_identity"] = ["AccessDenied"]
    assert opened(written(tmp_path, {"TapStackdev": catalog.outputs}), lambda _: catalog.deployment())


class TestOneOf:
    def test_the_only_one_needs_no_name(self) -> None:
        assert one_of(["api"], None, "service") == "api"

    def test_one_is_taken_by_its_name(self) -> None:
        assert one_of(["api", "web"], "web", "service") == "web"

    @pytest.mark.parametrize(
        ("names", "wanted", "says"),
        [
            ([], None, "the stack has no service"),
            ([], "web", "the stack has no service"),
            (["api", "web"], None, "say which service: api, web"),
            (["api", "web"], "wep", "there is no service wep: api, web"),
        ],
    )
    def test_what_cannot_be_meant_is_told_with_all_there_are(
        self, names: list[str], wanted: str | None, says: str
    ) -> None:
        with pytest.raises(Stop) as stop:
            one_of(names, wanted, "service")
        assert (str(stop.value), stop.value.code) == (says, UNUSABLE)


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "seconds"), [("90s", 90), ("30m", 1800), ("1h", 3600), ("2d", 172_800), ("1w", 604_800)]
    )
    def test_durations(self, text: str, seconds: int) -> None:
        assert duration(text, "--since").total_seconds() == seconds

    @pytest.mark.parametrize("text", ["", "h", "1", "0m", "1y", "-1h", "1.5h", "1h30m", "9999999d", "\u0661h"])
    def test_what_is_no_duration_is_told(self, text: str) -> None:
        with pytest.raises(Stop, match=f"--since {text}: a number of at least 1") as stop:
            duration(text, "--since")
        assert stop.value.code == UNUSABLE

    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (86_400, "1 d"), (-7200, "2 h")],
    )
    def test_how_long_ago(self, seconds: int, text: str) -> None:
        assert ago(NOW, NOW - timedelta(seconds=seconds)) == text

    def test_a_moment_is_in_utc(self) -> None:
        assert moment(datetime.fromisoformat("2026-11-24T14:30:59-03:00")) == "2026-11-24 17:30 UTC"

    @pytest.mark.parametrize(
        "value", [NOW, "2026-11-24T17:30:00.000+0000", "2026-11-24T17:30:00Z", "2026-11-24T14:30:00-03:00"]
    )
    def test_a_time_of_an_answer(self, value: object) -> None:
        assert as_time(value) == NOW

    @pytest.mark.parametrize("value", [None, "", "soon", 5])
    def test_what_is_no_time(self, value: object) -> None:
        assert as_time(value) is None
