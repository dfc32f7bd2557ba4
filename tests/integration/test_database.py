"""The database: available, encrypted, backed up, where only tasks and instances get at it: one instance or Aurora."""

from __future__ import annotations

from typing import cast

import pytest

from tests.integration.deployment import Block, Deployment

pytestmark = pytest.mark.unit("database_arn")


def described_instance(deployment: Deployment) -> Block:
    rds, identifier = deployment.client("rds"), deployment["database_identifier"]
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    return cast(Block, found)


def described_cluster(deployment: Deployment) -> Block:
    rds, identifier = deployment.client("rds"), deployment["database_identifier"]
    (found,) = rds.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
    return cast(Block, found)


@pytest.fixture
def database(deployment: Deployment) -> Block:
    """What an instance and a cluster call alike."""
    return described_cluster(deployment) if deployment.has_aurora else described_instance(deployment)


@pytest.fixture
def instance(deployment: Deployment) -> Block:
    return described_instance(deployment)


@pytest.fixture
def cluster(deployment: Deployment) -> Block:
    return described_cluster(deployment)


@pytest.fixture
def servers(deployment: Deployment, cluster: Block) -> list[Block]:
    """The instances of the cluster, the writer first."""
    members = sorted(cluster["DBClusterMembers"], key=lambda member: not member["IsClusterWriter"])
    rds = deployment.client("rds")
    return [
        rds.describe_db_instances(DBInstanceIdentifier=member["DBInstanceIdentifier"])["DBInstances"][0]
        for member in members
    ]


def own_parameters(deployment: Deployment, operation: str, **group: str) -> dict[str, str | None]:
    """Of a parameter group, those that AWS has otherwise."""
    pages = deployment.client("rds").get_paginator(operation).paginate(**group, Source="user")
    return {each["ParameterName"]: each.get("ParameterValue") for page in pages for each in page["Parameters"]}


def subnets_of(server: Block) -> set[str]:
    return {subnet["SubnetIdentifier"] for subnet in server["DBSubnetGroup"]["Subnets"]}


def test_endpoint_is_the_hosts_name_and_the_port(deployment: Deployment) -> None:
    assert deployment["database_endpoint"] == f"{deployment['database_address']}:{deployment['database_port']}"


def test_is_encrypted_under_the_stacks_key(deployment: Deployment, database: Block) -> None:
    assert database["StorageEncrypted"] is True
    assert deployment.is_key_of("database", database["KmsKeyId"])


def test_is_behind_its_own_security_group(deployment: Deployment, database: Block) -> None:
    groups = [group["VpcSecurityGroupId"] for group in database["VpcSecurityGroups"]]
    assert groups == [deployment["database_security_group_id"]]


def test_password_is_kept_by_aws_under_the_stacks_key(deployment: Deployment, database: Block) -> None:
    secret = database["MasterUserSecret"]
    assert (secret["SecretArn"], secret["SecretStatus"]) == (deployment["database_secret_arn"], "active")
    assert deployment.is_key_of("database", secret["KmsKeyId"])


def test_is_backed_up(database: Block) -> None:
    assert database["BackupRetentionPeriod"] >= 1
    assert database["CopyTagsToSnapshot"] is True


def test_its_log_is_kept(database: Block) -> None:
    assert "postgresql" in database["EnabledCloudwatchLogsExports"]


def test_users_of_iam_may_sign_in(database: Block) -> None:
    assert database["IAMDatabaseAuthenticationEnabled"] is True


def test_services_and_fleets_are_told_of_it(deployment: Deployment) -> None:
    variables = [deployment.environment(target) for target in deployment.targets()]
    hosts = {each["DATABASE_HOST"] for each in variables if "DATABASE_HOST" in each}
    readers = {each["DATABASE_READER_HOST"] for each in variables if "DATABASE_READER_HOST" in each}
    assert hosts <= {deployment["database_address"]}
    assert readers <= {deployment.outputs.get("database_reader_address")}


@pytest.mark.unit("instance")
class TestInstance:
    def test_is_available_at_its_endpoint(self, deployment: Deployment, instance: Block) -> None:
        assert instance["DBInstanceStatus"] == "available"
        assert instance["Endpoint"]["Address"] == deployment["database_address"]
        assert instance["Endpoint"]["Port"] == deployment["database_port"]

    def test_is_out_of_reach_from_outside(self, deployment: Deployment, instance: Block) -> None:
        assert instance["PubliclyAccessible"] is False
        assert subnets_of(instance) == set(deployment["isolated_subnet_ids"])

    def test_takes_no_connection_without_tls(self, deployment: Deployment, instance: Block) -> None:
        (group,) = instance["DBParameterGroups"]
        assert group["ParameterApplyStatus"] == "in-sync"
        name = group["DBParameterGroupName"]
        parameters = own_parameters(deployment, "describe_db_parameters", DBParameterGroupName=name)
        assert parameters["rds.force_ssl"] == "1"

    def test_survives_the_loss_of_a_zone_in_production(self, deployment: Deployment, instance: Block) -> None:
        if deployment["tier"] != "prod":
            pytest.skip("outside production the database may be in one zone")
        assert instance["MultiAZ"] is True

    def test_takes_small_updates_by_itself(self, instance: Block) -> None:
        assert instance["AutoMinorVersionUpgrade"] is True


@pytest.mark.unit("aurora")
class TestAurora:
    def test_is_available_at_its_endpoints(self, deployment: Deployment, cluster: Block) -> None:
        assert cluster["Status"] == "available"
        assert (cluster["Endpoint"], cluster["Port"]) == (deployment["database_address"], deployment["database_port"])
        if "database_reader_address" in deployment:
            assert cluster["ReaderEndpoint"] == deployment["database_reader_address"]

    def test_has_a_writer_and_the_readers_that_it_should(self, deployment: Deployment, cluster: Block) -> None:
        writers = [member["IsClusterWriter"] for member in cluster["DBClusterMembers"]]
        assert writers.count(True) == 1
        assert (len(writers) > 1) == ("database_reader_address" in deployment)

    def test_every_server_is_available(self, servers: list[Block]) -> None:
        states = {server["DBInstanceIdentifier"]: server["DBInstanceStatus"] for server in servers}
        assert states == dict.fromkeys(states, "available")

    def test_every_server_is_encrypted_under_the_stacks_key(self, deployment: Deployment, servers: list[Block]) -> None:
        for server in servers:
            assert server["StorageEncrypted"] is True
            assert deployment.is_key_of("database", server["KmsKeyId"])

    def test_writer_and_readers_are_in_different_zones(self, deployment: Deployment, servers: list[Block]) -> None:
        # Those that scaling adds have names and zones of AWS's choice.
        own = [each for each in servers if each["DBInstanceIdentifier"].startswith(deployment["database_identifier"])]
        zones = {server["AvailabilityZone"] for server in own}
        assert len(zones) == min(len(own), len(deployment["isolated_subnet_ids"]))

    def test_every_server_is_out_of_reach_from_outside(self, deployment: Deployment, servers: list[Block]) -> None:
        assert servers
        for server in servers:
            assert server["PubliclyAccessible"] is False
            assert subnets_of(server) == set(deployment["isolated_subnet_ids"])

    def test_every_server_takes_small_updates_by_itself(self, servers: list[Block]) -> None:
        assert [server["AutoMinorVersionUpgrade"] for server in servers] == [True] * len(servers)

    def test_takes_no_connection_without_tls(self, deployment: Deployment, cluster: Block) -> None:
        states = {member["DBClusterParameterGroupStatus"] for member in cluster["DBClusterMembers"]}
        assert states == {"in-sync"}
        name = cluster["DBClusterParameterGroup"]
        parameters = own_parameters(deployment, "describe_db_cluster_parameters", DBClusterParameterGroupName=name)
        assert parameters["rds.force_ssl"] == "1"
