"""ElastiCache: serverless caches, nodes, who may sign in."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry
from localaws.resources.special import elasticache as special

ENTRIES: Final = {
    "aws_elasticache_serverless_cache": Entry(
        service="elasticache",
        create="create_serverless_cache",
        key="serverless_cache_name=name",
        read="describe_serverless_caches:ServerlessCaches[0]",
        update="modify_serverless_cache",
        delete="delete_serverless_cache",
    ),
    "aws_elasticache_subnet_group": Entry(
        service="elasticache",
        create="create_cache_subnet_group",
        key="cache_subnet_group_name=name",
        read="describe_cache_subnet_groups:CacheSubnetGroups[0]",
        update="modify_cache_subnet_group",
        delete="delete_cache_subnet_group",
        renames={"name": "CacheSubnetGroupName", "description": "CacheSubnetGroupDescription"},
        constants={"CacheSubnetGroupDescription": "Managed by Terraform"},
        shown_as={"SubnetIds": "Subnets[].SubnetIdentifier"},
    ),
    "aws_elasticache_replication_group": Entry(
        service="elasticache",
        create="create_replication_group",
        id="{replication_group_id}",
        key="replication_group_id",
        read="describe_replication_groups:ReplicationGroups[?Status!='deleting'] | [0]",
        also=(special.a_member,),
        update=special.change_replication_group,
        delete=special.delete_replication_group,
        renames={
            "description": "ReplicationGroupDescription",
            "node_type": "CacheNodeType",
            "subnet_group_name": "CacheSubnetGroupName",
            "multi_az_enabled": "MultiAZEnabled",
            "maintenance_window": "PreferredMaintenanceWindow",
            "parameter_group_name": "CacheParameterGroupName",
            "log_delivery_configuration": None,
        },
        adjust=special.place_log_deliveries,
        shown_as=special.SHOWN_AS,
        computed={
            "primary_endpoint_address": "NodeGroups[0].PrimaryEndpoint.Address",
            "reader_endpoint_address": "NodeGroups[0].ReaderEndpoint.Address",
            "configuration_endpoint_address": "ConfigurationEndpoint.Address",
            "cluster_enabled": "ClusterEnabled",
        },
    ),
    "aws_elasticache_user": Entry(
        service="elasticache",
        create="create_user",
        id="{user_id}",
        key="user_id",
        read="describe_users:Users[?Status!='deleting'] | [0]",
        update="modify_user",
        delete="delete_user",
        shown_as={"AuthenticationMode": "Authentication.{Type: Type}"},
    ),
    "aws_elasticache_user_group": Entry(
        service="elasticache",
        create="create_user_group",
        id="{user_group_id}",
        key="user_group_id",
        read="describe_user_groups:UserGroups[0]",
        update=special.change_user_group,
        shown_as={"UserIdsToAdd": "UserIds"},
        delete="delete_user_group",
    ),
}
