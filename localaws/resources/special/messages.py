"""SNS, SQS, EventBridge, CloudWatch."""

from __future__ import annotations

import json
import uuid
from typing import Any, Final

from localaws.resources.mapper import Mapper, Request
from localaws.resources.resource import Resource
from localaws.resources.special.common import set_only

# ---- SNS and SQS


def reset_topic_policy(resource: Resource) -> None:
    """A topic is never without a policy: the provider gives back the one that a new topic has."""
    arn = resource.get("arn")
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:Subscribe", "SNS:Publish"],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": resource.get("account")}},
    }
    policy = json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})
    told = {"TopicArn": arn, "AttributeName": "Policy", "AttributeValue": policy}
    resource.call("set_topic_attributes", told)


def read_queue_policy(resource: Resource) -> dict[str, Any] | None:
    queue = {"QueueUrl": resource.get("queue_url"), "AttributeNames": ["Policy"]}
    answer = dict(resource.call("get_queue_attributes", queue))
    return answer if answer.get("Attributes", {}).get("Policy") else None


def delete_queue_policy(resource: Resource) -> None:
    resource.call("set_queue_attributes", {"QueueUrl": resource.get("queue_url"), "Attributes": {"Policy": ""}})


# ---- EventBridge

TARGET_ARGUMENTS: Final = {
    "arn": "Arn",
    "role_arn": "RoleArn",
    "input": "Input",
    "input_path": "InputPath",
    "input_transformer": "InputTransformer",
    "retry_policy": "RetryPolicy",
    "dead_letter_config": "DeadLetterConfig",
}
"""Argument -> member of a target; kinds of targets with a block of their own are refused."""


def _bus(resource: Resource) -> dict[str, str]:
    return set_only({"EventBusName": resource.get("event_bus_name")})


def _put_target(resource: Resource) -> None:
    shape = resource.shape("put_targets").members["Targets"].member
    mapper = Mapper(resource.kind, {"input_transformer.input_paths": "InputPathsMap"})
    given = {name: resource.args[name] for name in TARGET_ARGUMENTS if name in resource.args}
    target = {**mapper.request(shape, given).params, "Id": resource.get("target_id")}
    answer = resource.call("put_targets", {"Rule": resource.get("rule"), "Targets": [target], **_bus(resource)})
    if answer.get("FailedEntryCount"):
        raise ValueError(f"put_targets: {answer['FailedEntries']}")


def put_target(resource: Resource) -> dict[str, Any]:
    if not resource.get("target_id"):
        resource.state["target_id"] = f"terraform-{uuid.uuid4().hex[:16]}"
    _put_target(resource)
    return {}


def change_target(resource: Resource, _: set[str]) -> None:
    _put_target(resource)


def read_target(resource: Resource) -> dict[str, Any] | None:
    answer = resource.call("list_targets_by_rule", {"Rule": resource.get("rule"), **_bus(resource)})
    found = next((each for each in answer["Targets"] if each["Id"] == resource.get("target_id")), None)
    return {**found, "Targets": [found]} if found else None


def remove_target(resource: Resource) -> None:
    ids = [resource.get("target_id")]
    resource.call("remove_targets", {"Rule": resource.get("rule"), "Ids": ids, **_bus(resource)})


# ---- CloudWatch


def complete_alarm(resource: Resource, request: Request) -> None:
    """A metric of an expression is a structure in a structure, and AWS wants to know which number counts."""
    for made, given in zip(request.params.get("Metrics", []), resource.args.get("metric_query") or [], strict=True):
        stat = made.get("MetricStat")
        if stat:
            metric = given["metric"][0]
            dimensions = [
                {"Name": name, "Value": value} for name, value in sorted((metric["dimensions"] or {}).items())
            ]
            stat["Metric"] = {
                "Namespace": metric["namespace"],
                "MetricName": metric["metric_name"],
                "Dimensions": dimensions,
            }
        made["ReturnData"] = bool(given.get("return_data"))
    request.homeless = [path for path in request.homeless if not path.startswith("metric_query.metric.")]
