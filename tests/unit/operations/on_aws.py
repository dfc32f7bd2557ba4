"""What AWS says and no emulator does: of tasks and instances that run, and of requests that are answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from lib.operations.deployment import Deployment
from tests.unit.operations.recorded import Recording

TASK = "arn:aws:ecs:sa-east-1:123456789012:task/cluster/0123456789abcdef"
MISSING = "/verification/no-such-object"


def on_aws(blueprint: str) -> Recording:
    """A right deployment of a blueprint in a real account."""
    recording = Recording(blueprint)
    stack = recording.deployment()
    recording.change("ec2 describe_flow_logs", "FlowLogs.*.DeliverLogsStatus", "SUCCESS")
    # Those of NAT gateways have no group.
    recording.change(
        "ec2 describe_network_interfaces",
        "NetworkInterfaces.*.Groups",
        lambda groups: [group for group in groups if group["GroupName"] != "default"],
    )
    recording.change(
        "sns list_subscriptions_by_topic", "Subscriptions.*.SubscriptionArn", "arn:aws:sns:eu-west-1:1:alarms:2"
    )
    if "database_secret_arn" in stack:
        _rotate(recording, stack)
    for service in stack.all("service_names"):
        _run(recording, stack, service)
    for fleet in stack.all("autoscaling_group_names"):
        _start(recording, stack, fleet)
    if stack.has_tls:
        plain = stack["load_balancer_url"].replace("https:", "http:")
        recording.page(plain, 301, location=f"{stack['load_balancer_url']}:443/")
    if "http_api_id" in stack:
        recording.page(f"{stack['http_api_url'].rstrip('/')}/health", 200)
    if "cdn_distribution_id" in stack:
        _serve_assets(recording, stack)
    if "function_names" in stack:
        errors = json.dumps({"errors": {"amount": "must be positive"}})
        recording.page(f"{stack['url']}/transactions", 400, errors, "POST")
        recording.page(f"{stack['url']}/transactions/{'0' * 32}", 404)
    recording.aws.asked.clear()
    return recording


def ready_url(stack: Deployment) -> str:
    return f"{stack['url'].rstrip('/')}/ready"


def _rotate(recording: Recording, stack: Deployment) -> None:
    """The function has made a first value, and a second one since."""
    labels = {"one": ["AWSPREVIOUS"], "two": ["AWSCURRENT", "AWSPENDING"]}
    described = stack.ask("secretsmanager", "describe_secret", SecretId=stack["database_secret_arn"])
    now = {"VersionIdsToStages": labels, "NextRotationDate": datetime.now(UTC) + timedelta(days=20)}
    recording.answer("secretsmanager describe_secret", described | now, SecretId=stack["database_secret_arn"])


def _run(recording: Recording, stack: Deployment, service: str) -> None:
    definition = stack["task_definition_arns"][service]
    recording.change("ecs describe_services", "services.0.runningCount", stack.service(service)["desiredCount"])
    recording.change("ecs describe_services", "services.0.deployments.0.rolloutState", "COMPLETED")
    task = {"taskArn": TASK, "lastStatus": "RUNNING", "healthStatus": "HEALTHY", "taskDefinitionArn": definition}
    cluster, name = stack["cluster_name"], stack["service_names"][service]
    for status, arns in (("RUNNING", [TASK]), ("STOPPED", [])):
        recording.answer("ecs list_tasks", {"taskArns": arns}, cluster=cluster, serviceName=name, desiredStatus=status)
    recording.answer("ecs describe_tasks", {"tasks": [task]}, cluster=cluster, tasks=[TASK])
    healthy = [{"Target": {"Id": "10.0.3.4"}, "TargetHealth": {"State": "healthy"}}]
    group = stack["target_group_arns"][service]
    recording.answer("elbv2 describe_target_health", {"TargetHealthDescriptions": healthy}, TargetGroupArn=group)
    variables = stack.environment(service)
    stores = {"cache": "CACHE_HOST", "database": "DATABASE_HOST", "files": "FILES_PATH"}
    secrets: dict[str, object] = dict.fromkeys(variables.get("EXPECTED_SECRETS", "").split(), True)
    _answer(recording, stack, {name: "reached" for name, it in stores.items() if it in variables}, secrets)


def _start(recording: Recording, stack: Deployment, fleet: str) -> None:
    metadata = {"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    instance = "Reservations.0.Instances.0"
    recording.change("ec2 describe_instances", f"{instance}.MetadataOptions", metadata)
    group = {"GroupId": stack["fleet_security_group_ids"][fleet]}
    recording.change("ec2 describe_instances", f"{instance}.SecurityGroups", [group])
    recording.change("ec2 describe_instances", f"{instance}.PublicIpAddress", None)
    tags = [{"Key": key, "Value": value} for key, value in stack.tags.items()]
    key = stack.key("disks")["Arn"]
    for member, value in {"Encrypted": True, "KmsKeyId": key, "Tags": tags}.items():
        recording.change("ec2 describe_volumes", f"Volumes.*.{member}", value)
    (id,) = [each["InstanceId"] for each in stack.group(fleet)["Instances"]]
    managed = [{"InstanceId": id, "PingStatus": "Online"}]
    recording.change("ssm describe_instance_information", "", {"InstanceInformationList": managed})
    recording.change("logs describe_log_streams", "", {"logStreams": [{"logStreamName": f"{id}/application"}]})
    _answer(recording, stack, {"database": "reached"}, {"DATABASE_SECRET_ARN": "by reference"})


def _answer(recording: Recording, stack: Deployment, stores: dict[str, str], secrets: dict[str, object]) -> None:
    recording.page(f"{stack['url'].rstrip('/')}/health", 200)
    recording.page(ready_url(stack), 200, json.dumps({"stores": stores, "secrets": secrets}))


def _serve_assets(recording: Recording, stack: Deployment) -> None:
    url = stack["cdn_url"] + MISSING
    headers = {"strict_transport_security": "max-age=31536000", "x_content_type_options": "nosniff"}
    recording.page(url, 404, **headers)
    recording.page(url.replace("https:", "http:"), 301, location=url)
    bucket = stack["bucket_names"]["assets"]
    recording.page(f"https://{bucket}.s3.{stack.region}.amazonaws.com{MISSING}", 403)
