"""The firewalls: in front of load balancer and CDN, with their rules, writing down what they block."""

from __future__ import annotations

from collections.abc import Iterator

from lib.naming import Kind
from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import Having, Unit
from lib.operations.verify.words import expect, expect_within, one
from lib.settings.edge import EDGE_REGION

UNIT = Unit(
    "firewall", "Firewalls", Having("firewall", lambda stack: "web_acl_arn" in stack or "cdn_web_acl_arn" in stack)
)

BALANCER, CDN = "web_acl_arn", "cdn_web_acl_arn"
MANAGED_GROUPS = {
    "AWSManagedRulesCommonRuleSet": 1,
    "AWSManagedRulesKnownBadInputsRuleSet": 2,
    "AWSManagedRulesSQLiRuleSet": 3,
}
CLIENT_HEADER = "x-client-address"
_CLIENTS_OF_API = Having("HTTP API behind a firewall", lambda stack: BALANCER in stack and "http_api_id" in stack)


@UNIT.each(BALANCER, CDN, what="It is in front of what it protects, and lets through what no rule blocks")
def in_front(stack: Deployment, acl: str) -> Iterator[str]:
    found = web_acl(stack, acl)
    yield from expect("the web ACL in use", found.get("ARN"), stack[acl])
    yield from expect("its last resort", list(found.get("DefaultAction", {})), ["Allow"])


@UNIT.each(BALANCER, CDN, what="AWS's managed rules are there, in their order, and block")
def managed_rules(stack: Deployment, acl: str) -> Iterator[str]:
    rules = [rule for rule in _rules(stack, acl) if "ManagedRuleGroupStatement" in rule["Statement"]]
    found = {rule["Statement"]["ManagedRuleGroupStatement"]["Name"]: rule["Priority"] for rule in rules}
    yield from expect("the managed rules and their places", found, MANAGED_GROUPS)
    for rule in rules:
        yield from expect(f"what is made of {rule['Name']}", list(rule.get("OverrideAction", {})), ["None"])


@UNIT.each(BALANCER, CDN, what="A client that asks too much is blocked")
def rate_limits(stack: Deployment, acl: str) -> Iterator[str]:
    by_api = acl == BALANCER and "http_api_id" in stack
    by_address = acl == CDN or not stack.is_internal
    expected = {"RequestsPerApiClient": by_api, "RequestsPerAddress": by_address}
    yield from expect("the limits", set(limits(stack, acl)), {name for name, is_there in expected.items() if is_there})
    for rule in _rules(stack, acl):
        if rule["Name"] in expected:
            yield from expect(f"what {rule['Name']} does", list(rule.get("Action", {})), ["Block"])


@UNIT.each(BALANCER, CDN, what="No other rule lets requests through before these")
def no_other_rule(stack: Deployment, acl: str) -> Iterator[str]:
    names = [rule["Name"] for rule in _rules(stack, acl)]
    yield from expect_within("rules", names, {*MANAGED_GROUPS, *limits(stack, acl)})


@UNIT.check(
    "Clients of the HTTP API are told apart by the header that it writes, and believed from inside the VPC only",
    _CLIENTS_OF_API,
)
def clients_of_api(stack: Deployment) -> Iterator[str]:
    limit = limits(stack, BALANCER).get("RequestsPerApiClient", {})
    yield from expect("what clients are told apart by", limit.get("AggregateKeyType"), "FORWARDED_IP")
    yield from expect("the header", limit.get("ForwardedIPConfig", {}).get("HeaderName"), CLIENT_HEADER)
    arn = limit.get("ScopeDownStatement", {}).get("IPSetReferenceStatement", {}).get("ARN")
    sets = stack.ask("wafv2", "list_ip_sets", Scope="REGIONAL", Limit=100)["IPSets"]
    found = one((each for each in sets if each["ARN"] == arn), "set of the VPC's addresses")
    answer = stack.ask("wafv2", "get_ip_set", Name=found["Name"], Id=found["Id"], Scope="REGIONAL")
    vpc = one(stack.ask("ec2", "describe_vpcs", VpcIds=[stack["vpc_id"]])["Vpcs"], "VPC")
    yield from expect("the set of addresses", answer["IPSet"]["Addresses"], [vpc["CidrBlock"]])


@UNIT.each(BALANCER, CDN, what="It writes what it blocks to its log group, without cookies and credentials")
def logs(stack: Deployment, acl: str) -> Iterator[str]:
    answer = stack.ask("wafv2", "get_logging_configuration", region=_region(stack, acl), ResourceArn=stack[acl])
    logging = answer["LoggingConfiguration"]
    destination = one(logging["LogDestinationConfigs"], "destination of the log")
    group = stack.names.of(Kind.WAF_LOG_GROUP, "cdn" if acl == CDN else "firewall")
    yield from expect("its log group", destination.removesuffix(":*").rpartition(":log-group:")[2], group)
    left_out = {field.get("SingleHeader", {}).get("Name") for field in logging.get("RedactedFields", [])}
    yield from expect("what the log leaves out", left_out, {"authorization", "cookie"})


def web_acl(stack: Deployment, acl: str) -> Block:
    """The one in use: the load balancer names its own; the checks of the CDN ask the distribution for its own."""
    if acl == BALANCER:
        answer = stack.ask("wafv2", "get_web_acl_for_resource", ResourceArn=stack["load_balancer_arn"])
        return dict(answer.get("WebACL", {}))
    name, id = stack[acl].split("/")[-2:]
    answer = stack.ask("wafv2", "get_web_acl", region=EDGE_REGION, Name=name, Id=id, Scope="CLOUDFRONT")
    return dict(answer["WebACL"])


def _rules(stack: Deployment, acl: str) -> list[Block]:
    return list(web_acl(stack, acl).get("Rules", []))


def limits(stack: Deployment, acl: str) -> dict[str, Block]:
    """Rule -> how it counts clients."""
    return {
        rule["Name"]: rule["Statement"]["RateBasedStatement"]
        for rule in _rules(stack, acl)
        if "RateBasedStatement" in rule["Statement"]
    }


def _region(stack: Deployment, acl: str) -> str:
    """CloudFront's are in us-east-1."""
    return EDGE_REGION if acl == CDN else stack.region
