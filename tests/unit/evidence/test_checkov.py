"""How checkov is asked and its report read. What it says of our templates: tests/templates/test_checkov.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.evidence import checkov
from lib.evidence.checkov import CheckovError
from lib.evidence.finding import Finding
from lib.evidence.template import Template

TOPIC = Template(
    {
        "//": {"metadata": {"stackName": "test"}},
        "terraform": {"backend": {"local": {"path": "state"}}},
        "provider": {"aws": [{"region": "eu-west-1"}]},
        "data": {"aws_region": {"main": {}}},
        "ephemeral": {"aws_secretsmanager_random_password": {"main": {}}},
        "locals": {"name": "topic"},
        "output": {"name": {"value": "topic"}},
        "resource": {
            "aws_sns_topic": {
                "main": {"//": {"metadata": {"path": "a"}}, "name": "topic", "policy": None, "tags": [{"a": None}]}
            }
        },
    }
)
Fake = Callable[..., Path]


def record(check: str, resource: str, lines: list[int], *, place: str = "template0", **others: Any) -> dict[str, Any]:
    return {
        "check_id": check,
        "check_name": f"Ensure {check}",
        "check_result": {"result": "PASSED", "evaluated_keys": others.get("keys", [])},
        "file_path": f"/{place}/cdk.tf.json",
        "file_line_range": lines,
        "resource": resource,
        "details": others.get("details", []),
        "guideline": others.get("page"),
    }


TOPIC_SEEN = record("CENSUS_RESOURCES", "resource.main", [10, 20], details=["aws_sns_topic"])
REGION_SEEN = record("CENSUS_DATA", "data.main", [5, 6], details=["aws_region"])
NAMED = record("CKV_AWS_1", "resource.main", [10, 20])


def report(passed: list[dict[str, Any]], failed: list[dict[str, Any]], *, unread: list[str] | None = None) -> str:
    results = {"passed_checks": passed, "failed_checks": failed, "skipped_checks": [], "parsing_errors": unread or []}
    return json.dumps({"results": results, "summary": {"checkov_version": "3.3.30", "resource_count": 0}})


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    """A program in place of checkov, which says this."""

    def write(stdout: str = "", stderr: str = "", code: int = 0, also: str = "") -> Path:
        (tmp_path / "stdout").write_text(stdout)
        (tmp_path / "stderr").write_text(stderr)
        program = tmp_path / "checkov"
        say = f"cat '{tmp_path}/stdout'\ncat '{tmp_path}/stderr' >&2"
        program.write_text(f"#!/bin/sh\n{also}\n{say}\nexit {code}\n")
        program.chmod(0o755)
        return program

    return write


def found(program: Path) -> list[Finding]:
    return checkov.everything({"topic": TOPIC}, executable=program)["topic"]


def refused(program: Path) -> str:
    with pytest.raises(CheckovError) as caught:
        found(program)
    return str(caught.value)


class TestFinding:
    def test_has_the_policys_id_and_sentence(self, fake: Fake) -> None:
        failed = record("CKV_AWS_26", "resource.main", [10, 20])
        (finding,) = found(fake(report([TOPIC_SEEN, REGION_SEEN], [failed])))
        assert (finding.check, finding.what) == ("CKV_AWS_26", "Ensure CKV_AWS_26")

    def test_has_the_address_that_the_report_lacks(self, fake: Fake) -> None:
        of_resource = record("CKV_AWS_26", "resource.main", [10, 20])
        of_data = record("CKV_AWS_394", "data.main", [5, 6])
        findings = found(fake(report([TOPIC_SEEN, REGION_SEEN], [of_resource, of_data])))
        assert [finding.resource for finding in findings] == ["aws_sns_topic.main", "data.aws_region.main"]

    def test_of_what_is_neither_has_the_reports_own_address(self, fake: Fake) -> None:
        failed = record("CKV_AWS_41", "provider.aws", [30, 32])
        (finding,) = found(fake(report([TOPIC_SEEN, REGION_SEEN, NAMED], [failed])))
        assert finding.resource == "provider.aws"

    @pytest.mark.parametrize(
        ("keys", "argument"),
        [
            (["kms_master_key_id"], "kms_master_key_id"),
            (["rule/[0]/apply/[12]/sse_algorithm"], "rule.apply.sse_algorithm"),
            ([], ""),
            (["from_port", "to_port"], ""),
        ],
    )
    def test_has_the_argument_where_it_is_one(self, fake: Fake, keys: list[str], argument: str) -> None:
        failed = record("CKV_AWS_26", "resource.main", [10, 20], keys=keys)
        (finding,) = found(fake(report([TOPIC_SEEN, REGION_SEEN], [failed])))
        assert finding.argument == argument

    @pytest.mark.parametrize(
        ("page", "source"), [("https://example.com/26", "https://example.com/26"), (None, "checkov 3.3.30")]
    )
    def test_has_the_policys_page_or_the_version(self, fake: Fake, page: str | None, source: str) -> None:
        failed = record("CKV_AWS_26", "resource.main", [10, 20], page=page)
        (finding,) = found(fake(report([TOPIC_SEEN, REGION_SEEN], [failed])))
        assert finding.source == source

    def test_belongs_to_the_template_that_it_was_found_in(self, fake: Fake) -> None:
        passed = [
            {**each, "file_path": f"/template{number}/cdk.tf.json"}
            for number in (0, 1)
            for each in (TOPIC_SEEN, REGION_SEEN, NAMED)
        ]
        failed = record("CKV_AWS_26", "resource.main", [10, 20], place="template1")
        both = checkov.everything({"a/b": TOPIC, "../c": TOPIC}, executable=fake(report(passed, [failed])))
        assert {name: len(findings) for name, findings in both.items()} == {"a/b": 0, "../c": 1}

    def test_is_none_where_all_passes(self, fake: Fake) -> None:
        assert found(fake(report([TOPIC_SEEN, REGION_SEEN, NAMED], []))) == []


class TestCheckovIsGiven:
    @pytest.fixture
    def given(self, fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("BC_API_KEY", "key")
        copied = f"cp -r . '{tmp_path}/given'; env > '{tmp_path}/environment'; echo \"$@\" > '{tmp_path}/arguments'"
        found(fake(report([TOPIC_SEEN, REGION_SEEN, NAMED], []), also=copied))
        return tmp_path

    def test_what_it_understands_of_a_template_without_nulls_and_metadata(self, given: Path) -> None:
        assert json.loads((given / "given" / "templates" / "template0" / "cdk.tf.json").read_text()) == {
            "resource": {"aws_sns_topic": {"main": {"name": "topic", "tags": [{}]}}},
            "data": {"aws_region": {"main": {}}},
            "provider": {"aws": [{"region": "eu-west-1"}]},
            "locals": {"name": "topic"},
        }

    def test_nothing_of_the_callers_environment(self, given: Path) -> None:
        lines = (given / "environment").read_text().splitlines()
        names = {line.partition("=")[0] for line in lines} - {"PWD", "OLDPWD", "SHLVL", "_"}
        assert names == {"HOME", "LOG_LEVEL", "PATH", "PYTHONWARNINGS"}
        # Where it would find settings of the user's.
        assert f"HOME={Path.home()}" not in lines

    def test_the_census_and_nothing_to_download(self, given: Path) -> None:
        arguments = (given / "arguments").read_text().split()
        assert arguments[arguments.index("--external-checks-dir") + 1] == str(checkov.CENSUS)
        assert (checkov.CENSUS / "count.py").is_file()
        assert {"--skip-download", "--soft-fail"} <= {*arguments}


class TestCheckovIsNotBelieved:
    def test_when_it_is_not_there(self, tmp_path: Path) -> None:
        missing = tmp_path / "checkov"
        assert refused(missing) == f"checkov is not installed: `make setup` makes {missing}"

    def test_when_it_cannot_be_started(self, tmp_path: Path) -> None:
        program = tmp_path / "checkov"
        program.write_text("no program")
        assert refused(program) == f"checkov cannot be started: {program}: Permission denied"

    def test_when_it_does_not_end(self, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checkov, "_LONGEST_SECONDS", 0.2)
        assert refused(fake(also="exec sleep 5")) == "checkov was not ready after 0.2 s"

    def test_when_it_crashes(self, fake: Fake) -> None:
        crashed = fake(report([TOPIC_SEEN, REGION_SEEN, NAMED], []), "Traceback\nKeyError: 'a'\n", 2)
        assert refused(crashed) == "checkov failed, with exit code 2: KeyError: 'a'"

    def test_when_it_crashes_without_a_word(self, fake: Fake) -> None:
        assert refused(fake(code=139)) == "checkov failed, with exit code 139: it says nothing"

    def test_when_it_says_elsewhere_why_it_crashed(self, fake: Fake) -> None:
        assert refused(fake("usage: checkov\nunknown argument", code=2)).endswith("code 2: unknown argument")

    def test_when_a_policy_breaks_and_is_left_out(self, fake: Fake) -> None:
        broken = fake(report([TOPIC_SEEN, REGION_SEEN, NAMED], []), "Failed to run check CKV_AWS_26\n")
        assert refused(broken) == "checkov failed, with exit code 0: Failed to run check CKV_AWS_26"

    @pytest.mark.parametrize(
        "garbage",
        [
            "",
            "no checks were run",
            "[]",
            "{}",
            '"text"',
            "null",
            '{"passed": 0, "failed": 0, "resource_count": 0, "checkov_version": "3.3.30"}',
            '{"results": {"passed_checks": [{}], "failed_checks": [], "parsing_errors": []}, "summary": {}}',
        ],
    )
    def test_when_its_report_is_something_else(self, fake: Fake, garbage: str) -> None:
        assert refused(fake(garbage)) == f"checkov evaluated nothing, or reports in another form: {garbage!r}"

    def test_when_a_record_of_its_report_is_something_else(self, fake: Fake) -> None:
        damaged = {**NAMED, "check_result": None}
        assert refused(fake(report([damaged], []))).startswith("checkov evaluated nothing, or reports in another form")

    def test_when_it_cannot_read_the_template(self, fake: Fake) -> None:
        unread = report([TOPIC_SEEN, REGION_SEEN, NAMED], [], unread=["templates/template0/cdk.tf.json"])
        assert refused(fake(unread)) == "topic: checkov cannot read it"

    def test_when_it_did_not_see_a_resource(self, fake: Fake) -> None:
        named = record("CKV_AWS_1", "data.main", [5, 6])
        message = "topic: checkov did not see 1 of 2 blocks: aws_sns_topic.main"
        assert refused(fake(report([REGION_SEEN, named], []))) == message

    def test_when_it_did_not_see_a_data_source(self, fake: Fake) -> None:
        message = "topic: checkov did not see 1 of 2 blocks: data.aws_region.main"
        assert refused(fake(report([TOPIC_SEEN, NAMED], []))) == message

    def test_when_it_did_not_see_many_of_which_it_names_three(self, fake: Fake) -> None:
        topics = Template({"resource": {"aws_sns_topic": {f"topic{number}": {} for number in range(5)}}})
        with pytest.raises(
            CheckovError, match=r"^many: checkov did not see 5 of 5 blocks: (aws_sns_topic\.\w+, ){3}…$"
        ):
            checkov.everything({"many": topics}, executable=fake(report([], [])))

    def test_when_no_policy_looked_at_a_resource(self, fake: Fake) -> None:
        assert refused(fake(report([TOPIC_SEEN, REGION_SEEN], []))) == "topic: checkov evaluated no resource"

    def test_when_policies_looked_at_the_provider_alone(self, fake: Fake) -> None:
        of_provider = record("CKV_AWS_41", "provider.aws", [30, 32])
        message = "topic: checkov evaluated no resource"
        assert refused(fake(report([TOPIC_SEEN, REGION_SEEN, of_provider], []))) == message

    def test_when_the_template_has_no_resource(self, fake: Fake) -> None:
        with pytest.raises(CheckovError, match=r"^empty: checkov evaluated no resource$"):
            checkov.everything({"empty": Template({})}, executable=fake(report([], [])))


def test_is_not_asked_about_nothing(tmp_path: Path) -> None:
    assert checkov.everything({}, executable=tmp_path / "missing") == {}


class TestPolicies:
    @pytest.fixture(autouse=True)
    def _found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = [Finding("CKV_AWS_26", "aws_sns_topic.main", "Ensure"), Finding("CKV_AWS_27", "aws_sqs_queue.a", "is")]
        monkeypatch.setattr(checkov, "everything", lambda templates: dict.fromkeys(templates, found))

    @pytest.fixture
    def listed(self, tmp_path: Path) -> Path:
        path = tmp_path / "accepted.toml"
        reason = "Messages name nothing that is not on the dashboard, which anybody in the company may look at."
        path.write_text(
            f'[[accepted]]\ncheck = "CKV_AWS_26"\nresources = ["aws_sns_topic.main"]\nreason = "{reason}"\n'
            f'[[accepted]]\ncheck = "CKV_AWS_1"\nresources = ["aws_sns_topic.main"]\nreason = "{reason}"\n'
        )
        return path

    def test_are_what_is_not_accepted(self, listed: Path) -> None:
        (finding,) = checkov.policies({"topic": TOPIC}, listed=listed).findings["topic"]
        assert finding.check == "CKV_AWS_27"

    def test_tell_what_is_accepted_and_not_found(self, listed: Path) -> None:
        (sentence,) = checkov.policies({"topic": TOPIC}, listed=listed).stale
        assert sentence == "CKV_AWS_1: nothing is found any more at aws_sns_topic.main"

    def test_cannot_be_judged_by_a_list_that_is_wrong(self, tmp_path: Path) -> None:
        with pytest.raises(CheckovError, match=r"missing\.toml: "):
            checkov.policies({"topic": TOPIC}, listed=tmp_path / "missing.toml")

    def test_are_findings_by_the_projects_own_list(self) -> None:
        assert [finding.check for finding in checkov.findings({"topic": TOPIC})["topic"]] == [
            "CKV_AWS_26",
            "CKV_AWS_27",
        ]
