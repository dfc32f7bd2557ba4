"""The cache: available, encrypted, where only tasks and instances get at it, and without a password."""

from __future__ import annotations

from collections.abc import Iterator

from lib.naming import Kind
from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import Having, Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.words import expect, expect_all, expect_true, expect_within, one

UNIT = Unit("cache", "Cache", having("cache_arn", "cache"))

SERVERLESS = Having("serverless cache", lambda stack: stack.has_serverless_cache)
NODES = Having("cache of nodes", lambda stack: stack.has_node_cache)


@UNIT.check("It is available at the endpoint that the outputs tell")
def available(stack: Deployment) -> Iterator[str]:
    cache = described(stack)
    yield from expect("its status", cache["Status"].lower(), "available")
    endpoint = cache["Endpoint"] if stack.has_serverless_cache else cache["NodeGroups"][0]["PrimaryEndpoint"]
    expected = {"Address": stack["cache_endpoint"], "Port": stack["cache_port"]}
    yield from expect_all("its endpoint", expected, endpoint)


@UNIT.check("It is encrypted under the stack's key, at rest and on the way")
def encrypted(stack: Deployment) -> Iterator[str]:
    cache = described(stack)
    yield from expect_key(stack, "cache", cache.get("KmsKeyId"), "the cache")
    if stack.has_node_cache:  # Serverless is never without.
        expected = {
            "AtRestEncryptionEnabled": True,
            "TransitEncryptionEnabled": True,
            "TransitEncryptionMode": "required",
        }
        yield from expect_all("the cache", expected, cache)


@UNIT.check("It survives the loss of a zone")
def survives(stack: Deployment) -> Iterator[str]:
    cache = described(stack)
    if stack.has_serverless_cache:
        yield from expect_true(len(cache["SubnetIds"]) >= 2, "it is in one subnet")
    else:
        yield from expect_all("it", {"MultiAZ": "enabled", "AutomaticFailover": "enabled"}, cache)


@UNIT.check("It is in the isolated subnets")
def isolated(stack: Deployment) -> Iterator[str]:
    subnets = described(stack)["SubnetIds"] if stack.has_serverless_cache else _subnets_of_nodes(stack)
    yield from expect_true(subnets, "it is in no subnet")
    yield from expect_within("its subnets", set(subnets), stack["isolated_subnet_ids"])


@UNIT.check("It is behind its own security group and no other")
def security_group(stack: Deployment) -> Iterator[str]:
    own = [stack["cache_security_group_id"]]
    if stack.has_serverless_cache:
        yield from expect("its groups", described(stack)["SecurityGroupIds"], own)
        return
    for node in nodes(stack):
        groups = [group["SecurityGroupId"] for group in node["SecurityGroups"]]
        yield from expect(f"the groups of {node['CacheClusterId']}", groups, own)


@UNIT.check("Its nodes are available, all that belong to it, in different zones", NODES)
def nodes_are_available(stack: Deployment) -> Iterator[str]:
    found = nodes(stack)
    ids = {node["CacheClusterId"] for node in found}
    yield from expect("the set of its nodes", ids, set(described(stack)["MemberClusters"]))
    for node in found:
        yield from expect(f"the status of {node['CacheClusterId']}", node["CacheClusterStatus"], "available")
    zones = {node["PreferredAvailabilityZone"] for node in found}
    yield from expect_true(len(zones) >= 2, f"its nodes are all in {', '.join(zones) or 'no zone'}")


@UNIT.check("Nobody signs in with a password")
def no_password(stack: Deployment) -> Iterator[str]:
    cache = described(stack)
    ids = [cache.get("UserGroupId")] if stack.has_serverless_cache else cache.get("UserGroupIds", [])
    id = one((id for id in ids if id), "user group of the cache")
    group = one(stack.ask("elasticache", "describe_user_groups", UserGroupId=id)["UserGroups"], f"user group {id}")
    found = [user for id in group["UserIds"] for user in stack.ask("elasticache", "describe_users", UserId=id)["Users"]]
    active = {user["UserId"]: user["Authentication"]["Type"] for user in found if user["AccessString"][:4] != "off "}
    yield from expect_true(active, "no user may sign in")
    for user, kind in active.items():
        yield from expect(f"how {user} signs in", kind, "iam")


@UNIT.check("All that use it are told where it is")
def told(stack: Deployment) -> Iterator[str]:
    expected = {"CACHE_HOST": stack["cache_endpoint"], "CACHE_NAME": stack["cache_name"]}
    for target, variables in stack.environments():
        for variable, value in expected.items():
            if variable in variables:
                yield from expect(f"{variable} of {target}", variables[variable], value)


def described(stack: Deployment) -> Block:
    name = stack["cache_name"]
    if stack.has_serverless_cache:
        answer = stack.ask("elasticache", "describe_serverless_caches", ServerlessCacheName=name)
        return one(answer["ServerlessCaches"], f"cache {name}")
    answer = stack.ask("elasticache", "describe_replication_groups", ReplicationGroupId=name)
    return one(answer["ReplicationGroups"], f"replication group {name}")


def nodes(stack: Deployment) -> list[Block]:
    """The members of a replication group, one by one."""
    clusters = stack.ask("elasticache", "describe_cache_clusters")["CacheClusters"]
    return [each for each in clusters if each.get("ReplicationGroupId") == stack["cache_name"]]


def _subnets_of_nodes(stack: Deployment) -> list[str]:
    name = stack.names.of(Kind.CACHE_SUBNET_GROUP, "cache")
    answer = stack.ask("elasticache", "describe_cache_subnet_groups", CacheSubnetGroupName=name)
    group = one(answer["CacheSubnetGroups"], f"subnet group {name}")
    return [subnet["SubnetIdentifier"] for subnet in group["Subnets"]]
