"""Alarms, notifications and queues."""

from __future__ import annotations

from lib.evidence.values.rule import Rule, between, matching, one_of

_LOGS = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"
_SNS = "https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html"
_SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"

ARGUMENTS: dict[tuple[str, str], tuple[Rule, ...]] = {
    ("aws_cloudwatch_log_delivery_destination", "delivery_destination_configuration.destination_resource_arn"): (
        matching(r"arn:aws[a-z-]*:[\w-]+:[a-z0-9-]*:\d*:\S+", f"{_LOGS}API_DeliveryDestinationConfiguration.html"),
    ),
    ("aws_sns_topic_subscription", "endpoint"): (
        matching(r"[^\s@]+@[^\s@]+\.[a-z]{2,}|https?://\S+|\+?\d{8,15}|arn:[\w:/-]+", _SNS),
    ),
    ("aws_sns_topic_subscription", "protocol"): (
        one_of("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose", source=_SNS),
    ),
    ("aws_sqs_queue", "message_retention_seconds"): (between(60, 1_209_600, _SQS),),
    ("aws_sqs_queue", "visibility_timeout_seconds"): (between(0, 43_200, _SQS),),
    ("aws_sqs_queue", "delay_seconds"): (between(0, 900, _SQS),),
}
