"""Templates with a role that cannot be taken by the service that is given it."""

from __future__ import annotations

from lib.evidence.policies.trust import roles_let_in_who_uses_them as check
from lib.evidence.reading import referred
from tests.template import Block, Template
from tests.templates.defects.seeding import breaks, validator


def role_of(template: Template, block: Block, argument: str) -> Block:
    kind, _, name = str(referred(block[argument])).partition(".")
    return template.named(kind)[name]


@breaks(check, "which lets in ecs.amazonaws.com and not ecs-tasks.amazonaws.com")
def a_role_of_tasks_lets_in_the_scheduler(template: Template) -> None:
    role = role_of(template, template.only("aws_ecs_task_definition"), "execution_role_arn")
    role["assume_role_policy"] = role["assume_role_policy"].replace("ecs-tasks.", "ecs.")


@breaks(check, "which lets in ec2.amazonaws.com and not lambda.amazonaws.com", "transactions-prod")
def a_role_of_a_function_lets_in_instances(template: Template) -> None:
    role = role_of(template, validator(template), "role")
    role["assume_role_policy"] = role["assume_role_policy"].replace("lambda.", "ec2.")


@breaks(check, "which lets in rds.amazonaws.com and not monitoring.rds.amazonaws.com")
def a_role_of_monitoring_lets_in_the_database(template: Template) -> None:
    role = role_of(template, template.only("aws_db_instance"), "monitoring_role_arn")
    role["assume_role_policy"] = role["assume_role_policy"].replace("monitoring.rds.", "rds.")
