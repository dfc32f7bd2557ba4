"""Who uses a role has to be let into it: the service that a resource hands it to stands in the role's trust policy.

AWS takes the role and the resource alike, and denies when the service first asks for the role.
"""

from __future__ import annotations

from collections.abc import Iterator

from lib.evidence.policies.statements import said_in
from lib.evidence.reading import blocks, referred, resources, texts
from lib.evidence.template import Block, Template

_AWS = "https://docs.aws.amazon.com/"
_TASKS = "ecs-tasks.amazonaws.com", f"{_AWS}AmazonECS/latest/developerguide/task-iam-roles.html"
_MONITORING = (
    "monitoring.rds.amazonaws.com",
    f"{_AWS}AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html",
)

USERS: dict[tuple[str, str], tuple[str, str]] = {
    ("aws_db_instance", "monitoring_role_arn"): _MONITORING,
    ("aws_ecs_task_definition", "execution_role_arn"): _TASKS,
    ("aws_ecs_task_definition", "task_role_arn"): _TASKS,
    ("aws_flow_log", "iam_role_arn"): (
        "vpc-flow-logs.amazonaws.com",
        f"{_AWS}vpc/latest/userguide/flow-logs-iam-role.html",
    ),
    ("aws_iam_instance_profile", "role"): (
        "ec2.amazonaws.com",
        f"{_AWS}IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html",
    ),
    ("aws_lambda_function", "role"): (
        "lambda.amazonaws.com",
        f"{_AWS}lambda/latest/dg/lambda-intro-execution-role.html",
    ),
    ("aws_rds_cluster", "monitoring_role_arn"): _MONITORING,
    ("aws_rds_cluster_instance", "monitoring_role_arn"): _MONITORING,
}
"""Type and argument -> the service that takes the role, and the page that says so."""


def roles_let_in_who_uses_them(template: Template) -> list[str]:
    """A role that a task, a function, an instance, a flow log or a database is given can be taken by the service that
    runs it."""
    found = []
    all_blocks = blocks(template)
    for kind, address, block in resources(template):
        for (of_kind, argument), (service, page) in USERS.items():
            role = referred(block.get(argument)) or "" if kind == of_kind else ""
            if role.startswith("aws_iam_role.") and role in all_blocks:
                problem = _problem(all_blocks[role], service)
                found += [f"{address}: {argument} is {role}, which {each}, see {page}" for each in problem]
    return found


def _problem(role: Block, service: str) -> Iterator[str]:
    trust = said_in(role.get("assume_role_policy"))
    allowed = [each for each in trust if each.get("Effect") == "Allow"]
    let_in = [name for each in allowed for path in ("Principal.Service", "Principal") for name in texts(each, path)]
    # Terraform alone may know the document, or a name in it.
    if trust and not any(name in (service, "*") or "${" in name for name in let_in):
        yield f"lets in {', '.join(let_in) or 'no service'} and not {service}"
