"""ElastiCache: serverless caches, users and groups, replication groups."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localaws.probing import Clients, Probe, asked, network


def _serverless(clients: Clients) -> Any:
    cache = clients("elasticache")
    limits = {"DataStorage": {"Maximum": 10, "Unit": "GB"}}
    name = {"ServerlessCacheName": "probe"}
    tags = [{"Key": "a", "Value": "1"}]
    made = cache.create_serverless_cache(**name, Engine="valkey", CacheUsageLimits=limits, Tags=tags)["ServerlessCache"]
    cache.modify_serverless_cache(**name, Description="after")
    (found,) = cache.describe_serverless_caches(**name)["ServerlessCaches"]
    shown = cache.list_tags_for_resource(ResourceName=made["ARN"])["TagList"]
    cache.delete_serverless_cache(**name)
    left = cache.describe_serverless_caches()["ServerlessCaches"]
    return found["Description"], found["CacheUsageLimits"], found["ReaderEndpoint"]["Port"], shown, left


def _user(clients: Clients, name: str) -> None:
    mode = {"AuthenticationMode": {"Type": "iam"}}
    clients("elasticache").create_user(UserId=name, UserName=name, Engine="redis", AccessString="on", **mode)


def _changed_user(clients: Clients) -> Any:
    _user(clients, "changed")
    clients("elasticache").modify_user(UserId="changed", AccessString="off -@all")
    return clients("elasticache").describe_users(UserId="changed")["Users"][0]["AccessString"]


def _deleted_user(clients: Clients) -> Any:
    _user(clients, "deleted")
    clients("elasticache").delete_user(UserId="deleted")
    return "deleted" in {each["UserId"] for each in clients("elasticache").describe_users()["Users"]}


def _user_group(clients: Clients) -> Any:
    cache = clients("elasticache")
    for name in ("one", "two"):
        _user(clients, name)
    group = {"UserGroupId": "probe"}
    cache.create_user_group(**group, Engine="redis", UserIds=["one"])
    cache.modify_user_group(**group, UserIdsToAdd=["two"], UserIdsToRemove=["one"])
    users = cache.describe_user_groups(**group)["UserGroups"][0]["UserIds"]
    cache.delete_user_group(**group)
    return users, cache.describe_user_groups()["UserGroups"]


def _subnet_group(clients: Clients, name: str) -> list[str]:
    _, subnets, _ = network(clients)
    told = {"CacheSubnetGroupDescription": "probe", "SubnetIds": subnets}
    clients("elasticache").create_cache_subnet_group(CacheSubnetGroupName=name, **told)
    return subnets


def _changed_subnet_group(clients: Clients) -> Any:
    subnets = _subnet_group(clients, "subnets")
    name = {"CacheSubnetGroupName": "subnets"}
    clients("elasticache").modify_cache_subnet_group(**name, SubnetIds=subnets[:1])
    (found,) = clients("elasticache").describe_cache_subnet_groups(**name)["CacheSubnetGroups"]
    clients("elasticache").delete_cache_subnet_group(**name)
    names = {
        each["CacheSubnetGroupName"]
        for each in clients("elasticache").describe_cache_subnet_groups()["CacheSubnetGroups"]
    }
    return len(found["Subnets"]), "subnets" in names


def _replication_group(clients: Clients, name: str) -> Any:
    _subnet_group(clients, name)
    told = {"NumCacheClusters": 2, "CacheNodeType": "cache.t4g.small", "Engine": "redis", "EngineVersion": "7.1"}
    group = {"ReplicationGroupId": name, "ReplicationGroupDescription": "probe", "CacheSubnetGroupName": name}
    clients("elasticache").create_replication_group(**group, **told)
    return _shown(clients, name)


def _shown(clients: Clients, name: str) -> Any:
    return clients("elasticache").describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]


def _nodes(clients: Clients, name: str) -> Any:
    found = clients("elasticache").describe_cache_clusters()["CacheClusters"]
    return [each for each in found if each.get("ReplicationGroupId") == name]


def _members(clients: Clients) -> Any:
    return _replication_group(clients, "members")["MemberClusters"]


def _reader_endpoint(clients: Clients) -> Any:
    return _replication_group(clients, "reader")["NodeGroups"][0]["ReaderEndpoint"]["Port"]


def _nodes_are_clusters(clients: Clients) -> Any:
    _replication_group(clients, "nodes")
    return {(each["EngineVersion"], each["PreferredAvailabilityZone"]) for each in _nodes(clients, "nodes")}


def _changed_group(clients: Clients) -> Any:
    _replication_group(clients, "changing")
    told = {"SnapshotWindow": "01:00-02:00", "EngineVersion": "7.2", "UserGroupIdsToAdd": ["a"]}
    clients("elasticache").modify_replication_group(ReplicationGroupId="changing", **told)
    found = _shown(clients, "changing")
    return (
        found["SnapshotWindow"],
        found["UserGroupIds"],
        {each["EngineVersion"] for each in _nodes(clients, "changing")},
    )


def _resized_group(clients: Clients) -> Any:
    _replication_group(clients, "resized")
    told = {"ReplicationGroupId": "resized", "ApplyImmediately": True}
    clients("elasticache").increase_replica_count(**told, NewReplicaCount=2)
    more = len(_nodes(clients, "resized"))
    clients("elasticache").decrease_replica_count(**told, NewReplicaCount=1)
    return more, len(_nodes(clients, "resized"))


def _deleted_group(clients: Clients) -> Any:
    _replication_group(clients, "gone")
    clients("elasticache").delete_replication_group(ReplicationGroupId="gone")
    found = clients("elasticache").describe_replication_groups()["ReplicationGroups"]
    return "gone" in {each["ReplicationGroupId"] for each in found}


PROBES = (
    Probe(
        "a serverless cache",
        (
            "ElastiCacheResponse.create_serverless_cache",
            "ElastiCacheResponse.describe_serverless_caches",
            "ElastiCacheResponse.modify_serverless_cache",
            "ElastiCacheResponse.delete_serverless_cache",
            "ElastiCacheBackend.__init__",
        ),
        _serverless,
        ("after", {"DataStorage": {"Maximum": 10, "Unit": "GB"}}, 6380, [{"Key": "a", "Value": "1"}], []),
    ),
    Probe("a changed user", ("ElastiCacheResponse.modify_user",), _changed_user, "off -@all"),
    Probe("a deleted user", ("ElastiCacheBackend.delete_user",), _deleted_user, False),
    Probe(
        "a user group",
        (
            "ElastiCacheResponse.create_user_group",
            "ElastiCacheResponse.describe_user_groups",
            "ElastiCacheResponse.modify_user_group",
            "ElastiCacheResponse.delete_user_group",
        ),
        _user_group,
        (["two"], []),
    ),
    Probe(
        "a changed subnet group",
        ("ElastiCacheResponse.modify_cache_subnet_group", "ElastiCacheResponse.delete_cache_subnet_group"),
        _changed_subnet_group,
        (1, False),
    ),
    Probe(
        "members of a group",
        ("ReplicationGroup._set_node_members_clusters_disabled",),
        _members,
        ["members-001", "members-002"],
    ),
    Probe(
        "the reader endpoint of a group",
        ("ReplicationGroup._set_node_members_clusters_disabled",),
        _reader_endpoint,
        6379,
    ),
    Probe(
        "nodes in different zones",
        ("ElastiCacheBackend.create_replication_group",),
        _nodes_are_clusters,
        {("7.1", "eu-west-1a"), ("7.1", "eu-west-1b")},
    ),
    Probe(
        "a changed group",
        ("ElastiCacheResponse.modify_replication_group",),
        _changed_group,
        ("01:00-02:00", ["a"], {"7.2"}),
    ),
    Probe(
        "a resized group",
        ("ElastiCacheResponse.increase_replica_count", "ElastiCacheResponse.decrease_replica_count"),
        _resized_group,
        (3, 2),
    ),
    Probe("a deleted group", ("ElastiCacheBackend.delete_replication_group",), _deleted_group, False),
)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer
