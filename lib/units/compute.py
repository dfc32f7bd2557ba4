"""What runs: the cluster and its services, fleets, functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.components.cluster import Cluster
from lib.components.service import Service
from lib.settings.routing import rule_priority
from lib.settings.services import url_variable
from lib.units.base import key
from lib.units.stores import access

if TYPE_CHECKING:
    from lib.components.fleet import Fleet
    from lib.components.function import Function
    from lib.tap_stack import TapStack


def cluster(stack: TapStack) -> Cluster:
    return Cluster(stack, "cluster", names=stack.names, settings=stack.settings.cluster, log_key_arn=stack.log_key.arn)


def services(stack: TapStack, cluster: Cluster) -> dict[str, Service]:
    return {name: _service(stack, cluster, name) for name in stack.settings.services}


def _service(stack: TapStack, cluster: Cluster, name: str) -> Service:
    settings = stack.settings.services[name]
    # variable -> (name of the secret, JSON key in it or nothing)
    secrets = {variable: reference.partition(":")[::2] for variable, reference in settings.secrets.items()}
    arns = stack.secrets.arns if stack.secrets else {}
    return Service(
        stack,
        f"{name}_service",
        name=name,
        names=stack.names,
        settings=settings,
        account=stack.account,
        cluster=cluster,
        vpc_id=stack.network.vpc_id,
        subnet_ids=stack.network.private_subnet_ids,
        listener_arn=stack.load_balancer.listener_arn,
        priority=rule_priority(name, settings),
        load_balancer_arn_suffix=stack.load_balancer.arn_suffix,
        log_key_arn=stack.log_key.arn,
        access=access(stack, name),
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
        secrets={
            variable: f"{arns[secret]}:{json_key}::" if json_key else arns[secret]
            for variable, (secret, json_key) in secrets.items()
        },
        secret_statements=(
            stack.secrets.execution_statements(secret for secret, _ in secrets.values()) if stack.secrets else ()
        ),
        files=stack.files,
        calls={
            url_variable(callee): f"http://{callee}:{stack.settings.services[callee].port}" for callee in settings.calls
        },
    )


def fleets(stack: TapStack) -> dict[str, Fleet]:
    if not stack.settings.fleets:
        return {}
    from lib.components.fleet import Fleet, disk_key_statements

    disk_key = key(stack, "disks", "disks of instances", disk_key_statements(stack.account))
    return {
        name: Fleet(
            stack,
            f"{name}_fleet",
            name=name,
            names=stack.names,
            settings=settings,
            account=stack.account,
            vpc_id=stack.network.vpc_id,
            subnet_ids=stack.network.private_subnet_ids,
            listener_arn=stack.load_balancer.listener_arn,
            priority=rule_priority(name, settings),
            load_balancer_arn_suffix=stack.load_balancer.arn_suffix,
            log_key_arn=stack.log_key.arn,
            disk_key_arn=disk_key.arn,
            tags=stack.tags,
            access=access(stack, name),
        )
        for name, settings in stack.settings.fleets.items()
    }


def functions(stack: TapStack) -> dict[str, Function]:
    key = stack.function_key
    return {name: _function(stack, key.arn, name) for name in stack.settings.functions} if key else {}


def _function(stack: TapStack, key_arn: str, name: str) -> Function:
    from lib.components.function import Function

    settings = stack.settings.functions[name]
    function = Function(
        stack,
        f"{name}_function",
        name=name,
        names=stack.names,
        settings=settings,
        account=stack.account,
        key_arn=key_arn,
        log_key_arn=stack.log_key.arn,
        queue_key_arn=key_arn,
        access=access(stack, name),
    )
    if settings.has_rule:
        function.add_route(
            listener_arn=stack.load_balancer.listener_arn,
            priority=rule_priority(name, settings),
            load_balancer_arn_suffix=stack.load_balancer.arn_suffix,
        )
    return function
