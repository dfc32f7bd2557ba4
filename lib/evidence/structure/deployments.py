"""Deployments: what changes comes into force, and what fails goes back and says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.evidence.reading import addresses, at, expressions, is_set, number, referred, text, texts
from lib.evidence.template import Block, Template


def deployments_take_effect(template: Template) -> list[str]:
    """A service or a fleet that does not come up goes back by itself, and the deployment fails or says so; new code,
    images and routes are in use afterwards."""
    return [
        *_services(template),
        *(
            f"aws_autoscaling_group.{name}: {each}"
            for name, group in template.named("aws_autoscaling_group").items()
            for each in _fleet(group)
        ),
        *_the_rest(template),
        *_unheard(template),
    ]


def _services(template: Template) -> Iterator[str]:
    for name, service in template.named("aws_ecs_service").items():
        breaker = "deployment_circuit_breaker"
        if not (is_set(service, f"{breaker}.enable") and is_set(service, f"{breaker}.rollback")):
            yield f"aws_ecs_service.{name}: does not go back by itself"
        conditions = texts(service, "lifecycle.postcondition.condition")
        wanted = referred(service.get("task_definition"))
        # ECS is steady after it went back, too.
        # https://github.com/hashicorp/terraform-provider-aws/issues/20858
        compared = any(f"{wanted}.arn" in each and "self.task_definition" in each for each in conditions)
        if not (is_set(service, "wait_for_steady_state") and compared):
            yield f"aws_ecs_service.{name}: a deployment that failed looks like one that did not"


def _fleet(group: Block) -> Iterator[str]:
    version = text(group, "launch_template.version")
    is_newest = version.endswith(".latest_version}")
    if referred(version) != referred(at(group, "launch_template.id")) or not is_newest:
        # Auto Scaling does not go back from `$Latest`, and Terraform sees no change in it.
        # https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
        yield f"a new launch template replaces no instance: version {version}"
    if not is_set(group, "instance_refresh.preferences.auto_rollback"):
        yield "does not go back by itself"
    if group.get("health_check_type") != "ELB":
        yield "keeps instances that do not answer"
    if not number(group, "min_elb_capacity"):
        yield "a deployment that failed looks like one that did not"


def _the_rest(template: Template) -> Iterator[str]:
    for name, launched in template.named("aws_launch_template").items():
        if next(expressions(image := text(launched, "image_id")), None) is None:
            yield f"aws_launch_template.{name}: stays with the image {image}, patched or not"
    for name, function in template.named("aws_lambda_function").items():
        if not re.fullmatch(r"[A-Za-z0-9+/]{43}=", text(function, "source_code_hash")):
            yield f"aws_lambda_function.{name}: new code is not deployed"
    for name, stage in template.named("aws_apigatewayv2_stage").items():
        if not is_set(stage, "auto_deploy"):
            yield f"aws_apigatewayv2_stage.{name}: new routes are not deployed"


def _unheard(template: Template) -> Iterator[str]:
    """Nothing but an event tells that a fleet went back, or that a service did after Terraform was gone."""
    told = {referred(each.get("rule")) for each in template.all("aws_cloudwatch_event_target")}
    patterns = [
        rule.get("event_pattern")
        for name, rule in template.named("aws_cloudwatch_event_rule").items()
        if f"aws_cloudwatch_event_rule.{name}" in told
    ]
    for kind in ("aws_autoscaling_group", "aws_ecs_cluster"):
        for name in template.named(kind):
            if not any(f"{kind}.{name}" in addresses(pattern) for pattern in patterns):
                yield f"{kind}.{name}: nobody hears of it when it goes back"
