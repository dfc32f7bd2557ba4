"""Templates whose rotations would lock somebody out."""

from __future__ import annotations

from lib.evidence.structure import rotation as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, statement

_CHECK = checks.rotations_reach_who_needs_them


@breaks(_CHECK, "its function is not told of the service catalog-prod-api")
def a_service_keeps_its_old_password(template: Template) -> None:
    template.only("aws_lambda_function")["environment"]["variables"]["SERVICES"] = "catalog-prod-admin"


@breaks(_CHECK, "its function may not replace the tasks of payments-prod-payments", "payments-prod")
def a_service_may_not_be_replaced(template: Template) -> None:
    with statement(template, "aws_iam_role_policy", "ReplaceTasks") as found:
        found["Action"] = ["ecs:DescribeServices"]


@breaks(_CHECK, "its function may not replace the tasks of catalog-prod-api")
def a_service_of_another_cluster_is_replaced(template: Template) -> None:
    template.only("aws_lambda_function")["environment"]["variables"]["CLUSTER"] = "catalog-prod"


@breaks(_CHECK, "begins with its deployment, while tasks start")
def a_rotation_begins_at_once(template: Template) -> None:
    del template.only("aws_secretsmanager_secret_rotation")["rotate_immediately"]


@breaks(_CHECK, "its function is not told of aws_secretsmanager_secret.rotation_secret", "fleet-prod")
def the_function_of_another_secret_rotates_it(template: Template) -> None:
    variables = template.only("aws_lambda_function")["environment"]["variables"]
    variables["DATABASE_SECRET_ARN"] = variables["DATABASE_MASTER_SECRET_ARN"]


@breaks(_CHECK, "would take a value of it back")
def terraform_writes_the_first_password(template: Template) -> None:
    (name,) = (each for each in template.named("aws_secretsmanager_secret") if each.startswith("rotation_"))
    value = {"secret_id": f"${{aws_secretsmanager_secret.{name}.id}}", "secret_string_wo_version": 1}
    template.named("aws_secretsmanager_secret_version")["password"] = value
    waiting = template.only("aws_ecs_service")
    waiting["depends_on"] = [*waiting["depends_on"], "aws_secretsmanager_secret_version.password"]
