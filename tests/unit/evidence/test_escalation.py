"""Ways from few permissions to many, and doors to other accounts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.evidence.policies import authorization, principals
from lib.evidence.policies.escalation import no_role_can_raise_itself, nobody_else_is_let_in
from lib.evidence.policies.escalation_methods import HANDOVERS, MAKES_CREDENTIALS, TAKEOVERS, WRITES_PERMISSIONS
from lib.evidence.policies.managed import POLICIES
from tests.template import Block, Template

ROLE, OTHER = "${aws_iam_role.app.arn}", "${aws_iam_role.other.arn}"
ADMIN = "arn:aws:iam::111122223333:role/admin"
TASKS: Block = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def allow(*actions: str, on: Any = "*", condition: Any = None) -> Block:
    return {"Effect": "Allow", "Action": [*actions], "Resource": on, "Condition": condition}


def text(*said: Block) -> str:
    return json.dumps({"Statement": said})


def of_roles(*said: Block, other: tuple[Block, ...] = (), **more: Any) -> Template:
    """Two roles with a policy each; `more`: other kinds of resources."""
    policies = {
        "of_app": {"role": "${aws_iam_role.app.id}", "policy": text(*said)},
        "of_other": {"role": "${aws_iam_role.other.id}", "policy": text(*other)},
    }
    return Template({"resource": {"aws_iam_role": {"app": {}, "other": {}}, "aws_iam_role_policy": policies, **more}})


def raised(*said: Block, **more: Any) -> list[str]:
    """What is found of the role `app`, without its name."""
    found = no_role_can_raise_itself(of_roles(*said, **more))
    return [each.removeprefix("aws_iam_role.app: ") for each in found]


class TestPermissions:
    @pytest.mark.parametrize("action", WRITES_PERMISSIONS)
    def test_are_not_written(self, action: str) -> None:
        assert raised(allow(action, on=ROLE)) == [
            f"changes what it or others may do by {action} (https://pathfinding.cloud/paths/{WRITES_PERMISSIONS[action]})"
        ]

    @pytest.mark.parametrize("action", MAKES_CREDENTIALS)
    def test_of_users_are_not_taken_on(self, action: str) -> None:
        assert raised(allow(action)) == [
            f"takes on users by {action} (https://pathfinding.cloud/paths/{MAKES_CREDENTIALS[action]})"
        ]

    @pytest.mark.parametrize("pattern", ["iam:Put*Policy", "IAM:putrolepolicy", "iam:PutRolePolic?"])
    def test_are_not_written_by_a_wildcard(self, pattern: str) -> None:
        (found,) = raised(allow(pattern))
        assert "iam:PutRolePolicy" in found

    def test_are_not_written_by_all_but_something(self) -> None:
        said = {"Effect": "Allow", "NotAction": ["iam:Put*", "sts:*"], "Resource": "*"}
        found = raised(said)[0]
        assert "iam:CreatePolicyVersion" in found
        assert "iam:PutRolePolicy" not in found

    def test_that_are_denied_on_everything_are_none(self) -> None:
        deny = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}
        assert raised(allow("iam:PutRolePolicy"), deny) == []

    @pytest.mark.parametrize("changes", [{"Resource": ADMIN}, {"Condition": TASKS}, {"Action": "sqs:*"}])
    def test_that_are_denied_in_some_cases_stay(self, changes: Block) -> None:
        deny = {"Effect": "Deny", "Action": "iam:*", "Resource": "*", **changes}
        assert len(raised(allow("iam:PutRolePolicy"), deny)) == 1

    def test_that_let_read_are_harmless(self) -> None:
        assert raised(allow("iam:Get*", "iam:List*", "s3:GetObject")) == []


class TestPolicies:
    SAID = text(allow("iam:PutRolePolicy"))
    FOUND = "changes what it or others may do by iam:PutRolePolicy (https://pathfinding.cloud/paths/iam-012)"

    def found(self, **kinds: Any) -> list[str]:
        return no_role_can_raise_itself(Template({"resource": kinds}))

    @pytest.mark.parametrize("kind", ["role", "user", "group"])
    def test_of_roles_users_and_groups_count(self, kind: str) -> None:
        of: Block = {"p": {kind: f"${{aws_iam_{kind}.x.name}}", "policy": self.SAID}}
        assert self.found(**{f"aws_iam_{kind}": {"x": {}}, f"aws_iam_{kind}_policy": of}) == [
            f"aws_iam_{kind}.x: {self.FOUND}"
        ]

    def test_of_what_is_not_in_the_template_count(self) -> None:
        assert self.found(aws_iam_role_policy={"p": {"role": "admin", "policy": self.SAID}}) == [f"admin: {self.FOUND}"]

    def test_that_are_attached_count_for_whoever_has_them(self) -> None:
        policy, arn = {"p": {"policy": self.SAID}}, "${aws_iam_policy.p.arn}"
        attached = {"a": {"role": "${aws_iam_role.x.name}", "policy_arn": arn}}
        assert self.found(aws_iam_role={"x": {}}, aws_iam_policy=policy, aws_iam_role_policy_attachment=attached) == [
            f"aws_iam_role.x: {self.FOUND}"
        ]
        several = {"a": {"roles": ["${aws_iam_role.x.name}", "admin"], "policy_arn": arn}}
        assert self.found(aws_iam_role={"x": {}}, aws_iam_policy=policy, aws_iam_policy_attachment=several) == [
            f"aws_iam_role.x: {self.FOUND}",
            f"admin: {self.FOUND}",
        ]

    def test_that_nobody_has_attached_count_by_themselves(self) -> None:
        assert self.found(aws_iam_policy={"p": {"policy": self.SAID}}) == [f"aws_iam_policy.p: {self.FOUND}"]

    def test_inside_a_role_count(self) -> None:
        role: Block = {"inline_policy": [{"name": "n", "policy": self.SAID}]}
        assert self.found(aws_iam_role={"x": role}) == [f"aws_iam_role.x: {self.FOUND}"]
        role = {"managed_policy_arns": ["${aws_iam_policy.p.arn}"]}
        assert self.found(aws_iam_role={"x": role}, aws_iam_policy={"p": {"policy": self.SAID}}) == [
            f"aws_iam_role.x: {self.FOUND}"
        ]

    def test_of_aws_have_to_be_known_in_stacks_of_ours(self) -> None:
        arns = [f"arn:aws:iam::aws:policy/{each}" for each in ("service-role/AWSLambdaRole", *POLICIES)]
        template = Template({"resource": {"aws_iam_role": {"x": {"managed_policy_arns": arns}}}})
        assert no_role_can_raise_itself(template) == []
        template.document["output"] = {"environment_suffix": {"value": "dev"}}
        assert no_role_can_raise_itself(template) == [
            "aws_iam_role.x: has AWSLambdaRole attached, of which nobody has looked at what it allows"
        ]

    def test_add_up(self) -> None:
        passing = allow("iam:PassRole", on=ADMIN, condition=TASKS)
        of = {
            "a": {"role": "${aws_iam_role.x.id}", "policy": text(passing)},
            "b": {"role": "${aws_iam_role.x.id}", "policy": text(allow("ecs:RunTask"))},
        }
        (found,) = self.found(aws_iam_role={"x": {}}, aws_iam_role_policy=of)
        assert found.startswith("aws_iam_role.x: by iam:PassRole and ecs:RunTask runs its own work as a role")


class TestPassing:
    @pytest.mark.parametrize("way", HANDOVERS, ids=lambda way: " ".join(way.needs))
    def test_of_a_role_to_a_service_that_runs_the_caller_s_work_raises(self, way: Any) -> None:
        passing = allow("iam:PassRole", on=ADMIN, condition={"StringEquals": {"iam:PassedToService": way.to}})
        found = raised(allow(*way.needs), passing)
        who = f"by {' and '.join(('iam:PassRole', *way.needs))} runs its own work as a role"
        assert f"{who} that may do what is not known here ({way.source})" in found
        assert not [
            each
            for each in raised(allow(*way.needs[1:]), passing)
            if "runs its own work" in each and way.needs[0] in each
        ]

    def test_to_another_service_raises_nothing(self) -> None:
        assert (
            raised(
                allow("lambda:CreateFunction", "lambda:InvokeFunction"),
                allow("iam:PassRole", on=ADMIN, condition=TASKS),
            )
            == []
        )

    def test_of_any_role_is_too_much(self) -> None:
        assert raised(allow("iam:PassRole", on=[ADMIN, f"{ADMIN}-*"], condition=TASKS)) == [
            f"passes any role: iam:PassRole on {ADMIN}, {ADMIN}-*"
        ]

    @pytest.mark.parametrize(
        "condition",
        [
            None,
            "text",
            {"StringEquals": "text"},
            {"StringNotEquals": TASKS["StringEquals"]},
            {"StringEqualsIfExists": TASKS["StringEquals"]},
            {"StringEquals": {"aws:SourceAccount": "111122223333"}},
            {"StringLike": {"iam:PassedToService": "*.amazonaws.com"}},
        ],
    )
    def test_to_any_service_is_too_much(self, condition: Any) -> None:
        assert raised(allow("iam:PassRole", on=ADMIN, condition=condition)) == [
            "passes a role to any service: iam:PassRole without iam:PassedToService"
        ]

    def test_is_bound_by_the_key_in_any_case_and_by_several_services(self) -> None:
        bound = {"StringLike": {"IAM:passedtoservice": ["ecs.amazonaws.com", "ecs-tasks.amazonaws.com"]}}
        assert raised(allow("iam:PassRole", on=ADMIN, condition=bound)) == []

    def test_of_oneself_raises_nothing(self) -> None:
        assert raised(allow("iam:PassRole", on=ROLE, condition=TASKS), allow("ecs:RunTask")) == []

    def test_of_a_role_that_may_do_less_raises_nothing(self) -> None:
        said = allow("iam:PassRole", on=OTHER, condition=TASKS), allow("ecs:RunTask", "s3:GetObject")
        assert raised(*said, other=(allow("s3:GetObject"),)) == []

    def test_of_a_role_that_may_do_more_says_what(self) -> None:
        said = allow("iam:PassRole", on=OTHER, condition=TASKS), allow("ecs:RunTask")
        more = allow("s3:GetObject", "s3:PutObject", "sqs:SendMessage", "sns:Publish")
        assert raised(*said, other=(more,)) == [
            "by iam:PassRole and ecs:RunTask runs its own work as a role that may also do s3:getobject, s3:putobject, "
            "sns:publish, more (https://pathfinding.cloud/paths/ecs-004)"
        ]

    def test_of_a_role_with_a_policy_that_nobody_knows_says_so(self) -> None:
        said = allow("iam:PassRole", on=OTHER, condition=TASKS), allow("ecs:RunTask")
        attached = {
            "a": {"role": "${aws_iam_role.other.name}", "policy_arn": "arn:aws:iam::aws:policy/PowerUserAccess"}
        }
        found = raised(*said, aws_iam_role_policy_attachment=attached)
        assert [each for each in found if "may also do PowerUserAccess (" in each]


class TestTakingOver:
    FUNCTION = "${aws_lambda_function.f.arn}"

    @pytest.mark.parametrize("way", TAKEOVERS, ids=lambda way: " ".join(way.needs))
    def test_what_runs_as_another_role_raises(self, way: Any) -> None:
        who = f"by {' and '.join(way.needs)} takes over what runs as a role"
        assert f"{who} that may do what is not known here ({way.source})" in raised(allow(*way.needs))
        assert not [each for each in raised(allow(*way.needs[1:])) if way.needs[0] in each]

    def function(self, role: str) -> Block:
        return {"aws_lambda_function": {"f": {"role": role}}}

    def test_a_function_of_oneself_raises_nothing(self) -> None:
        assert raised(allow("lambda:UpdateFunctionCode", on=self.FUNCTION), **self.function(ROLE)) == []

    def test_a_function_that_may_do_more_says_what(self) -> None:
        said = allow("lambda:UpdateFunctionCode", on=self.FUNCTION)
        assert raised(said, other=(allow("s3:GetObject"),), **self.function(OTHER)) == [
            "by lambda:UpdateFunctionCode takes over what runs as a role that may also do s3:getobject "
            "(https://pathfinding.cloud/paths/lambda-003)"
        ]

    def test_a_function_beside_one_of_oneself_raises(self) -> None:
        said = allow(
            "lambda:UpdateFunctionCode", on=[self.FUNCTION, "arn:aws:lambda:eu-west-1:111122223333:function:g"]
        )
        assert len(raised(said, **self.function(ROLE))) == 1

    def test_nothing_raises_nothing(self) -> None:
        assert raised({"Effect": "Allow", "Action": "lambda:UpdateFunctionCode"}) == []

    def test_all_but_some_raises(self) -> None:
        said = {"Effect": "Allow", "Action": "ssm:StartSession", "NotResource": "arn:aws:ec2:*:*:instance/i-1"}
        assert len(raised(said)) == 1


class TestActing:
    def test_as_a_role_outside_of_the_template_raises(self) -> None:
        assert raised(allow("sts:AssumeRole", on=ADMIN)) == [
            f"by sts:AssumeRole acts as {ADMIN}, which may do what is not known here "
            "(https://pathfinding.cloud/paths/sts-001)"
        ]

    def test_as_a_role_that_may_do_more_raises(self) -> None:
        (found,) = raised(allow("sts:AssumeRole", on=OTHER), other=(allow("s3:GetObject"),))
        assert f"acts as {OTHER}, which may also do s3:getobject" in found

    def test_as_a_role_that_may_do_nothing_more_raises_nothing(self) -> None:
        assert raised(allow("sts:AssumeRole", on=OTHER)) == []


class TestMethods:
    EVERY = (
        *WRITES_PERMISSIONS,
        *MAKES_CREDENTIALS,
        *(action for way in (*TAKEOVERS, *HANDOVERS) for action in way.needs),
    )

    @pytest.mark.parametrize("action", sorted(set(EVERY)))
    def test_name_actions_that_aws_knows(self, action: str) -> None:
        assert authorization.actions(action) == {action.lower()}

    @pytest.mark.parametrize("service", sorted({way.to for way in HANDOVERS}))
    def test_name_services_that_aws_knows(self, service: str) -> None:
        assert principals.is_service(service)

    def test_have_a_source_each_and_stand_there_once(self) -> None:
        for ways in (TAKEOVERS, HANDOVERS):
            assert len({way.needs for way in ways}) == len(ways)
            assert {way.source.startswith("https://") for way in ways} == {True}

    def test_are_those_that_checkov_s_cloudsplaining_has(self) -> None:
        """All 22, but that writing a role's policy needs no sts:AssumeRole here, and a stream may exist already."""
        known = {frozenset(way.needs) for way in (*TAKEOVERS, *HANDOVERS)} | {
            frozenset({each}) for each in (*WRITES_PERMISSIONS, *MAKES_CREDENTIALS)
        }
        cloudsplaining = [
            "iam:CreateAccessKey",
            "iam:CreateLoginProfile",
            "iam:UpdateLoginProfile",
            "iam:AddUserToGroup",
            "iam:CreatePolicyVersion",
            "iam:SetDefaultPolicyVersion",
            "iam:AttachUserPolicy",
            "iam:AttachGroupPolicy",
            "iam:AttachRolePolicy sts:AssumeRole",
            "iam:PutUserPolicy",
            "iam:PutGroupPolicy",
            "iam:PutRolePolicy sts:AssumeRole",
            "iam:UpdateAssumeRolePolicy sts:AssumeRole",
            "ec2:RunInstances",
            "lambda:CreateFunction lambda:InvokeFunction",
            "lambda:CreateFunction lambda:CreateEventSourceMapping dynamodb:CreateTable dynamodb:PutItem",
            "lambda:CreateFunction lambda:CreateEventSourceMapping",
            "glue:CreateDevEndpoint",
            "cloudformation:CreateStack",
            "datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline",
            "glue:UpdateDevEndpoint",
            "lambda:UpdateFunctionCode",
        ]
        assert [each for each in cloudsplaining if not any(way <= {*each.split()} for way in known)] == []


class TestManaged:
    def test_policies_allow_what_aws_knows(self) -> None:
        actions = [action for each in POLICIES.values() for said in each.statements for action in said["Action"]]
        assert [each for each in actions if not authorization.actions(each)] == []

    def test_policies_have_a_reason_and_a_page(self) -> None:
        for name, policy in POLICIES.items():
            assert policy.why
            assert policy.page.endswith(f"/{name}.html")


class TestDoors:
    @staticmethod
    def found(principal: Any, kind: str = "aws_iam_role", condition: Any = None, **document: Any) -> list[str]:
        argument = "assume_role_policy" if kind == "aws_iam_role" else "policy"
        said = {"Sid": "One", "Effect": "Allow", "Principal": principal, "Condition": condition}
        block = {argument: text(said)}
        found = nobody_else_is_let_in(Template({"resource": {kind: {"x": block}}, **document}))
        return [each.removeprefix(f"{kind}.x: {argument} One lets in ") for each in found]

    @pytest.mark.parametrize("kind", ["aws_iam_role", "aws_s3_bucket_policy"])
    @pytest.mark.parametrize(
        "principal", ["999988887777", "arn:aws:iam::999988887777:root", "arn:aws:iam::999988887777:role/a"]
    )
    def test_are_closed_to_other_accounts(self, kind: str, principal: str) -> None:
        assert self.found({"AWS": [principal]}, kind) == ["account 999988887777, which is not known to be this one"]

    def test_are_open_to_the_account_that_the_provider_is_bound_to(self) -> None:
        provider: Any = {"provider": {"aws": [{"allowed_account_ids": ["999988887777"]}]}}
        assert self.found({"AWS": "999988887777"}, **provider) == []

    def test_are_open_to_the_own_account_and_to_services(self) -> None:
        own = "arn:aws:iam::${data.aws_caller_identity.here.account_id}:root"
        assert self.found({"AWS": own, "Service": "ec2.amazonaws.com"}) == []

    @pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
    def test_of_roles_are_closed_to_anybody(self, principal: Any) -> None:
        assert self.found(principal) == ["anybody"]
        assert self.found(principal, "aws_s3_bucket_policy") == []

    @pytest.mark.parametrize("provider", ["arn:aws:iam::1:oidc-provider/a", "${aws_iam_openid_connect_provider.a.arn}"])
    @pytest.mark.parametrize(
        "condition",
        [
            None,
            {"StringEquals": {"a:aud": "sts.amazonaws.com"}},
            {"StringLike": {"a:sub": "*"}},
            {"StringNotLike": {"a:sub": "repo:b/*"}},
            {"StringLike": "text"},
        ],
    )
    def test_are_closed_to_all_whom_a_provider_vouches_for(self, provider: str, condition: Any) -> None:
        assert self.found({"Federated": provider}, condition=condition) == [
            f"all whom {provider} vouches for: :sub is not asked for"
        ]

    def test_are_open_to_whom_a_provider_names(self) -> None:
        named = {"ForAnyValue:StringLike": {"a:SUB": ["repo:b/c:*"]}}
        assert self.found({"Federated": "arn:aws:iam::1:oidc-provider/a"}, condition=named) == []
        asked = {"StringEquals": {"saml:aud": "https://signin.aws.amazon.com/saml"}}
        assert self.found({"Federated": "arn:aws:iam::1:saml-provider/a"}, condition=asked) == []
        assert len(self.found({"Federated": "arn:aws:iam::1:saml-provider/a"})) == 1

    @pytest.mark.parametrize(
        ("principal", "who"),
        [
            ("*", ["anybody"]),
            ("999988887777", ["account 999988887777, which is not known to be this one"]),
            ("s3.amazonaws.com", []),
        ],
    )
    def test_of_functions_are_closed_to_others(self, principal: str, who: list[str]) -> None:
        template = Template({"resource": {"aws_lambda_permission": {"x": {"principal": principal}}}})
        assert nobody_else_is_let_in(template) == [f"aws_lambda_permission.x: lets in {each}" for each in who]

    def test_that_are_denied_are_shut(self) -> None:
        policy = text({"Effect": "Deny", "Principal": {"AWS": "999988887777"}})
        assert nobody_else_is_let_in(Template({"resource": {"aws_s3_bucket_policy": {"x": {"policy": policy}}}})) == []
