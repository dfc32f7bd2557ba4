"""Where services run: one ECS cluster on Fargate, and the namespace in which its services find each other."""

from __future__ import annotations

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.ecs_cluster import (
    EcsCluster,
    EcsClusterConfiguration,
    EcsClusterConfigurationExecuteCommandConfiguration,
    EcsClusterConfigurationExecuteCommandConfigurationLogConfiguration,
    EcsClusterServiceConnectDefaults,
    EcsClusterSetting,
)
from cdktf_cdktf_provider_aws.ecs_cluster_capacity_providers import (
    EcsClusterCapacityProviders,
    EcsClusterCapacityProvidersDefaultCapacityProviderStrategy,
)
from cdktf_cdktf_provider_aws.service_discovery_http_namespace import ServiceDiscoveryHttpNamespace
from constructs import Construct

from lib.components.policy import Statement
from lib.naming import Kind, Names
from lib.settings.services import Cluster as ClusterSettings

PART = "cluster"
INSIGHTS_LOG_RETENTION_DAYS = 7
"""The raw events of Container Insights; the metrics made of them last 15 months."""


class Cluster(Construct):
    """A cluster with Fargate and Fargate Spot. Services without a strategy of their own take `capacity`."""

    def __init__(self, scope: Construct, id: str, *, names: Names, settings: ClusterSettings, log_key_arn: str) -> None:
        super().__init__(scope, id)
        self.capacity = settings.capacity
        self.has_insights = settings.container_insights != "disabled"
        self._log_key_arn = log_key_arn
        self._session_log_group = self._build_session_log_group(names, settings.session_log_retention_days)
        self._insights_log_group = self._build_insights_log_group(names) if self.has_insights else None
        self._namespace = self._build_namespace(names)
        self._cluster = self._build_cluster(names, settings)
        self._capacity_providers = self._build_capacity_providers()

    @property
    def arn(self) -> str:
        return self._cluster.arn

    @property
    def name(self) -> str:
        return self._cluster.name

    @property
    def namespace_arn(self) -> str:
        return self._namespace.arn

    @property
    def capacity_providers(self) -> ITerraformDependable:
        """To depend on: no task starts before they are attached, and they cannot be detached before the last ends."""
        return self._capacity_providers

    def session_statements(self) -> list[Statement]:
        """What a task role needs for `aws ecs execute-command`: the channel, and the record of the session.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
        """
        return [
            Statement(
                sid="OpenSession",
                actions=[
                    "ssmmessages:CreateControlChannel",
                    "ssmmessages:CreateDataChannel",
                    "ssmmessages:OpenControlChannel",
                    "ssmmessages:OpenDataChannel",
                ],
                resources=["*"],
            ),
            Statement(sid="FindSessionLog", actions=["logs:DescribeLogGroups"], resources=["*"]),
            Statement(
                sid="WriteSessionLog",
                actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                resources=[f"{self._session_log_group.arn}:*"],
            ),
            Statement(sid="DecryptSession", actions=["kms:Decrypt"], resources=[self._log_key_arn]),
        ]

    def _build_session_log_group(self, names: Names, retention_days: int) -> CloudwatchLogGroup:
        return CloudwatchLogGroup(
            self,
            "session_log_group",
            name=names.of(Kind.LOG_GROUP, "cluster", "sessions"),
            retention_in_days=retention_days,
            kms_key_id=self._log_key_arn,
        )

    def _build_insights_log_group(self, names: Names) -> CloudwatchLogGroup:
        """Container Insights would make this group by itself, to keep for ever and to outlive the cluster.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-reference-performance-entries-ECS.html
        """
        return CloudwatchLogGroup(
            self,
            "insights_log_group",
            name=f"/aws/ecs/containerinsights/{names.of(Kind.CLUSTER, PART)}/performance",
            retention_in_days=INSIGHTS_LOG_RETENTION_DAYS,
            kms_key_id=self._log_key_arn,
        )

    def _build_namespace(self, names: Names) -> ServiceDiscoveryHttpNamespace:
        name = names.of(Kind.NAMESPACE, "services")
        return ServiceDiscoveryHttpNamespace(
            self, "namespace", name=name, description="Names of the services for Service Connect", tags={"Name": name}
        )

    def _build_cluster(self, names: Names, settings: ClusterSettings) -> EcsCluster:
        return EcsCluster(
            self,
            "cluster",
            name=names.of(Kind.CLUSTER, PART),
            setting=[EcsClusterSetting(name="containerInsights", value=settings.container_insights)],
            configuration=EcsClusterConfiguration(
                execute_command_configuration=EcsClusterConfigurationExecuteCommandConfiguration(
                    kms_key_id=self._log_key_arn,
                    logging="OVERRIDE",
                    log_configuration=EcsClusterConfigurationExecuteCommandConfigurationLogConfiguration(
                        cloud_watch_encryption_enabled=True,
                        cloud_watch_log_group_name=self._session_log_group.name,
                    ),
                )
            ),
            service_connect_defaults=EcsClusterServiceConnectDefaults(namespace=self.namespace_arn),
            depends_on=[self._insights_log_group] if self._insights_log_group else None,
        )

    def _build_capacity_providers(self) -> EcsClusterCapacityProviders:
        return EcsClusterCapacityProviders(
            self,
            "capacity_providers",
            cluster_name=self.name,
            # Both, whatever the default is: a service may choose the other one.
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategy=[
                EcsClusterCapacityProvidersDefaultCapacityProviderStrategy(
                    capacity_provider=provider.name, base=provider.base, weight=provider.weight
                )
                for provider in self.capacity
            ],
        )
