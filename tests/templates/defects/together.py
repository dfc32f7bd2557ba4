"""Templates with a value that is right by itself, and that AWS would refuse for what stands beside it."""

from __future__ import annotations

from lib.evidence.values.judgement import values_are_taken as check
from tests.template import Template
from tests.templates.defects.seeding import breaks, first, text_of, validator


@breaks(check, "timeout is 901", "transactions-prod")
def a_function_takes_longer_than_any_may(template: Template) -> None:
    validator(template)["timeout"] = 901


@breaks(check, "environment.variables.AWS_REGION is 'AWS_REGION'", "transactions-prod")
def a_function_has_a_variable_that_is_lambda_s(template: Template) -> None:
    validator(template)["environment"]["variables"]["AWS_REGION"] = "eu-west-1"


@breaks(check, "runtime is 'python3.7'", "transactions-prod")
def a_runtime_is_not_there_any_more(template: Template) -> None:
    validator(template)["runtime"] = "python3.7"


@breaks(
    check, "name is 'transactions-prod-validator-failed', and AWS takes a name that ends in .fifo", "transactions-prod"
)
def a_queue_that_keeps_the_order_is_named_like_another(template: Template) -> None:
    template.only("aws_sqs_queue")["fifo_queue"] = True


@breaks(check, "range_key is 'at', and AWS takes one of id", "transactions-prod")
def a_key_of_a_table_is_not_declared(template: Template) -> None:
    template.only("aws_dynamodb_table")["range_key"] = "at"


@breaks(check, "attribute.name is 'status', and AWS takes one of id", "transactions-prod")
def an_attribute_is_declared_and_no_key(template: Template) -> None:
    template.only("aws_dynamodb_table")["attribute"].append({"name": "status", "type": "S"})


@breaks(check, "billing_mode is 'PROVISIONED'", "transactions-prod")
def a_table_has_no_capacity(template: Template) -> None:
    template.only("aws_dynamodb_table")["billing_mode"] = "PROVISIONED"


@breaks(check, "default_cache_behavior.target_origin_id is 'asset'", "transactions-prod")
def a_cdn_asks_an_origin_that_it_has_not(template: Template) -> None:
    template.only("aws_cloudfront_distribution")["default_cache_behavior"]["target_origin_id"] = "asset"


@breaks(check, "default_cache_behavior.allowed_methods is ['GET', 'POST']", "transactions-prod")
def a_cdn_takes_methods_that_go_with_others_only(template: Template) -> None:
    template.only("aws_cloudfront_distribution")["default_cache_behavior"]["allowed_methods"] = ["GET", "POST"]


@breaks(check, "block_device_mappings.ebs.iops is 6000, and AWS takes a whole number from 3000 to 5000", "fleet-prod")
def a_disk_is_faster_than_its_size_allows(template: Template) -> None:
    template.only("aws_launch_template")["block_device_mappings"][0]["ebs"]["iops"] = 6_000


@breaks(check, "block_device_mappings.ebs.throughput is 250, and AWS takes nothing", "fleet-prod")
def a_disk_is_of_a_type_that_has_one_throughput(template: Template) -> None:
    template.only("aws_launch_template")["block_device_mappings"][0]["ebs"] |= {"volume_type": "gp2", "throughput": 250}


@breaks(check, "service_name is 'com.amazonaws.us-east-1.s3', and AWS takes a service of sa-east-1")
def an_endpoint_leads_to_another_region(template: Template) -> None:
    first(template, "aws_vpc_endpoint")["service_name"] = "com.amazonaws.us-east-1.s3"


@breaks(check, "service_name is 'com.amazonaws.sa-east-1.sqs'")
def an_endpoint_is_a_gateway_to_what_has_none(template: Template) -> None:
    first(template, "aws_vpc_endpoint")["service_name"] = "com.amazonaws.sa-east-1.sqs"


@breaks(check, "protocol is 'HTTPS', and AWS takes HTTP or TCP", "lms-prod")
def a_listener_has_no_certificate(template: Template) -> None:
    del first(template, "aws_lb_listener", port=443)["certificate_arn"]


@breaks(check, "protocol is 'TLS', and AWS takes one of HTTP, HTTPS", "lms-prod")
def a_listener_of_requests_speaks_tls_alone(template: Template) -> None:
    first(template, "aws_lb_listener", port=443)["protocol"] = "TLS"


@breaks(check, "backup_retention_period is 36")
def backups_are_kept_for_too_long(template: Template) -> None:
    template.only("aws_db_instance")["backup_retention_period"] = 36


@breaks(check, "enabled_cloudwatch_logs_exports is 'slowquery'")
def a_database_has_no_such_log(template: Template) -> None:
    template.only("aws_db_instance")["enabled_cloudwatch_logs_exports"].append("slowquery")


@breaks(check, "username is 'admin'")
def a_user_is_called_by_a_word_of_the_engine_s(template: Template) -> None:
    template.only("aws_db_instance")["username"] = "admin"


@breaks(check, "parameter_group_name is 'default.redis7'", "lms-prod")
def a_cache_has_the_parameters_of_another_engine(template: Template) -> None:
    template.only("aws_elasticache_replication_group")["parameter_group_name"] = "default.redis7"


@breaks(check, "rule.statement.managed_rule_group_statement.name is 'AWSManagedRulesCommonRulesSet'", "lms-prod")
def a_group_of_rules_is_made_up(template: Template) -> None:
    rules = template.only("aws_wafv2_web_acl")["rule"]
    rules[0]["statement"]["managed_rule_group_statement"]["name"] = "AWSManagedRulesCommonRulesSet"


@breaks(check, "log_destination_type is 'cloud-watch-logs'")
def a_flow_log_has_no_role(template: Template) -> None:
    del template.only("aws_flow_log")["iam_role_arn"]


@breaks(check, "rule.transition.days is 10")
def files_move_to_a_cheaper_place_too_soon(template: Template) -> None:
    move = {"days": 10, "storage_class": "STANDARD_IA"}
    template.only("aws_s3_bucket_lifecycle_configuration")["rule"][0]["transition"] = [move]


@breaks(check, "launch_type is 'FARGATE', and AWS takes nothing beside a capacity_provider_strategy")
def a_service_says_twice_what_it_runs_on(template: Template) -> None:
    template.only("aws_ecs_service")["launch_type"] = "FARGATE"


@breaks(check, "container_definitions.logConfiguration.options.awslogs-streamprefix is 'awslogs-streamprefix'")
def a_log_option_lacks_a_hyphen(template: Template) -> None:
    with text_of(template.only("aws_ecs_task_definition"), "container_definitions") as containers:
        options = containers[0]["logConfiguration"]["options"]
        options["awslogs-streamprefix"] = options.pop("awslogs-stream-prefix")


@breaks(check, "container_definitions.logConfiguration.options.awslogs-region is 'us-east-1', and AWS takes sa-east-1")
def a_container_writes_its_log_into_another_region(template: Template) -> None:
    with text_of(template.only("aws_ecs_task_definition"), "container_definitions") as containers:
        containers[0]["logConfiguration"]["options"]["awslogs-region"] = "us-east-1"


@breaks(check, "policy_arn is 'arn:aws:iam::aws:policy/AmazonRDSEnhancedMonitoringRole'")
def a_policy_of_aws_s_lacks_its_folder(template: Template) -> None:
    arn = "arn:aws:iam::aws:policy/AmazonRDSEnhancedMonitoringRole"
    first(template, "aws_iam_role_policy_attachment")["policy_arn"] = arn
