"""Rotation of secrets: a new value reaches whoever is given it when a task starts, and no deployment takes it back."""

from __future__ import annotations

from collections.abc import Iterator

from lib.evidence.reading import addresses, blocks, is_set, referred, statements, text, text_table, texts
from lib.evidence.template import Block, Template

_SECRET = "aws_secretsmanager_secret"


def rotations_reach_who_needs_them(template: Template) -> list[str]:
    """Who rotates a secret is told of it, and of every service whose tasks are given it, and may replace these; no
    value is written by Terraform, and none rotated while services are being deployed."""
    return [
        f"{_SECRET}_rotation.{name}: {problem}"
        for name, rotation in template.named(f"{_SECRET}_rotation").items()
        for problem in _wrong_rotation(template, rotation)
    ]


def _wrong_rotation(template: Template, rotation: Block) -> Iterator[str]:
    function = blocks(template).get(referred(rotation.get("rotation_lambda_arn")) or "", {})
    secrets = secrets_in(rotation.get("secret_id"))
    if not is_set(rotation, "rotate_immediately", False):
        yield "begins with its deployment, while tasks start"
    for secret in sorted(secrets - addresses(function.get("environment"))):
        yield f"its function is not told of {secret}"
    # One that Secrets Manager has cleared away, as it does with old ones, would be made again, and be the current one.
    for name, version in template.named(f"{_SECRET}_version").items():
        if referred(version.get("secret_id")) in secrets:
            yield f"{_SECRET}_version.{name} would take a value of it back"
    told, replaced = text_table(function, "environment.variables"), _replaced(template, function)
    for service in _given(template, secrets):
        name = text(service, "name")
        if name not in told.get("SERVICES", "").split():
            yield f"its function is not told of the service {name}"
        if not any(arn.endswith(f":service/{told.get('CLUSTER')}/{name}") for arn in replaced):
            yield f"its function may not replace the tasks of {name}"


def secrets_in(value: object) -> set[str]:
    """The addresses of the secrets that a value names."""
    return {each for each in addresses(value) if each.startswith(f"{_SECRET}.")}


def _replaced(template: Template, function: Block) -> list[str]:
    """ARNs of the services that a function may deploy anew."""
    role = addresses(function.get("role"))
    return [
        arn
        for policy in template.all("aws_iam_role_policy")
        if referred(policy.get("role")) in role
        for statement in statements(policy.get("policy"))
        if statement.get("Effect") == "Allow" and "ecs:UpdateService" in texts(statement, "Action")
        for arn in texts(statement, "Resource")
    ]


def _given(template: Template, secrets: set[str]) -> Iterator[Block]:
    """The services whose tasks are given one of the secrets."""
    known = blocks(template)
    for service in template.all("aws_ecs_service"):
        task = known.get(referred(service.get("task_definition")) or "", {})
        if secrets & secrets_in(task.get("container_definitions")):
            yield service
