"""Load balancers: health checks, actions, conditions, targets."""

from __future__ import annotations

from typing import Any, Final

from localaws.resources.mapper import Request, is_unset, one
from localaws.resources.resource import Resource
from localaws.resources.special.common import pascal

_HEALTH_CHECK: Final = {
    "enabled": "HealthCheckEnabled",
    "path": "HealthCheckPath",
    "protocol": "HealthCheckProtocol",
    "port": "HealthCheckPort",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthy_threshold": "HealthyThresholdCount",
    "unhealthy_threshold": "UnhealthyThresholdCount",
}
_CONDITIONS: Final = ("host_header", "path_pattern", "http_request_method", "source_ip")
ACTION_NAMES: Final[dict[str, str | None]] = {
    f"{action}.{name}": member
    for action in ("action", "default_action")
    for name, member in {
        "redirect": "RedirectConfig",
        "fixed_response": "FixedResponseConfig",
        "forward": "ForwardConfig",
        "forward.target_group": "TargetGroups",
        "forward.target_group.arn": "TargetGroupArn",
        "forward.stickiness": "TargetGroupStickinessConfig",
        "forward.stickiness.duration": "DurationSeconds",
        "authenticate_cognito": "AuthenticateCognitoConfig",
        "authenticate_oidc": "AuthenticateOidcConfig",
    }.items()
}


def load_balancer_suffix(_: Resource, found: dict[str, Any]) -> str | None:
    """What CloudWatch calls it: the ARN's last part, without the word before it."""
    arn = found.get("LoadBalancerArn")
    return arn.split(":", 5)[5].removeprefix("loadbalancer/") if arn else None


def target_group_suffix(_: Resource, found: dict[str, Any]) -> str | None:
    arn = found.get("TargetGroupArn")
    return arn.split(":", 5)[5] if arn else None


def place_scheme(resource: Resource, request: Request) -> None:
    request.place("internal", "internal" if resource.get("internal") is True else "internet-facing", "Scheme")


def place_health_check(resource: Resource, request: Request) -> None:
    check = one(resource.args.get("health_check"))
    if not check:
        return
    for argument, member in _HEALTH_CHECK.items():
        if not is_unset(check.get(argument)):
            request.place("health_check", check[argument], member)
    if not is_unset(check.get("matcher")):
        code = "GrpcCode" if resource.get("protocol_version") == "GRPC" else "HttpCode"
        request.place("health_check", {code: check["matcher"]}, "Matcher")


def _order(actions: list[dict[str, Any]]) -> None:
    for number, action in enumerate(actions, 1):
        action.setdefault("Order", number)


def place_listener(resource: Resource, request: Request) -> None:
    _order(request.params.get("DefaultActions", []))
    if resource.get("certificate_arn"):
        request.place("certificate_arn", [{"CertificateArn": resource.get("certificate_arn")}], "Certificates")


def place_rule(resource: Resource, request: Request) -> None:
    _order(request.params.get("Actions", []))
    conditions = []
    for each in resource.args.get("condition") or []:
        for kind in _CONDITIONS:
            if one(each.get(kind)):
                values = {"Values": one(each[kind])["values"]}
                conditions.append({"Field": kind.replace("_", "-"), f"{pascal(kind)}Config": values})
        if header := one(each.get("http_header")):
            config = {"HttpHeaderName": header["http_header_name"], "Values": header["values"]}
            conditions.append({"Field": "http-header", "HttpHeaderConfig": config})
    request.place("condition", conditions, "Conditions")


def _target(resource: Resource) -> dict[str, Any]:
    target = {"Id": resource.get("target_id")}
    if resource.get("port") is not None:
        target["Port"] = int(resource.get("port"))
    if resource.get("availability_zone"):
        target["AvailabilityZone"] = resource.get("availability_zone")
    return target


def place_target(resource: Resource, request: Request) -> None:
    request.place("target_id", [_target(resource)], "Targets")
    for argument in ("port", "availability_zone"):
        request.claim(argument, "Targets")


def read_target(resource: Resource) -> dict[str, Any] | None:
    group = {"TargetGroupArn": resource.get("target_group_arn")}
    found = resource.call("describe_target_health", group)["TargetHealthDescriptions"]
    return next((each for each in found if each["Target"]["Id"] == resource.get("target_id")), None)


def deregister_target(resource: Resource) -> None:
    group = {"TargetGroupArn": resource.get("target_group_arn")}
    resource.call("deregister_targets", {**group, "Targets": [_target(resource)]})
