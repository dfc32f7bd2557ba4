"""Requests: each finds its way, from where it comes in to what answers it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from lib.evidence.reading import at, blocks, referred
from lib.evidence.template import Block, Template

_MAX_PRIORITY = 50_000
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""
_MAX_VALUES = 5
_MAX_RULES = 100
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
        if referred(rule["listener_arn"]) not in _answering(template):
            yield f"{address}: is at a listener that sends requests away"
        if not 1 <= rule["priority"] <= _MAX_PRIORITY:
            yield f"{address}: {rule['priority']} is no priority"
        if not 1 <= len(_values(rule)) <= _MAX_VALUES:
            yield f"{address}: has {len(_values(rule))} conditions"
        if [each["type"] for each in rule["action"]] != ["forward"]:
            yield f"{address}: leads nowhere"
    for listener, rules in _rules_by_listener(template).items():
        if len(rules) > _MAX_RULES:
            yield f"{listener}: has {len(rules)} rules"


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
        for condition in rule.get("condition", [])
        for kind in ("path_pattern", "host_header")
        for value in condition.get(kind, {}).get("values", [])
    ]


def _rules_by_listener(template: Template) -> dict[str | None, dict[str, Block]]:
    found: dict[str | None, dict[str, Block]] = defaultdict(dict)
    for name, rule in template.named("aws_lb_listener_rule").items():
        found[referred(rule["listener_arn"])][f"aws_lb_listener_rule.{name}"] = rule
    return found


def _wrong_order(template: Template) -> Iterator[str]:
    for listener, rules in _rules_by_listener(template).items():
        priorities = Counter(rule["priority"] for rule in rules.values())
        doubled = {priority: count for priority, count in priorities.items() if count > 1}
        yield from (f"{listener}: {count} rules are of priority {priority}" for priority, count in doubled.items())
        asked: dict[frozenset[str], str] = {}
        for address, rule in sorted(rules.items(), key=lambda item: item[1]["priority"]):
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
        if kinds != {(group["target_type"], group.get("port"))}:
            wanted = f"{group['target_type']}:{group.get('port')}"
            there = ", ".join(sorted(f"{kind}:{port}" for kind, port in kinds)) or "nothing"
            yield f"{address}: is for {wanted}, and has {there}"
        if address not in reached:
            yield f"{address}: no request comes to it"
    yield from (
        f"a rule leads to {each}, which is no target group" for each in sorted(map(str, reached - groups.keys()))
    )


def _reached(template: Template) -> set[str | None]:
    """The target groups that rules lead to, also by way of what is attached to them."""
    found = set()
    for rule in template.all("aws_lb_listener_rule"):
        for action in rule["action"]:
            named = referred(action.get("target_group_arn"))
            block = blocks(template).get(named or "", {})
            found.add(referred(block["target_group_arn"]) if "target_id" in block else named)
    return found


def _targets(template: Template) -> dict[str | None, set[tuple[str, int | None]]]:
    """Target group -> type and port of what is in it."""
    found: dict[str | None, set[tuple[str, int | None]]] = defaultdict(set)
    for service in template.all("aws_ecs_service"):
        for each in service.get("load_balancer", []):
            found[referred(each["target_group_arn"])].add(("ip", each["container_port"]))
    for group in template.all("aws_autoscaling_group"):
        for arn in group.get("target_group_arns", []):
            port = blocks(template).get(referred(arn) or "", {}).get("port")
            found[referred(arn)].add(("instance", port))
    for attachment in template.all("aws_lb_target_group_attachment"):
        if (referred(attachment["target_id"]) or "").startswith("aws_lambda_function."):
            found[referred(attachment["target_group_arn"])].add(("lambda", None))
    return found


def _wrong_ways_in(template: Template) -> Iterator[str]:
    integrations = template.named("aws_apigatewayv2_integration")
    for name, integration in integrations.items():
        if referred(integration["integration_uri"]) not in _answering(template):
            yield f"aws_apigatewayv2_integration.{name}: leads to a listener that sends requests away"
        routes = template.where(
            "aws_apigatewayv2_route", target=f"integrations/${{aws_apigatewayv2_integration.{name}.id}}"
        )
        if [route["route_key"] for route in routes] != ["$default"]:
            yield f"aws_apigatewayv2_integration.{name}: does not get every request"
    for name, balancer in template.named("aws_lb").items():
        if balancer["internal"] and not integrations:
            yield f"aws_lb.{name}: is internal, and nothing in front of it is not"
