"""S3: who may write access logs, policies that refuse plain HTTP, and writing on a condition."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
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


def _an_object_where_plain_http_is_refused(clients: Clients) -> Any:
    s3 = clients("s3")
    s3.create_bucket(Bucket="over-tls", CreateBucketConfiguration={"LocationConstraint": REGION})
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::over-tls", "arn:aws:s3:::over-tls/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket="over-tls", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_object(Bucket="over-tls", Key="one", Body=b"said")
    kept = json.loads(s3.get_bucket_policy(Bucket="over-tls")["Policy"])["Statement"]
    return s3.get_object(Bucket="over-tls", Key="one")["Body"].read(), kept == [statement]


_WRITERS = 4
_ROUNDS = 20
_LENGTHY = ",".join(['id="one"'] * 6_000)
"""So many grants that moto is busy with them for a while, between looking for the key and writing it. AWS takes 100."""


def _most_that_write_a_key_that_is_not_there(clients: Clients) -> int:
    s3 = clients("s3")
    s3.create_bucket(Bucket="locks", CreateBucketConfiguration={"LocationConstraint": REGION})
    begin = threading.Barrier(_WRITERS)

    def writes(key: str) -> bool:
        begin.wait()
        try:
            s3.put_object(Bucket="locks", Key=key, GrantRead=_LENGTHY, IfNoneMatch="*")
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            return False
        return True

    with ThreadPoolExecutor(_WRITERS) as pool:
        return max(sum(pool.map(writes, [f"key-{number}"] * _WRITERS)) for number in range(_ROUNDS))


PROBES = (
    Probe(
        "logging beside a statement for everybody",
        ("FakeBucket._log_permissions_enabled_policy",),
        _logging_beside_a_statement_for_everybody,
        "logs",
    ),
    Probe(
        "an object where plain HTTP is refused",
        ("FakeBucket.get_permission",),
        _an_object_where_plain_http_is_refused,
        (b"said", True),
    ),
    Probe(
        "writers of a key that is not there", ("S3Response.put_object",), _most_that_write_a_key_that_is_not_there, 1
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
