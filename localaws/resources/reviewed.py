"""Members that AWS is told and that reading the object does not show, with the reason why that is right.

Whatever else is accepted and not shown fails the run: the local AWS would have forgotten it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_RETRY = "it only tells a retry from a second call"
_ONCE = "it is about one replacement of the instances, which is no part of the group"
_TAKEN_AWAY = "it says what is to be there no longer"

REVIEWED: Final[Mapping[str, Mapping[str, str]]] = {
    "aws_autoscaling_group": {"Preferences": _ONCE, "Strategy": _ONCE},
    "aws_cloudfront_distribution": {"DistributionConfig.CallerReference": _RETRY},
    "aws_db_instance": {"CloudwatchLogsExportConfiguration.DisableLogTypes": _TAKEN_AWAY},
    "aws_efs_access_point": {"ClientToken": _RETRY},
    "aws_efs_file_system": {"CreationToken": _RETRY},
    "aws_elasticache_user_group": {"UserIdsToRemove": _TAKEN_AWAY},
    "aws_flow_log": {"ResourceType": "the beginning of ResourceId says it"},
    "aws_iam_policy": {"SetAsDefault": "the document that is read is the default one's"},
    "aws_lambda_function": {"Code.ZipFile": "AWS shows its hash; a changed one is seen by source_code_hash"},
    "aws_lambda_invocation": {"Payload": "it is about one call"},
    "aws_lb_listener_rule": {"ListenerArn": "the rule's ARN has it inside"},
    "aws_rds_cluster": {"CloudwatchLogsExportConfiguration.DisableLogTypes": _TAKEN_AWAY},
    "aws_secretsmanager_secret_rotation": {
        "ClientRequestToken": _RETRY,
        "RotateImmediately": "it is about when the first rotation begins",
    },
    "aws_service_discovery_http_namespace": {"CreatorRequestId": _RETRY},
    "aws_sns_topic": {"Name": "the topic's ARN ends with it"},
    "aws_sns_topic_subscription": {"ReturnSubscriptionArn": "it is about the answer of the call that makes it"},
    "aws_sqs_queue": {"QueueName": "the queue's URL ends with it"},
    "aws_vpc_endpoint": {"RemoveRouteTableIds": _TAKEN_AWAY, "RemoveSubnetIds": _TAKEN_AWAY},
}
"""Type -> member of a request -> why AWS does not show it either."""
