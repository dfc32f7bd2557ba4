"""Timeouts: whoever waits gives up before the next try, and not before who works is done."""

from __future__ import annotations

from collections.abc import Iterator

from lib.evidence.reading import blocks, containers, is_set, number, referred, text, texts
from lib.evidence.template import Block, Template

_AWS = "https://docs.aws.amazon.com/"
_CHECK = f"{_AWS}elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"
_CLASSIC = f"{_AWS}elasticloadbalancing/2012-06-01/APIReference/API_HealthCheck.html"
_QUEUE = f"{_AWS}lambda/latest/dg/services-sqs-configure.html"
_STOP = f"{_AWS}AmazonECS/latest/APIReference/API_ContainerDefinition.html"

_CHECK_INTERVAL, _CHECK_TIMEOUT = 30, 6
_OF_FUNCTIONS = (35, 30)
"""Interval and timeout, in seconds, of health checks that say neither."""
_FUNCTION_SECONDS, _VISIBILITY_SECONDS = 3, 30
"""What Lambda and SQS take where nothing is said."""
_LONGEST_STOP = 120
"""Seconds that Fargate waits for a container to end."""


def timeouts_fit_together(template: Template) -> list[str]:
    """A health check ends before the next, a message stays hidden for as long as its function may take, and a container
    has no longer to end than Fargate waits."""
    return [*_checks(template), *_queues(template), *_tasks(template)]


def _checks(template: Template) -> Iterator[str]:
    for kind in ("aws_lb_target_group", "aws_alb_target_group"):
        for name, group in template.named(kind).items():
            yield from _wrong_check(f"{kind}.{name}", group)
    for name, balancer in template.named("aws_elb").items():
        interval, timeout = number(balancer, "health_check.interval"), number(balancer, "health_check.timeout")
        if interval is not None and timeout is not None and timeout >= interval:
            yield f"aws_elb.{name}: {_later(timeout, interval)}, see {_CLASSIC}"


def _wrong_check(address: str, group: Block) -> Iterator[str]:
    if is_set(group, "health_check.enabled", False):
        return
    is_function = group.get("target_type") == "lambda"
    interval_default, timeout_default = _OF_FUNCTIONS if is_function else (_CHECK_INTERVAL, _CHECK_TIMEOUT)
    interval = number(group, "health_check.interval")
    timeout = number(group, "health_check.timeout")
    if interval is None and timeout is None:
        return
    interval, timeout = interval or interval_default, timeout or timeout_default
    if timeout >= interval:
        yield f"{address}: {_later(timeout, interval)}, see {_CHECK}"


def _later(timeout: float, interval: float) -> str:
    return f"health_check.timeout {timeout:g} is not less than health_check.interval {interval:g}"


def _queues(template: Template) -> Iterator[str]:
    known = blocks(template)
    for name, mapping in template.named("aws_lambda_event_source_mapping").items():
        queue = known.get(queue_address := referred(mapping.get("event_source_arn")) or "", {})
        function = known.get(referred(mapping.get("function_name")) or "", {})
        if not queue_address.startswith("aws_sqs_queue.") or not function:
            continue
        hidden = _seconds(queue, "visibility_timeout_seconds", _VISIBILITY_SECONDS)
        works = _seconds(function, "timeout", _FUNCTION_SECONDS)
        if hidden is not None and works is not None and hidden < works:
            yield (
                f"aws_lambda_event_source_mapping.{name}: visibility_timeout_seconds {hidden:g} of {queue_address} is "
                f"less than the timeout {works:g} of its function, see {_QUEUE}"
            )


def _seconds(block: Block, argument: str, default: float) -> float | None:
    return default if block.get(argument) is None else number(block, argument)


def _tasks(template: Template) -> Iterator[str]:
    for name, task in template.named("aws_ecs_task_definition").items():
        if "FARGATE" in texts(task, "requires_compatibilities"):
            for each in containers(task):
                if (stop := number(each, "stopTimeout") or 0) > _LONGEST_STOP:
                    yield (
                        f"aws_ecs_task_definition.{name}: container {text(each, 'name')}: stopTimeout {stop:g} is more "
                        f"than the {_LONGEST_STOP} of Fargate, see {_STOP}"
                    )
