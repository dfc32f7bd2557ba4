"""Templates with rules of which nobody can tell which comes first, or with too many."""

from __future__ import annotations

from lib.evidence.structure import priorities as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks

_RULE = "aws_lb_listener_rule"
_ACL = "aws_wafv2_web_acl"


@breaks(checks.priorities_are_clear, "2 rules are of priority 50000", "transactions-prod")
def two_rules_have_one_priority(template: Template) -> None:
    for rule in template.all(_RULE):
        rule["priority"] = 50_000


@breaks(checks.priorities_are_clear, "priority 0 is not from 1 to 50000")
def a_priority_is_none(template: Template) -> None:
    template.only(_RULE)["priority"] = 0


@breaks(checks.priorities_are_clear, "condition has 6 values, and 5 are taken")
def a_rule_asks_for_too_much(template: Template) -> None:
    template.only(_RULE)["condition"][0]["path_pattern"]["values"] = [f"/{number}" for number in range(6)]


@breaks(checks.priorities_are_clear, "has 102 rules, and 100 are taken", "transactions-prod")
def a_listener_has_more_rules_than_it_may(template: Template) -> None:
    for number in range(100):
        template.named(_RULE)[f"more{number}"] = {**template.all(_RULE)[0], "priority": 1000 + number}


@breaks(checks.priorities_are_clear, "rule: 2 are of priority 1")
def two_rules_of_the_firewall_have_one_priority(template: Template) -> None:
    rules = template.only(_ACL)["rule"]
    rules[1]["priority"] = rules[0]["priority"]


@breaks(checks.priorities_are_clear, "rule: 2 are called AWSManagedRulesCommonRuleSet")
def two_rules_of_the_firewall_have_one_name(template: Template) -> None:
    rules = template.only(_ACL)["rule"]
    rules[1]["name"] = rules[0]["name"]


@breaks(checks.priorities_are_clear, "rule: at least 5602 capacity units, and 5000 are taken")
def a_firewall_has_more_rules_than_it_may(template: Template) -> None:
    rules = template.only(_ACL)["rule"]
    group = {"rule_group_reference_statement": {"arn": "${aws_wafv2_rule_group.own.arn}"}}
    rules.append({**rules[-1], "name": "Own", "priority": 9, "statement": group})
    template.document["resource"]["aws_wafv2_rule_group"] = {"own": {"capacity": 4501}}


@breaks(checks.priorities_are_clear, "2 rules of ingress have the number 100")
def two_entries_of_a_network_acl_have_one_number(template: Template) -> None:
    rule = {"network_acl_id": "acl-1", "rule_number": 100}
    entries = {"one": rule, "two": rule | {"egress": False}, "out": rule | {"egress": True}}
    template.document["resource"]["aws_network_acl_rule"] = entries
