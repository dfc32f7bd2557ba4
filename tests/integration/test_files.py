"""The shared files: available, encrypted, where only tasks get at them, and mounted as they should be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.deployment import Deployment

pytestmark = pytest.mark.unit("file_system_id")


@pytest.fixture
def mounted(deployment: Deployment) -> dict[str, Any]:
    """Service -> how its tasks mount the files."""
    volumes = {
        service: volume["efsVolumeConfiguration"]
        for service in deployment.all("service_names")
        for volume in deployment.task_definition(service)["volumes"]
        if "efsVolumeConfiguration" in volume
    }
    if not volumes:
        pytest.skip("no service mounts the files")
    return volumes


def test_are_available_and_encrypted_under_the_stacks_key(deployment: Deployment) -> None:
    answer = deployment.client("efs").describe_file_systems(FileSystemId=deployment["file_system_id"])
    (files,) = answer["FileSystems"]
    assert files["LifeCycleState"] == "available"
    assert files["Encrypted"] is True
    assert deployment.is_key_of("files", files["KmsKeyId"])


def test_have_a_mount_target_in_every_zone_behind_their_own_group(deployment: Deployment) -> None:
    efs = deployment.client("efs")
    targets = efs.describe_mount_targets(FileSystemId=deployment["file_system_id"])["MountTargets"]
    assert {target["LifeCycleState"] for target in targets} == {"available"}
    assert {target["SubnetId"] for target in targets} == set(deployment["isolated_subnet_ids"])
    for target in targets:
        groups = efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])["SecurityGroups"]
        assert groups == [deployment["files_security_group_id"]]


def test_refuse_whoever_comes_without_tls(deployment: Deployment) -> None:
    policy = deployment.client("efs").describe_file_system_policy(FileSystemId=deployment["file_system_id"])["Policy"]
    refused = [each["Condition"] for each in json.loads(policy)["Statement"] if each["Effect"] == "Deny"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in refused


def test_access_point_belongs_to_them(deployment: Deployment) -> None:
    answer = deployment.client("efs").describe_access_points(AccessPointId=deployment["access_point_id"])
    (access_point,) = answer["AccessPoints"]
    assert access_point["LifeCycleState"] == "available"
    assert access_point["FileSystemId"] == deployment["file_system_id"]
    assert access_point["PosixUser"]["Uid"] != 0


def test_tasks_mount_them_through_the_access_point_with_iam_and_tls(
    deployment: Deployment, mounted: dict[str, Any]
) -> None:
    for volume in mounted.values():
        assert volume["fileSystemId"] == deployment["file_system_id"]
        assert volume["transitEncryption"] == "ENABLED"
        assert volume["authorizationConfig"] == {"accessPointId": deployment["access_point_id"], "iam": "ENABLED"}


def test_containers_see_them(deployment: Deployment, mounted: dict[str, Any]) -> None:
    for service in mounted:
        path = deployment.environment(service)["FILES_PATH"]
        assert path in [point["containerPath"] for point in deployment.container(service)["mountPoints"]]
