"""Tasks, functions and instances."""

from __future__ import annotations

from lib.evidence.reading import decoded
from lib.evidence.values.rule import Rule, between, boolean, matching, one_of

_AWS = "https://docs.aws.amazon.com/"
_TERRAFORM = "https://github.com/hashicorp/terraform-provider-aws/blob/v6.25.0/website/docs/r/{}.html.markdown"
_ECS = f"{_AWS}AmazonECS/latest/APIReference/API_"
_LOGS = f"{_AWS}AmazonECS/latest/developerguide/using_awslogs.html"
_ASG = f"{_AWS}autoscaling/ec2/APIReference/API_"
_LAMBDA = f"{_AWS}lambda/latest/dg/gettingstarted-limits.html"
_EC2 = f"{_AWS}AWSEC2/latest/APIReference/API_"

_NAME = r"[A-Za-z0-9_-]{1,255}"
_IN_A_FOLDER = (
    *("AWSLambdaBasicExecutionRole", "AWSLambdaDynamoDBExecutionRole", "AWSLambdaKinesisExecutionRole"),
    *("AWSLambdaSQSQueueExecutionRole", "AWSLambdaVPCAccessExecutionRole", "AmazonAPIGatewayPushToCloudWatchLogs"),
    *("AmazonEC2ContainerServiceforEC2Role", "AmazonECSTaskExecutionRolePolicy", "AmazonRDSEnhancedMonitoringRole"),
)
"""Policies of AWS's for roles of services, whose ARNs have `service-role/` before the name."""
_IMAGE = r"(?:[a-z0-9.-]+(?::\d+)?/)?[a-z0-9._/-]+(?::[\w.-]{1,128}|@sha256:[0-9a-f]{64})"
_STRATEGY = (
    matching(
        r"FARGATE|FARGATE_SPOT|(?!aws|ecs|fargate)[A-Za-z0-9_-]{1,255}", f"{_ECS}CapacityProviderStrategyItem.html"
    ),
)
_VARIABLE = (matching(r"[A-Za-z_][A-Za-z0-9_.-]*", f"{_ECS}KeyValuePair.html"),)
_PATH = (matching(r"/[^\x00:]*", f"{_ECS}MountPoint.html"),)
_PORT_NAME = (matching(r"[a-z0-9][a-z0-9_-]{0,63}", f"{_ECS}PortMapping.html"),)
_REGION = r"[a-z]{2,4}(?:-[a-z]+)+-\d"
_SIZE = r"\d+[kmg]"


def _json(source: str) -> Rule:
    return Rule("patterns", "a JSON document", source, lambda value: decoded(value) is not None)


def _log_options(prefix: str) -> dict[tuple[str, str], tuple[Rule, ...]]:
    kind, path = prefix.split(":")
    return {
        (kind, f"{path}.awslogs-region"): (matching(_REGION, _LOGS),),
        (kind, f"{path}.awslogs-stream-prefix"): (matching(r"[^:*]{1,256}", _LOGS),),
        (kind, f"{path}.max-buffer-size"): (matching(_SIZE, _LOGS),),
        (kind, f"{path}.mode"): (one_of("blocking", "non-blocking", source=_LOGS),),
    }


ARGUMENTS: dict[tuple[str, str], tuple[Rule, ...]] = {
    **_log_options("aws_ecs_task_definition:container_definitions.logConfiguration.options"),
    **_log_options("aws_ecs_service:service_connect_configuration.log_configuration.options"),
    ("aws_ecs_cluster", "setting.value"): (
        one_of("enhanced", "enabled", "disabled", source=f"{_ECS}ClusterSetting.html"),
    ),
    ("aws_ecs_cluster_capacity_providers", "capacity_providers"): _STRATEGY,
    ("aws_ecs_cluster_capacity_providers", "default_capacity_provider_strategy.capacity_provider"): _STRATEGY,
    ("aws_ecs_service", "capacity_provider_strategy.capacity_provider"): _STRATEGY,
    ("aws_ecs_service", "deployment_maximum_percent"): (between(100, 2_000, f"{_ECS}DeploymentConfiguration.html"),),
    ("aws_ecs_service", "deployment_minimum_healthy_percent"): (
        between(0, 100, f"{_ECS}DeploymentConfiguration.html"),
    ),
    ("aws_ecs_service", "desired_count"): (
        between(0, 5_000, f"{_AWS}AmazonECS/latest/developerguide/service-quotas.html"),
    ),
    ("aws_ecs_service", "force_new_deployment"): (boolean(_TERRAFORM.format("ecs_service")),),
    ("aws_ecs_service", "health_check_grace_period_seconds"): (between(0, 2_147_483_647, f"{_ECS}CreateService.html"),),
    ("aws_ecs_service", "load_balancer.container_name"): (matching(_NAME, f"{_ECS}LoadBalancer.html"),),
    ("aws_ecs_service", "load_balancer.container_port"): (between(1, 65_535, f"{_ECS}LoadBalancer.html"),),
    ("aws_ecs_service", "wait_for_steady_state"): (boolean(_TERRAFORM.format("ecs_service")),),
    ("aws_ecs_task_definition", "container_definitions.name"): (matching(_NAME, f"{_ECS}ContainerDefinition.html"),),
    ("aws_ecs_task_definition", "container_definitions.image"): (matching(_IMAGE, f"{_ECS}ContainerDefinition.html"),),
    ("aws_ecs_task_definition", "container_definitions.environment.name"): _VARIABLE,
    ("aws_ecs_task_definition", "container_definitions.secrets.name"): _VARIABLE,
    ("aws_ecs_task_definition", "container_definitions.healthCheck.interval"): (
        between(5, 300, f"{_ECS}HealthCheck.html"),
    ),
    ("aws_ecs_task_definition", "container_definitions.healthCheck.retries"): (
        between(1, 10, f"{_ECS}HealthCheck.html"),
    ),
    ("aws_ecs_task_definition", "container_definitions.healthCheck.startPeriod"): (
        between(0, 300, f"{_ECS}HealthCheck.html"),
    ),
    ("aws_ecs_task_definition", "container_definitions.healthCheck.timeout"): (
        between(2, 60, f"{_ECS}HealthCheck.html"),
    ),
    ("aws_ecs_task_definition", "container_definitions.mountPoints.containerPath"): _PATH,
    ("aws_ecs_task_definition", "container_definitions.mountPoints.sourceVolume"): (
        matching(_NAME, f"{_ECS}MountPoint.html"),
    ),
    ("aws_ecs_task_definition", "container_definitions.portMappings.containerPort"): (
        between(1, 65_535, f"{_ECS}PortMapping.html"),
    ),
    ("aws_ecs_task_definition", "container_definitions.portMappings.hostPort"): (
        between(0, 65_535, f"{_ECS}PortMapping.html"),
    ),
    ("aws_ecs_task_definition", "container_definitions.portMappings.name"): _PORT_NAME,
    ("aws_ecs_service", "service_connect_configuration.service.port_name"): _PORT_NAME,
    ("aws_ecs_service", "service_connect_configuration.service.discovery_name"): _PORT_NAME,
    ("aws_ecs_service", "service_connect_configuration.service.client_alias.dns_name"): (
        matching(r"(?=.{1,127}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", f"{_ECS}ServiceConnectClientAlias.html"),
    ),
    ("aws_ecs_task_definition", "container_definitions.secrets.valueFrom"): (
        matching(r"arn:[\w:/.+=@-]+|/?[\w./-]+", f"{_ECS}Secret.html"),
    ),
    # Fargate kills after 120 s at the latest.
    ("aws_ecs_task_definition", "container_definitions.stopTimeout"): (
        between(0, 120, f"{_ECS}ContainerDefinition.html"),
    ),
    ("aws_ecs_task_definition", "container_definitions.systemControls.namespace"): (
        matching(r"(?:net\.|fs\.mqueue\.|kernel\.(?:msg|sem|shm))[\w.]*", f"{_ECS}SystemControl.html"),
    ),
    ("aws_ecs_task_definition", "container_definitions.systemControls.value"): (
        matching(r"\d+(?:[ \t]\d+)*", f"{_ECS}SystemControl.html"),
    ),
    ("aws_ecs_task_definition", "container_definitions.user"): (
        matching(r"(?:\d+|[a-z_][a-z0-9_-]*)(?::(?:\d+|[a-z_][a-z0-9_-]*))?", f"{_ECS}ContainerDefinition.html"),
    ),
    ("aws_ecs_task_definition", "cpu"): (matching(r"\d+(?:\.\d+)? ?(?:vCPU)?", f"{_ECS}RegisterTaskDefinition.html"),),
    ("aws_ecs_task_definition", "memory"): (
        matching(r"\d+(?:\.\d+)? ?(?:GB|MB)?", f"{_ECS}RegisterTaskDefinition.html"),
    ),
    ("aws_ecs_task_definition", "volume.name"): (matching(_NAME, f"{_ECS}Volume.html"),),
    ("aws_ecs_task_definition", "skip_destroy"): (boolean(_TERRAFORM.format("ecs_task_definition")),),
    ("aws_autoscaling_group", "default_instance_warmup"): (
        between(0, 3_600 * 24, f"{_ASG}CreateAutoScalingGroup.html"),
    ),
    ("aws_autoscaling_group", "health_check_grace_period"): (
        between(0, 3_600 * 24, f"{_ASG}CreateAutoScalingGroup.html"),
    ),
    ("aws_autoscaling_group", "min_elb_capacity"): (between(0, 10_000, _TERRAFORM.format("autoscaling_group")),),
    ("aws_autoscaling_group", "wait_for_capacity_timeout"): (
        matching(r"0|(?:\d+h)?(?:\d+m)?(?:\d+s)?(?<=.)", _TERRAFORM.format("autoscaling_group"), check="schedules"),
    ),
    ("aws_iam_role_policy_attachment", "policy_arn"): (
        matching(
            rf"(?!arn:[\w-]+:iam::aws:policy/(?:{'|'.join(_IN_A_FOLDER)})$)arn:[\w-]+:iam::(?:aws|\d{{12}}):policy/.+",
            f"{_AWS}aws-managed-policy/latest/reference/policy-list.html",
            allowed="the ARN of a policy; those of AWS's for services have `service-role/` before the name",
        ),
    ),
    ("aws_lambda_function", "filename"): (matching(r"[^\x00]+\.(?:zip|jar)", _TERRAFORM.format("lambda_function")),),
    ("aws_lambda_invocation", "input"): (_json(_TERRAFORM.format("lambda_invocation")),),
    ("aws_lambda_function", "memory_size"): (between(128, 10_240, _LAMBDA),),
    ("aws_lambda_function", "timeout"): (between(1, 900, _LAMBDA),),
    ("aws_lambda_function", "source_code_hash"): (
        matching(r"[A-Za-z0-9+/]{43}=", _TERRAFORM.format("lambda_function")),
    ),
    ("aws_launch_template", "block_device_mappings.ebs.volume_size"): (
        between(1, 65_536, f"{_EC2}EbsBlockDevice.html"),
    ),
    ("aws_launch_template", "network_interfaces.device_index"): (
        between(0, 15, f"{_EC2}LaunchTemplateInstanceNetworkInterfaceSpecificationRequest.html"),
    ),
    ("aws_launch_template", "update_default_version"): (boolean(_TERRAFORM.format("launch_template")),),
    ("aws_launch_template", "metadata_options.http_put_response_hop_limit"): (
        between(1, 64, f"{_EC2}LaunchTemplateInstanceMetadataOptionsRequest.html"),
    ),
}
