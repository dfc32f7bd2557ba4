"""Order: what runs starts when all is there that it needs in its first second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lib.evidence.reading import addresses, at, blocks, referred, script_of, waited_for
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
        yield f"aws_lambda_function.{name}", _permissions(template, function["role"])
    for name, attachment in template.named("aws_lb_target_group_attachment").items():
        yield f"aws_lb_target_group_attachment.{name}", _invocations(template, attachment["target_id"])
    for name, log in template.named("aws_flow_log").items():
        yield f"aws_flow_log.{name}", _permissions(template, log["iam_role_arn"])
    yield from _needs_of_databases(template)


def _needs_of_services(template: Template) -> Iterator[tuple[str, set[str]]]:
    known = blocks(template)
    for name, service in template.named("aws_ecs_service").items():
        task = known.get(referred(service["task_definition"]) or "", {})
        needed = (
            _permissions(template, [task.get("task_role_arn"), task.get("execution_role_arn")]),
            _open_ports(template, at(service, "network_configuration.security_groups")),
            _ways_out(template, at(service, "network_configuration.subnets")),
            _rules(template, [each["target_group_arn"] for each in service.get("load_balancer", [])]),
            _mount_targets(template, task),
            _secret_values(template, task),
        )
        yield f"aws_ecs_service.{name}", set().union(*needed)


def _needs_of_fleets(template: Template) -> Iterator[tuple[str, set[str]]]:
    known = blocks(template)
    for name, group in template.named("aws_autoscaling_group").items():
        launched = known.get(referred(at(group, "launch_template.id")) or "", {})
        profile = known.get(referred(at(launched, "iam_instance_profile.arn")) or "", {})
        script = script_of(template, launched)
        log_groups = [
            each["name"] for each in template.all("aws_cloudwatch_log_group") if f'"{each["name"]}"' in script
        ]
        needed = (
            _permissions(template, profile.get("role")),
            _open_ports(template, at(launched, "network_interfaces.security_groups")),
            _ways_out(template, group["vpc_zone_identifier"]),
            _rules(template, group.get("target_group_arns", [])),
            _log_groups(template, log_groups),
        )
        yield f"aws_autoscaling_group.{name}", set().union(*needed)


def _needs_of_databases(template: Template) -> Iterator[tuple[str, set[str]]]:
    for kind, (argument, pattern) in LOG_GROUPS_OF_NAME.items():
        for name, block in template.named(kind).items():
            logs = block.get("enabled_cloudwatch_logs_exports", [])
            log_groups = _log_groups(template, [pattern.format(name=block[argument], log=log) for log in logs])
            yield f"{kind}.{name}", log_groups | _permissions(template, block.get("monitoring_role_arn"))


def _permissions(template: Template, roles: Any) -> set[str]:
    named = addresses(roles)
    return {
        f"{kind}.{name}"
        for kind in _ROLE_POLICIES
        for name, policy in template.named(kind).items()
        if referred(policy["role"]) in named
    }


def _open_ports(template: Template, groups: Any) -> set[str]:
    """The rules that let it out, and those that let it in at the other end."""
    own = {referred(each) for each in groups}
    out, in_ = _RULES.format("egress"), _RULES.format("ingress")
    let_out = {
        f"{out}.{name}" for name, rule in template.named(out).items() if referred(rule["security_group_id"]) in own
    }
    let_in = {
        f"{in_}.{name}"
        for name, rule in template.named(in_).items()
        if referred(rule.get("referenced_security_group_id")) in own
    }
    return let_out | let_in


def _ways_out(template: Template, subnets: Any) -> set[str]:
    """The routes of its subnets' tables."""
    tables = {
        referred(each["route_table_id"])
        for value in subnets
        for name, each in template.named("aws_route_table_association").items()
        if referred(value) in (f"aws_route_table_association.{name}", referred(each["subnet_id"]))
    }
    return {
        f"aws_route.{name}"
        for name, route in template.named("aws_route").items()
        if referred(route["route_table_id"]) in tables
    }


def _rules(template: Template, groups: Any) -> set[str]:
    """ECS takes no target group that no load balancer knows.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
    """
    own = {referred(each) for each in groups}
    return {
        f"aws_lb_listener_rule.{name}"
        for name, rule in template.named("aws_lb_listener_rule").items()
        if any(referred(action.get("target_group_arn")) in own for action in rule["action"])
    }


def _mount_targets(template: Template, task: Block) -> set[str]:
    files = {referred(at(each, "efs_volume_configuration.file_system_id")) for each in task.get("volume", [])}
    return {
        f"aws_efs_mount_target.{name}"
        for name, target in template.named("aws_efs_mount_target").items()
        if referred(target["file_system_id"]) in files
    }


def _secret_values(template: Template, task: Block) -> set[str]:
    """A secret without a value starts no task."""
    secrets = addresses(task.get("container_definitions"))
    return {
        f"aws_secretsmanager_secret_version.{name}"
        for name, version in template.named("aws_secretsmanager_secret_version").items()
        if referred(version["secret_id"]) in secrets
    }


def _log_groups(template: Template, names: Sequence[str]) -> set[str]:
    return {
        f"aws_cloudwatch_log_group.{name}"
        for name, group in template.named("aws_cloudwatch_log_group").items()
        if group["name"] in names
    }


def _invocations(template: Template, function: str) -> set[str]:
    return {
        f"aws_lambda_permission.{name}"
        for name, permission in template.named("aws_lambda_permission").items()
        if referred(permission["function_name"]) == referred(function)
    }
