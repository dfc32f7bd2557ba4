"""A service's place behind the load balancer: which requests it gets, and which of its tasks get them."""

from __future__ import annotations

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
from lib.settings.services import Service as ServiceSettings


class Route(Construct):
    """A target group for the tasks, and the listener rule that leads to it.

    priority: place of the rule at the listener, 1 to 50,000; the lowest is asked first.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        names: Names,
        settings: ServiceSettings,
        vpc_id: str,
        listener_arn: str,
        priority: int,
    ) -> None:
        super().__init__(scope, id)
        self._name = name
        self._names = names
        self._settings = settings
        self._target_group = self._build_target_group(vpc_id)
        self._listener_rule = self._build_listener_rule(listener_arn, priority)

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

    def _build_target_group(self, vpc_id: str) -> LbTargetGroup:
        settings = self._settings
        return LbTargetGroup(
            self,
            "target_group",
            # What makes a new one of it is in the name: the listener rule moves over before the old one goes.
            name=self._names.of(Kind.TARGET_GROUP, self._name, str(settings.port)),
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            vpc_id=vpc_id,
            target_type="ip",
            protocol="HTTP",
            port=settings.port,
            deregistration_delay=str(settings.deregistration_delay_seconds),
            # A slow task gets less, whatever its requests cost. (Does not go with a slow start.)
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
            load_balancing_algorithm_type="least_outstanding_requests",
            stickiness=LbTargetGroupStickiness(enabled=False, type="lb_cookie"),
            health_check=self._health_check(),
        )

    def _build_listener_rule(self, listener_arn: str, priority: int) -> LbListenerRule:
        return LbListenerRule(
            self,
            "listener_rule",
            listener_arn=listener_arn,
            priority=priority,
            action=[LbListenerRuleAction(type="forward", target_group_arn=self.target_group_arn)],
            condition=self._conditions(),
            tags={"Name": self._names.of(Kind.SERVICE, self._name)},
        )

    def _conditions(self) -> list[LbListenerRuleCondition]:
        paths = ("/*",) if self._settings.is_default else self._settings.paths
        conditions = []
        if paths:
            pattern = LbListenerRuleConditionPathPattern(values=list(paths))
            conditions.append(LbListenerRuleCondition(path_pattern=pattern))
        if self._settings.hosts:
            header = LbListenerRuleConditionHostHeader(values=list(self._settings.hosts))
            conditions.append(LbListenerRuleCondition(host_header=header))
        return conditions

    def _health_check(self) -> LbTargetGroupHealthCheck:
        check = self._settings.health_check
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
