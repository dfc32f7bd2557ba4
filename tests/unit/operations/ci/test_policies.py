"""What the roles of a pipeline may do, by value, by what the stack's resources take, and by what must not be."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from lib.evidence.policies import authorization, document
from lib.evidence.policies.escalation import no_role_can_raise_itself, nobody_else_is_let_in
from lib.evidence.policies.least_privilege import (
    grants_apply_to_what_they_name,
    grants_are_as_narrow_as_aws_lets_them,
)
from lib.evidence.policies.statements import arn_of, said_in
from lib.evidence.policies.trust import USERS
from lib.evidence.reading import as_list
from lib.evidence.template import Block, Template
from lib.operations.ci import policies
from lib.operations.ci.grants import ANY, BOUNDARY, READS, ROLE_TAKERS, WRITES, Grant
from lib.operations.ci.place import Place
from lib.operations.ci.policies import (
    LONGEST_DOCUMENT,
    MOST_ATTACHED,
    boundary,
    deploy_policies,
    plan_policies,
    text,
    trust,
)
from tests.unit.operations.ci.calls import READING, Call, actions_of, calls_of, is_call, kinds, recorded, templates
from tests.unit.operations.ci.places import ACCOUNT, REPOSITORY, allowing, place, statements

ROOT = Path(__file__).parents[4]
PLACE = place()
DEPLOYS = statements(deploy_policies(PLACE))
PLANS = statements(plan_policies(PLACE))
WRITES_OF_ALL = [each for group in WRITES.values() for each in group]
BOUNDS: list[Block] = boundary(PLACE)["Statement"]
LONGEST_PLACE = Place(
    project="p" * 16,
    suffix="s" * 20,
    partition="aws-us-gov",
    account=ACCOUNT,
    region="us-gov-west-1",
    state_bucket="b" * 63,
    zones=("a.example.com", "b.example.com"),
    tags={"Project": "p" * 16, "EnvironmentSuffix": "s" * 20},
)

NEEDS_NO_PERMISSION = {
    "sts:GetCallerIdentity": "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"
}
"""Actions that nobody can be denied by leaving them out -> AWS's page."""

NOT_ASKED = {
    "iam:SimulatePrincipalPolicy": "denies what is allowed under a condition; preflight says then that it does not know"
}
"""Questions that the role that deploys may not ask -> why."""

BOUNDED = {
    "changes what it or others may do by iam:AttachRolePolicy, iam:PutRolePolicy, iam:UpdateAssumeRolePolicy": (
        "roles of the stack alone, and those under the boundary"
    ),
    "passes any role: iam:PassRole on arn:aws:iam::111122223333:role/catalog-prod-*": (
        "any of the stack, and to the services that they let in"
    ),
    "by lambda:UpdateFunctionCode takes over what runs as a role that may do what is not known here": (
        "functions of the stack alone, whose roles are under the boundary"
    ),
    "by lambda:UpdateFunctionConfiguration takes over what runs as a role that may do what is not known here": (
        "functions of the stack alone, whose roles are under the boundary"
    ),
    "by ec2:CreateLaunchTemplateVersion and ec2:ModifyLaunchTemplate takes over what runs as a role that may do what is"
    " not known here": "launch templates of the stack alone, whose roles are under the boundary",
    "by iam:PassRole and ec2:RunInstances runs its own work as a role that may do what is not known here": (
        "roles of the stack alone are passed"
    ),
    "by iam:PassRole and ecs:RegisterTaskDefinition and ecs:CreateService runs its own work as a role that may do what"
    " is not known here": "roles of the stack alone are passed",
    "by iam:PassRole and ecs:RegisterTaskDefinition and ecs:UpdateService runs its own work as a role that may do what"
    " is not known here": "roles of the stack alone are passed",
    "by iam:PassRole and lambda:CreateFunction and lambda:InvokeFunction runs its own work as a role that may do what"
    " is not known here": "roles of the stack alone are passed",
    "by iam:PassRole and lambda:CreateFunction and lambda:AddPermission runs its own work as a role that may do what is"
    " not known here": "roles of the stack alone are passed",
}
"""What the published methods find of the role that deploys, conditions left aside -> why it leads to no more than the
boundary allows. That it does not is what TestNoMoreThanTheBoundary shows."""


NAMED = (
    (
        "aws_autoscaling_group",
        "name",
        "autoscaling:CreateAutoScalingGroup",
        "autoscaling:here:autoScalingGroup:*:autoScalingGroupName/{name}",
    ),
    ("aws_cloudwatch_dashboard", "dashboard_name", "cloudwatch:PutDashboard", "cloudwatch:account:dashboard/{name}"),
    ("aws_cloudwatch_event_rule", "name", "events:PutRule", "events:here:rule/{name}"),
    ("aws_cloudwatch_log_group", "name", "logs:CreateLogGroup", "logs:here:log-group:{name}:*"),
    ("aws_cloudwatch_metric_alarm", "alarm_name", "cloudwatch:PutMetricAlarm", "cloudwatch:here:alarm:{name}"),
    ("aws_db_instance", "identifier", "rds:CreateDBInstance", "rds:here:db:{name}"),
    ("aws_db_parameter_group", "name", "rds:CreateDBParameterGroup", "rds:here:pg:{name}"),
    ("aws_db_subnet_group", "name", "rds:CreateDBSubnetGroup", "rds:here:subgrp:{name}"),
    ("aws_dynamodb_table", "name", "dynamodb:CreateTable", "dynamodb:here:table/{name}"),
    ("aws_ecs_cluster", "name", "ecs:CreateCluster", "ecs:here:cluster/{name}"),
    ("aws_ecs_task_definition", "family", "ecs:RegisterTaskDefinition", "ecs:here:task-definition/{name}:1"),
    (
        "aws_elasticache_replication_group",
        "replication_group_id",
        "elasticache:CreateReplicationGroup",
        "elasticache:here:replicationgroup:{name}",
    ),
    (
        "aws_elasticache_serverless_cache",
        "name",
        "elasticache:CreateServerlessCache",
        "elasticache:here:serverlesscache:{name}",
    ),
    ("aws_elasticache_user", "user_id", "elasticache:CreateUser", "elasticache:here:user:{name}"),
    ("aws_iam_instance_profile", "name", "iam:CreateInstanceProfile", "iam:account:instance-profile/{name}"),
    ("aws_iam_role", "name", "iam:CreateRole", "iam:account:role/{name}"),
    ("aws_kms_alias", "name", "kms:CreateAlias", "kms:here:{name}"),
    ("aws_lambda_function", "function_name", "lambda:CreateFunction", "lambda:here:function:{name}"),
    (
        "aws_lb",
        "name",
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:here:loadbalancer/app/{name}/0",
    ),
    (
        "aws_lb_target_group",
        "name",
        "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:here:targetgroup/{name}/0",
    ),
    ("aws_rds_cluster", "cluster_identifier", "rds:CreateDBCluster", "rds:here:cluster:{name}"),
    ("aws_s3_bucket", "bucket", "s3:CreateBucket", "s3:nowhere:{name}"),
    ("aws_secretsmanager_secret", "name", "secretsmanager:CreateSecret", "secretsmanager:here:secret:{name}-AbCdEf"),
    ("aws_sns_topic", "name", "sns:CreateTopic", "sns:here:{name}"),
    ("aws_sqs_queue", "name", "sqs:CreateQueue", "sqs:here:{name}"),
    ("aws_wafv2_web_acl", "name", "wafv2:CreateWebACL", "wafv2:here:regional/webacl/{name}/0"),
)
"""Type, the argument that names it, the action that makes it, and its ARN: `here` is the region and the account."""
_PLACES = {":here:": ":{region}:{account}:", ":account:": "::{account}:", ":nowhere:": ":::"}


def template_of(documents: dict[str, Block], trusts: Block | None = None) -> Template:
    """A role as a template has it, for the checks of templates."""
    inline = [{"name": name, "policy": json.dumps(policy)} for name, policy in documents.items()]
    role = {"inline_policy": inline, "assume_role_policy": json.dumps(trusts or {"Statement": []})}
    separate = {
        f"policy{index}": {"role": "${aws_iam_role.ci.id}", "policy": each["policy"]}
        for index, each in enumerate(inline)
    }
    return Template({"resource": {"aws_iam_role": {"ci": role}, "aws_iam_role_policy": separate}})


def grants() -> Iterator[Grant]:
    for group in (*READS.values(), *WRITES.values(), BOUNDARY):
        yield from group


def actions(said: list[Block]) -> set[str]:
    return {action for each in said for pattern in as_list(each["Action"]) for action in authorization.actions(pattern)}


class TestDocuments:
    @pytest.mark.parametrize("one", [PLACE, place("transactions", "dev"), LONGEST_PLACE], ids=lambda one: one.name[:12])
    def test_are_what_aws_knows(self, one: Place) -> None:
        documents = {**deploy_policies(one), one.boundary: boundary(one), "trust": trust(one, REPOSITORY, one.suffix)}
        wrong = [
            f"{name} {literal.path} {literal.value}: not {rule.allowed}"
            for name, policy in documents.items()
            for literal in document.judge(policy, name)
            for rule in literal.rules
            if not rule.accepts(literal.value)
        ]
        assert wrong == []

    def test_fit_into_managed_policies_whatever_the_names(self) -> None:
        lengths = [len(text(each)) for each in (*deploy_policies(LONGEST_PLACE).values(), boundary(LONGEST_PLACE))]
        assert max(lengths) <= LONGEST_DOCUMENT

    def test_are_no_more_than_a_role_may_have(self) -> None:
        assert len(deploy_policies(PLACE)) == 7 <= MOST_ATTACHED

    def test_are_called_like_nothing_of_a_stack(self) -> None:
        assert sorted(deploy_policies(PLACE)) == [
            "ci_base_catalog-prod",
            "ci_compute_catalog-prod",
            "ci_data_catalog-prod",
            "ci_entry_catalog-prod",
            "ci_identity_catalog-prod",
            "ci_network_catalog-prod",
            "ci_reads_catalog-prod",
        ]

    def test_name_the_region_where_one_is_enough(self) -> None:
        (clusters,) = allowing(DEPLOYS, "ecs:CreateCluster")
        assert clusters["Resource"] == [f"arn:aws:ecs:sa-east-1:{ACCOUNT}:cluster/catalog-prod-*"]

    def test_name_no_region_where_cloudfront_needs_another_one(self) -> None:
        said = statements(deploy_policies(place("transactions", "prod")))
        (alarms, _) = allowing(said, "cloudwatch:PutMetricAlarm")
        assert alarms["Resource"] == [f"arn:aws:cloudwatch:*:{ACCOUNT}:alarm:transactions-prod-*"]

    def test_say_nothing_of_records_where_the_environment_has_no_zone(self) -> None:
        assert PLACE.zones == ("example.com",)
        assert allowing(statements(deploy_policies(place("catalog", "dev"))), "route53:ChangeResourceRecordSets") == []

    def test_allow_records_of_the_environments_zones_alone(self) -> None:
        (records,) = allowing(DEPLOYS, "route53:ChangeResourceRecordSets")
        names = {"route53:ChangeResourceRecordSetsNormalizedRecordNames": ["example.com", "*.example.com"]}
        assert records["Condition"] == {"ForAllValues:StringLike": names}


class TestTrust:
    def test_is_of_one_repository_in_one_environment(self) -> None:
        assert trust(PLACE, REPOSITORY, "prod") == {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {
                        "Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
                    },
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": {
                        "StringEquals": {
                            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                            "token.actions.githubusercontent.com:sub": "repo:octocat/platform:environment:prod",
                        }
                    },
                }
            ],
        }

    def test_takes_a_repository_as_its_tokens_say_it(self) -> None:
        condition = trust(PLACE, "octocat@1/platform@2", "dev-plan")["Statement"][0]["Condition"]["StringEquals"]
        subject = "repo:octocat@1/platform@2:environment:dev-plan"
        assert condition["token.actions.githubusercontent.com:sub"] == subject

    def test_lets_nobody_else_in(self) -> None:
        assert nobody_else_is_let_in(template_of({}, trust(PLACE, REPOSITORY, "prod"))) == []


class TestAllTheStackTakes:
    def test_is_known_of_every_type_of_every_blueprint(self) -> None:
        assert [kind for kind in sorted(kinds()) if not calls_of(kind)] == []

    def test_is_allowed_call_by_call(self) -> None:
        calls = recorded().union(*map(calls_of, kinds()))
        needed = {action for call in calls for action in actions_of(call)}
        allowed = actions(DEPLOYS)
        assert len(needed) > 350
        assert {each for each in needed if not authorization.actions(each) <= allowed} == set(NEEDS_NO_PERMISSION)

    def test_is_allowed_to_be_asked_by_the_role_that_plans(self) -> None:
        calls = recorded().union(*map(calls_of, kinds()))
        asked = {call for call in calls if call[1].startswith(READING)}
        needed = {action for call in asked for action in actions_of(call)}
        allowed = actions(PLANS)
        assert len(needed) > 120
        assert {each for each in needed if not authorization.actions(each) <= allowed} == set(NEEDS_NO_PERMISSION)

    def test_is_allowed_to_be_asked_by_the_verification(self) -> None:
        asked = {action for call in _questions("verify") for action in actions_of(call)}
        assert len(asked) > 90
        assert {each for each in asked if not authorization.actions(each) <= actions(PLANS)} == set(NEEDS_NO_PERMISSION)

    def test_is_allowed_to_be_asked_by_preflight_and_deployment(self) -> None:
        asked = {action for call in (*_questions("preflight"), *_questions("deploy")) for action in actions_of(call)}
        assert len(asked) > 60
        lacking = {each for each in asked if not authorization.actions(each) <= actions(DEPLOYS)}
        assert lacking - set(NEEDS_NO_PERMISSION) == set(NOT_ASKED)

    @pytest.mark.parametrize(
        ("kind", "argument", "action", "arn"),
        NAMED,
    )
    def test_is_called_as_the_policies_expect(self, kind: str, argument: str, action: str, arn: str) -> None:
        """Every object of the type, in the templates of all tiers, by its name."""
        named = list(_named(kind, argument))
        assert named
        for one, name in named:
            whole = f"arn:aws:{arn}"
            for short, long in _PLACES.items():
                whole = whole.replace(short, long)
            whole = whole.format(region=one.region, account=ACCOUNT, name=name)
            assert allowing(statements(deploy_policies(one)), action, whole), whole


def _named(kind: str, argument: str) -> Iterator[tuple[Place, str]]:
    for template in templates():
        outputs = {name: each["value"] for name, each in template["output"].items()}
        own = place(outputs["project"], outputs["environment_suffix"])
        for block in template["resource"].get(kind, {}).values():
            name = re.sub(r"\$\{[^}]*\}", ACCOUNT, block[argument])
            yield own, name


def _questions(part: str) -> set[Call]:
    """Every question to AWS that a part of lib/operations names: a service and an operation, side by side."""
    trees = [ast.parse(path.read_text()) for path in (ROOT / "lib" / "operations" / part).rglob("*.py")]
    found: set[Call] = set()
    for node in [node for tree in trees for node in ast.walk(tree)]:
        words = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
        for service, operation in pairwise(words):
            if isinstance(service, ast.Constant) and isinstance(operation, ast.Constant):
                call = (str(service.value), str(operation.value))
                if call[1].startswith(READING) and is_call(call):
                    found.add(call)
    return found


class TestWhatIsNotAllowed:
    DATA = (
        "dynamodb:getitem",
        "dynamodb:query",
        "dynamodb:scan",
        "ecr:getdownloadurlforlayer",
        "logs:filterlogevents",
        "logs:getlogevents",
        "logs:startquery",
        "rds:downloaddblogfileportion",
        "secretsmanager:batchgetsecretvalue",
        "sqs:receivemessage",
        "ssm:getparameterhistory",
        "ssm:startsession",
        "sts:assumerole",
    )

    def test_the_role_that_plans_changes_nothing(self) -> None:
        verbs = ("batchget", "decrypt", "describe", "get", "list")
        assert sorted(each for each in actions(PLANS) if not each.partition(":")[2].startswith(verbs)) == []

    def test_the_role_that_plans_reads_no_data(self) -> None:
        assert actions(PLANS).intersection(self.DATA) == set()

    def test_objects_are_read_from_the_environments_own_state_alone(self) -> None:
        (state,) = allowing(PLANS, "s3:GetObject")
        assert state["Resource"] == ["arn:aws:s3:::platform-state/catalog/prod/*"]

    def test_the_state_of_another_environment_is_out_of_reach(self) -> None:
        other = "arn:aws:s3:::platform-state/catalog/dev/TapStackdev.tfstate"
        assert [allowing(DEPLOYS, action, other) for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")] == [
            [],
            [],
            [],
        ]

    def test_secrets_of_another_environment_are_out_of_reach(self) -> None:
        other = f"arn:aws:secretsmanager:sa-east-1:{ACCOUNT}:secret:catalog/dev/application-AbCdEf"
        assert allowing(DEPLOYS, "secretsmanager:GetSecretValue", other) == []

    def test_no_user_no_group_and_no_access_key(self) -> None:
        touched = [each for each in actions(DEPLOYS) if re.match("iam:.*(user|group|accesskey|loginprofile)", each)]
        assert touched == []

    def test_no_policy_and_no_identity_provider(self) -> None:
        assert [
            each for each in actions(DEPLOYS) if re.match("iam:.*(policyversion|createpolicy|provider)", each)
        ] == []

    @pytest.mark.parametrize("name", [PLACE.deploy_role, PLACE.plan_role, "Administrator", "catalog-dev-api-task"])
    def test_roles_that_are_not_the_environments_cannot_be_touched(self, name: str) -> None:
        role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        changing = [each for each in DEPLOYS if any(str(action).startswith("iam:") for action in each["Action"])]
        found = [action for each in changing for action in each["Action"] if allowing([each], action, role)]
        assert found == ["iam:ListInstanceProfiles", "iam:ListRoles"]

    def test_the_boundary_can_be_neither_changed_nor_taken_off(self) -> None:
        forbidden = {"iam:createpolicyversion", "iam:deleterolepermissionsboundary", "iam:setdefaultpolicyversion"}
        assert actions(DEPLOYS) & (forbidden | {"iam:deletepolicy", "iam:deletepolicyversion"}) == set()

    def test_nothing_is_allowed_by_all_of_a_service(self) -> None:
        wide = [each for each in grants() if re.search(r":\*|^\*| \*(?= |$)", each.actions)]
        assert wide == []

    def test_what_is_allowed_on_everything_says_why_or_has_a_condition(self) -> None:
        assert [each.actions for each in grants() if each.on == ANY and not (each.why or each.when)] == []


class TestNoMoreThanTheBoundary:
    def test_the_role_that_plans_cannot_raise_itself(self) -> None:
        assert no_role_can_raise_itself(template_of(plan_policies(PLACE))) == []

    def test_a_role_under_the_boundary_cannot_raise_itself(self) -> None:
        assert no_role_can_raise_itself(template_of({"boundary": boundary(PLACE)})) == []

    def test_the_role_that_deploys_reaches_no_more_than_roles_of_the_stack(self) -> None:
        found = no_role_can_raise_itself(template_of(deploy_policies(PLACE)))
        assert {re.sub(r" \([^()]*\)$", "", each.partition(": ")[2]) for each in found} == set(BOUNDED)

    @pytest.mark.parametrize(
        "action",
        [
            "iam:AttachRolePolicy",
            "iam:CreateRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
        ],
    )
    def test_roles_are_made_and_given_policies_under_the_boundary_alone(self, action: str) -> None:
        bounded = {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/ci_boundary_catalog-prod"}
        assert [each["Condition"] for each in allowing(DEPLOYS, action)] == [{"StringEquals": bounded}]

    def test_roles_of_the_environment_alone_are_passed_to_the_services_that_take_them(self) -> None:
        (passed,) = allowing(DEPLOYS, "iam:PassRole")
        assert passed["Resource"] == [f"arn:aws:iam::{ACCOUNT}:role/catalog-prod-*"]
        assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": list(ROLE_TAKERS)}}

    def test_those_services_are_the_ones_that_roles_of_templates_let_in(self) -> None:
        let_in = {
            service
            for template in templates()
            for role in template["resource"]["aws_iam_role"].values()
            for statement in json.loads(role["assume_role_policy"])["Statement"]
            for service in as_list(statement["Principal"]["Service"])
        }
        assert let_in == set(ROLE_TAKERS) == {service for service, _ in USERS.values()}

    def test_what_any_role_of_the_stack_is_allowed_is_within_the_boundary(self) -> None:
        assert [each for each in _allowed_to_roles() if not allowing(BOUNDS, *each)] == []

    def test_that_is_looked_at_for_roles_of_all_kinds(self) -> None:
        assert len({action for action, _ in _allowed_to_roles()}) > 25

    def test_every_policy_of_aws_that_a_role_has_is_within_the_boundary(self) -> None:
        attached = {
            each["policy_arn"].rpartition("/")[2]
            for template in templates()
            for each in template["resource"].get("aws_iam_role_policy_attachment", {}).values()
        }
        assert "AmazonSSMManagedInstanceCore" in attached
        assert allowing(BOUNDS, "ssm:GetManifest")
        assert allowing(
            BOUNDS, "logs:PutLogEvents", f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:RDSOSMetrics:log-stream:x"
        )

    def test_the_boundary_has_nothing_of_iam(self) -> None:
        assert [each for each in actions(BOUNDS) if each.startswith(("iam:", "sts:", "organizations:"))] == []


def _allowed_to_roles() -> set[tuple[str, str]]:
    """Action and ARN, as a glob, of all that the roles of all templates are allowed."""
    found: set[tuple[str, str]] = set()
    for template in templates():
        for policy in template["resource"].get("aws_iam_role_policy", {}).values():
            for said in said_in(policy["policy"]):
                if said["Effect"] == "Allow":
                    found |= {
                        (action, arn_of(resource) or "*")
                        for action in as_list(said["Action"])
                        for resource in as_list(said["Resource"])
                    }
    return found


class TestNarrowness:
    def test_actions_are_on_what_they_can_be_done_to(self) -> None:
        assert grants_apply_to_what_they_name(template_of(deploy_policies(PLACE))) == []

    def test_what_has_no_condition_and_no_reason_is_bounded_as_far_as_aws_lets_it(self) -> None:
        rows = [each for each in (*WRITES_OF_ALL, *BOUNDARY) if not each.when and not each.why]
        assert len(rows) > 35
        assert grants_are_as_narrow_as_aws_lets_them(template_of({"rows": policies.document(PLACE, rows)})) == []
