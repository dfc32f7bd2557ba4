"""How many tasks of a service run: between two limits, following load."""

from __future__ import annotations

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.appautoscaling_policy import (
    AppautoscalingPolicy,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification,
)
from cdktf_cdktf_provider_aws.appautoscaling_target import AppautoscalingTarget
from constructs import Construct

from lib.naming import Kind, Names
from lib.settings.services import Scaling


class Autoscaling(Construct):
    """Target tracking on each measure that the settings give a value. The measure that asks for most tasks decides.

    request_label: `<load balancer's ARN suffix>/<target group's>`, by which ALBRequestCountPerTarget is found.
    attached: what attaches the target group to the load balancer; AWS refuses the request policy before.
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        names: Names,
        settings: Scaling,
        cluster_name: str,
        service_name: str,
        request_label: str,
        attached: ITerraformDependable,
    ) -> None:
        super().__init__(scope, id)
        self._name = name
        self._names = names
        self._settings = settings
        self._target = self._build_target(cluster_name, service_name)
        if settings.cpu_percent is not None:
            self._build_policy("cpu", "ECSServiceAverageCPUUtilization", settings.cpu_percent)
        if settings.memory_percent is not None:
            self._build_policy("memory", "ECSServiceAverageMemoryUtilization", settings.memory_percent)
        if settings.requests_per_target is not None:
            self._build_policy(
                "requests", "ALBRequestCountPerTarget", settings.requests_per_target, request_label, attached
            )

    def _build_target(self, cluster_name: str, service_name: str) -> AppautoscalingTarget:
        return AppautoscalingTarget(
            self,
            "target",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=f"service/{cluster_name}/{service_name}",
            min_capacity=self._settings.min_tasks,
            max_capacity=self._settings.max_tasks,
            tags={"Name": self._names.of(Kind.SERVICE, self._name)},
        )

    def _build_policy(
        self,
        part: str,
        metric: str,
        value: float,
        resource_label: str | None = None,
        attached: ITerraformDependable | None = None,
    ) -> None:
        AppautoscalingPolicy(
            self,
            f"{part}_policy",
            name=self._names.of(Kind.SCALING_POLICY, self._name, part),
            policy_type="TargetTrackingScaling",
            service_namespace=self._target.service_namespace,
            scalable_dimension=self._target.scalable_dimension,
            resource_id=self._target.resource_id,
            target_tracking_scaling_policy_configuration=AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration(
                target_value=value,
                scale_out_cooldown=self._settings.scale_out_cooldown_seconds,
                scale_in_cooldown=self._settings.scale_in_cooldown_seconds,
                predefined_metric_specification=AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification(
                    predefined_metric_type=metric, resource_label=resource_label
                ),
            ),
            depends_on=[attached] if attached else None,
        )
