"""One entry for each resource type that the local AWS knows."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry, Tagging
from localaws.resources.table import (
    autoscaling,
    containers,
    ec2,
    edge,
    elasticache,
    elbv2,
    functions,
    identity,
    messages,
    rds,
    s3,
    storage,
)

_MODULES = (
    autoscaling,
    containers,
    ec2,
    edge,
    elasticache,
    elbv2,
    functions,
    identity,
    messages,
    rds,
    s3,
    storage,
)
TABLE: Final[dict[str, Entry]] = {kind: entry for module in _MODULES for kind, entry in module.ENTRIES.items()}

_BY_NAME: Final = {"ResourceName": "{arn}"}
_BY_RESOURCE: Final = {"Resource": "{arn}"}
TAGGING: Final = {
    "ec2": Tagging("create_tags", "delete_tags", None, {"Resources": ["{id}"]}, after=True),
    "s3": Tagging("put_bucket_tagging", None, "get_bucket_tagging", {"Bucket": "{bucket}"}, after=True),
    "elbv2": Tagging("add_tags", "remove_tags", "describe_tags:TagDescriptions[0].Tags", {"ResourceArns": ["{arn}"]}),
    "rds": Tagging("add_tags_to_resource", "remove_tags_from_resource", target=_BY_NAME),
    "elasticache": Tagging("add_tags_to_resource", "remove_tags_from_resource", target=_BY_NAME),
    "kms": Tagging(show="list_resource_tags", target={"KeyId": "{id}"}),
    "sqs": Tagging("tag_queue", "untag_queue", "list_queue_tags", {"QueueUrl": "{id}"}),
    "lambda": Tagging(show="list_tags", target=_BY_RESOURCE),
    "efs": Tagging(show=None, target={"ResourceId": "{id}"}),
    "secretsmanager": Tagging(show=None, target={"SecretId": "{id}"}),
    "acm": Tagging(
        "add_tags_to_certificate",
        "remove_tags_from_certificate",
        "list_tags_for_certificate",
        {"CertificateArn": "{arn}"},
    ),
    "cloudfront": Tagging(target=_BY_RESOURCE, after=True),
    "dynamodb": Tagging(show="list_tags_of_resource"),
    "wafv2": Tagging(show="list_tags_for_resource:TagInfoForResource.TagList"),
    "ecs": Tagging(show=None),
    "apigatewayv2": Tagging(show=None),
}
"""The tag calls of a service, where they are not `tag_resource` of an ARN and the like."""


def tagging_of(kind: str) -> Tagging:
    entry = TABLE[kind]
    return entry.tagging or TAGGING.get(entry.service) or Tagging()
