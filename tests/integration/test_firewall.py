"""The firewalls: in front of load balancer and CDN, with their rules, writing down what they block."""

from __future__ import annotations

from typing import Any, cast

import pytest

from lib.naming import Kind
from lib.settings.edge import EDGE_REGION
from tests.integration.deployment import Block, Deployment, told

MANAGED_GROUPS = {
    "AWSManagedRulesCommonRuleSet": 1,
    "AWSManagedRulesKnownBadInputsRuleSet": 2,
    "AWSManagedRulesSQLiRuleSet": 3,
}
CLIENT_HEADER = "x-client-address"


@pytest.fixture
def wafv2(deployment: Deployment, web_acl: str) -> Any:
    """A client for the region of the web ACL that the output is of; CloudFront's are in us-east-1."""
    return deployment.client("wafv2", EDGE_REGION if web_acl == "cdn_web_acl_arn" else deployment.region)


@pytest.fixture
def acl(deployment: Deployment, web_acl: str, wafv2: Any) -> Block:
    """The web ACL in use: the load balancer names its own, test_cdn.py asks the distribution for its own."""
    if web_acl == "web_acl_arn":
        answer = wafv2.get_web_acl_for_resource(ResourceArn=deployment["load_balancer_arn"])
        return cast(Block, answer.get("WebACL", {}))
    name, id = deployment[web_acl].split("/")[-2:]
    return cast(Block, wafv2.get_web_acl(Name=name, Id=id, Scope="CLOUDFRONT")["WebACL"])


def limits(acl: Block) -> dict[str, Block]:
    """Rule -> how it counts clients."""
    return {
        rule["Name"]: rule["Statement"]["RateBasedStatement"]
        for rule in acl["Rules"]
        if "RateBasedStatement" in rule["Statement"]
    }


def test_is_in_front_of_what_it_protects(deployment: Deployment, web_acl: str, acl: Block) -> None:
    assert acl.get("ARN") == deployment[web_acl]
    assert "Allow" in acl["DefaultAction"]


def test_has_the_managed_rules_in_their_order(acl: Block) -> None:
    groups = {
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]: rule["Priority"]
        for rule in acl["Rules"]
        if "ManagedRuleGroupStatement" in rule["Statement"]
    }
    assert groups == MANAGED_GROUPS


def test_no_group_is_switched_to_counting(acl: Block) -> None:
    overrides = [rule["OverrideAction"] for rule in acl["Rules"] if "OverrideAction" in rule]
    assert overrides == [{"None": {}}] * len(MANAGED_GROUPS)


def test_blocks_a_client_that_asks_too_much(deployment: Deployment, web_acl: str, acl: Block) -> None:
    by_api = web_acl == "web_acl_arn" and "http_api_id" in deployment
    by_address = web_acl == "cdn_web_acl_arn" or not deployment.is_internal
    expected = {"RequestsPerApiClient": by_api, "RequestsPerAddress": by_address}
    assert limits(acl).keys() == {name for name, is_there in expected.items() if is_there}
    actions = [rule["Action"] for rule in acl["Rules"] if rule["Name"] in limits(acl)]
    assert [action.keys() for action in actions] == [{"Block"}] * len(actions)


def test_nothing_is_let_through_before_the_rules(acl: Block) -> None:
    known = {*MANAGED_GROUPS, *limits(acl)}
    assert [rule["Name"] for rule in acl["Rules"] if rule["Name"] not in known] == []


def test_clients_of_the_http_api_are_told_apart(deployment: Deployment, web_acl: str, wafv2: Any, acl: Block) -> None:
    if web_acl == "cdn_web_acl_arn" or "http_api_id" not in deployment:
        pytest.skip("no HTTP API sends it requests")
    limit = limits(acl)["RequestsPerApiClient"]
    assert limit["AggregateKeyType"] == "FORWARDED_IP"
    assert limit["ForwardedIPConfig"]["HeaderName"] == CLIENT_HEADER
    arn = limit["ScopeDownStatement"]["IPSetReferenceStatement"]["ARN"]
    sets = wafv2.list_ip_sets(Scope="REGIONAL", Limit=100)["IPSets"]
    found = told("set of the VPC's addresses", next((each for each in sets if each["ARN"] == arn), None))
    addresses = wafv2.get_ip_set(Name=found["Name"], Id=found["Id"], Scope="REGIONAL")["IPSet"]["Addresses"]
    (vpc,) = deployment.client("ec2").describe_vpcs(VpcIds=[deployment["vpc_id"]])["Vpcs"]
    assert addresses == [vpc["CidrBlock"]]


def test_writes_what_it_blocks_to_its_log_group(deployment: Deployment, web_acl: str, wafv2: Any) -> None:
    answer = wafv2.get_logging_configuration(ResourceArn=deployment[web_acl])["LoggingConfiguration"]
    (destination,) = answer["LogDestinationConfigs"]
    unit = "cdn" if web_acl == "cdn_web_acl_arn" else "firewall"
    group = deployment.names.of(Kind.WAF_LOG_GROUP, unit)
    assert unit == "cdn" or group == deployment["web_acl_log_group_name"]
    assert destination.removesuffix(":*").endswith(f":log-group:{group}")
    assert {field["SingleHeader"]["Name"] for field in answer["RedactedFields"]} == {"authorization", "cookie"}
