"""EFS, DynamoDB."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry, Further, FurtherCode
from localaws.resources.special import storage as special
from localaws.resources.special.common import token

_EFS_ARN = "arn:aws:elasticfilesystem:{region}:{account}:file-system/{file_system_id}"

ENTRIES: Final = {
    "aws_efs_file_system": Entry(
        service="efs",
        create="create_file_system",
        id="FileSystemId",
        key="file_system_id=id",
        read="describe_file_systems:FileSystems[0]",
        also=("describe_lifecycle_configuration",),
        update="update_file_system",
        delete="delete_file_system",
        constants={"CreationToken": token},
        further=(FurtherCode(special.put_lifecycle, "lifecycle_policy"),),
        code_takes={"lifecycle_policy": "LifecyclePolicies"},
        computed={"dns_name": "{id}.efs.{region}.amazonaws.com", "arn": "FileSystemArn"},
    ),
    "aws_efs_mount_target": Entry(
        service="efs",
        create="create_mount_target",
        id="MountTargetId",
        key="mount_target_id=id",
        read="describe_mount_targets:MountTargets[0]",
        also=("describe_mount_target_security_groups",),
        delete="delete_mount_target",
        further=(
            Further(
                "modify_mount_target_security_groups",
                {"MountTargetId": "{id}", "SecurityGroups": "{security_groups}"},
                on_create=False,
            ),
        ),
        computed={
            "dns_name": "{file_system_id}.efs.{region}.amazonaws.com",
            "file_system_arn": _EFS_ARN,
            "mount_target_dns_name": "{availability_zone_name}.{file_system_id}.efs.{region}.amazonaws.com",
        },
    ),
    "aws_efs_access_point": Entry(
        service="efs",
        create="create_access_point",
        id="AccessPointId",
        key="access_point_id=id",
        read="describe_access_points:AccessPoints[0]",
        delete="delete_access_point",
        constants={"ClientToken": token},
        renames={"root_directory.creation_info": "CreationInfo"},
        computed={"arn": "AccessPointArn", "file_system_arn": _EFS_ARN},
    ),
    "aws_efs_backup_policy": Entry(
        service="efs",
        create="put_backup_policy",
        id="{file_system_id}",
        key="file_system_id",
        read=special.of_file_system("describe_backup_policy"),
        update="put_backup_policy",
        delete=special.stop_backups,
    ),
    "aws_efs_file_system_policy": Entry(
        service="efs",
        create="put_file_system_policy",
        id="{file_system_id}",
        key="file_system_id",
        read=special.of_file_system("describe_file_system_policy"),
        update="put_file_system_policy",
        delete="delete_file_system_policy",
        code_takes={"bypass_policy_lockout_safety_check": ""},
    ),
    "aws_dynamodb_table": Entry(
        service="dynamodb",
        create="create_table",
        key="table_name=name",
        read="describe_table:Table",
        also=("describe_time_to_live", "describe_continuous_backups"),
        delete="delete_table",
        renames={
            "name": "TableName",
            "attribute": "AttributeDefinitions",
            **dict.fromkeys(special.TABLE_ARGUMENTS),
            "point_in_time_recovery": None,
            "ttl": None,
        },
        adjust=special.place_table,
        further=(
            FurtherCode(special.turn_recovery, "point_in_time_recovery"),
            Further(
                "update_time_to_live",
                {
                    "TableName": "{name}",
                    "TimeToLiveSpecification": {"Enabled": "{ttl.enabled}", "AttributeName": "{ttl.attribute_name}"},
                },
            ),
            FurtherCode(
                special.change_table,
                "billing_mode read_capacity write_capacity deletion_protection_enabled server_side_encryption "
                "stream_enabled stream_view_type table_class",
                on_create=False,
            ),
        ),
        code_takes={
            "point_in_time_recovery": "ContinuousBackupsDescription.PointInTimeRecoveryDescription",
        },
        shown_as=special.SHOWN_AS,
        computed={"stream_arn": "LatestStreamArn", "arn": "TableArn"},
    ),
}
