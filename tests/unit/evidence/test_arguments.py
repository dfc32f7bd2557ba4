"""What no model says: the tables of arguments."""

from __future__ import annotations

from typing import Any

import pytest

from lib.evidence.values.arguments import _OF_TYPES, everywhere, own_rules
from tests.unit.evidence.kinds import used_kinds


def refused(kind: str, path: str, *values: Any) -> list[Any]:
    rules = own_rules(kind, path)
    assert rules
    return [value for value in values if not all(rule.accepts(value) for rule in rules)]


TABLES = [pytest.param(rules, id=f"{kind}.{path}") for (kind, path), rules in _OF_TYPES.items()]
TABLES += [pytest.param(rules, id=path) for path, rules in everywhere.ARGUMENTS.items()]


@pytest.mark.parametrize("rules", TABLES)
def test_every_rule_has_a_source(rules: Any) -> None:
    assert all(rule.source.startswith(("https://", "cfn-lint ")) for rule in rules)


@pytest.mark.parametrize("rules", TABLES)
def test_every_argument_refuses_something(rules: Any) -> None:
    # Also what is of the right type: a text that cannot be one, a number beyond anything.
    assert not all(rule.accepts("\x00" * 100_000) for rule in rules)


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in _OF_TYPES if "." not in kind}))
def test_types_that_no_template_has_are_not_in_the_tables(kind: str) -> None:
    assert kind in used_kinds()


@pytest.mark.parametrize(
    ("kind", "path", "right", "wrong"),
    [
        ("aws_lb", "idle_timeout", [1, 4000], [0, 4001]),
        ("aws_lb", "access_logs.prefix", ["load-balancer", "a/b"], ["AWSLogs", "a/", ""]),
        ("aws_lb", "internal", [True, "false"], ["internal"]),
        (
            "aws_lb_listener",
            "ssl_policy",
            ["ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"],
            ["TLSv1.2_2021", "ELBSecurityPolicy-TLS13"],
        ),
        ("aws_lb_listener", "default_action.redirect.port", ["443", "#{port}"], ["0", "https"]),
        ("aws_lb_listener_rule", "condition.path_pattern.values", ["/*", "/a/b?"], ["a", "/ä", "/" + "a" * 128]),
        ("aws_lb_listener_rule", "condition.host_header.values", ["*.example.com"], ["example", "a_b.example.com"]),
        ("aws_lb_target_group", "health_check.matcher", ["200", "200-299", "200,302"], ["100", "2xx", "200-"]),
        ("aws_lb_target_group", "health_check.path", ["/", "/health?deep=1"], ["health", ""]),
        ("aws_lb_target_group", "health_check.port", ["traffic-port", "8080"], ["0", "http"]),
        ("aws_db_instance", "backup_window", ["03:00-04:00", "23:30-00:30"], ["3:00-4:00", "24:00-01:00", "03:00"]),
        ("aws_db_instance", "maintenance_window", ["sun:04:30-sun:05:30"], ["04:30-05:30", "son:04:30-son:05:30"]),
        ("aws_db_instance", "monitoring_interval", [0, 60], [20, 61]),
        ("aws_db_instance", "username", ["postgres"], ["rdsadmin", "1user"]),
        ("aws_db_instance", "db_name", ["app", "_app"], ["1app", "my-app"]),
        ("aws_db_instance", "enabled_cloudwatch_logs_exports", ["postgresql"], ["postgres"]),
        ("aws_rds_cluster", "performance_insights_retention_period", [7, 31, 713, 731], [30, 365, 732]),
        ("aws_rds_cluster", "engine_mode", ["provisioned"], ["serverlessv2"]),
        ("aws_elasticache_replication_group", "engine_version", ["8.0", "7.1", "6.x"], ["8", "5.0.6"]),
        (
            "aws_elasticache_replication_group",
            "parameter_group_name",
            ["default.valkey8", "default.redis7.cluster.on"],
            ["default.valkey", "Mine"],
        ),
        ("aws_elasticache_serverless_cache", "daily_snapshot_time", ["03:00"], ["03:00-04:00", "3am"]),
        ("aws_elasticache_serverless_cache", "cache_usage_limits.ecpu_per_second.maximum", [1000], [999]),
        (
            "aws_s3_bucket_cors_configuration",
            "cors_rule.allowed_origins",
            ["*", "https://*.example.com"],
            ["example.com", "https://*.*"],
        ),
        ("aws_secretsmanager_secret", "recovery_window_in_days", [0, 7, 30], [1, 6, 31]),
        ("aws_vpc", "cidr_block", ["10.0.0.0/16"], ["10.0.0.1/16", "10.0.0.0", "10.0.0.0/33", 10]),
        ("aws_vpc_security_group_ingress_rule", "ip_protocol", ["tcp", "-1"], ["TCP", "all"]),
        ("aws_vpc_endpoint", "service_name", ["com.amazonaws.eu-west-1.s3"], ["s3", "com.amazonaws.s3"]),
        ("aws_flow_log", "max_aggregation_interval", [60, 600], [300]),
        ("data.aws_availability_zones", "filter.name", ["opt-in-status"], ["opt_in_status"]),
        ("data.aws_availability_zones", "filter.values", ["opt-in-not-required", "eu-west-1a"], ["yes"]),
        ("data.aws_route53_zone", "name", ["example.com", "example.com."], ["example", "exa mple.com"]),
        (
            "aws_apigatewayv2_route",
            "route_key",
            ["$default", "GET /pets/{id}", "ANY /{proxy+}", "GET /"],
            ["/pets", "FETCH /pets", "GET pets"],
        ),
        (
            "aws_apigatewayv2_integration",
            "request_parameters.overwrite:path",
            ["$request.path", "text"],
            ["$request.way"],
        ),
        ("aws_apigatewayv2_stage", "default_route_settings.throttling_rate_limit", [500], [-1, 10_001]),
        ("aws_cloudfront_distribution", "aliases", ["a.example.com", "*.example.com"], ["example", "a b.example.com"]),
        ("aws_cloudfront_distribution", "default_cache_behavior.cached_methods", ["GET"], ["POST"]),
        ("aws_cloudfront_distribution", "default_root_object", ["index.html"], ["/index.html", ""]),
        ("aws_elasticache_user", "access_string", ["on ~* &* +@all -@dangerous +info", "off"], ["~*", "on all", ""]),
        ("aws_sns_topic_subscription", "endpoint", ["alerts@example.com", "https://x.example.com/a"], ["alerts", "@"]),
        ("aws_sns_topic_subscription", "protocol", ["email"], ["mail"]),
        ("aws_sqs_queue", "message_retention_seconds", [60, 1_209_600], [59, 1_209_601]),
        ("aws_ecs_service", "deployment_maximum_percent", [100, 200], [99, 2_001]),
        (
            "aws_ecs_service",
            "capacity_provider_strategy.capacity_provider",
            ["FARGATE_SPOT", "mine"],
            ["fargate-mine", "aws"],
        ),
        (
            "aws_ecs_task_definition",
            "container_definitions.image",
            ["public.ecr.aws/a/b:2023", "busybox:1", "localhost:5000/a@sha256:" + "0" * 64],
            ["UPPER:1", "busybox", "a b:1"],
        ),
        ("aws_ecs_task_definition", "container_definitions.environment.name", ["A_B", "a.b"], ["1A", "A B", ""]),
        ("aws_ecs_task_definition", "container_definitions.healthCheck.interval", [5, 300], [4, 301]),
        ("aws_ecs_task_definition", "container_definitions.healthCheck.timeout", [2, 60], [1, 61]),
        (
            "aws_ecs_task_definition",
            "container_definitions.logConfiguration.options.max-buffer-size",
            ["25m"],
            ["25", "25MB"],
        ),
        ("aws_ecs_task_definition", "container_definitions.stopTimeout", [0, 120], [121]),
        ("aws_ecs_task_definition", "container_definitions.user", ["1000:1000", "app"], ["App", "1000:"]),
        ("aws_autoscaling_group", "wait_for_capacity_timeout", ["10m", "0", "1h30m"], ["10", "", "ten"]),
        ("aws_lambda_function", "filename", ["a/b.zip"], ["a/b"]),
        ("aws_lambda_function", "timeout", [1, 900], [0, 901]),
        ("aws_lambda_function", "memory_size", [128, 10_240], [127, 10_241]),
        ("aws_db_instance", "backup_retention_period", [0, 35], [-1, 36]),
        ("aws_rds_cluster", "backup_retention_period", [1, 35], [0, 36]),
        (
            "aws_iam_role_policy_attachment",
            "policy_arn",
            [
                "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
                "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
                "arn:aws:iam::111122223333:policy/own",
            ],
            ["arn:aws-cn:iam::aws:policy/AWSLambdaBasicExecutionRole", "AmazonSSMManagedInstanceCore"],
        ),
        ("aws_vpc", "tags.Name", ["shop-dev", "a b"], ["x" * 257, "a\x00"]),
        ("aws_vpc", "region", ["eu-west-1"], ["eu-west-9", "EU"]),
        ("aws_vpc", "depends_on", ["aws_vpc.v", "data.aws_partition.p"], ["v", "${aws_vpc.v}"]),
        ("aws_vpc", "lifecycle.prevent_destroy", [True], ["always"]),
        ("aws_vpc", "lifecycle.postcondition.error_message", ["It failed."], ["it failed", ""]),
        ("aws_vpc", "timeouts.create", ["30m", "1h30m", "90s"], ["30", "half an hour", ""]),
        ("aws_lb", "name", ["shop-dev"], ["internal-shop", "-a", "a" * 33]),
        ("aws_iam_role", "description", ["Tasks"], ["\N{EN DASH}"]),
    ],
)
def test_an_argument_takes_what_aws_takes(kind: str, path: str, right: list[Any], wrong: list[Any]) -> None:
    assert refused(kind, path, *right, *wrong) == wrong


def test_an_argument_that_is_in_no_table_has_no_rules() -> None:
    assert own_rules("aws_vpc", "nonsense") == ()
    assert own_rules("aws_vpc", "nonsense.more") == ()


def test_what_a_tag_is_called() -> None:
    names = ["Name", "a:b", "", "aws:x", "x" * 129]
    assert [name for name in names if not all(rule.accepts(name) for rule in everywhere.TAG_NAME)] == names[2:]
