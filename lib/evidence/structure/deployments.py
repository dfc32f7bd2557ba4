"""Deployments: what changes comes into force, and what fails goes back and says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.evidence.reading import addresses, at, expressions, referred
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
        breaker = service.get("deployment_circuit_breaker", {})
        if not (breaker.get("enable") and breaker.get("rollback")):
            yield f"aws_ecs_service.{name}: does not go back by itself"
        conditions = [each["condition"] for each in service.get("lifecycle", {}).get("postcondition", [])]
        wanted = referred(service["task_definition"])
        # ECS is steady after it went back, too.
        # https://github.com/hashicorp/terraform-provider-aws/issues/20858
        compared = any(f"{wanted}.arn" in each and "self.task_definition" in each for each in conditions)
        if not (service.get("wait_for_steady_state") and compared):
            yield f"aws_ecs_service.{name}: a deployment that failed looks like one that did not"


def _fleet(group: Block) -> Iterator[str]:
    launched = group["launch_template"]
    preferences = at(group, "instance_refresh.preferences") or {}
    if referred(launched["version"]) != referred(launched["id"]) or not launched["version"].endswith(
        ".latest_version}"
    ):
        # Auto Scaling does not go back from `$Latest`, and Terraform sees no change in it.
        # https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
        yield f"a new launch template replaces no instance: version {launched['version']}"
    if not preferences.get("auto_rollback"):
        yield "does not go back by itself"
    if group.get("health_check_type") != "ELB":
        yield "keeps instances that do not answer"
    if not group.get("min_elb_capacity"):
        yield "a deployment that failed looks like one that did not"


def _the_rest(template: Template) -> Iterator[str]:
    for name, launched in template.named("aws_launch_template").items():
        if next(expressions(launched["image_id"]), None) is None:
            yield f"aws_launch_template.{name}: stays with the image {launched['image_id']}, patched or not"
    for name, function in template.named("aws_lambda_function").items():
        if not re.fullmatch(r"[A-Za-z0-9+/]{43}=", function.get("source_code_hash", "")):
            yield f"aws_lambda_function.{name}: new code is not deployed"
    for name, stage in template.named("aws_apigatewayv2_stage").items():
        if not stage.get("auto_deploy"):
            yield f"aws_apigatewayv2_stage.{name}: new routes are not deployed"


def _unheard(template: Template) -> Iterator[str]:
    """Nothing but an event tells that a fleet went back, or that a service did after Terraform was gone."""
    told = {referred(each["rule"]) for each in template.all("aws_cloudwatch_event_target")}
    patterns = [
        rule["event_pattern"]
        for name, rule in template.named("aws_cloudwatch_event_rule").items()
        if f"aws_cloudwatch_event_rule.{name}" in told
    ]
    for kind in ("aws_autoscaling_group", "aws_ecs_cluster"):
        for name in template.named(kind):
            if not any(f"{kind}.{name}" in addresses(pattern) for pattern in patterns):
                yield f"{kind}.{name}: nobody hears of it when it goes back"
