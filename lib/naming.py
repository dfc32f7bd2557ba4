"""Every physical name and the limit that AWS sets on it.

A name reads `<project>-<suffix>-<part>[-<part>]`; names that allow paths read `<project>/<suffix>/<part>[/<part>]`.
Project and parts hold no separator and a kind always takes the same number of parts, so two different
environments, or two different parts, can never come to the same name.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import Enum

PROJECT_PATTERN = r"[a-z][a-z0-9]{0,15}"
"""A project's name: it begins every physical name."""
RESERVED_PROJECTS = frozenset({"aws", "internal", "sg"})
"""AWS refuses aliases and log groups of `aws/`, load balancers of `internal-` and security groups of `sg-`."""
SUFFIX_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
"""An environment suffix: words of lower-case letters and digits, joined by single hyphens."""
MAX_SUFFIX_LENGTH = 20
"""So that a load balancer's name (32) still holds the suffix, a digest and a piece of the project."""
PART_PATTERN = r"[a-z0-9]+"
"""A part of a name: no separator in it, or two environments could share a name."""

_DIGEST_LENGTH = 8


class Kind(Enum):
    """What is named: (what it is, longest name that AWS takes, number of parts, separator, what comes before)."""

    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    LOAD_BALANCER = ("load balancer", 32, 1, "-", "")
    TARGET_GROUP = ("target group", 32, 2, "-", "")
    # The value of a tag: https://docs.aws.amazon.com/acm/latest/APIReference/API_Tag.html
    CERTIFICATE = ("certificate", 256, 1, "-", "")
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    IAM_ROLE = ("iam role", 64, 2, "-", "")
    SECURITY_GROUP = ("security group", 255, 1, "-", "")
    NETWORK = ("network", 255, 2, "-", "")
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html: 63, less what makes it unique in
    # the world: -<account id>-<region>.
    BUCKET = ("bucket", 63 - 13 - 15, 1, "-", "")
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCache.html
    CACHE = ("cache", 40, 1, "-", "")
    CACHE_SUBNET_GROUP = ("cache subnet group", 255, 1, "-", "")
    CACHE_USER = ("cache user", 40, 1, "-", "")
    CACHE_USER_GROUP = ("cache user group", 40, 1, "-", "")
    # 255 less the time stamp that makes it unique.
    CACHE_SNAPSHOT = ("cache snapshot", 230, 1, "-", "")
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
    DATABASE = ("database", 63, 1, "-", "")
    DATABASE_SUBNET_GROUP = ("database subnet group", 255, 1, "-", "")
    DATABASE_PARAMETER_GROUP = ("database parameter group", 255, 2, "-", "")
    # 255 less the time stamp that makes it unique.
    DATABASE_SNAPSHOT = ("database snapshot", 230, 1, "-", "")
    # 63, less `-` and the number of an instance.
    # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html
    DATABASE_CLUSTER = ("database cluster", 60, 1, "-", "")
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
    TABLE = ("table", 255, 1, "-", "")
    # https://docs.aws.amazon.com/efs/latest/APIReference/API_CreateFileSystem.html
    FILE_SYSTEM = ("file system", 64, 1, "-", "")
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
    CLUSTER = ("cluster", 255, 1, "-", "")
    SERVICE = ("service", 255, 1, "-", "")
    TASK_FAMILY = ("task family", 255, 1, "-", "")
    # https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    FUNCTION = ("function", 64, 1, "-", "")
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    QUEUE = ("queue", 80, 2, "-", "")
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
    LAUNCH_TEMPLATE = ("launch template", 128, 1, "-", "")
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
    SCALING_GROUP = ("scaling group", 255, 1, "-", "")
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    INSTANCE_PROFILE = ("instance profile", 128, 1, "-", "")
    # https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html
    NAMESPACE = ("namespace", 1024, 1, "-", "")
    SCALING_POLICY = ("scaling policy", 255, 2, "-", "")
    # https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
    WEB_ACL = ("web acl", 128, 1, "-", "")
    IP_SET = ("ip set", 128, 1, "-", "")
    # https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
    HTTP_API = ("http api", 128, 1, "-", "")
    VPC_LINK = ("vpc link", 128, 1, "-", "")
    # https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html: a comment's length.
    DISTRIBUTION = ("distribution", 128, 1, "-", "")
    # https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginAccessControlConfig.html
    ORIGIN_ACCESS = ("origin access control", 64, 1, "-", "")
    # https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ResponseHeadersPolicyConfig.html
    RESPONSE_HEADERS = ("response headers policy", 128, 1, "-", "")
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDeliverySource.html
    LOG_DELIVERY = ("log delivery", 60, 2, "-", "")
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    LOG_GROUP = ("log group", 512, 2, "/", "/")
    # A service that delivers to a log group adds it to a policy of the account, of 5,120 characters for all; not here.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
    VENDED_LOG_GROUP = ("vended log group", 512, 2, "/", "/aws/vendedlogs/")
    # WAF takes no log group whose name begins otherwise.
    # https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
    WAF_LOG_GROUP = ("waf log group", 512, 1, "-", "aws-waf-logs-")
    # https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
    SECRET = ("secret", 512, 1, "/", "")
    # With one part more than the application's own, which may be called as they like.
    DATABASE_SECRET = ("database secret", 512, 2, "/", "")
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    KEY_ALIAS = ("key alias", 256, 1, "/", "alias/")
    TOPIC = ("topic", 256, 1, "-", "")
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    ALARM = ("alarm", 255, 2, "-", "")
    DASHBOARD = ("dashboard", 255, 1, "-", "")
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    EVENT_RULE = ("event rule", 64, 1, "-", "")

    def __init__(self, label: str, limit: int, parts: int, separator: str, lead: str) -> None:
        self.label = label
        self.limit = limit
        self.parts = parts
        self.separator = separator
        self.lead = lead


@dataclass(frozen=True)
class Names:
    """The names of one environment of one project."""

    project: str
    suffix: str

    def __post_init__(self) -> None:
        if not re.fullmatch(PROJECT_PATTERN, self.project) or self.project in RESERVED_PROJECTS:
            raise ValueError(f"project {self.project!r} does not match {PROJECT_PATTERN} or is reserved")
        if not re.fullmatch(SUFFIX_PATTERN, self.suffix) or len(self.suffix) > MAX_SUFFIX_LENGTH:
            raise ValueError(f"suffix {self.suffix!r} does not match {SUFFIX_PATTERN} of up to {MAX_SUFFIX_LENGTH}")

    def of(self, kind: Kind, *parts: str) -> str:
        """The name of one thing, never longer than its kind allows.

        A name that would be too long keeps the suffix whole, as much as fits of project and parts, and ends in a
        digest of the whole: the same in every run, another for every other name.
        Raises ValueError for a wrong number of parts or a part with a separator in it.
        """
        if len(parts) != kind.parts or not all(re.fullmatch(PART_PATTERN, part) for part in parts):
            raise ValueError(f"a {kind.label} takes {kind.parts} parts that match {PART_PATTERN}, not {parts}")
        name = kind.lead + kind.separator.join((self.project, self.suffix, *parts))
        return name if len(name) <= kind.limit else self._shortened(kind, parts, name)

    def _shortened(self, kind: Kind, parts: tuple[str, ...], name: str) -> str:
        digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_LENGTH]
        room = kind.limit - len(kind.lead) - len(self.suffix) - len(digest) - 2 * len(kind.separator)
        part_room = max(0, (room - 1) // 2)
        part = "".join(parts)[:part_room]
        project = self.project[: room - len(part) - len(kind.separator)] if part else self.project[:room]
        return kind.lead + kind.separator.join(piece for piece in (project, self.suffix, part, digest) if piece)
