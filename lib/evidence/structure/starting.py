"""Order: what runs starts when all is there that it needs in its first second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lib.evidence.reading import (
    addresses,
    blocks,
    every,
    referred,
    script_of,
    text,
    texts,
    waited_for,
)
from lib.evidence.structure.rotation import secrets_in
from lib.evidence.template import Block, Template

_ROLE_POLICIES = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")
_RULES = "aws_vpc_security_group_{}_rule"

LOG_GROUPS_OF_NAME = {
    "aws_db_instance": ("identifier", "/aws/rds/instance/{name}/{log}"),
    "aws_rds_cluster": ("cluster_identifier", "/aws/rds/cluster/{name}/{log}"),
}
"""Who makes its log group by itself where there is none: its name, and the group's.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html"""


def nothing_starts_too_early(template: Template) -> list[str]:
    """Tasks, instances and functions wait for their permissions, open ports, ways out, rules and files; whatever
    writes a log by its name waits for the log group."""
    before = waited_for(template)
    return [
        f"{address}: does not wait for {each}"
        for address, needed in _needs(template)
        for each in sorted(needed)
        if each not in before(address)
    ]


def _needs(template: Template) -> Iterator[tuple[str, set[str]]]:
    """Address -> what must be there before it."""
    yield from _needs_of_services(template)
    yield from _needs_of_fleets(template)
    for name, function in template.named("aws_lambda_function").items():
        yield f"aws_lambda_function.{name}", _permissions(template, function.get("role"))
    for name, invocation in template.named("aws_lambda_invocation").items():
        yield f"aws_lambda_invocation.{name}", _way_of(template, invocation.get("function_name"))
    for name, rotation in template.named("aws_secretsmanager_secret_rotation").items():
        needed = _invocations(template, rotation.get("rotation_lambda_arn"))
        yield f"aws_secretsmanager_secret_rotation.{name}", needed | _secret_values(template, rotation.get("secret_id"))
    for name, attachment in template.named("aws_lb_target_group_attachment").items():
        yield f"aws_lb_target_group_attachment.{name}", _invocations(template, attachment.get("target_id"))
    for name, log in template.named("aws_flow_log").items():
        yield f"aws_flow_log.{name}", _permissions(template, log.get("iam_role_arn"))
    yield from _needs_of_databases(template)


def _needs_of_services(template: Template) -> Iterator[tuple[str, set[str]]]:
    known = blocks(template)
    for name, service in template.named("aws_ecs_service").items():
        task = known.get(referred(service.get("task_definition")) or "", {})
        needed = (
            _permissions(template, [task.get("task_role_arn"), task.get("execution_role_arn")]),
            _open_ports(template, every(service, "network_configuration.security_groups")),
            _ways_out(template, every(service, "network_configuration.subnets")),
            _rules(template, every(service, "load_balancer.target_group_arn")),
            _mount_targets(template, task),
            _secret_values(template, task.get("container_definitions")),
        )
        yield f"aws_ecs_service.{name}", set().union(*needed)


def _needs_of_fleets(template: Template) -> Iterator[tuple[str, set[str]]]:
    known = blocks(template)
    for name, group in template.named("aws_autoscaling_group").items():
        launched = known.get(referred(text(group, "launch_template.id")) or "", {})
        profile = known.get(referred(text(launched, "iam_instance_profile.arn")) or "", {})
        script = script_of(template, launched)
        named = [text(each, "name") for each in template.all("aws_cloudwatch_log_group")]
        log_groups = [each for each in named if f'"{each}"' in script]
        needed = (
            _permissions(template, profile.get("role")),
            _open_ports(template, every(launched, "network_interfaces.security_groups")),
            _ways_out(template, every(group, "vpc_zone_identifier")),
            _rules(template, every(group, "target_group_arns")),
            _log_groups(template, log_groups),
            _secret_values(template, script),
        )
        yield f"aws_autoscaling_group.{name}", set().union(*needed)


def _needs_of_databases(template: Template) -> Iterator[tuple[str, set[str]]]:
    for kind, (argument, pattern) in LOG_GROUPS_OF_NAME.items():
        for name, block in template.named(kind).items():
            logs, called = texts(block, "enabled_cloudwatch_logs_exports"), text(block, argument)
            log_groups = _log_groups(template, [pattern.format(name=called, log=log) for log in logs])
            yield f"{kind}.{name}", log_groups | _permissions(template, block.get("monitoring_role_arn"))


def _permissions(template: Template, roles: Any) -> set[str]:
    named = addresses(roles)
    return {
        f"{kind}.{name}"
        for kind in _ROLE_POLICIES
        for name, policy in template.named(kind).items()
        if referred(policy.get("role")) in named
    }


def _open_ports(template: Template, groups: Sequence[Any]) -> set[str]:
    """The rules that let it out, and those that let it in at the other end."""
    own = {referred(each) for each in groups} - {None}
    out, in_ = _RULES.format("egress"), _RULES.format("ingress")
    let_out = {
        f"{out}.{name}" for name, rule in template.named(out).items() if referred(rule.get("security_group_id")) in own
    }
    let_in = {
        f"{in_}.{name}"
        for name, rule in template.named(in_).items()
        if referred(rule.get("referenced_security_group_id")) in own
    }
    return let_out | let_in


def _ways_out(template: Template, subnets: Sequence[Any]) -> set[str]:
    """The routes of its subnets' tables."""
    tables_ = {
        referred(each.get("route_table_id"))
        for subnet in {referred(value) for value in subnets} - {None}
        for name, each in template.named("aws_route_table_association").items()
        if subnet in (f"aws_route_table_association.{name}", referred(each.get("subnet_id")))
    } - {None}
    return {
        f"aws_route.{name}"
        for name, route in template.named("aws_route").items()
        if referred(route.get("route_table_id")) in tables_
    }


def _rules(template: Template, groups: Sequence[Any]) -> set[str]:
    """ECS takes no target group that no load balancer knows.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
    """
    own = {referred(each) for each in groups} - {None}
    return {
        f"aws_lb_listener_rule.{name}"
        for name, rule in template.named("aws_lb_listener_rule").items()
        if any(referred(each) in own for each in every(rule, "action.target_group_arn"))
    }


def _mount_targets(template: Template, task: Block) -> set[str]:
    files = {referred(each) for each in every(task, "volume.efs_volume_configuration.file_system_id")} - {None}
    return {
        f"aws_efs_mount_target.{name}"
        for name, target in template.named("aws_efs_mount_target").items()
        if referred(target.get("file_system_id")) in files
    }


def _secret_values(template: Template, told: Any) -> set[str]:
    """A secret without a value starts no task: what writes the first one of those that somebody is told of. Where
    Terraform does not, it calls a function that is told of them too."""
    secrets = secrets_in(told)
    written = {
        f"aws_secretsmanager_secret_version.{name}"
        for name, version in template.named("aws_secretsmanager_secret_version").items()
        if referred(version.get("secret_id")) in secrets
    }
    return written | {
        f"aws_lambda_invocation.{name}"
        for name, invocation in template.named("aws_lambda_invocation").items()
        if secrets & secrets_in(_function(template, invocation.get("function_name")).get("environment"))
    }


def _way_of(template: Template, function: Any) -> set[str]:
    """What a function in the VPC reaches others by, which it needs when it is called, not when it is made."""
    block = _function(template, function)
    return _open_ports(template, every(block, "vpc_config.security_group_ids")) | _ways_out(
        template, every(block, "vpc_config.subnet_ids")
    )


def _function(template: Template, reference: Any) -> Block:
    return blocks(template).get(referred(reference) or "", {})


def _log_groups(template: Template, names: Sequence[str]) -> set[str]:
    return {
        f"aws_cloudwatch_log_group.{name}"
        for name, group in template.named("aws_cloudwatch_log_group").items()
        if group.get("name") in names
    }


def _invocations(template: Template, function: Any) -> set[str]:
    return {
        f"aws_lambda_permission.{name}"
        for name, permission in template.named("aws_lambda_permission").items()
        if referred(permission.get("function_name")) == referred(function) is not None
    }
