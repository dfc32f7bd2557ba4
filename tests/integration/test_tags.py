"""Tags: everything that the outputs name carries the environment's, so that cost and ownership can be told."""

from __future__ import annotations

import pytest

from lib.settings.edge import EDGE_REGION
from tests.integration.deployment import Deployment, is_emulated

ALWAYS = ("load_balancer_arn", "alarm_topic_arn")
ARNS = (
    "web_acl_arn",
    "cdn_distribution_arn",
    "cdn_web_acl_arn",
    "cluster_arn",
    "cache_arn",
    "database_arn",
    "file_system_arn",
    "edge_alarm_topic_arn",
)
ARNS_BY_NAME = (
    "service_arns",
    "task_definition_arns",
    "target_group_arns",
    "fleet_target_group_arns",
    "function_arns",
    "secret_arns",
    "table_arns",
    "bucket_arns",
)


@pytest.fixture(scope="module")
def tags(deployment: Deployment) -> dict[str, dict[str, str]]:
    """ARN -> tags, of all that carries the environment's suffix; what CloudFront needs is in us-east-1."""
    suffix = {"Key": "EnvironmentSuffix", "Values": [deployment["environment_suffix"]]}
    regions = {deployment.region} | ({EDGE_REGION} if "cdn_distribution_id" in deployment else set())
    paginators = [
        deployment.client("resourcegroupstaggingapi", each).get_paginator("get_resources") for each in regions
    ]
    pages = [page for paginator in paginators for page in paginator.paginate(TagFilters=[suffix])]
    return {
        each["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]}
        for page in pages
        for each in page["ResourceTagMappingList"]
    }


@pytest.mark.parametrize(
    "output", [*ALWAYS, *(pytest.param(each, marks=pytest.mark.unit(each)) for each in (*ARNS, *ARNS_BY_NAME))]
)
def test_carries_the_environments_tags(deployment: Deployment, tags: dict[str, dict[str, str]], output: str) -> None:
    arns = deployment[output].values() if output in ARNS_BY_NAME else [deployment[output]]
    if is_emulated() and any(kind in arn for arn in arns for kind in (":wafv2:", ":serverlesscache:")):
        pytest.skip("the emulator's tagging service does not know this kind of resource")
    for arn in arns:
        assert deployment.tags.items() <= tags.get(arn, {}).items(), arn


@pytest.mark.parametrize("output", ["vpc_id", "public_subnet_ids", "private_subnet_ids", "isolated_subnet_ids"])
def test_network_carries_the_environments_tags(deployment: Deployment, output: str) -> None:
    value = deployment[output]
    ids = [value] if isinstance(value, str) else value
    answer = deployment.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": ids}])
    for id in ids:
        own = {tag["Key"]: tag["Value"] for tag in answer["Tags"] if tag["ResourceId"] == id}
        assert deployment.tags.items() <= own.items(), id
        assert f"-{deployment['environment_suffix']}-" in own["Name"]
