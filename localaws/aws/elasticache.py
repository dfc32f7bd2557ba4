"""ElastiCache: serverless caches, user groups, and what replication groups consist of."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.elasticache.exceptions import CacheSubnetGroupNotFound, ElastiCacheException, UserNotFound
from moto.elasticache.models import CacheCluster, CacheSubnetGroup, ElastiCacheBackend, ReplicationGroup
from moto.elasticache.responses import ElastiCacheResponse

from localaws.aws.extending import Added, Extension, Mended, keeping

_READER_PORT, _PORT = 6380, 6379
_DEFAULT_MAJOR_VERSION = "8"


class _ServerlessNotFound(ElastiCacheException):
    code = "ServerlessCacheNotFoundFault"


class _ServerlessExists(ElastiCacheException):
    code = "ServerlessCacheAlreadyExistsFault"


class _GroupNotFound(ElastiCacheException):
    code = "UserGroupNotFound"


class _GroupExists(ElastiCacheException):
    code = "UserGroupAlreadyExists"


def _kept(self: Any, what: str) -> dict[str, Any]:
    """A collection that moto's backend, one for each region, does not have."""
    there: dict[str, Any] = self.elasticache_backend.__dict__.setdefault(f"_local_{what}", {})
    return there


def _arn(self: Any, kind: str, name: str) -> str:
    return f"arn:aws:elasticache:{self.region}:{self.current_account}:{kind}:{name}"


def _tag(self: Any, arn: str, tags: list[dict[str, str]] | None) -> None:
    if tags:
        self.elasticache_backend.tagging_service.tag_resource(arn, tags)


# ---- serverless caches


def _serverless(self: Any) -> dict[str, Any]:
    name = self._get_param("ServerlessCacheName")
    caches = _kept(self, "serverless")
    if name not in caches:
        raise _ServerlessNotFound(f"ServerlessCache {name} not found.")
    found: dict[str, Any] = caches[name]
    return found


def create_serverless_cache(self: Any) -> ActionResult:
    given = dict(self._get_params())
    name = given["ServerlessCacheName"]
    if name in _kept(self, "serverless"):
        raise _ServerlessExists(f"ServerlessCache {name} already exists.")
    arn = _arn(self, "serverlesscache", name)
    _tag(self, arn, given.pop("Tags", None))
    host = f"{name}-local.serverless.{self.region}.cache.amazonaws.com"
    major = str(given.get("MajorEngineVersion") or _DEFAULT_MAJOR_VERSION)
    cache = {
        **given,
        "ARN": arn,
        "Status": "available",
        "CreateTime": datetime.now(UTC),
        "MajorEngineVersion": major,
        "FullEngineVersion": f"{major}.0",
        "Endpoint": {"Address": host, "Port": _PORT},
        "ReaderEndpoint": {"Address": host, "Port": _READER_PORT},
    }
    _kept(self, "serverless")[name] = cache
    return ActionResult({"ServerlessCache": cache})


def describe_serverless_caches(self: Any) -> ActionResult:
    named = self._get_param("ServerlessCacheName")
    return ActionResult(
        {"ServerlessCaches": [_serverless(self)] if named else list(_kept(self, "serverless").values())}
    )


def modify_serverless_cache(self: Any) -> ActionResult:
    cache = _serverless(self)
    given = dict(self._get_params())
    if given.pop("RemoveUserGroup", None):
        cache.pop("UserGroupId", None)
    cache |= given
    return ActionResult({"ServerlessCache": cache})


def delete_serverless_cache(self: Any) -> ActionResult:
    cache = _serverless(self)
    del _kept(self, "serverless")[cache["ServerlessCacheName"]]
    return ActionResult({"ServerlessCache": {**cache, "Status": "deleting"}})


# ---- users and their groups


def modify_user(self: Any) -> ActionResult:
    user = self.elasticache_backend.users.get(self._get_param("UserId"))
    if user is None:
        raise UserNotFound(self._get_param("UserId"))
    given = self._get_params()
    if given.get("AppendAccessString"):
        user.access_string += f" {given['AppendAccessString']}"
    user.access_string = given.get("AccessString") or user.access_string
    user.engine = given.get("Engine") or user.engine
    mode = given.get("AuthenticationMode") or {}
    if mode:
        user.authentication_type = mode["Type"]
        user.passwords = mode.get("Passwords", [])
        user.no_password_required = mode["Type"] == "no-password-required"
    return ActionResult(user)


def _deleted_at_once(original: Callable[..., Any]) -> Callable[..., Any]:
    """Moto keeps a deleted user until somebody looks at it."""

    def delete_user(self: ElastiCacheBackend, user_id: str) -> Any:
        user = original(self, user_id)
        self.users.pop(user_id)
        return user

    return delete_user


def _group(self: Any) -> dict[str, Any]:
    name = self._get_param("UserGroupId")
    groups = _kept(self, "user_groups")
    if name not in groups:
        raise _GroupNotFound(f"User group {name} not found.")
    found: dict[str, Any] = groups[name]
    return found


def _check_users(self: Any, users: list[str]) -> None:
    for user in users:
        if user not in self.elasticache_backend.users:
            raise UserNotFound(user)


def create_user_group(self: Any) -> ActionResult:
    given = self._get_params()
    name = given["UserGroupId"].lower()
    if name in _kept(self, "user_groups"):
        raise _GroupExists(f"User group {name} already exists.")
    _check_users(self, given.get("UserIds", []))
    arn = _arn(self, "usergroup", name)
    _tag(self, arn, given.get("Tags"))
    group = {
        "ARN": arn,
        "UserGroupId": name,
        "Engine": given["Engine"].lower(),
        "Status": "active",
        "UserIds": given.get("UserIds", []),
    }
    _kept(self, "user_groups")[name] = group
    return ActionResult(group)


def describe_user_groups(self: Any) -> ActionResult:
    named = self._get_param("UserGroupId")
    return ActionResult({"UserGroups": [_group(self)] if named else list(_kept(self, "user_groups").values())})


def modify_user_group(self: Any) -> ActionResult:
    group, given = _group(self), self._get_params()
    added, removed = given.get("UserIdsToAdd", []), given.get("UserIdsToRemove", [])
    _check_users(self, added)
    group["UserIds"] = [each for each in group["UserIds"] if each not in removed] + added
    group["Engine"] = given.get("Engine") or group["Engine"]
    return ActionResult(group)


def delete_user_group(self: Any) -> ActionResult:
    group = _group(self)
    del _kept(self, "user_groups")[group["UserGroupId"]]
    return ActionResult({**group, "Status": "deleting"})


# ---- subnet groups


def _subnet_group(self: Any) -> CacheSubnetGroup:
    name = self._get_param("CacheSubnetGroupName")
    if name not in self.elasticache_backend.cache_subnet_groups:
        raise CacheSubnetGroupNotFound(name)
    found: CacheSubnetGroup = self.elasticache_backend.cache_subnet_groups[name]
    return found


def modify_cache_subnet_group(self: Any) -> ActionResult:
    old, given = _subnet_group(self), self._get_params()
    group = CacheSubnetGroup(
        self.current_account,
        self.region,
        old.cache_subnet_group_name,
        given.get("CacheSubnetGroupDescription", old.cache_subnet_group_description),
        given.get("SubnetIds", old.subnet_ids),
        old.tags,
    )
    self.elasticache_backend.cache_subnet_groups[group.cache_subnet_group_name] = group
    return ActionResult({"CacheSubnetGroup": group})


def delete_cache_subnet_group(self: Any) -> ActionResult:
    del self.elasticache_backend.cache_subnet_groups[_subnet_group(self).cache_subnet_group_name]
    return EmptyResult()


# ---- replication groups


def _all_members(original: Callable[..., Any]) -> Callable[..., Any]:
    """`NumCacheClusters` says how many nodes there are; moto makes one, and looks at `ReplicasPerNodeGroup` alone."""

    def build(self: ReplicationGroup, **given: Any) -> None:
        replicas = given["replicas_per_node_group"] or (given["num_cache_clusters"] or 1) - 1
        original(self, **{**given, "replicas_per_node_group": replicas})
        group = given["node_group"]
        group["reader_endpoint"] = {"address": group["reader_endpoint_address"], "port": self.port}

    return build


def _with_clusters(original: Callable[..., Any]) -> Callable[..., Any]:
    """The nodes of a group are cache clusters, which know the subnets, security groups and version."""

    def create_replication_group(self: ElastiCacheBackend, **given: Any) -> ReplicationGroup:
        group: ReplicationGroup = original(self, **given)
        _make_clusters(self, group)
        return group

    return create_replication_group


def _make_clusters(backend: ElastiCacheBackend, group: ReplicationGroup) -> None:
    zones = _zones(backend, group)
    names = inspect.signature(CacheCluster).parameters
    for number, member in enumerate(group.node_groups[0]["node_group_members"]):
        member["preferred_availability_zone"] = zones[number % len(zones)]
        told: dict[str, Any] = {
            "account_id": backend.account_id,
            "region_name": backend.region_name,
            "cache_cluster_id": member["cache_cluster_id"],
            "preferred_availability_zone": member["preferred_availability_zone"],
            "snapshot_retention_limit": 0,
        }
        # A node has what its group has, where both are told the same.
        like_group: dict[str, Any] = {name: getattr(group, name, None) for name in names if name not in told}
        cluster = CacheCluster(**like_group, **told)
        cluster.replication_group_id, cluster.num_cache_nodes = group.replication_group_id, 1
        shown: dict[str, Any] = cluster.__dict__
        shown["security_groups"] = [
            {"SecurityGroupId": each, "Status": "active"} for each in group.security_group_ids or ()
        ]
        shown["cache_parameter_group"] = {"CacheParameterGroupName": group.cache_parameter_group_name}
        shown["at_rest_encryption_enabled"] = group.at_rest_encryption_enabled
        backend.cache_clusters[cluster.cache_cluster_id] = cluster
        backend.tagging_service.tag_resource(cluster.arn, group.tags or [])


def _zones(backend: ElastiCacheBackend, group: ReplicationGroup) -> list[str]:
    subnets = backend.cache_subnet_groups.get(group.cache_subnet_group_name or "")
    zones = [each["subnet_availability_zone"] for each in subnets.subnets] if subnets else []
    return zones or [f"{backend.region_name}a"]


def _remake_clusters(backend: ElastiCacheBackend, group: ReplicationGroup) -> None:
    _take_clusters(backend, group)
    _make_clusters(backend, group)


def _take_clusters(backend: ElastiCacheBackend, group: ReplicationGroup) -> None:
    for name, cluster in list(backend.cache_clusters.items()):
        if getattr(cluster, "replication_group_id", None) == group.replication_group_id:
            del backend.cache_clusters[name]


def _modified(original: Callable[..., Any]) -> Callable[..., Any]:
    """Moto changes seven members and forgets the others; the nodes change with the group."""
    changed = keeping(
        "ReplicationGroup",
        "AutoMinorVersionUpgrade",
        "SecurityGroupIds",
        "EngineVersion",
        "PreferredMaintenanceWindow",
        "CacheParameterGroupName",
        "SnapshotWindow",
        "TransitEncryptionEnabled",
        "TransitEncryptionMode",
        "LogDeliveryConfigurations",
        "ClusterMode",
    )(original)

    def modify_replication_group(self: Any) -> Any:
        answer = changed(self)
        group, given = answer.result["ReplicationGroup"], self._get_params()
        removed = given.get("UserGroupIdsToRemove", [])
        group.user_group_ids = [each for each in group.user_group_ids if each not in removed]
        group.user_group_ids += given.get("UserGroupIdsToAdd", [])
        _remake_clusters(self.elasticache_backend, group)
        return answer

    return modify_replication_group


def _gone_at_once(original: Callable[..., Any]) -> Callable[..., Any]:
    """Moto shows a group that is being deleted forever, and so none can have its name again."""

    def delete_replication_group(self: ElastiCacheBackend, replication_group_id: str, *more: Any, **named: Any) -> Any:
        group = original(self, replication_group_id, *more, **named)
        _take_clusters(self, group)
        del self.replication_groups[replication_group_id]
        return group

    return delete_replication_group


def _resize(self: Any) -> ActionResult:
    backend, given = self.elasticache_backend, self._get_params()
    (group,) = backend.describe_replication_groups(given["ReplicationGroupId"])
    node_group = group.node_groups[0]
    node_group["node_group_members"].clear()
    group.member_clusters.clear()
    domain = node_group["primary_endpoint_address"].removeprefix("master.")
    group._set_node_members_clusters_disabled(
        member_clusters=group.member_clusters,
        replication_group_id=group.replication_group_id,
        replication_group_domain=domain,
        node_group=node_group,
        preferred_cache_cluster_azs=[],
        num_cache_clusters=int(given["NewReplicaCount"]) + 1,
        replicas_per_node_group=0,
    )
    _remake_clusters(backend, group)
    return ActionResult({"ReplicationGroup": group})


def increase_replica_count(self: Any) -> ActionResult:
    return _resize(self)


def decrease_replica_count(self: Any) -> ActionResult:
    return _resize(self)


# ---- tags


def _more_arns(original: Callable[..., Any]) -> Callable[..., Any]:
    def start(self: ElastiCacheBackend, *given: Any, **named: Any) -> None:
        original(self, *given, **named)
        self.arn_regex = re.compile(
            r"^arn:aws:elasticache:.*:[0-9]*:"
            r"(cluster|snapshot|subnetgroup|replicationgroup|user|usergroup|serverlesscache):.*$"
        )

    return start


_NONE = "no such operation"
EXTENSIONS: Final[tuple[Extension, ...]] = (
    Added(ElastiCacheResponse, create_serverless_cache, _NONE),
    Added(ElastiCacheResponse, describe_serverless_caches, _NONE),
    Added(ElastiCacheResponse, modify_serverless_cache, _NONE),
    Added(ElastiCacheResponse, delete_serverless_cache, _NONE),
    Added(ElastiCacheResponse, modify_user, _NONE),
    Added(ElastiCacheResponse, create_user_group, _NONE),
    Added(ElastiCacheResponse, describe_user_groups, _NONE),
    Added(ElastiCacheResponse, modify_user_group, _NONE),
    Added(ElastiCacheResponse, delete_user_group, _NONE),
    Added(ElastiCacheResponse, modify_cache_subnet_group, _NONE),
    Added(ElastiCacheResponse, delete_cache_subnet_group, _NONE),
    Added(ElastiCacheResponse, increase_replica_count, _NONE),
    Added(ElastiCacheResponse, decrease_replica_count, _NONE),
    Mended(ElastiCacheBackend, "delete_user", _deleted_at_once, "a deleted user stays until it is looked at"),
    Mended(ElastiCacheBackend, "__init__", _more_arns, "tags of user groups and serverless caches are refused"),
    Mended(
        ReplicationGroup,
        "_set_node_members_clusters_disabled",
        _all_members,
        "one node whatever NumCacheClusters says, and no ReaderEndpoint",
    ),
    Mended(ElastiCacheBackend, "create_replication_group", _with_clusters, "the nodes of a group are no clusters"),
    Mended(ElastiCacheBackend, "delete_replication_group", _gone_at_once, "a deleted group stays"),
    Mended(ElastiCacheResponse, "modify_replication_group", _modified, "most changes are forgotten"),
)
