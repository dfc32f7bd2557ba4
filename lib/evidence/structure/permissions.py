"""IAM: what policies allow is exactly what is needed, to whom it is needed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lib.evidence.reading import (
    addresses,
    at,
    blocks,
    every,
    expressions,
    leaves,
    referred,
    region_of,
    resources,
    statements,
    tables,
    text,
    texts,
)
from lib.evidence.template import Block, Template

_NOT_OF_IAM = ("aws_ecr_lifecycle_policy",)
"""What has an argument of such a name, for a document of another kind."""
POLICY_ARGUMENTS = ("policy", "assume_role_policy", "access_policy", "resource_policy")

WIDE_ACTIONS = {
    "aws_kms_key Account kms:*": "AWS's default policy: with less a key can become one that nobody can manage",
    "aws_vpc_endpoint AllOfOwnBuckets s3:*": "grants nothing: it bounds what may go through the endpoint",
    "aws_vpc_endpoint AllOfOwnTables dynamodb:*": "grants nothing: it bounds what may go through the endpoint",
}
"""Kind, statement and action -> why all of a service is allowed."""

ANY_RESOURCE = {
    "ecr:GetAuthorizationToken": "has no narrower resource",
    "logs:DescribeLogGroups": "has no narrower resource in ECS Exec",
    "ssmmessages:CreateControlChannel": "has no narrower resource",
    "ssmmessages:CreateDataChannel": "has no narrower resource",
    "ssmmessages:OpenControlChannel": "has no narrower resource",
    "ssmmessages:OpenDataChannel": "has no narrower resource",
}
"""Actions that a role may be allowed on every resource -> why.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""

ANY_RESOURCE_KINDS = {
    "aws_kms_key": "`*` is the key itself",
    "aws_vpc_endpoint": "what the endpoint may be used for; the grants are elsewhere",
}
"""Kinds whose policy may name every resource -> why."""

ANYBODY = {
    "aws_kms_key Disks": "bound to this account and to EC2, as in the policy of aws/ebs",
    "aws_kms_key DiskGrants": "bound to this account and to EC2, as in the policy of aws/ebs",
    "aws_vpc_endpoint ReadAnywhere": "whoever is in the VPC; the grants are elsewhere",
    "aws_vpc_endpoint AllOfOwnBuckets": "whoever is in the VPC; the grants are elsewhere",
    "aws_vpc_endpoint AllOfOwnTables": "whoever is in the VPC; the grants are elsewhere",
}
"""Kind and statement -> why anybody is allowed."""

UNBOUND_SERVICES = {
    "aws_iam_role Instances": "EC2 sends no source for an instance's role",
    "aws_s3_bucket_policy LoadBalancerLogs": "deliveries fail on a condition; the path holds the account",
    "aws_sns_topic_policy EventsPublish": "EventBridge sends no source to a topic",
}
"""Kind and statement -> why a service is allowed whoever it acts for."""

_BOUNDS = ("aws:sourceaccount", "aws:sourcearn", "kms:encryptioncontext:")
"""Condition keys that tell whom a service acts for.
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"""

_LOGS = "logs.{}.amazonaws.com"
_CDN = "cloudfront.amazonaws.com"

_ACTION = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+")
_BROAD = re.compile("Administrator|FullAccess|PowerUser|ReadOnlyAccess$")


class Policy(NamedTuple):
    """A policy document and where it stands."""

    kind: str
    address: str
    argument: str
    statements: list[Block]

    @property
    def is_of_a_role(self) -> bool:
        """Whether it says what a role may do, rather than what may be done to a resource."""
        return self.kind in ("aws_iam_role_policy", "aws_iam_policy")

    @property
    def is_trust(self) -> bool:
        return self.argument == "assume_role_policy"


def policies_are_documents(template: Template) -> list[str]:
    """Every policy is a document that IAM takes: JSON, this version, statements that allow or deny something, no two
    of one id."""
    found = []
    for _, address, argument, said in _texts(template):
        try:
            document = json.loads(said)
        except (ValueError, RecursionError):
            if not _may_be_json(said):
                found.append(f"{address}: {argument} is no JSON")
            continue
        found += [f"{address}: {argument} {problem}" for problem in _wrong_document(document)]
    return found


def _may_be_json(said: str) -> bool:
    """Whether it can become JSON by what Terraform puts in place of an expression: that of a whole document, or one
    without quotes around it."""
    filled = said
    for expression in expressions(said):
        filled = filled.replace(f"${{{expression}}}", "0")
    try:
        return json.loads(filled) is not None
    except (ValueError, RecursionError):
        return False


def _texts(template: Template) -> Iterator[tuple[str, str, str, str]]:
    for kind, address, block in resources(template):
        for argument in POLICY_ARGUMENTS:
            if isinstance(block.get(argument), str) and kind not in _NOT_OF_IAM:
                yield kind, address, argument, block[argument]


def _wrong_document(document: Any) -> Iterator[str]:
    if not isinstance(document, dict) or not every(document, "Statement"):
        yield "has no statement"
        return
    if document.get("Version") != "2012-10-17":
        yield f"is of version {document.get('Version')}"
    if not all(isinstance(each, dict) for each in every(document, "Statement")):
        yield "has a statement that is no table"
    said = tables(document, "Statement")
    sids = texts(said, "Sid")
    if len(set(sids)) != len(sids):
        yield f"has statements without an id of their own: {', '.join(sids)}"
    for statement in said:
        acts = every(statement, "Action") or every(statement, "NotAction")
        if statement.get("Effect") not in ("Allow", "Deny") or not acts:
            yield f"{statement.get('Sid')} neither allows nor denies anything"


def statements_say_what_they_mean(template: Template) -> list[str]:
    """Every statement has an id to be spoken of, and names what it allows rather than what it does not."""
    found = []
    for policy in _policies(template):
        for statement in policy.statements:
            if not re.fullmatch("[A-Za-z0-9]+", sid := text(statement, "Sid")):
                found.append(f"{policy.address}: {policy.argument} has a statement without an id: {sid!r}")
            unknown = statement.keys() - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
            if unknown:
                found.append(
                    f"{policy.address}: {policy.argument} {sid} says {', '.join(sorted(unknown))}, "
                    "which allows or denies what it does not name"
                )
    return found


def policies_are_narrow(template: Template) -> list[str]:
    """What is allowed are named actions on named resources, to named principals, but for what was looked at."""
    found = []
    for policy in _policies(template):
        for statement in policy.statements:
            if statement.get("Effect") == "Allow":
                found += [
                    f"{policy.address}: {policy.argument} {statement.get('Sid')} {problem}"
                    for problem in (
                        *_wide_actions(policy, statement),
                        *_wide_resources(policy, statement),
                        *_wide_principals(policy, statement),
                    )
                ]
    for kind, address, block in resources(template):
        if kind == "aws_iam_role_policy_attachment" and _BROAD.search(text(block, "policy_arn")):
            found.append(f"{address}: attaches {text(block, 'policy_arn')}")
        if kind in ("aws_iam_user", "aws_iam_access_key"):
            found.append(f"{address}: credentials that last")
    return found


def _policies(template: Template) -> Iterator[Policy]:
    for kind, address, argument, said in _texts(template):
        yield Policy(kind, address, argument, statements(said))


def _wide_actions(policy: Policy, statement: Block) -> Iterator[str]:
    for action in texts(statement, "Action"):
        # `kms:GenerateDataKey*` in a key's policy is two actions; a role's are named one by one.
        name = action if policy.is_of_a_role else action.removesuffix("*")
        is_reviewed = f"{policy.kind} {statement.get('Sid')} {action}" in WIDE_ACTIONS
        if not _ACTION.fullmatch(name) and not is_reviewed:
            yield f"allows {action}"


def _wide_resources(policy: Policy, statement: Block) -> Iterator[str]:
    named = texts(statement, "Resource")
    if not named and not policy.is_trust and "NotResource" not in statement:
        yield "names no resource"
    if "*" in named and policy.kind not in ANY_RESOURCE_KINDS:
        yield from (
            f"allows {action} on everything" for action in texts(statement, "Action") if action not in ANY_RESOURCE
        )
    yield from (f"allows all of {each}" for each in named if re.fullmatch(r"arn:.*:\*", each))


def _wide_principals(policy: Policy, statement: Block) -> Iterator[str]:
    principal = statement.get("Principal")
    if (principal is None and "NotPrincipal" not in statement) != policy.is_of_a_role:
        yield "has a principal too many, or too few"
    everybody = principal == "*" or "*" in texts(statement, "Principal.AWS")
    if everybody and f"{policy.kind} {statement.get('Sid')}" not in ANYBODY:
        yield "allows anybody"


def services_act_for_this_account(template: Template) -> list[str]:
    """A role, key, topic, bucket or function lets an AWS service in only for this account's resources."""
    found = [
        f"{policy.address}: {statement.get('Sid')} lets in {' and '.join(services)}, whoever it acts for"
        for policy in _policies(template)
        for statement in policy.statements
        if statement.get("Effect") == "Allow"
        and (services := texts(statement, "Principal.Service"))
        and f"{policy.kind} {statement.get('Sid')}" not in UNBOUND_SERVICES
        and not _is_bound(statement)
    ]
    return found + [
        f"aws_lambda_permission.{name}: lets in {permission.get('principal')}, whoever it acts for"
        for name, permission in template.named("aws_lambda_permission").items()
        # An ARN may be of what is deleted, and its name taken by another account since then.
        # https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
        if not (permission.get("source_arn") and permission.get("source_account"))
    ]


def _is_bound(statement: Block) -> bool:
    """Only conditions that fail when the key is missing bind."""
    return any(
        key.lower().startswith(_BOUNDS)
        for operator in ("StringEquals", "StringLike", "ArnEquals", "ArnLike")
        for tests in tables(statement, f"Condition.{operator}")
        for key in tests
    )


def keys_serve_what_they_encrypt(template: Template) -> list[str]:
    """Keys, topics and buckets let in the services that use them in their own name: without, no log is written, no
    alarm told, no instance launched, no file answered."""
    return [
        *_closed_to_logs(template),
        *_closed_to_publishers(template),
        *_closed_to_functions(template),
        *_closed_to_disks(template),
        *_closed_to_the_cdn(template),
        *_closed_to_access_logs(template),
    ]


def _closed_to_logs(template: Template) -> Iterator[str]:
    for name, group in template.named("aws_cloudwatch_log_group").items():
        if region := region_of(template, group):
            service = _LOGS.format(region)
            yield from _closed_key(template, f"aws_cloudwatch_log_group.{name}", group.get("kms_key_id"), service)


def _closed_to_publishers(template: Template) -> Iterator[str]:
    """A topic without a policy lets in all of its own account."""
    for name, topic in template.named("aws_sns_topic").items():
        address = f"aws_sns_topic.{name}"
        has_policy = address in {referred(each.get("arn")) for each in template.all("aws_sns_topic_policy")}
        for service in _publishers(template, address):
            yield from _closed_key(template, address, topic.get("kms_master_key_id"), service)
            if has_policy and service not in _let_in(template, "aws_sns_topic_policy", "arn", address, "sns:Publish"):
                yield f"{address}: is closed to {service}"


def _publishers(template: Template, topic: str) -> Iterator[str]:
    """The services that tell a topic: alarms that name it, and events where a rule leads to it."""
    alarms = template.all("aws_cloudwatch_metric_alarm")
    if any(topic in addresses([each.get("alarm_actions"), each.get("ok_actions")]) for each in alarms):
        yield "cloudwatch.amazonaws.com"
    if topic in {referred(each.get("arn")) for each in template.all("aws_cloudwatch_event_target")}:
        yield "events.amazonaws.com"


def _closed_to_functions(template: Template) -> Iterator[str]:
    """https://docs.aws.amazon.com/lambda/latest/dg/encrypt-zip-package.html"""
    for name, function in template.named("aws_lambda_function").items():
        key = function.get("source_kms_key_arn")
        yield from _closed_key(
            template, f"aws_lambda_function.{name}", key, "lambda.amazonaws.com", "kms:GenerateDataKey"
        )


def _closed_to_disks(template: Template) -> Iterator[str]:
    """https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html"""
    for name, launched in template.named("aws_launch_template").items():
        key = _policy_of_key(template, at(launched, "block_device_mappings.ebs.kms_key_id"))
        allowed = {
            action
            for each in statements(key)
            if str(at(each, "Condition.StringEquals.kms:ViaService")).startswith("ec2.")
            for action in texts(each, "Action")
        }
        if key is not None and not {"kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey*"} <= allowed:
            yield f"aws_launch_template.{name}: its key is closed to Auto Scaling"


def _closed_to_the_cdn(template: Template) -> Iterator[str]:
    """Buckets behind a distribution whose key, or whose policy, does not let it read."""
    for distribution in template.all("aws_cloudfront_distribution"):
        for origin in tables(distribution, "origin"):
            bucket = referred(origin.get("domain_name")) or ""
            if not bucket.startswith("aws_s3_bucket."):
                continue
            for encryption in template.all("aws_s3_bucket_server_side_encryption_configuration"):
                if referred(encryption.get("bucket")) == bucket:
                    key = at(encryption, "rule.apply_server_side_encryption_by_default.kms_master_key_id")
                    yield from _closed_key(template, bucket, key, _CDN, "kms:Decrypt")
            if _CDN not in _let_in(template, "aws_s3_bucket_policy", "bucket", bucket, "s3:GetObject"):
                yield f"{bucket}: is closed to {_CDN}"


def _closed_to_access_logs(template: Template) -> Iterator[str]:
    """Buckets for logs whose policy does not let their writer write.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
    """
    written = [
        ("logdelivery.elasticloadbalancing.amazonaws.com", at(each, "access_logs.bucket"))
        for each in template.all("aws_lb")
    ] + [
        ("delivery.logs.amazonaws.com", at(each, "delivery_destination_configuration.destination_resource_arn"))
        for each in template.all("aws_cloudwatch_log_delivery_destination")
    ]
    for service, destination in written:
        for named in sorted(addresses(destination)):
            policy = blocks(template).get(named, {})
            bucket = (referred(policy.get("bucket")) if "policy" in policy else named) or ""
            is_closed = service not in _let_in(template, "aws_s3_bucket_policy", "bucket", bucket, "s3:PutObject")
            if bucket.startswith("aws_s3_bucket.") and is_closed:
                yield f"{bucket}: is closed to {service}"


def _closed_key(template: Template, address: str, key_arn: Any, service: str, *actions: str) -> Iterator[str]:
    """actions: beside kms:Decrypt; left out, those of whoever encrypts."""
    key = _policy_of_key(template, key_arn)
    needed = ("kms:Decrypt", *(actions or ("kms:GenerateDataKey*",)))
    if key is not None and service not in _services_with(key, *needed):
        yield f"{address}: its key is closed to {service}"


def _policy_of_key(template: Template, key_arn: Any) -> Any:
    """The policy of a key of the template's own, AWS's own one where it names none; None for any other key."""
    address = referred(key_arn) or ""
    return blocks(template).get(address, {}).get("policy", "") if address.startswith("aws_kms_key.") else None


def _let_in(template: Template, kind: str, argument: str, address: str, action: str) -> set[str]:
    """The services that the policies of a resource allow an action."""
    policies = [each.get("policy") for each in template.all(kind) if referred(each.get(argument)) == address]
    return {service for policy in policies for service in _services_with(policy, action)}


def _services_with(policy: Any, *actions: str) -> set[str]:
    """The services that a policy allows all of these."""
    return {
        service
        for each in statements(policy)
        if each.get("Effect") == "Allow" and {*actions} <= {*texts(each, "Action")}
        for service in texts(each, "Principal.Service")
    }


def stores_refuse_plain_text(template: Template) -> list[str]:
    """Every bucket refuses whatever comes without TLS, to itself and to its objects; so do topics, queues and files."""
    found = []
    for kind, policy_kind, argument in (
        ("aws_s3_bucket", "aws_s3_bucket_policy", "bucket"),
        ("aws_sns_topic", "aws_sns_topic_policy", "arn"),
        ("aws_efs_file_system", "aws_efs_file_system_policy", "file_system_id"),
        ("aws_sqs_queue", "aws_sqs_queue_policy", "queue_url"),
    ):
        for name in template.named(kind):
            address = f"{kind}.{name}"
            policies = [each for each in template.all(policy_kind) if referred(each.get(argument)) == address]
            said = [statement for each in policies for statement in statements(each.get("policy"))]
            arns = {f"${{{address}.arn}}"} | ({f"${{{address}.arn}}/*"} if kind == "aws_s3_bucket" else set())
            if not any(_refuses_plain_text(each, arns) for each in said):
                found.append(f"{address}: takes what comes without TLS")
    return found


def _refuses_plain_text(statement: Block, arns: set[str]) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        and arns <= set(texts(statement, "Resource"))
    )


def policies_stand_where_they_are_looked_for(template: Template) -> list[str]:
    """No policy is in an argument that the other checks do not know of."""
    return [
        f"{address}: {leaf.path} belongs to a policy that nobody looks at"
        for _, address, block in resources(template)
        for leaf in leaves(block)
        if leaf.path.endswith(".Statement[].Effect") and leaf.path.split(".")[0] not in POLICY_ARGUMENTS
    ]
