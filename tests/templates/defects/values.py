"""Templates with a value that AWS would refuse."""

from __future__ import annotations

from lib.evidence.values.judgement import values_are_taken as check
from tests.template import Template
from tests.templates.defects.seeding import breaks, first, statement, text_of, validator


@breaks(check, "billing_mode is 'ON_DEMAND', and AWS takes one of PAY_PER_REQUEST, PROVISIONED", "transactions-prod")
def a_table_is_paid_for_in_a_word_of_the_console(template: Template) -> None:
    template.only("aws_dynamodb_table")["billing_mode"] = "ON_DEMAND"


@breaks(check, "health_check.protocol is 'http'")
def a_protocol_is_in_small_letters(template: Template) -> None:
    first(template, "aws_lb_target_group")["health_check"]["protocol"] = "http"


@breaks(check, "retention_in_days is 45")
def logs_are_kept_as_long_as_cannot_be(template: Template) -> None:
    first(template, "aws_cloudwatch_log_group")["retention_in_days"] = 45


@breaks(check, "deletion_window_in_days is 5")
def a_key_is_gone_too_soon(template: Template) -> None:
    first(template, "aws_kms_key")["deletion_window_in_days"] = 5


@breaks(check, "instance_class is 'db.t4g.tiny'")
def a_class_is_made_up(template: Template) -> None:
    template.only("aws_db_instance")["instance_class"] = "db.t4g.tiny"


@breaks(check, "instance_type is 't5.micro'", "fleet-prod")
def an_instance_type_is_made_up(template: Template) -> None:
    template.only("aws_launch_template")["instance_type"] = "t5.micro"


@breaks(check, "node_type is 't4g.micro'", "lms-prod")
def a_node_type_lacks_its_prefix(template: Template) -> None:
    template.only("aws_elasticache_replication_group")["node_type"] = "t4g.micro"


@breaks(check, "engine is 'postgresql'")
def an_engine_is_called_otherwise(template: Template) -> None:
    template.only("aws_db_instance")["engine"] = "postgresql"


@breaks(check, "engine_version is '17.99'")
def a_version_is_not_there_yet(template: Template) -> None:
    template.only("aws_db_instance")["engine_version"] = "17.99"


@breaks(check, "policy.Statement.Action is 's3:GetObjects'")
def an_action_is_made_up(template: Template) -> None:
    with statement(template, "aws_s3_bucket_policy", "LoadBalancerLogs") as found:
        found["Action"] = "s3:GetObjects"


@breaks(check, "policy.Version is '2012-10-18'")
def a_policy_is_of_no_version(template: Template) -> None:
    with text_of(first(template, "aws_s3_bucket_policy"), "policy") as document:
        document["Version"] = "2012-10-18"


@breaks(check, "container_definitions.secret is 'secret'")
def a_container_has_a_member_that_ecs_does_not_know(template: Template) -> None:
    with text_of(template.only("aws_ecs_task_definition"), "container_definitions") as containers:
        containers[0]["secret"] = containers[0].pop("secrets")


@breaks(check, "container_definitions.healthCheck.interval is 2")
def a_container_is_asked_too_often(template: Template) -> None:
    with text_of(template.only("aws_ecs_task_definition"), "container_definitions") as containers:
        containers[0]["healthCheck"]["interval"] = 2


@breaks(check, "idle_timeout is 5000")
def a_connection_may_be_idle_for_too_long(template: Template) -> None:
    template.only("aws_lb")["idle_timeout"] = 5000


@breaks(check, "ssl_policy is 'TLSv1.2_2021'", "lms-prod")
def a_listener_has_a_policy_of_cloudfront_s(template: Template) -> None:
    first(template, "aws_lb_listener", port=443)["ssl_policy"] = "TLSv1.2_2021"


@breaks(check, "backup_window is '3:00-4:00'")
def a_window_lacks_a_digit(template: Template) -> None:
    template.only("aws_db_instance")["backup_window"] = "3:00-4:00"


@breaks(check, "parameter.value is 'on'")
def a_parameter_is_set_to_another_word(template: Template) -> None:
    template.only("aws_db_parameter_group")["parameter"][2]["value"] = "on"


@breaks(check, "performance_mode is 'bursting'")
def a_file_system_has_a_mode_of_throughput(template: Template) -> None:
    template.only("aws_efs_file_system")["performance_mode"] = "bursting"


@breaks(check, "tags.aws:team is 'aws:team'")
def a_tag_is_called_as_if_it_were_aws_s(template: Template) -> None:
    first(template, "aws_vpc")["tags"]["aws:team"] = "x"


@breaks(check, "region is 'eu-middle-1'")
def a_region_is_made_up(template: Template) -> None:
    template.document["provider"]["aws"][0]["region"] = "eu-middle-1"


@breaks(check, "priority is 0", "transactions-prod")
def a_rule_of_a_listener_has_no_priority(template: Template) -> None:
    first(template, "aws_lb_listener_rule")["priority"] = 0


@breaks(check, "runtime is 'python3.99'", "transactions-prod")
def a_runtime_is_not_there_yet(template: Template) -> None:
    validator(template)["runtime"] = "python3.99"


@breaks(check, "memory_size is 64", "transactions-prod")
def a_function_has_too_little_memory(template: Template) -> None:
    validator(template)["memory_size"] = 64


@breaks(check, "comparison_operator is 'GreaterThan'")
def an_alarm_compares_by_half_a_word(template: Template) -> None:
    first(template, "aws_cloudwatch_metric_alarm")["comparison_operator"] = "GreaterThan"


@breaks(check, "endpoint is 'alerts'")
def alarms_go_to_no_address(template: Template) -> None:
    first(template, "aws_sns_topic_subscription", protocol="email")["endpoint"] = "alerts"
