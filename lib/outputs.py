"""What others read of a deployed stack: operators, integration tests, other stacks. A public contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdktf import TerraformOutput

if TYPE_CHECKING:
    from lib.tap_stack import TapStack


@dataclass(frozen=True)
class Output:
    """One output. There are no secret ones: of a secret it is the ARN."""

    name: str
    value: Any
    description: str


def add_outputs(stack: TapStack) -> None:
    for output in outputs(stack):
        TerraformOutput(stack, output.name, value=output.value, description=output.description)


def outputs(stack: TapStack) -> Iterator[Output]:
    """All outputs; those of a unit that is left out are absent."""
    yield from _environment(stack)
    yield from _network(stack)
    yield from _entry(stack)
    yield from _services(stack)
    yield from _fleets(stack)
    yield from _functions(stack)
    yield from _stores(stack)
    yield from _watching(stack)


def _environment(stack: TapStack) -> Iterator[Output]:
    settings = stack.settings
    yield Output("project", settings.name, "Name of the project, first part of every physical name")
    yield Output("environment_suffix", settings.suffix, "Environment, second part of every physical name")
    yield Output("tier", settings.tier, "Tier whose defaults apply: dev, staging or prod")
    yield Output("region", settings.region, "AWS region")


def _network(stack: TapStack) -> Iterator[Output]:
    network = stack.network
    yield Output("vpc_id", network.vpc_id, "Id of the VPC")
    yield Output("public_subnet_ids", network.public_subnet_ids, "Subnets with a route to the internet, by zone")
    yield Output(
        "private_subnet_ids", network.private_subnet_ids, "Subnets of tasks and instances, way out by NAT, by zone"
    )
    yield Output("isolated_subnet_ids", network.isolated_subnet_ids, "Subnets of the stores, no way out, by zone")
    yield Output("nat_gateway_ids", network.nat_gateway_ids, "NAT gateways, by zone or one for all")


def _entry(stack: TapStack) -> Iterator[Output]:
    balancer, settings = stack.load_balancer, stack.settings.load_balancer
    url = f"{balancer.url_scheme}://{stack.settings.domain(settings.domain_name) or balancer.dns_name}"
    yield Output(
        "url",
        stack.http_api.url if stack.http_api and settings.internal else url,
        "Where users reach the platform",
    )
    yield Output("load_balancer_url", url, "Where the load balancer is reached; from the VPC only when it is internal")
    yield Output("load_balancer_arn", balancer.arn, "ARN of the load balancer")
    yield Output("load_balancer_dns_name", balancer.dns_name, "Own DNS name of the load balancer")
    yield Output("load_balancer_zone_id", balancer.zone_id, "Hosted zone of that name, for alias records")
    yield Output("listener_arn", balancer.listener_arn, "Listener that the rules belong to")
    yield Output(
        "load_balancer_security_group_id", balancer.peer.security_group_id, "Security group of the load balancer"
    )
    if stack.firewall:
        yield Output("web_acl_arn", stack.firewall.arn, "ARN of the web ACL in front of the load balancer")
        yield Output(
            "web_acl_log_group_name", stack.firewall.log_group_name, "Log group of blocked and counted requests"
        )
    if api := stack.http_api:
        yield Output("http_api_url", api.url, "Where clients reach the HTTP API, its stage included")
        yield Output("http_api_id", api.id, "Id of the HTTP API")
        yield Output("http_api_stage_name", api.stage_name, "Its stage, named by the environment")
        yield Output("http_api_log_group_name", api.log_group_name, "Log group of its requests")
        yield Output("http_api_security_group_id", api.peer.security_group_id, "Security group of its VPC link")
    if cdn := stack.cdn:
        yield Output("cdn_url", cdn.url, "Where users reach the assets")
        yield Output("cdn_distribution_id", cdn.distribution_id, "Id of the distribution, for invalidations")
        yield Output("cdn_distribution_arn", cdn.arn, "ARN of the distribution")
        yield Output("cdn_domain_name", cdn.domain_name, "Own DNS name of the distribution")
    if stack.cdn_firewall:
        yield Output("cdn_web_acl_arn", stack.cdn_firewall.arn, "ARN of the web ACL in front of the CDN, in us-east-1")


def _services(stack: TapStack) -> Iterator[Output]:
    if not stack.cluster:
        return
    services = stack.services.items()
    yield Output("cluster_name", stack.cluster.name, "Name of the ECS cluster")
    yield Output("cluster_arn", stack.cluster.arn, "ARN of the ECS cluster")
    yield Output("namespace_arn", stack.cluster.namespace_arn, "Cloud Map namespace of Service Connect")
    for name, values, description in (
        ("service_names", {key: each.name for key, each in services}, "ECS service"),
        ("service_arns", {key: each.arn for key, each in services}, "ARN of the ECS service"),
        ("task_definition_arns", {key: each.task_definition_arn for key, each in services}, "task definition deployed"),
        ("task_role_arns", {key: each.task_role_arn for key, each in services}, "role of the application"),
        ("target_group_arns", {key: each.target_group_arn for key, each in services}, "target group"),
        ("service_log_group_names", {key: each.log_group_name for key, each in services}, "log group"),
        (
            "service_security_group_ids",
            {key: each.peer.security_group_id for key, each in services},
            "security group of the tasks",
        ),
    ):
        yield Output(name, values, f"Service -> {description}")


def _fleets(stack: TapStack) -> Iterator[Output]:
    fleets = stack.fleets.items()
    for name, values, description in (
        ("autoscaling_group_names", {key: each.group_name for key, each in fleets}, "Auto Scaling group"),
        ("launch_template_ids", {key: each.launch_template_id for key, each in fleets}, "launch template"),
        ("instance_role_arns", {key: each.role_arn for key, each in fleets}, "role of the instances"),
        ("fleet_target_group_arns", {key: each.target_group_arn for key, each in fleets}, "target group"),
        ("fleet_log_group_names", {key: each.log_group_name for key, each in fleets}, "log group"),
        (
            "fleet_security_group_ids",
            {key: each.peer.security_group_id for key, each in fleets},
            "security group of the instances",
        ),
    ):
        if values:
            yield Output(name, values, f"Fleet -> {description}")


def _functions(stack: TapStack) -> Iterator[Output]:
    functions = stack.functions.items()
    for name, values, description in (
        ("function_names", {key: each.name for key, each in functions}, "Lambda function"),
        ("function_arns", {key: each.arn for key, each in functions}, "ARN of the Lambda function"),
        ("function_log_group_names", {key: each.log_group_name for key, each in functions}, "log group"),
        (
            "function_dead_letter_queue_urls",
            {key: each.dead_letter_queue_url for key, each in functions},
            "queue of the events that it failed on",
        ),
    ):
        if values:
            yield Output(name, values, f"Function -> {description}")


def _stores(stack: TapStack) -> Iterator[Output]:
    if cache := stack.cache:
        yield Output("cache_name", cache.name, "Name of the cache or id of the replication group")
        yield Output("cache_arn", cache.arn, "ARN of the cache")
        yield Output("cache_endpoint", cache.endpoint, "Host name of the cache (the primary's)")
        yield Output("cache_port", cache.port, "Port of the cache, TLS only")
        yield Output("cache_security_group_id", cache.peer.security_group_id, "Security group of the cache")
    if database := stack.database:
        yield Output("database_identifier", database.name, "Identifier of the database instance or cluster")
        yield Output("database_arn", database.arn, "ARN of the database instance or cluster")
        yield Output("database_endpoint", database.endpoint, "Host name and port of the database (the writer's)")
        yield Output("database_address", database.address, "Host name of the database (the writer's)")
        yield Output("database_port", database.port, "Port of the database, TLS only")
        if database.reader_address:
            yield Output("database_reader_address", database.reader_address, "Host name of the readers")
        yield Output(
            "database_master_secret_arn",
            database.master_secret_arn,
            "Secret of the user that may do everything, kept by RDS",
        )
        yield Output("database_security_group_id", database.peer.security_group_id, "Security group of the database")
    if rotation := stack.rotation:
        yield Output(
            "database_secret_arn", rotation.secret_arn, "Secret with the username and password of applications"
        )
        yield Output("rotation_function_name", rotation.function_name, "Function that rotates that password")
        yield Output("rotation_function_arn", rotation.function_arn, "ARN of that function")
        yield Output("rotation_log_group_name", rotation.log_group_name, "Log group of that function")
        yield Output("rotation_security_group_id", rotation.peer.security_group_id, "Security group of that function")
    if files := stack.files:
        yield Output("file_system_id", files.file_system_id, "Id of the shared file system")
        yield Output("file_system_arn", files.arn, "ARN of the shared file system")
        yield Output("access_point_id", files.access_point_id, "Access point through which tasks mount it")
        yield Output("files_security_group_id", files.peer.security_group_id, "Security group of the mount targets")
    if secrets := stack.secrets:
        yield Output("secret_arns", secrets.arns, "Secret -> ARN")
    if tables := stack.tables:
        yield Output("table_names", {key: each.name for key, each in tables.items()}, "Table -> name in DynamoDB")
        yield Output("table_arns", {key: each.arn for key, each in tables.items()}, "Table -> ARN")
    if buckets := stack.buckets:
        yield Output("bucket_names", {key: each.name for key, each in buckets.items()}, "Bucket -> name in S3")
        yield Output("bucket_arns", {key: each.arn for key, each in buckets.items()}, "Bucket -> ARN")


def _watching(stack: TapStack) -> Iterator[Output]:
    yield Output("alarm_topic_arn", stack.notifications.topic_arn, "Topic of alarms and failed deployments")
    if stack.edge_notifications:
        topic_arn = stack.edge_notifications.topic_arn
        yield Output("edge_alarm_topic_arn", topic_arn, "Topic of the CDN's alarms, in us-east-1")
    yield Output("alarm_names", stack.alarms.names, "Names of all alarms")
    yield Output("dashboard_name", stack.dashboard.name, "Name of the overview dashboard")
