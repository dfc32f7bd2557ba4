"""What runs may do what it is told to: write its log, read its secrets, use the tables and buckets that it knows of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from lib.evidence.reading import (
    addresses,
    at,
    blocks,
    containers,
    referred,
    script_of,
    statements,
    text,
    texts,
)
from lib.evidence.template import Block, Template

_WRITE_LOG = ("logs:CreateLogStream", "logs:PutLogEvents")
_DECRYPT = ("kms:Decrypt",)

_READ_SECRET = ("secretsmanager:GetSecretValue",)

DATABASES = {
    "aws_db_instance": (_READ_SECRET, "master_user_secret_kms_key_id"),
    "aws_rds_cluster": (_READ_SECRET, "master_user_secret_kms_key_id"),
}
"""The same as of STORES, for who is told of the secret that RDS keeps."""
STORES: dict[str, tuple[tuple[str, ...], str | None]] = {
    "aws_dynamodb_table": (("dynamodb:GetItem", "dynamodb:PutItem"), "server_side_encryption.kms_key_arn"),
    "aws_s3_bucket": (("s3:GetObject", "s3:PutObject"), None),
    "aws_secretsmanager_secret": (_READ_SECRET, "kms_key_id"),
}
"""Kind of what a program is told of -> what its role must be allowed to, and by which key it is encrypted; None where
another resource says so."""


class Program(NamedTuple):
    """Something that runs. `roles` is whose permissions it has: also those with which ECS starts it."""

    address: str
    roles: set[str]
    log_groups: set[str]
    told: Any
    """Its variables, in which it is told of stores."""


def programs_may_do_what_they_are_told(template: Template) -> list[str]:
    """A program's role writes to its log groups, which are there, and uses every store that its variables name, with
    the store's key; a function's keeps the events that it fails at."""
    found = []
    for program in _programs(template):
        allowed = _allowed(template, program.roles)
        missing = [
            *_unwritable_logs(program, allowed),
            *_unusable_stores(template, program, allowed),
        ]
        found += [f"{program.address}: {problem}" for problem in missing]
    return [*found, *_lost_events(template)]


def _programs(template: Template) -> Iterator[Program]:
    known = blocks(template)
    for name, service in template.named("aws_ecs_service").items():
        task = known.get(referred(service.get("task_definition")) or "", {})
        logged = [
            service.get("service_connect_configuration"),
            [each.get("logConfiguration") for each in containers(task)],
        ]
        yield Program(
            f"aws_ecs_service.{name}",
            addresses([task.get("task_role_arn"), task.get("execution_role_arn")]),
            {each for each in addresses(logged) if each.startswith("aws_cloudwatch_log_group.")},
            task.get("container_definitions"),
        )
    for name, function in template.named("aws_lambda_function").items():
        log_group = addresses(at(function, "logging_config.log_group"))
        yield Program(
            f"aws_lambda_function.{name}", addresses(function.get("role")), log_group, function.get("environment")
        )
    for name, launched in template.named("aws_launch_template").items():
        profile = known.get(referred(at(launched, "iam_instance_profile.arn")) or "", {})
        script = script_of(template, launched)
        # The agent's managed policy writes to any log group; that it is one of the template is what can go wrong.
        written = [each for each in template.all("aws_cloudwatch_log_group") if f'"{text(each, "name")}"' in script]
        address = f"aws_launch_template.{name}"
        yield Program(address, addresses(profile.get("role")), {address} if written else set(), script)


def _allowed(template: Template, roles: set[str]) -> dict[str, set[str]]:
    """Action -> the addresses on whose resources the roles may do it."""
    found: dict[str, set[str]] = {}
    for policy in template.all("aws_iam_role_policy"):
        if referred(policy.get("role")) in roles:
            for statement in statements(policy.get("policy")):
                if statement.get("Effect") == "Allow":
                    for action in texts(statement, "Action"):
                        found.setdefault(action, set()).update(addresses(statement.get("Resource")))
    return found


def _forbidden(allowed: dict[str, set[str]], actions: tuple[str, ...], address: str | None) -> list[str]:
    return [action for action in actions if address not in allowed.get(action, ())]


def _unwritable_logs(program: Program, allowed: dict[str, set[str]]) -> Iterator[str]:
    if not program.log_groups:
        yield "writes its log to no log group of the template"
    for each in sorted(program.log_groups - {program.address}):
        yield from (f"has no {action} on {each}" for action in _forbidden(allowed, _WRITE_LOG, each))


def _unusable_stores(template: Template, program: Program, allowed: dict[str, set[str]]) -> Iterator[str]:
    known = blocks(template)
    for each in sorted({_store(known, address) for address in addresses(program.told)}):
        kind = each.rpartition(".")[0]
        needed = DATABASES if f"{each}.master_user_secret" in str(program.told) else STORES
        if kind in DATABASES and each in known and not _passwords(allowed, each):
            yield f"knows where {each} is, and may read no password of it"
        elif kind in needed and each in known:
            actions, key_argument = needed[kind]
            key = referred(at(known[each], key_argument)) if key_argument else _key_of_bucket(template, each)
            yield from (f"has no {action} on {each}" for action in _forbidden(allowed, actions, each))
            yield from (f"has no {action} on the key of {each}" for action in _forbidden(allowed, _DECRYPT, key))


def _passwords(allowed: dict[str, set[str]], database: str) -> bool:
    """Whether a role may read any: that of RDS, or one that is kept beside."""
    readable = {each for action in _READ_SECRET for each in allowed.get(action, ())}
    return database in readable or any(each.startswith("aws_secretsmanager_secret.") for each in readable)


def _store(known: dict[str, Block], address: str) -> str:
    """The bucket, for a bucket that is named by its policy."""
    is_policy = address.startswith("aws_s3_bucket_policy.")
    return (referred(known.get(address, {}).get("bucket")) if is_policy else None) or address


def _key_of_bucket(template: Template, bucket: str) -> str | None:
    path = "rule.apply_server_side_encryption_by_default.kms_master_key_id"
    keys = [
        referred(at(each, path))
        for each in template.all("aws_s3_bucket_server_side_encryption_configuration")
        if referred(each.get("bucket")) == bucket
    ]
    return keys[0] if keys else None


def _lost_events(template: Template) -> Iterator[str]:
    """Lambda tells nobody when it cannot keep an event: neither the function nor its caller fails. Secrets Manager
    waits for the answer, and no event is lost.
    https://docs.aws.amazon.com/lambda/latest/dg/with-secrets-manager.html
    """
    functions = {
        f"${{aws_lambda_function.{name}.function_name}}": function
        for name, function in template.named("aws_lambda_function").items()
    }
    kept = set()
    for config in template.all("aws_lambda_function_event_invoke_config"):
        queue = referred(at(config, "destination_config.on_failure.destination"))
        block = blocks(template).get(queue or "", {})
        function = functions.get(text(config, "function_name"), {})
        allowed = _allowed(template, addresses(function.get("role")))
        kept.add(text(config, "function_name"))
        yield from (
            f"{queue}: keeps nothing, by lack of {each}" for each in _forbidden(allowed, ("sqs:SendMessage",), queue)
        )
        key = referred(block.get("kms_master_key_id"))
        actions = ("kms:GenerateDataKey", *_DECRYPT)
        yield from (f"{queue}: keeps nothing, by lack of {each}" for each in _forbidden(allowed, actions, key))
    waited = {
        f"${{{referred(each.get('rotation_lambda_arn'))}.function_name}}"
        for each in template.all("aws_secretsmanager_secret_rotation")
    }
    yield from (
        f"{each}: nobody keeps the events that it fails at" for each in sorted(functions.keys() - kept - waited)
    )
