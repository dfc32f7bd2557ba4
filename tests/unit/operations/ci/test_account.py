"""`make ci-role` against moto: what it makes, what it leaves, what it mends, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lib.operations.aws import Aws, Refused
from lib.operations.ci import account
from lib.operations.ci.account import CHANGED, KEPT, LOOK, MADE, Step, set_up
from lib.operations.ci.place import Place
from lib.operations.ci.policies import boundary, deploy_policies, plan_policies, trust
from tests.unit.operations.ci.places import REPOSITORY, place

MOTO_ACCOUNT = "123456789012"
MORE = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
PROVIDER = f"arn:aws:iam::{MOTO_ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"


def own() -> Place:
    one = place("catalog", "prod")
    return Place(**{**vars(one), "account": MOTO_ACCOUNT})


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.client("iam", region_name="us-east-1")


def run(one: Place | None = None) -> list[Step]:
    steps: list[Step] = []
    set_up(Aws("us-east-1"), one or own(), REPOSITORY, steps.append)
    return steps


def document_of(iam: Any, name: str) -> Any:
    arn = f"arn:aws:iam::{MOTO_ACCOUNT}:policy/{name}"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def attached(iam: Any, role: str) -> list[str]:
    return sorted(each["PolicyName"] for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"])


class TestFirstTime:
    def test_makes_all_of_it(self, iam: Any) -> None:  # noqa: ARG002
        steps = run()
        assert {each.done for each in steps} == {MADE}
        # The provider, 8 policies, 2 roles, 7 and 1 attachments.
        assert len(steps) == 1 + 8 + 2 + 7 + 1

    def test_makes_a_provider_for_one_audience(self, iam: Any) -> None:
        run()
        found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
        assert (found["Url"], found["ClientIDList"]) == ("token.actions.githubusercontent.com", ["sts.amazonaws.com"])

    def test_lets_each_role_be_taken_in_its_own_environment(self, iam: Any) -> None:
        run()
        trusts = {
            name: iam.get_role(RoleName=f"ci_{name}_catalog-prod")["Role"]["AssumeRolePolicyDocument"]
            for name in ("deploy", "plan")
        }
        assert trusts == {
            "deploy": trust(own(), REPOSITORY, "prod"),
            "plan": trust(own(), REPOSITORY, "prod-plan"),
        }

    def test_bounds_the_sessions(self, iam: Any) -> None:
        run()
        seconds = [
            iam.get_role(RoleName=f"ci_{name}_catalog-prod")["Role"]["MaxSessionDuration"]
            for name in ("deploy", "plan")
        ]
        assert seconds == [7200, 3600]

    def test_attaches_to_each_role_its_policies_and_no_other(self, iam: Any) -> None:
        run()
        assert attached(iam, "ci_deploy_catalog-prod") == sorted(deploy_policies(own()))
        assert attached(iam, "ci_plan_catalog-prod") == sorted(plan_policies(own())) == ["ci_reads_catalog-prod"]

    def test_writes_the_documents(self, iam: Any) -> None:
        run()
        assert document_of(iam, "ci_network_catalog-prod") == deploy_policies(own())["ci_network_catalog-prod"]
        assert document_of(iam, "ci_boundary_catalog-prod") == boundary(own())

    def test_gives_nothing_the_tags_by_which_the_stacks_own_objects_are_known(self, iam: Any) -> None:
        run()
        tags = {each["Key"] for each in iam.list_role_tags(RoleName="ci_deploy_catalog-prod")["Tags"]}
        assert tags == {"ManagedBy", "Deploys"}


class TestAgain:
    def test_keeps_what_is_as_it_should_be(self, iam: Any) -> None:  # noqa: ARG002
        run()
        steps = run()
        assert {each.done for each in steps} == {KEPT}
        assert len(steps) == 1 + 8 + 2

    def test_adds_the_audience_to_a_provider_that_is_there_for_another(
        self, iam: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """moto has no such call."""
        iam.create_open_id_connect_provider(
            Url="https://token.actions.githubusercontent.com", ClientIDList=["somebody"], ThumbprintList=[]
        )
        added: list[dict[str, str]] = []
        call = Aws.call

        def recording(self: Aws, service: str, operation: str, **parameters: Any) -> Any:
            if operation == "add_client_id_to_open_id_connect_provider":
                added.append(parameters)
                return {}
            return call(self, service, operation, **parameters)

        monkeypatch.setattr(Aws, "call", recording)
        assert run()[0] == Step(CHANGED, "identity provider token.actions.githubusercontent.com")
        assert added == [{"OpenIDConnectProviderArn": PROVIDER, "ClientID": "sts.amazonaws.com"}]

    def test_mends_a_policy(self, iam: Any) -> None:
        run()
        wide = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.create_policy_version(
            PolicyArn=f"arn:aws:iam::{MOTO_ACCOUNT}:policy/ci_reads_catalog-prod",
            PolicyDocument=json.dumps(wide),
            SetAsDefault=True,
        )
        assert [each for each in run() if each.done != KEPT] == [Step(CHANGED, "policy ci_reads_catalog-prod")]
        assert document_of(iam, "ci_reads_catalog-prod") == plan_policies(own())["ci_reads_catalog-prod"]

    def test_makes_room_for_one_more_version_by_the_oldest(self, iam: Any) -> None:
        run()
        arn = f"arn:aws:iam::{MOTO_ACCOUNT}:policy/ci_reads_catalog-prod"
        for sid in "abcd":
            other = {
                "Version": "2012-10-17",
                "Statement": [{"Sid": sid, "Effect": "Deny", "Action": "*", "Resource": "*"}],
            }
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(other), SetAsDefault=True)
        assert len(iam.list_policy_versions(PolicyArn=arn)["Versions"]) == 5
        run()
        versions = sorted(each["VersionId"] for each in iam.list_policy_versions(PolicyArn=arn)["Versions"])
        assert versions == ["v2", "v3", "v4", "v5", "v6"]

    def test_mends_the_trust_and_the_session_of_a_role(self, iam: Any) -> None:
        run()
        foreign = json.dumps(trust(own(), "somebody/else", "prod"))
        iam.update_assume_role_policy(RoleName="ci_deploy_catalog-prod", PolicyDocument=foreign)
        iam.update_role(RoleName="ci_plan_catalog-prod", MaxSessionDuration=43200)
        changed = [each for each in run() if each.done != KEPT]
        assert changed == [Step(CHANGED, "role ci_deploy_catalog-prod"), Step(CHANGED, "role ci_plan_catalog-prod")]
        role = iam.get_role(RoleName="ci_deploy_catalog-prod")["Role"]
        assert role["AssumeRolePolicyDocument"] == trust(own(), REPOSITORY, "prod")
        assert iam.get_role(RoleName="ci_plan_catalog-prod")["Role"]["MaxSessionDuration"] == 3600

    def test_attaches_what_somebody_took_off(self, iam: Any) -> None:
        run()
        arn = f"arn:aws:iam::{MOTO_ACCOUNT}:policy/ci_data_catalog-prod"
        iam.detach_role_policy(RoleName="ci_deploy_catalog-prod", PolicyArn=arn)
        what = "attachment of ci_data_catalog-prod to ci_deploy_catalog-prod"
        assert [each for each in run() if each.done != KEPT] == [Step(MADE, what)]

    def test_tells_of_what_somebody_else_gave_a_role(self, iam: Any) -> None:
        run()
        iam.put_role_policy(RoleName="ci_plan_catalog-prod", PolicyName="more", PolicyDocument=MORE)
        broad = iam.create_policy(PolicyName="broad", PolicyDocument=MORE)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="ci_deploy_catalog-prod", PolicyArn=broad)
        told = [each for each in run() if each.done != KEPT]
        assert told == [
            Step(LOOK, f"{broad}: ci_deploy_catalog-prod has it too, and not from here"),
            Step(LOOK, "more: ci_plan_catalog-prod has it too, and not from here"),
        ]
        assert "broad" in attached(iam, "ci_deploy_catalog-prod")

    def test_leaves_the_roles_of_another_environment_alone(self, iam: Any) -> None:
        run()
        other = Place(**{**vars(place("catalog", "dev")), "account": MOTO_ACCOUNT})
        steps = run(other)
        assert [each for each in steps if each.done == CHANGED] == []
        assert {each["RoleName"] for each in iam.list_roles()["Roles"]} >= {
            "ci_deploy_catalog-dev",
            "ci_deploy_catalog-prod",
        }


class TestRefusals:
    def test_end_it_with_the_permission_that_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(self: Aws, service: str, operation: str, **parameters: Any) -> Any:  # noqa: ARG001
            raise Refused(f"{service} {operation}: AccessDenied", "AccessDenied", "iam:GetOpenIDConnectProvider")

        monkeypatch.setattr(Aws, "call", denied)
        with pytest.raises(Refused) as refused:
            run()
        assert refused.value.permission == "iam:GetOpenIDConnectProvider"


def test_the_documents_hold_all_that_is_made() -> None:
    found = account.documents(own(), REPOSITORY)
    assert set(found) == {"provider", "roles", "policies"}
    assert set(found["roles"]) == {"ci_deploy_catalog-prod", "ci_plan_catalog-prod"}
    assert set(found["policies"]) == {*deploy_policies(own()), "ci_boundary_catalog-prod"}
