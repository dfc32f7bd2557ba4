"""A preflight as a whole: what it finds, shows and ends with, and what it does when AWS fails it."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from botocore.retries import standard
from rich.console import Console

from lib.operations import chosen
from lib.operations.aws import Aws, Refused
from lib.operations.ending import Stop, ended
from lib.operations.preflight import command
from lib.operations.preflight.command import of_chosen, of_template, preflight
from lib.operations.preflight.measure import State
from lib.operations.preflight.report import document
from lib.operations.preflight.run import STEPS, Finding, Result, number, preflight_of, too_much
from lib.operations.preflight.run import preflight as preflight_at
from tests.unit.operations.preflight.account import ACCOUNT, OWN_TAGS, REGION, Account, template

STACK: dict[str, Any] = {"aws_vpc": {"main": {}}}
FULL = {"Vpcs": [{"VpcId": str(each)} for each in range(5)]}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(resources: Any = STACK, **sections: Any) -> Path:
        path = tmp_path / "cdk.tf.json"
        path.write_text(json.dumps(template(resources, **sections).document))
        return path

    return write


@pytest.fixture
def result(file: Callable[..., Path]) -> Callable[..., Result]:
    def run(resources: Any = STACK, answers: Any = None, *, emulated: bool = False, **sections: Any) -> Result:
        path = file(resources, **sections)
        return preflight_at(path, Account(answers), name="shop", folder=path.parent, emulated=emulated)

    return run


def shown(found: Result, *, every: bool = False) -> str:
    out = io.StringIO()
    found.show(Console(file=out, width=120, highlight=False), every=every)
    return out.getvalue()


class TestFindings:
    def test_nothing_in_the_way_ends_with_0(self, result: Callable[..., Result]) -> None:
        found = result()
        assert (found.code, found.findings, found.region, found.account) == (0, [], REGION, ACCOUNT)
        assert "nothing in the way" in shown(found)

    def test_a_full_quota_ends_with_1_and_says_all_there_is_to_it(self, result: Callable[..., Result]) -> None:
        found = result(answers={"ec2 describe_vpcs sa-east-1": FULL})
        assert found.code == 1
        assert found.findings == [
            Finding(
                True,
                "VPCs",
                "VPCs (vpc L-F678F1CE) in sa-east-1: 5 in use, 1 needed, limit 5 (documented default). To raise it:\n"
                "aws service-quotas request-service-quota-increase --region sa-east-1 --service-code vpc "
                "--quota-code L-F678F1CE --desired-value 6",
            )
        ]

    def test_a_full_quota_that_holds_the_stack_s_own_is_no_finding(self, result: Callable[..., Result]) -> None:
        own = {"Vpcs": [{"VpcId": "own", "Tags": OWN_TAGS}, *FULL["Vpcs"][:4]]}
        found = result(answers={"ec2 describe_vpcs": own})
        assert (found.code, found.rows[0].own) == (0, 1)

    def test_regions_with_room_are_named_best_first(self, result: Callable[..., Result]) -> None:
        answers = {
            "ec2 describe_vpcs sa-east-1": FULL,
            "ec2 describe_vpcs eu-west-1": {"Vpcs": FULL["Vpcs"][:3]},
        }
        found = result(answers=answers)
        assert [each.name for each in found.regions] == ["us-east-1", "eu-west-1"]
        text = shown(found)
        assert "us-east-1       1 of 5 VPCs after" in text
        assert "make use-region REGION=us-east-1" in text

    def test_where_none_has_room_that_is_said_and_why(self, result: Callable[..., Result]) -> None:
        found = result(answers={"ec2 describe_vpcs": FULL, "ec2 describe_vpcs us-east-1": "UnauthorizedOperation"})
        text = shown(found)
        assert "    none" in text
        assert "eu-west-1       full: VPCs" in text
        assert "us-east-1       is not known: ec2 describe_vpcs: UnauthorizedOperation" in text

    def test_where_regions_cannot_be_listed_that_is_said(self, result: Callable[..., Result]) -> None:
        found = result(
            answers={
                "ec2 describe_vpcs": FULL,
                "ec2 describe_regions": lambda **of: "Nope" if not of else {"Regions": []},
            }
        )
        assert found.regions_reason == "ec2 describe_regions: Nope"
        assert "Other regions cannot be listed" in shown(found)

    def test_elsewhere_helps_nothing_where_the_account_is_full(self, result: Callable[..., Result]) -> None:
        limits = {"Quotas": [{"QuotaCode": "L-DC2B2D3D", "Value": 0.0}]}
        found = result({"aws_s3_bucket": {"b": {}}}, {"service-quotas list_service_quotas": limits})
        assert (found.code, found.regions) == (1, ())
        assert "in the account: 0 in use" in found.findings[0].text

    def test_what_aws_does_not_raise_is_said(self, result: Callable[..., Result]) -> None:
        policies = {"resourcePolicies": [{"policyDocument": "x"} for _ in range(10)]}
        found = result(
            {"aws_wafv2_web_acl_logging_configuration": {"w": {}}}, {"logs describe_resource_policies": policies}
        )
        assert found.findings[0].text.endswith("AWS does not raise it.")

    def test_what_has_no_code_is_raised_by_support(self, result: Callable[..., Result]) -> None:
        there = {"LaunchTemplates": [{"LaunchTemplateName": str(each)} for each in range(5000)]}
        found = result({"aws_launch_template": {"t": {"name": "new"}}}, {"ec2 describe_launch_templates": there})
        assert "AWS Support raises it: https://docs.aws.amazon.com/AWSEC2" in found.findings[0].text

    def test_what_is_ours_is_said_beside_what_others_use(self, result: Callable[..., Result]) -> None:
        found = result(answers={"ec2 describe_vpcs": {"Vpcs": [*FULL["Vpcs"], {"VpcId": "o", "Tags": OWN_TAGS}]}})
        assert "5 in use, 1 of this stack besides, 1 needed" in too_much(found.full[0])

    def test_one_denied_question_ends_with_3_and_the_rest_is_told(self, result: Callable[..., Result]) -> None:
        found = result(answers={"ec2 describe_vpcs": "UnauthorizedOperation"})
        assert (found.code, found.missing_permissions) == (3, ["ec2:describe_vpcs"])
        assert [(each.subject, each.is_problem) for each in found.findings] == [("VPCs", False)]
        assert "Missing permissions: ec2:describe_vpcs" in shown(found)

    def test_a_problem_comes_before_what_is_not_known(self, result: Callable[..., Result]) -> None:
        resources = STACK | {"aws_dynamodb_table": {"t": {"name": "taken"}}}
        answers = {"ssm get_parameters": "AccessDenied", "dynamodb list_tables": {"TableNames": ["taken"]}}
        found = result(resources, answers)
        assert found.code == 1
        assert [each.is_problem for each in found.findings] == [True, False]
        assert "1 in the way; 1 not known" in shown(found)

    def test_an_answer_that_makes_no_sense_is_a_finding_without_a_permission(
        self, result: Callable[..., Result]
    ) -> None:
        found = result({"aws_lambda_function": {"f": {}}}, {"lambda get_account_settings": {"AccountLimit": {}}})
        assert (found.code, found.findings[0].permission) == (3, "")

    def test_a_prerequisite_that_makes_no_sense_is_one_too(self, result: Callable[..., Result]) -> None:
        subnets = {"aws_subnet": {"one": {"availability_zone": "sa-east-1a"}}}
        found = result(subnets, {"ec2 describe_availability_zones": {"AvailabilityZones": [{}]}})
        assert [each.subject for each in found.findings] == ["zones"]

    def test_denied_altogether_ends_with_3_and_names_each_permission(self, result: Callable[..., Result]) -> None:
        answers = dict.fromkeys(
            ["ec2 describe_vpcs", "ec2 describe_regions", "ssm get_parameters"], "AccessDeniedException"
        )
        found = result(answers=answers)
        assert found.code == 3
        assert found.missing_permissions == ["ec2:describe_regions", "ec2:describe_vpcs", "ssm:get_parameters"]

    def test_on_an_emulator_quotas_need_aws_and_are_no_findings(self, result: Callable[..., Result]) -> None:
        found = result(emulated=True)
        assert (found.code, found.rows[0].state) == (0, State.NEEDS_AWS)
        assert f"{found.counts(State.NEEDS_AWS)} need AWS" in shown(found)

    def test_the_state_s_bucket_is_asked_in_its_own_region(self, file: Callable[..., Path]) -> None:
        backend = {"s3": {"bucket": "states", "key": "k", "region": "eu-west-1"}}
        path = file(terraform={"backend": backend})
        opened: list[str] = []

        def open_aws(region: str) -> Aws:
            opened.append(region)
            return Account(region=region)

        found = preflight_at(path, Account(), name="x", folder=path.parent, emulated=False, open_aws=open_aws)
        assert opened == ["eu-west-1"]
        assert any(each.subject == "state" for each in found.findings)

    def test_of_the_stack_s_region_it_is_asked_by_the_same(self, file: Callable[..., Path]) -> None:
        path = file(terraform={"backend": {"s3": {"bucket": "states", "key": "k"}}})
        aws = Account()
        preflight_at(path, aws, name="x", folder=path.parent, emulated=False)
        assert f"s3 head_bucket {REGION}" in aws.asked

    def test_progress_is_told_of_each_question_once(self, file: Callable[..., Path]) -> None:
        told: list[str] = []
        path = file()
        preflight_at(path, Account(), told.append, name="x", folder=path.parent, emulated=False)
        assert {each: told.count(each) for each in told} == STEPS

    @pytest.mark.parametrize(("value", "text"), [(5.0, "5"), (2.875, "2.88"), (10_000.0, "10,000"), (0.0, "0")])
    def test_numbers_are_as_people_write_them(self, value: float, text: str) -> None:
        assert number(value) == text

    def test_half_a_vcpu_too_many_is_asked_for_as_a_whole(self, result: Callable[..., Result]) -> None:
        service = {"task_definition": "${aws_ecs_task_definition.api.arn}", "desired_count": 13}
        resources = {"aws_ecs_task_definition": {"api": {"cpu": "256"}}, "aws_ecs_service": {"api": service}}
        assert "--desired-value 7" in result(resources).findings[0].text


class TestShown:
    KEYS: ClassVar[dict[str, Any]] = {"aws_kms_key": {"own": {}, "edge": {"region": "us-east-1"}}}

    def test_quotas_with_ample_room_are_counted_only(self, result: Callable[..., Result]) -> None:
        text = shown(result(STACK | self.KEYS))
        assert "4 quotas with ample room (--every shows them)" in text
        assert "KMS keys" not in text

    def test_every_shows_all_with_the_region_where_it_is_another(self, result: Callable[..., Result]) -> None:
        text = shown(result(self.KEYS), every=True)
        assert "KMS keys " in text
        assert "KMS keys, us-east-1" in text
        assert "zones: not applicable" in text
        assert "the stack has no subnets" in text
        assert "ample room" not in text

    def test_what_a_limit_is_of_is_marked(self, result: Callable[..., Result]) -> None:
        limits = {"Quotas": [{"QuotaCode": code, "Value": 20.0} for code in ("L-F678F1CE", "L-E79EC296")]}
        mine = shown(result(answers={"service-quotas list_service_quotas": limits}), every=True)
        assert "20 " in mine
        assert "AWS's default" not in mine
        assert "5*" in shown(result(), every=True)

    def test_what_could_not_be_counted_is_no_number(self, result: Callable[..., Result]) -> None:
        line = next(
            each for each in shown(result(answers={"ec2 describe_vpcs": "Nope"})).splitlines() if "VPCs" in each
        )
        assert line.split() == ["VPCs", "1", "?", "?", "?", "not", "known"]

    def test_a_command_stays_in_one_line(self, result: Callable[..., Result]) -> None:
        lines = shown(result(answers={"ec2 describe_vpcs": FULL})).splitlines()
        assert any(each.startswith("aws service-quotas") and each.endswith("--desired-value 6") for each in lines)

    def test_the_document_says_the_same(self, result: Callable[..., Result]) -> None:
        answers = {"ec2 describe_vpcs sa-east-1": FULL, "ssm get_parameters": "AccessDenied"}
        content = json.loads(document(result(answers=answers)))
        assert (content["code"], content["account"], content["missing_permissions"]) == (
            1,
            ACCOUNT,
            ["ssm:get_parameters"],
        )
        row, _ = content["quotas"]
        assert (row["quota_code"], row["used"], row["after"], row["limit"], row["state"]) == (
            "L-F678F1CE",
            5,
            6,
            5,
            "problem",
        )
        assert row["raise"].endswith("--desired-value 6")
        assert [each["region"] for each in content["regions"]] == ["eu-west-1", "us-east-1"]
        assert content["regions"][0]["reason"].startswith("cannot be asked")
        services = next(each for each in content["prerequisites"] if each["name"] == "services")
        assert (services["state"], services["missing_permission"]) == ("not known", "ssm:get_parameters")

    def test_the_document_says_what_is_tightest_elsewhere(self, result: Callable[..., Result]) -> None:
        content = json.loads(document(result(answers={"ec2 describe_vpcs sa-east-1": FULL})))
        assert content["regions"][0] | {} == {
            "region": "eu-west-1",
            "has_room": True,
            "reason": "",
            "tightest": "VPCs",
            "share": 0.2,
            "full": [],
        }


class TestCommand:
    @pytest.fixture
    def account(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The regions that were opened."""
        opened: list[str] = []

        def open_aws(region: str) -> Aws:
            opened.append(region)
            return Account(region=region)

        monkeypatch.setattr(command, "Aws", open_aws)
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        return opened

    def test_a_template_is_asked_about_in_its_own_region(
        self, file: Callable[..., Path], account: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert preflight(file(), every=True) == 0
        assert account == [REGION]
        assert capsys.readouterr().out.startswith(f"cdk.tf.json in {ACCOUNT}, {REGION}")

    def test_or_in_another_one(
        self, file: Callable[..., Path], account: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert preflight(file(), region="eu-west-1", json=True) == 0
        assert account == ["eu-west-1"]
        assert json.loads(capsys.readouterr().out)["quotas"][0]["region"] == "eu-west-1"

    def test_the_chosen_stack_is_synthesized_for_the_region_first(
        self, file: Callable[..., Path], account: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = file()
        synthesized: list[str] = []

        class Chosen:
            name, template, folder, environ = "TapStackdev", path, path.parent, {"PATH": ""}

            def __init__(self, environ: Any) -> None:
                self.settings = SimpleNamespace(region=environ.get("AWS_REGION", REGION))

            def synthesize(self) -> None:
                synthesized.append(self.settings.region)

        monkeypatch.setattr(chosen, "chosen_stack", Chosen)
        monkeypatch.delenv("AWS_REGION", raising=False)
        assert preflight(region="eu-west-1") == 1
        assert (synthesized, account) == (["eu-west-1"], ["eu-west-1"])
        assert preflight(synth=False) == 1
        assert (synthesized, account) == (["eu-west-1"], ["eu-west-1", REGION])

    def test_a_template_without_a_region_needs_one(self, tmp_path: Path) -> None:
        path = tmp_path / "cdk.tf.json"
        path.write_text('{"resource": {}}')
        with pytest.raises(Stop, match="the provider aws has no region; --region names one") as stop:
            of_template(path, "", {}, Aws)
        assert stop.value.code == 2

    @pytest.mark.parametrize(("content", "reason"), [(None, "is not there"), ("{", "is no JSON")])
    def test_a_template_that_is_missing_or_malformed_ends_with_2(
        self, tmp_path: Path, content: str | None, reason: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "cdk.tf.json"
        if content:
            path.write_text(content)
        assert ended(preflight)(path) == 2
        printed = capsys.readouterr()
        assert (reason in printed.err, printed.out) == (True, "")

    def test_the_chosen_stack_s_template_that_is_missing_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(Stop, match="is not there"):
            preflight_at(tmp_path / "none.json", Account(), name="x", folder=tmp_path)


class TestFaults:
    @pytest.fixture(autouse=True)
    def at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No waiting between attempts."""
        monkeypatch.setattr(standard.ExponentialBackoff, "delay_amount", lambda *_: 0)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "x")

    @pytest.fixture
    def server(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
        """An AWS that gives these answers, one after the other: a status and a text each."""
        answers: list[Any] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                status, text = answers.pop(0)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as http:
            thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{http.server_port}")
            yield answers
            http.shutdown()
            thread.join()

    THROTTLED = (400, '{"__type": "TooManyRequestsException", "Message": "Rate exceeded"}')

    def ask(self) -> Any:
        return Aws(REGION).ask("service-quotas", "list_service_quotas", ServiceCode="vpc")

    def test_a_throttled_question_is_asked_again(self, server: list[Any]) -> None:
        server += [self.THROTTLED, self.THROTTLED, (200, '{"Quotas": []}')]
        assert self.ask() == {"Quotas": []}

    def test_and_given_up_after_five_times(self, server: list[Any]) -> None:
        server += [self.THROTTLED] * 9
        with pytest.raises(Refused, match="TooManyRequestsException: Rate exceeded") as refusal:
            self.ask()
        assert (refusal.value.is_deaf, len(server)) == (False, 4)

    def test_an_endpoint_that_is_not_there_ends_with_3(
        self, file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        assert ended(preflight)(file()) == 3
        assert capsys.readouterr().err.startswith("AWS cannot be asked: sts get_caller_identity: Could not connect")

    def test_no_credentials_end_with_3(
        self, file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        assert ended(preflight)(file()) == 3
        assert "Unable to locate credentials" in capsys.readouterr().err

    def failing(self, file: Callable[..., Path], code: str, elsewhere: Any) -> Callable[[], object]:
        path = file()
        aws = Account({"sts get_caller_identity": code})
        return lambda: preflight_at(
            path, aws, name="x", folder=path.parent, emulated=False, open_aws=lambda _: Account(elsewhere)
        )

    def test_expired_credentials_are_told_as_they_are(self, file: Callable[..., Path]) -> None:
        with pytest.raises(Refused) as refusal:
            self.failing(file, "ExpiredToken", {"ec2 describe_regions": "ExpiredToken"})()
        assert (refusal.value.code, refusal.value.is_deaf) == ("ExpiredToken", True)

    def test_a_region_that_is_not_enabled_is_told_instead_of_unknown_credentials(
        self, file: Callable[..., Path]
    ) -> None:
        regions = {"Regions": [{"RegionName": REGION, "OptInStatus": "not-opted-in"}]}
        with pytest.raises(Stop, match="sa-east-1 is not enabled") as stop:
            self.failing(file, "InvalidClientTokenId", {"ec2 describe_regions": regions})()
        assert stop.value.code == 1

    def test_a_region_that_there_is_not_ends_with_2(self, file: Callable[..., Path]) -> None:
        with pytest.raises(Stop, match="there is no region sa-east-1") as stop:
            self.failing(file, "InvalidClientTokenId", {"ec2 describe_regions": {"Regions": []}})()
        assert stop.value.code == 2

    def test_a_denied_identity_is_told(self, file: Callable[..., Path]) -> None:
        with pytest.raises(Refused) as refusal:
            self.failing(file, "AccessDenied", {})()
        assert refusal.value.permission == "sts:get_caller_identity"

    def test_an_interruption_ends_it_without_waiting_for_answers(self, file: Callable[..., Path]) -> None:
        never, path = threading.Event(), file()

        def interrupt(_: str) -> None:
            raise KeyboardInterrupt

        aws = Account({"ec2 describe_vpcs": lambda **_: never.wait(20)})
        with pytest.raises(KeyboardInterrupt):
            preflight_at(path, aws, interrupt, name="x", folder=path.parent, emulated=False)
        never.set()


def test_deploy_asks_about_the_chosen_stack(file: Callable[..., Path]) -> None:
    path = file()
    stack = chosen.ChosenStack.__new__(chosen.ChosenStack)
    for name, value in {
        "folder": path.parent,
        "environ": {"PATH": "/nowhere"},
        "settings": SimpleNamespace(suffix="dev"),
    }.items():
        object.__setattr__(stack, name, value)
    found = preflight_of(stack, Account())
    assert found.name == "TapStackdev"
    assert [each.subject for each in found.findings if each.is_problem] == ["terraform"]


def test_settings_that_are_wrong_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    def wrong() -> int:
        return of_chosen({"TAP_TIER": "x"}, Aws, synthesize=False).code

    assert ended(wrong)() == 2
    assert "TAP_TIER" in capsys.readouterr().err
