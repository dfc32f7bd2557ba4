"""RDS and Aurora."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry, FurtherCode
from localaws.resources.special import rds as special

_COMMON: Final = {
    "iam_database_authentication_enabled": "EnableIAMDatabaseAuthentication",
    "performance_insights_enabled": "EnablePerformanceInsights",
    "performance_insights_kms_key_id": "PerformanceInsightsKMSKeyId",
    "enabled_cloudwatch_logs_exports": "EnableCloudwatchLogsExports",
}
_SHOWN_AS: Final = {
    "VpcSecurityGroupIds": "VpcSecurityGroups[].VpcSecurityGroupId",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
    "EnableCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
    "CloudwatchLogsExportConfiguration": "{EnableLogTypes: EnabledCloudwatchLogsExports}",
    "MasterUserSecretKmsKeyId": "MasterUserSecret.KmsKeyId",
    "ManageMasterUserPassword": "MasterUserSecret != null",
}
_INSTANCE_SHOWN_AS: Final = {
    **_SHOWN_AS,
    "DBSubnetGroupName": "DBSubnetGroup.DBSubnetGroupName",
    "DBParameterGroupName": "DBParameterGroups[0].DBParameterGroupName",
    "Port": "Endpoint.Port",
}

ENTRIES: Final = {
    "aws_db_subnet_group": Entry(
        service="rds",
        create="create_db_subnet_group",
        key="db_subnet_group_name=name",
        read="describe_db_subnet_groups:DBSubnetGroups[0]",
        update="modify_db_subnet_group",
        delete="delete_db_subnet_group",
        renames={"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription"},
        constants={"DBSubnetGroupDescription": "Managed by Terraform"},
        shown_as={"SubnetIds": "Subnets[].SubnetIdentifier"},
        computed={"arn": "DBSubnetGroupArn"},
    ),
    "aws_db_parameter_group": Entry(
        service="rds",
        create="create_db_parameter_group",
        key="db_parameter_group_name=name",
        read="describe_db_parameter_groups:DBParameterGroups[0]",
        also=(special.instance_parameters,),
        delete="delete_db_parameter_group",
        renames={"name": "DBParameterGroupName", "family": "DBParameterGroupFamily", "parameter": None},
        constants={"Description": "Managed by Terraform"},
        further=(FurtherCode(special.put_parameters, "parameter"),),
        code_takes={"parameter": "Parameters"},
        computed={"arn": "DBParameterGroupArn"},
    ),
    "aws_rds_cluster_parameter_group": Entry(
        service="rds",
        create="create_db_cluster_parameter_group",
        key="db_cluster_parameter_group_name=name",
        read="describe_db_cluster_parameter_groups:DBClusterParameterGroups[0]",
        also=(special.cluster_parameters,),
        delete="delete_db_cluster_parameter_group",
        renames={"name": "DBClusterParameterGroupName", "family": "DBParameterGroupFamily", "parameter": None},
        constants={"Description": "Managed by Terraform"},
        further=(FurtherCode(special.put_cluster_parameters, "parameter"),),
        code_takes={"parameter": "Parameters"},
        computed={"arn": "DBClusterParameterGroupArn"},
    ),
    "aws_db_instance": Entry(
        service="rds",
        create="create_db_instance",
        id="{resource_id}",
        key="db_instance_identifier=identifier",
        read="describe_db_instances:DBInstances[0]",
        update=special.changing("modify_db_instance"),
        delete=special.delete_instance,
        renames={
            "identifier": "DBInstanceIdentifier",
            "instance_class": "DBInstanceClass",
            "username": "MasterUsername",
            "password": "MasterUserPassword",
            "password_wo": "MasterUserPassword",
            "backup_window": "PreferredBackupWindow",
            "maintenance_window": "PreferredMaintenanceWindow",
            "ca_cert_identifier": "CACertificateIdentifier",
            "parameter_group_name": "DBParameterGroupName",
            **_COMMON,
        },
        shown_as=_INSTANCE_SHOWN_AS,
        computed={
            "address": "Endpoint.Address",
            "port": "Endpoint.Port",
            "hosted_zone_id": "Endpoint.HostedZoneId",
            "resource_id": "DbiResourceId",
            "endpoint": "Endpoint.Address && join(':', [Endpoint.Address, to_string(Endpoint.Port)])",
            "status": "DBInstanceStatus",
            "arn": "DBInstanceArn",
        },
    ),
    "aws_rds_cluster": Entry(
        service="rds",
        create="create_db_cluster",
        id="{cluster_identifier}",
        key="db_cluster_identifier=cluster_identifier",
        read="describe_db_clusters:DBClusters[0]",
        update=special.changing("modify_db_cluster"),
        delete=special.delete_cluster,
        renames={
            "cluster_identifier": "DBClusterIdentifier",
            "master_password": "MasterUserPassword",
            "master_password_wo": "MasterUserPassword",
            "serverlessv2_scaling_configuration": "ServerlessV2ScalingConfiguration",
            **_COMMON,
        },
        shown_as={
            **_SHOWN_AS,
            "DBSubnetGroupName": "DBSubnetGroup",
            "DBClusterParameterGroupName": "DBClusterParameterGroup",
        },
        computed={"arn": "DBClusterArn", "cluster_resource_id": "DbClusterResourceId"},
    ),
    "aws_rds_cluster_instance": Entry(
        service="rds",
        create="create_db_instance",
        id="{identifier}",
        key="db_instance_identifier=identifier",
        read="describe_db_instances:DBInstances[0]",
        update=special.changing("modify_db_instance"),
        delete=special.delete_cluster_instance,
        renames={
            "identifier": "DBInstanceIdentifier",
            "cluster_identifier": "DBClusterIdentifier",
            "instance_class": "DBInstanceClass",
            "ca_cert_identifier": "CACertificateIdentifier",
            "performance_insights_enabled": "EnablePerformanceInsights",
            "performance_insights_kms_key_id": "PerformanceInsightsKMSKeyId",
        },
        shown_as=_INSTANCE_SHOWN_AS,
        computed={"endpoint": "Endpoint.Address", "port": "Endpoint.Port", "arn": "DBInstanceArn"},
    ),
}
