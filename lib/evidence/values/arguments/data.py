"""Databases, caches, files and buckets."""

from __future__ import annotations

from lib.evidence.structure.time_windows import CLOCK, DAILY, WEEKLY
from lib.evidence.values.rule import Rule, between, boolean, matching, one_of, sized

_AWS = "https://docs.aws.amazon.com/"
_TERRAFORM = "https://github.com/hashicorp/terraform-provider-aws/blob/v6.25.0/website/docs/r/{}.html.markdown"
_RDS = f"{_AWS}AmazonRDS/latest/APIReference/API_CreateDBInstance.html"
_CLUSTER = f"{_AWS}AmazonRDS/latest/APIReference/API_CreateDBCluster.html"
_CACHE = f"{_AWS}AmazonElastiCache/latest/APIReference/API_"
_TABLE = f"{_AWS}amazondynamodb/latest/APIReference/API_"
_S3 = f"{_AWS}AmazonS3/latest/API/API_"
_SECRETS = f"{_AWS}secretsmanager/latest/apireference/API_"

_AUTHORITIES = ("rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1")
_TLS = f"{_AWS}AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html"
_EXPORTS = (
    *("agent", "alert", "audit", "error", "general", "iam-db-auth-error", "instance", "listener", "notify.log"),
    *("oemagent", "postgresql", "slowquery", "trace", "upgrade"),
)
_ACCESS = (
    r"(?:[~&]\S+|%(?:R|W|RW)~\S+|[+-]@?[a-z][a-z|_-]*|all(?:keys|channels|commands)|reset(?:keys|channels)?"
    r"|nocommands|clearselectors)"
)
_DESCRIPTION = r"[^\x00-\x1f]+"


def _window(pattern: str, page: str) -> tuple[Rule, ...]:
    return (matching(pattern, page, check="time_windows"),)


ARGUMENTS: dict[tuple[str, str], tuple[Rule, ...]] = {
    ("aws_db_instance", "apply_immediately"): (boolean(_TERRAFORM.format("db_instance")),),
    ("aws_db_instance", "backup_retention_period"): (between(0, 35, _RDS),),
    ("aws_db_instance", "backup_window"): _window(DAILY.pattern, _RDS),
    ("aws_db_instance", "ca_cert_identifier"): (one_of(*_AUTHORITIES, source=_TLS),),
    ("aws_db_instance", "db_name"): (sized(1, 63, _RDS), matching(r"[A-Za-z_]\w*", _RDS)),
    ("aws_db_instance", "enabled_cloudwatch_logs_exports"): (one_of(*_EXPORTS, source=_RDS),),
    ("aws_db_instance", "maintenance_window"): _window(WEEKLY.pattern, _RDS),
    ("aws_db_instance", "max_allocated_storage"): (between(20, 65_536, _RDS),),
    ("aws_db_instance", "monitoring_interval"): (one_of(0, 1, 5, 10, 15, 30, 60, source=_RDS),),
    ("aws_db_instance", "skip_final_snapshot"): (boolean(_TERRAFORM.format("db_instance")),),
    ("aws_db_instance", "storage_type"): (one_of("standard", "gp2", "gp3", "io1", "io2", source=_RDS),),
    ("aws_db_instance", "username"): (sized(1, 63, _RDS), matching(r"(?!rdsadmin$)[A-Za-z]\w*", _RDS)),
    ("aws_db_subnet_group", "description"): (sized(1, 255, _RDS), matching(_DESCRIPTION, _RDS)),
    ("aws_db_parameter_group", "description"): (sized(1, 255, _RDS), matching(_DESCRIPTION, _RDS)),
    ("aws_rds_cluster_parameter_group", "description"): (sized(1, 255, _RDS), matching(_DESCRIPTION, _RDS)),
    ("aws_dynamodb_table", "attribute.type"): (one_of("S", "N", "B", source=f"{_TABLE}AttributeDefinition.html"),),
    ("aws_elasticache_replication_group", "apply_immediately"): (
        boolean(_TERRAFORM.format("elasticache_replication_group")),
    ),
    ("aws_elasticache_replication_group", "description"): (
        matching(_DESCRIPTION, f"{_CACHE}CreateReplicationGroup.html"),
        sized(1, 255, f"{_CACHE}CreateReplicationGroup.html"),
    ),
    ("aws_elasticache_replication_group", "engine"): (
        one_of("redis", "valkey", source=f"{_CACHE}CreateReplicationGroup.html"),
    ),
    ("aws_elasticache_replication_group", "engine_version"): (
        matching(r"[6-9]\.(?:\d+|x)(?:\.\d+)?", f"{_AWS}AmazonElastiCache/latest/dg/engine-versions.html"),
    ),
    ("aws_elasticache_replication_group", "maintenance_window"): _window(
        WEEKLY.pattern, f"{_CACHE}CreateReplicationGroup.html"
    ),
    ("aws_elasticache_replication_group", "parameter_group_name"): (
        matching(
            r"default\.(?:redis|valkey)\d(?:\.x)?(?:\.cluster\.on)?|[a-z](?!.*--)[a-z0-9-]*(?<!-)",
            f"{_CACHE}CreateReplicationGroup.html",
        ),
    ),
    ("aws_elasticache_replication_group", "port"): (between(1150, 65_535, f"{_CACHE}CreateReplicationGroup.html"),),
    ("aws_elasticache_replication_group", "snapshot_retention_limit"): (
        between(0, 35, f"{_AWS}AmazonElastiCache/latest/dg/backups-automatic.html"),
    ),
    ("aws_elasticache_replication_group", "snapshot_window"): _window(
        DAILY.pattern, f"{_CACHE}CreateReplicationGroup.html"
    ),
    ("aws_elasticache_serverless_cache", "cache_usage_limits.data_storage.maximum"): (
        between(1, 5_000, f"{_CACHE}DataStorage.html"),
    ),
    ("aws_elasticache_serverless_cache", "cache_usage_limits.ecpu_per_second.maximum"): (
        between(1_000, 15_000_000, f"{_CACHE}ECPUPerSecond.html"),
    ),
    ("aws_elasticache_serverless_cache", "daily_snapshot_time"): _window(CLOCK, f"{_CACHE}CreateServerlessCache.html"),
    ("aws_elasticache_serverless_cache", "description"): (
        matching(_DESCRIPTION, f"{_CACHE}CreateServerlessCache.html"),
        sized(1, 255, f"{_CACHE}CreateServerlessCache.html"),
    ),
    ("aws_elasticache_serverless_cache", "engine"): (
        one_of("redis", "valkey", "memcached", source=f"{_CACHE}CreateServerlessCache.html"),
    ),
    ("aws_elasticache_serverless_cache", "major_engine_version"): (
        one_of("7", "8", "9", "1.6", source=f"{_CACHE}CreateServerlessCache.html"),
    ),
    ("aws_elasticache_serverless_cache", "snapshot_retention_limit"): (
        between(0, 35, f"{_CACHE}CreateServerlessCache.html"),
    ),
    ("aws_elasticache_subnet_group", "description"): (
        matching(_DESCRIPTION, f"{_CACHE}CreateCacheSubnetGroup.html"),
        sized(1, 255, f"{_CACHE}CreateCacheSubnetGroup.html"),
    ),
    ("aws_elasticache_user", "access_string"): (
        matching(rf"(?:on|off)(?: {_ACCESS})*", f"{_AWS}AmazonElastiCache/latest/dg/Clusters.RBAC.html#Access-string"),
    ),
    ("aws_elasticache_user", "user_name"): (matching(r"[^\s\x00]+", "https://valkey.io/topics/acl/"),),
    ("aws_rds_cluster", "allow_major_version_upgrade"): (boolean(_TERRAFORM.format("rds_cluster")),),
    ("aws_rds_cluster", "apply_immediately"): (boolean(_TERRAFORM.format("rds_cluster")),),
    ("aws_rds_cluster", "backup_retention_period"): (between(1, 35, _CLUSTER),),
    ("aws_rds_cluster", "database_name"): (sized(1, 63, _CLUSTER), matching(r"[A-Za-z]\w*", _CLUSTER)),
    ("aws_rds_cluster", "enabled_cloudwatch_logs_exports"): (one_of(*_EXPORTS, source=_CLUSTER),),
    ("aws_rds_cluster", "engine_mode"): (
        one_of("provisioned", "serverless", "global", "multimaster", "parallelquery", source=_CLUSTER),
    ),
    ("aws_rds_cluster", "monitoring_interval"): (one_of(0, 1, 5, 10, 15, 30, 60, source=_CLUSTER),),
    ("aws_rds_cluster", "performance_insights_retention_period"): (
        one_of(7, *(31 * months for months in range(1, 24)), 731, source=_CLUSTER),
    ),
    ("aws_rds_cluster", "port"): (between(1150, 65_535, _CLUSTER),),
    ("aws_rds_cluster", "preferred_backup_window"): _window(DAILY.pattern, _CLUSTER),
    ("aws_rds_cluster", "preferred_maintenance_window"): _window(WEEKLY.pattern, _CLUSTER),
    ("aws_rds_cluster", "serverlessv2_scaling_configuration.max_capacity"): (
        between(1, 256, f"{_AWS}AmazonRDS/latest/APIReference/API_ServerlessV2ScalingConfiguration.html"),
    ),
    ("aws_rds_cluster", "serverlessv2_scaling_configuration.min_capacity"): (
        between(0, 256, f"{_AWS}AmazonRDS/latest/APIReference/API_ServerlessV2ScalingConfiguration.html"),
    ),
    ("aws_rds_cluster", "skip_final_snapshot"): (boolean(_TERRAFORM.format("rds_cluster")),),
    ("aws_rds_cluster_instance", "ca_cert_identifier"): (one_of(*_AUTHORITIES, source=_TLS),),
    ("aws_rds_cluster_instance", "monitoring_interval"): (one_of(0, 1, 5, 10, 15, 30, 60, source=_RDS),),
    ("aws_rds_cluster_instance", "preferred_maintenance_window"): _window(WEEKLY.pattern, _RDS),
    ("aws_s3_bucket", "force_destroy"): (boolean(_TERRAFORM.format("s3_bucket")),),
    ("aws_s3_bucket_cors_configuration", "cors_rule.allowed_headers"): (
        matching(r"(?!.*\*.*\*)[\w!#$%&'*+.^`|~-]+", f"{_S3}CORSRule.html"),
    ),
    ("aws_s3_bucket_cors_configuration", "cors_rule.allowed_origins"): (
        matching(r"\*|(?!.*\*.*\*)https?://[\w.*-]+(?::\d+)?", f"{_S3}CORSRule.html"),
    ),
    ("aws_s3_bucket_cors_configuration", "cors_rule.max_age_seconds"): (between(0, 2**31 - 1, f"{_S3}CORSRule.html"),),
    ("aws_s3_bucket_lifecycle_configuration", "rule.expiration.days"): (
        between(1, 2**31 - 1, f"{_S3}LifecycleExpiration.html"),
    ),
    ("aws_s3_bucket_lifecycle_configuration", "rule.noncurrent_version_expiration.noncurrent_days"): (
        between(1, 2**31 - 1, f"{_S3}NoncurrentVersionExpiration.html"),
    ),
    ("aws_s3_bucket_logging", "target_prefix"): (
        sized(0, 1024, f"{_AWS}AmazonS3/latest/userguide/object-keys.html"),
        matching(r"[\w!\-.*'()/]*", f"{_AWS}AmazonS3/latest/userguide/object-keys.html"),
    ),
    ("aws_secretsmanager_secret", "recovery_window_in_days"): (
        one_of(0, *range(7, 31), source=f"{_SECRETS}DeleteSecret.html"),
    ),
    ("aws_secretsmanager_secret_rotation", "rotate_immediately"): (boolean(f"{_SECRETS}RotateSecret.html"),),
    ("aws_secretsmanager_secret_version", "secret_string_wo_version"): (
        between(1, 2**31 - 1, _TERRAFORM.format("secretsmanager_secret_version")),
    ),
    ("ephemeral.aws_secretsmanager_random_password", "exclude_punctuation"): (
        boolean(f"{_SECRETS}GetRandomPassword.html"),
    ),
    ("ephemeral.aws_secretsmanager_random_password", "password_length"): (
        between(1, 4096, f"{_SECRETS}GetRandomPassword.html"),
    ),
    ("ephemeral.aws_secretsmanager_random_password", "require_each_included_type"): (
        boolean(f"{_SECRETS}GetRandomPassword.html"),
    ),
}
