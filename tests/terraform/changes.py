"""Changes that people make to a stack that is up, and what each may touch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.template import Template

_HASH = re.compile(r"_[0-9A-F]{8}$")
_NOT_ARGUMENTS = {"depends_on", "lifecycle"}
"""Of Terraform's own: nothing of the object."""
_DASHBOARD = {"aws_cloudwatch_dashboard.dashboard": ("dashboard_body",)}
_DOCUMENTATION = "https://github.com/hashicorp/terraform-provider-aws/blob/v6.25.0/website/docs/r"

Touched = Mapping[str, tuple[str, ...]]
"""Address, without CDKTF's hash -> the arguments that say something else."""


class Change(NamedTuple):
    """Other settings of a stack that is up."""

    name: str
    blueprint: str
    overrides: Mapping[str, Any]
    touched: Touched


def _service(**settings: Any) -> dict[str, Any]:
    return {"services": {"api": settings}}


def _fleet(**settings: Any) -> dict[str, Any]:
    return {"fleets": {"web": settings}}


IN_PLACE = (
    Change(
        "more-tasks",
        "catalog",
        _service(scaling={"min_tasks": 3}),
        {
            "aws_appautoscaling_target.api_service_autoscaling_target": ("min_capacity",),
            "aws_cloudwatch_metric_alarm.alarms_api_tasks": ("threshold",),
            "aws_ecs_service.api_service": ("desired_count",),
            **_DASHBOARD,
        },
    ),
    Change(
        "bounds-of-scaling",
        "catalog",
        _service(scaling={"max_tasks": 20}),
        {"aws_appautoscaling_target.api_service_autoscaling_target": ("max_capacity",)},
    ),
    Change(
        "what-scaling-holds",
        "catalog",
        _service(scaling={"cpu_percent": 50}),
        {
            "aws_appautoscaling_policy.api_service_autoscaling_cpu_policy": (
                "target_tracking_scaling_policy_configuration",
            )
        },
    ),
    Change(
        "image",
        "catalog",
        _service(image="111122223333.dkr.ecr.sa-east-1.amazonaws.com/shop:2"),
        {
            "aws_ecs_task_definition.api_service_tasks_task_definition": ("container_definitions",),
            # A registry of AWS's asks who pulls.
            "aws_iam_role_policy.api_service_tasks_execution_policy": ("policy",),
        },
    ),
    Change(
        "cpu-and-memory",
        "catalog",
        _service(cpu=512, memory_mib=1024),
        {"aws_ecs_task_definition.api_service_tasks_task_definition": ("cpu", "memory")},
    ),
    Change(
        "logs-of-a-service",
        "catalog",
        _service(log_retention_days=30),
        {
            "aws_cloudwatch_log_group.api_service_tasks_application_log_group": ("retention_in_days",),
            "aws_cloudwatch_log_group.api_service_tasks_proxy_log_group": ("retention_in_days",),
        },
    ),
    Change(
        "threshold-of-an-alarm",
        "catalog",
        _service(alarms={"cpu_percent": 90}),
        {"aws_cloudwatch_metric_alarm.alarms_api_cpu": ("threshold",), **_DASHBOARD},
    ),
    Change(
        "storage-of-the-database",
        "catalog",
        {"database": {"storage_gb": 40}},
        {
            "aws_db_instance.database_instance": ("allocated_storage",),
            "aws_cloudwatch_metric_alarm.alarms_database_storage": ("threshold",),
            **_DASHBOARD,
        },
    ),
    Change(
        "standby-of-the-database",
        "catalog",
        {"database": {"multi_az": True}},
        {"aws_db_instance.database_instance": ("multi_az",)},
    ),
    Change(
        "rotation-of-the-password",
        "catalog",
        {"database": {"password_rotation_days": 7}},
        {"aws_secretsmanager_secret_rotation.rotation": ("rotation_rules",)},
    ),
    Change(
        "class-of-the-database",
        "catalog",
        {"database": {"instance_class": "db.m7g.large"}},
        {"aws_db_instance.database_instance": ("instance_class",)},
    ),
    Change(
        "backups-of-the-database",
        "catalog",
        {"database": {"backup_retention_days": 14}},
        {"aws_db_instance.database_instance": ("backup_retention_period",)},
    ),
    Change(
        "limits-of-the-cache",
        "catalog",
        {"cache": {"max_storage_gb": 20, "max_ecpu_per_second": 10_000}},
        {
            "aws_elasticache_serverless_cache.cache": ("cache_usage_limits",),
            "aws_cloudwatch_metric_alarm.alarms_cache_compute": ("threshold",),
            "aws_cloudwatch_metric_alarm.alarms_cache_memory": ("threshold",),
            **_DASHBOARD,
        },
    ),
    Change(
        "snapshots-of-the-cache",
        "catalog",
        {"cache": {"snapshot_retention_days": 3}},
        {"aws_elasticache_serverless_cache.cache": ("daily_snapshot_time", "snapshot_retention_limit")},
    ),
    Change(
        "cheaper-storage-of-files",
        "catalog",
        {"files": {"transition_to_ia_days": 60}},
        {"aws_efs_file_system.files_file_system": ("lifecycle_policy",)},
    ),
    Change(
        "rate-of-the-firewall",
        "catalog",
        {"firewall": {"requests_per_5_minutes_per_address": 5000}},
        {"aws_wafv2_web_acl.firewall_web_acl": ("rule",)},
    ),
    Change(
        "backups-of-aurora",
        "payments",
        {"database": {"backup_retention_days": 14}},
        {"aws_rds_cluster.database_cluster": ("backup_retention_period",)},
    ),
    Change(
        "capacity-of-aurora",
        "payments",
        {"database": {"max_acu": 8}},
        {
            "aws_rds_cluster.database_cluster": ("serverlessv2_scaling_configuration",),
            "aws_cloudwatch_metric_alarm.alarms_database_capacityreader": ("alarm_description",),
            "aws_cloudwatch_metric_alarm.alarms_database_capacitywriter": ("alarm_description",),
        },
    ),
    Change(
        "nodes-of-the-cache",
        "payments",
        {"cache": {"node_type": "cache.m7g.large"}},
        {"aws_elasticache_replication_group.cache_group": ("node_type",)},
    ),
    Change(
        "throttling-of-the-api",
        "payments",
        {"http_api": {"requests_per_second": 900, "burst": 2000}},
        {"aws_apigatewayv2_stage.http_api_stage": ("default_route_settings",)},
    ),
    Change(
        "locations-of-the-cdn",
        "transactions",
        {"cdn": {"price_class": "PriceClass_100"}},
        {"aws_cloudfront_distribution.cdn_distribution": ("price_class",)},
    ),
    Change(
        "backups-of-a-table",
        "transactions",
        {"tables": {"transactions": {"backup_retention_days": 7}}},
        {"aws_dynamodb_table.transactions_table": ("point_in_time_recovery",)},
    ),
    Change(
        "memory-of-a-function",
        "transactions",
        {"functions": {"validator": {"memory_mb": 512}}},
        {"aws_lambda_function.validator_function": ("memory_size",)},
    ),
    Change(
        "instances-of-a-fleet",
        "fleet",
        _fleet(
            instance_type="t4g.small",
            image_parameter="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
        ),
        # The image is a data source's: the launch template reads it by reference.
        {"aws_launch_template.web_fleet_template_launch_template": ("instance_type",)},
    ),
    Change(
        "size-of-a-fleet",
        "fleet",
        _fleet(scaling={"min_instances": 2, "max_instances": 6}),
        {
            "aws_autoscaling_group.web_fleet_group": ("max_size", "min_elb_capacity", "min_size"),
            "aws_cloudwatch_metric_alarm.alarms_web_instances": ("threshold",),
            **_DASHBOARD,
        },
    ),
    Change(
        "versions-in-a-bucket",
        "fleet",
        {"buckets": {"data": {"versioned": True, "old_version_days": 10}}},
        {
            "aws_s3_bucket_lifecycle_configuration.data_bucket_lifecycle": ("rule",),
            "aws_s3_bucket_versioning.data_bucket_versioning": ("versioning_configuration",),
        },
    ),
)

REPLACED = {
    "aws_ecs_task_definition": "Each revision is one of its own; the service goes from one to the next.",
    "aws_lb_listener_rule": "With a certificate the rules stand at the HTTPS listener. Meanwhile nothing is lost.",
}
"""Kinds of which an object may be replaced, and why nobody misses the old one."""

STATEFUL: Mapping[str, tuple[str, frozenset[str]]] = {
    kind: (f"{_DOCUMENTATION}/{kind.removeprefix('aws_')}.html.markdown", frozenset({*arguments.split(), "region"}))
    for kind, arguments in {
        "aws_cloudwatch_log_group": "name name_prefix log_group_class",
        "aws_db_instance": "availability_zone character_set_name custom_iam_instance_profile db_name engine identifier"
        " identifier_prefix kms_key_id nchar_character_set_name restore_to_point_in_time snapshot_identifier"
        " storage_encrypted timezone username",
        "aws_dynamodb_table": "hash_key import_table local_secondary_index name range_key restore_date_time"
        " restore_source_name restore_source_table_arn restore_to_latest_time",
        "aws_efs_file_system": "availability_zone_name creation_token encrypted kms_key_id performance_mode",
        # Another engine, and another version of it, where they go down.
        "aws_elasticache_replication_group": "at_rest_encryption_enabled data_tiering_enabled engine engine_version"
        " global_replication_group_id kms_key_id network_type node_group_configuration port replication_group_id"
        " security_group_names snapshot_arns snapshot_name subnet_group_name",
        "aws_elasticache_serverless_cache": "engine kms_key_id major_engine_version name snapshot_arns_to_restore"
        " subnet_ids",
        "aws_kms_key": "custom_key_store_id customer_master_key_spec key_usage multi_region xks_key_id",
        "aws_rds_cluster": "availability_zones cluster_identifier cluster_identifier_prefix cluster_scalability_type"
        " database_name db_subnet_group_name db_system_id engine engine_mode kms_key_id master_username"
        " restore_to_point_in_time s3_import snapshot_identifier source_region storage_encrypted storage_type",
        "aws_rds_cluster_instance": "availability_zone cluster_identifier custom_iam_instance_profile"
        " db_subnet_group_name engine identifier identifier_prefix",
        "aws_s3_bucket": "bucket bucket_prefix object_lock_enabled",
        "aws_secretsmanager_secret": "name name_prefix",
    }.items()
}
"""What is kept -> its page, and the arguments that replace it when they change, always or at times.

Beside what a stand-in for the provider knows of it: replaced is lost.
"""


KEEPING_NOTHING = {
    "aws_autoscaling_group",
    "aws_db_parameter_group",
    "aws_db_subnet_group",
    "aws_default_security_group",
    "aws_ecs_cluster",
    "aws_elasticache_subnet_group",
    "aws_elasticache_user_group",
    "aws_lb_target_group",
    "aws_rds_cluster_parameter_group",
    "aws_route_table",
    "aws_security_group",
    "aws_sqs_queue",
}
"""Kinds that are called as if they did. A queue has what failed, until somebody looks."""


def plain(address: str) -> str:
    """An address without the hash that CDKTF puts behind names."""
    return _HASH.sub("", address)


def resources(template: Template) -> dict[str, dict[str, Any]]:
    """Plain address -> arguments."""
    return {
        plain(f"{kind}.{name}"): block
        for kind, named in template.document["resource"].items()
        for name, block in named.items()
    }


def touched(old: Template, new: Template) -> dict[str, tuple[str, ...]]:
    """Of what is in both: the arguments that differ."""
    before, after = resources(old), resources(new)
    differing = {
        address: tuple(
            sorted(
                key
                for key in (before[address] | after[address]).keys() - _NOT_ARGUMENTS
                if before[address].get(key) != after[address].get(key)
            )
        )
        for address in before.keys() & after.keys()
    }
    return {address: arguments for address, arguments in differing.items() if arguments}
