"""The cache of the services, in two kinds that look the same to them: serverless, or nodes of a chosen size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cdktf import Fn, TerraformResourceLifecycle, Token
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.elasticache_replication_group import (
    ElasticacheReplicationGroup,
    ElasticacheReplicationGroupLogDeliveryConfiguration,
)
from cdktf_cdktf_provider_aws.elasticache_serverless_cache import (
    ElasticacheServerlessCache,
    ElasticacheServerlessCacheCacheUsageLimits,
    ElasticacheServerlessCacheCacheUsageLimitsDataStorage,
    ElasticacheServerlessCacheCacheUsageLimitsEcpuPerSecond,
)
from cdktf_cdktf_provider_aws.elasticache_subnet_group import ElasticacheSubnetGroup
from cdktf_cdktf_provider_aws.elasticache_user import ElasticacheUser, ElasticacheUserAuthenticationMode
from cdktf_cdktf_provider_aws.elasticache_user_group import ElasticacheUserGroup
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from lib.components.access import Access
from lib.components.alarms import Alarm
from lib.components.connections import Peer
from lib.components.policy import Statement
from lib.naming import Kind, Names
from lib.settings import data as settings_of

PORT = 6379
SERVERLESS_READER_PORT = 6380
"""Where Serverless answers reads from the nearest zone.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/set-up.html#elasticache-install-grant-access-VPN"""

_PART = "cache"
_NAMESPACE = "AWS/ElastiCache"
_SERVERLESS_MAX_SUBNETS = 3
# AWS does not say whether its GB are of 1000 or 1024: the smaller one, so that the alarm comes early and not late.
_GB = 1000**3

# All keys, channels and commands except those that stop, wipe, spy on or reconfigure the server; INFO, which many
# clients ask for when they connect, is one of these and harmless.
_APPLICATION_RIGHTS = "on ~* &* +@all -@dangerous +info"


class CacheUsers(Construct):
    """Who may sign in: one user for all services, by IAM, so that no password exists.

    A Redis OSS group must have a user called `default` as well: here one that is switched off and may do nothing.
    With Valkey that user is off by itself.
    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
    """

    def __init__(self, scope: Construct, id: str, *, names: Names, engine: Literal["valkey", "redis"]) -> None:
        super().__init__(scope, id)
        self._names = names
        self._engine = engine
        self.user_name = names.of(Kind.CACHE_USER, "application")
        user = self._build_application_user()
        members = [user.user_id]
        if engine == "redis":
            members.append(self._build_disabled_default_user().user_id)
        self.user_arn = user.arn
        self.group_id = self._build_group(members).user_group_id

    def _build_application_user(self) -> ElasticacheUser:
        return ElasticacheUser(
            self,
            "application",
            # AWS wants the two to be equal for sign-in by IAM.
            # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html#auth-iam-limits
            user_id=self.user_name,
            user_name=self.user_name,
            engine=self._engine,
            authentication_mode=ElasticacheUserAuthenticationMode(type="iam"),
            access_string=_APPLICATION_RIGHTS,
        )

    def _build_disabled_default_user(self) -> ElasticacheUser:
        return ElasticacheUser(
            self,
            "default",
            user_id=self._names.of(Kind.CACHE_USER, "default"),
            user_name="default",
            engine=self._engine,
            authentication_mode=ElasticacheUserAuthenticationMode(type="no-password-required"),
            access_string="off -@all",
        )

    def _build_group(self, members: Sequence[str]) -> ElasticacheUserGroup:
        return ElasticacheUserGroup(
            self,
            "group",
            user_group_id=self._names.of(Kind.CACHE_USER_GROUP, _PART),
            engine=self._engine,
            user_ids=members,
        )

    def connect_statement(self, cache_arn: str) -> Statement:
        """What a task's role must be allowed to in order to sign in: both ends are asked."""
        return Statement(sid="ConnectToCache", actions=["elasticache:Connect"], resources=[cache_arn, self.user_arn])


class ServerlessCache(Construct):
    """ElastiCache Serverless: encrypted, TLS only, in the given subnets. Clients speak the cluster protocol to it."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        settings: settings_of.ServerlessCache,
        vpc_id: str,
        subnet_ids: Sequence[str],
        key_arn: str,
    ) -> None:
        """subnet_ids: one per availability zone, two at least."""
        super().__init__(scope, id)
        self._settings = settings
        self.name = names.of(Kind.CACHE, _PART)
        security_group = _security_group(self, names, vpc_id)
        self._users = CacheUsers(self, "users", names=names, engine=settings.engine)
        self._cache = self._build_cache(security_group, subnet_ids, key_arn)
        self.peer = Peer(_PART, security_group.id)
        self.port = PORT

    @property
    def endpoint(self) -> str:
        return self._cache.endpoint.get(0).address

    @property
    def arn(self) -> str:
        return self._cache.arn

    def access(self) -> Access:
        endpoint, reader = self._cache.endpoint.get(0), self._cache.reader_endpoint.get(0)
        return Access(
            peer=self.peer,
            ports=[PORT, SERVERLESS_READER_PORT],
            environment=_environment(
                name=self.name,
                user=self._users.user_name,
                host=endpoint.address,
                port=Token.as_string(endpoint.port),
                reader_host=reader.address,
                reader_port=Token.as_string(reader.port),
                serverless=True,
            ),
            task_statements=[self._users.connect_statement(self.arn)],
        )

    def alarms(self) -> list[Alarm]:
        """On what Serverless reports: it has neither CPU nor memory of its own to measure.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html
        """
        settings = self._settings
        # Written so, unlike the CacheClusterId of nodes; the name is stored in lower case.
        dimensions = {"clusterId": self.name}
        return [
            Alarm(
                unit=_PART,
                role="compute",
                namespace=_NAMESPACE,
                metric="ElastiCacheProcessingUnits",
                statistic="Sum",
                # A sum over a minute against a limit per second.
                threshold=settings.max_ecpu_per_second * 60 * settings.alarm_compute_percent / 100,
                dimensions=dimensions,
                why=f"The cache uses more than {settings.alarm_compute_percent} % of the processing units it is "
                "allowed; at 100 % it refuses commands. Raise max_ecpu_per_second or find what asks so much.",
            ),
            Alarm(
                unit=_PART,
                role="memory",
                namespace=_NAMESPACE,
                metric="BytesUsedForCache",
                statistic="Maximum",
                threshold=settings.max_storage_gb * _GB * settings.alarm_memory_percent / 100,
                dimensions=dimensions,
                why=f"The cache holds more than {settings.alarm_memory_percent} % of what it is allowed; at 100 % it "
                "drops keys that have an expiry and refuses writes otherwise. Raise max_storage_gb or expire sooner.",
            ),
            Alarm(
                unit=_PART,
                role="throttling",
                namespace=_NAMESPACE,
                metric="ThrottledCmds",
                statistic="Sum",
                threshold=0,
                dimensions=dimensions,
                why="The cache refuses commands: load grows faster than it scales, or is at max_ecpu_per_second. "
                "Look at the compute alarm; set a minimum if the peak is a known one.",
            ),
        ]

    def _build_cache(
        self, security_group: SecurityGroup, subnet_ids: Sequence[str], key_arn: str
    ) -> ElasticacheServerlessCache:
        settings = self._settings
        return ElasticacheServerlessCache(
            self,
            "cache",
            name=self.name,
            description="Shared by the services",
            engine=settings.engine,
            major_engine_version=settings.major_version,
            cache_usage_limits=[self._usage_limits()],
            kms_key_id=key_arn,
            # As many as AWS chooses when it is left to it; the other zones reach these.
            # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ServerlessCache.html
            subnet_ids=list(subnet_ids[:_SERVERLESS_MAX_SUBNETS]),
            security_group_ids=[security_group.id],
            user_group_id=self._users.group_id,
            snapshot_retention_limit=settings.snapshot_retention_days,
            # A time without snapshots is refused.
            daily_snapshot_time=settings.snapshot_time if settings.snapshot_retention_days else None,
        )

    def _usage_limits(self) -> ElasticacheServerlessCacheCacheUsageLimits:
        return ElasticacheServerlessCacheCacheUsageLimits(
            data_storage=[
                ElasticacheServerlessCacheCacheUsageLimitsDataStorage(maximum=self._settings.max_storage_gb, unit="GB")
            ],
            ecpu_per_second=[
                ElasticacheServerlessCacheCacheUsageLimitsEcpuPerSecond(maximum=self._settings.max_ecpu_per_second)
            ],
        )


class NodeCache(Construct):
    """An ElastiCache replication group without shards: a primary, its replicas in other zones, failover by itself."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        settings: settings_of.NodeCache,
        vpc_id: str,
        subnet_ids: Sequence[str],
        key_arn: str,
        log_key_arn: str,
        keep_data: bool,
    ) -> None:
        """
        subnet_ids: one per availability zone, two at least.
        keep_data: take a snapshot before the group is destroyed.
        """
        super().__init__(scope, id)
        self._names = names
        self._settings = settings
        self.name = names.of(Kind.CACHE, _PART)
        security_group = _security_group(self, names, vpc_id)
        self._users = CacheUsers(self, "users", names=names, engine=settings.engine)
        subnet_group = self._build_subnet_group(subnet_ids)
        log_groups = {log: self._build_log_group(log, log_key_arn) for log in ("slow", "engine")}
        self._group = self._build_group(security_group, subnet_group, log_groups, key_arn, keep_data)
        self.peer = Peer(_PART, security_group.id)
        self.port = PORT

    @property
    def endpoint(self) -> str:
        return self._group.primary_endpoint_address

    @property
    def arn(self) -> str:
        return self._group.arn

    def access(self) -> Access:
        return Access(
            peer=self.peer,
            ports=[PORT],
            environment=_environment(
                name=self.name,
                user=self._users.user_name,
                host=self.endpoint,
                port=str(PORT),
                reader_host=self._group.reader_endpoint_address,
                reader_port=str(PORT),
                serverless=False,
            ),
            task_statements=[self._users.connect_statement(self.arn)],
        )

    def alarms(self) -> list[Alarm]:
        """For every member: nodes report one by one, and the group as such reports nothing."""
        return [
            alarm
            for member in range(1, self._nodes + 1)
            for alarm in (self._cpu_alarm(member), self._memory_alarm(member), self._lag_alarm(member))
        ]

    @property
    def _nodes(self) -> int:
        return self._settings.replicas + 1

    def _dimensions(self, member: int) -> dict[str, str]:
        # AWS numbers the members; without shards the number follows the group's name.
        return {"CacheClusterId": f"{self.name}-{member:03}"}

    def _cpu_alarm(self, member: int) -> Alarm:
        # The engine computes on one core. With two cores or less the host's own work counts too, so AWS says to watch
        # the host there, against the engine's share of it.
        # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html
        cores = _cores_of_small_node(self._settings.node_type)
        percent = self._settings.alarm_cpu_percent
        return Alarm(
            unit=_PART,
            role=f"cpu{member:03}",
            namespace=_NAMESPACE,
            metric="CPUUtilization" if cores else "EngineCPUUtilization",
            statistic="Average",
            threshold=percent / (cores or 1),
            dimensions=self._dimensions(member),
            why=f"Node {member} of the cache uses more than {percent} % of the core that its engine computes on; at "
            "100 % every command waits. Move reads to the replicas, look into the slow log or take a bigger node_type.",
        )

    def _memory_alarm(self, member: int) -> Alarm:
        percent = self._settings.alarm_memory_percent
        return Alarm(
            unit=_PART,
            role=f"memory{member:03}",
            namespace=_NAMESPACE,
            metric="DatabaseMemoryUsagePercentage",
            statistic="Maximum",
            threshold=percent,
            dimensions=self._dimensions(member),
            why=f"Node {member} of the cache has filled more than {percent} % of its memory; at 100 % it drops keys "
            "that have an expiry and refuses writes otherwise. Expire sooner or take a bigger node_type.",
        )

    def _lag_alarm(self, member: int) -> Alarm:
        # Only replicas report it, and after a failover another node is one: hence on every member.
        return Alarm(
            unit=_PART,
            role=f"lag{member:03}",
            namespace=_NAMESPACE,
            metric="ReplicationLag",
            statistic="Maximum",
            # Under a second is usual: ten seconds of writes would be lost in a failover.
            threshold=10,
            dimensions=self._dimensions(member),
            why=f"Node {member} of the cache is more than 10 s behind the primary: readers see old data and a "
            "failover loses the latest writes. Look for bursts of writes, large keys or a node at its network limit.",
        )

    def _build_subnet_group(self, subnet_ids: Sequence[str]) -> ElasticacheSubnetGroup:
        return ElasticacheSubnetGroup(
            self,
            "subnet_group",
            name=self._names.of(Kind.CACHE_SUBNET_GROUP, _PART),
            description="Isolated subnets of the cache",
            subnet_ids=list(subnet_ids),
        )

    def _build_log_group(self, log: str, log_key_arn: str) -> CloudwatchLogGroup:
        return CloudwatchLogGroup(
            self,
            f"{log}_log",
            name=self._names.of(Kind.VENDED_LOG_GROUP, _PART, log),
            retention_in_days=self._settings.log_retention_days,
            kms_key_id=log_key_arn,
        )

    def _build_group(
        self,
        security_group: SecurityGroup,
        subnet_group: ElasticacheSubnetGroup,
        log_groups: dict[str, CloudwatchLogGroup],
        key_arn: str,
        keep_data: bool,
    ) -> ElasticacheReplicationGroup:
        settings = self._settings
        return ElasticacheReplicationGroup(
            self,
            "group",
            replication_group_id=self.name,
            description="Shared by the services",
            engine=settings.engine,
            engine_version=settings.engine_version,
            # By name, or AWS refuses the next major version: the old one's group does not fit it.
            parameter_group_name=f"default.{settings.engine}{settings.engine_version.split('.')[0]}",
            # Off: it would move the version past the one in the settings, and the provider takes the way back for a
            # reason to destroy the group and make a new one. A new engine_version does it instead.
            auto_minor_version_upgrade="false",
            node_type=settings.node_type,
            # Other modes put a shard's number into the members' names, and the alarms would watch nothing.
            cluster_mode="disabled",
            num_cache_clusters=self._nodes,
            multi_az_enabled=True,
            automatic_failover_enabled=True,
            port=PORT,
            subnet_group_name=subnet_group.name,
            security_group_ids=[security_group.id],
            user_group_ids=[self._users.group_id],
            at_rest_encryption_enabled="true",
            kms_key_id=key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            snapshot_retention_limit=settings.snapshot_retention_days,
            snapshot_window=settings.snapshot_window if settings.snapshot_retention_days else None,
            maintenance_window=settings.maintenance_window,
            # A deployment does what its plan says when it runs; changes of log delivery are not even taken otherwise.
            # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html
            apply_immediately=True,
            log_delivery_configuration=[
                ElasticacheReplicationGroupLogDeliveryConfiguration(
                    log_type=f"{log}-log",
                    destination=log_group.name,
                    destination_type="cloudwatch-logs",
                    log_format="json",
                )
                for log, log_group in log_groups.items()
            ],
            final_snapshot_identifier=self._final_snapshot() if keep_data else None,
            lifecycle=TerraformResourceLifecycle(ignore_changes=["final_snapshot_identifier"]),
        )

    def _final_snapshot(self) -> str:
        """Another name for each group that is ever created here: an older one's last snapshot may still be there."""
        created = Fn.formatdate("YYYYMMDDhhmmss", Fn.timestamp())
        return f"{self._names.of(Kind.CACHE_SNAPSHOT, _PART)}-{created}"


def _security_group(scope: Construct, names: Names, vpc_id: str) -> SecurityGroup:
    # No rules here: the stack opens the edges, so that the connection matrix reads in one place.
    return SecurityGroup(
        scope,
        "security_group",
        name=names.of(Kind.SECURITY_GROUP, _PART),
        vpc_id=vpc_id,
        description="The cache of the services",
    )


def _environment(
    *, name: str, user: str, host: str, port: str, reader_host: str, reader_port: str, serverless: bool
) -> dict[str, str]:
    """What a client needs. It signs in as CACHE_USER with a token that it signs for CACHE_NAME, and for a serverless
    cache says so in the token: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html#auth-iam-Connecting
    """
    return {
        "CACHE_HOST": host,
        "CACHE_PORT": port,
        "CACHE_READER_HOST": reader_host,
        "CACHE_READER_PORT": reader_port,
        "CACHE_TLS": "true",
        "CACHE_USER": user,
        "CACHE_NAME": name,
        "CACHE_SERVERLESS": "true" if serverless else "false",
    }


def _cores_of_small_node(node_type: str) -> int | None:
    """Cores of a node that has two or less; None for bigger ones.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
    """
    if node_type in {"cache.t2.micro", "cache.t2.small", "cache.m3.medium"}:
        return 1
    return 2 if node_type.rsplit(".", 1)[1] in {"micro", "small", "medium", "large"} else None
