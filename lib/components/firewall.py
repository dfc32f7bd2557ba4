"""The web application firewall in front of load balancer or CDN: what it blocks, what it logs, when it calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.wafv2_ip_set import Wafv2IpSet
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
from lib.settings.edge import EDGE_REGION
from lib.settings.network import MANAGED_RULES
from lib.settings.network import Firewall as Settings

LOGGED_ACTIONS = ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT", "CAPTCHA", "CHALLENGE")
REDACTED_HEADERS = ("authorization", "cookie")


class Firewall(Construct):
    """A web ACL on one resource of the stack's region, or for distributions of CloudFront, which name it by `arn`.

    It lets through what no rule blocks. That of CloudFront, its log group and metrics are in us-east-1.

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
        resource_arn: str | None,
        log_key_arn: str,
        unit: str = "firewall",
        api_client_header: str | None = None,
        vpc_cidr: str | None = None,
        is_public: bool = True,
    ) -> None:
        """
        resource_arn: the load balancer; None for CloudFront.
        log_key_arn: a key of the region that the firewall is in.
        unit: what it protects: part of its names, and the unit of its alarm.
        api_client_header: where an HTTP API in front puts the address of its client, whatever the client sent there.
        vpc_cidr: the VPC's block, from which requests of an HTTP API come; needed with `api_client_header`.
        is_public: whether the resource is reached past the HTTP API as well.
        """
        super().__init__(scope, id)
        self._names = names
        self._settings = settings
        self._unit = unit
        self._region = None if resource_arn else EDGE_REGION
        self._name = names.of(Kind.WEB_ACL, unit)
        # https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html: CloudFront's have no region.
        self._dimensions = {"WebACL": self._name, "Rule": "ALL"} | ({"Region": account.region} if resource_arn else {})
        self.log_group_name = names.of(Kind.WAF_LOG_GROUP, unit)
        self.arn = self._build_web_acl(self._build_limits(api_client_header, vpc_cidr, is_public))
        if resource_arn:
            self._build_association(resource_arn)
        self._build_logging(log_key_arn)

    def alarms(self) -> list[Alarm]:
        return [
            Alarm(
                unit=self._unit,
                role="blocked",
                region=self._region,
                namespace="AWS/WAFV2",
                metric="BlockedRequests",
                statistic="Sum",
                threshold=self._settings.alarm_blocked_requests,
                dimensions=self._dimensions,
                period_seconds=300,
                evaluation_periods=1,
                datapoints_to_alarm=1,
                why="The firewall blocks far more than usual: an attack, or a rule that hits real users. The log"
                f" group {self.log_group_name} tells which rule and which addresses; a rule that hits users belongs"
                " in firewall.count_only_rules.",
            )
        ]

    def _build_limits(self, header: str | None, vpc_cidr: str | None, is_public: bool) -> dict[str, dict[str, Any]]:
        """Rule -> whom it counts as one client, and in which requests.

        What an HTTP API sends on comes from the few network interfaces of its VPC link: counted by their addresses,
        one busy client would have all of them blocked. So these requests count by the address that the API gives, which
        is not to be believed of requests from elsewhere: anybody can send that header past the API.
        https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-forwarded-ip-address.html
        """
        by_address: dict[str, Any] = {"aggregate_key_type": "IP"}
        if header is None:
            return {"RequestsPerAddress": by_address}
        if vpc_cidr is None:
            raise ValueError("api_client_header needs vpc_cidr: which requests are the HTTP API's?")
        from_vpc = {"ip_set_reference_statement": {"arn": self._build_ip_set(vpc_cidr)}}
        limits: dict[str, dict[str, Any]] = {
            "RequestsPerApiClient": {
                "aggregate_key_type": "FORWARDED_IP",
                # The API always gives an address: what has something else there did not come through it.
                "forwarded_ip_config": {"header_name": header, "fallback_behavior": "MATCH"},
                "scope_down_statement": from_vpc,
            }
        }
        if is_public:
            limits["RequestsPerAddress"] = {
                **by_address,
                "scope_down_statement": {"not_statement": {"statement": from_vpc}},
            }
        return limits

    def _build_ip_set(self, vpc_cidr: str) -> str:
        return Wafv2IpSet(
            self,
            "vpc",
            name=self._names.of(Kind.IP_SET, self._unit),
            description="The VPC, from which requests of the HTTP API come",
            scope="REGIONAL",
            ip_address_version="IPV4",
            addresses=[vpc_cidr],
        ).arn

    def _build_web_acl(self, limits: Mapping[str, dict[str, Any]]) -> str:
        groups = [self._managed_rule(name, priority) for priority, name in enumerate(MANAGED_RULES, 1)]
        return Wafv2WebAcl(
            self,
            "web_acl",
            region=self._region,
            name=self._name,
            scope="CLOUDFRONT" if self._region else "REGIONAL",
            default_action=Wafv2WebAclDefaultAction(allow=Wafv2WebAclDefaultActionAllow()),
            rule=[
                *groups,
                *(
                    self._rate_rule(name, priority, counted)
                    for priority, (name, counted) in enumerate(limits.items(), len(groups) + 1)
                ),
            ],
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

    def _rate_rule(self, name: str, priority: int, counted: Mapping[str, Any]) -> Wafv2WebAclRule:
        return Wafv2WebAclRule(
            name=name,
            priority=priority,
            action=Wafv2WebAclRuleAction(block=Wafv2WebAclRuleActionBlock()),
            statement={
                "rate_based_statement": {
                    "limit": self._settings.requests_per_5_minutes_per_address,
                    "evaluation_window_sec": 300,
                    **counted,
                }
            },
            visibility_config=_visible_as(name),
        )

    def _build_association(self, resource_arn: str) -> None:
        Wafv2WebAclAssociation(self, "association", resource_arn=resource_arn, web_acl_arn=self.arn)

    def _build_logging(self, log_key_arn: str) -> None:
        log_group = CloudwatchLogGroup(
            self,
            "log_group",
            region=self._region,
            name=self.log_group_name,
            retention_in_days=self._settings.log_retention_days,
            kms_key_id=log_key_arn,
        )
        Wafv2WebAclLoggingConfiguration(
            self,
            "logging",
            region=self._region,
            resource_arn=self.arn,
            log_destination_configs=[log_group.arn],
            redacted_fields=[
                Wafv2WebAclLoggingConfigurationRedactedFields(
                    single_header=Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader(name=header)
                )
                for header in REDACTED_HEADERS
            ],
            # Allowed requests are in the access logs of what stands behind, for the price of their storage.
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
