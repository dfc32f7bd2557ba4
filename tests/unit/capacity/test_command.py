"""`make capacity`: what it prints, and what a wrong word ends in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lib.settings.layers import built_in_blueprints
from scripts import capacity

OWN = 'name = "shop"\n[services.api.scaling]\nmin_tasks = 2\nmax_tasks = 4\n'


@pytest.fixture
def own(tmp_path: Path) -> str:
    (tmp_path / "shop.toml").write_text(OWN)
    return str(tmp_path / "shop.toml")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert capacity.main(arguments) == 0
    output = capsys.readouterr()
    assert output.err == ""
    return output.out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert capacity.main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    return output.err


def test_alone_it_sums_up_every_blueprint_in_every_tier(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys)
    assert text.startswith(
        "10,000 concurrent users: 1,000 requests a second, 1,500 in the busiest minutes.\n\nblueprint "
    )
    found = re.findall(r"^(\w+) +(dev|staging|prod) ", text, flags=re.M)
    assert found == [(blueprint, tier) for blueprint in built_in_blueprints() for tier in ("dev", "staging", "prod")]


def test_it_prints_what_it_assumes(capsys: pytest.CaptureFixture[str]) -> None:
    assert re.search(r"^cpu_milliseconds_per_request +10  Processor time of a task", printed(capsys), flags=re.M)


def test_of_a_blueprint_that_is_named_it_tells_all(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--blueprint", "catalog", "--tier", "prod")
    assert re.findall(r"^(\w+, \w+)$", text, flags=re.M) == ["catalog, prod"]
    assert re.search(r"^service api +tasks +10 +90 +1,111 +150 +300  services\.api\.scaling\.max_tasks$", text, re.M)
    assert re.search(r"^database connections that each task and instance may have +39 +10  yes +", text, re.M)
    assert re.search(r"^service api +tasks +2 +10  7 min 45 s  1 step, by requests$", text, re.M)
    assert re.search(r"^vCPUs of tasks on Fargate +L-3032A538 +5 +6 +2,666  yes$", text, re.M)


def test_of_a_tier_that_is_named_it_tells_that(capsys: pytest.CaptureFixture[str]) -> None:
    found = re.findall(r"^(\w+) +(dev|staging|prod) ", printed(capsys, "--tier", "staging"), flags=re.M)
    assert found == [(blueprint, "staging") for blueprint in built_in_blueprints()]


def test_it_takes_a_file_and_an_environment(capsys: pytest.CaptureFixture[str], own: str) -> None:
    text = printed(capsys, "--blueprint", own, "--suffix", "staging-2")
    assert re.search(r"^shop +staging-2 +444: service api, tasks ", text, flags=re.M)


def test_it_takes_other_assumptions(capsys: pytest.CaptureFixture[str], own: str) -> None:
    arguments = ["--blueprint", own, "--tier", "dev"]
    text = printed(capsys, *arguments, "--assume", "concurrent_users=300", "--assume", "seconds_between_requests=20")
    assert text.startswith("300 concurrent users: 15 requests a second, 22.5 in the busiest minutes.\n")
    assert re.search(r"^shop +dev +666: database, connections ", text, flags=re.M)


def test_it_takes_other_shares(capsys: pytest.CaptureFixture[str], own: str) -> None:
    text = printed(capsys, "--blueprint", own, "--tier", "staging", "--share", "api=50")
    assert re.search(r"^shop +staging +888: service api, tasks ", text, flags=re.M)


def test_it_writes_markdown(capsys: pytest.CaptureFixture[str], own: str) -> None:
    text = printed(capsys, "--blueprint", own, "--tier", "dev", "--markdown")
    assert "| blueprint | environment | carries |" in text
    assert "| service api | tasks | 4 | 90 |" in text


def test_it_writes_the_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = tmp_path / "docs" / "capacity.md"
    page.parent.mkdir()
    page.write_text("<!-- begin limits: any -->\nold\n<!-- end limits -->\n")
    monkeypatch.setattr(capacity, "ROOT", tmp_path)
    monkeypatch.setattr(capacity, "PAGE", page)
    assert printed(capsys, "--write") == "docs/capacity.md\n"
    assert "| VPCs | 5 | L-F678F1CE |" in page.read_text()


class TestWrong:
    def test_settings_end_in_the_one_error(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        (tmp_path / "shop.toml").write_text("[services.api.scaling]\nmax_task = 4\n")
        text = refused(capsys, "--blueprint", str(tmp_path / "shop.toml"), "--tier", "dev")
        problem = "services.api.scaling.max_task (shop.toml): unknown setting; did you mean max_tasks?"
        assert text == f"shop.toml: 1 setting is wrong\n  {problem}\n"

    def test_a_blueprint_that_is_not_there_is_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "TAP_BLUEPRINT = 'nowhere': neither a file nor" in refused(capsys, "--blueprint", "nowhere")

    def test_an_environment_with_a_wrong_name_is_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "suffix = " in refused(capsys, "--suffix", "Prod_1")

    def test_an_assumption_is_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        text = refused(capsys, "--assume", "peak=2")
        assert text.startswith("assumptions: 1 setting is wrong\n  peak: unknown assumption")

    @pytest.mark.parametrize("share", ["api", "api=half"])
    def test_a_share_is_told(self, capsys: pytest.CaptureFixture[str], share: str) -> None:
        text = refused(capsys, "--blueprint", "catalog", "--share", share)
        assert text == f"shares: 1 setting is wrong\n  {share}: must be NAME=PERCENT\n"

    def test_a_tier_that_is_not_there_is_told_by_the_command_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            capacity.main(["--tier", "qa"])
        assert caught.value.code == 2
        assert "invalid choice: 'qa'" in capsys.readouterr().err


def test_the_makefile_hands_on_what_it_is_given(root: Path) -> None:
    makefile = (root / "Makefile").read_text()
    assert re.search(r"^\.PHONY:.* capacity ", makefile, flags=re.M)
    rule = makefile.partition("\ncapacity: setup  ## ")[2].partition("\n\n")[0]
    for variable, option in (("BLUEPRINT", "--blueprint"), ("TIER", "--tier"), ("SUFFIX", "--suffix")):
        assert f'$(if $({variable}),{option} "$({variable})")' in rule
