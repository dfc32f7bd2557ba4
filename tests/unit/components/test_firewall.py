"""Firewall: each test says what would come through, or be lost, in AWS if it failed."""

from typing import Any

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components.account import Account
from lib.components.firewall import Firewall
from lib.naming import Names
from lib.settings.network import Firewall as Settings
from tests.template import Block, Template

KEY = "arn:aws:kms:eu-west-1:111122223333:key/logs"
LOAD_BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/alb/1"
HEADER = "x-client-address"
DEFAULT = Settings()
COUNTED = ("SizeRestrictions_BODY", "GenericLFI_BODY", "Log4JRCE_BODY", "SQLi_COOKIE")


def build(scope: Construct, settings: Settings = DEFAULT, **properties: Any) -> Firewall:
    return Firewall(
        scope,
        "firewall",
        names=Names("shop", "dev-001"),
        settings=settings,
        account=Account(scope, "account", region="eu-west-1"),
        log_key_arn=KEY,
        **({"resource_arn": LOAD_BALANCER} | properties),
    )


@pytest.fixture(scope="module")
def template() -> Template:
    settings = Settings(count_only_rules=COUNTED, requests_per_5_minutes_per_address=1234, log_retention_days=60)
    return Template.of_components(lambda scope: build(scope, settings))


@pytest.fixture(scope="module")
def edge() -> Template:
    """In front of the CDN."""
    return Template.of_components(lambda scope: build(scope, resource_arn=None, unit="cdn"))


def behind(*, is_public: bool) -> Template:
    """Behind an HTTP API."""
    settings = Settings(requests_per_5_minutes_per_address=1234)
    properties = {"api_client_header": HEADER, "vpc_cidr": "10.7.0.0/16", "is_public": is_public}
    return Template.of_components(lambda scope: build(scope, settings, **properties))


@pytest.fixture(scope="module")
def public() -> Template:
    return behind(is_public=True)


@pytest.fixture(scope="module")
def internal() -> Template:
    return behind(is_public=False)


def from_vpc(template: Template) -> Block:
    return {"ip_set_reference_statement": {"arn": template.reference("aws_wafv2_ip_set", "arn")}}


def rule(template: Template, priority: int) -> Block:
    (found,) = [each for each in template.only("aws_wafv2_web_acl")["rule"] if each["priority"] == priority]
    return dict(found)


def counted(*names: str) -> list[Block]:
    return [{"name": name, "action_to_use": {"count": {}}} for name in names]


def test_lets_through_what_no_rule_blocks(template: Template) -> None:
    acl = template.only("aws_wafv2_web_acl")
    assert acl["name"] == "shop-dev-001-firewall"
    assert acl["scope"] == "REGIONAL"
    assert acl["default_action"] == {"allow": {}}


@pytest.mark.parametrize(
    ("priority", "group", "overrides"),
    [
        (1, "AWSManagedRulesCommonRuleSet", counted("SizeRestrictions_BODY", "GenericLFI_BODY")),
        (2, "AWSManagedRulesKnownBadInputsRuleSet", counted("Log4JRCE_BODY")),
        (3, "AWSManagedRulesSQLiRuleSet", counted("SQLi_COOKIE")),
    ],
)
def test_managed_groups_block_but_for_the_rules_that_only_count(
    template: Template, priority: int, group: str, overrides: list[Block]
) -> None:
    assert rule(template, priority) == {
        "name": group,
        "priority": priority,
        "override_action": {"none": {}},
        "statement": {
            "managed_rule_group_statement": {
                "vendor_name": "AWS",
                "name": group,
                "rule_action_override": overrides,
            }
        },
        "visibility_config": {
            "metric_name": group,
            "cloudwatch_metrics_enabled": True,
            "sampled_requests_enabled": False,
        },
    }


def test_an_address_that_asks_too_often_is_blocked(template: Template) -> None:
    assert rule(template, 4) == {
        "name": "RequestsPerAddress",
        "priority": 4,
        "action": {"block": {}},
        "statement": {
            "rate_based_statement": {"limit": 1234, "evaluation_window_sec": 300, "aggregate_key_type": "IP"}
        },
        "visibility_config": {
            "metric_name": "RequestsPerAddress",
            "cloudwatch_metrics_enabled": True,
            "sampled_requests_enabled": False,
        },
    }


def test_there_are_four_rules(template: Template) -> None:
    assert len(template.only("aws_wafv2_web_acl")["rule"]) == 4


def test_body_size_alone_is_counted_by_default() -> None:
    template = Template.of_components(lambda scope: build(scope, Settings()))
    groups = [rule(template, priority)["statement"]["managed_rule_group_statement"] for priority in (1, 2, 3)]
    assert groups[0]["rule_action_override"] == counted("SizeRestrictions_BODY")
    assert all("rule_action_override" not in group for group in groups[1:])


@pytest.mark.parametrize(
    ("priority", "names"),
    [
        (
            1,
            (
                "NoUserAgent_HEADER",
                "UserAgent_BadBots_HEADER",
                "SizeRestrictions_QUERYSTRING",
                "EC2MetaDataSSRF_BODY",
                "GenericLFI_URIPATH",
                "RestrictedExtensions_URIPATH",
                "GenericRFI_QUERYARGUMENTS",
                "CrossSiteScripting_COOKIE",
            ),
        ),
        (
            2,
            (
                "JavaDeserializationRCE_BODY",
                "Host_localhost_HEADER",
                "PROPFIND_METHOD",
                "ExploitablePaths_URIPATH",
                "Log4JRCE_HEADER",
                "ReactJSRCE_BODY",
            ),
        ),
        (3, ("SQLi_QUERYARGUMENTS", "SQLiExtendedPatterns_BODY")),
    ],
)
def test_a_counted_rule_is_found_in_its_group(priority: int, names: tuple[str, ...]) -> None:
    template = Template.of_components(lambda scope: build(scope, Settings(count_only_rules=names)))
    overrides = {
        each: rule(template, each)["statement"]["managed_rule_group_statement"].get("rule_action_override")
        for each in (1, 2, 3)
    }
    assert overrides == {1: None, 2: None, 3: None} | {priority: counted(*names)}


def test_metrics_of_the_web_acl_go_by_its_name(template: Template) -> None:
    assert template.only("aws_wafv2_web_acl")["visibility_config"] == {
        "metric_name": "shop-dev-001-firewall",
        "cloudwatch_metrics_enabled": True,
        "sampled_requests_enabled": False,
    }


def test_stands_in_front_of_the_load_balancer(template: Template) -> None:
    assert template.only("aws_wafv2_web_acl_association") == {
        "resource_arn": LOAD_BALANCER,
        "web_acl_arn": template.reference("aws_wafv2_web_acl", "arn"),
    }


def test_log_group_has_the_name_that_waf_wants_is_encrypted_and_expires(template: Template) -> None:
    assert template.only("aws_cloudwatch_log_group") == {
        "name": "aws-waf-logs-shop-dev-001-firewall",
        "kms_key_id": KEY,
        "retention_in_days": 60,
    }


def test_logs_go_to_the_log_group(template: Template) -> None:
    logging = template.only("aws_wafv2_web_acl_logging_configuration")
    assert logging["resource_arn"] == template.reference("aws_wafv2_web_acl", "arn")
    assert logging["log_destination_configs"] == [template.reference("aws_cloudwatch_log_group", "arn")]


def test_credentials_are_not_logged(template: Template) -> None:
    assert template.only("aws_wafv2_web_acl_logging_configuration")["redacted_fields"] == [
        {"single_header": {"name": "authorization"}},
        {"single_header": {"name": "cookie"}},
    ]


def test_allowed_requests_are_not_logged_and_all_others_are(template: Template) -> None:
    assert template.only("aws_wafv2_web_acl_logging_configuration")["logging_filter"] == {
        "default_behavior": "DROP",
        "filter": [
            {
                "behavior": "KEEP",
                "requirement": "MEETS_ANY",
                "condition": [
                    {"action_condition": {"action": action}}
                    for action in ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT", "CAPTCHA", "CHALLENGE")
                ],
            }
        ],
    }


def test_takes_none_of_the_regions_ten_resource_policies(template: Template) -> None:
    assert template.all("aws_cloudwatch_log_resource_policy") == []


def test_exposes_its_arn_and_log_group() -> None:
    def expose(scope: Construct) -> None:
        firewall = build(scope, Settings())
        TerraformOutput(scope, "arn", value=firewall.arn)
        TerraformOutput(scope, "log_group", value=firewall.log_group_name)

    template = Template.of_components(expose)
    assert template.outputs["arn"]["value"] == template.reference("aws_wafv2_web_acl", "arn")
    assert template.outputs["log_group"]["value"] == "aws-waf-logs-shop-dev-001-firewall"


def test_alarm_on_many_blocked_requests() -> None:
    made: list[Firewall] = []
    Template.of_components(lambda scope: made.append(build(scope, Settings(alarm_blocked_requests=321))))
    (alarm,) = made[0].alarms()
    assert (alarm.unit, alarm.role, alarm.namespace, alarm.metric) == (
        "firewall",
        "blocked",
        "AWS/WAFV2",
        "BlockedRequests",
    )
    assert (alarm.statistic, alarm.comparison, alarm.threshold) == ("Sum", "GreaterThanThreshold", 321)
    assert (alarm.period_seconds, alarm.evaluation_periods, alarm.datapoints_to_alarm) == (300, 1, 1)
    assert alarm.dimensions == {"WebACL": "shop-dev-001-firewall", "Rule": "ALL", "Region": "eu-west-1"}
    assert alarm.region is None
    assert "aws-waf-logs-shop-dev-001-firewall" in alarm.why


class TestBehindAnHttpApi:
    def test_requests_of_the_api_are_those_from_the_vpc(self, public: Template) -> None:
        assert public.only("aws_wafv2_ip_set") == {
            "name": "shop-dev-001-firewall",
            "description": "The VPC, from which requests of the HTTP API come",
            "scope": "REGIONAL",
            "ip_address_version": "IPV4",
            "addresses": ["10.7.0.0/16"],
        }

    @pytest.mark.parametrize("kind", ["public", "internal"])
    def test_each_client_of_the_api_has_a_limit_of_its_own(self, kind: str, request: pytest.FixtureRequest) -> None:
        template = request.getfixturevalue(kind)
        assert rule(template, 4) == {
            "name": "RequestsPerApiClient",
            "priority": 4,
            "action": {"block": {}},
            "statement": {
                "rate_based_statement": {
                    "limit": 1234,
                    "evaluation_window_sec": 300,
                    "aggregate_key_type": "FORWARDED_IP",
                    "forwarded_ip_config": {"header_name": HEADER, "fallback_behavior": "MATCH"},
                    "scope_down_statement": from_vpc(template),
                }
            },
            "visibility_config": {
                "metric_name": "RequestsPerApiClient",
                "cloudwatch_metrics_enabled": True,
                "sampled_requests_enabled": False,
            },
        }

    def test_who_comes_past_the_api_counts_by_address_whatever_the_header_says(self, public: Template) -> None:
        assert rule(public, 5) == {
            "name": "RequestsPerAddress",
            "priority": 5,
            "action": {"block": {}},
            "statement": {
                "rate_based_statement": {
                    "limit": 1234,
                    "evaluation_window_sec": 300,
                    "aggregate_key_type": "IP",
                    "scope_down_statement": {"not_statement": {"statement": from_vpc(public)}},
                }
            },
            "visibility_config": {
                "metric_name": "RequestsPerAddress",
                "cloudwatch_metrics_enabled": True,
                "sampled_requests_enabled": False,
            },
        }
        assert len(public.only("aws_wafv2_web_acl")["rule"]) == 5

    def test_nobody_comes_past_the_api_to_an_internal_load_balancer(self, internal: Template) -> None:
        names = [each["name"] for each in internal.only("aws_wafv2_web_acl")["rule"]]
        assert names[3:] == ["RequestsPerApiClient"]

    def test_without_an_api_the_vpc_makes_no_difference(self) -> None:
        template = Template.of_components(lambda scope: build(scope, vpc_cidr="10.7.0.0/16"))
        assert template.all("aws_wafv2_ip_set") == []
        assert rule(template, 4)["statement"]["rate_based_statement"]["aggregate_key_type"] == "IP"

    def test_must_know_the_vpc(self) -> None:
        with pytest.raises(ValueError, match="api_client_header needs vpc_cidr"):
            Template.of_components(lambda scope: build(scope, api_client_header=HEADER))


class TestOfTheCdn:
    @pytest.mark.parametrize(
        "kind", ["aws_wafv2_web_acl", "aws_wafv2_web_acl_logging_configuration", "aws_cloudwatch_log_group"]
    )
    def test_all_of_it_is_where_cloudfront_looks_for_it(self, edge: Template, template: Template, kind: str) -> None:
        assert edge.only(kind)["region"] == "us-east-1"
        assert "region" not in template.only(kind)

    def test_is_for_distributions_which_name_it_themselves(self, edge: Template) -> None:
        assert edge.only("aws_wafv2_web_acl")["scope"] == "CLOUDFRONT"
        assert edge.all("aws_wafv2_web_acl_association") == []

    def test_goes_by_names_of_its_own(self, edge: Template) -> None:
        acl = edge.only("aws_wafv2_web_acl")
        assert acl["name"] == acl["visibility_config"]["metric_name"] == "shop-dev-001-cdn"
        assert edge.only("aws_cloudwatch_log_group")["name"] == "aws-waf-logs-shop-dev-001-cdn"

    def test_has_the_rules_that_the_load_balancers_has(self, edge: Template) -> None:
        same = Template.of_components(build)
        assert edge.only("aws_wafv2_web_acl")["rule"] == same.only("aws_wafv2_web_acl")["rule"]

    def test_alarm_is_in_its_region_which_is_no_dimension_there(self) -> None:
        made: list[Firewall] = []
        Template.of_components(lambda scope: made.append(build(scope, resource_arn=None, unit="cdn")))
        (alarm,) = made[0].alarms()
        assert (alarm.unit, alarm.role, alarm.region) == ("cdn", "blocked", "us-east-1")
        assert alarm.dimensions == {"WebACL": "shop-dev-001-cdn", "Rule": "ALL"}
        assert "aws-waf-logs-shop-dev-001-cdn" in alarm.why


def test_addresses_in_the_state_are_a_promise(template: Template) -> None:
    names = {name.rpartition("_")[0] for kind in template.document["resource"] for name in template.named(kind)}
    assert names == {"firewall_association", "firewall_log_group", "firewall_logging", "firewall_web_acl"}
