"""Whom a policy can name: accounts, users, roles, AWS services, identity providers.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from typing import Any

from lib.evidence.policies import authorization
from lib.evidence.policies.arns import ACCOUNT, REGION, UNKNOWN, with_unknowns

PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"

OTHER_SERVICES = {
    "build.apprunner": "https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html",
    "delivery.logs": "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html",
    "ecs-tasks": "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
    "edgelambda": "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html",
    "eks-fargate-pods": "https://docs.aws.amazon.com/eks/latest/userguide/pod-execution-role.html",
    "lambda.alarms.cloudwatch": "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html",
    "logdelivery.elasticloadbalancing": "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html",
    "logging.s3": "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html",
    "monitoring.rds": "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html",
    "pods.eks": "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html",
    "replicator.lambda": "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html",
    "spotfleet": "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-fleet-prerequisites.html",
    "streams.metrics.cloudwatch": "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-metric-streams-trustpolicy.html",
    "tasks.apprunner": "https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html",
    "vmie": "https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html",
    "vpc-flow-logs": "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html",
}  # fmt: skip
"""What services are called as principals when it is not what their actions begin with -> AWS's page."""

_SERVICE = re.compile(rf"([a-z0-9.-]+?)(?:\.(?:{REGION}|{UNKNOWN}))?\.(?:amazonaws\.com(?:\.cn)?|{UNKNOWN})")
_AUTOSCALED = ".application-autoscaling"
_OF_AN_ACCOUNT = re.compile(
    rf"arn:(?:aws[a-z-]*|{UNKNOWN}):(?:"
    rf"iam::(?:{ACCOUNT}|{UNKNOWN}):(?:root|(?:user|role)/[^*?]+)|"
    rf"iam::cloudfront:user/[^*?]+|"
    rf"sts::(?:{ACCOUNT}|{UNKNOWN}):(?:assumed-role/[^/*?]+/[^*?]+|federated-user/[^*?]+|self))"
)
_PROVIDER = re.compile(
    rf"arn:(?:aws[a-z-]*|{UNKNOWN}):iam::(?:{ACCOUNT}|{UNKNOWN}):(?:saml-provider|oidc-provider)/[^*?]+"
)
_WEB_PROVIDERS = ("cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com")
_CANONICAL = re.compile("[0-9a-f]{64}")


def is_service(value: Any) -> bool:
    """Whether a text is what a service of AWS is called as a principal: `logs.eu-west-1.amazonaws.com`."""
    found = _SERVICE.fullmatch(with_unknowns(value)) if isinstance(value, str) else None
    if found is None:
        return isinstance(value, str) and with_unknowns(value).startswith(UNKNOWN)
    name = found[1].removesuffix(_AUTOSCALED)
    return name in OTHER_SERVICES or authorization.is_service(name)


def is_of_aws(value: Any) -> bool:
    """Whether a text is everybody, an account, a user or a role; AWS takes no wildcard inside an ARN here."""
    if not isinstance(value, str):
        return False
    text = with_unknowns(value)
    return (
        text == "*"
        or text.startswith(UNKNOWN)
        or re.fullmatch(ACCOUNT, text) is not None
        or _OF_AN_ACCOUNT.fullmatch(text) is not None
    )


def is_federated(value: Any) -> bool:
    """Whether a text is an identity provider."""
    if not isinstance(value, str):
        return False
    text = with_unknowns(value)
    return text in _WEB_PROVIDERS or text.startswith(UNKNOWN) or _PROVIDER.fullmatch(text) is not None


def is_canonical_user(value: Any) -> bool:
    """Whether a text is an account as S3 has them: 64 hexadecimal digits."""
    return isinstance(value, str) and (UNKNOWN in with_unknowns(value) or _CANONICAL.fullmatch(value) is not None)
