"""IAM: what policies allow is exactly what is needed, to whom it is needed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.template import Block, Template
from tests.templates.reading import blocks, leaves, provider, referred, resources

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
    "aws_vpc_endpoint ReadAnywhere": "whoever is in the VPC; the grants are elsewhere",
    "aws_vpc_endpoint AllOfOwnBuckets": "whoever is in the VPC; the grants are elsewhere",
    "aws_vpc_endpoint AllOfOwnTables": "whoever is in the VPC; the grants are elsewhere",
}
"""Kind and statement -> why anybody is allowed."""

UNBOUND_SERVICES = {
    "aws_s3_bucket_policy LoadBalancerLogs": "deliveries fail on a condition; the path holds the account",
    "aws_sns_topic_policy EventsPublish": "EventBridge sends no source to a topic",
}
"""Kind and statement -> why a service is allowed whoever it acts for."""

_BOUNDS = ("aws:sourceaccount", "aws:sourcearn", "kms:encryptioncontext:")
"""Condition keys that tell whom a service acts for.
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"""

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
    """Every policy is a document that IAM takes: JSON, this version, statements with ids of their own."""
    found = []
    for _, address, argument, text in _texts(template):
        try:
            document = json.loads(text)
        except ValueError:
            found.append(f"{address}: {argument} is no JSON")
            continue
        found += [f"{address}: {argument} {problem}" for problem in _wrong_document(document)]
    return found


def _texts(template: Template) -> Iterator[tuple[str, str, str, str]]:
    for kind, address, block in resources(template):
        for argument in POLICY_ARGUMENTS:
            if isinstance(block.get(argument), str):
                yield kind, address, argument, block[argument]


def _wrong_document(document: Any) -> Iterator[str]:
    if document.get("Version") != "2012-10-17":
        yield f"is of version {document.get('Version')}"
    statements = document.get("Statement") or []
    if not statements:
        yield "has no statement"
    sids = [statement.get("Sid", "") for statement in statements]
    if len(set(sids)) != len(sids) or not all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids):
        yield f"has statements without an id of their own: {', '.join(sids)}"
    for statement in statements:
        unknown = statement.keys() - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
        if unknown:
            yield f"says {', '.join(sorted(unknown))}, which allows or denies what it does not name"
        if statement.get("Effect") not in ("Allow", "Deny") or not statement.get("Action"):
            yield f"{statement.get('Sid')} neither allows nor denies anything"


def policies_are_narrow(template: Template) -> list[str]:
    """What is allowed are named actions on named resources, to named principals, but for what was looked at."""
    found = []
    for policy in _policies(template):
        for statement in policy.statements:
            if statement["Effect"] == "Allow":
                found += [
                    f"{policy.address}: {policy.argument} {statement.get('Sid')} {problem}"
                    for problem in (
                        *_wide_actions(policy, statement),
                        *_wide_resources(policy, statement),
                        *_wide_principals(policy, statement),
                    )
                ]
    for kind, address, block in resources(template):
        if kind == "aws_iam_role_policy_attachment" and _BROAD.search(block["policy_arn"]):
            found.append(f"{address}: attaches {block['policy_arn']}")
        if kind in ("aws_iam_user", "aws_iam_access_key"):
            found.append(f"{address}: credentials that last")
    return found


def _policies(template: Template) -> Iterator[Policy]:
    for kind, address, argument, text in _texts(template):
        yield Policy(kind, address, argument, json.loads(text)["Statement"])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _wide_actions(policy: Policy, statement: Block) -> Iterator[str]:
    for action in _list(statement["Action"]):
        # `kms:GenerateDataKey*` in a key's policy is two actions; a role's are named one by one.
        name = action if policy.is_of_a_role else action.removesuffix("*")
        is_reviewed = f"{policy.kind} {statement.get('Sid')} {action}" in WIDE_ACTIONS
        if not _ACTION.fullmatch(name) and not is_reviewed:
            yield f"allows {action}"


def _wide_resources(policy: Policy, statement: Block) -> Iterator[str]:
    named = _list(statement.get("Resource", []))
    if not named and not policy.is_trust:
        yield "names no resource"
    if "*" in named and policy.kind not in ANY_RESOURCE_KINDS:
        yield from (
            f"allows {action} on everything" for action in _list(statement["Action"]) if action not in ANY_RESOURCE
        )
    yield from (f"allows all of {each}" for each in named if re.fullmatch(r"arn:.*:\*", each) and "${aws_" not in each)


def _wide_principals(policy: Policy, statement: Block) -> Iterator[str]:
    principal = statement.get("Principal")
    if (principal is None) != policy.is_of_a_role:
        yield "has a principal too many, or too few"
    everybody = principal == "*" or (isinstance(principal, Mapping) and "*" in _list(principal.get("AWS", [])))
    if everybody and f"{policy.kind} {statement.get('Sid')}" not in ANYBODY:
        yield "allows anybody"


def services_act_for_this_account(template: Template) -> list[str]:
    """A role, key, topic or bucket lets an AWS service in only for this account's resources."""
    return [
        f"{policy.address}: {statement.get('Sid')} lets in {statement['Principal']['Service']}, whoever it acts for"
        for policy in _policies(template)
        for statement in policy.statements
        if statement["Effect"] == "Allow"
        and isinstance(statement.get("Principal"), Mapping)
        and "Service" in statement["Principal"]
        and f"{policy.kind} {statement.get('Sid')}" not in UNBOUND_SERVICES
        and not _is_bound(statement)
    ]


def _is_bound(statement: Block) -> bool:
    """Only conditions that fail when the key is missing bind."""
    return any(
        key.lower().startswith(_BOUNDS)
        for operator, tests in statement.get("Condition", {}).items()
        if operator in ("StringEquals", "StringLike", "ArnEquals", "ArnLike")
        for key in tests
    )


def keys_serve_what_they_encrypt(template: Template) -> list[str]:
    """A key lets in the services that must use it in their own name: without, no log is written and no alarm told."""
    region = provider(template)["region"]
    found = []
    for kind, argument, services in (
        ("aws_cloudwatch_log_group", "kms_key_id", (f"logs.{region}.amazonaws.com",)),
        ("aws_sns_topic", "kms_master_key_id", ("cloudwatch.amazonaws.com", "events.amazonaws.com")),
    ):
        for name, block in template.named(kind).items():
            key = blocks(template).get(referred(block.get(argument)) or "", {})
            let_in = _services_with(key.get("policy"), "kms:Decrypt", "kms:GenerateDataKey*")
            found += [f"{kind}.{name}: its key is closed to {each}" for each in services if each not in let_in]
    for name in template.named("aws_sns_topic"):
        policies = [
            each for each in template.all("aws_sns_topic_policy") if referred(each["arn"]) == f"aws_sns_topic.{name}"
        ]
        let_in = {service for each in policies for service in _services_with(each["policy"], "sns:Publish")}
        missing = {"cloudwatch.amazonaws.com", "events.amazonaws.com"} - let_in
        found += [f"aws_sns_topic.{name}: is closed to {each}" for each in sorted(missing)]
    return found


def _services_with(policy: str | None, *actions: str) -> set[str]:
    """The services that a policy allows all of these."""
    statements = json.loads(policy)["Statement"] if policy else []
    return {
        each["Principal"]["Service"]
        for each in statements
        if each["Effect"] == "Allow" and "Service" in each["Principal"] and {*actions} <= {*_list(each["Action"])}
    }


def stores_refuse_plain_text(template: Template) -> list[str]:
    """Every bucket refuses whatever comes without TLS, to itself and to its objects; so do topics and file systems."""
    found = []
    for kind, policy_kind, argument in (
        ("aws_s3_bucket", "aws_s3_bucket_policy", "bucket"),
        ("aws_sns_topic", "aws_sns_topic_policy", "arn"),
        ("aws_efs_file_system", "aws_efs_file_system_policy", "file_system_id"),
    ):
        for name in template.named(kind):
            address = f"{kind}.{name}"
            policies = [each for each in template.all(policy_kind) if referred(each[argument]) == address]
            texts = [json.loads(each["policy"])["Statement"] for each in policies]
            arns = {f"${{{address}.arn}}"} | ({f"${{{address}.arn}}/*"} if kind == "aws_s3_bucket" else set())
            if not any(_refuses_plain_text(each, arns) for text in texts for each in text):
                found.append(f"{address}: takes what comes without TLS")
    return found


def _refuses_plain_text(statement: Block, arns: set[str]) -> bool:
    return (
        statement["Effect"] == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        and arns <= set(_list(statement["Resource"]))
    )


def policies_stand_where_they_are_looked_for(template: Template) -> list[str]:
    """No policy is in an argument that the other checks do not know of."""
    return [
        f"{address}: {leaf.path} belongs to a policy that nobody looks at"
        for _, address, block in resources(template)
        for leaf in leaves(block)
        if leaf.path.endswith(".Statement[].Effect") and leaf.path.split(".")[0] not in POLICY_ARGUMENTS
    ]
