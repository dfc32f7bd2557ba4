"""Templates with data in the clear or in the open."""

from __future__ import annotations

from lib.evidence.reading import at
from lib.evidence.structure import protection as checks
from tests.template import Block, Template
from tests.templates.defects.seeding import breaks, first, text_of, validator


@breaks(checks.everything_is_encrypted, "aws_sns_topic.")
def a_topic_has_no_key(template: Template) -> None:
    del template.only("aws_sns_topic")["kms_master_key_id"]


@breaks(checks.everything_is_encrypted, "kms_key_id is alias/aws/secretsmanager")
def a_secret_is_under_aws_s_key(template: Template) -> None:
    first(template, "aws_secretsmanager_secret")["kms_key_id"] = "alias/aws/secretsmanager"


@breaks(checks.everything_is_encrypted, "aws_cloudwatch_log_group.")
def a_log_group_has_no_key(template: Template) -> None:
    del first(template, "aws_cloudwatch_log_group")["kms_key_id"]


@breaks(checks.everything_is_encrypted, "performance_insights_kms_key_id")
def one_of_several_keys_is_missing(template: Template) -> None:
    del template.only("aws_db_instance")["performance_insights_kms_key_id"]


@breaks(checks.everything_is_encrypted, "execute_command_configuration.kms_key_id")
def a_key_inside_a_block_is_missing(template: Template) -> None:
    del at(template.only("aws_ecs_cluster"), "configuration.execute_command_configuration")["kms_key_id"]


@breaks(checks.everything_is_encrypted, "kms_key_id is ${aws_kms_alias.")
def a_key_is_named_by_what_is_no_key(template: Template) -> None:
    alias = next(iter(template.named("aws_kms_alias")))
    template.only("aws_efs_file_system")["kms_key_id"] = f"${{aws_kms_alias.{alias}.arn}}"


@breaks(checks.everything_is_encrypted, "encrypts by aws:kms under None")
def the_log_bucket_has_a_key_that_load_balancers_cannot_use(template: Template) -> None:
    block = template.only("aws_s3_bucket_server_side_encryption_configuration")
    at(block, "rule.apply_server_side_encryption_by_default")["sse_algorithm"] = "aws:kms"


@breaks(checks.everything_is_encrypted, "encrypts by AES256 under None")
def another_bucket_has_no_key(template: Template) -> None:
    template.only("aws_lb")["access_logs"]["bucket"] = "elsewhere"


@breaks(checks.everything_is_encrypted, "encrypts by AES256 under ${aws_kms_key.", "fleet-prod")
def a_bucket_names_a_key_and_does_not_use_it(template: Template) -> None:
    data_encryption(template)["sse_algorithm"] = "AES256"


@breaks(checks.everything_is_encrypted, "encrypts by aws:kms under alias/aws/s3", "fleet-prod")
def a_bucket_is_under_aws_s_key(template: Template) -> None:
    data_encryption(template)["kms_master_key_id"] = "alias/aws/s3"


def data_encryption(template: Template) -> Block:
    """How the bucket for data encrypts, other than that for logs."""
    rules: list[Block] = [
        at(each, "rule.apply_server_side_encryption_by_default")
        for each in template.all("aws_s3_bucket_server_side_encryption_configuration")
    ]
    return next(each for each in rules if each["sse_algorithm"] == "aws:kms")


@breaks(checks.everything_is_encrypted, "answers HTTP beside HTTPS")
def http_is_not_redirected(template: Template) -> None:
    first(template, "aws_lb_listener", protocol="HTTP")["default_action"] = [{"type": "forward"}]


@breaks(checks.everything_is_encrypted, "takes less than TLS 1.2")
def https_is_of_old(template: Template) -> None:
    first(template, "aws_lb_listener", protocol="HTTPS")["ssl_policy"] = "ELBSecurityPolicy-2016-08"


@breaks(checks.everything_is_encrypted, "lets clients in without TLS")
def the_database_takes_plain_text(template: Template) -> None:
    template.only("aws_db_parameter_group")["parameter"][0]["value"] = "0"


@breaks(checks.everything_is_encrypted, "lets clients in without TLS", "transactions-prod")
def the_cluster_takes_plain_text(template: Template) -> None:
    (group,) = template.all("aws_rds_cluster_parameter_group")
    group["parameter"] = [each for each in group["parameter"] if each["name"] != "rds.force_ssl"]


@breaks(checks.everything_is_encrypted, "speaks HTTP to a listener of HTTPS", "payments-prod")
def the_http_api_speaks_plain_text_to_a_listener_of_tls(template: Template) -> None:
    del template.only("aws_apigatewayv2_integration")["tls_config"]


@breaks(checks.everything_is_encrypted, "takes less than TLS 1.2", "open-edge")
def the_cdn_takes_an_old_protocol(template: Template) -> None:
    certificate = template.only("aws_cloudfront_distribution")["viewer_certificate"]
    certificate["minimum_protocol_version"] = "TLSv1.1_2016"


@breaks(checks.everything_is_encrypted, "block_device_mappings.ebs.kms_key_id is None", "fleet-prod")
def a_disk_is_under_aws_s_key(template: Template) -> None:
    del template.only("aws_launch_template")["block_device_mappings"][0]["ebs"]["kms_key_id"]


@breaks(checks.everything_is_encrypted, "server_side_encryption.kms_key_arn is None", "transactions-prod")
def a_table_is_under_aws_s_key(template: Template) -> None:
    template.only("aws_dynamodb_table")["server_side_encryption"] = {"enabled": True}


@breaks(checks.everything_is_encrypted, "source_kms_key_arn is None", "transactions-prod")
def the_package_of_a_function_is_under_aws_s_key(template: Template) -> None:
    del validator(template)["source_kms_key_arn"]


@breaks(checks.everything_is_encrypted, "aws_sqs_queue.", "transactions-prod")
def failed_events_are_under_no_key(template: Template) -> None:
    del template.only("aws_sqs_queue")["kms_master_key_id"]


@breaks(checks.everything_is_encrypted, "mounts files without TLS", "lms-prod")
def files_are_mounted_without_tls(template: Template) -> None:
    volume = first(template, "aws_ecs_task_definition")["volume"][0]
    volume["efs_volume_configuration"]["transit_encryption"] = "DISABLED"


@breaks(checks.nothing_is_exposed, "publicly_accessible is None, not False")
def the_database_s_address_is_left_open(template: Template) -> None:
    del template.only("aws_db_instance")["publicly_accessible"]


@breaks(checks.nothing_is_exposed, "network_configuration.assign_public_ip is True")
def tasks_have_public_addresses(template: Template) -> None:
    template.only("aws_ecs_service")["network_configuration"]["assign_public_ip"] = True


@breaks(checks.nothing_is_exposed, "map_public_ip_on_launch is True")
def a_subnet_gives_public_addresses(template: Template) -> None:
    first(template, "aws_subnet")["map_public_ip_on_launch"] = True


@breaks(checks.nothing_is_exposed, "network_interfaces[].associate_public_ip_address is true", "fleet-prod")
def instances_have_public_addresses(template: Template) -> None:
    template.only("aws_launch_template")["network_interfaces"][0]["associate_public_ip_address"] = "true"


@breaks(checks.nothing_is_exposed, "metadata_options.http_put_response_hop_limit is 2, not 1", "fleet-prod")
def containers_on_an_instance_get_its_credentials(template: Template) -> None:
    template.only("aws_launch_template")["metadata_options"]["http_put_response_hop_limit"] = 2


@breaks(checks.nothing_is_exposed, "metadata_options.http_tokens is optional, not required", "fleet-prod")
def a_request_that_was_forged_gets_an_instance_s_credentials(template: Template) -> None:
    template.only("aws_launch_template")["metadata_options"]["http_tokens"] = "optional"


@breaks(checks.nothing_is_exposed, "block_device_mappings.ebs.encrypted is None, not true", "fleet-prod")
def a_disk_is_readable(template: Template) -> None:
    del template.only("aws_launch_template")["block_device_mappings"][0]["ebs"]["encrypted"]


@breaks(checks.nothing_is_exposed, "point_in_time_recovery.enabled is None, not True", "transactions-prod")
def a_table_cannot_be_set_back(template: Template) -> None:
    del template.only("aws_dynamodb_table")["point_in_time_recovery"]


@breaks(checks.nothing_is_exposed, "publicly_accessible is True", "transactions-prod")
def a_server_of_the_cluster_has_a_public_address(template: Template) -> None:
    template.all("aws_rds_cluster_instance")[1]["publicly_accessible"] = True


@breaks(checks.nothing_is_exposed, "storage_encrypted is False, not True", "transactions-prod")
def a_cluster_is_readable_on_its_disks(template: Template) -> None:
    template.only("aws_rds_cluster")["storage_encrypted"] = False


@breaks(checks.nothing_is_exposed, "viewer_protocol_policy is allow-all, not redirect-to-https", "transactions-prod")
def the_cdn_answers_http(template: Template) -> None:
    template.only("aws_cloudfront_distribution")["default_cache_behavior"]["viewer_protocol_policy"] = "allow-all"


@breaks(checks.nothing_is_exposed, "signing_behavior is no-override, not always", "transactions-prod")
def the_cdn_lets_clients_sign_for_it(template: Template) -> None:
    template.only("aws_cloudfront_origin_access_control")["signing_behavior"] = "no-override"


@breaks(checks.nothing_is_exposed, "access_logs.enabled is False, not True")
def nobody_writes_down_who_came(template: Template) -> None:
    template.only("aws_lb")["access_logs"]["enabled"] = False


@breaks(checks.nothing_is_exposed, "restrict_public_buckets is False")
def a_bucket_can_be_made_public(template: Template) -> None:
    template.only("aws_s3_bucket_public_access_block")["restrict_public_buckets"] = False


@breaks(checks.nothing_is_exposed, "has no aws_s3_bucket_public_access_block")
def a_bucket_is_not_closed(template: Template) -> None:
    template.document["resource"]["aws_s3_bucket_public_access_block"] = {}


@breaks(checks.nothing_is_exposed, "is kept for ever")
def a_log_never_ends(template: Template) -> None:
    del first(template, "aws_cloudwatch_log_group")["retention_in_days"]


@breaks(checks.nothing_is_exposed, "at_rest_encryption_enabled is None, not true", "lms-prod")
def a_cache_is_readable_on_its_disk(template: Template) -> None:
    del template.only("aws_elasticache_replication_group")["at_rest_encryption_enabled"]


@breaks(checks.nothing_is_exposed, "enable_key_rotation is False")
def a_key_stays_the_same(template: Template) -> None:
    first(template, "aws_kms_key")["enable_key_rotation"] = False


@breaks(checks.no_secret_is_written_down, "password is in the state")
def the_database_has_a_password(template: Template) -> None:
    template.only("aws_db_instance")["password"] = "correct horse"


@breaks(checks.no_secret_is_written_down, "secret_string is in the state")
def a_secret_has_its_value_in_the_template(template: Template) -> None:
    template.only("aws_secretsmanager_secret_version")["secret_string"] = "correct horse"


@breaks(checks.no_secret_is_written_down, "secret_string_wo is in the state")
def a_secret_s_value_comes_from_what_the_state_keeps(template: Template) -> None:
    template.only("aws_secretsmanager_secret_version")["secret_string_wo"] = "${random_password.one.result}"


@breaks(checks.no_secret_is_written_down, "auth_token is in the state", "lms-prod")
def a_cache_has_a_password(template: Template) -> None:
    template.only("aws_elasticache_replication_group")["auth_token"] = "correct horse"


@breaks(checks.no_secret_is_written_down, "passwords[] is in the state")
def a_cache_user_has_a_password(template: Template) -> None:
    template.only("aws_elasticache_user")["authentication_mode"]["passwords"] = ["correct horse"]


@breaks(checks.no_secret_is_written_down, "DATABASE_PASSWORD can be read")
def a_container_is_told_a_password(template: Template) -> None:
    with text_of(template.only("aws_ecs_task_definition"), "container_definitions") as containers:
        containers[0]["environment"].append({"name": "DATABASE_PASSWORD", "value": "correct horse"})


@breaks(checks.no_secret_is_written_down, "holds a key", "fleet-prod")
def an_access_key_is_in_the_first_boot(template: Template) -> None:
    (name,) = template.document["locals"]
    template.document["locals"][name] += f"\nexport USER_ID={'AKIA' + 'A' * 16}"


@breaks(checks.no_secret_is_written_down, "holds a key")
def an_access_key_is_somewhere(template: Template) -> None:
    with text_of(template.only("aws_ecs_task_definition"), "container_definitions") as containers:
        containers[0]["environment"].append({"name": "USER_ID", "value": "AKIA" + "A" * 16})
