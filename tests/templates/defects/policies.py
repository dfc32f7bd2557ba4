"""Templates whose policies allow what AWS could bound, what cannot be done, or enough to be allowed more."""

from __future__ import annotations

import json

from lib.evidence.policies import escalation, least_privilege
from tests.template import Block, Template
from tests.templates.defects.seeding import breaks, first, statement, text_of

_POLICY = "aws_iam_role_policy"


def allow(template: Template, *actions: str, on: str, condition: Block | None = None, role: int = 0) -> None:
    """One more statement in the policy of a role."""
    with text_of(template.all(_POLICY)[role], "policy") as document:
        sid = f"More{len(document['Statement'])}"
        said: Block = {"Sid": sid, "Effect": "Allow", "Action": [*actions], "Resource": [on]}
        document["Statement"].append(said | ({"Condition": condition} if condition else {}))


def role_of(template: Template, number: int) -> str:
    """The ARN of the role that the policy of that number is of."""
    return str(template.all(_POLICY)[number]["role"]).replace(".id}", ".arn}")


def passed_to(service: str) -> Block:
    return {"StringEquals": {"iam:PassedToService": service}}


@breaks(
    least_privilege.grants_are_as_narrow_as_aws_lets_them,
    "allows secretsmanager:getsecretvalue on arn:aws:secretsmanager:sa-east-1:111122223333:secret:?*",
)
def a_role_may_read_every_secret_of_the_account(template: Template) -> None:
    allow(template, "secretsmanager:GetSecretValue", on="arn:aws:secretsmanager:sa-east-1:111122223333:secret:?*")


@breaks(
    least_privilege.grants_are_as_narrow_as_aws_lets_them,
    "allows dynamodb:deleteitem, dynamodb:getitem, dynamodb:putitem on arn:aws:dynamodb:*:*:table/*",
    "transactions-prod",
)
def a_function_may_use_every_table(template: Template) -> None:
    actions = ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:DeleteItem"]
    allow(template, *actions, on="arn:aws:dynamodb:*:*:table/*")


@breaks(least_privilege.grants_are_as_narrow_as_aws_lets_them, "allows every action (S3:*)", "fleet-prod")
def an_instance_may_do_all_to_its_bucket(template: Template) -> None:
    with statement(template, _POLICY, "UseDataBucket") as found:
        found["Action"] = ["S3:*"]


@breaks(least_privilege.grants_are_as_narrow_as_aws_lets_them, "allows all but what NotResource names")
def a_role_may_read_all_secrets_but_its_own(template: Template) -> None:
    with statement(template, _POLICY, "ReadSecrets") as found:
        found["NotResource"] = found.pop("Resource")


@breaks(least_privilege.grants_apply_to_what_they_name, "says s3:GetObject of what it cannot be done to", "fleet-prod")
def an_instance_may_read_its_bucket_but_none_of_its_objects(template: Template) -> None:
    with statement(template, _POLICY, "UseDataBucket") as found:
        found["Resource"] = [each.removesuffix("/*") for each in found["Resource"]]


@breaks(least_privilege.grants_apply_to_what_they_name, "says s3:ListBucket of what it cannot be done to", "fleet-prod")
def an_instance_may_list_objects_and_not_its_bucket(template: Template) -> None:
    with statement(template, _POLICY, "ListDataBucket") as found:
        found["Resource"] = [f"{each}/*" for each in found["Resource"]]


@breaks(least_privilege.grants_apply_to_what_they_name, "says logs:PutLogEvents of what it cannot be done to")
def a_task_may_write_to_its_log_group_and_to_no_stream_of_it(template: Template) -> None:
    with statement(template, _POLICY, "WriteLogs") as found:
        found["Resource"] = [each.removesuffix(":*") for each in found["Resource"]]


@breaks(
    least_privilege.grants_apply_to_what_they_name, "says dynamodb:Query of what it cannot be done to", "everything"
)
def a_role_may_query_a_queue(template: Template) -> None:
    allow(template, "dynamodb:Query", on=template.reference("aws_sqs_queue", "arn", **_first_queue(template)))


def _first_queue(template: Template) -> Block:
    return {"name": first(template, "aws_sqs_queue")["name"]}


@breaks(least_privilege.grants_apply_to_what_they_name, "says ecr:GetAuthorizationToken of what it cannot be done to")
def a_task_may_log_in_to_one_repository(template: Template) -> None:
    allow(template, "ecr:GetAuthorizationToken", on="arn:aws:ecr:sa-east-1:111122223333:repository/shop")


@breaks(least_privilege.grants_apply_to_what_they_name, "says kms:Decrypt of what it cannot be done to")
def a_task_may_decrypt_by_the_alias_of_a_key(template: Template) -> None:
    allow(template, "kms:Decrypt", on="arn:aws:kms:sa-east-1:111122223333:alias/secrets")


@breaks(escalation.no_role_can_raise_itself, "changes what it or others may do by iam:PutRolePolicy")
def a_role_may_write_its_own_policy(template: Template) -> None:
    allow(template, "iam:PutRolePolicy", on=role_of(template, 0))


@breaks(escalation.no_role_can_raise_itself, "takes on users by iam:CreateAccessKey")
def a_role_may_make_keys_of_a_user(template: Template) -> None:
    allow(template, "iam:CreateAccessKey", on="arn:aws:iam::111122223333:user/admin")


@breaks(escalation.no_role_can_raise_itself, "passes any role: iam:PassRole on arn:aws:iam::111122223333:role/shop-*")
def a_role_passes_roles_by_the_beginning_of_their_name(template: Template) -> None:
    allow(
        template, "iam:PassRole", on="arn:aws:iam::111122223333:role/shop-*", condition=passed_to("ecs.amazonaws.com")
    )


@breaks(escalation.no_role_can_raise_itself, "passes a role to any service")
def a_role_passes_a_role_to_any_service(template: Template) -> None:
    allow(template, "iam:PassRole", on=role_of(template, 1))


@breaks(
    escalation.no_role_can_raise_itself,
    "by iam:PassRole and ecs:RunTask runs its own work as a role that may also do kms:decrypt, ",
)
def a_task_starts_tasks_with_the_permissions_of_another(template: Template) -> None:
    (other,) = [n for n, each in enumerate(template.all(_POLICY)) if '"ReadDatabaseSecret"' in each["policy"]]
    (own,) = [n for n, each in enumerate(template.all(_POLICY)) if "ConnectToCache" in each["policy"]]
    allow(
        template,
        "iam:PassRole",
        on=role_of(template, other),
        condition=passed_to("ecs-tasks.amazonaws.com"),
        role=own,
    )
    allow(template, "ecs:RunTask", on="arn:aws:ecs:sa-east-1:111122223333:task-definition/shop:1", role=own)


@breaks(
    escalation.no_role_can_raise_itself,
    "by lambda:UpdateFunctionCode takes over what runs as a role that may also do",
    "transactions-prod",
)
def a_role_changes_a_function_that_may_do_more(template: Template) -> None:
    name = next(iter(template.named("aws_lambda_function")))
    own = next(n for n, each in enumerate(template.all(_POLICY)) if "UseTransactionsTable" not in each["policy"])
    allow(template, "lambda:UpdateFunctionCode", on=f"${{aws_lambda_function.{name}.arn}}", role=own)


@breaks(escalation.no_role_can_raise_itself, "by ssm:SendCommand takes over what runs as a role", "fleet-prod")
def an_instance_runs_commands_on_others(template: Template) -> None:
    allow(template, "ssm:SendCommand", on="arn:aws:ec2:sa-east-1:111122223333:instance/i-0123456789abcdef0")


@breaks(escalation.no_role_can_raise_itself, "by sts:AssumeRole acts as arn:aws:iam::111122223333:role/admin")
def a_task_acts_as_a_role_of_others(template: Template) -> None:
    allow(template, "sts:AssumeRole", on="arn:aws:iam::111122223333:role/admin")


@breaks(escalation.no_role_can_raise_itself, "has AWSLambdaRole attached, of which nobody has looked at")
def a_policy_of_aws_is_attached_that_nobody_has_read(template: Template) -> None:
    attachment = first(template, "aws_iam_role_policy_attachment")
    attachment["policy_arn"] = "arn:aws:iam::aws:policy/service-role/AWSLambdaRole"


@breaks(escalation.nobody_else_is_let_in, "Trust lets in account 999988887777")
def a_role_may_be_taken_by_another_account(template: Template) -> None:
    with statement(template, "aws_iam_role", "Trust", "assume_role_policy") as found:
        found["Principal"] = {"AWS": "arn:aws:iam::999988887777:root"}


@breaks(escalation.nobody_else_is_let_in, "LoadBalancerLogs lets in account 999988887777")
def a_bucket_is_open_to_another_account(template: Template) -> None:
    with text_of(first(template, "aws_s3_bucket_policy"), "policy") as document:
        (logs,) = [each for each in document["Statement"] if each["Sid"] == "LoadBalancerLogs"]
        logs["Principal"]["AWS"] = ["999988887777"]


@breaks(escalation.nobody_else_is_let_in, "lets in anybody", "transactions-prod")
def anybody_may_call_a_function(template: Template) -> None:
    template.only("aws_lambda_permission", statement_id="LoadBalancer")["principal"] = "*"


@breaks(escalation.nobody_else_is_let_in, "Trust lets in all whom arn:aws:iam::111122223333:oidc-provider/")
def a_role_may_be_taken_by_every_repository_of_github(template: Template) -> None:
    github = "token.actions.githubusercontent.com"
    said = {
        "Sid": "Trust",
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{github}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{github}:aud": "sts.amazonaws.com"}},
    }
    role = first(template, "aws_iam_role")
    role["assume_role_policy"] = json.dumps({"Version": "2012-10-17", "Statement": [said]})
