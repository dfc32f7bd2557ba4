"""Templates that ask for a capacity which cannot be."""

from __future__ import annotations

from lib.evidence.structure import capacity_bounds as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks


@breaks(checks.capacity_is_within_bounds, "min_size 5 is more than max_size 2", "fleet-dev")
def a_group_is_to_have_more_than_it_may(template: Template) -> None:
    template.only("aws_autoscaling_group").update(min_size=5, max_size=2)


@breaks(checks.capacity_is_within_bounds, "desired_capacity 9 is more than max_size 2", "fleet-dev")
def a_group_starts_with_more_than_it_may(template: Template) -> None:
    template.only("aws_autoscaling_group").update(desired_capacity="9", max_size=2)


@breaks(checks.capacity_is_within_bounds, "min_elb_capacity 3 is more than max_size 2", "fleet-dev")
def a_deployment_waits_for_more_instances_than_there_can_be(template: Template) -> None:
    template.only("aws_autoscaling_group").update(min_elb_capacity=3, max_size=2)


@breaks(checks.capacity_is_within_bounds, "min_capacity 2 is more than max_capacity 1")
def a_service_is_to_have_more_tasks_than_it_may(template: Template) -> None:
    template.only("aws_appautoscaling_target").update(min_capacity=2, max_capacity=1)


@breaks(
    checks.capacity_is_within_bounds, "data_storage.minimum 20 is more than cache_usage_limits.data_storage.maximum"
)
def a_cache_is_to_have_more_than_it_may(template: Template) -> None:
    template.only("aws_elasticache_serverless_cache")["cache_usage_limits"][0]["data_storage"][0]["minimum"] = 20


@breaks(checks.capacity_is_within_bounds, "min_capacity 4 is more than serverlessv2", "payments-dev")
def a_database_is_to_have_more_than_it_may(template: Template) -> None:
    template.only("aws_rds_cluster")["serverlessv2_scaling_configuration"].update(min_capacity=4, max_capacity=2)


@breaks(checks.capacity_is_within_bounds, "min_capacity 0.75 is no multiple of 0.5", "payments-dev")
def a_database_s_capacity_is_between_two_steps(template: Template) -> None:
    template.only("aws_rds_cluster")["serverlessv2_scaling_configuration"]["min_capacity"] = 0.75


@breaks(checks.capacity_is_within_bounds, "from 50 to 200 percent is wider than the 100 that are allowed", "fleet-dev")
def a_group_is_replaced_with_too_much_room(template: Template) -> None:
    preferences = template.only("aws_autoscaling_group")["instance_refresh"]["preferences"]
    preferences.update(min_healthy_percentage=50, max_healthy_percentage=200)


@breaks(checks.capacity_is_within_bounds, "needs a min_healthy_percentage beside it", "fleet-dev")
def a_group_is_replaced_with_half_of_its_bounds(template: Template) -> None:
    del template.only("aws_autoscaling_group")["instance_refresh"]["preferences"]["min_healthy_percentage"]


@breaks(checks.capacity_is_within_bounds, "let no task start and none stop")
def a_deployment_has_room_for_nothing(template: Template) -> None:
    template.only("aws_ecs_service").update(desired_count=1, deployment_maximum_percent=150)


@breaks(checks.capacity_is_within_bounds, "capacity_provider_strategy: more than one has a base")
def two_providers_have_a_base(template: Template) -> None:
    template.only("aws_ecs_service")["capacity_provider_strategy"] = [
        {"capacity_provider": "FARGATE", "base": 1, "weight": 1},
        {"capacity_provider": "FARGATE_SPOT", "base": 1, "weight": 1},
    ]


@breaks(checks.capacity_is_within_bounds, "capacity_provider_strategy: none has a weight above 0")
def no_provider_has_a_weight(template: Template) -> None:
    template.only("aws_ecs_service")["capacity_provider_strategy"] = [{"capacity_provider": "FARGATE", "weight": 0}]


@breaks(checks.capacity_is_within_bounds, "num_cache_clusters 1 is less than the 2", "lms-prod")
def a_cache_fails_over_to_itself(template: Template) -> None:
    template.only("aws_elasticache_replication_group")["num_cache_clusters"] = 1


@breaks(checks.capacity_is_within_bounds, "multi_az_enabled needs automatic_failover_enabled", "lms-prod")
def a_cache_is_in_two_zones_and_does_not_fail_over(template: Template) -> None:
    template.only("aws_elasticache_replication_group")["automatic_failover_enabled"] = False
