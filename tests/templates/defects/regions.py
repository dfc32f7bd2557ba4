"""Templates in which something is in another region than whatever uses it."""

from __future__ import annotations

from lib.evidence.structure import regions as checks
from tests.template import Template
from tests.templates.defects.seeding import breaks, first

_ACL = "aws_wafv2_web_acl"
_CDN = "aws_cloudfront_distribution"


@breaks(checks.everything_is_where_it_is_looked_for, "kms_key_id names aws_kms_key.logs_key")
def the_key_of_the_logs_is_in_another_region(template: Template) -> None:
    name = next(each for each in template.named("aws_kms_key") if each.startswith("logs_key"))
    template.named("aws_kms_key")[name]["region"] = "eu-west-1"


@breaks(
    checks.everything_is_where_it_is_looked_for,
    "alarms_cdn_5xx_00C94B2D: alarm_actions names aws_sns_topic.notifications_topic",
    "everything",
)
def an_alarm_tells_a_topic_of_another_region(template: Template) -> None:
    (alarm,) = [each for each in template.all("aws_cloudwatch_metric_alarm") if each["alarm_name"].endswith("-cdn-5xx")]
    alarm["alarm_actions"] = [template.reference("aws_sns_topic", "arn", name="catalog-dev-alarms")]


@breaks(
    checks.everything_is_where_it_is_looked_for, "log_destination_configs names aws_cloudwatch_log_group.", "everything"
)
def a_firewall_writes_to_a_log_group_of_another_region(template: Template) -> None:
    del first(template, "aws_wafv2_web_acl_logging_configuration", region="us-east-1")["region"]


@breaks(checks.everything_is_where_it_is_looked_for, "looks for its viewer_certificate", "everything")
def the_certificate_of_the_cdn_is_where_the_stack_is(template: Template) -> None:
    del first(template, "aws_acm_certificate", region="us-east-1")["region"]
    del first(template, "aws_acm_certificate_validation", region="us-east-1")["region"]


@breaks(checks.everything_is_where_it_is_looked_for, "looks for its viewer_certificate", "open-edge")
def the_cdn_is_told_of_a_certificate_of_another_region(template: Template) -> None:
    certificate = template.only(_CDN)["viewer_certificate"]
    certificate["acm_certificate_arn"] = certificate["acm_certificate_arn"].replace("us-east-1", "sa-east-1")


@breaks(checks.everything_is_where_it_is_looked_for, "certificate_arn names something of eu-west-1", "own-certificate")
def a_listener_is_told_of_a_certificate_of_another_region(template: Template) -> None:
    listener = first(template, "aws_lb_listener", protocol="HTTPS")
    listener["certificate_arn"] = listener["certificate_arn"].replace("sa-east-1", "eu-west-1")


@breaks(checks.everything_is_where_it_is_looked_for, "CloudFront looks for it in us-east-1", "everything")
def the_firewall_of_the_cdn_is_where_the_stack_is(template: Template) -> None:
    del first(template, _ACL, scope="CLOUDFRONT")["region"]


@breaks(checks.everything_is_where_it_is_looked_for, "is of scope REGIONAL", "edge-at-home")
def the_cdn_has_the_firewall_of_the_load_balancer(template: Template) -> None:
    template.only(_CDN)["web_acl_id"] = template.reference(_ACL, "arn", scope="REGIONAL")


@breaks(checks.firewalls_protect_something, "protects nothing", "edge-at-home")
def the_cdn_has_no_firewall(template: Template) -> None:
    del template.only(_CDN)["web_acl_id"]


@breaks(checks.firewalls_protect_something, "protects nothing")
def the_load_balancer_has_no_firewall(template: Template) -> None:
    template.document["resource"]["aws_wafv2_web_acl_association"] = {}


@breaks(checks.everything_is_where_it_is_looked_for, "of another scope", "payments-prod")
def a_firewall_asks_for_addresses_of_another_scope(template: Template) -> None:
    template.only("aws_wafv2_ip_set").update(scope="CLOUDFRONT", region="us-east-1")
