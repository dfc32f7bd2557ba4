"""How many of something run, tasks of a service or readers of a database: between two limits, following load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.appautoscaling_policy import (
    AppautoscalingPolicy,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification,
)
from cdktf_cdktf_provider_aws.appautoscaling_target import AppautoscalingTarget
from constructs import Construct

from lib.naming import Kind, Names
from lib.settings.data import ReaderScaling
from lib.settings.services import Scaling


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A metric that AWS knows by name, and the value that scaling holds it at.

    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html
    """

    part: str
    """`cpu`, `requests`: the last part of the policy's name."""
    metric: str
    value: float
    label: str | None = None
    """Which load balancer and target group are meant, where the metric does not tell by itself."""
    attached: ITerraformDependable | None = None
    """What must be there before AWS takes the policy."""


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """What is scaled, as Application Auto Scaling calls it, and how far. `called` is its name for people."""

    called: str
    service_namespace: str
    scalable_dimension: str
    resource_id: str
    min_capacity: int
    max_capacity: int
    scale_out_cooldown_seconds: int
    scale_in_cooldown_seconds: int
    measures: Sequence[Measure]


def service_tasks(
    settings: Scaling,
    *,
    called: str,
    cluster_name: str,
    service_name: str,
    request_label: str,
    attached: ITerraformDependable,
) -> Scaled:
    """The tasks of an ECS service, by each measure that the settings give a value.

    request_label: `<load balancer's ARN suffix>/<target group's>`, by which ALBRequestCountPerTarget is found.
    attached: what attaches the target group to the load balancer; AWS refuses the request policy before.
    """
    measures = []
    if settings.cpu_percent is not None:
        measures.append(Measure(part="cpu", metric="ECSServiceAverageCPUUtilization", value=settings.cpu_percent))
    if settings.memory_percent is not None:
        measures.append(
            Measure(part="memory", metric="ECSServiceAverageMemoryUtilization", value=settings.memory_percent)
        )
    if settings.requests_per_target is not None:
        measures.append(
            Measure(
                part="requests",
                metric="ALBRequestCountPerTarget",
                value=settings.requests_per_target,
                label=request_label,
                attached=attached,
            )
        )
    return Scaled(
        called=called,
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=f"service/{cluster_name}/{service_name}",
        min_capacity=settings.min_tasks,
        max_capacity=settings.max_tasks,
        scale_out_cooldown_seconds=settings.scale_out_cooldown_seconds,
        scale_in_cooldown_seconds=settings.scale_in_cooldown_seconds,
        measures=measures,
    )


def aurora_readers(settings: ReaderScaling, *, called: str, cluster_identifier: str, min_readers: int) -> Scaled:
    """The readers of an Aurora cluster. AWS takes away only those that it added.

    min_readers: how many there are without it; AWS would add those that are missing.
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html
    """
    return Scaled(
        called=called,
        service_namespace="rds",
        scalable_dimension="rds:cluster:ReadReplicaCount",
        resource_id=f"cluster:{cluster_identifier}",
        min_capacity=min_readers,
        max_capacity=settings.max_readers,
        scale_out_cooldown_seconds=settings.cooldown_seconds,
        scale_in_cooldown_seconds=settings.cooldown_seconds,
        measures=[Measure(part="cpu", metric="RDSReaderAverageCPUUtilization", value=settings.cpu_percent)],
    )


class Autoscaling(Construct):
    """Target tracking on each measure. The one that asks for most decides.

    name: first part of the policies' names.
    """

    def __init__(self, scope: Construct, id: str, *, name: str, names: Names, scaled: Scaled) -> None:
        super().__init__(scope, id)
        self._name = name
        self._names = names
        self._scaled = scaled
        target = self._build_target()
        for measure in scaled.measures:
            self._build_policy(target, measure)

    def _build_target(self) -> AppautoscalingTarget:
        scaled = self._scaled
        return AppautoscalingTarget(
            self,
            "target",
            service_namespace=scaled.service_namespace,
            scalable_dimension=scaled.scalable_dimension,
            resource_id=scaled.resource_id,
            min_capacity=scaled.min_capacity,
            max_capacity=scaled.max_capacity,
            tags={"Name": scaled.called},
        )

    def _build_policy(self, target: AppautoscalingTarget, measure: Measure) -> None:
        AppautoscalingPolicy(
            self,
            f"{measure.part}_policy",
            name=self._names.of(Kind.SCALING_POLICY, self._name, measure.part),
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration(
                target_value=measure.value,
                scale_out_cooldown=self._scaled.scale_out_cooldown_seconds,
                scale_in_cooldown=self._scaled.scale_in_cooldown_seconds,
                predefined_metric_specification=AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification(
                    predefined_metric_type=measure.metric, resource_label=measure.label
                ),
            ),
            depends_on=[measure.attached] if measure.attached else None,
        )
