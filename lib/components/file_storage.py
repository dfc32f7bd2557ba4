"""Files that the services share: one EFS file system, reachable only over TLS by tasks that hold the right role."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.efs_access_point import (
    EfsAccessPoint,
    EfsAccessPointPosixUser,
    EfsAccessPointRootDirectory,
    EfsAccessPointRootDirectoryCreationInfo,
)
from cdktf_cdktf_provider_aws.efs_backup_policy import EfsBackupPolicy, EfsBackupPolicyBackupPolicy
from cdktf_cdktf_provider_aws.efs_file_system import EfsFileSystem, EfsFileSystemLifecyclePolicy
from cdktf_cdktf_provider_aws.efs_file_system_policy import EfsFileSystemPolicy
from cdktf_cdktf_provider_aws.efs_mount_target import EfsMountTarget
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from lib.components.alarms import Alarm
from lib.components.connections import Peer
from lib.components.policy import Statement, document
from lib.naming import Kind, Names
from lib.settings.data import Files

NFS_PORT = 2049
_PART = "files"
_ID_OF_TASKS = 1000
_READ = "elasticfilesystem:ClientMount"
_WRITE = "elasticfilesystem:ClientWrite"
_AS_ROOT = "elasticfilesystem:ClientRootAccess"
# Bursting reads and writes up to 100 MiB/s whatever is stored; the balance is in bytes. So this lasts for an hour.
# https://docs.aws.amazon.com/efs/latest/ug/performance.html#bursting
_AN_HOUR_OF_BURST_BYTES = 100 * 1024**2 * 3600


class FileStorage(Construct):
    """An encrypted file system with a mount target in each given subnet.

    Tasks mount it through the access point, and in no other way: they see `/shared` as their root and write as one
    POSIX user, whatever user the image runs as.
    https://docs.aws.amazon.com/efs/latest/ug/efs-access-points.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        settings: Files,
        vpc_id: str,
        subnet_ids: Sequence[str],
        key_arn: str,
    ) -> None:
        """subnet_ids: one per availability zone; AWS refuses a second mount target in a zone."""
        super().__init__(scope, id)
        self._name = names.of(Kind.FILE_SYSTEM, _PART)
        self._throughput_mode = settings.throughput_mode
        self._alarm_io_percent = settings.alarm_io_percent
        security_group = self._build_security_group(names, vpc_id)
        self._file_system = self._build_file_system(settings.transition_to_ia_days, key_arn)
        self._access_point = self._build_access_point()
        self._build_policy()
        self._build_backup_policy(settings.backups)
        self.mount_targets = self._build_mount_targets(subnet_ids, security_group)
        """A service that mounts the files depends on all of them: its tasks fail to start before they are there."""
        self.peer = Peer(_PART, security_group.id)

    @property
    def file_system_id(self) -> str:
        return self._file_system.id

    @property
    def arn(self) -> str:
        return self._file_system.arn

    @property
    def access_point_id(self) -> str:
        return self._access_point.id

    @property
    def access_point_arn(self) -> str:
        return self._access_point.arn

    def task_statements(self, *, read_only: bool) -> list[Statement]:
        """What a task's role must be allowed to in order to mount the files."""
        return [
            Statement(
                sid="ReadFiles" if read_only else "ReadAndWriteFiles",
                actions=[_READ] if read_only else [_READ, _WRITE],
                resources=[self.arn],
                condition={"StringEquals": {"elasticfilesystem:AccessPointArn": self.access_point_arn}},
            )
        ]

    def alarms(self) -> list[Alarm]:
        dimensions = {"FileSystemId": self.file_system_id}
        alarms = [
            Alarm(
                unit=_PART,
                role="io",
                namespace="AWS/EFS",
                metric="PercentIOLimit",
                statistic="Maximum",
                threshold=self._alarm_io_percent,
                period_seconds=300,
                dimensions=dimensions,
                why="The shared files are close to the operations a second that EFS takes; at 100 % every read and "
                "write waits. Find the service that opens or lists many small files.",
            )
        ]
        if self._throughput_mode == "bursting":
            alarms.append(
                Alarm(
                    unit=_PART,
                    role="burst",
                    namespace="AWS/EFS",
                    metric="BurstCreditBalance",
                    statistic="Minimum",
                    comparison="LessThanThreshold",
                    threshold=_AN_HOUR_OF_BURST_BYTES,
                    period_seconds=300,
                    dimensions=dimensions,
                    why="Credits for an hour at full speed are left; after that the shared files slow down to what "
                    "their size earns. Lower the load or set throughput_mode to elastic.",
                )
            )
        return alarms

    def _build_security_group(self, names: Names, vpc_id: str) -> SecurityGroup:
        # No rules here: the stack opens the edges, so that the connection matrix reads in one place.
        return SecurityGroup(
            self,
            "security_group",
            name=names.of(Kind.SECURITY_GROUP, _PART),
            vpc_id=vpc_id,
            description="Mount targets of the shared files",
        )

    def _build_file_system(self, transition_to_ia_days: int, key_arn: str) -> EfsFileSystem:
        days = "AFTER_1_DAY" if transition_to_ia_days == 1 else f"AFTER_{transition_to_ia_days}_DAYS"
        return EfsFileSystem(
            self,
            "file_system",
            creation_token=self._name,
            encrypted=True,
            kms_key_id=key_arn,
            throughput_mode=self._throughput_mode,
            # AWS takes one transition per block.
            lifecycle_policy=[
                EfsFileSystemLifecyclePolicy(transition_to_ia=days),
                EfsFileSystemLifecyclePolicy(transition_to_primary_storage_class="AFTER_1_ACCESS"),
            ],
            tags={"Name": self._name},
        )

    def _build_access_point(self) -> EfsAccessPoint:
        return EfsAccessPoint(
            self,
            "access_point",
            file_system_id=self.file_system_id,
            posix_user=EfsAccessPointPosixUser(uid=_ID_OF_TASKS, gid=_ID_OF_TASKS),
            root_directory=EfsAccessPointRootDirectory(
                path="/shared",
                creation_info=EfsAccessPointRootDirectoryCreationInfo(
                    owner_uid=_ID_OF_TASKS, owner_gid=_ID_OF_TASKS, permissions="750"
                ),
            ),
            tags={"Name": self._name},
        )

    def _build_policy(self) -> None:
        """Refuses clients that come without TLS, around the access point or around the mount targets.

        Allowing is left to the task roles: with a policy of its own a file system no longer lets everybody in. It
        speaks of clients only, so that AWS Backup still gets at the files.
        https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
        """
        refusals: dict[str, dict[str, dict[str, str]]] = {
            "OnlyWithTls": {"Bool": {"aws:SecureTransport": "false"}},
            "OnlyThroughTheAccessPoint": {
                "StringNotEquals": {"elasticfilesystem:AccessPointArn": self.access_point_arn}
            },
            "OnlyThroughMountTargets": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "false"}},
        }
        statements = [
            Statement(
                sid=sid,
                effect="Deny",
                principal={"AWS": "*"},
                actions=[_READ, _WRITE, _AS_ROOT],
                resources=[self.arn],
                condition=condition,
            )
            for sid, condition in refusals.items()
        ]
        EfsFileSystemPolicy(self, "policy", file_system_id=self.file_system_id, policy=document(*statements))

    def _build_backup_policy(self, backups: bool) -> None:
        EfsBackupPolicy(
            self,
            "backup_policy",
            file_system_id=self.file_system_id,
            backup_policy=EfsBackupPolicyBackupPolicy(status="ENABLED" if backups else "DISABLED"),
        )

    def _build_mount_targets(self, subnet_ids: Sequence[str], security_group: SecurityGroup) -> list[EfsMountTarget]:
        return [
            EfsMountTarget(
                self,
                f"mount_target_{index}",
                file_system_id=self.file_system_id,
                subnet_id=subnet_id,
                security_groups=[security_group.id],
            )
            for index, subnet_id in enumerate(subnet_ids)
        ]
