"""What every PostgreSQL of RDS has around it, and shows of itself: one instance, or an Aurora cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import Fn
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
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
PART = "database"
USER = "postgres"
CERTIFICATE_AUTHORITY = "rds-ca-rsa2048-g1"
METRICS = "AWS/RDS"

# The advanced mode asks for 15 months; 7 days are free in the standard one.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.Considerations.html
INSIGHTS_DAYS = {"standard": 7, "advanced": 465}

LOGGED = {
    # Statements of a second and more, and waits for locks, show in the log.
    "log_min_duration_statement": "1000",
    "log_lock_waits": "1",
}
"""Parameters of every server."""


class Postgres(Construct):
    """What services, alarms and outputs know a database by, whichever kind it is.

    name: its identifier.
    """

    _settings: settings_of.InstanceDatabase | settings_of.AuroraDatabase

    address: str
    """Host name of the server that takes writes."""
    reader_address: str | None
    """Host name of the servers that only read, where there are any."""
    arn: str
    resource_id: str
    """Another one for each server or cluster that is made, also where it is called as the last one was."""
    master_secret_arn: str
    """The secret with `username` and `password` of the user that may do everything, which RDS rotates."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        names: Names,
        settings: settings_of.InstanceDatabase | settings_of.AuroraDatabase,
        vpc_id: str,
        key_arn: str,
        keep_data: bool,
    ) -> None:
        super().__init__(scope, id)
        self.name = name
        self.port = PORT
        self._names = names
        self._settings = settings
        self.key_arn = key_arn
        self._keep_data = keep_data
        self.peer = Peer(PART, self._build_security_group(vpc_id).id)

    @property
    def endpoint(self) -> str:
        """Host name and port, as AWS writes them: `host:port`."""
        return f"{self.address}:{PORT}"

    def access(self, secret_arn: str) -> Access:
        """secret_arn: whom to sign in as, `username` and `password` under the database's key."""
        environment = {
            "DATABASE_HOST": self.address,
            "DATABASE_PORT": str(PORT),
            "DATABASE_NAME": self._settings.database_name,
            "DATABASE_TLS": "true",
        }
        if self.reader_address is not None:
            environment["DATABASE_READER_HOST"] = self.reader_address
        return Access(
            peer=self.peer,
            ports=[PORT],
            environment=environment,
            secrets={
                "DATABASE_USERNAME": f"{secret_arn}:username::",
                "DATABASE_PASSWORD": f"{secret_arn}:password::",
            },
            secret_references={"DATABASE_SECRET_ARN": secret_arn},
            execution_statements=read_statements("DatabaseSecret", secret_arns=[secret_arn], key_arn=self.key_arn),
        )

    def _build_security_group(self, vpc_id: str) -> SecurityGroup:
        # No rules here: the stack opens the edges, so that the connection matrix reads in one place.
        return SecurityGroup(
            self,
            "security_group",
            name=self._names.of(Kind.SECURITY_GROUP, PART),
            vpc_id=vpc_id,
            description="The database of the services",
        )

    def _build_subnet_group(self, subnet_ids: Sequence[str]) -> DbSubnetGroup:
        return DbSubnetGroup(
            self,
            "subnet_group",
            name=self._names.of(Kind.DATABASE_SUBNET_GROUP, PART),
            description="Isolated subnets of the database",
            subnet_ids=list(subnet_ids),
        )

    def _build_log_groups(self, what: str, logs: Sequence[str], log_key_arn: str) -> list[CloudwatchLogGroup]:
        """RDS writes to groups of these names, and makes them without end or key where there are none.

        what: `instance` or `cluster`, whichever the logs are exported by.
        """
        return [
            CloudwatchLogGroup(
                self,
                f"{log}_log",
                name=f"/aws/rds/{what}/{self.name}/{log}",
                retention_in_days=self._settings.log_retention_days,
                kms_key_id=log_key_arn,
            )
            for log in logs
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
            name=self._names.of(Kind.IAM_ROLE, PART, "monitoring"),
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

    def _final_snapshot(self) -> str | None:
        """Another name for each database that is ever created here: an older one's last snapshot may still be there."""
        if not self._keep_data:
            return None
        created = Fn.formatdate("YYYYMMDDhhmmss", Fn.timestamp())
        return f"{self._names.of(Kind.DATABASE_SNAPSHOT, PART)}-{created}"

    def _cpu_alarm(self, role: str, dimensions: Mapping[str, str], *, who: str, remedy: str) -> Alarm:
        percent = self._settings.alarm_cpu_percent
        return Alarm(
            unit=PART,
            role=role,
            namespace=METRICS,
            metric="CPUUtilization",
            statistic="Average",
            threshold=percent,
            period_seconds=300,
            dimensions=dimensions,
            why=f"{who} computes above {percent} %; queries begin to wait. Look for the top statements in Database"
            f" Insights, then at {remedy}.",
        )

    def _connections_alarm(self, role: str, dimensions: Mapping[str, str], *, who: str) -> Alarm:
        percent, most = self._settings.alarm_connections_percent, self._settings.max_connections
        return Alarm(
            unit=PART,
            role=role,
            namespace=METRICS,
            metric="DatabaseConnections",
            statistic="Maximum",
            threshold=most * percent / 100,
            dimensions=dimensions,
            why=f"More than {percent} % of {most} connections are open; beyond that {who} refuses new ones. Look for a"
            " leak, or at the pools of all tasks.",
        )

    def _wraparound_alarm(self, dimensions: Mapping[str, str]) -> Alarm:
        return Alarm(
            unit=PART,
            role="wraparound",
            namespace=METRICS,
            metric="MaximumUsedTransactionIDs",
            statistic="Maximum",
            # Half of the two billion at which PostgreSQL stops to take writes.
            # https://aws.amazon.com/blogs/database/implement-an-early-warning-system-for-transaction-id-wraparound-in-amazon-rds-for-postgresql/
            threshold=1_000_000_000,
            period_seconds=300,
            dimensions=dimensions,
            why="Vacuum does not keep up with transaction ids; at two billion the database refuses to write. Look "
            "for transactions that have been open for days, unused replication slots and disabled autovacuum.",
        )
