"""What is listed of an account, by the Terraform type that makes it, and by which name it is known there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lib.operations.aws import Block
from lib.operations.preflight.site import Site
from lib.operations.verify.words import tag_map
from lib.settings.edge import EDGE_REGION


@dataclass(frozen=True)
class Thing:
    """Something that is there."""

    name: str
    is_own: bool
    body: Any


@dataclass(frozen=True)
class Kind:
    """A type of Terraform, and where AWS lists what there is of it."""

    type: str
    service: str
    operation: str
    member: str
    """Of the answer: the list."""
    name: str
    """Of each in the list: by what it is known; empty where the list is of names."""
    argument: str = ""
    """Of the resource: what becomes its name; empty where AWS makes one up."""
    tags: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    """Arguments that the type's resources have if they are of this kind."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_global: bool = False
    counts: Callable[[Block], bool] = lambda _: True

    @property
    def call(self) -> str:
        return f"{self.service} {self.operation}"

    def names(self, site: Site) -> list[str]:
        """Those that the stack gives, as far as they are known."""
        found = [site.planned.text(each.body.get(self.argument)) for each in site.resources(self.type, **self.where)]
        return [name for name in found if name]

    def things(self, site: Site) -> Iterator[Thing]:
        """What is there. Raises Refused."""
        own_names = set(self.names(site))
        there = site.in_region(EDGE_REGION) if self.is_global else site
        value: Any = there.ask(self.service, self.operation, **self.parameters)
        for member in self.member.split("."):
            value = value.get(member) or ([] if member == self.member.rsplit(".", maxsplit=1)[-1] else {})
        for body in value:
            if not isinstance(body, dict) or self.counts(body):
                name = _end(str(body.get(self.name, "") if self.name else body))
                tags = tag_map(body.get(self.tags) or []) if self.tags else {}
                yield Thing(name, name in own_names or site.is_own(tags), body)


def _end(name: str) -> str:
    """Of an ARN or a URL: the name in it."""
    return re.split(r"[:/]", name)[-1] if name.startswith(("arn:", "http")) else name


def _is_there(body: Block) -> bool:
    """Gateways and endpoints stay in the list for a while after they are gone."""
    return body.get("State", "available").lower() not in ("deleted", "deleting", "failed")


def _of_customers(body: Block) -> bool:
    return not str(body.get("AliasName", "")).startswith("alias/aws/")


VPC = Kind("aws_vpc", "ec2", "describe_vpcs", "Vpcs", "VpcId", tags="Tags")
INTERNET_GATEWAY = Kind(
    "aws_internet_gateway", "ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId", tags="Tags"
)
ADDRESS = Kind("aws_eip", "ec2", "describe_addresses", "Addresses", "AllocationId", tags="Tags")
NAT_GATEWAY = Kind(
    "aws_nat_gateway",
    "ec2",
    "describe_nat_gateways",
    "NatGateways",
    "NatGatewayId",
    tags="Tags",
    counts=_is_there,
)
GATEWAY_ENDPOINT = Kind(
    "aws_vpc_endpoint",
    "ec2",
    "describe_vpc_endpoints",
    "VpcEndpoints",
    "VpcEndpointId",
    tags="Tags",
    where={"vpc_endpoint_type": "Gateway"},
    parameters={"Filters": [{"Name": "vpc-endpoint-type", "Values": ["Gateway"]}]},
    counts=_is_there,
)
SECURITY_GROUP = Kind("aws_security_group", "ec2", "describe_security_groups", "SecurityGroups", "GroupId", tags="Tags")
LAUNCH_TEMPLATE = Kind(
    "aws_launch_template",
    "ec2",
    "describe_launch_templates",
    "LaunchTemplates",
    "LaunchTemplateName",
    "name",
    "Tags",
)
LOAD_BALANCER = Kind(
    "aws_lb",
    "elbv2",
    "describe_load_balancers",
    "LoadBalancers",
    "LoadBalancerName",
    "name",
    where={"load_balancer_type": "application"},
    counts=lambda body: body.get("Type") == "application",
)
TARGET_GROUP = Kind("aws_lb_target_group", "elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName", "name")
CLUSTER = Kind("aws_ecs_cluster", "ecs", "list_clusters", "clusterArns", "", "name")
GROUP = Kind(
    "aws_autoscaling_group",
    "autoscaling",
    "describe_auto_scaling_groups",
    "AutoScalingGroups",
    "AutoScalingGroupName",
    "name",
    "Tags",
)
DATABASE = Kind(
    "aws_db_instance",
    "rds",
    "describe_db_instances",
    "DBInstances",
    "DBInstanceIdentifier",
    "identifier",
    "TagList",
)
DATABASE_SERVER = Kind(
    "aws_rds_cluster_instance",
    "rds",
    "describe_db_instances",
    "DBInstances",
    "DBInstanceIdentifier",
    "identifier",
    "TagList",
)
DATABASE_CLUSTER = Kind(
    "aws_rds_cluster",
    "rds",
    "describe_db_clusters",
    "DBClusters",
    "DBClusterIdentifier",
    "cluster_identifier",
    "TagList",
)
PARAMETER_GROUP = Kind(
    "aws_db_parameter_group",
    "rds",
    "describe_db_parameter_groups",
    "DBParameterGroups",
    "DBParameterGroupName",
    "name",
)
CLUSTER_PARAMETER_GROUP = Kind(
    "aws_rds_cluster_parameter_group",
    "rds",
    "describe_db_cluster_parameter_groups",
    "DBClusterParameterGroups",
    "DBClusterParameterGroupName",
    "name",
)
DATABASE_SUBNET_GROUP = Kind(
    "aws_db_subnet_group", "rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName", "name"
)
SERVERLESS_CACHE = Kind(
    "aws_elasticache_serverless_cache",
    "elasticache",
    "describe_serverless_caches",
    "ServerlessCaches",
    "ServerlessCacheName",
    "name",
)
REPLICATION_GROUP = Kind(
    "aws_elasticache_replication_group",
    "elasticache",
    "describe_replication_groups",
    "ReplicationGroups",
    "ReplicationGroupId",
    "replication_group_id",
)
CACHE_SUBNET_GROUP = Kind(
    "aws_elasticache_subnet_group",
    "elasticache",
    "describe_cache_subnet_groups",
    "CacheSubnetGroups",
    "CacheSubnetGroupName",
    "name",
)
CACHE_USER = Kind("aws_elasticache_user", "elasticache", "describe_users", "Users", "UserId", "user_id")
CACHE_USER_GROUP = Kind(
    "aws_elasticache_user_group", "elasticache", "describe_user_groups", "UserGroups", "UserGroupId", "user_group_id"
)
ALIAS = Kind("aws_kms_alias", "kms", "list_aliases", "Aliases", "AliasName", "name", counts=_of_customers)
BUCKET = Kind("aws_s3_bucket", "s3", "list_buckets", "Buckets", "Name", "bucket", is_global=True)
TOPIC = Kind("aws_sns_topic", "sns", "list_topics", "Topics", "TopicArn", "name")
FUNCTION = Kind("aws_lambda_function", "lambda", "list_functions", "Functions", "FunctionName", "function_name")
VPC_LINK = Kind("aws_apigatewayv2_vpc_link", "apigatewayv2", "get_vpc_links", "Items", "Name", "name")
DISTRIBUTION = Kind(
    "aws_cloudfront_distribution",
    "cloudfront",
    "list_distributions",
    "DistributionList.Items",
    "Comment",
    "comment",
    is_global=True,
)
RESPONSE_HEADERS = Kind(
    "aws_cloudfront_response_headers_policy",
    "cloudfront",
    "list_response_headers_policies",
    "ResponseHeadersPolicyList.Items",
    "Name",
    "name",
    parameters={"Type": "custom"},
    is_global=True,
)
ORIGIN_ACCESS = Kind(
    "aws_cloudfront_origin_access_control",
    "cloudfront",
    "list_origin_access_controls",
    "OriginAccessControlList.Items",
    "Name",
    "name",
    is_global=True,
)
WEB_ACL = Kind(
    "aws_wafv2_web_acl",
    "wafv2",
    "list_web_acls",
    "WebACLs",
    "Name",
    "name",
    where={"scope": "REGIONAL"},
    parameters={"Scope": "REGIONAL"},
)
EDGE_WEB_ACL = replace(WEB_ACL, where={"scope": "CLOUDFRONT"}, parameters={"Scope": "CLOUDFRONT"}, is_global=True)
IP_SET = Kind(
    "aws_wafv2_ip_set",
    "wafv2",
    "list_ip_sets",
    "IPSets",
    "Name",
    "name",
    where={"scope": "REGIONAL"},
    parameters={"Scope": "REGIONAL"},
)
FILE_SYSTEM = Kind(
    "aws_efs_file_system",
    "efs",
    "describe_file_systems",
    "FileSystems",
    "CreationToken",
    "creation_token",
    "Tags",
)
SECRET = Kind(
    "aws_secretsmanager_secret",
    "secretsmanager",
    "list_secrets",
    "SecretList",
    "Name",
    "name",
    "Tags",
    parameters={"IncludePlannedDeletion": True},
)
TABLE = Kind("aws_dynamodb_table", "dynamodb", "list_tables", "TableNames", "", "name")
ROLE = Kind("aws_iam_role", "iam", "list_roles", "Roles", "RoleName", "name", is_global=True)
INSTANCE_PROFILE = Kind(
    "aws_iam_instance_profile",
    "iam",
    "list_instance_profiles",
    "InstanceProfiles",
    "InstanceProfileName",
    "name",
    is_global=True,
)
NAMESPACE = Kind(
    "aws_service_discovery_http_namespace", "servicediscovery", "list_namespaces", "Namespaces", "Name", "name"
)
EVENT_RULE = Kind("aws_cloudwatch_event_rule", "events", "list_rules", "Rules", "Name", "name")
CERTIFICATE = Kind(
    "aws_acm_certificate", "acm", "list_certificates", "CertificateSummaryList", "DomainName", "domain_name"
)
QUEUE = Kind("aws_sqs_queue", "sqs", "list_queues", "QueueUrls", "", "name")

UNIQUE = (
    LAUNCH_TEMPLATE,
    LOAD_BALANCER,
    TARGET_GROUP,
    GROUP,
    DATABASE,
    DATABASE_SERVER,
    DATABASE_CLUSTER,
    PARAMETER_GROUP,
    CLUSTER_PARAMETER_GROUP,
    DATABASE_SUBNET_GROUP,
    SERVERLESS_CACHE,
    REPLICATION_GROUP,
    CACHE_SUBNET_GROUP,
    CACHE_USER,
    CACHE_USER_GROUP,
    ALIAS,
    FUNCTION,
    RESPONSE_HEADERS,
    ORIGIN_ACCESS,
    WEB_ACL,
    EDGE_WEB_ACL,
    IP_SET,
    FILE_SYSTEM,
    TABLE,
    ROLE,
    INSTANCE_PROFILE,
    NAMESPACE,
    QUEUE,
)
"""Those whose creation AWS refuses when there is one of that name. Buckets, secrets and log groups are asked by name.
Not among them: what a second creation adopts or overwrites (ECS clusters, topics, alarms, dashboards, event rules), and
what is named within the stack's own VPC or API."""
