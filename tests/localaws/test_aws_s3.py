"""S3: who may write access logs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.local import REGION, client
from tests.localaws.probing import Clients, Probe, asked


def _logging_beside_a_statement_for_everybody(clients: Clients) -> Any:
    s3 = clients("s3")
    for name in ("watched", "logs"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    statements = [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::logs/*"},
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": ["arn:aws:s3:::logs/buckets/*"],
        },
    ]
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    enabled = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "buckets/"}}
    s3.put_bucket_logging(Bucket="watched", BucketLoggingStatus=enabled)
    return s3.get_bucket_logging(Bucket="watched")["LoggingEnabled"]["TargetBucket"]


PROBES = (
    Probe(
        "logging beside a statement for everybody",
        ("FakeBucket._log_permissions_enabled_policy",),
        _logging_beside_a_statement_for_everybody,
        "logs",
    ),
)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer


def test_a_bucket_that_lets_nobody_log_is_refused() -> None:
    s3 = client("s3")
    for name in ("watched-2", "logs-2"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    enabled = {"LoggingEnabled": {"TargetBucket": "logs-2", "TargetPrefix": "buckets/"}}
    with pytest.raises(ClientError, match="InvalidTargetBucketForLogging"):
        s3.put_bucket_logging(Bucket="watched-2", BucketLoggingStatus=enabled)
