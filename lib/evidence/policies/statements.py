"""The statements of all policies of a template, whatever they look like, and what their resources are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from lib.evidence.policies import authorization
from lib.evidence.policies.arns import PLACEHOLDERS, glob_of
from lib.evidence.reading import as_list, expressions, resources
from lib.evidence.structure.permissions import POLICY_ARGUMENTS
from lib.evidence.template import Block, Template

ARNS = {
    "aws_cloudfront_distribution.arn": "cloudfront:distribution",
    "aws_cloudwatch_log_group.arn": "arn:*:logs:*:*:log-group:<path>",
    "aws_dynamodb_table.arn": "dynamodb:table",
    "aws_dynamodb_table.stream_arn": "dynamodb:stream",
    "aws_ecr_repository.arn": "ecr:repository",
    "aws_ecs_cluster.arn": "ecs:cluster",
    "aws_efs_access_point.arn": "elasticfilesystem:access-point",
    "aws_efs_file_system.arn": "elasticfilesystem:file-system",
    "aws_elasticache_replication_group.arn": "elasticache:replicationgroup",
    "aws_elasticache_serverless_cache.arn": "elasticache:serverlesscache",
    "aws_elasticache_user.arn": "elasticache:user",
    "aws_iam_policy.arn": "iam:policy",
    "aws_iam_role.arn": "iam:role",
    "aws_kms_alias.arn": "kms:alias",
    "aws_kms_alias.target_key_arn": "kms:key",
    "aws_kms_key.arn": "kms:key",
    "aws_lambda_function.arn": "lambda:function",
    "aws_db_instance.arn": "rds:db",
    "aws_db_instance.master_user_secret.secret_arn": "secretsmanager:secret",
    "aws_rds_cluster.arn": "rds:cluster",
    "aws_rds_cluster.master_user_secret.secret_arn": "secretsmanager:secret",
    "aws_s3_bucket.arn": "s3:bucket",
    "aws_secretsmanager_secret.arn": "secretsmanager:secret",
    "aws_sns_topic.arn": "sns:topic",
    "aws_sqs_queue.arn": "sqs:queue",
    "aws_ssm_parameter.arn": "ssm:parameter",
}
"""Attribute of Terraform's -> the type of resource that it is the ARN of; a glob where that type's format is wider."""

_ATTRIBUTE = re.compile(r"(?:data\.)?(?P<kind>aws_\w+)\.[\w-]+(?P<path>(?:\.\w+|\[\d+\])+)")
_INDEX = re.compile(r"\[\d+\]")


class Statement(NamedTuple):
    """A statement, and where it stands."""

    kind: str
    address: str
    argument: str
    said: Block

    @property
    def name(self) -> str:
        return f"{self.address}: {self.argument} {self.said.get('Sid', 'without an id')}"

    @property
    def allows(self) -> bool:
        return self.said.get("Effect") == "Allow"

    @property
    def actions(self) -> list[str]:
        return texts(self.said.get("Action"))

    @property
    def resources(self) -> list[str]:
        return texts(self.said.get("Resource"))


def texts(value: Any) -> list[str]:
    """What an element says in one text or in several."""
    return [each for each in as_list(value) if isinstance(each, str)]


def statements(template: Template) -> Iterator[Statement]:
    """Every statement of every policy that stands in an argument of a resource."""
    for kind, address, block in resources(template):
        for argument in POLICY_ARGUMENTS:
            yield from (Statement(kind, address, argument, each) for each in said_in(block.get(argument)))


def said_in(policy: Any) -> list[Block]:
    """The statements of a policy's text; none of what is no document."""
    try:
        document = json.loads(policy) if isinstance(policy, str) else None
    except ValueError:
        return []
    said = document.get("Statement") if isinstance(document, dict) else None
    return [each for each in as_list(said) if isinstance(each, dict)]


def arn_of(resource: str) -> str | None:
    """The ARNs that a resource of a statement can be, as a glob; None for one of which only Terraform knows what it is
    of."""
    if not resource.startswith("${"):
        return glob_of(resource)
    expression = next(expressions(resource))
    match = _ATTRIBUTE.fullmatch(expression)
    named = match["kind"] + _INDEX.sub("", match["path"]) if match else ""
    if named not in ARNS:
        return None
    return _glob_of_kind(ARNS[named]) + glob_of(resource.removeprefix(f"${{{expression}}}"))


@cache
def _glob_of_kind(known: str) -> str:
    if known.startswith("arn:"):
        return known
    (form,) = authorization.formats(known)
    return re.sub("|".join(PLACEHOLDERS), "*", form)
