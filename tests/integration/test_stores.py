"""Cache, database and files: available, encrypted, where only tasks get at them, and mounted as they should be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.deployment import Deployment


@pytest.mark.usefixtures("with_cache")
class TestCache:
    @staticmethod
    def is_serverless(deployment: Deployment) -> bool:
        return ":serverlesscache:" in deployment["cache_arn"]

    @pytest.fixture
    def cache(self, deployment: Deployment) -> Any:
        client, name = deployment.client("elasticache"), deployment["cache_name"]
        if self.is_serverless(deployment):
            (found,) = client.describe_serverless_caches(ServerlessCacheName=name)["ServerlessCaches"]
        else:
            (found,) = client.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"]
        return found

    def test_is_available_at_its_endpoint(self, deployment: Deployment, cache: Any) -> None:
        assert cache["Status"].lower() == "available"
        endpoint = cache["Endpoint"] if self.is_serverless(deployment) else cache["NodeGroups"][0]["PrimaryEndpoint"]
        assert endpoint == {"Address": deployment["cache_endpoint"], "Port": deployment["cache_port"]}

    def test_is_encrypted_under_a_key_of_its_own(self, deployment: Deployment, cache: Any) -> None:
        assert deployment.key_of_its_own(cache["KmsKeyId"])
        if not self.is_serverless(deployment):  # Serverless is never without.
            assert (cache["AtRestEncryptionEnabled"], cache["TransitEncryptionEnabled"]) == (True, True)

    def test_survives_the_loss_of_a_zone(self, deployment: Deployment, cache: Any) -> None:
        if self.is_serverless(deployment):
            assert len(cache["SubnetIds"]) >= 2
            assert set(cache["SubnetIds"]) <= set(deployment["isolated_subnet_ids"])
        else:
            assert (cache["MultiAZ"], cache["AutomaticFailover"]) == ("enabled", "enabled")

    def test_services_are_told_its_endpoint(self, deployment: Deployment) -> None:
        told = [deployment.environment(service) for service in deployment["service_names"]]
        hosts = {variables["CACHE_HOST"] for variables in told if "CACHE_HOST" in variables}
        assert hosts <= {deployment["cache_endpoint"]}


@pytest.mark.usefixtures("with_database")
class TestDatabase:
    @pytest.fixture
    def instance(self, deployment: Deployment) -> Any:
        answer = deployment.client("rds").describe_db_instances(DBInstanceIdentifier=deployment["database_identifier"])
        (found,) = answer["DBInstances"]
        return found

    def test_is_available_at_its_endpoint(self, deployment: Deployment, instance: Any) -> None:
        assert instance["DBInstanceStatus"] == "available"
        assert instance["Endpoint"]["Address"] == deployment["database_endpoint"]
        assert instance["Endpoint"]["Port"] == deployment["database_port"]

    def test_is_encrypted_under_a_key_of_its_own(self, deployment: Deployment, instance: Any) -> None:
        assert instance["StorageEncrypted"] is True
        assert deployment.key_of_its_own(instance["KmsKeyId"])

    def test_is_out_of_reach_from_outside(self, deployment: Deployment, instance: Any) -> None:
        assert instance["PubliclyAccessible"] is False
        subnets = {subnet["SubnetIdentifier"] for subnet in instance["DBSubnetGroup"]["Subnets"]}
        assert subnets == set(deployment["isolated_subnet_ids"])
        groups = [group["VpcSecurityGroupId"] for group in instance["VpcSecurityGroups"]]
        assert groups == [deployment["database_security_group_id"]]

    def test_takes_no_connection_without_tls(self, deployment: Deployment, instance: Any) -> None:
        (group,) = instance["DBParameterGroups"]
        assert group["ParameterApplyStatus"] == "in-sync"
        pages = (
            deployment.client("rds")
            .get_paginator("describe_db_parameters")
            .paginate(DBParameterGroupName=group["DBParameterGroupName"], Source="user")
        )
        parameters = {
            each["ParameterName"]: each.get("ParameterValue") for page in pages for each in page["Parameters"]
        }
        assert parameters["rds.force_ssl"] == "1"

    def test_password_is_kept_by_aws_under_a_key_of_its_own(self, deployment: Deployment, instance: Any) -> None:
        secret = instance["MasterUserSecret"]
        assert (secret["SecretArn"], secret["SecretStatus"]) == (deployment["database_secret_arn"], "active")
        assert deployment.key_of_its_own(secret["KmsKeyId"])

    def test_is_backed_up(self, instance: Any) -> None:
        assert instance["BackupRetentionPeriod"] >= 1


@pytest.mark.usefixtures("with_files")
class TestFiles:
    @pytest.fixture
    def mounted(self, deployment: Deployment) -> dict[str, Any]:
        """Service -> how its tasks mount the files."""
        volumes = {
            service: volume["efsVolumeConfiguration"]
            for service in deployment["service_names"]
            for volume in deployment.task_definition(service)["volumes"]
            if "efsVolumeConfiguration" in volume
        }
        if not volumes:
            pytest.skip("no service mounts the files")
        return volumes

    def test_are_available_and_encrypted_under_a_key_of_their_own(self, deployment: Deployment) -> None:
        answer = deployment.client("efs").describe_file_systems(FileSystemId=deployment["file_system_id"])
        (files,) = answer["FileSystems"]
        assert files["LifeCycleState"] == "available"
        assert files["Encrypted"] is True
        assert deployment.key_of_its_own(files["KmsKeyId"])

    def test_have_a_mount_target_in_every_zone_behind_their_own_group(self, deployment: Deployment) -> None:
        efs = deployment.client("efs")
        targets = efs.describe_mount_targets(FileSystemId=deployment["file_system_id"])["MountTargets"]
        assert {target["LifeCycleState"] for target in targets} == {"available"}
        assert {target["SubnetId"] for target in targets} == set(deployment["isolated_subnet_ids"])
        for target in targets:
            groups = efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])["SecurityGroups"]
            assert groups == [deployment["files_security_group_id"]]

    def test_refuse_whoever_comes_without_tls(self, deployment: Deployment) -> None:
        policy = deployment.client("efs").describe_file_system_policy(FileSystemId=deployment["file_system_id"])[
            "Policy"
        ]
        refused = [each["Condition"] for each in json.loads(policy)["Statement"] if each["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in refused

    def test_access_point_belongs_to_them(self, deployment: Deployment) -> None:
        answer = deployment.client("efs").describe_access_points(AccessPointId=deployment["access_point_id"])
        (access_point,) = answer["AccessPoints"]
        assert access_point["LifeCycleState"] == "available"
        assert access_point["FileSystemId"] == deployment["file_system_id"]
        assert access_point["PosixUser"]["Uid"] != 0

    def test_tasks_mount_them_through_the_access_point_with_iam_and_tls(
        self, deployment: Deployment, mounted: dict[str, Any]
    ) -> None:
        for volume in mounted.values():
            assert volume["fileSystemId"] == deployment["file_system_id"]
            assert volume["transitEncryption"] == "ENABLED"
            assert volume["authorizationConfig"] == {"accessPointId": deployment["access_point_id"], "iam": "ENABLED"}

    def test_containers_see_them(self, deployment: Deployment, mounted: dict[str, Any]) -> None:
        for service in mounted:
            path = deployment.environment(service)["FILES_PATH"]
            assert path in [point["containerPath"] for point in deployment.container(service)["mountPoints"]]
