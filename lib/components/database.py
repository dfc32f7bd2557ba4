"""The database of the services: one PostgreSQL instance of RDS."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.db_instance import DbInstance
from cdktf_cdktf_provider_aws.db_parameter_group import DbParameterGroup, DbParameterGroupParameter
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from constructs import Construct

from lib.components.account import Account
from lib.components.alarms import Alarm
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

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html
_LOGS = ("postgresql", "upgrade")
_GIB = 1024**3


class InstanceDatabase(Postgres):
    """An encrypted instance in the given subnets whose master password AWS makes, keeps and rotates."""

    _settings: settings_of.InstanceDatabase

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        settings: settings_of.InstanceDatabase,
        vpc_id: str,
        subnet_ids: Sequence[str],
        key_arn: str,
        log_key_arn: str,
        account: Account,
        keep_data: bool,
    ) -> None:
        """
        subnet_ids: one per availability zone, two at least.
        keep_data: protect the instance from deletion; take a snapshot and keep the backups when it goes all the same.
        """
        super().__init__(
            scope,
            id,
            name=names.of(Kind.DATABASE, PART),
            names=names,
            settings=settings,
            vpc_id=vpc_id,
            key_arn=key_arn,
            keep_data=keep_data,
        )
        subnet_group = self._build_subnet_group(subnet_ids)
        parameter_group = self._build_parameter_group()
        log_groups = self._build_log_groups("instance", _LOGS, log_key_arn)
        monitoring_role_arn, monitoring_policies = self._build_monitoring_role(account)
        instance = self._build_instance(
            subnet_group, parameter_group, monitoring_role_arn, [*log_groups, *monitoring_policies]
        )
        self.address = instance.address
        self.reader_address = None
        self.arn = instance.arn
        self.resource_id = instance.resource_id
        self.master_secret_arn = instance.master_user_secret.get(0).secret_arn

    def alarms(self) -> list[Alarm]:
        dimensions = {"DBInstanceIdentifier": self.name}
        return [
            self._cpu_alarm("cpu", dimensions, who="The database", remedy="the instance_class"),
            self._storage_alarm(dimensions),
            self._connections_alarm("connections", dimensions, who="the database"),
            self._wraparound_alarm(dimensions),
        ]

    def _storage_alarm(self, dimensions: dict[str, str]) -> Alarm:
        settings = self._settings
        return Alarm(
            unit=PART,
            role="storage",
            namespace=METRICS,
            metric="FreeStorageSpace",
            statistic="Minimum",
            comparison="LessThanThreshold",
            threshold=settings.storage_gb * _GIB * settings.alarm_free_storage_percent / 100,
            # It grows by itself when 10 % are left for five minutes: only when that did not help is it an alarm.
            # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
            period_seconds=300,
            datapoints_to_alarm=3,
            dimensions=dimensions,
            why="The database is running out of storage and has not grown by itself: it is at max_storage_gb, or "
            "grew less than six hours ago. When nothing is left it stops. Raise max_storage_gb or delete.",
        )

    def _build_parameter_group(self) -> DbParameterGroup:
        family = f"postgres{self._settings.major_version}"
        return DbParameterGroup(
            self,
            "parameter_group",
            # The version is in the name, and the new group there before the old one goes: an upgrade needs both.
            name=self._names.of(Kind.DATABASE_PARAMETER_GROUP, PART, family),
            description="Parameters of the database",
            family=family,
            parameter=[
                # From version 17 on it is the engine's default, which AWS reports so: any other method would show as a
                # change in every plan. https://github.com/hashicorp/terraform-provider-aws/issues/39252
                DbParameterGroupParameter(name="rds.force_ssl", value="1", apply_method="pending-reboot"),
                *(DbParameterGroupParameter(name=name, value=value) for name, value in LOGGED.items()),
                # The server reads it at its start only.
                DbParameterGroupParameter(
                    name="max_connections", value=str(self._settings.max_connections), apply_method="pending-reboot"
                ),
            ],
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )

    def _build_instance(
        self,
        subnet_group: DbSubnetGroup,
        parameter_group: DbParameterGroup,
        monitoring_role_arn: str | None,
        prerequisites: Sequence[ITerraformDependable],
    ) -> DbInstance:
        settings = self._settings
        return DbInstance(
            self,
            "instance",
            identifier=self.name,
            engine="postgres",
            # The major version alone: with a minor one every automatic upgrade would show as a change to take back.
            engine_version=settings.major_version,
            auto_minor_version_upgrade=True,
            allow_major_version_upgrade=True,
            instance_class=settings.instance_class,
            multi_az=settings.multi_az,
            db_name=settings.database_name,
            username=USER,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=self.key_arn,
            iam_database_authentication_enabled=True,
            port=PORT,
            db_subnet_group_name=subnet_group.name,
            vpc_security_group_ids=[self.peer.security_group_id],
            publicly_accessible=False,
            ca_cert_identifier=CERTIFICATE_AUTHORITY,
            parameter_group_name=parameter_group.name,
            storage_type="gp3",
            allocated_storage=settings.storage_gb,
            max_allocated_storage=settings.max_storage_gb,
            storage_encrypted=True,
            kms_key_id=self.key_arn,
            backup_retention_period=settings.backup_retention_days,
            backup_window=settings.backup_window,
            copy_tags_to_snapshot=True,
            maintenance_window=settings.maintenance_window,
            # A deployment does what its plan says when it runs; the maintenance window is for what AWS does by itself.
            apply_immediately=True,
            enabled_cloudwatch_logs_exports=list(_LOGS),
            performance_insights_enabled=True,
            performance_insights_kms_key_id=self.key_arn,
            performance_insights_retention_period=INSIGHTS_DAYS[settings.insights],
            database_insights_mode=settings.insights,
            monitoring_interval=settings.monitoring_interval_seconds,
            monitoring_role_arn=monitoring_role_arn,
            deletion_protection=self._keep_data,
            skip_final_snapshot=not self._keep_data,
            final_snapshot_identifier=self._final_snapshot(),
            delete_automated_backups=not self._keep_data,
            lifecycle=TerraformResourceLifecycle(ignore_changes=["final_snapshot_identifier"]),
            depends_on=prerequisites,
        )
