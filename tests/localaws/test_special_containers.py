"""Cloud Map and ECS: what an entry of the table cannot say."""

from __future__ import annotations

from tests.localaws.local import client, make


def test_a_namespace_is_what_its_operation_names() -> None:
    made = make("aws_service_discovery_http_namespace", name="names", description="one")
    assert client("servicediscovery").get_namespace(Id=made["id"])["Namespace"]["Name"] == "names"


def test_a_description_of_a_namespace_is_changed_in_place() -> None:
    made = make("aws_service_discovery_http_namespace", name="described", description="one")
    before = made["id"]
    assert made.update(description="two")["id"] == before


def test_part_of_a_deployment_is_told_as_a_whole() -> None:
    cluster = make("aws_ecs_cluster", name="whole")
    definition = '[{"name": "a", "image": "a", "memory": 128, "essential": true}]'
    task = make("aws_ecs_task_definition", family="whole", container_definitions=definition)
    service = make(
        "aws_ecs_service",
        name="whole",
        cluster=cluster["arn"],
        task_definition=task["arn"],
        desired_count=1,
        deployment_maximum_percent=200,
        deployment_minimum_healthy_percent=100,
    )
    service.update(deployment_maximum_percent=150)
    (found,) = client("ecs").describe_services(cluster="whole", services=["whole"])["services"]
    assert found["deploymentConfiguration"] == {"maximumPercent": 150, "minimumHealthyPercent": 100}
