"""What AWS reports of each kind of resource: the metrics on which an alarm can go off, and only these.

Written from AWS's pages, not from the components, so that a metric which no resource of that kind emits is found out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.template import Template
from tests.templates.reading import at, provider

Values = Callable[[Template], set[str]]
"""What a dimension may be in a template: the attribute, or the name, of a resource of the right kind."""


@dataclass(frozen=True)
class Metric:
    """One metric. `is_bad` is the side on which trouble lies, `highest` the value that it never exceeds."""

    statistics: frozenset[str]
    is_bad: str
    highest: float | None = None
    is_reported: Callable[[Template], bool] = lambda _: True
    """Whether it is reported at all, with the template's resources set as they are."""


@dataclass(frozen=True)
class Source:
    """What one kind of resource reports under one set of dimensions, and where AWS says so."""

    page: str
    namespace: str
    dimensions: Mapping[str, Values]
    metrics: Mapping[str, Metric]
    resolution_seconds: int = 60
    """A shorter period finds no data most of the time."""


def _of(kind: str, attribute: str) -> Values:
    """A reference to that attribute, or its value where the template itself sets it."""

    def values(template: Template) -> set[str]:
        named = template.named(kind)
        literal = {at(block, attribute) for block in named.values()} - {None}
        return literal | {f"${{{kind}.{name}.{attribute}}}" for name in named}

    return values


def _exactly(value: str) -> Values:
    return lambda _: {value}


def _region(template: Template) -> set[str]:
    return {provider(template)["region"]}


def _web_acl(template: Template) -> set[str]:
    return {acl["visibility_config"]["metric_name"] for acl in template.all("aws_wafv2_web_acl")}


def _members(template: Template) -> set[str]:
    """The nodes of a replication group without shards, as ElastiCache calls them."""
    return {
        f"{group['replication_group_id']}-{number:03}"
        for group in template.where("aws_elasticache_replication_group", cluster_mode="disabled")
        for number in range(1, group["num_cache_clusters"] + 1)
    }


def _has_insights(template: Template) -> bool:
    settings = [each for cluster in template.all("aws_ecs_cluster") for each in cluster.get("setting", [])]
    return any(each["name"] == "containerInsights" and each["value"] != "disabled" for each in settings)


def _has_bursting_files(template: Template) -> bool:
    return template.where("aws_efs_file_system", throughput_mode="bursting") != []


def _is_general_purpose(template: Template) -> bool:
    modes = {each.get("performance_mode", "generalPurpose") for each in template.all("aws_efs_file_system")}
    return modes == {"generalPurpose"}


def _counts_requests(template: Template) -> bool:
    return all(acl["visibility_config"]["cloudwatch_metrics_enabled"] for acl in template.all("aws_wafv2_web_acl"))


_LEVEL = frozenset({"Average", "Maximum", "Minimum"})
_COUNT = frozenset({"Sum"})
_PERCENT = Metric(_LEVEL, "high", highest=100)
_EVENTS = Metric(_COUNT, "high")

KNOWN = (
    Source(
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html",
        "AWS/ECS",
        {"ClusterName": _of("aws_ecs_cluster", "name"), "ServiceName": _of("aws_ecs_service", "name")},
        {"CPUUtilization": _PERCENT, "MemoryUtilization": _PERCENT},
    ),
    Source(
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html",
        "ECS/ContainerInsights",
        {"ClusterName": _of("aws_ecs_cluster", "name"), "ServiceName": _of("aws_ecs_service", "name")},
        {"RunningTaskCount": Metric(_LEVEL, "low", is_reported=_has_insights)},
    ),
    Source(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
        "AWS/ApplicationELB",
        {"LoadBalancer": _of("aws_lb", "arn_suffix")},
        {
            "HTTPCode_ELB_5XX_Count": _EVENTS,
            "HTTPCode_Target_5XX_Count": _EVENTS,
            "RejectedConnectionCount": _EVENTS,
            "TargetResponseTime": Metric(frozenset({"Average", "Maximum"}), "high"),
        },
    ),
    Source(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html",
        "AWS/ApplicationELB",
        {"LoadBalancer": _of("aws_lb", "arn_suffix"), "TargetGroup": _of("aws_lb_target_group", "arn_suffix")},
        {
            "HealthyHostCount": Metric(_LEVEL, "low"),
            "UnHealthyHostCount": Metric(_LEVEL, "high"),
            "HTTPCode_Target_5XX_Count": _EVENTS,
            "TargetResponseTime": Metric(frozenset({"Average", "Maximum"}), "high"),
        },
    ),
    Source(
        "https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html",
        "AWS/NATGateway",
        {"NatGatewayId": _of("aws_nat_gateway", "id")},
        {"ErrorPortAllocation": _EVENTS, "PacketsDropCount": _EVENTS},
    ),
    Source(
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html",
        "AWS/RDS",
        # Not `id`, which is the instance's resource id (db-ABC…).
        {"DBInstanceIdentifier": _of("aws_db_instance", "identifier")},
        {
            "CPUUtilization": _PERCENT,
            "DatabaseConnections": Metric(_LEVEL, "high"),
            "FreeStorageSpace": Metric(_LEVEL, "low"),
            "MaximumUsedTransactionIDs": Metric(_LEVEL, "high", highest=2**31),
        },
    ),
    Source(
        # Neither CPU nor memory: Serverless has none of its own to measure.
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html",
        "AWS/ElastiCache",
        {"clusterId": _of("aws_elasticache_serverless_cache", "name")},
        {
            "BytesUsedForCache": Metric(_LEVEL, "high"),
            "ElastiCacheProcessingUnits": _EVENTS,
            "ThrottledCmds": _EVENTS,
        },
    ),
    Source(
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html",
        "AWS/ElastiCache",
        {"CacheClusterId": _members},
        {
            "CPUUtilization": _PERCENT,
            "EngineCPUUtilization": _PERCENT,
            "DatabaseMemoryUsagePercentage": _PERCENT,
            "ReplicationLag": Metric(_LEVEL, "high"),
        },
    ),
    Source(
        "https://docs.aws.amazon.com/efs/latest/ug/efs-metrics.html",
        "AWS/EFS",
        {"FileSystemId": _of("aws_efs_file_system", "id")},
        {
            "PercentIOLimit": Metric(_LEVEL, "high", highest=100, is_reported=_is_general_purpose),
            "BurstCreditBalance": Metric(_LEVEL, "low", is_reported=_has_bursting_files),
        },
    ),
    Source(
        "https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html",
        "AWS/WAFV2",
        {"WebACL": _web_acl, "Rule": _exactly("ALL"), "Region": _region},
        {"BlockedRequests": Metric(_COUNT, "high", is_reported=_counts_requests)},
    ),
    Source(
        "https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html",
        "AWS/SNS",
        {"TopicName": _of("aws_sns_topic", "name")},
        {"NumberOfNotificationsFailed": _EVENTS},
    ),
    Source(
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html",
        "AWS/Events",
        {"RuleName": _of("aws_cloudwatch_event_rule", "name")},
        {"FailedInvocations": _EVENTS},
    ),
)


def source_of(namespace: str, dimensions: Mapping[str, str]) -> Source | None:
    """Whatever reports under exactly these dimensions."""
    found = [each for each in KNOWN if each.namespace == namespace and each.dimensions.keys() == dimensions.keys()]
    return found[0] if found else None
