"""The firewall: in front of the load balancer, with its rules, writing down what it blocks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.deployment import Deployment

pytestmark = pytest.mark.usefixtures("with_firewall")

MANAGED_GROUPS = {
    "AWSManagedRulesCommonRuleSet": 1,
    "AWSManagedRulesKnownBadInputsRuleSet": 2,
    "AWSManagedRulesSQLiRuleSet": 3,
}


@pytest.fixture
def attached(deployment: Deployment) -> Any:
    """The web ACL that the load balancer itself names."""
    answer = deployment.client("wafv2").get_web_acl_for_resource(ResourceArn=deployment["load_balancer_arn"])
    return answer.get("WebACL", {})


def test_is_attached_to_the_load_balancer(deployment: Deployment, attached: Any) -> None:
    assert attached.get("ARN") == deployment["web_acl_arn"]


def test_has_the_managed_rules_in_their_order_and_a_limit_per_address(attached: Any) -> None:
    groups = {
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]: rule["Priority"]
        for rule in attached["Rules"]
        if "ManagedRuleGroupStatement" in rule["Statement"]
    }
    assert groups == MANAGED_GROUPS
    (limit,) = [rule for rule in attached["Rules"] if "RateBasedStatement" in rule["Statement"]]
    assert "Block" in limit["Action"]


def test_no_group_is_switched_to_counting(attached: Any) -> None:
    overrides = [rule["OverrideAction"] for rule in attached["Rules"] if "OverrideAction" in rule]
    assert overrides == [{"None": {}}] * len(MANAGED_GROUPS)


def test_writes_what_it_blocks_to_its_log_group(deployment: Deployment) -> None:
    answer = deployment.client("wafv2").get_logging_configuration(ResourceArn=deployment["web_acl_arn"])
    (destination,) = answer["LoggingConfiguration"]["LogDestinationConfigs"]
    assert destination.removesuffix(":*").endswith(f":log-group:{deployment['web_acl_log_group_name']}")
    redacted = answer["LoggingConfiguration"]["RedactedFields"]
    assert {field["SingleHeader"]["Name"] for field in redacted} == {"authorization", "cookie"}
