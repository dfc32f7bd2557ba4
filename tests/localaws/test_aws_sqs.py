"""SQS: a queue keeps its policy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.localaws.probing import Clients, Probe, asked


def _policy_after_another_change(clients: Clients) -> Any:
    sqs = clients("sqs")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = sqs.create_queue(QueueName="kept", Attributes={"Policy": policy})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "1"})
    return "Policy" in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


PROBES = (Probe("the policy after another change", ("Queue._set_attributes",), _policy_after_another_change, True),)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer
