"""Templates in which somebody gives up too early or too late."""

from __future__ import annotations

from typing import Any

from lib.evidence.structure import timeouts as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, text_of, validator


def health_check(template: Template, **changes: Any) -> None:
    template.only("aws_lb_target_group")["health_check"].update(changes)


@breaks(checks.timeouts_fit_together, "health_check.timeout 30 is not less than health_check.interval 30")
def a_target_is_asked_again_before_it_answered(template: Template) -> None:
    health_check(template, timeout=30, interval=30)


@breaks(checks.timeouts_fit_together, "health_check.timeout 6 is not less than health_check.interval 5")
def the_timeout_that_is_not_said_is_too_long(template: Template) -> None:
    health_check(template, timeout=None, interval=5)


@breaks(checks.timeouts_fit_together, "health_check.timeout 30 is not less than health_check.interval 20", "everything")
def the_timeout_of_functions_is_longer(template: Template) -> None:
    group = template.where("aws_lb_target_group", target_type="lambda")[0]
    group["health_check"] = {"interval": 20}


@breaks(checks.timeouts_fit_together, "aws_elb.old: health_check.timeout 30 is not less than health_check.interval 10")
def a_classic_load_balancer_asks_too_often(template: Template) -> None:
    template.document["resource"]["aws_elb"] = {"old": {"health_check": {"timeout": 30, "interval": 10}}}


@breaks(checks.timeouts_fit_together, "visibility_timeout_seconds 30 of aws_sqs_queue.", "transactions-prod")
def a_message_comes_back_while_its_function_works(template: Template) -> None:
    validator(template)["timeout"] = 61
    block = {
        "event_source_arn": template.reference("aws_sqs_queue", "arn"),
        "function_name": template.reference("aws_lambda_function", "arn", timeout=61),
    }
    template.document["resource"]["aws_lambda_event_source_mapping"] = {"orders": block}


@breaks(checks.timeouts_fit_together, "stopTimeout 300 is more than the 120 of Fargate")
def a_container_takes_its_time_to_end(template: Template) -> None:
    with text_of(template.only("aws_ecs_task_definition"), "container_definitions") as containers:
        containers[0]["stopTimeout"] = 300
