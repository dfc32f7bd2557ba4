"""The buckets: encrypted, closed, by TLS only, and keeping what is overwritten where they should."""

from __future__ import annotations

import json
from typing import cast

import pytest

from tests.integration.deployment import Block, Deployment


@pytest.fixture
def name(deployment: Deployment, bucket: str) -> str:
    return str(deployment["bucket_names"][bucket])


@pytest.fixture
def statements(deployment: Deployment, name: str) -> list[Block]:
    """Of the bucket's policy."""
    policy = json.loads(deployment.client("s3").get_bucket_policy(Bucket=name)["Policy"])
    return cast(list[Block], policy["Statement"])


def test_bucket_is_in_the_stacks_region(deployment: Deployment, name: str) -> None:
    # us-east-1 is the one that S3 has no name for.
    location = deployment.client("s3").get_bucket_location(Bucket=name)["LocationConstraint"] or "us-east-1"
    assert location == deployment.region


def test_objects_are_encrypted_under_the_stacks_key(deployment: Deployment, bucket: str, name: str) -> None:
    answer = deployment.client("s3").get_bucket_encryption(Bucket=name)
    (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
    encryption = rule["ApplyServerSideEncryptionByDefault"]
    assert encryption["SSEAlgorithm"] == "aws:kms"
    assert deployment.is_key_of(deployment.key_of_bucket(bucket), encryption["KMSMasterKeyID"])
    assert rule["BucketKeyEnabled"] is True


def test_what_is_overwritten_can_be_had_back(deployment: Deployment, bucket: str, name: str) -> None:
    status = deployment.client("s3").get_bucket_versioning(Bucket=name).get("Status")
    if deployment.is_of_cdn(bucket) or deployment["tier"] == "prod":
        assert status == "Enabled"
    elif status != "Enabled":
        assert status == "Suspended"
        pytest.skip(f"{bucket} keeps one version of each object, as it may outside production")


def test_public_access_is_blocked(deployment: Deployment, name: str) -> None:
    block = deployment.client("s3").get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert len(block) == 4
    assert all(block.values())


def test_objects_belong_to_the_buckets_owner(deployment: Deployment, name: str) -> None:
    (rule,) = deployment.client("s3").get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert rule["ObjectOwnership"] == "BucketOwnerEnforced"


def test_bucket_is_reached_by_tls_only(name: str, statements: list[Block]) -> None:
    (refusal,) = [each for each in statements if each["Effect"] == "Deny"]
    assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert (refusal["Principal"], refusal["Action"]) in [("*", ["s3:*"]), ("*", "s3:*"), ({"AWS": "*"}, "s3:*")]
    assert sorted(resource.partition(":::")[2] for resource in refusal["Resource"]) == [name, f"{name}/*"]


def test_policy_lets_in_the_distribution_and_nobody_else(
    deployment: Deployment, bucket: str, statements: list[Block]
) -> None:
    allowed = [(each["Principal"], each["Condition"]) for each in statements if each["Effect"] == "Allow"]
    if not deployment.is_of_cdn(bucket):
        assert allowed == []
        return
    distribution = {"StringEquals": {"aws:SourceArn": deployment["cdn_distribution_arn"]}}
    assert allowed == [({"Service": "cloudfront.amazonaws.com"}, distribution)] * 2


def test_leftovers_are_cleared_away(deployment: Deployment, name: str) -> None:
    (rule,) = deployment.client("s3").get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] >= 1
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] >= 1
