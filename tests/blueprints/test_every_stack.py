"""What holds in every blueprint and tier, and what no peer has: alarms that can fire, a firewall that is attached,
logged and tuned, and a way out.
"""

from __future__ import annotations

import re

import pytest

from lib.settings import Settings, load
from tests.blueprints.reading import alarms_of, application_secrets, referred
from tests.synthesis import ALL, synthesized
from tests.template import Block, Template, statements

ALARMS = {
    "aws_apigatewayv2_api": 2,
    "aws_autoscaling_group": 8,
    "aws_cloudfront_distribution": 1,
    "aws_cloudwatch_event_rule": 1,
    "aws_db_instance": 4,
    "aws_dynamodb_table": 2,
    "aws_ecs_service": 7,
    "aws_efs_file_system": 1,
    "aws_elasticache_serverless_cache": 3,
    "aws_lambda_function": 2,
    "aws_lb": 2,
    "aws_nat_gateway": 2,
    "aws_rds_cluster": 4,
    "aws_sns_topic": 1,
    "aws_wafv2_web_acl": 1,
}
"""How many alarms each resource of a kind has. Beside them: three for each node of a cache, four for the readers of a
cluster, and for a function of the settings one when its calls take long, one for what it failed at, and one where the
load balancer asks it."""


@pytest.fixture(scope="module", params=ALL, ids="-".join)
def looked_at(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Blueprint and tier."""
    blueprint, tier = request.param
    return blueprint, tier


@pytest.fixture(scope="module")
def template(looked_at: tuple[str, str]) -> Template:
    return synthesized(*looked_at)


@pytest.fixture(scope="module")
def settings(looked_at: tuple[str, str]) -> Settings:
    blueprint, tier = looked_at
    return load(tier, environ={"TAP_BLUEPRINT": blueprint})


@pytest.fixture(scope="module")
def firewalls(template: Template) -> dict[str, Block]:
    """How others refer to it -> web ACL: before the load balancer, and before the CDN where there is one."""
    return {f"${{aws_wafv2_web_acl.{name}.arn}}": acl for name, acl in template.named("aws_wafv2_web_acl").items()}


def managed_groups(acl: Block) -> list[Block]:
    """The statements of a web ACL that name a group of AWS's."""
    groups = [rule["statement"].get("managed_rule_group_statement") for rule in acl["rule"]]
    return [group for group in groups if group]


class TestRow04AlarmsThatCanFire:
    """That metrics and dimensions are known for each kind of resource is a check of every template: tests/templates."""

    def test_every_alarm_is_an_output_and_the_other_way_round(self, template: Template) -> None:
        alarms = [alarm["alarm_name"] for alarm in template.all("aws_cloudwatch_metric_alarm")]
        assert sorted(alarms) == sorted(template.outputs["alarm_names"]["value"])
        assert len(set(alarms)) == len(alarms)

    def test_none_is_lost_and_none_is_new(self, template: Template) -> None:
        expected = sum(number * len(template.all(kind)) for kind, number in ALARMS.items())
        expected += sum(3 * each["num_cache_clusters"] for each in template.all("aws_elasticache_replication_group"))
        expected += 4 if len(template.all("aws_rds_cluster_instance")) > 1 else 0
        expected += 2 * len(template.all("aws_sqs_queue")) + len(template.all("aws_lb_target_group_attachment"))
        assert len(template.all("aws_cloudwatch_metric_alarm")) == expected

    def test_every_firewall_is_watched_as_a_whole_and_where_it_is(
        self, template: Template, firewalls: dict[str, Block]
    ) -> None:
        region = template.outputs["region"]["value"]
        alarms = template.where("aws_cloudwatch_metric_alarm", namespace="AWS/WAFV2")
        assert len(alarms) == len(firewalls)
        for acl in firewalls.values():
            (alarm,) = [each for each in alarms if each["dimensions"]["WebACL"] == acl["name"]]
            # https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html: CloudFront's have no region.
            place = {} if acl["scope"] == "CLOUDFRONT" else {"Region": region}
            assert alarm["dimensions"] == {"WebACL": acl["name"], "Rule": "ALL", **place}
            assert alarm.get("region") == acl.get("region") == ("us-east-1" if not place else None)

    def test_an_alarm_on_container_insights_means_that_the_cluster_has_them(self, template: Template) -> None:
        alarms = template.where("aws_cloudwatch_metric_alarm", namespace="ECS/ContainerInsights")
        assert len(alarms) == len(template.all("aws_ecs_service"))
        for cluster in template.all("aws_ecs_cluster"):
            assert {"name": "containerInsights", "value": "enabled"} in cluster["setting"]

    def test_an_alarm_on_a_groups_size_means_that_the_group_tells_it(self, template: Template) -> None:
        alarms = template.where("aws_cloudwatch_metric_alarm", namespace="AWS/AutoScaling")
        groups = template.all("aws_autoscaling_group")
        assert len(alarms) == len(groups)
        for group in groups:
            assert {alarm["metric_name"] for alarm in alarms} <= set(group["enabled_metrics"])

    def test_no_alarm_asks_for_more_datapoints_than_it_looks_at(self, template: Template) -> None:
        for alarm in template.all("aws_cloudwatch_metric_alarm"):
            assert 1 <= alarm["datapoints_to_alarm"] <= alarm["evaluation_periods"]

    def test_each_tells_a_topic_of_its_own_region_both_times(self, template: Template) -> None:
        for alarm in alarms_of(template).values():
            assert alarm["alarm_actions"] == alarm["ok_actions"]
            (topic,) = alarm["alarm_actions"]
            assert referred(template, topic).get("region") == alarm.get("region")

    def test_every_topic_and_its_key_let_in_who_has_something_to_tell(self, template: Template) -> None:
        told_of_events = {target["arn"] for target in template.all("aws_cloudwatch_event_target")}
        for name, topic in template.named("aws_sns_topic").items():
            arn = f"${{aws_sns_topic.{name}.arn}}"
            policy = template.only("aws_sns_topic_policy", arn=arn)["policy"]
            expected = {"cloudwatch.amazonaws.com"} | ({"events.amazonaws.com"} if arn in told_of_events else set())
            assert allowed_services(policy, "sns:Publish") == expected
            for action in ("kms:GenerateDataKey*", "kms:Decrypt"):
                by_key = allowed_services(referred(template, topic["kms_master_key_id"])["policy"], action)
                # The key of the CDN's region is that of its logs, too.
                assert {service for service in by_key if not service.startswith("logs.")} == expected

    def test_deployments_that_fail_are_told_wherever_something_is_deployed(self, template: Template) -> None:
        rules = template.all("aws_cloudwatch_event_rule")
        sources = {source for rule in rules for source in re.findall(r"aws\.\w+", rule["event_pattern"])}
        expected = {"aws.ecs"} if template.all("aws_ecs_service") else set()
        assert sources == expected | ({"aws.autoscaling"} if template.all("aws_autoscaling_group") else set())
        assert len(template.all("aws_cloudwatch_event_target")) == len(rules)


def allowed_services(policy: str, action: str) -> set[str]:
    """Who of AWS's services may do it."""
    return {
        each["Principal"]["Service"]
        for each in statements(policy)
        if each["Effect"] == "Allow" and action in each["Action"] and "Service" in each["Principal"]
    }


class TestRow05FirewallAttachedLoggedAndTuned:
    def test_is_attached_to_the_load_balancer(self, template: Template) -> None:
        association = template.only("aws_wafv2_web_acl_association")
        assert association["resource_arn"] == template.reference("aws_lb", "arn")
        assert association["web_acl_arn"] == template.reference("aws_wafv2_web_acl", "arn", scope="REGIONAL")
        assert template.only("aws_lb")["enable_waf_fail_open"] is False

    def test_none_is_attached_to_nothing(self, template: Template, firewalls: dict[str, Block]) -> None:
        attached = [each["web_acl_arn"] for each in template.all("aws_wafv2_web_acl_association")]
        attached += [each.get("web_acl_id") for each in template.all("aws_cloudfront_distribution")]
        assert sorted(filter(None, attached)) == sorted(firewalls)

    def test_logs_what_it_blocks_and_counts(self, template: Template, firewalls: dict[str, Block]) -> None:
        for reference, acl in firewalls.items():
            logging = template.only("aws_wafv2_web_acl_logging_configuration", resource_arn=reference)
            (destination,) = logging["log_destination_configs"]
            group = referred(template, destination)
            assert group["name"] == f"aws-waf-logs-{acl['name']}"
            assert group.get("region") == logging.get("region") == acl.get("region")
            kept = logging["logging_filter"]
            assert kept["default_behavior"] == "DROP"
            (keep,) = kept["filter"]
            actions = {condition["action_condition"]["action"] for condition in keep["condition"]}
            assert (keep["behavior"], keep["requirement"]) == ("KEEP", "MEETS_ANY")
            assert {"BLOCK", "COUNT"} <= actions
            assert "ALLOW" not in actions

    def test_tells_where_it_logs(self, template: Template) -> None:
        acl = template.only("aws_wafv2_web_acl", scope="REGIONAL")
        assert template.outputs["web_acl_log_group_name"]["value"] == f"aws-waf-logs-{acl['name']}"

    def test_keeps_credentials_out_of_its_log(self, template: Template, firewalls: dict[str, Block]) -> None:
        logged = template.all("aws_wafv2_web_acl_logging_configuration")
        assert len(logged) == len(firewalls)
        for logging in logged:
            redacted = [field["single_header"]["name"] for field in logging["redacted_fields"]]
            assert redacted == ["authorization", "cookie"]

    def test_lets_uploads_through_and_still_counts_them(self, firewalls: dict[str, Block]) -> None:
        for acl in firewalls.values():
            counted = {
                (group["name"], override["name"]): override["action_to_use"]
                for group in managed_groups(acl)
                for override in group.get("rule_action_override", [])
            }
            assert counted == {("AWSManagedRulesCommonRuleSet", "SizeRestrictions_BODY"): {"count": {}}}

    def test_blocks_an_address_that_asks_too_much(
        self, template: Template, firewalls: dict[str, Block], settings: Settings
    ) -> None:
        assert settings.firewall is not None
        for acl in firewalls.values():
            (rate,) = [rule for rule in acl["rule"] if "rate_based_statement" in rule["statement"]]
            limit = rate["statement"]["rate_based_statement"]
            assert rate["action"] == {"block": {}}
            assert limit["limit"] == settings.firewall.requests_per_5_minutes_per_address
            assert limit["evaluation_window_sec"] == 300
            # Behind the HTTP API all requests come from its own addresses: there the client's is in a header.
            behind_api = bool(template.all("aws_apigatewayv2_api"))
            assert rate["name"] == ("RequestsPerApiClient" if behind_api else "RequestsPerAddress")
            assert limit["aggregate_key_type"] == ("FORWARDED_IP" if behind_api else "IP")
            assert ("forwarded_ip_config" in limit) == ("scope_down_statement" in limit) == behind_api

    def test_limit_is_the_usual_one_but_where_whole_offices_are_users(
        self, looked_at: tuple[str, str], settings: Settings
    ) -> None:
        assert settings.firewall is not None
        limit = 10_000 if looked_at == ("transactions", "prod") else 2000
        assert settings.firewall.requests_per_5_minutes_per_address == limit

    def test_rules_have_priorities_and_metrics_of_their_own(self, firewalls: dict[str, Block]) -> None:
        for acl in firewalls.values():
            rules = acl["rule"]
            assert [rule["priority"] for rule in rules] == [1, 2, 3, 4]
            assert len({rule["visibility_config"]["metric_name"] for rule in rules}) == 4
            assert acl["default_action"] == {"allow": {}}
            assert [group["name"] for group in managed_groups(acl)] == [
                "AWSManagedRulesCommonRuleSet",
                "AWSManagedRulesKnownBadInputsRuleSet",
                "AWSManagedRulesSQLiRuleSet",
            ]


class TestRow07PlainWayOut:
    """The template is Terraform's own JSON: nothing in it needs CDKTF, Node or Python again."""

    def test_holds_only_words_of_terraform(self, template: Template) -> None:
        words = {"data", "output", "provider", "resource", "terraform"}
        if application_secrets(template):
            words.add("ephemeral")
        if template.all("aws_launch_template"):
            words.add("locals")
        assert template.document.keys() - {"//"} == words

    def test_needs_the_aws_provider_alone_from_whichever_registry(self, template: Template) -> None:
        # Without a host: Terraform and OpenTofu each ask their own registry.
        (name, required), *others = template.document["terraform"]["required_providers"].items()
        assert (name, required["source"], others) == ("aws", "aws", [])
        assert re.fullmatch(r"\d+\.\d+\.\d+", required["version"])
        assert template.document["provider"].keys() == {"aws"}
        kinds = [kind for section in ("resource", "data", "ephemeral") for kind in template.document.get(section, {})]
        assert {kind.partition("_")[0] for kind in kinds} == {"aws"}

    def test_runs_no_program_of_its_own(self, template: Template) -> None:
        all_resources: list[Block] = [each for kind in template.document["resource"] for each in template.all(kind)]
        assert not [each for each in all_resources if "provisioner" in each or "connection" in each]
