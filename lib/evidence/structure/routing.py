"""Requests: each finds its way, from where it comes in to what answers it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from lib.evidence.reading import at, blocks, every, is_set, number, referred, tables, text, texts
from lib.evidence.template import Block, Template

_MAX_GROUPS = 100
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""
_EVERYTHING = frozenset({"path_pattern *", "path_pattern /*"})


def requests_find_their_way(template: Template) -> list[str]:
    """Rules lead from a listener that answers to targets of the right type, each asked before none that hides it; the
    HTTP API leads to such a listener, and an internal load balancer has one in front."""
    return [*_wrong_rules(template), *_wrong_order(template), *_wrong_groups(template), *_wrong_ways_in(template)]


def _wrong_rules(template: Template) -> Iterator[str]:
    for name, rule in template.named("aws_lb_listener_rule").items():
        address = f"aws_lb_listener_rule.{name}"
        if referred(rule.get("listener_arn")) not in _answering(template):
            yield f"{address}: is at a listener that sends requests away"
        if not _values(rule):
            yield f"{address}: asks for no path and no host"
        if every(rule, "action.type") != ["forward"]:
            yield f"{address}: leads nowhere"


def _answering(template: Template) -> set[str]:
    """Listeners that do not send every request on to another."""
    return {
        f"aws_lb_listener.{name}"
        for name, listener in template.named("aws_lb_listener").items()
        if at(listener, "default_action.type") != "redirect"
    }


def _values(rule: Block) -> list[str]:
    return [
        f"{kind} {value}"
        for kind in ("path_pattern", "host_header")
        for value in texts(rule, f"condition.{kind}.values")
    ]


def _rules_by_listener(template: Template) -> dict[str | None, dict[str, Block]]:
    found: dict[str | None, dict[str, Block]] = defaultdict(dict)
    for name, rule in template.named("aws_lb_listener_rule").items():
        found[referred(rule.get("listener_arn"))][f"aws_lb_listener_rule.{name}"] = rule
    return found


def _wrong_order(template: Template) -> Iterator[str]:
    for rules in _rules_by_listener(template).values():
        asked: dict[frozenset[str], str] = {}
        for address, rule in sorted(rules.items(), key=lambda item: number(item[1], "priority") or 0):
            wanted = frozenset(_values(rule))
            if hides := [asked[each] for each in asked if each == wanted or each <= _EVERYTHING]:
                yield f"{address}: is never asked, behind {hides[0]}"
            asked[wanted] = address


def _wrong_groups(template: Template) -> Iterator[str]:
    groups = {f"aws_lb_target_group.{name}": group for name, group in template.named("aws_lb_target_group").items()}
    targets, reached = _targets(template), _reached(template)
    if len(groups) > _MAX_GROUPS:
        yield f"there are {len(groups)} target groups"
    for address, group in groups.items():
        kinds = targets.get(address, set())
        if kinds != {(text(group, "target_type"), number(group, "port"))}:
            wanted = f"{text(group, 'target_type')}:{_port(number(group, 'port'))}"
            there = ", ".join(sorted(f"{kind}:{_port(port)}" for kind, port in kinds)) or "nothing"
            yield f"{address}: is for {wanted}, and has {there}"
        if address not in reached:
            yield f"{address}: no request comes to it"
    yield from (
        f"a rule leads to {each}, which is no target group" for each in sorted(map(str, reached - groups.keys()))
    )


def _port(port: float | None) -> str:
    return "none" if port is None else f"{port:g}"


def _reached(template: Template) -> set[str | None]:
    """The target groups that rules lead to, also by way of what is attached to them."""
    found = set()
    for rule in template.all("aws_lb_listener_rule"):
        for arn in every(rule, "action.target_group_arn"):
            named = referred(arn)
            block = blocks(template).get(named or "", {})
            found.add(referred(block.get("target_group_arn")) if "target_id" in block else named)
    return found


def _targets(template: Template) -> dict[str | None, set[tuple[str, float | None]]]:
    """Target group -> type and port of what is in it."""
    found: dict[str | None, set[tuple[str, float | None]]] = defaultdict(set)
    for service in template.all("aws_ecs_service"):
        for each in tables(service, "load_balancer"):
            found[referred(each.get("target_group_arn"))].add(("ip", number(each, "container_port")))
    for group in template.all("aws_autoscaling_group"):
        for arn in every(group, "target_group_arns"):
            port = number(blocks(template).get(referred(arn) or "", {}), "port")
            found[referred(arn)].add(("instance", port))
    for attachment in template.all("aws_lb_target_group_attachment"):
        if (referred(attachment.get("target_id")) or "").startswith("aws_lambda_function."):
            found[referred(attachment.get("target_group_arn"))].add(("lambda", None))
    return found


def _wrong_ways_in(template: Template) -> Iterator[str]:
    integrations = template.named("aws_apigatewayv2_integration")
    for name, integration in integrations.items():
        if referred(integration.get("integration_uri")) not in _answering(template):
            yield f"aws_apigatewayv2_integration.{name}: leads to a listener that sends requests away"
        routes = template.where(
            "aws_apigatewayv2_route", target=f"integrations/${{aws_apigatewayv2_integration.{name}.id}}"
        )
        if [route.get("route_key") for route in routes] != ["$default"]:
            yield f"aws_apigatewayv2_integration.{name}: does not get every request"
    for name, balancer in template.named("aws_lb").items():
        if is_set(balancer, "internal") and not integrations:
            yield f"aws_lb.{name}: is internal, and nothing in front of it is not"
