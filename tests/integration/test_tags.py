"""Tags: everything that the outputs name carries the environment's, so that cost and ownership can be told."""

from __future__ import annotations

import pytest

from tests.integration.deployment import Deployment, is_emulated

ARNS = ("load_balancer_arn", "cluster_arn", "cache_arn", "database_arn", "file_system_arn", "alarm_topic_arn")
ARNS_BY_NAME = ("service_arns", "task_definition_arns", "target_group_arns", "secret_arns")


@pytest.fixture(scope="module")
def tags(deployment: Deployment) -> dict[str, dict[str, str]]:
    """ARN -> tags, of all that carries the environment's suffix."""
    suffix = {"Key": "EnvironmentSuffix", "Values": [deployment["environment_suffix"]]}
    paginator = deployment.client("resourcegroupstaggingapi").get_paginator("get_resources")
    return {
        each["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]}
        for page in paginator.paginate(TagFilters=[suffix])
        for each in page["ResourceTagMappingList"]
    }


@pytest.mark.parametrize("output", [*ARNS, *ARNS_BY_NAME, "web_acl_arn"])
def test_carries_the_environments_tags(deployment: Deployment, tags: dict[str, dict[str, str]], output: str) -> None:
    if output not in deployment:
        pytest.skip(f"the stack has no {output}")
    arns = deployment[output].values() if output in ARNS_BY_NAME else [deployment[output]]
    if is_emulated() and any(kind in arn for arn in arns for kind in (":wafv2:", ":serverlesscache:")):
        pytest.skip("the emulator's tagging service does not know this kind of resource")
    for arn in arns:
        assert expected(deployment).items() <= tags.get(arn, {}).items(), arn


@pytest.mark.parametrize("output", ["vpc_id", "public_subnet_ids", "private_subnet_ids", "isolated_subnet_ids"])
def test_network_carries_the_environments_tags(deployment: Deployment, output: str) -> None:
    value = deployment[output]
    ids = [value] if isinstance(value, str) else value
    answer = deployment.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": ids}])
    for id in ids:
        own = {tag["Key"]: tag["Value"] for tag in answer["Tags"] if tag["ResourceId"] == id}
        assert expected(deployment).items() <= own.items(), id
        assert f"-{deployment['environment_suffix']}-" in own["Name"]


def expected(deployment: Deployment) -> dict[str, str]:
    return {
        "Environment": deployment["tier"],
        "EnvironmentSuffix": deployment["environment_suffix"],
        "ManagedBy": "cdktf",
        "Project": deployment["project"],
    }
