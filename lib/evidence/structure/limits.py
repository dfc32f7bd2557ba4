"""Sizes: nothing is larger, longer or more than AWS takes, with all that Terraform puts into it."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from lib.evidence.reading import expressions, referred, resources, script_of, statements, text
from lib.evidence.template import Template

_API = "https://docs.aws.amazon.com/"
_IAM = f"{_API}IAM/latest/UserGuide/reference_iam-quotas.html"

LENGTHS = {".account_id": 12, ".partition": 10, ".id": 40}
"""Attribute -> how long it may be. All else counts as `_LONGEST`: ARNs of secrets and log groups, host names."""
_LONGEST = 160


class Limit(NamedTuple):
    """How many bytes an argument may have, of which characters it may be, and where AWS says so."""

    size: int
    page: str
    pattern: str = r"[\s\S]*"


_GROUP_TEXT = r"[A-Za-z0-9. _:/()#,@\[\]+=&;{}!$*-]*"

LIMITS: dict[tuple[str, str], Limit] = {
    ("aws_cloudwatch_event_rule", "event_pattern"): Limit(2048, f"{_API}eventbridge/latest/userguide/eb-quota.html"),
    ("aws_cloudwatch_metric_alarm", "alarm_description"): Limit(
        1024, f"{_API}AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
    ),
    ("aws_ecs_task_definition", "container_definitions"): Limit(
        64 * 1024, f"{_API}AmazonECS/latest/developerguide/service-quotas.html"
    ),
    ("aws_efs_file_system_policy", "policy"): Limit(20_000, f"{_API}efs/latest/ug/API_PutFileSystemPolicy.html"),
    ("aws_iam_role", "assume_role_policy"): Limit(2048, _IAM),
    ("aws_iam_role", "description"): Limit(
        1000, f"{_API}IAM/latest/APIReference/API_CreateRole.html", r"[\t\n\r\x20-\x7e\xa1-\xff]*"
    ),
    ("aws_kms_key", "policy"): Limit(32 * 1024, f"{_API}kms/latest/developerguide/resource-limits.html"),
    ("aws_lambda_function", "description"): Limit(256, f"{_API}lambda/latest/api/API_CreateFunction.html"),
    ("aws_lambda_function", "environment"): Limit(4 * 1024, f"{_API}lambda/latest/dg/gettingstarted-limits.html"),
    ("aws_s3_bucket_policy", "policy"): Limit(20 * 1024, f"{_API}AmazonS3/latest/userguide/bucket-policies.html"),
    ("aws_security_group", "description"): Limit(
        255, f"{_API}AWSEC2/latest/APIReference/API_CreateSecurityGroup.html", _GROUP_TEXT
    ),
    ("aws_vpc_endpoint", "policy"): Limit(20_480, f"{_API}vpc/latest/privatelink/vpc-limits-endpoints.html"),
    ("aws_vpc_security_group_egress_rule", "description"): Limit(
        255, f"{_API}AWSEC2/latest/APIReference/API_IpRange.html", _GROUP_TEXT
    ),
    ("aws_vpc_security_group_ingress_rule", "description"): Limit(
        255, f"{_API}AWSEC2/latest/APIReference/API_IpRange.html", _GROUP_TEXT
    ),
    ("aws_wafv2_ip_set", "description"): Limit(
        256, f"{_API}waf/latest/APIReference/API_CreateIPSet.html", r"[\w+=:#@/,.-][\w+=:#@/,.\s-]*[\w+=:#@/,.-]"
    ),
}

INLINE_POLICIES = 10_240
"""Bytes of all policies in one role together."""
USER_DATA = 16 * 1024
"""Bytes before they are encoded.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html"""
RULES_A_GROUP = 60
"""Either way in a security group.
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups"""


def nothing_is_too_large(template: Template) -> list[str]:
    """Policies, descriptions, user data, variables and security groups are within AWS's sizes, references counted as
    long as what they may stand for."""
    found = []
    for kind, address, block in resources(template):
        for (limited, argument), limit in LIMITS.items():
            if kind == limited:
                found += [f"{address}: {argument} {problem}" for problem in _beyond(block.get(argument) or "", limit)]
    return [*found, *_large_roles(template), *_large_scripts(template), *_large_groups(template)]


def _beyond(value: object, limit: Limit) -> Iterator[str]:
    said = value if isinstance(value, str) else json.dumps(value)
    if (size := filled_size(said)) > limit.size:
        yield f"may come to {size:,} bytes, and {limit.size:,} are taken"
    if not re.fullmatch(limit.pattern, said):
        yield f"is not of the characters that AWS takes: {limit.pattern}"


def filled_size(said: str) -> int:
    """Bytes of a text with the longest that they may stand for in place of its references."""
    size = _bytes(said) - said.count("$${")
    for expression in expressions(said):
        longest = next((length for attribute, length in LENGTHS.items() if expression.endswith(attribute)), _LONGEST)
        size += longest - _bytes(f"${{{expression}}}")
    return size


def _bytes(said: str) -> int:
    # JSON can spell halves of characters, which are no UTF-8.
    return len(said.encode(errors="surrogatepass"))


def _large_roles(template: Template) -> Iterator[str]:
    sizes: Counter[str] = Counter()
    for policy in template.all("aws_iam_role_policy"):
        # IAM does not count white space.
        document = {"Version": "2012-10-17", "Statement": statements(policy.get("policy"))}
        sizes[referred(policy.get("role")) or text(policy, "role")] += filled_size(
            json.dumps(document, separators=(",", ":"))
        )
    for role, size in sizes.items():
        if size > INLINE_POLICIES:
            yield f"{role}: its policies may come to {size:,} bytes, and {INLINE_POLICIES:,} are taken"


def _large_scripts(template: Template) -> Iterator[str]:
    for name, launched in template.named("aws_launch_template").items():
        if (size := filled_size(script_of(template, launched))) > USER_DATA:
            yield f"aws_launch_template.{name}: user_data may come to {size:,} bytes, and {USER_DATA:,} are taken"


def _large_groups(template: Template) -> Iterator[str]:
    for side in ("ingress", "egress"):
        rules: dict[str, int] = defaultdict(int)
        for rule in template.all(f"aws_vpc_security_group_{side}_rule"):
            if group := text(rule, "security_group_id"):
                rules[group] += 1
        for group, count in rules.items():
            if count > RULES_A_GROUP:
                yield f"{group}: has {count} rules of {side}, and {RULES_A_GROUP} are taken"
