"""Load balancers, their listeners, rules and targets."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry, Further
from localaws.resources.special import elbv2 as special

_LOAD_BALANCER_ATTRIBUTES: Final = {
    "deletion_protection.enabled": "{enable_deletion_protection}",
    "idle_timeout.timeout_seconds": "{idle_timeout}",
    "client_keep_alive.seconds": "{client_keep_alive}",
    "routing.http.drop_invalid_header_fields.enabled": "{drop_invalid_header_fields}",
    "routing.http.desync_mitigation_mode": "{desync_mitigation_mode}",
    "routing.http.preserve_host_header.enabled": "{preserve_host_header}",
    "routing.http.xff_header_processing.mode": "{xff_header_processing_mode}",
    "routing.http2.enabled": "{enable_http2}",
    "load_balancing.cross_zone.enabled": "{enable_cross_zone_load_balancing}",
    "waf.fail_open.enabled": "{enable_waf_fail_open}",
    "access_logs.s3.enabled": "{access_logs.enabled}",
    "access_logs.s3.bucket": "{access_logs.bucket}",
    "access_logs.s3.prefix": "{access_logs.prefix}",
}
_TARGET_GROUP_ATTRIBUTES: Final = {
    "deregistration_delay.timeout_seconds": "{deregistration_delay}",
    "slow_start.duration_seconds": "{slow_start}",
    "stickiness.enabled": "{stickiness.enabled}",
    "stickiness.type": "{stickiness.type}",
    "stickiness.lb_cookie.duration_seconds": "{stickiness.cookie_duration}",
    "load_balancing.algorithm.type": "{load_balancing_algorithm_type}",
    "load_balancing.cross_zone.enabled": "{load_balancing_cross_zone_enabled}",
}

ENTRIES: Final = {
    "aws_lb": Entry(
        service="elbv2",
        create="create_load_balancer",
        id="LoadBalancers[0].LoadBalancerArn",
        key="load_balancer_arn=id load_balancer_arns=id",
        read="describe_load_balancers:LoadBalancers[0]",
        also=("describe_load_balancer_attributes",),
        delete="delete_load_balancer",
        renames={"load_balancer_type": "Type", "internal": None},
        constants={"Type": "application"},
        adjust=special.place_scheme,
        further=(
            Further(
                "modify_load_balancer_attributes",
                {"LoadBalancerArn": "{id}", "Attributes": _LOAD_BALANCER_ATTRIBUTES},
            ),
            Further(
                "set_security_groups",
                {"LoadBalancerArn": "{id}", "SecurityGroups": "{security_groups}"},
                on_create=False,
            ),
            Further("set_subnets", {"LoadBalancerArn": "{id}", "Subnets": "{subnets}"}, on_create=False),
            Further(
                "set_ip_address_type",
                {"LoadBalancerArn": "{id}", "IpAddressType": "{ip_address_type}"},
                on_create=False,
            ),
        ),
        shown_as={"Name": "LoadBalancerName", "Subnets": "AvailabilityZones[].SubnetId"},
        computed={
            "arn": "LoadBalancerArn",
            "arn_suffix": special.load_balancer_suffix,
            "dns_name": "DNSName",
            "zone_id": "CanonicalHostedZoneId",
        },
    ),
    "aws_lb_target_group": Entry(
        service="elbv2",
        create="create_target_group",
        id="TargetGroups[0].TargetGroupArn",
        key="target_group_arn=id target_group_arns=id",
        read="describe_target_groups:TargetGroups[0]",
        also=("describe_target_group_attributes",),
        update="modify_target_group",
        delete="delete_target_group",
        renames={"health_check": None},
        adjust=special.place_health_check,
        further=(
            Further(
                "modify_target_group_attributes", {"TargetGroupArn": "{id}", "Attributes": _TARGET_GROUP_ATTRIBUTES}
            ),
        ),
        shown_as={"Name": "TargetGroupName"},
        computed={"arn": "TargetGroupArn", "arn_suffix": special.target_group_suffix},
    ),
    "aws_lb_target_group_attachment": Entry(
        service="elbv2",
        create="register_targets",
        id="{target_group_arn}/{target_id}",
        key="target_group_arn",
        read=special.read_target,
        delete=special.deregister_target,
        renames={"target_id": None, "port": None, "availability_zone": None},
        adjust=special.place_target,
        shown_as={"Targets": "[Target]"},
    ),
    "aws_lb_listener": Entry(
        service="elbv2",
        create="create_listener",
        id="Listeners[0].ListenerArn",
        key="listener_arn=id listener_arns=id",
        read="describe_listeners:Listeners[0]",
        update="modify_listener",
        delete="delete_listener",
        renames={"certificate_arn": None, **special.ACTION_NAMES},
        adjust=special.place_listener,
        computed={"arn": "ListenerArn"},
    ),
    "aws_lb_listener_rule": Entry(
        service="elbv2",
        create="create_rule",
        id="Rules[0].RuleArn",
        key="rule_arn=id rule_arns=id",
        read="describe_rules:Rules[0]",
        update="modify_rule",
        delete="delete_rule",
        renames={"condition": None, **special.ACTION_NAMES},
        adjust=special.place_rule,
        further=(
            Further(
                "set_rule_priorities",
                {"RulePriorities": [{"RuleArn": "{id}", "Priority": "{priority}"}]},
                on_create=False,
            ),
        ),
        shown_as={"RulePriorities": "[{RuleArn: RuleArn, Priority: Priority}]"},
        computed={"arn": "RuleArn"},
    ),
}
