"""What is written down: log groups that end, under the stack's key, and the bucket of access logs."""

from __future__ import annotations

from collections.abc import Iterator

from lib.naming import Kind
from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.units.buckets import WITHOUT_TLS, encryption, expect_closed, policy
from lib.operations.verify.words import expect, expect_all, expect_among, expect_true, one
from lib.settings.edge import EDGE_REGION

UNIT = Unit("logs", "Logs")

_BY_NAME = ("service_log_group_names", "fleet_log_group_names", "function_log_group_names")
_SINGLE = ("web_acl_log_group_name", "http_api_log_group_name", "rotation_log_group_name")


@UNIT.check("Every unit has its log group")
def groups(stack: Deployment) -> Iterator[str]:
    wanted = {name for output in _BY_NAME for name in stack.all(output).values()}
    wanted |= {stack[output] for output in _SINGLE if output in stack}
    wanted.add(stack.names.of(Kind.LOG_GROUP, "network", "flows"))
    yield from expect_among("log groups", wanted, stack.log_groups())


@UNIT.check("Log groups do not keep for ever")
def retention(stack: Deployment) -> Iterator[str]:
    for name, group in (stack.log_groups() | _of_cdn(stack)).items():
        yield from expect_true(group.get("retentionInDays"), f"{name} is kept for ever")


@UNIT.check("Log groups are under the stack's key")
def encrypted(stack: Deployment) -> Iterator[str]:
    for name, group in stack.log_groups().items():
        yield from expect_key(stack, "logs", group.get("kmsKeyId"), name)


@UNIT.check("The log group of the CDN's firewall is there, under a key of its region", having("cdn_web_acl_arn", "CDN"))
def of_cdn(stack: Deployment) -> Iterator[str]:
    name = stack.names.of(Kind.WAF_LOG_GROUP, "cdn")
    group = one((group for each, group in _of_cdn(stack).items() if each == name), f"log group {name}")
    part = "edge" if "edge_alarm_topic_arn" in stack else "logs"
    yield from expect_key(stack, part, group.get("kmsKeyId"), name)


@UNIT.check("The bucket of access logs is encrypted, closed, and reached by TLS only")
def bucket(stack: Deployment) -> Iterator[str]:
    attributes = stack.load_balancer_attributes()
    yield from expect_all("the load balancer", {"access_logs.s3.enabled": "true"}, attributes)
    name = attributes["access_logs.s3.bucket"]
    beginning = f"{stack.names.of(Kind.BUCKET, 'logs')}-"
    yield from expect_true(name.startswith(beginning), f"access logs go to {name}, which is not the stack's")
    # Load balancers write to no bucket under a key of one's own.
    algorithm = encryption(stack, name)["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
    yield from expect("the encryption of its objects", algorithm, "AES256")
    yield from expect_closed(stack, name)
    refused = [each.get("Condition") for each in policy(stack, name) if each["Effect"] == "Deny"]
    yield from expect_true(WITHOUT_TLS in refused, "its policy refuses nobody who comes without TLS")


def _of_cdn(stack: Deployment) -> dict[str, Block]:
    """The log group of the CDN's firewall, in us-east-1."""
    if "cdn_web_acl_arn" not in stack:
        return {}
    name = stack.names.of(Kind.WAF_LOG_GROUP, "cdn")
    found = stack.ask("logs", "describe_log_groups", region=EDGE_REGION, logGroupNamePrefix=name)["logGroups"]
    return {group["logGroupName"]: group for group in found}
