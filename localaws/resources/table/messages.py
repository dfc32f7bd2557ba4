"""SNS, SQS, EventBridge, CloudWatch and its logs, parameters."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry, Further
from localaws.resources.special import messages as special
from localaws.resources.special.common import asking

_QUEUE: Final = {
    "delay_seconds": "DelaySeconds",
    "max_message_size": "MaximumMessageSize",
    "message_retention_seconds": "MessageRetentionPeriod",
    "receive_wait_time_seconds": "ReceiveMessageWaitTimeSeconds",
    "visibility_timeout_seconds": "VisibilityTimeout",
    "policy": "Policy",
    "redrive_policy": "RedrivePolicy",
    "redrive_allow_policy": "RedriveAllowPolicy",
    "kms_master_key_id": "KmsMasterKeyId",
    "kms_data_key_reuse_period_seconds": "KmsDataKeyReusePeriodSeconds",
    "sqs_managed_sse_enabled": "SqsManagedSseEnabled",
    "fifo_queue": "FifoQueue",
    "content_based_deduplication": "ContentBasedDeduplication",
}
_TOPIC: Final = {
    "kms_master_key_id": "KmsMasterKeyId",
    "display_name": "DisplayName",
    "policy": "Policy",
    "delivery_policy": "DeliveryPolicy",
    "tracing_config": "TracingConfig",
}
_SUBSCRIPTION: Final = {
    "filter_policy": "FilterPolicy",
    "filter_policy_scope": "FilterPolicyScope",
    "raw_message_delivery": "RawMessageDelivery",
    "redrive_policy": "RedrivePolicy",
    "delivery_policy": "DeliveryPolicy",
}


def _one_by_one(operation: str, target: str, attributes: dict[str, str]) -> tuple[Further, ...]:
    """SNS changes an attribute a call."""
    return tuple(
        Further(
            operation, {target: "{id}", "AttributeName": name, "AttributeValue": f"{{{argument}}}"}, on_create=False
        )
        for argument, name in attributes.items()
    )


def _in_attributes(attributes: dict[str, str]) -> dict[str, str | None]:
    return {argument: f"Attributes.{name}" for argument, name in attributes.items()}


ENTRIES: Final = {
    "aws_sns_topic": Entry(
        service="sns",
        create="create_topic",
        id="TopicArn",
        key="topic_arn=id",
        read="get_topic_attributes",
        delete="delete_topic",
        renames=_in_attributes(_TOPIC),
        further=_one_by_one("set_topic_attributes", "TopicArn", _TOPIC),
        computed={"arn": "{id}", "owner": "{account}"},
    ),
    "aws_sns_topic_policy": Entry(
        service="sns",
        create="set_topic_attributes",
        id="{arn}",
        key="topic_arn=arn",
        read="get_topic_attributes",
        update="set_topic_attributes",
        delete=special.reset_topic_policy,
        renames={"arn": "TopicArn", "policy": "AttributeValue"},
        constants={"AttributeName": "Policy"},
        shown_as={"AttributeValue": "Attributes.Policy"},
        computed={"owner": "{account}"},
    ),
    "aws_sns_topic_subscription": Entry(
        service="sns",
        create="subscribe",
        id="SubscriptionArn",
        key="subscription_arn=id",
        read="get_subscription_attributes:Attributes",
        delete="unsubscribe",
        renames=_in_attributes(_SUBSCRIPTION),
        constants={"ReturnSubscriptionArn": True},
        further=_one_by_one("set_subscription_attributes", "SubscriptionArn", _SUBSCRIPTION),
        shown_as={"Attributes": "@"},
        computed={"arn": "{id}", "owner_id": "{account}"},
    ),
    "aws_sqs_queue": Entry(
        service="sqs",
        create="create_queue",
        id="QueueUrl",
        key="queue_url=id",
        read=asking("get_queue_attributes", AttributeNames=["All"]),
        update="set_queue_attributes",
        delete="delete_queue",
        renames=_in_attributes(_QUEUE),
        computed={"url": "{id}", "arn": "arn:aws:sqs:{region}:{account}:{name}"},
    ),
    "aws_sqs_queue_policy": Entry(
        service="sqs",
        create="set_queue_attributes",
        id="{queue_url}",
        key="queue_url",
        read=special.read_queue_policy,
        update="set_queue_attributes",
        delete=special.delete_queue_policy,
        renames={"policy": "Attributes.Policy"},
    ),
    "aws_cloudwatch_event_rule": Entry(
        service="events",
        create="put_rule",
        key="name event_bus_name",
        read="describe_rule",
        update="put_rule",
        delete="delete_rule",
    ),
    "aws_cloudwatch_event_target": Entry(
        service="events",
        create=special.put_target,
        id="{rule}-{target_id}",
        key="rule event_bus_name",
        read=special.read_target,
        update=special.change_target,
        delete=special.remove_target,
        code_takes=dict.fromkeys(("rule", "event_bus_name", "target_id"), "") | special.TARGET_ARGUMENTS,
    ),
    "aws_cloudwatch_metric_alarm": Entry(
        service="cloudwatch",
        create="put_metric_alarm",
        id="{alarm_name}",
        key="alarm_names=alarm_name",
        read="describe_alarms:MetricAlarms[0]",
        update="put_metric_alarm",
        delete="delete_alarms",
        renames={"metric_query": "Metrics", "metric_query.metric": "MetricStat"},
        adjust=special.complete_alarm,
        computed={"arn": "AlarmArn"},
    ),
    "aws_cloudwatch_dashboard": Entry(
        service="cloudwatch",
        create="put_dashboard",
        id="{dashboard_name}",
        key="dashboard_name dashboard_names=dashboard_name",
        read="get_dashboard",
        update="put_dashboard",
        delete="delete_dashboards",
        computed={"dashboard_arn": "arn:aws:cloudwatch::{account}:dashboard/{dashboard_name}"},
    ),
    "aws_cloudwatch_log_group": Entry(
        service="logs",
        create="create_log_group",
        key="log_group_name=name log_group_name_prefix=name",
        read="describe_log_groups:logGroups[?logGroupName=='$name'] | [0]",
        delete="delete_log_group",
        renames={"retention_in_days": None},
        further=(
            Further("put_retention_policy", {"logGroupName": "{name}", "retentionInDays": "{retention_in_days}"}),
            Further("associate_kms_key", {"logGroupName": "{name}", "kmsKeyId": "{kms_key_id}"}, on_create=False),
        ),
        computed={"arn": "arn:aws:logs:{region}:{account}:log-group:{name}"},
    ),
    "aws_cloudwatch_log_metric_filter": Entry(
        service="logs",
        create="put_metric_filter",
        key="filter_name=name filter_name_prefix=name log_group_name",
        read="describe_metric_filters:metricFilters[?filterName=='$name'] | [0]",
        update="put_metric_filter",
        delete="delete_metric_filter",
        renames={"name": "filterName", "pattern": "filterPattern"},
    ),
    "aws_cloudwatch_log_delivery_source": Entry(
        service="logs",
        create="put_delivery_source",
        key="name",
        read="get_delivery_source:deliverySource",
        update="put_delivery_source",
        delete="delete_delivery_source",
        shown_as={"resourceArn": "resourceArns[0]"},
    ),
    "aws_cloudwatch_log_delivery_destination": Entry(
        service="logs",
        create="put_delivery_destination",
        key="name",
        read="get_delivery_destination:deliveryDestination",
        update="put_delivery_destination",
        delete="delete_delivery_destination",
    ),
    "aws_cloudwatch_log_delivery": Entry(
        service="logs",
        create="create_delivery",
        id="delivery.id",
        read="get_delivery:delivery",
        update="update_delivery_configuration",
        delete="delete_delivery",
    ),
}
