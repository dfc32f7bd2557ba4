"""The database of the services: one PostgreSQL instance of RDS."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import Fn, ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.db_instance import DbInstance
from cdktf_cdktf_provider_aws.db_parameter_group import DbParameterGroup, DbParameterGroupParameter
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from lib.components.access import Access
from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.connections import Peer
from lib.components.policy import trust
from lib.components.secrets import read_statements
from lib.naming import Kind, Names
from lib.settings import data as settings_of

PORT = 5432
_PART = "database"
_USER = "postgres"
_LOGS = ("postgresql", "upgrade")
_GIB = 1024**3
# The advanced mode asks for 15 months; 7 days are free in the standard one.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.Considerations.html
_INSIGHTS_DAYS = {"standard": 7, "advanced": 465}


class Database(Construct):
    """An encrypted instance in the given subnets whose password AWS makes, keeps and rotates in Secrets Manager.

    What is exposed is what any other kind of PostgreSQL (Aurora) can offer as well.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        settings: settings_of.Database,
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
        super().__init__(scope, id)
        self._names = names
        self._settings = settings
        self._key_arn = key_arn
        self._keep_data = keep_data
        self.name = names.of(Kind.DATABASE, _PART)
        self.port = PORT
        security_group = self._build_security_group(vpc_id)
        subnet_group = self._build_subnet_group(subnet_ids)
        parameter_group = self._build_parameter_group()
        log_groups = self._build_log_groups(log_key_arn)
        monitoring_role_arn, monitoring_policies = self._build_monitoring_role(account)
        self._instance = self._build_instance(
            security_group, subnet_group, parameter_group, monitoring_role_arn, [*log_groups, *monitoring_policies]
        )
        self.peer = Peer(_PART, security_group.id)

    @property
    def endpoint(self) -> str:
        """The host name, without the port."""
        return self._instance.address

    @property
    def arn(self) -> str:
        return self._instance.arn

    @property
    def secret_arn(self) -> str:
        """The secret with `username` and `password` in it."""
        return self._instance.master_user_secret.get(0).secret_arn

    def access(self) -> Access:
        return Access(
            peer=self.peer,
            ports=[PORT],
            environment={
                "DATABASE_HOST": self.endpoint,
                "DATABASE_PORT": str(PORT),
                "DATABASE_NAME": self._settings.database_name,
                "DATABASE_TLS": "true",
            },
            secrets={
                "DATABASE_USERNAME": f"{self.secret_arn}:username::",
                "DATABASE_PASSWORD": f"{self.secret_arn}:password::",
            },
            execution_statements=read_statements(
                "DatabaseSecret", secret_arns=[self.secret_arn], key_arn=self._key_arn
            ),
        )

    def alarms(self) -> list[Alarm]:
        settings = self._settings
        namespace = "AWS/RDS"
        dimensions = {"DBInstanceIdentifier": self.name}
        return [
            Alarm(
                unit=_PART,
                role="cpu",
                namespace=namespace,
                metric="CPUUtilization",
                statistic="Average",
                threshold=settings.alarm_cpu_percent,
                period_seconds=300,
                dimensions=dimensions,
                why=f"The database computes above {settings.alarm_cpu_percent} %; queries begin to wait. Look for the "
                "top statements in Database Insights, then at the instance_class.",
            ),
            Alarm(
                unit=_PART,
                role="storage",
                namespace=namespace,
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
            ),
            Alarm(
                unit=_PART,
                role="connections",
                namespace=namespace,
                metric="DatabaseConnections",
                statistic="Maximum",
                threshold=settings.max_connections * settings.alarm_connections_percent / 100,
                dimensions=dimensions,
                why=f"More than {settings.alarm_connections_percent} % of {settings.max_connections} connections are "
                "open; beyond that the database refuses new ones. Look for a leak, or at the pools of all tasks.",
            ),
            Alarm(
                unit=_PART,
                role="wraparound",
                namespace=namespace,
                metric="MaximumUsedTransactionIDs",
                statistic="Maximum",
                # Half of the two billion at which PostgreSQL stops to take writes.
                # https://aws.amazon.com/blogs/database/implement-an-early-warning-system-for-transaction-id-wraparound-in-amazon-rds-for-postgresql/
                threshold=1_000_000_000,
                period_seconds=300,
                dimensions=dimensions,
                why="Vacuum does not keep up with transaction ids; at two billion the database refuses to write. Look "
                "for transactions that have been open for days, unused replication slots and disabled autovacuum.",
            ),
        ]

    def _build_security_group(self, vpc_id: str) -> SecurityGroup:
        # No rules here: the stack opens the edges, so that the connection matrix reads in one place.
        return SecurityGroup(
            self,
            "security_group",
            name=self._names.of(Kind.SECURITY_GROUP, _PART),
            vpc_id=vpc_id,
            description="The database of the services",
        )

    def _build_subnet_group(self, subnet_ids: Sequence[str]) -> DbSubnetGroup:
        return DbSubnetGroup(
            self,
            "subnet_group",
            name=self._names.of(Kind.DATABASE_SUBNET_GROUP, _PART),
            description="Isolated subnets of the database",
            subnet_ids=list(subnet_ids),
        )

    def _build_parameter_group(self) -> DbParameterGroup:
        family = f"postgres{self._settings.major_version}"
        return DbParameterGroup(
            self,
            "parameter_group",
            # The version is in the name, and the new group there before the old one goes: an upgrade needs both.
            name=self._names.of(Kind.DATABASE_PARAMETER_GROUP, _PART, family),
            description="Parameters of the database",
            family=family,
            parameter=[
                DbParameterGroupParameter(name="rds.force_ssl", value="1"),
                # Statements of a second and more, and waits for locks, show in the log.
                DbParameterGroupParameter(name="log_min_duration_statement", value="1000"),
                DbParameterGroupParameter(name="log_lock_waits", value="1"),
                # The server reads it at its start only.
                DbParameterGroupParameter(
                    name="max_connections", value=str(self._settings.max_connections), apply_method="pending-reboot"
                ),
            ],
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )

    def _build_log_groups(self, log_key_arn: str) -> list[CloudwatchLogGroup]:
        """RDS writes to groups of these names, and makes them without end or key where there are none.

        https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html
        """
        return [
            CloudwatchLogGroup(
                self,
                f"{log}_log",
                name=f"/aws/rds/instance/{self.name}/{log}",
                retention_in_days=self._settings.log_retention_days,
                kms_key_id=log_key_arn,
            )
            for log in _LOGS
        ]

    def _build_monitoring_role(self, account: Account) -> tuple[str | None, list[IamRolePolicyAttachment]]:
        """The role by which RDS reports on the operating system, and what must be attached before it is of use.

        Its metrics go to RDSOSMetrics, one log group for all databases of the account: not this stack's to own.
        """
        if not self._settings.monitoring_interval_seconds:
            return None, []
        role = IamRole(
            self,
            "monitoring_role",
            name=self._names.of(Kind.IAM_ROLE, _PART, "monitoring"),
            description="RDS reports on the operating system of the database",
            assume_role_policy=trust("monitoring.rds.amazonaws.com", account_id=account.id),
        )
        policy = IamRolePolicyAttachment(
            self,
            "monitoring_policy",
            role=role.name,
            policy_arn=f"arn:{account.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
        )
        return role.arn, [policy]

    def _build_instance(
        self,
        security_group: SecurityGroup,
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
            username=_USER,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=self._key_arn,
            iam_database_authentication_enabled=True,
            port=PORT,
            db_subnet_group_name=subnet_group.name,
            vpc_security_group_ids=[security_group.id],
            publicly_accessible=False,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            parameter_group_name=parameter_group.name,
            storage_type="gp3",
            allocated_storage=settings.storage_gb,
            max_allocated_storage=settings.max_storage_gb,
            storage_encrypted=True,
            kms_key_id=self._key_arn,
            backup_retention_period=settings.backup_retention_days,
            backup_window=settings.backup_window,
            copy_tags_to_snapshot=True,
            maintenance_window=settings.maintenance_window,
            # A deployment does what its plan says when it runs; the maintenance window is for what AWS does by itself.
            apply_immediately=True,
            enabled_cloudwatch_logs_exports=list(_LOGS),
            performance_insights_enabled=True,
            performance_insights_kms_key_id=self._key_arn,
            performance_insights_retention_period=_INSIGHTS_DAYS[settings.insights],
            database_insights_mode=settings.insights,
            monitoring_interval=settings.monitoring_interval_seconds,
            monitoring_role_arn=monitoring_role_arn,
            deletion_protection=self._keep_data,
            skip_final_snapshot=not self._keep_data,
            final_snapshot_identifier=self._final_snapshot() if self._keep_data else None,
            delete_automated_backups=not self._keep_data,
            lifecycle=TerraformResourceLifecycle(ignore_changes=["final_snapshot_identifier"]),
            depends_on=prerequisites,
        )

    def _final_snapshot(self) -> str:
        """Another name for each instance that is ever created here: an older one's last snapshot may still be there."""
        created = Fn.formatdate("YYYYMMDDhhmmss", Fn.timestamp())
        return f"{self._names.of(Kind.DATABASE_SNAPSHOT, _PART)}-{created}"
