"""A place behind the load balancer: which requests come here, and who of the targets gets them."""

from __future__ import annotations

from typing import Literal

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.lb_listener_rule import (
    LbListenerRule,
    LbListenerRuleAction,
    LbListenerRuleCondition,
    LbListenerRuleConditionHostHeader,
    LbListenerRuleConditionPathPattern,
)
from cdktf_cdktf_provider_aws.lb_target_group import (
    LbTargetGroup,
    LbTargetGroupHealthCheck,
    LbTargetGroupStickiness,
)
from constructs import Construct

from lib.naming import Kind, Names
from lib.settings.targets import HealthCheck, Routed, Target


class Route(Construct):
    """A target group for tasks or instances, and the listener rule that leads to it.

    target_type: `ip` for tasks of Fargate, which attach themselves, `instance` for EC2.
    priority: place of the rule at the listener, 1 to 50,000; the lowest is asked first.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        names: Names,
        settings: Target,
        target_type: Literal["ip", "instance"],
        vpc_id: str,
        listener_arn: str,
        priority: int,
    ) -> None:
        super().__init__(scope, id)
        self._target_group = self._build_target_group(
            # What makes a new one of it is in the name: the listener rule moves over before the old one goes.
            names.of(Kind.TARGET_GROUP, name, str(settings.port)),
            settings,
            target_type,
            vpc_id,
        )
        self._listener_rule = listener_rule(
            self,
            names.of(Kind.SERVICE, name),
            settings,
            listener_arn=listener_arn,
            priority=priority,
            target_group_arn=self.target_group_arn,
        )

    @property
    def target_group_arn(self) -> str:
        return self._target_group.arn

    @property
    def target_group_arn_suffix(self) -> str:
        return self._target_group.arn_suffix

    @property
    def listener_rule(self) -> ITerraformDependable:
        """To depend on: ECS takes no target group that no load balancer knows."""
        return self._listener_rule

    def _build_target_group(
        self, name: str, settings: Target, target_type: Literal["ip", "instance"], vpc_id: str
    ) -> LbTargetGroup:
        return LbTargetGroup(
            self,
            "target_group",
            name=name,
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            vpc_id=vpc_id,
            target_type=target_type,
            protocol="HTTP",
            port=settings.port,
            deregistration_delay=str(settings.deregistration_delay_seconds),
            # A slow target gets less, whatever its requests cost. (Does not go with a slow start.)
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
            load_balancing_algorithm_type="least_outstanding_requests",
            stickiness=LbTargetGroupStickiness(enabled=False, type="lb_cookie"),
            health_check=_health_check(settings.health_check),
        )


def listener_rule(
    scope: Construct, name: str, settings: Routed, *, listener_arn: str, priority: int, target_group_arn: str
) -> LbListenerRule:
    """The rule that sends the requests of the settings' paths and hosts to a target group; without either, all."""
    return LbListenerRule(
        scope,
        "listener_rule",
        listener_arn=listener_arn,
        priority=priority,
        action=[LbListenerRuleAction(type="forward", target_group_arn=target_group_arn)],
        condition=_conditions(settings),
        tags={"Name": name},
    )


def _conditions(settings: Routed) -> list[LbListenerRuleCondition]:
    paths = settings.paths if settings.has_rule else ("/*",)
    conditions = []
    if paths:
        pattern = LbListenerRuleConditionPathPattern(values=list(paths))
        conditions.append(LbListenerRuleCondition(path_pattern=pattern))
    if settings.hosts:
        header = LbListenerRuleConditionHostHeader(values=list(settings.hosts))
        conditions.append(LbListenerRuleCondition(host_header=header))
    return conditions


def _health_check(check: HealthCheck) -> LbTargetGroupHealthCheck:
    return LbTargetGroupHealthCheck(
        enabled=True,
        protocol="HTTP",
        port="traffic-port",
        path=check.path,
        matcher=check.healthy_statuses,
        interval=check.interval_seconds,
        timeout=check.timeout_seconds,
        healthy_threshold=check.healthy_count,
        unhealthy_threshold=check.unhealthy_count,
    )
