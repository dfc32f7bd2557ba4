"""What is not a store and encrypted all the same: logs, secrets, messages, the log bucket, and the way in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.deployment import Deployment


@pytest.fixture(scope="module")
def log_groups(deployment: Deployment) -> dict[str, Any]:
    """Every log group that carries the stack's names."""
    project, suffix = deployment["project"], deployment["environment_suffix"]
    beginnings = [
        f"/{project}/{suffix}/",
        f"/aws/vendedlogs/{project}/{suffix}/",
        f"/aws/ecs/containerinsights/{deployment['cluster_name']}/",
        *(deployment[output] for output in ("web_acl_log_group_name",) if output in deployment),
        *(f"/aws/rds/instance/{deployment[output]}/" for output in ("database_identifier",) if output in deployment),
    ]
    paginator = deployment.client("logs").get_paginator("describe_log_groups")
    return {
        group["logGroupName"]: group
        for beginning in beginnings
        for page in paginator.paginate(logGroupNamePrefix=beginning)
        for group in page["logGroups"]
    }


@pytest.fixture(scope="module")
def log_bucket(deployment: Deployment) -> str:
    """Where the load balancer writes its access logs."""
    answer = deployment.client("elbv2").describe_load_balancer_attributes(
        LoadBalancerArn=deployment["load_balancer_arn"]
    )
    attributes = {each["Key"]: each["Value"] for each in answer["Attributes"]}
    assert attributes["access_logs.s3.enabled"] == "true"
    return str(attributes["access_logs.s3.bucket"])


def test_log_groups_end_and_are_under_a_key_of_their_own(deployment: Deployment, log_groups: dict[str, Any]) -> None:
    assert set(deployment["service_log_group_names"].values()) <= log_groups.keys()
    open_groups = [name for name, group in log_groups.items() if "kmsKeyId" not in group]
    endless_groups = [name for name, group in log_groups.items() if "retentionInDays" not in group]
    assert (open_groups, endless_groups) == ([], [])
    keys = {group["kmsKeyId"] for group in log_groups.values()}
    assert [key for key in keys if not deployment.key_of_its_own(key)] == []


def test_secrets_are_under_a_key_of_their_own(deployment: Deployment) -> None:
    if "secret_arns" not in deployment:
        pytest.skip("the stack has no secrets")
    for arn in deployment["secret_arns"].values():
        secret = deployment.client("secretsmanager").describe_secret(SecretId=arn)
        assert deployment.key_of_its_own(secret["KmsKeyId"])
        assert "DeletedDate" not in secret
        # A task that starts before there is a value fails.
        assert ["AWSCURRENT"] in secret["VersionIdsToStages"].values()


def test_messages_are_under_a_key_of_their_own(deployment: Deployment) -> None:
    topic = deployment.client("sns").get_topic_attributes(TopicArn=deployment["alarm_topic_arn"])["Attributes"]
    assert deployment.key_of_its_own(topic["KmsMasterKeyId"])


def test_log_bucket_is_encrypted_and_closed(deployment: Deployment, log_bucket: str) -> None:
    s3 = deployment.client("s3")
    rules = s3.get_bucket_encryption(Bucket=log_bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    # Load balancers write to no bucket under a key of one's own.
    assert [rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules] == ["AES256"]
    block = s3.get_public_access_block(Bucket=log_bucket)["PublicAccessBlockConfiguration"]
    assert len(block) == 4
    assert all(block.values())


def test_log_bucket_is_reached_by_tls_only(deployment: Deployment, log_bucket: str) -> None:
    policy = json.loads(deployment.client("s3").get_bucket_policy(Bucket=log_bucket)["Policy"])
    refused = [each.get("Condition") for each in policy["Statement"] if each["Effect"] == "Deny"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in refused


def test_users_come_by_tls_where_there_is_a_certificate(deployment: Deployment) -> None:
    listeners = deployment.listeners()
    if not deployment["url"].startswith("https:"):
        assert listeners.keys() == {80}
        pytest.skip("the stack has no certificate")
    assert listeners.keys() == {80, 443}
    assert listeners[443]["ListenerArn"] == deployment["listener_arn"]
    assert listeners[443]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-")
    (redirect,) = listeners[80]["DefaultActions"]
    assert redirect["RedirectConfig"]["Protocol"] == "HTTPS"
    assert redirect["RedirectConfig"]["StatusCode"] == "HTTP_301"
