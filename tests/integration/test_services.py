"""The services: deployed, running, healthy, and answering."""

from __future__ import annotations

import json
from typing import cast

import pytest

from lib import responder
from lib.naming import Kind
from tests.integration.deployment import Block, Deployment, fetched


def described(deployment: Deployment, service: str) -> Block:
    answer = deployment.client("ecs").describe_services(
        cluster=deployment["cluster_name"], services=[deployment["service_names"][service]]
    )
    (found,) = answer["services"]
    return cast(Block, found)


@pytest.fixture
def cluster(deployment: Deployment) -> Block:
    included = ["SETTINGS", "CONFIGURATIONS"]
    answer = deployment.client("ecs").describe_clusters(clusters=[deployment["cluster_name"]], include=included)
    (found,) = answer["clusters"]
    return cast(Block, found)


@pytest.mark.unit("cluster_name")
def test_cluster_is_active_in_its_namespace(deployment: Deployment, cluster: Block) -> None:
    assert (cluster["status"], cluster["clusterArn"]) == ("ACTIVE", deployment["cluster_arn"])
    assert cluster["serviceConnectDefaults"]["namespace"] == deployment["namespace_arn"]


@pytest.mark.unit("cluster_name")
def test_sessions_in_containers_are_encrypted_and_recorded(deployment: Deployment, cluster: Block) -> None:
    session = cluster["configuration"]["executeCommandConfiguration"]
    assert deployment.is_key_of("logs", session["kmsKeyId"])
    group = deployment.names.of(Kind.LOG_GROUP, "cluster", "sessions")
    assert session["logConfiguration"]["cloudWatchLogGroupName"] == group


@pytest.mark.unit("cluster_name")
def test_containers_are_measured_where_alarms_need_it(deployment: Deployment, cluster: Block) -> None:
    needing = {deployment.names.of(Kind.ALARM, service, "tasks") for service in deployment["service_names"]}
    if not needing & set(deployment["alarm_names"]):
        pytest.skip("the stack has no Container Insights")
    settings = {each["name"]: each["value"] for each in cluster["settings"]}
    assert settings["containerInsights"] in ("enabled", "enhanced")


def test_service_is_active_on_the_task_definition_that_was_deployed(deployment: Deployment, service: str) -> None:
    found = described(deployment, service)
    assert found["status"] == "ACTIVE"
    # After a rollback it would be an older one.
    assert found["taskDefinition"] == deployment["task_definition_arns"][service]
    assert found["desiredCount"] >= 1


def test_service_goes_back_from_a_failed_deployment(deployment: Deployment, service: str) -> None:
    breaker = described(deployment, service)["deploymentConfiguration"]["deploymentCircuitBreaker"]
    assert (breaker["enable"], breaker["rollback"]) == (True, True)


def test_service_is_found_by_its_name_through_service_connect(deployment: Deployment, service: str) -> None:
    (current,) = [each for each in described(deployment, service)["deployments"] if each["status"] == "PRIMARY"]
    connect = current["serviceConnectConfiguration"]
    assert (connect["enabled"], connect["namespace"]) == (True, deployment["namespace_arn"])
    assert [alias["dnsName"] for each in connect["services"] for alias in each["clientAliases"]] == [service]


def test_tasks_are_in_the_private_subnets_without_an_address_of_their_own(deployment: Deployment, service: str) -> None:
    network = described(deployment, service)["networkConfiguration"]["awsvpcConfiguration"]
    assert set(network["subnets"]) == set(deployment["private_subnet_ids"])
    assert network["assignPublicIp"] == "DISABLED"
    assert network["securityGroups"] == [deployment["service_security_group_ids"][service]]


def test_application_and_ecs_have_different_roles(deployment: Deployment, service: str) -> None:
    definition = deployment.task_definition(service)
    assert definition["taskRoleArn"] == deployment["task_role_arns"][service]
    assert definition["executionRoleArn"] != definition["taskRoleArn"]


def test_application_logs_to_its_group(deployment: Deployment, service: str) -> None:
    options = deployment.container(service)["logConfiguration"]["options"]
    assert options["awslogs-group"] == deployment["service_log_group_names"][service]


def test_load_balancer_hands_requests_to_the_tasks(deployment: Deployment, service: str) -> None:
    arn = deployment["target_group_arns"][service]
    (attached,) = described(deployment, service)["loadBalancers"]
    assert attached["targetGroupArn"] == arn
    assert attached["containerPort"] == deployment.target_group(service)["Port"]
    assert deployment.target_group(service)["HealthCheckEnabled"] is True


def test_number_of_tasks_follows_load(deployment: Deployment, service: str) -> None:
    scaling = deployment.client("application-autoscaling")
    resource = f"service/{deployment['cluster_name']}/{deployment['service_names'][service]}"
    of_this = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
    (target,) = scaling.describe_scalable_targets(ResourceIds=[resource], **of_this)["ScalableTargets"]
    assert 1 <= target["MinCapacity"] <= described(deployment, service)["desiredCount"] <= target["MaxCapacity"]
    assert [what for what, is_suspended in target.get("SuspendedState", {}).items() if is_suspended] == []
    policies = scaling.describe_scaling_policies(ResourceId=resource, **of_this)["ScalingPolicies"]
    assert {policy["PolicyType"] for policy in policies} == {"TargetTrackingScaling"}


@pytest.mark.real_account
def test_every_task_runs_and_the_deployment_is_complete(deployment: Deployment, service: str) -> None:
    found = described(deployment, service)
    assert found["runningCount"] == found["desiredCount"]
    assert [each["rolloutState"] for each in found["deployments"]] == ["COMPLETED"], found["events"][:3]


@pytest.mark.real_account
def test_every_task_is_healthy(deployment: Deployment, service: str) -> None:
    ecs, cluster = deployment.client("ecs"), deployment["cluster_name"]
    of_service = {"cluster": cluster, "serviceName": deployment["service_names"][service]}
    pages = ecs.get_paginator("list_tasks").paginate(**of_service, PaginationConfig={"PageSize": 100})
    tasks = [
        task
        for page in pages
        if page["taskArns"]
        for task in ecs.describe_tasks(cluster=cluster, tasks=page["taskArns"])["tasks"]
    ]
    healthy = "HEALTHY" if "healthCheck" in deployment.container(service) else "UNKNOWN"
    assert {(task["lastStatus"], task["healthStatus"]) for task in tasks} == {("RUNNING", healthy)}


@pytest.mark.real_account
def test_load_balancer_finds_every_target_healthy(deployment: Deployment, service: str) -> None:
    states = set(deployment.target_states(service).values())
    assert states <= {"healthy", "draining"}
    assert "healthy" in states


@pytest.mark.real_account
def test_health_check_is_answered_over_the_url(deployment: Deployment, service: str) -> None:
    if not deployment.is_default(service):
        pytest.skip(f"{service} has rules of its own; its targets' health tells")
    path = deployment.target_group(service)["HealthCheckPath"]
    assert fetched(deployment["url"] + path).status == 200


@pytest.mark.real_account
def test_cache_database_files_and_secrets_are_reached_from_a_task(deployment: Deployment, service: str) -> None:
    if deployment.container(service)["image"] != responder.IMAGE:
        pytest.skip(f"{service} runs an image of its own, which need not have /ready")
    if not deployment.is_default(service):
        pytest.skip(f"{service} has rules of its own, which need not lead /ready to it")
    answer = fetched(f"{deployment['url']}/ready")
    assert answer.status == 200, answer.data
    report = json.loads(answer.data)
    variables = deployment.environment(service)
    expected = {"cache": "CACHE_HOST", "database": "DATABASE_HOST", "files": "FILES_PATH"}
    assert report["stores"] == {name: "reached" for name, variable in expected.items() if variable in variables}
    assert report["secrets"] == dict.fromkeys(variables["EXPECTED_SECRETS"].split(), True)
