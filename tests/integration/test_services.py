"""The services: deployed, running, healthy, and answering."""

from __future__ import annotations

import json
from typing import cast

import pytest
import urllib3

from lib import responder
from tests.integration.deployment import Block, Deployment

TIMEOUT_SECONDS = 10


def described(deployment: Deployment, service: str) -> Block:
    answer = deployment.client("ecs").describe_services(
        cluster=deployment["cluster_name"], services=[deployment["service_names"][service]]
    )
    (found,) = answer["services"]
    return cast(Block, found)


def fetched(url: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request("GET", url, timeout=TIMEOUT_SECONDS, redirect=False, retries=False)


def is_default(deployment: Deployment, service: str) -> bool:
    """Whether any request that nobody else takes comes to this service."""
    rules = deployment.client("elbv2").describe_rules(ListenerArn=deployment["listener_arn"])["Rules"]
    arn = deployment["target_group_arns"][service]
    (rule,) = [rule for rule in rules if any(action.get("TargetGroupArn") == arn for action in rule["Actions"])]
    return [condition.get("PathPatternConfig", {}).get("Values") for condition in rule["Conditions"]] == [["/*"]]


def test_service_is_active_on_the_task_definition_that_was_deployed(deployment: Deployment, service: str) -> None:
    found = described(deployment, service)
    assert found["status"] == "ACTIVE"
    # After a rollback it would be an older one.
    assert found["taskDefinition"] == deployment["task_definition_arns"][service]
    assert found["desiredCount"] >= 1


def test_service_goes_back_from_a_failed_deployment(deployment: Deployment, service: str) -> None:
    breaker = described(deployment, service)["deploymentConfiguration"]["deploymentCircuitBreaker"]
    assert (breaker["enable"], breaker["rollback"]) == (True, True)


def test_tasks_are_in_the_private_subnets_without_an_address_of_their_own(deployment: Deployment, service: str) -> None:
    network = described(deployment, service)["networkConfiguration"]["awsvpcConfiguration"]
    assert set(network["subnets"]) == set(deployment["private_subnet_ids"])
    assert network["assignPublicIp"] == "DISABLED"
    assert network["securityGroups"] == [deployment["service_security_group_ids"][service]]


def test_number_of_tasks_follows_load(deployment: Deployment, service: str) -> None:
    scaling = deployment.client("application-autoscaling")
    resource = f"service/{deployment['cluster_name']}/{deployment['service_names'][service]}"
    of_this = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
    (target,) = scaling.describe_scalable_targets(ResourceIds=[resource], **of_this)["ScalableTargets"]
    assert 1 <= target["MinCapacity"] <= described(deployment, service)["desiredCount"] <= target["MaxCapacity"]
    policies = scaling.describe_scaling_policies(ResourceId=resource, **of_this)["ScalingPolicies"]
    assert {policy["PolicyType"] for policy in policies} <= {"TargetTrackingScaling"}


@pytest.mark.usefixtures("real_account")
def test_every_task_runs_and_the_deployment_is_complete(deployment: Deployment, service: str) -> None:
    found = described(deployment, service)
    assert found["runningCount"] == found["desiredCount"]
    assert [each["rolloutState"] for each in found["deployments"]] == ["COMPLETED"], found["events"][:3]


@pytest.mark.usefixtures("real_account")
def test_every_task_is_healthy(deployment: Deployment, service: str) -> None:
    ecs, cluster = deployment.client("ecs"), deployment["cluster_name"]
    arns = ecs.list_tasks(cluster=cluster, serviceName=deployment["service_names"][service])["taskArns"]
    assert arns
    tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
    healthy = "HEALTHY" if "healthCheck" in deployment.container(service) else "UNKNOWN"
    assert {(task["lastStatus"], task["healthStatus"]) for task in tasks} == {("RUNNING", healthy)}


@pytest.mark.usefixtures("real_account")
def test_load_balancer_finds_every_target_healthy(deployment: Deployment, service: str) -> None:
    targets = deployment.client("elbv2").describe_target_health(TargetGroupArn=deployment["target_group_arns"][service])
    states = [each["TargetHealth"]["State"] for each in targets["TargetHealthDescriptions"]]
    assert states
    assert set(states) <= {"healthy", "draining"}
    assert "healthy" in states


@pytest.mark.usefixtures("real_account")
def test_health_check_is_answered_over_the_url(deployment: Deployment, service: str) -> None:
    if not is_default(deployment, service):
        pytest.skip(f"{service} has rules of its own; its targets' health tells")
    path = deployment.target_group(service)["HealthCheckPath"]
    assert fetched(deployment["url"] + path).status == 200


@pytest.mark.usefixtures("real_account")
def test_cache_database_files_and_secrets_are_reached_from_a_task(deployment: Deployment, service: str) -> None:
    if deployment.container(service)["image"] != responder.IMAGE:
        pytest.skip(f"{service} runs an image of its own, which need not have /ready")
    if not is_default(deployment, service):
        pytest.skip(f"{service} has rules of its own, which need not lead /ready to it")
    answer = fetched(f"{deployment['url']}/ready")
    assert answer.status == 200, answer.data
    report = json.loads(answer.data)
    variables = deployment.environment(service)
    expected = {"cache": "CACHE_HOST", "database": "DATABASE_HOST", "files": "FILES_PATH"}
    assert report["stores"] == {name: "reached" for name, variable in expected.items() if variable in variables}
    assert report["secrets"] == dict.fromkeys(variables["EXPECTED_SECRETS"].split(), True)


@pytest.mark.usefixtures("real_account")
def test_plain_http_is_redirected_where_there_is_tls(deployment: Deployment) -> None:
    if not deployment["url"].startswith("https:"):
        pytest.skip("the stack has no certificate")
    answer = fetched(deployment["url"].replace("https:", "http:", 1))
    assert answer.status == 301
    assert answer.headers["Location"].startswith("https://")
