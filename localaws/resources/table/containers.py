"""ECS, ECR, Cloud Map, application autoscaling."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry
from localaws.resources.special import containers as special
from localaws.resources.special.common import asking

_CLUSTER = asking(
    "describe_clusters", "clusters[?status=='ACTIVE'] | [0]", include=["CONFIGURATIONS", "SETTINGS", "TAGS"]
)

ENTRIES: Final = {
    "aws_ecs_cluster": Entry(
        service="ecs",
        create="create_cluster",
        id="cluster.clusterArn",
        key="cluster=name clusters=name",
        read=_CLUSTER,
        update="update_cluster",
        delete="delete_cluster",
    ),
    "aws_ecs_cluster_capacity_providers": Entry(
        service="ecs",
        create="put_cluster_capacity_providers",
        id="{cluster_name}",
        key="cluster=cluster_name clusters=cluster_name",
        read=_CLUSTER,
        update="put_cluster_capacity_providers",
        delete=special.take_capacity_providers,
        renames={"cluster_name": "cluster"},
        constants={"capacityProviders": [], "defaultCapacityProviderStrategy": []},
    ),
    "aws_ecs_task_definition": Entry(
        service="ecs",
        create="register_task_definition",
        id="{family}",
        key="task_definition=arn",
        read=special.read_task_definition,
        delete=special.deregister_task_definition,
        code_takes={"track_latest": ""},
        computed={
            "arn": "taskDefinitionArn",
            "arn_without_revision": "arn:aws:ecs:{region}:{account}:task-definition/{family}",
        },
    ),
    "aws_ecs_service": Entry(
        service="ecs",
        create="create_service",
        id="service.serviceArn",
        key="cluster service=name services=name",
        read=asking("describe_services", "services[?status=='ACTIVE'] | [0]", include=["TAGS"]),
        update="update_service",
        delete="delete_service",
        gone={"force": True},
        renames={
            "network_configuration": "networkConfiguration.awsvpcConfiguration",
            "deployment_minimum_healthy_percent": "deploymentConfiguration.minimumHealthyPercent",
            "deployment_maximum_percent": "deploymentConfiguration.maximumPercent",
            "deployment_circuit_breaker": "deploymentConfiguration.deploymentCircuitBreaker",
            "alarms": "deploymentConfiguration.alarms",
            "iam_role": "role",
        },
        shown_as={"cluster": "clusterArn", "serviceConnectConfiguration": "deployments[0].serviceConnectConfiguration"},
        computed={"arn": "serviceArn"},
    ),
    "aws_ecr_repository": Entry(
        service="ecr",
        create="create_repository",
        key="repository_name=name repository_names=name",
        read="describe_repositories:repositories[0]",
        delete="delete_repository",
        computed={"repository_url": "repositoryUri", "arn": "repositoryArn"},
    ),
    "aws_service_discovery_http_namespace": Entry(
        service="servicediscovery",
        create=special.creating_namespace("create_http_namespace"),
        read="get_namespace:Namespace",
        update=special.change_namespace,
        delete="delete_namespace",
        code_takes={"name": "Name", "description": "Description"},
        shown_as={"Namespace": "{Description: Description}"},
    ),
    "aws_appautoscaling_target": Entry(
        service="application-autoscaling",
        create="register_scalable_target",
        id="{resource_id}",
        key="resource_id resource_ids=resource_id scalable_dimension service_namespace",
        read="describe_scalable_targets:ScalableTargets[?ScalableDimension=='$scalable_dimension'] | [0]",
        update="register_scalable_target",
        delete="deregister_scalable_target",
        computed={"arn": "ScalableTargetARN"},
    ),
    "aws_appautoscaling_policy": Entry(
        service="application-autoscaling",
        create="put_scaling_policy",
        key="policy_name=name policy_names=name resource_id scalable_dimension service_namespace",
        read="describe_scaling_policies:ScalingPolicies[?PolicyName=='$name'] | [0]",
        update="put_scaling_policy",
        delete="delete_scaling_policy",
        computed={"arn": "PolicyARN"},
    ),
}
