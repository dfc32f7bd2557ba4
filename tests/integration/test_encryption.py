"""What is no store and encrypted all the same: logs, secrets, the bucket of access logs."""

from __future__ import annotations

import json

import pytest

from lib.naming import Kind
from lib.settings.edge import EDGE_REGION
from tests.integration.deployment import Block, Deployment


@pytest.fixture(scope="module")
def log_groups(deployment: Deployment) -> dict[str, Block]:
    """Every log group of the stack's region that carries its names."""
    project, suffix = deployment["project"], deployment["environment_suffix"]
    named = {
        "cluster_name": "/aws/ecs/containerinsights/{}/",
        "web_acl_log_group_name": "{}",
        "database_identifier": "/aws/rds/cluster/{}/" if deployment.has_aurora else "/aws/rds/instance/{}/",
    }
    beginnings = [
        f"/{project}/{suffix}/",
        f"/aws/vendedlogs/{project}/{suffix}/",
        *(text.format(deployment[output]) for output, text in named.items() if output in deployment),
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


def test_every_unit_has_its_log_group(deployment: Deployment, log_groups: dict[str, Block]) -> None:
    outputs = ("service_log_group_names", "fleet_log_group_names", "function_log_group_names")
    expected = {name for output in outputs for name in deployment.all(output).values()}
    single = ("web_acl_log_group_name", "http_api_log_group_name")
    assert expected | {deployment[output] for output in single if output in deployment} <= log_groups.keys()


def test_log_groups_end_and_are_under_the_stacks_key(deployment: Deployment, log_groups: dict[str, Block]) -> None:
    open_groups = [name for name, group in log_groups.items() if "kmsKeyId" not in group]
    endless_groups = [name for name, group in log_groups.items() if "retentionInDays" not in group]
    assert (open_groups, endless_groups) == ([], [])
    keys = {group["kmsKeyId"] for group in log_groups.values()}
    assert [key for key in keys if not deployment.is_key_of("logs", key)] == []


@pytest.mark.unit("cdn_web_acl_arn")
def test_log_group_of_the_cdns_firewall_ends_and_is_under_the_stacks_key(deployment: Deployment) -> None:
    logs, name = deployment.client("logs", EDGE_REGION), deployment.names.of(Kind.WAF_LOG_GROUP, "cdn")
    (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["retentionInDays"] >= 1
    part = "edge" if "edge_alarm_topic_arn" in deployment else "logs"
    assert deployment.is_key_of(part, group["kmsKeyId"])


@pytest.mark.unit("secret_arns")
def test_secrets_are_under_the_stacks_key(deployment: Deployment) -> None:
    for arn in deployment["secret_arns"].values():
        secret = deployment.client("secretsmanager").describe_secret(SecretId=arn)
        assert deployment.is_key_of("secrets", secret["KmsKeyId"])
        assert "DeletedDate" not in secret
        # A task that starts before there is a value fails.
        assert ["AWSCURRENT"] in secret["VersionIdsToStages"].values()


@pytest.mark.unit("secret_arns")
def test_no_secret_has_a_policy_of_its_own(deployment: Deployment) -> None:
    for arn in deployment["secret_arns"].values():
        assert "ResourcePolicy" not in deployment.client("secretsmanager").get_resource_policy(SecretId=arn)


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
