"""Arguments whose change makes the provider replace the object (ForceNew).

Neither the bindings nor any other installed package tell, so this is written by hand from the provider's documentation,
for the types that the project uses and some common ones. A change of any other argument is an update in place.
"""

from __future__ import annotations

from collections.abc import Mapping


def forces_replacement(kind: str, argument: str) -> bool:
    """Whether an object of `kind` cannot change `argument` and has to be made anew. No object changes its region."""
    return argument == "region" or argument in ARGUMENTS.get(kind, ())


_TABLE = {
    "aws_acm_certificate": (
        "certificate_authority_arn domain_name key_algorithm subject_alternative_names validation_method"
    ),
    "aws_acm_certificate_validation": "certificate_arn validation_record_fqdns",
    "aws_apigatewayv2_api": "protocol_type",
    "aws_apigatewayv2_integration": "api_id integration_subtype integration_type",
    "aws_apigatewayv2_route": "api_id",
    "aws_apigatewayv2_stage": "api_id name",
    "aws_apigatewayv2_vpc_link": "security_group_ids subnet_ids",
    "aws_appautoscaling_policy": "name resource_id scalable_dimension service_namespace",
    "aws_appautoscaling_target": "resource_id scalable_dimension service_namespace",
    "aws_autoscaling_attachment": "autoscaling_group_name lb_target_group_arn",
    "aws_autoscaling_group": "name name_prefix",
    "aws_autoscaling_policy": "autoscaling_group_name name",
    "aws_backup_vault": "kms_key_arn name",
    "aws_cloudfront_distribution": "staging",
    "aws_cloudwatch_composite_alarm": "alarm_name",
    "aws_cloudwatch_dashboard": "dashboard_name",
    "aws_cloudwatch_event_rule": "event_bus_name name name_prefix",
    "aws_cloudwatch_event_target": "event_bus_name rule target_id",
    "aws_cloudwatch_log_delivery": "delivery_destination_arn delivery_source_name",
    "aws_cloudwatch_log_delivery_destination": "name",
    "aws_cloudwatch_log_delivery_source": "log_type name resource_arn",
    "aws_cloudwatch_log_group": "log_group_class name name_prefix",
    "aws_cloudwatch_metric_alarm": "alarm_name",
    "aws_db_instance": (
        "availability_zone character_set_name db_name engine kms_key_id nchar_character_set_name "
        "replicate_source_db snapshot_identifier storage_encrypted timezone username"
    ),
    "aws_db_parameter_group": "description family name name_prefix",
    "aws_db_subnet_group": "name name_prefix",
    "aws_default_security_group": "vpc_id",
    "aws_dynamodb_table": "hash_key local_secondary_index name range_key",
    "aws_ecr_lifecycle_policy": "policy repository",
    "aws_ecr_repository": "encryption_configuration name",
    "aws_ecs_cluster": "name",
    "aws_ecs_cluster_capacity_providers": "cluster_name",
    "aws_ecs_service": "cluster deployment_controller iam_role launch_type name scheduling_strategy",
    "aws_ecs_task_definition": (
        "container_definitions cpu enable_fault_injection ephemeral_storage execution_role_arn family "
        "ipc_mode memory network_mode pid_mode placement_constraints proxy_configuration "
        "requires_compatibilities runtime_platform task_role_arn volume"
    ),
    "aws_efs_access_point": "file_system_id posix_user root_directory",
    "aws_efs_backup_policy": "file_system_id",
    "aws_efs_file_system": "availability_zone_name creation_token encrypted kms_key_id performance_mode",
    "aws_efs_file_system_policy": "file_system_id",
    "aws_efs_mount_target": "file_system_id ip_address subnet_id",
    "aws_eip": "address customer_owned_ipv4_pool domain network_border_group public_ipv4_pool",
    "aws_elasticache_replication_group": (
        "at_rest_encryption_enabled data_tiering_enabled global_replication_group_id kms_key_id network_type "
        "port replication_group_id snapshot_arns snapshot_name subnet_group_name"
    ),
    "aws_elasticache_serverless_cache": "kms_key_id name snapshot_arns_to_restore subnet_ids",
    "aws_elasticache_subnet_group": "name",
    "aws_elasticache_user": "user_id user_name",
    "aws_elasticache_user_group": "user_group_id",
    "aws_flow_log": (
        "eni_id iam_role_arn log_destination log_destination_type log_format max_aggregation_interval "
        "subnet_id traffic_type vpc_id"
    ),
    "aws_iam_instance_profile": "name name_prefix path",
    "aws_iam_policy": "description name name_prefix path",
    "aws_iam_role": "name name_prefix path",
    "aws_iam_role_policy": "name name_prefix role",
    "aws_iam_role_policy_attachment": "policy_arn role",
    "aws_kms_alias": "name name_prefix",
    "aws_kms_key": "custom_key_store_id customer_master_key_spec key_usage multi_region",
    "aws_lambda_function": "function_name package_type",
    "aws_lambda_function_event_invoke_config": "function_name qualifier",
    "aws_lambda_invocation": "function_name input lifecycle_scope qualifier tenant_id terraform_key triggers",
    "aws_lambda_permission": (
        "action event_source_token function_name function_url_auth_type principal principal_org_id qualifier "
        "source_account source_arn statement_id statement_id_prefix"
    ),
    "aws_launch_template": "name name_prefix",
    "aws_lb": "internal load_balancer_type name name_prefix",
    "aws_lb_listener": "load_balancer_arn",
    "aws_lb_listener_rule": "listener_arn",
    "aws_lb_target_group": ("ip_address_type name name_prefix port protocol protocol_version target_type vpc_id"),
    "aws_lb_target_group_attachment": "availability_zone port target_group_arn target_id",
    "aws_nat_gateway": "allocation_id connectivity_type private_ip subnet_id",
    "aws_rds_cluster": (
        "availability_zones cluster_identifier cluster_identifier_prefix database_name db_subnet_group_name "
        "engine engine_mode kms_key_id master_username snapshot_identifier storage_encrypted"
    ),
    "aws_rds_cluster_instance": (
        "availability_zone cluster_identifier db_subnet_group_name engine identifier identifier_prefix"
    ),
    "aws_rds_cluster_parameter_group": "description family name name_prefix",
    "aws_route": ("destination_cidr_block destination_ipv6_cidr_block destination_prefix_list_id route_table_id"),
    "aws_route53_record": "name zone_id",
    "aws_route_table": "vpc_id",
    "aws_route_table_association": "gateway_id subnet_id",
    "aws_s3_bucket": "bucket bucket_prefix object_lock_enabled",
    "aws_s3_bucket_cors_configuration": "bucket expected_bucket_owner",
    "aws_s3_bucket_lifecycle_configuration": "bucket expected_bucket_owner",
    "aws_s3_bucket_logging": "bucket expected_bucket_owner",
    "aws_s3_bucket_ownership_controls": "bucket",
    "aws_s3_bucket_policy": "bucket",
    "aws_s3_bucket_public_access_block": "bucket",
    "aws_s3_bucket_server_side_encryption_configuration": "bucket expected_bucket_owner",
    "aws_s3_bucket_versioning": "bucket expected_bucket_owner",
    "aws_secretsmanager_secret": "name name_prefix",
    "aws_secretsmanager_secret_rotation": "secret_id",
    "aws_secretsmanager_secret_version": "secret_binary secret_id secret_string secret_string_wo_version",
    "aws_security_group": "description name name_prefix vpc_id",
    "aws_service_discovery_http_namespace": "name",
    "aws_sns_topic": "fifo_topic name name_prefix",
    "aws_sns_topic_policy": "arn",
    "aws_sns_topic_subscription": "endpoint protocol topic_arn",
    "aws_sqs_queue": "fifo_queue name name_prefix",
    "aws_sqs_queue_policy": "queue_url",
    "aws_ssm_parameter": "name",
    "aws_subnet": "availability_zone availability_zone_id cidr_block ipv6_native outpost_arn vpc_id",
    "aws_vpc": "cidr_block ipv4_ipam_pool_id ipv4_netmask_length",
    "aws_vpc_endpoint": "service_name service_region vpc_endpoint_type vpc_id",
    "aws_vpc_security_group_egress_rule": "security_group_id",
    "aws_vpc_security_group_ingress_rule": "security_group_id",
    "aws_wafv2_ip_set": "ip_address_version name name_prefix scope",
    "aws_wafv2_web_acl": "name name_prefix scope",
    "aws_wafv2_web_acl_association": "resource_arn web_acl_arn",
    "aws_wafv2_web_acl_logging_configuration": "resource_arn",
}

ARGUMENTS: Mapping[str, frozenset[str]] = {kind: frozenset(words.split()) for kind, words in _TABLE.items()}
"""By type."""
