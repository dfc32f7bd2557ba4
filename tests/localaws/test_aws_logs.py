"""CloudWatch Logs: keys of log groups."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localaws.probing import Clients, Probe, asked


def _key(clients: Clients, name: str) -> Any:
    return clients("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0].get("kmsKeyId")


def _key_put_later(clients: Clients) -> Any:
    clients("logs").create_log_group(logGroupName="later")
    clients("logs").associate_kms_key(logGroupName="later", kmsKeyId="arn:aws:kms:eu-west-1:123456789012:key/1")
    return _key(clients, "later")


def _key_taken_away(clients: Clients) -> Any:
    clients("logs").create_log_group(logGroupName="away", kmsKeyId="arn:aws:kms:eu-west-1:123456789012:key/1")
    clients("logs").disassociate_kms_key(logGroupName="away")
    return _key(clients, "away")


def _changed_delivery(clients: Clients) -> Any:
    logs = clients("logs")
    logs.put_delivery_source(name="source", resourceArn="arn:aws:cloudfront::123456789012:distribution/E1", logType="A")
    bucket = {"destinationResourceArn": "arn:aws:s3:::probe"}
    made = logs.put_delivery_destination(name="to", outputFormat="json", deliveryDestinationConfiguration=bucket)
    arn = made["deliveryDestination"]["arn"]
    told = {"deliverySourceName": "source", "deliveryDestinationArn": arn, "recordFields": ["a", "b"]}
    one = logs.create_delivery(**told)["delivery"]["id"]
    logs.update_delivery_configuration(id=one, recordFields=["a"])
    return logs.get_delivery(id=one)["delivery"]["recordFields"]


PROBES = (
    Probe("a changed delivery", ("LogsResponse.update_delivery_configuration",), _changed_delivery, ["a"]),
    Probe(
        "a key put later",
        ("LogsResponse.associate_kms_key",),
        _key_put_later,
        "arn:aws:kms:eu-west-1:123456789012:key/1",
    ),
    Probe("a key taken away", ("LogsResponse.disassociate_kms_key",), _key_taken_away, None),
)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer
