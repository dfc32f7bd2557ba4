"""Priorities: no two rules of a list come first, and none has more in it than is taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from lib.evidence.reading import blocks, every, number, referred, tables, text
from lib.evidence.template import Block, Template

_AWS = "https://docs.aws.amazon.com/"
_RULE = f"{_AWS}elasticloadbalancing/latest/APIReference/API_CreateRule.html"
_BALANCER = f"{_AWS}elasticloadbalancing/latest/application/load-balancer-limits.html"
_WAF_RULE = f"{_AWS}waf/latest/APIReference/API_Rule.html"
_CAPACITY = f"{_AWS}waf/latest/developerguide/aws-waf-capacity-units.html"
_BASELINE = f"{_AWS}waf/latest/developerguide/aws-managed-rule-groups-baseline.html"
_USE_CASES = f"{_AWS}waf/latest/developerguide/aws-managed-rule-groups-use-case.html"
_REPUTATION = f"{_AWS}waf/latest/developerguide/aws-managed-rule-groups-ip-rep.html"
_ACL_ENTRY = f"{_AWS}AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html"

LAST_PRIORITY = 50_000
MOST_VALUES = 5
MOST_RULES = 100
"""Of a load balancer's listener: the priority, the values of a rule's conditions, the rules."""

MOST_UNITS = 5_000
"""Of capacity in a web ACL. Beyond 1,500 they cost more."""

UNITS = {
    "AWSManagedRulesCommonRuleSet": (700, _BASELINE),
    "AWSManagedRulesAdminProtectionRuleSet": (100, _BASELINE),
    "AWSManagedRulesKnownBadInputsRuleSet": (200, _BASELINE),
    "AWSManagedRulesSQLiRuleSet": (200, _USE_CASES),
    "AWSManagedRulesLinuxRuleSet": (200, _USE_CASES),
    "AWSManagedRulesUnixRuleSet": (100, _USE_CASES),
    "AWSManagedRulesWindowsRuleSet": (200, _USE_CASES),
    "AWSManagedRulesPHPRuleSet": (100, _USE_CASES),
    "AWSManagedRulesWordPressRuleSet": (100, _USE_CASES),
    "AWSManagedRulesAmazonIpReputationList": (25, _REPUTATION),
    "AWSManagedRulesAnonymousIpList": (50, _REPUTATION),
}
"""Managed group -> its units, and where AWS says so."""


def priorities_are_clear(template: Template) -> list[str]:
    """Listener rules, rules of web ACLs and entries of network ACLs have priorities of their own, in the range that is
    taken; rules have no more conditions, listeners no more rules and web ACLs no more capacity units than AWS takes."""
    return [*_listener_rules(template), *_web_acls(template), *_network_acls(template)]


def _listener_rules(template: Template) -> Iterator[str]:
    by_listener: dict[str, list[Block]] = defaultdict(list)
    for name, rule in template.named("aws_lb_listener_rule").items():
        address = f"aws_lb_listener_rule.{name}"
        if listener := text(rule, "listener_arn"):
            by_listener[listener].append(rule)
        priority = number(rule, "priority")
        if priority is not None and not 1 <= priority <= LAST_PRIORITY:
            yield f"{address}: priority {priority:g} is not from 1 to {LAST_PRIORITY}, see {_RULE}"
        values = len(
            [
                value
                for condition in tables(rule, "condition")
                for kind in condition
                for value in every(condition, f"{kind}.values")
            ]
        )
        if values > MOST_VALUES:
            yield f"{address}: condition has {values} values, and {MOST_VALUES} are taken, see {_BALANCER}"
    for listener, rules in by_listener.items():
        label = referred(listener) or listener
        yield from _doubled(f"{label}: ", "rules are of priority", [number(each, "priority") for each in rules], _RULE)
        if len(rules) > MOST_RULES:
            yield f"{label}: has {len(rules)} rules, and {MOST_RULES} are taken, see {_BALANCER}"


def _doubled(label: str, what: str, priorities: list[float | None], page: str) -> Iterator[str]:
    for priority, count in Counter(priorities).items():
        if priority is not None and count > 1:
            yield f"{label}{count} {what} {priority:g}, see {page}"


def _web_acls(template: Template) -> Iterator[str]:
    for kind in ("aws_wafv2_web_acl", "aws_wafv2_rule_group"):
        for name, acl in template.named(kind).items():
            address, rules = f"{kind}.{name}", tables(acl, "rule")
            priorities = [number(each, "priority") for each in rules]
            yield from _doubled(f"{address}: rule: ", "are of priority", priorities, _WAF_RULE)
            for called, count in Counter(text(each, "name") for each in rules).items():
                if called and count > 1:
                    yield f"{address}: rule: {count} are called {called}, see {_WAF_RULE}"
            units = sum(_units(template, each) for each in rules)
            if units > MOST_UNITS:
                yield f"{address}: rule: at least {units:g} capacity units, and {MOST_UNITS} are taken, see {_CAPACITY}"


def _units(template: Template, rule: Block) -> float:
    """The units of a rule; of those that are not known, the one that every rule has at least."""
    managed = UNITS.get(text(rule, "statement.managed_rule_group_statement.name"))
    if managed:
        return managed[0]
    group = blocks(template).get(referred(text(rule, "statement.rule_group_reference_statement.arn")) or "", {})
    return number(group, "capacity") or 1


def _network_acls(template: Template) -> Iterator[str]:
    numbers: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    for rule in template.all("aws_network_acl_rule"):
        way = "egress" if str(rule.get("egress")).lower() == "true" else "ingress"
        numbers[text(rule, "network_acl_id"), way].append(number(rule, "rule_number"))
    for (acl, way), found in numbers.items():
        yield from _doubled(f"{referred(acl) or acl}: ", f"rules of {way} have the number", found, _ACL_ENTRY)
