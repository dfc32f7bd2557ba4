"""JSON documents inside of arguments, and arguments that only make sense together, by pages of AWS's documentation.

The models of AWS take a document for a text. Policies and container definitions, which they do describe, are judged
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from lib.evidence.documents.dashboards import dashboard
from lib.evidence.documents.events import event_pattern, event_target
from lib.evidence.documents.log_formats import access_log, firewall_log, integration, log_delivery, log_source
from lib.evidence.documents.metrics import metric_alarm
from lib.evidence.documents.scaling import group_policy, scalable_target, scaling_policy
from lib.evidence.values.literal import BlockJudge, Judge

JUDGES: Mapping[tuple[str, str], Judge] = {
    ("aws_apigatewayv2_stage", "access_log_settings.format"): access_log,
    ("aws_cloudwatch_dashboard", "dashboard_body"): dashboard,
    ("aws_cloudwatch_event_rule", "event_pattern"): event_pattern,
}
"""Type and argument -> who judges the document in it."""

BLOCK_JUDGES: Mapping[str, BlockJudge] = {
    "aws_apigatewayv2_integration": integration,
    "aws_appautoscaling_policy": scaling_policy,
    "aws_appautoscaling_target": scalable_target,
    "aws_autoscaling_policy": group_policy,
    "aws_cloudwatch_event_target": event_target,
    "aws_cloudwatch_log_delivery": log_delivery,
    "aws_cloudwatch_log_delivery_source": log_source,
    "aws_cloudwatch_metric_alarm": metric_alarm,
    "aws_wafv2_web_acl_logging_configuration": firewall_log,
}
"""Type -> who judges arguments of it by what the others say."""

FREE_TEXTS = frozenset(
    {
        ("aws_cloudwatch_dashboard", "dashboard_body.widgets.properties.annotations.horizontal.label"),
        ("aws_cloudwatch_dashboard", "dashboard_body.widgets.properties.markdown"),
        ("aws_cloudwatch_dashboard", "dashboard_body.widgets.properties.title"),
    }
)
"""What people read, and AWS says nothing of but that it is a text."""
