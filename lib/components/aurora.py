"""The database of the services as an Aurora PostgreSQL cluster: a writer, and readers that share its storage."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.rds_cluster import RdsCluster, RdsClusterServerlessv2ScalingConfiguration
from cdktf_cdktf_provider_aws.rds_cluster_instance import RdsClusterInstance
from cdktf_cdktf_provider_aws.rds_cluster_parameter_group import (
    RdsClusterParameterGroup,
    RdsClusterParameterGroupParameter,
)
from constructs import Construct

from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.autoscaling import Autoscaling, aurora_readers
from lib.components.ordering import once_there
from lib.components.postgres import (
    CERTIFICATE_AUTHORITY,
    INSIGHTS_DAYS,
    LOGGED,
    METRICS,
    PART,
    PORT,
    USER,
    Postgres,
)
from lib.naming import Kind, Names
from lib.settings import data as settings_of

_ENGINE = "aurora-postgresql"
# Not exported: `instance`, of servers that pause, which these do not; `iam-db-auth-error`, as services use a password.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_LogAccess.Concepts.PostgreSQL.html
_LOGS = ("postgresql",)
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
_MAX_ZONES = 3
# A quarter of what the smallest class has, where sorts and logs go that do not fit into memory.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Managing.html#AuroraPostgreSQL.Managing.TempStorage
_LEAST_LOCAL_STORAGE = 2 * 1024**3


class AuroraDatabase(Postgres):
    """An encrypted cluster in the given subnets whose master password AWS makes, keeps and rotates.

    Server 1 writes at first. When it fails, the first reader takes over, then the second and so on.
    """

    _settings: settings_of.AuroraDatabase

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        settings: settings_of.AuroraDatabase,
        vpc_id: str,
        subnet_ids: Sequence[str],
        zones: Sequence[str],
        key_arn: str,
        log_key_arn: str,
        account: Account,
        keep_data: bool,
    ) -> None:
        """
        subnet_ids: one per availability zone, two at least.
        zones: names of these zones.
        keep_data: protect the cluster from deletion; take a snapshot and keep the backups when it goes all the same.
            AWS protects the cluster with its data, not its servers: a destroy takes these before it is refused.
        """
        super().__init__(
            scope,
            id,
            name=names.of(Kind.DATABASE_CLUSTER, PART),
            names=names,
            settings=settings,
            vpc_id=vpc_id,
            key_arn=key_arn,
            keep_data=keep_data,
        )
        self._zones = list(zones[:_MAX_ZONES])
        subnet_group = self._build_subnet_group(subnet_ids)
        parameter_group = self._build_parameter_group()
        log_groups = self._build_log_groups("cluster", _LOGS, log_key_arn)
        self._monitoring_role_arn, monitoring_policies = self._build_monitoring_role(account)
        cluster = self._build_cluster(subnet_group, parameter_group, [*log_groups, *monitoring_policies])
        # The first server that a cluster has is the one that writes.
        writer = self._build_server(1, cluster)
        readers = [self._build_server(number, cluster, after=writer) for number in range(2, settings.readers + 2)]
        if settings.reader_scaling:
            self._build_autoscaling(settings.reader_scaling, cluster, readers)
        # A cluster has its names before anything answers.
        self.address = once_there(cluster.endpoint, [writer.id])
        self.reader_address = (
            once_there(cluster.reader_endpoint, [reader.id for reader in readers]) if readers else None
        )
        self.arn = cluster.arn
        self.resource_id = cluster.cluster_resource_id
        self.master_secret_arn = once_there(cluster.master_user_secret.get(0).secret_arn, [writer.id])

    def alarms(self) -> list[Alarm]:
        """By role, so that idle readers do not hide a busy writer; those that autoscaling adds are readers too.

        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/dimensions.html
        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
        """
        alarms = self._server_alarms("writer")
        if self._settings.readers:
            alarms += [*self._server_alarms("reader"), self._lag_alarm()]
        return [*alarms, self._wraparound_alarm(self._dimensions("writer"))]

    def _dimensions(self, role: str) -> dict[str, str]:
        return {"DBClusterIdentifier": self.name, "Role": role.upper()}

    def _server_alarms(self, role: str) -> list[Alarm]:
        dimensions = self._dimensions(role)
        serverless = self._settings.is_serverless
        size = "max_acu" if serverless else "the instance_class"
        one, average, remedy = {
            "writer": ("the writer", "The writer", size),
            "reader": ("a reader", "The average reader", f"{size} and readers"),
        }[role]
        return [
            self._cpu_alarm(f"cpu{role}", dimensions, who=average, remedy=remedy),
            self._connections_alarm(f"connections{role}", dimensions, who=one),
            self._capacity_alarm(role, who=one) if serverless else self._storage_alarm(role, who=one),
        ]

    def _capacity_alarm(self, role: str, *, who: str) -> Alarm:
        settings = self._settings
        return Alarm(
            unit=PART,
            role=f"capacity{role}",
            namespace=METRICS,
            metric="ACUUtilization",
            statistic="Maximum",
            threshold=settings.alarm_capacity_percent,
            dimensions=self._dimensions(role),
            why=f"{who.capitalize()} has grown to more than {settings.alarm_capacity_percent} % of max_acu"
            f" ({settings.max_acu:g}); at 100 % it grows no further, queries wait, memory may run out. Raise max_acu,"
            " or look for the top statements in Database Insights.",
        )

    def _storage_alarm(self, role: str, *, who: str) -> Alarm:
        return Alarm(
            unit=PART,
            role=f"storage{role}",
            namespace=METRICS,
            metric="FreeLocalStorage",
            statistic="Minimum",
            comparison="LessThanThreshold",
            threshold=_LEAST_LOCAL_STORAGE,
            dimensions=self._dimensions(role),
            why=f"{who.capitalize()} has little left of its own disk, which holds logs and what does not fit into"
            " memory; when it is full, queries fail. Look for large sorts and index builds, then at instance_class.",
        )

    def _lag_alarm(self) -> Alarm:
        milliseconds = self._settings.alarm_lag_milliseconds
        return Alarm(
            unit=PART,
            role="lag",
            namespace=METRICS,
            metric="AuroraReplicaLag",
            statistic="Maximum",
            threshold=milliseconds,
            dimensions=self._dimensions("reader"),
            why=f"A reader is more than {milliseconds} ms behind the writer and answers with old data. Look for bursts"
            " of writes, long queries on readers, and readers that are too small for the writer.",
        )

    def _build_parameter_group(self) -> RdsClusterParameterGroup:
        """The only one: what the cluster sets, all of its servers take over, also those that autoscaling adds.

        Without a group for single servers, theirs is AWS's own, which changes by itself with the major version.
        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_WorkingWithDBClusterParamGroups.html
        """
        family = f"{_ENGINE}{self._settings.major_version}"
        return RdsClusterParameterGroup(
            self,
            "parameter_group",
            # The version is in the name, and the new group there before the old one goes: an upgrade needs both.
            name=self._names.of(Kind.DATABASE_PARAMETER_GROUP, PART, family.replace("-", "")),
            description="Parameters of the database",
            family=family,
            parameter=[
                # From version 17 on it is the engine's default, which AWS reports so: any other method would show as a
                # change in every plan. https://github.com/hashicorp/terraform-provider-aws/issues/39252
                RdsClusterParameterGroupParameter(name="rds.force_ssl", value="1", apply_method="pending-reboot"),
                *(RdsClusterParameterGroupParameter(name=name, value=value) for name, value in LOGGED.items()),
                # The servers read it at their start only.
                RdsClusterParameterGroupParameter(
                    name="max_connections", value=str(self._settings.max_connections), apply_method="pending-reboot"
                ),
            ],
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )

    def _build_cluster(
        self,
        subnet_group: DbSubnetGroup,
        parameter_group: RdsClusterParameterGroup,
        prerequisites: Sequence[ITerraformDependable],
    ) -> RdsCluster:
        settings = self._settings
        return RdsCluster(
            self,
            "cluster",
            cluster_identifier=self.name,
            engine=_ENGINE,
            # Of Serverless v2, too.
            engine_mode="provisioned",
            # The major version alone: with a minor one every automatic upgrade would show as a change to take back.
            # The provider sends it with every change, and AWS takes it for its default minor version: a cluster that
            # is past that one refuses changes until the default is there as well.
            # https://github.com/hashicorp/terraform-provider-aws/issues/45026
            engine_version=settings.major_version,
            allow_major_version_upgrade=True,
            serverlessv2_scaling_configuration=self._capacity(),
            database_name=settings.database_name,
            master_username=USER,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=self.key_arn,
            iam_database_authentication_enabled=True,
            port=PORT,
            # Where servers can be. AWS adds a third where there are two, for the storage.
            availability_zones=self._zones,
            db_subnet_group_name=subnet_group.name,
            vpc_security_group_ids=[self.peer.security_group_id],
            db_cluster_parameter_group_name=parameter_group.name,
            storage_encrypted=True,
            kms_key_id=self.key_arn,
            backup_retention_period=settings.backup_retention_days,
            preferred_backup_window=settings.backup_window,
            copy_tags_to_snapshot=True,
            preferred_maintenance_window=settings.maintenance_window,
            # A deployment does what its plan says when it runs; the maintenance window is for what AWS does by itself.
            apply_immediately=True,
            enabled_cloudwatch_logs_exports=list(_LOGS),
            performance_insights_enabled=True,
            performance_insights_kms_key_id=self.key_arn,
            performance_insights_retention_period=INSIGHTS_DAYS[settings.insights],
            database_insights_mode=settings.insights,
            monitoring_interval=settings.monitoring_interval_seconds,
            monitoring_role_arn=self._monitoring_role_arn,
            deletion_protection=self._keep_data,
            skip_final_snapshot=not self._keep_data,
            final_snapshot_identifier=self._final_snapshot(),
            delete_automated_backups=not self._keep_data,
            lifecycle=TerraformResourceLifecycle(ignore_changes=["final_snapshot_identifier", "availability_zones"]),
            depends_on=prerequisites,
        )

    def _capacity(self) -> RdsClusterServerlessv2ScalingConfiguration | None:
        if not self._settings.is_serverless:
            return None
        return RdsClusterServerlessv2ScalingConfiguration(
            min_capacity=self._settings.min_acu, max_capacity=self._settings.max_acu
        )

    def _build_server(
        self, number: int, cluster: RdsCluster, after: RdsClusterInstance | None = None
    ) -> RdsClusterInstance:
        settings = self._settings
        return RdsClusterInstance(
            self,
            f"instance_{number}",
            identifier=f"{self.name}-{number}",
            cluster_identifier=cluster.cluster_identifier,
            # No version: a server has its cluster's, and AWS refuses to change it here.
            engine=cluster.engine,
            instance_class=settings.instance_class,
            availability_zone=self._zones[(number - 1) % len(self._zones)],
            # The first reader takes over first. In tier 1 a serverless one has the writer's size for it, others theirs.
            # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-administration.html#aurora-serverless-v2-choosing-promotion-tier
            promotion_tier=number - 1,
            db_subnet_group_name=cluster.db_subnet_group_name,
            publicly_accessible=False,
            ca_cert_identifier=CERTIFICATE_AUTHORITY,
            auto_minor_version_upgrade=True,
            preferred_maintenance_window=settings.maintenance_window,
            apply_immediately=True,
            # As the cluster has it: AWS refuses anything else, and the provider takes what is left out for 0.
            # https://github.com/hashicorp/terraform-provider-aws/issues/43487
            performance_insights_enabled=True,
            performance_insights_kms_key_id=self.key_arn,
            performance_insights_retention_period=INSIGHTS_DAYS[settings.insights],
            monitoring_interval=settings.monitoring_interval_seconds,
            monitoring_role_arn=self._monitoring_role_arn,
            # A zone more must not move a server that runs.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["availability_zone"]),
            depends_on=[after] if after else None,
        )

    def _build_autoscaling(
        self, settings: settings_of.ReaderScaling, cluster: RdsCluster, readers: Sequence[RdsClusterInstance]
    ) -> None:
        """The readers that it adds are not Terraform's: while there are any, AWS refuses to delete the cluster.

        https://github.com/hashicorp/terraform-provider-aws/issues/19536
        """
        Autoscaling(
            self,
            "autoscaling",
            name=PART,
            names=self._names,
            scaled=aurora_readers(
                settings,
                called=self.name,
                cluster_identifier=once_there(cluster.cluster_identifier, [reader.id for reader in readers]),
                min_readers=len(readers),
            ),
        )
