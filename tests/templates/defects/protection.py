"""Templates with data in the clear or in the open."""

from __future__ import annotations

from tests.template import Template
from tests.templates import protection as checks
from tests.templates.defects.seeding import breaks, first, text_of
from tests.templates.reading import at


@breaks(checks.everything_is_encrypted, "aws_sns_topic.")
def a_topic_has_no_key(template: Template) -> None:
    del template.only("aws_sns_topic")["kms_master_key_id"]


@breaks(checks.everything_is_encrypted, "kms_key_id is alias/aws/secretsmanager")
def a_secret_is_under_aws_s_key(template: Template) -> None:
    template.only("aws_secretsmanager_secret")["kms_key_id"] = "alias/aws/secretsmanager"


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


@breaks(checks.everything_is_encrypted, "answers HTTP beside HTTPS")
def http_is_not_redirected(template: Template) -> None:
    first(template, "aws_lb_listener", protocol="HTTP")["default_action"] = [{"type": "forward"}]


@breaks(checks.everything_is_encrypted, "takes less than TLS 1.2")
def https_is_of_old(template: Template) -> None:
    first(template, "aws_lb_listener", protocol="HTTPS")["ssl_policy"] = "ELBSecurityPolicy-2016-08"


@breaks(checks.everything_is_encrypted, "lets clients in without TLS")
def the_database_takes_plain_text(template: Template) -> None:
    template.only("aws_db_parameter_group")["parameter"][0]["value"] = "0"


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


@breaks(checks.nothing_is_exposed, "network_interfaces[].associate_public_ip_address is true")
def instances_have_public_addresses(template: Template) -> None:
    interface = {"associate_public_ip_address": "true"}
    template.document["resource"]["aws_launch_template"] = {"one": {"network_interfaces": [interface]}}


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


@breaks(checks.no_secret_is_written_down, "holds a key")
def an_access_key_is_somewhere(template: Template) -> None:
    with text_of(template.only("aws_ecs_task_definition"), "container_definitions") as containers:
        containers[0]["environment"].append({"name": "USER_ID", "value": "AKIA" + "A" * 16})
