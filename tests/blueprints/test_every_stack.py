"""What holds in every blueprint and tier, and what no peer has: alarms that can fire, a firewall that is attached,
logged and tuned, and a way out.
"""

from __future__ import annotations

import re

import pytest

from tests.blueprints.reading import referred
from tests.synthesis import ALL, synthesized
from tests.template import Block, Template, statements


@pytest.fixture(scope="module", params=ALL, ids="-".join)
def template(request: pytest.FixtureRequest) -> Template:
    return synthesized(*request.param)


class TestRow04AlarmsThatCanFire:
    """That metrics and dimensions are known for each kind of resource is a check of every template: tests/templates."""

    def test_every_alarm_is_an_output_and_the_other_way_round(self, template: Template) -> None:
        alarms = [alarm["alarm_name"] for alarm in template.all("aws_cloudwatch_metric_alarm")]
        assert sorted(alarms) == sorted(template.outputs["alarm_names"]["value"])
        assert len(set(alarms)) == len(alarms) >= 23

    def test_firewall_is_watched_as_a_whole_and_in_its_region(self, template: Template) -> None:
        alarm = template.only("aws_cloudwatch_metric_alarm", namespace="AWS/WAFV2")
        region = template.outputs["region"]["value"]
        assert (alarm["dimensions"]["Rule"], alarm["dimensions"]["Region"]) == ("ALL", region)

    def test_an_alarm_on_container_insights_means_that_the_cluster_has_them(self, template: Template) -> None:
        assert template.where("aws_cloudwatch_metric_alarm", namespace="ECS/ContainerInsights")
        assert {"name": "containerInsights", "value": "enabled"} in template.only("aws_ecs_cluster")["setting"]

    def test_no_alarm_asks_for_more_datapoints_than_it_looks_at(self, template: Template) -> None:
        for alarm in template.all("aws_cloudwatch_metric_alarm"):
            assert 1 <= alarm["datapoints_to_alarm"] <= alarm["evaluation_periods"]

    @pytest.mark.parametrize("service", ["cloudwatch.amazonaws.com", "events.amazonaws.com"])
    def test_the_topic_and_its_key_let_them_in(self, template: Template, service: str) -> None:
        topic = template.only("aws_sns_topic")
        key = referred(template, topic["kms_master_key_id"])
        for policy, action in (
            (template.only("aws_sns_topic_policy")["policy"], "sns:Publish"),
            (key["policy"], "kms:GenerateDataKey*"),
        ):
            (allowed,) = [each for each in statements(policy) if each["Principal"] == {"Service": service}]
            assert allowed["Effect"] == "Allow"
            assert action in allowed["Action"]


class TestRow05FirewallAttachedLoggedAndTuned:
    def test_is_attached_to_the_load_balancer(self, template: Template) -> None:
        association = template.only("aws_wafv2_web_acl_association")
        assert association["resource_arn"] == template.reference("aws_lb", "arn")
        assert association["web_acl_arn"] == template.reference("aws_wafv2_web_acl", "arn")
        assert template.only("aws_lb")["enable_waf_fail_open"] is False

    def test_logs_what_it_blocks_and_counts(self, template: Template) -> None:
        logging = template.only("aws_wafv2_web_acl_logging_configuration")
        assert logging["resource_arn"] == template.reference("aws_wafv2_web_acl", "arn")
        (destination,) = logging["log_destination_configs"]
        group = referred(template, destination)
        assert group["name"].startswith("aws-waf-logs-")
        assert group["name"] == template.outputs["web_acl_log_group_name"]["value"]
        kept = logging["logging_filter"]
        assert kept["default_behavior"] == "DROP"
        (keep,) = kept["filter"]
        actions = {condition["action_condition"]["action"] for condition in keep["condition"]}
        assert (keep["behavior"], keep["requirement"]) == ("KEEP", "MEETS_ANY")
        assert {"BLOCK", "COUNT"} <= actions
        assert "ALLOW" not in actions

    def test_keeps_credentials_out_of_its_log(self, template: Template) -> None:
        redacted = template.only("aws_wafv2_web_acl_logging_configuration")["redacted_fields"]
        assert [field["single_header"]["name"] for field in redacted] == ["authorization", "cookie"]

    def test_lets_uploads_through_and_still_counts_them(self, template: Template) -> None:
        counted = {
            (rule["name"], override["name"]): override["action_to_use"]
            for rule in template.only("aws_wafv2_web_acl")["rule"]
            for override in rule["statement"].get("managed_rule_group_statement", {}).get("rule_action_override", [])
        }
        assert counted == {("AWSManagedRulesCommonRuleSet", "SizeRestrictions_BODY"): {"count": {}}}

    def test_blocks_an_address_that_asks_too_much(self, template: Template) -> None:
        (rate,) = [
            rule for rule in template.only("aws_wafv2_web_acl")["rule"] if "rate_based_statement" in rule["statement"]
        ]
        assert rate["action"] == {"block": {}}
        assert rate["statement"]["rate_based_statement"] == {
            "limit": 2000,
            "evaluation_window_sec": 300,
            "aggregate_key_type": "IP",
        }

    def test_rules_have_priorities_and_metrics_of_their_own(self, template: Template) -> None:
        rules = template.only("aws_wafv2_web_acl")["rule"]
        assert [rule["priority"] for rule in rules] == [1, 2, 3, 4]
        assert len({rule["visibility_config"]["metric_name"] for rule in rules}) == 4
        assert template.only("aws_wafv2_web_acl")["default_action"] == {"allow": {}}


class TestRow07PlainWayOut:
    """The template is Terraform's own JSON: nothing in it needs CDKTF, Node or Python again."""

    def test_holds_only_words_of_terraform(self, template: Template) -> None:
        words = {"data", "ephemeral", "output", "provider", "resource", "terraform"}
        assert template.document.keys() - {"//"} == words

    def test_needs_the_aws_provider_alone_from_whichever_registry(self, template: Template) -> None:
        # Without a host: Terraform and OpenTofu each ask their own registry.
        (name, required), *others = template.document["terraform"]["required_providers"].items()
        assert (name, required["source"], others) == ("aws", "aws", [])
        assert re.fullmatch(r"\d+\.\d+\.\d+", required["version"])
        assert template.document["provider"].keys() == {"aws"}
        kinds = [*template.document["resource"], *template.document["data"], *template.document["ephemeral"]]
        assert {kind.partition("_")[0] for kind in kinds} == {"aws"}

    def test_runs_no_program_of_its_own(self, template: Template) -> None:
        all_resources: list[Block] = [each for kind in template.document["resource"] for each in template.all(kind)]
        assert not [each for each in all_resources if "provisioner" in each or "connection" in each]
