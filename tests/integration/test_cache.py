"""The cache: available, encrypted, where only tasks and instances get at it, and without a password."""

from __future__ import annotations

from typing import Any, cast

import pytest

from lib.naming import Kind
from tests.integration.deployment import Block, Deployment, told

pytestmark = pytest.mark.unit("cache_arn")


@pytest.fixture
def cache(deployment: Deployment) -> Any:
    client, name = deployment.client("elasticache"), deployment["cache_name"]
    if deployment.has_serverless_cache:
        (found,) = client.describe_serverless_caches(ServerlessCacheName=name)["ServerlessCaches"]
    else:
        (found,) = client.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"]
    return found


@pytest.fixture
def nodes(deployment: Deployment) -> list[Block]:
    """The members of a replication group, one by one."""
    pages = deployment.client("elasticache").get_paginator("describe_cache_clusters").paginate()
    clusters = [cluster for page in pages for cluster in page["CacheClusters"]]
    return told(
        "nodes of the cache",
        [each for each in clusters if each.get("ReplicationGroupId") == deployment["cache_name"]],
    )


def test_is_available_at_its_endpoint(deployment: Deployment, cache: Any) -> None:
    assert cache["Status"].lower() == "available"
    endpoint = cache["Endpoint"] if deployment.has_serverless_cache else cache["NodeGroups"][0]["PrimaryEndpoint"]
    assert endpoint == {"Address": deployment["cache_endpoint"], "Port": deployment["cache_port"]}


def test_is_encrypted_under_the_stacks_key(deployment: Deployment, cache: Any) -> None:
    assert deployment.is_key_of("cache", cache["KmsKeyId"])
    if not deployment.has_serverless_cache:  # Serverless is never without.
        assert (cache["AtRestEncryptionEnabled"], cache["TransitEncryptionEnabled"]) == (True, True)
        assert cache["TransitEncryptionMode"] == "required"


def test_survives_the_loss_of_a_zone(deployment: Deployment, cache: Any) -> None:
    if deployment.has_serverless_cache:
        assert len(cache["SubnetIds"]) >= 2
    else:
        assert (cache["MultiAZ"], cache["AutomaticFailover"]) == ("enabled", "enabled")


def test_is_in_the_isolated_subnets(deployment: Deployment, cache: Any) -> None:
    subnets = set(cache["SubnetIds"]) if deployment.has_serverless_cache else subnets_of_nodes(deployment)
    assert subnets
    assert subnets <= set(deployment["isolated_subnet_ids"])


def subnets_of_nodes(deployment: Deployment) -> set[str]:
    name = deployment.names.of(Kind.CACHE_SUBNET_GROUP, "cache")
    answer = deployment.client("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=name)
    (group,) = answer["CacheSubnetGroups"]
    return {subnet["SubnetIdentifier"] for subnet in group["Subnets"]}


@pytest.mark.unit("serverless_cache")
def test_is_behind_its_own_security_group(deployment: Deployment, cache: Any) -> None:
    assert cache["SecurityGroupIds"] == [deployment["cache_security_group_id"]]


@pytest.mark.unit("node_cache")
def test_nodes_are_behind_their_own_security_group(deployment: Deployment, nodes: list[Block]) -> None:
    for node in nodes:
        groups = [group["SecurityGroupId"] for group in told("groups of the nodes", node["SecurityGroups"])]
        assert groups == [deployment["cache_security_group_id"]]


@pytest.mark.unit("node_cache")
def test_nodes_are_available_in_different_zones(nodes: list[Block]) -> None:
    assert {node["CacheClusterStatus"] for node in nodes} == {"available"}
    assert len({node["PreferredAvailabilityZone"] for node in nodes}) >= 2


def test_nobody_signs_in_with_a_password(deployment: Deployment, cache: Any) -> None:
    client = deployment.client("elasticache")
    ids = [cache["UserGroupId"]] if deployment.has_serverless_cache else cache["UserGroupIds"]
    (group,) = [found for id in ids for found in client.describe_user_groups(UserGroupId=id)["UserGroups"]]
    users = [user for id in group["UserIds"] for user in client.describe_users(UserId=id)["Users"]]
    active = [user for user in users if not user["AccessString"].startswith("off ")]
    assert [user["Authentication"]["Type"] for user in active] == ["iam"]


@pytest.mark.parametrize("variable", ["CACHE_HOST", "CACHE_NAME"])
def test_services_and_fleets_are_told_of_it(deployment: Deployment, variable: str) -> None:
    output = {"CACHE_HOST": "cache_endpoint", "CACHE_NAME": "cache_name"}[variable]
    variables = [deployment.environment(target) for target in deployment.targets()]
    assert {each[variable] for each in variables if variable in each} <= {cast(str, deployment[output])}
