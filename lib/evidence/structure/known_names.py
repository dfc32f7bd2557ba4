"""How each kind of resource is named, and what AWS takes for its name. Every kind of our stacks is in here."""

from __future__ import annotations

from typing import NamedTuple


class Naming(NamedTuple):
    """By which argument a kind is named, how long the name may be and what it may be made of."""

    argument: str
    longest: int
    pattern: str
    page: str
    is_optional: bool = False


_ANY = r".+"
_WORDS = r"[A-Za-z0-9_-]+"
_QUEUE = rf"{_WORDS}(\.fifo)?"
_DATABASE = r"(?!.*--)[a-z][a-z0-9-]*(?<!-)"
_BALANCER = r"(?!internal-|-)[A-Za-z0-9-]+(?<!-)"
_API = "https://docs.aws.amazon.com/"
_RDS = f"{_API}AmazonRDS/latest/UserGuide/CHAP_Limits.html"
_CACHE = f"{_API}AmazonElastiCache/latest/APIReference/API_"
_ELB = f"{_API}elasticloadbalancing/latest/APIReference/API_"
_ECS = f"{_API}AmazonECS/latest/APIReference/API_"
_IAM = f"{_API}IAM/latest/UserGuide/reference_iam-quotas.html"
_WATCH = f"{_API}AmazonCloudWatch/latest/APIReference/API_"

NAMED: dict[str, tuple[Naming, ...]] = {
    "aws_apigatewayv2_api": (
        Naming("name", 128, _ANY, f"{_API}apigatewayv2/latest/api-reference/apis.html#apis-model-createapiinput"),
    ),
    "aws_apigatewayv2_stage": (
        Naming("name", 128, rf"\$default|{_WORDS}", f"{_API}apigatewayv2/latest/api-reference/apis-apiid-stages.html"),
    ),
    "aws_apigatewayv2_vpc_link": (Naming("name", 128, _ANY, f"{_API}apigatewayv2/latest/api-reference/vpclinks.html"),),
    "aws_appautoscaling_policy": (
        Naming("name", 256, r"[ -~]+", f"{_API}autoscaling/application/APIReference/API_PutScalingPolicy.html"),
    ),
    "aws_autoscaling_group": (
        Naming("name", 255, _WORDS, f"{_API}autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html"),
    ),
    "aws_autoscaling_policy": (
        Naming("name", 255, _WORDS, f"{_API}autoscaling/ec2/APIReference/API_PutScalingPolicy.html"),
    ),
    "aws_cloudfront_origin_access_control": (
        Naming("name", 64, _WORDS, f"{_API}cloudfront/latest/APIReference/API_OriginAccessControlConfig.html"),
    ),
    "aws_cloudfront_response_headers_policy": (
        Naming("name", 128, _WORDS, f"{_API}cloudfront/latest/APIReference/API_ResponseHeadersPolicyConfig.html"),
    ),
    "aws_cloudwatch_dashboard": (Naming("dashboard_name", 255, _WORDS, f"{_WATCH}PutDashboard.html"),),
    "aws_cloudwatch_event_rule": (
        Naming("name", 64, r"[.A-Za-z0-9_-]+", f"{_API}eventbridge/latest/APIReference/API_PutRule.html"),
    ),
    "aws_cloudwatch_log_delivery_destination": (
        Naming("name", 60, _WORDS, f"{_API}AmazonCloudWatchLogs/latest/APIReference/API_PutDeliveryDestination.html"),
    ),
    "aws_cloudwatch_log_delivery_source": (
        Naming("name", 60, _WORDS, f"{_API}AmazonCloudWatchLogs/latest/APIReference/API_PutDeliverySource.html"),
    ),
    "aws_cloudwatch_log_group": (
        Naming(
            "name",
            512,
            r"(?!aws/)[.A-Za-z0-9_/#-]+",
            f"{_API}AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
        ),
    ),
    "aws_cloudwatch_metric_alarm": (Naming("alarm_name", 255, _ANY, f"{_WATCH}PutMetricAlarm.html"),),
    "aws_db_instance": (
        Naming("identifier", 63, _DATABASE, _RDS),
        Naming("final_snapshot_identifier", 255, r"(?!.*--)[A-Za-z][A-Za-z0-9-]*(?<!-)", _RDS, is_optional=True),
    ),
    "aws_db_parameter_group": (Naming("name", 255, _DATABASE, _RDS),),
    "aws_db_subnet_group": (Naming("name", 255, r"(?!default$)[a-z0-9 ._-]+", _RDS),),
    "aws_dynamodb_table": (
        Naming(
            "name",
            255,
            r"[A-Za-z0-9_.-]{3,}",
            f"{_API}amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html",
        ),
    ),
    "aws_ecs_cluster": (Naming("name", 255, _WORDS, f"{_ECS}CreateCluster.html"),),
    "aws_ecs_service": (Naming("name", 255, _WORDS, f"{_ECS}CreateService.html"),),
    "aws_ecs_task_definition": (Naming("family", 255, _WORDS, f"{_ECS}RegisterTaskDefinition.html"),),
    "aws_efs_file_system": (
        Naming("creation_token", 64, _ANY, f"{_API}efs/latest/APIReference/API_CreateFileSystem.html"),
    ),
    "aws_elasticache_replication_group": (
        Naming("replication_group_id", 40, _DATABASE, f"{_CACHE}CreateReplicationGroup.html"),
        Naming("final_snapshot_identifier", 255, _DATABASE, f"{_CACHE}CreateSnapshot.html", is_optional=True),
    ),
    "aws_elasticache_serverless_cache": (
        # AWS keeps it in lower case, and metrics go by what it keeps.
        Naming("name", 40, _DATABASE, f"{_CACHE}CreateServerlessCache.html"),
    ),
    "aws_elasticache_subnet_group": (Naming("name", 255, r"[a-z0-9-]+", f"{_CACHE}CreateCacheSubnetGroup.html"),),
    # Its user_name is what the user signs in as: `default` must be called so.
    "aws_elasticache_user": (Naming("user_id", 40, r"[a-z][a-z0-9-]*", f"{_CACHE}CreateUser.html"),),
    "aws_elasticache_user_group": (Naming("user_group_id", 40, r"[a-z][a-z0-9-]*", f"{_CACHE}CreateUserGroup.html"),),
    "aws_iam_instance_profile": (Naming("name", 128, r"[\w+=,.@-]+", _IAM),),
    "aws_iam_role": (Naming("name", 64, r"[\w+=,.@-]+", _IAM),),
    "aws_iam_role_policy": (Naming("name", 128, r"[\w+=,.@-]+", _IAM),),
    "aws_kms_alias": (
        Naming("name", 256, r"alias/(?!aws/)[A-Za-z0-9/_-]+", f"{_API}kms/latest/APIReference/API_CreateAlias.html"),
    ),
    "aws_lambda_function": (Naming("function_name", 64, _WORDS, f"{_API}lambda/latest/api/API_CreateFunction.html"),),
    "aws_launch_template": (
        Naming("name", 128, r"[\w().\-/]{3,}", f"{_API}AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html"),
    ),
    "aws_lb": (Naming("name", 32, _BALANCER, f"{_ELB}CreateLoadBalancer.html"),),
    "aws_lb_target_group": (Naming("name", 32, _BALANCER, f"{_ELB}CreateTargetGroup.html"),),
    "aws_rds_cluster": (
        Naming("cluster_identifier", 63, _DATABASE, _RDS),
        Naming("final_snapshot_identifier", 255, r"(?!.*--)[A-Za-z][A-Za-z0-9-]*(?<!-)", _RDS, is_optional=True),
    ),
    "aws_rds_cluster_instance": (Naming("identifier", 63, _DATABASE, _RDS),),
    "aws_rds_cluster_parameter_group": (Naming("name", 255, _DATABASE, _RDS),),
    "aws_s3_bucket": (
        Naming(
            "bucket",
            63,
            r"(?!xn--|sthree-|amzn-s3-demo-|.*\.\.)[a-z0-9][a-z0-9.-]+[a-z0-9](?<!-s3alias)",
            f"{_API}AmazonS3/latest/userguide/bucketnamingrules.html",
        ),
    ),
    "aws_secretsmanager_secret": (
        Naming(
            "name",
            512,
            # Not as if it ended in the six characters that Secrets Manager puts behind a name in the ARN.
            r"(?!.*-[A-Za-z0-9]{6}$)[A-Za-z0-9/_+=.@-]+",
            f"{_API}secretsmanager/latest/apireference/API_CreateSecret.html",
        ),
    ),
    "aws_security_group": (
        Naming(
            "name",
            255,
            r"(?!sg-)[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]+",
            f"{_API}AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
        ),
    ),
    "aws_service_discovery_http_namespace": (
        Naming("name", 1024, r"[!-~]+", f"{_API}cloud-map/latest/api/API_CreateHttpNamespace.html"),
    ),
    "aws_sns_topic": (Naming("name", 256, _QUEUE, f"{_API}sns/latest/api/API_CreateTopic.html"),),
    "aws_sqs_queue": (
        Naming("name", 80, _QUEUE, f"{_API}AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"),
    ),
    "aws_wafv2_ip_set": (Naming("name", 128, _WORDS, f"{_API}waf/latest/APIReference/API_CreateIPSet.html"),),
    "aws_wafv2_web_acl": (
        Naming("name", 128, _WORDS, f"{_API}waf/latest/APIReference/API_CreateWebACL.html"),
        Naming(
            "visibility_config.metric_name",
            128,
            r"(?!All$|Default_Action$)[A-Za-z0-9_:#./-]+",
            f"{_API}waf/latest/APIReference/API_VisibilityConfig.html",
        ),
    ),
}

UNNAMED = frozenset(
    {
        "aws_apigatewayv2_integration",
        "aws_apigatewayv2_route",
        "aws_cloudfront_distribution",
        "aws_cloudwatch_log_delivery",
        "aws_lambda_function_event_invoke_config",
        "aws_lambda_invocation",
        "aws_lambda_permission",
        "aws_lb_target_group_attachment",
        "aws_s3_bucket_cors_configuration",
        "aws_sqs_queue_policy",
        "aws_acm_certificate",
        "aws_acm_certificate_validation",
        "aws_appautoscaling_target",
        "aws_cloudwatch_event_target",
        "aws_default_security_group",
        "aws_ecs_cluster_capacity_providers",
        "aws_efs_access_point",
        "aws_efs_backup_policy",
        "aws_efs_file_system_policy",
        "aws_efs_mount_target",
        "aws_eip",
        "aws_flow_log",
        "aws_iam_role_policy_attachment",
        "aws_internet_gateway",
        "aws_kms_key",
        "aws_lb_listener",
        "aws_lb_listener_rule",
        "aws_nat_gateway",
        "aws_route",
        "aws_route53_record",
        "aws_route_table",
        "aws_route_table_association",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_secretsmanager_secret_rotation",
        "aws_secretsmanager_secret_version",
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
        "aws_subnet",
        "aws_vpc",
        "aws_vpc_endpoint",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_wafv2_web_acl_association",
        "aws_wafv2_web_acl_logging_configuration",
    }
)
"""Kinds without a name of their own: those that can be tagged go by the tag Name."""

TAGGED_WITHOUT_A_NAME = {
    "aws_lb_listener": "goes by its port, under a load balancer that has a name",
    "aws_vpc_security_group_egress_rule": "goes by its description, in a group that has a name",
    "aws_vpc_security_group_ingress_rule": "goes by its description, in a group that has a name",
}
"""Kinds that could carry the tag Name and do not -> why not."""
