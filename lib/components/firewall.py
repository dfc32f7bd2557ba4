"""The web application firewall in front of the load balancer: what it blocks, what it logs, when it calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.wafv2_web_acl import (
    Wafv2WebAcl,
    Wafv2WebAclDefaultAction,
    Wafv2WebAclDefaultActionAllow,
    Wafv2WebAclRule,
    Wafv2WebAclRuleAction,
    Wafv2WebAclRuleActionBlock,
    Wafv2WebAclRuleOverrideAction,
    Wafv2WebAclRuleOverrideActionNone,
    Wafv2WebAclRuleVisibilityConfig,
    Wafv2WebAclVisibilityConfig,
)
from cdktf_cdktf_provider_aws.wafv2_web_acl_association import Wafv2WebAclAssociation
from cdktf_cdktf_provider_aws.wafv2_web_acl_logging_configuration import (
    Wafv2WebAclLoggingConfiguration,
    Wafv2WebAclLoggingConfigurationLoggingFilter,
    Wafv2WebAclLoggingConfigurationLoggingFilterFilter,
    Wafv2WebAclLoggingConfigurationLoggingFilterFilterCondition,
    Wafv2WebAclLoggingConfigurationLoggingFilterFilterConditionActionCondition,
    Wafv2WebAclLoggingConfigurationRedactedFields,
    Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader,
)
from constructs import Construct

from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.naming import Kind, Names
from lib.settings.network import MANAGED_RULES
from lib.settings.network import Firewall as Settings

LOGGED_ACTIONS = ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT", "CAPTCHA", "CHALLENGE")
REDACTED_HEADERS = ("authorization", "cookie")


class Firewall(Construct):
    """A regional web ACL on one resource: it lets through what no rule blocks.

    WAF itself permits its log delivery on the log group; a resource policy of our own would be one of the ten that a
    region may have, or compete with WAF's. Who deploys needs logs:PutResourcePolicy for it.
    https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        settings: Settings,
        account: Account,
        resource_arn: str,
        log_key_arn: str,
    ) -> None:
        """resource_arn: the load balancer."""
        super().__init__(scope, id)
        self._settings = settings
        self._region = account.region
        self._name = names.of(Kind.WEB_ACL, "firewall")
        self.log_group_name = names.of(Kind.WAF_LOG_GROUP, "firewall")
        self.arn = self._build_web_acl()
        self._build_association(resource_arn)
        self._build_logging(log_key_arn)

    def alarms(self) -> list[Alarm]:
        return [
            Alarm(
                unit="firewall",
                role="blocked",
                namespace="AWS/WAFV2",
                metric="BlockedRequests",
                statistic="Sum",
                threshold=self._settings.alarm_blocked_requests,
                # https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
                dimensions={"WebACL": self._name, "Rule": "ALL", "Region": self._region},
                period_seconds=300,
                evaluation_periods=1,
                datapoints_to_alarm=1,
                why="The firewall blocks far more than usual: an attack, or a rule that hits real users. The log"
                f" group {self.log_group_name} tells which rule and which addresses; a rule that hits users belongs"
                " in firewall.count_only_rules.",
            )
        ]

    def _build_web_acl(self) -> str:
        groups = [self._managed_rule(name, priority) for priority, name in enumerate(MANAGED_RULES, 1)]
        return Wafv2WebAcl(
            self,
            "web_acl",
            name=self._name,
            scope="REGIONAL",
            default_action=Wafv2WebAclDefaultAction(allow=Wafv2WebAclDefaultActionAllow()),
            rule=[*groups, self._rate_rule(len(groups) + 1)],
            visibility_config=Wafv2WebAclVisibilityConfig(
                # Becomes the dimension WebACL of all metrics.
                metric_name=self._name,
                cloudwatch_metrics_enabled=True,
                sampled_requests_enabled=False,
            ),
        ).arn

    def _managed_rule(self, group: str, priority: int) -> Wafv2WebAclRule:
        counted = [rule for rule in self._settings.count_only_rules if rule.startswith(MANAGED_RULES[group])]
        return Wafv2WebAclRule(
            name=group,
            priority=priority,
            override_action=Wafv2WebAclRuleOverrideAction(none=Wafv2WebAclRuleOverrideActionNone()),
            statement=_managed_rule_group(group, counted),
            visibility_config=_visible_as(group),
        )

    def _rate_rule(self, priority: int) -> Wafv2WebAclRule:
        return Wafv2WebAclRule(
            name="RequestsPerAddress",
            priority=priority,
            action=Wafv2WebAclRuleAction(block=Wafv2WebAclRuleActionBlock()),
            statement={
                "rate_based_statement": {
                    "limit": self._settings.requests_per_5_minutes_per_address,
                    "evaluation_window_sec": 300,
                    "aggregate_key_type": "IP",
                }
            },
            visibility_config=_visible_as("RequestsPerAddress"),
        )

    def _build_association(self, resource_arn: str) -> None:
        Wafv2WebAclAssociation(self, "association", resource_arn=resource_arn, web_acl_arn=self.arn)

    def _build_logging(self, log_key_arn: str) -> None:
        log_group = CloudwatchLogGroup(
            self,
            "log_group",
            name=self.log_group_name,
            retention_in_days=self._settings.log_retention_days,
            kms_key_id=log_key_arn,
        )
        Wafv2WebAclLoggingConfiguration(
            self,
            "logging",
            resource_arn=self.arn,
            log_destination_configs=[log_group.arn],
            redacted_fields=[
                Wafv2WebAclLoggingConfigurationRedactedFields(
                    single_header=Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader(name=header)
                )
                for header in REDACTED_HEADERS
            ],
            # Allowed requests are in the load balancer's access logs, for the price of their storage.
            logging_filter=Wafv2WebAclLoggingConfigurationLoggingFilter(
                default_behavior="DROP",
                filter=[
                    Wafv2WebAclLoggingConfigurationLoggingFilterFilter(
                        behavior="KEEP",
                        requirement="MEETS_ANY",
                        condition=[
                            Wafv2WebAclLoggingConfigurationLoggingFilterFilterCondition(
                                action_condition=Wafv2WebAclLoggingConfigurationLoggingFilterFilterConditionActionCondition(
                                    action=action
                                )
                            )
                            for action in LOGGED_ACTIONS
                        ],
                    )
                ],
            ),
        )


def _managed_rule_group(group: str, counted: Sequence[str]) -> dict[str, Any]:
    """The statement in Terraform's own words: the bindings have no classes for statements and pass them as they are."""
    overrides = [{"name": rule, "action_to_use": {"count": {}}} for rule in counted]
    return {
        "managed_rule_group_statement": {
            "vendor_name": "AWS",
            "name": group,
            **({"rule_action_override": overrides} if overrides else {}),
        }
    }


def _visible_as(name: str) -> Wafv2WebAclRuleVisibilityConfig:
    return Wafv2WebAclRuleVisibilityConfig(
        metric_name=name,
        cloudwatch_metrics_enabled=True,
        # The log has the same requests, redacted; samples show cookies and tokens to who may open the console.
        # https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html
        sampled_requests_enabled=False,
    )
