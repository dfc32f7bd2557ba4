"""The command line of `make ci-role`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lib.operations.ci.command import ci_role
from lib.operations.ending import FOUND, OK, UNUSABLE, Stop, ended
from tests.unit.operations.ci.places import ACCOUNT, REPOSITORY

MOTO_ACCOUNT = "123456789012"
MORE = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION", "ENVIRONMENT_SUFFIX", "TAP_TIER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TAP_BLUEPRINT", "catalog")
    monkeypatch.setenv("TERRAFORM_STATE_BUCKET", "platform-state")
    monkeypatch.setenv("TERRAFORM_STATE_BUCKET_REGION", "eu-west-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody")


@pytest.fixture
def iam() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("iam", region_name="us-east-1")


class TestPrinting:
    def test_gives_every_document_as_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert ci_role(repository=REPOSITORY, environment="prod", account=ACCOUNT, print_only=True) == OK
        printed = json.loads(capsys.readouterr().out)
        assert len(printed["policies"]) == 8
        assert printed["roles"]["ci_deploy_catalog-prod"]["MaxSessionDuration"] == 7200
        assert printed["provider"]["ClientIDList"] == ["sts.amazonaws.com"]

    def test_changes_nothing(self, iam: Any, capsys: pytest.CaptureFixture[str]) -> None:
        assert ci_role(repository=REPOSITORY, environment="prod", print_only=True) == OK
        assert f"arn:aws:iam::{MOTO_ACCOUNT}:" in capsys.readouterr().out
        assert iam.list_roles()["Roles"] == []
        assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


class TestSettingUp:
    def test_tells_each_step_and_what_to_set_on_github(self, iam: Any, capsys: pytest.CaptureFixture[str]) -> None:
        assert ci_role(repository="octocat@1/platform@2", environment="prod") == OK
        out, err = capsys.readouterr()
        assert len(iam.list_roles()["Roles"]) == 2
        assert err.splitlines()[0] == "made     identity provider token.actions.githubusercontent.com"
        assert len(err.splitlines()) == 19
        head, *commands = out.splitlines()
        assert head == f"catalog-prod in {MOTO_ACCOUNT}: 19 of 19 made or changed. On GitHub, as docs/ci.md says:"
        assert len(commands) == 12
        assert commands[:3] == [
            "  gh variable set AWS_ROLE --repo octocat/platform --env prod"
            f" --body 'arn:aws:iam::{MOTO_ACCOUNT}:role/ci_deploy_catalog-prod'",
            "  gh variable set AWS_REGION --repo octocat/platform --env prod --body 'sa-east-1'",
            "  gh variable set PERMISSIONS_BOUNDARY --repo octocat/platform --env prod"
            " --body 'ci_boundary_catalog-prod'",
        ]
        assert (
            "  gh variable set AWS_ROLE --repo octocat/platform --env prod-plan"
            f" --body 'arn:aws:iam::{MOTO_ACCOUNT}:role/ci_plan_catalog-prod'" in commands
        )

    def test_names_the_variables_that_the_workflows_read(self, iam: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG002
        ci_role(repository=REPOSITORY, environment="dev")
        named = {line.split()[3] for line in capsys.readouterr().out.splitlines()[1:]}
        assert named == {
            "AWS_REGION",
            "AWS_ROLE",
            "PERMISSIONS_BOUNDARY",
            "TAP_BLUEPRINT",
            "TERRAFORM_STATE_BUCKET",
            "TERRAFORM_STATE_BUCKET_REGION",
        }

    def test_done_again_changes_nothing(self, iam: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG002
        ci_role(repository=REPOSITORY, environment="prod")
        capsys.readouterr()
        assert ci_role(repository=REPOSITORY, environment="prod", account=MOTO_ACCOUNT) == OK
        assert "0 of 11 made or changed" in capsys.readouterr().out

    def test_ends_with_1_where_a_role_has_more_than_it_should(self, iam: Any) -> None:
        ci_role(repository=REPOSITORY, environment="prod")
        iam.put_role_policy(RoleName="ci_plan_catalog-prod", PolicyName="more", PolicyDocument=MORE)
        assert ci_role(repository=REPOSITORY, environment="prod") == FOUND


class TestWrongArguments:
    def test_are_named_all_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TERRAFORM_STATE_BUCKET")
        with pytest.raises(Stop) as stop:
            ci_role(repository="https://github.com/o/n", environment="dev-plan", account="1234")
        assert stop.value.code == UNUSABLE
        assert str(stop.value).splitlines() == [
            "REPOSITORY is 'https://github.com/o/n': it has to be like owner/name, or owner@1/name@2",
            "ENVIRONMENT is 'dev-plan': in that environment on GitHub it is looked what would change in dev",
            "ACCOUNT is '1234': it has to be twelve digits",
            "TERRAFORM_STATE_BUCKET is not set: it has to name the bucket of the state",
        ]

    def test_are_named_beside_wrong_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TERRAFORM_STATE_BUCKET", "No_Bucket")
        with pytest.raises(Stop) as stop:
            ci_role(repository=REPOSITORY, environment="Prod")
        assert stop.value.code == UNUSABLE
        bucket, *settings = str(stop.value).splitlines()
        assert bucket == "TERRAFORM_STATE_BUCKET is 'No_Bucket': it has to name the bucket of the state"
        assert settings[0] == "catalog.toml: 1 setting is wrong"
        assert settings[1].strip().startswith('suffix = "Prod": must match')

    def test_another_account_than_that_of_the_credentials_is_refused(self, iam: Any) -> None:
        with pytest.raises(Stop) as stop:
            ci_role(repository=REPOSITORY, environment="prod", account=ACCOUNT)
        assert str(stop.value) == f"ACCOUNT is {ACCOUNT}, and the credentials are of {MOTO_ACCOUNT}"
        assert iam.list_roles()["Roles"] == []

    @pytest.mark.parametrize("repository", ["owner", "owner/name/more", "owner/*", "*/name", "o/n:ref", "", "o/n\n"])
    def test_no_repository_is_taken_that_would_let_in_another(self, repository: str) -> None:
        with pytest.raises(Stop, match="REPOSITORY is"):
            ci_role(repository=repository, environment="prod", account=ACCOUNT, print_only=True)

    def test_no_credentials_end_it_with_3(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
        monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
        assert ended(ci_role)(repository=REPOSITORY, environment="prod") == 3
        assert "Unable to locate credentials" in capsys.readouterr().err
