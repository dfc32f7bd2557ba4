"""Load balancers: what the API takes as texts of key and value, so that its model knows nothing of them."""

from __future__ import annotations

from lib.evidence.values.rule import Rule, between, boolean, matching, one_of, sized

_API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_"
_LB = f"{_API}LoadBalancerAttribute.html"
_TARGETS = f"{_API}TargetGroupAttribute.html"
_GROUP = f"{_API}CreateTargetGroup.html"
_POLICIES = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"
_LOGS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"

ARGUMENTS: dict[tuple[str, str], tuple[Rule, ...]] = {
    ("aws_lb", "access_logs.enabled"): (boolean(_LB),),
    ("aws_lb", "access_logs.prefix"): (matching(r"(?!.*AWSLogs)[\w./-]*[\w.-]", _LOGS),),
    ("aws_lb", "desync_mitigation_mode"): (one_of("monitor", "defensive", "strictest", source=_LB),),
    ("aws_lb", "drop_invalid_header_fields"): (boolean(_LB),),
    ("aws_lb", "enable_deletion_protection"): (boolean(_LB),),
    ("aws_lb", "enable_http2"): (boolean(_LB),),
    ("aws_lb", "enable_waf_fail_open"): (boolean(_LB),),
    ("aws_lb", "idle_timeout"): (between(1, 4000, _LB),),
    ("aws_lb", "internal"): (boolean(f"{_API}CreateLoadBalancer.html"),),
    ("aws_lb", "load_balancer_type"): (
        one_of("application", "network", "gateway", source=f"{_API}CreateLoadBalancer.html"),
    ),
    ("aws_lb", "xff_header_processing_mode"): (one_of("append", "preserve", "remove", source=_LB),),
    ("aws_lb_listener", "default_action.redirect.port"): (
        matching(r"#\{port\}|[1-9]\d{0,4}", f"{_API}RedirectActionConfig.html"),
    ),
    ("aws_lb_listener", "ssl_policy"): (
        matching(
            r"ELBSecurityPolicy-[A-Za-z0-9-]+-\d{4}-\d{2}(?:-PQ-\d{4}-\d{2})?|ELBSecurityPolicy-2016-08", _POLICIES
        ),
    ),
    ("aws_lb_listener_rule", "condition.path_pattern.values"): (
        sized(1, 128, f"{_API}PathPatternConditionConfig.html"),
        matching(r"/[A-Za-z0-9_\-.$/~\"'@:+&*?]*", f"{_API}PathPatternConditionConfig.html"),
    ),
    ("aws_lb_listener_rule", "condition.host_header.values"): (
        sized(1, 128, f"{_API}HostHeaderConditionConfig.html"),
        matching(r"[A-Za-z0-9.*?-]*\.[A-Za-z*?][A-Za-z0-9.*?-]*", f"{_API}HostHeaderConditionConfig.html"),
    ),
    ("aws_lb_target_group", "deregistration_delay"): (between(0, 3600, _TARGETS),),
    ("aws_lb_target_group", "health_check.matcher"): (matching(r"[2-4]\d\d(?:[,-][2-4]\d\d)*", f"{_API}Matcher.html"),),
    ("aws_lb_target_group", "health_check.path"): (
        sized(1, 1024, _GROUP),
        matching(r"/[\w\-.~/%!$&'()*+,;=:@?#]*", _GROUP),
    ),
    ("aws_lb_target_group", "health_check.port"): (matching(r"traffic-port|[1-9]\d{0,4}", _GROUP),),
    ("aws_lb_target_group", "lambda_multi_value_headers_enabled"): (boolean(_TARGETS),),
    ("aws_lb_target_group", "load_balancing_algorithm_type"): (
        one_of("round_robin", "least_outstanding_requests", "weighted_random", source=_TARGETS),
    ),
    ("aws_lb_target_group", "slow_start"): (between(0, 900, _TARGETS),),
    ("aws_lb_target_group", "stickiness.enabled"): (boolean(_TARGETS),),
    ("aws_lb_target_group", "stickiness.type"): (
        one_of("lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto", source=_TARGETS),
    ),
}
