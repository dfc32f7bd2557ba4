"""What AWS reports of each kind of resource: the metrics on which an alarm can go off, and only these.

Written from AWS's pages, not from the components, so that a metric which no resource of that kind emits is found out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lib.evidence.reading import (
    at,
    blocks,
    is_set,
    number,
    referred,
    region_of,
    script_of,
    tables,
    text,
    texts,
)
from lib.evidence.template import Block, Template

Values = Callable[[Template], set[str]]
"""What a dimension may be in a template: the attribute, or the name, of a resource of the right kind."""


@dataclass(frozen=True)
class Metric:
    """One metric. `is_bad` is the side on which trouble lies, `highest` the value that it never exceeds."""

    statistics: frozenset[str]
    is_bad: str
    highest: Callable[[Template, Mapping[str, str]], float] | None = None
    is_reported: Callable[[Template, Mapping[str, str]], bool] = lambda _template, _dimensions: True
    """Whether it is reported at all under these dimensions, with the template's resources set as they are."""
    unit: str = "Count"
    """The one that it is reported in, by the name that CloudWatch has for it."""


@dataclass(frozen=True)
class Source:
    """What one kind of resource reports under one set of dimensions, and where AWS says so."""

    page: str
    namespace: str
    dimensions: Mapping[str, Values]
    metrics: Mapping[str, Metric]
    resolution_seconds: int = 60
    """A shorter period finds no data most of the time."""
    region: Callable[[Template, Mapping[str, str]], str | None] = lambda _template, _dimensions: None
    """Where it is reported under these dimensions; None for the stack's region."""


def _of(kind: str, attribute: str) -> Values:
    """A reference to that attribute, or its value where the template itself sets it."""

    def values(template: Template) -> set[str]:
        named = template.named(kind)
        literal = {text(block, attribute) for block in named.values()} - {""}
        return literal | {f"${{{kind}.{name}.{attribute}}}" for name in named}

    return values


def _at_the_edge(_template: Template, _dimensions: Mapping[str, str]) -> str:
    return "us-east-1"


def _where_the_topic_is(template: Template, dimensions: Mapping[str, str]) -> str | None:
    regions = {
        f"${{aws_sns_topic.{name}.name}}": region_of(template, topic)
        for name, topic in template.named("aws_sns_topic").items()
    }
    return regions.get(dimensions["TopicName"])


def _exactly(value: str) -> Values:
    return lambda _: {value}


def _region(template: Template) -> set[str]:
    return {region_of(template, {}) or ""}


def _web_acl(scope: str) -> Values:
    def values(template: Template) -> set[str]:
        return {
            text(each, "visibility_config.metric_name") for each in template.where("aws_wafv2_web_acl", scope=scope)
        }

    return values


_MOST_MEMBERS = 6
"""https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html"""


def _members(template: Template) -> set[str]:
    """The nodes of a replication group without shards, as ElastiCache calls them."""
    return {
        f"{text(group, 'replication_group_id')}-{member:03}"
        for group in template.where("aws_elasticache_replication_group", cluster_mode="disabled")
        for member in range(1, _MOST_MEMBERS + 1)
        if member <= (number(group, "num_cache_clusters") or 0)
    }


def _roles(template: Template) -> set[str]:
    return {"WRITER", "READER"} if len(template.all("aws_rds_cluster_instance")) > 1 else {"WRITER"}


def _has_readers(template: Template, _dimensions: Mapping[str, str]) -> bool:
    return "READER" in _roles(template)


def _is_serverless(template: Template, _dimensions: Mapping[str, str]) -> bool:
    return {text(each, "instance_class") for each in template.all("aws_rds_cluster_instance")} == {"db.serverless"}


def _is_provisioned(template: Template, dimensions: Mapping[str, str]) -> bool:
    return not _is_serverless(template, dimensions)


def _group(template: Template, dimensions: Mapping[str, str]) -> Block:
    return blocks(template).get(referred(dimensions["AutoScalingGroupName"]) or "", {})


def _counts_instances(template: Template, dimensions: Mapping[str, str]) -> bool:
    """Metrics of a group are reported when they are asked for."""
    return "GroupInServiceInstances" in texts(_group(template, dimensions), "enabled_metrics")


def _has_agent(template: Template, dimensions: Mapping[str, str]) -> bool:
    """Whether the instances of the group start the agent, and tell it of the group."""
    group = _group(template, dimensions)
    launched = blocks(template).get(referred(at(group, "launch_template.id")) or "", {})
    script = script_of(template, launched)
    return f'"AutoScalingGroupName": "{group.get("name")}"' in script and "amazon-cloudwatch-agent-ctl" in script


def _queue(template: Template) -> set[str]:
    return {text(queue, "name") for queue in template.all("aws_sqs_queue")}


def _has_insights(template: Template, _dimensions: Mapping[str, str]) -> bool:
    settings = [each for cluster in template.all("aws_ecs_cluster") for each in tables(cluster, "setting")]
    return any(each.get("name") == "containerInsights" and each.get("value") != "disabled" for each in settings)


def _has_bursting_files(template: Template, _dimensions: Mapping[str, str]) -> bool:
    return template.where("aws_efs_file_system", throughput_mode="bursting") != []


def _is_general_purpose(template: Template, _dimensions: Mapping[str, str]) -> bool:
    modes = [each.get("performance_mode", "generalPurpose") for each in template.all("aws_efs_file_system")]
    return modes != [] and all(each == "generalPurpose" for each in modes)


def _counts_requests(template: Template, dimensions: Mapping[str, str]) -> bool:
    visible = [each for acl in template.all("aws_wafv2_web_acl") for each in tables(acl, "visibility_config")]
    named = [each for each in visible if each.get("metric_name") == dimensions["WebACL"]]
    return any(is_set(each, "cloudwatch_metrics_enabled") for each in named)


def _never_above(value: float) -> Callable[[Template, Mapping[str, str]], float]:
    return lambda _template, _dimensions: value


def _time_of_a_function(template: Template, dimensions: Mapping[str, str]) -> float:
    """Milliseconds after which Lambda ends it."""
    functions = template.where("aws_lambda_function", function_name=dimensions["FunctionName"])
    return 1000 * min((number(each, "timeout") or 3 for each in functions), default=0)


def _time_of_an_answer(template: Template, _dimensions: Mapping[str, str]) -> float:
    """Seconds after which the load balancer answers in the target's place."""
    return min((number(each, "idle_timeout") or 60 for each in template.all("aws_lb")), default=0)


def _connections(template: Template, _dimensions: Mapping[str, str]) -> float:
    groups = [*template.all("aws_db_parameter_group"), *template.all("aws_rds_cluster_parameter_group")]
    parameters = [each for group in groups for each in tables(group, "parameter")]
    return max((number(each, "value") or 0 for each in parameters if each.get("name") == "max_connections"), default=0)


def _storage(template: Template, _dimensions: Mapping[str, str]) -> float:
    return 1024**3 * _limit(template, "cache_usage_limits.data_storage.maximum")


def _processing_a_minute(template: Template, _dimensions: Mapping[str, str]) -> float:
    return 60 * _limit(template, "cache_usage_limits.ecpu_per_second.maximum")


def _limit(template: Template, path: str) -> float:
    return max((number(each, path) or 0 for each in template.all("aws_elasticache_serverless_cache")), default=0)


_LEVEL = frozenset({"Average", "Maximum", "Minimum"})
_COUNT = frozenset({"Sum"})
_PERCENT = Metric(_LEVEL, "high", highest=_never_above(100), unit="Percent")
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
            "TargetResponseTime": Metric(
                frozenset({"Average", "Maximum"}), "high", highest=_time_of_an_answer, unit="Seconds"
            ),
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
            "TargetResponseTime": Metric(
                frozenset({"Average", "Maximum"}), "high", highest=_time_of_an_answer, unit="Seconds"
            ),
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
            "DatabaseConnections": Metric(_LEVEL, "high", highest=_connections),
            "FreeStorageSpace": Metric(_LEVEL, "low", unit="Bytes"),
            "MaximumUsedTransactionIDs": Metric(_LEVEL, "high", highest=_never_above(2**31)),
        },
    ),
    Source(
        # Neither CPU nor memory: Serverless has none of its own to measure.
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html",
        "AWS/ElastiCache",
        {"clusterId": _of("aws_elasticache_serverless_cache", "name")},
        {
            "BytesUsedForCache": Metric(_LEVEL, "high", highest=_storage, unit="Bytes"),
            "ElastiCacheProcessingUnits": Metric(_COUNT, "high", highest=_processing_a_minute),
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
            "ReplicationLag": Metric(_LEVEL, "high", unit="Seconds"),
        },
    ),
    Source(
        "https://docs.aws.amazon.com/efs/latest/ug/efs-metrics.html",
        "AWS/EFS",
        {"FileSystemId": _of("aws_efs_file_system", "id")},
        {
            "PercentIOLimit": Metric(
                _LEVEL, "high", highest=_never_above(100), is_reported=_is_general_purpose, unit="Percent"
            ),
            "BurstCreditBalance": Metric(_LEVEL, "low", is_reported=_has_bursting_files, unit="Bytes"),
        },
    ),
    Source(
        "https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html",
        "AWS/WAFV2",
        {"WebACL": _web_acl("REGIONAL"), "Rule": _exactly("ALL"), "Region": _region},
        {"BlockedRequests": Metric(_COUNT, "high", is_reported=_counts_requests)},
    ),
    Source(
        # The region is left out for CloudFront, whose web ACLs are in one.
        "https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html",
        "AWS/WAFV2",
        {"WebACL": _web_acl("CLOUDFRONT"), "Rule": _exactly("ALL")},
        {"BlockedRequests": Metric(_COUNT, "high", is_reported=_counts_requests)},
        region=_at_the_edge,
    ),
    Source(
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html",
        "AWS/CloudFront",
        {"DistributionId": _of("aws_cloudfront_distribution", "id"), "Region": _exactly("Global")},
        {"5xxErrorRate": Metric(frozenset({"Average"}), "high", highest=_never_above(100), unit="Percent")},
        region=_at_the_edge,
    ),
    Source(
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html",
        "AWS/ApiGateway",
        {"ApiId": _of("aws_apigatewayv2_api", "id"), "Stage": _of("aws_apigatewayv2_stage", "name")},
        {
            "5xx": _EVENTS,
            "Latency": Metric(
                frozenset({"Average", "Maximum"}), "high", highest=_never_above(30_000), unit="Milliseconds"
            ),
        },
    ),
    Source(
        "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
        "AWS/Lambda",
        {"FunctionName": _of("aws_lambda_function", "function_name")},
        {
            "Errors": _EVENTS,
            "Throttles": _EVENTS,
            "Duration": Metric(
                frozenset({"Average", "Maximum"}), "high", highest=_time_of_a_function, unit="Milliseconds"
            ),
        },
    ),
    Source(
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
        "AWS/SQS",
        {"QueueName": _queue},
        {"ApproximateNumberOfMessagesVisible": Metric(_LEVEL, "high")},
    ),
    Source(
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
        "AWS/DynamoDB",
        {"TableName": _of("aws_dynamodb_table", "name")},
        {"ReadThrottleEvents": _EVENTS, "WriteThrottleEvents": _EVENTS},
    ),
    Source(
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html",
        "AWS/EC2",
        {"AutoScalingGroupName": _of("aws_autoscaling_group", "name")},
        {"CPUUtilization": _PERCENT},
    ),
    Source(
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html",
        "AWS/AutoScaling",
        {"AutoScalingGroupName": _of("aws_autoscaling_group", "name")},
        {"GroupInServiceInstances": Metric(_LEVEL, "low", is_reported=_counts_instances, unit="None")},
    ),
    Source(
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/metrics-collected-by-CloudWatch-agent.html",
        "CWAgent",
        {"AutoScalingGroupName": _of("aws_autoscaling_group", "name")},
        {
            "mem_used_percent": Metric(
                _LEVEL, "high", highest=_never_above(100), is_reported=_has_agent, unit="Percent"
            ),
            "disk_used_percent": Metric(
                _LEVEL, "high", highest=_never_above(100), is_reported=_has_agent, unit="Percent"
            ),
        },
    ),
    Source(
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/dimensions.html",
        "AWS/RDS",
        {
            "DBClusterIdentifier": _of("aws_rds_cluster", "cluster_identifier"),
            "Role": _roles,
        },
        {
            "CPUUtilization": _PERCENT,
            "DatabaseConnections": Metric(_LEVEL, "high", highest=_connections),
            "ACUUtilization": Metric(
                _LEVEL, "high", highest=_never_above(100), is_reported=_is_serverless, unit="Percent"
            ),
            "FreeLocalStorage": Metric(_LEVEL, "low", is_reported=_is_provisioned, unit="Bytes"),
            "AuroraReplicaLag": Metric(_LEVEL, "high", is_reported=_has_readers, unit="Milliseconds"),
            "MaximumUsedTransactionIDs": Metric(_LEVEL, "high", highest=_never_above(2**31)),
        },
    ),
    Source(
        "https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html",
        "AWS/SNS",
        {"TopicName": _of("aws_sns_topic", "name")},
        {"NumberOfNotificationsFailed": _EVENTS},
        region=_where_the_topic_is,
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
