"""Templates whose deployments do not come into force, or fail and do not say so."""

from __future__ import annotations

from lib.evidence.structure import deployments as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, text_of, validator


@breaks(checks.deployments_take_effect, "aws_ecs_service.api_service_ED8481C2: does not go back by itself")
def a_service_that_does_not_come_up_is_tried_for_ever(template: Template) -> None:
    template.only("aws_ecs_service")["deployment_circuit_breaker"]["rollback"] = False


@breaks(checks.deployments_take_effect, "aws_ecs_service.api_service_ED8481C2: does not go back by itself")
def nobody_counts_the_tasks_that_failed(template: Template) -> None:
    template.only("aws_ecs_service")["deployment_circuit_breaker"]["enable"] = False


@breaks(checks.deployments_take_effect, "a deployment that failed looks like one that did not")
def a_service_is_compared_with_nothing(template: Template) -> None:
    (condition,) = template.only("aws_ecs_service")["lifecycle"]["postcondition"]
    condition["condition"] = condition["condition"].replace("self.task_definition == ", "null != ")


@breaks(checks.deployments_take_effect, "a deployment that failed looks like one that did not")
def a_service_that_went_back_counts_as_deployed(template: Template) -> None:
    del template.only("aws_ecs_service")["lifecycle"]["postcondition"]


@breaks(checks.deployments_take_effect, "a deployment that failed looks like one that did not", "three-services")
def a_service_is_compared_with_the_tasks_of_another(template: Template) -> None:
    one, other, _ = template.all("aws_ecs_service")
    one["lifecycle"]["postcondition"] = other["lifecycle"]["postcondition"]


@breaks(checks.deployments_take_effect, "a deployment that failed looks like one that did not")
def nobody_waits_for_a_service(template: Template) -> None:
    template.only("aws_ecs_service")["wait_for_steady_state"] = False


@breaks(checks.deployments_take_effect, "a new launch template replaces no instance: version $Latest", "fleet-prod")
def a_fleet_cannot_go_back_from_whatever_is_newest(template: Template) -> None:
    template.only("aws_autoscaling_group")["launch_template"]["version"] = "$Latest"


@breaks(checks.deployments_take_effect, "a new launch template replaces no instance", "fleet-prod")
def a_fleet_stays_with_the_version_of_its_first_day(template: Template) -> None:
    launched = template.only("aws_autoscaling_group")["launch_template"]
    launched["version"] = launched["version"].replace("latest_version", "default_version")


@breaks(
    checks.deployments_take_effect, "aws_autoscaling_group.web_fleet_group_FD8196BC: does not go back", "fleet-prod"
)
def a_fleet_does_not_go_back(template: Template) -> None:
    del template.only("aws_autoscaling_group")["instance_refresh"]["preferences"]["auto_rollback"]


@breaks(checks.deployments_take_effect, "does not go back by itself", "fleet-prod")
def the_instances_of_a_fleet_are_never_replaced(template: Template) -> None:
    del template.only("aws_autoscaling_group")["instance_refresh"]


@breaks(checks.deployments_take_effect, "a new launch template replaces no instance", "two-fleets")
def a_fleet_has_the_version_of_another(template: Template) -> None:
    one, other = template.all("aws_autoscaling_group")
    one["launch_template"]["version"] = other["launch_template"]["version"]


@breaks(checks.deployments_take_effect, "keeps instances that do not answer", "fleet-prod")
def an_instance_that_hangs_stays(template: Template) -> None:
    template.only("aws_autoscaling_group")["health_check_type"] = "EC2"


@breaks(checks.deployments_take_effect, "a deployment that failed looks like one that did not", "fleet-prod")
def nobody_waits_for_a_fleet(template: Template) -> None:
    del template.only("aws_autoscaling_group")["min_elb_capacity"]


@breaks(checks.deployments_take_effect, "stays with the image ami-0123456789abcdef0", "fleet-prod")
def an_image_is_never_patched(template: Template) -> None:
    template.only("aws_launch_template")["image_id"] = "ami-0123456789abcdef0"


@breaks(checks.deployments_take_effect, "new code is not deployed", "transactions-prod")
def a_function_keeps_its_first_code(template: Template) -> None:
    del validator(template)["source_code_hash"]


@breaks(checks.deployments_take_effect, "new routes are not deployed", "payments-prod")
def an_api_keeps_its_first_routes(template: Template) -> None:
    template.only("aws_apigatewayv2_stage")["auto_deploy"] = False


@breaks(checks.deployments_take_effect, "nobody hears of it when it goes back", "two-fleets")
def nobody_hears_of_one_of_two_fleets(template: Template) -> None:
    rule = template.only("aws_cloudwatch_event_rule")
    with text_of(rule, "event_pattern") as pattern:
        pattern["detail"]["AutoScalingGroupName"].pop()


@breaks(checks.deployments_take_effect, "nobody hears of it when it goes back")
def nobody_is_told_of_events(template: Template) -> None:
    template.document["resource"]["aws_cloudwatch_event_target"] = {}
