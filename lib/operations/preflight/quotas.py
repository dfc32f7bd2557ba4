"""The quotas that a stack can come up against: what counts, where, and how much an account has from the start.

A code is given only where AWS's own list of quotas has it. The other ones are fixed, or are in AWS's documentation
alone: there the number of the page counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lib.operations.preflight import amounts, inventory
from lib.operations.preflight.amounts import Need, Use, listed, number_of
from lib.operations.preflight.inventory import Kind


class Scope(Enum):
    """Where a quota counts."""

    REGION = "region"
    ZONE = "zone"
    ACCOUNT = "account"
    ONE = "one"
    """In one thing, which is new: nothing is used yet."""


@dataclass(frozen=True)
class Quota:
    """A limit of AWS's. `default`: of an account that never asked for more."""

    name: str
    service: str
    code: str
    default: float
    page: str
    need: Need
    needed: str
    """How the need is counted, in words."""
    use: Use | None = None
    used: str = ""
    """The calls that count what is in use."""
    adjustable: bool = True
    scope: Scope = Scope.REGION

    @property
    def is_scarce(self) -> bool:
        """Whether so little of it is there that a region may well be full."""
        return self.default <= _SCARCE


_SCARCE = 100
_DOCS = "https://docs.aws.amazon.com"
_GENERAL = f"{_DOCS}/general/latest/gr"
_VPC = f"{_DOCS}/vpc/latest/userguide/amazon-vpc-limits.html"
_EC2 = f"{_GENERAL}/ec2-service.html"
_ALB = f"{_DOCS}/elasticloadbalancing/latest/application/load-balancer-limits.html"
_ECS = f"{_GENERAL}/ecs-service.html"
_RDS = f"{_GENERAL}/rds-service.html"
_CACHE = f"{_GENERAL}/elasticache-service.html"
_CDN = f"{_DOCS}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"
_WAF = f"{_DOCS}/waf/latest/developerguide/limits.html"
_IAM = f"{_DOCS}/IAM/latest/UserGuide/reference_iam-quotas.html"
_LAUNCH_TEMPLATES = f"{_DOCS}/AWSEC2/latest/UserGuide/launch-template-restrictions.html"


def _things(name: str, code: str, default: float, page: str, kind: Kind) -> Quota:
    """A quota of a number of things: resources of a type, and the list that AWS has of them. code: `vpc L-F678F1CE`."""
    return Quota(
        name,
        *_service_and_code(code),
        default,
        page,
        number_of(kind.type, **kind.where),
        f"`{kind.type}`",
        listed(kind),
        kind.call,
        scope=Scope.ACCOUNT if kind.is_global else Scope.REGION,
    )


def _in_one(name: str, code: str, default: float, page: str, need: tuple[Need, str]) -> Quota:
    """A quota of what is in one thing. need: and how it is counted, in words."""
    return Quota(name, *_service_and_code(code), default, page, *need, scope=Scope.ONE)


def _service_and_code(both: str) -> tuple[str, str]:
    service, _, code = both.partition(" ")
    return service, code


QUOTAS = (
    # Network.
    _things("VPCs", "vpc L-F678F1CE", 5, _VPC, inventory.VPC),
    _things("internet gateways", "vpc L-A4707A72", 5, _VPC, inventory.INTERNET_GATEWAY),
    _things("elastic IP addresses", "ec2 L-0263D0A3", 5, _EC2, inventory.ADDRESS),
    Quota(
        "NAT gateways in a zone",
        "vpc",
        "L-FE5A380F",
        5,
        _VPC,
        amounts.nat_gateways,
        "`aws_nat_gateway` by the zone of its subnet",
        amounts.nat_gateways_used,
        "ec2 describe_nat_gateways, ec2 describe_subnets",
        scope=Scope.ZONE,
    ),
    _things("gateway endpoints", "vpc L-1B52E74A", 20, _VPC, inventory.GATEWAY_ENDPOINT),
    Quota(
        "security groups",
        "vpc",
        "L-E79EC296",
        2500,
        _VPC,
        amounts.security_groups,
        "`aws_security_group`, and the default one of each `aws_vpc`",
        listed(inventory.SECURITY_GROUP),
        inventory.SECURITY_GROUP.call,
    ),
    _in_one(
        "subnets of a VPC",
        "vpc L-407747CB",
        200,
        _VPC,
        (amounts.in_one("aws_subnet", "vpc_id"), "`aws_subnet`"),
    ),
    _in_one(
        "route tables of a VPC",
        "vpc L-589F43AA",
        200,
        _VPC,
        (amounts.in_one("aws_route_table", "vpc_id"), "`aws_route_table`"),
    ),
    _in_one(
        "rules of a security group, of one direction",
        "vpc L-0EA8095F",
        60,
        _VPC,
        (
            amounts.security_group_rules,
            "`aws_vpc_security_group_ingress_rule`, `…_egress_rule`; a prefix list counts as one here",
        ),
    ),
    # Load balancer.
    _things("application load balancers", "elasticloadbalancing L-53DA6B97", 50, _ALB, inventory.LOAD_BALANCER),
    _things("target groups", "elasticloadbalancing L-B22855CB", 3000, _ALB, inventory.TARGET_GROUP),
    _in_one(
        "listeners of a load balancer",
        "elasticloadbalancing L-B6DF7632",
        50,
        _ALB,
        (amounts.in_one("aws_lb_listener", "load_balancer_arn"), "`aws_lb_listener`"),
    ),
    _in_one(
        "rules of a load balancer",
        "elasticloadbalancing L-7EED9B64",
        100,
        _ALB,
        (amounts.listener_rules, "`aws_lb_listener_rule` of all its listeners"),
    ),
    _in_one(
        "certificates of a load balancer",
        "elasticloadbalancing L-9365A611",
        25,
        _ALB,
        (
            amounts.in_one("aws_lb_listener_certificate", "listener_arn"),
            "`aws_lb_listener_certificate`; a listener's own one does not count",
        ),
    ),
    _in_one(
        "targets of a load balancer",
        "elasticloadbalancing L-7E6692B2",
        1000,
        _ALB,
        (amounts.targets, "tasks and instances at the most that scaling and a deployment allow"),
    ),
    # What runs.
    Quota(
        "vCPUs on Fargate",
        "fargate",
        "L-3032A538",
        6,
        _ECS,
        amounts.fargate(on_spot=False),
        "`max_capacity` times `deployment_maximum_percent` times `cpu`, by the services' strategies",
        amounts.fargate_used(on_spot=False),
        "ecs list_clusters, list_tasks, describe_tasks; pods of EKS are not seen",
    ),
    Quota(
        "vCPUs on Fargate Spot",
        "fargate",
        "L-36FBB829",
        6,
        _ECS,
        amounts.fargate(on_spot=True),
        "the same, for what runs on Spot",
        amounts.fargate_used(on_spot=True),
        "ecs list_clusters, list_tasks, describe_tasks; pods of EKS are not seen",
    ),
    Quota(
        "vCPUs of standard instances",
        "ec2",
        "L-1216C47A",
        5,
        _EC2,
        amounts.instances,
        "`max_size` times `max_healthy_percentage` times the vCPUs of the instance type",
        amounts.instances_used,
        "ec2 describe_instances, describe_instance_types",
    ),
    Quota(
        "TiB of gp3 disks",
        "ebs",
        "L-7A658B76",
        50,
        f"{_GENERAL}/ebs-service.html",
        amounts.disks,
        "`volume_size` of launch templates, for all instances",
        amounts.disks_used,
        "ec2 describe_volumes",
    ),
    _things("Auto Scaling groups", "autoscaling L-CDE20ADC", 500, f"{_GENERAL}/as.html", inventory.GROUP),
    _things("launch templates", "ec2", 5000, _LAUNCH_TEMPLATES, inventory.LAUNCH_TEMPLATE),
    _things("ECS clusters", "ecs L-21C621EB", 10_000, _ECS, inventory.CLUSTER),
    _things("Cloud Map namespaces", "AWSCloudMap L-0FE3F50E", 50, f"{_GENERAL}/cloud_map.html", inventory.NAMESPACE),
    Quota(
        "invocations at one time",
        "lambda",
        "L-B99A9384",
        1000,
        f"{_DOCS}/lambda/latest/dg/gettingstarted-limits.html",
        amounts.invocations,
        "`reserved_concurrent_executions`, and 100 that have to stay unreserved; or one for each function",
        amounts.invocations_used,
        "lambda get_account_settings, get_function_concurrency",
    ),
    # Stores.
    Quota(
        "database instances",
        "rds",
        "L-7B6409FD",
        40,
        _RDS,
        amounts.database_instances,
        "`aws_db_instance` and `aws_rds_cluster_instance`",
        amounts.database_instances_used,
        inventory.DATABASE.call,
    ),
    _things("Aurora clusters", "rds L-952B80B8", 40, _RDS, inventory.DATABASE_CLUSTER),
    Quota(
        "GB of database instances",
        "rds",
        "L-7ADDB58A",
        100_000,
        _RDS,
        amounts.database_storage,
        "`max_allocated_storage`, or `allocated_storage`; Aurora's is not among it",
        amounts.database_storage_used,
        inventory.DATABASE.call,
    ),
    _things("database subnet groups", "rds L-48C6BF61", 50, _RDS, inventory.DATABASE_SUBNET_GROUP),
    _things("database parameter groups", "rds L-DE55804A", 50, _RDS, inventory.PARAMETER_GROUP),
    _things("cluster parameter groups", "rds L-E4C808A8", 50, _RDS, inventory.CLUSTER_PARAMETER_GROUP),
    _things("serverless caches", "elasticache L-BBCDAECC", 40, _CACHE, inventory.SERVERLESS_CACHE),
    Quota(
        "cache nodes",
        "elasticache",
        "L-DFE45DF3",
        300,
        _CACHE,
        amounts.cache_nodes,
        "`num_cache_clusters` of `aws_elasticache_replication_group`",
        amounts.cache_nodes_used,
        "elasticache describe_cache_clusters",
    ),
    _things("cache subnet groups", "elasticache L-3E7F7726", 300, _CACHE, inventory.CACHE_SUBNET_GROUP),
    _things("cache users", "elasticache L-80E085C7", 2000, _CACHE, inventory.CACHE_USER),
    _things("cache user groups", "elasticache L-AD484FC5", 200, _CACHE, inventory.CACHE_USER_GROUP),
    _things("tables", "dynamodb L-F98FE922", 2500, f"{_GENERAL}/ddb.html", inventory.TABLE),
    _things(
        "file systems",
        "elasticfilesystem L-848C634D",
        1000,
        f"{_GENERAL}/elasticfilesystem.html",
        inventory.FILE_SYSTEM,
    ),
    _things("buckets", "s3 L-DC2B2D3D", 10_000, f"{_GENERAL}/s3.html", inventory.BUCKET),
    Quota(
        "KMS keys",
        "kms",
        "L-C2F1777E",
        100_000,
        f"{_DOCS}/kms/latest/developerguide/resource-limits.html",
        number_of("aws_kms_key"),
        "`aws_kms_key`",
        amounts.keys_used,
        "kms list_keys, list_aliases",
    ),
    # What stands in front.
    _things("VPC links", "apigateway L-608BDCD4", 10, f"{_GENERAL}/apigateway.html", inventory.VPC_LINK),
    _things("distributions", "cloudfront L-24B04930", 500, _CDN, inventory.DISTRIBUTION),
    _things("response headers policies", "cloudfront L-CF0D4FC5", 20, _CDN, inventory.RESPONSE_HEADERS),
    _things("origin access controls", "cloudfront", 100, _CDN, inventory.ORIGIN_ACCESS),
    _things("web ACLs", "wafv2 L-2EC3DE7B", 100, _WAF, inventory.WEB_ACL),
    _things("web ACLs of CloudFront", "wafv2 L-24189897", 100, _WAF, inventory.EDGE_WEB_ACL),
    _things("IP sets", "wafv2 L-D6DA96AE", 100, _WAF, inventory.IP_SET),
    _things("certificates", "acm L-F141DD1D", 2500, f"{_GENERAL}/acm.html", inventory.CERTIFICATE),
    # The rest.
    _things("IAM roles", "iam L-FE177D64", 1000, _IAM, inventory.ROLE),
    _things("instance profiles", "iam L-6E65F664", 1000, _IAM, inventory.INSTANCE_PROFILE),
    _in_one(
        "managed policies of a role",
        "iam L-0DA4ABF3",
        10,
        _IAM,
        (amounts.role_policies, "`aws_iam_role_policy_attachment`"),
    ),
    _things("topics", "sns L-61103206", 100_000, f"{_GENERAL}/sns.html", inventory.TOPIC),
    _things(
        "secrets",
        "secretsmanager L-2F66C23C",
        500_000,
        f"{_DOCS}/secretsmanager/latest/userguide/reference_limits.html",
        inventory.SECRET,
    ),
    _things("event rules", "events L-244521F2", 300, f"{_GENERAL}/ev.html", inventory.EVENT_RULE),
    Quota(
        "log resource policies",
        "logs",
        "",
        10,
        f"{_DOCS}/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html",
        amounts.log_policies,
        "one for the logs of WAF and HTTP APIs, if there is none yet",
        amounts.log_policies_used,
        "logs describe_resource_policies",
        adjustable=False,
    ),
)
"""In the order of the table."""
