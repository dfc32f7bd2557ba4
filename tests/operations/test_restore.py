"""What the runbook says of restoring a database: it comes back under its own name, and Terraform goes on with it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from localaws.environment import Environment, children_environment
from tests.localaws.folder import Folder
from tests.operations.conftest import need_terraform
from tests.synthesis import synthesized

_REFERENCE = re.compile(r"\$\{(?:data\.)?(aws_\w+)\.(\w+)")


def reachable(document: dict[str, Any], *kinds: str) -> dict[str, Any]:
    """The template with these kinds of resources alone, and with what they refer to."""
    wanted = [(kind, name) for kind in kinds for name in document["resource"][kind]]
    kept: dict[str, dict[str, Any]] = {"resource": {}, "data": {}}
    while wanted:
        kind, name = wanted.pop()
        for category, named in kept.items():
            block = document[category].get(kind, {}).get(name)
            if block is not None and name not in named.get(kind, {}):
                named.setdefault(kind, {})[name] = block
                text = json.dumps(block)
                wanted += _REFERENCE.findall(text)
                wanted += [tuple(each.split(".")[-2:]) for each in block.get("depends_on", [])]
    own = {"terraform": {"required_providers": document["terraform"]["required_providers"]}}
    return {"provider": document["provider"], **own, **kept}


class Restored(Folder):
    """The database of a blueprint and what it needs, deployed."""

    def __init__(self, path: Path, endpoint: str, blueprint: str, *kinds: str) -> None:
        document = synthesized(blueprint, "dev").document
        region = document["provider"]["aws"][0]["region"]
        super().__init__(path, **children_environment(os.environ, endpoint, region))
        self.rds = boto3.client(
            "rds", endpoint_url=endpoint, region_name=region, aws_access_key_id="local", aws_secret_access_key="local"
        )
        self.configure(reachable(document, *kinds))
        self.init()
        assert self.apply().code == 0, (path / "output").read_text()

    def address(self, kind: str) -> list[str]:
        return [address for address in self.state() if address.startswith(f"{kind}.")]

    def succeeds(self, *arguments: str) -> None:
        run = self.run(*arguments)
        assert run.code == 0, run.output

    def planned(self) -> dict[str, list[str]]:
        """Address -> what the plan does to it; nothing of what it leaves alone."""
        changes = self.plan("plan")["resource_changes"]
        does = {each["address"]: each["change"]["actions"] for each in changes if each["mode"] == "managed"}
        return {address: actions for address, actions in does.items() if actions not in (["no-op"], ["read"])}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    need_terraform()
    place = Environment(tmp_path_factory.mktemp("aws") / "environment")
    place.start()
    assert place.endpoint
    yield place.endpoint
    place.remove()


def test_an_instance_takes_the_place_of_the_one_that_it_was_restored_from(endpoint: str, tmp_path: Path) -> None:
    restored = Restored(tmp_path, endpoint, "catalog", "aws_db_instance")
    rds, name = restored.rds, "catalog-dev-database"
    (old,) = rds.describe_db_instances()["DBInstances"]
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=name,
        TargetDBInstanceIdentifier=f"{name}-restored",
        UseLatestRestorableTime=True,
        DBSubnetGroupName=old["DBSubnetGroup"]["DBSubnetGroupName"],
        VpcSecurityGroupIds=[each["VpcSecurityGroupId"] for each in old["VpcSecurityGroups"]],
        DBParameterGroupName=old["DBParameterGroups"][0]["DBParameterGroupName"],
        ManageMasterUserPassword=True,
        MasterUserSecretKmsKeyId=old["KmsKeyId"],
    )
    for now, then in ((name, f"{name}-old"), (f"{name}-restored", name)):
        rds.modify_db_instance(DBInstanceIdentifier=now, NewDBInstanceIdentifier=then, ApplyImmediately=True)
    (address,) = restored.address("aws_db_instance")
    restored.succeeds("state", "rm", address)
    restored.succeeds("import", address, name)
    assert restored.planned() == {address: ["update"]}
    assert restored.apply().code == 0
    assert restored.plans_nothing()
    there = {each["DBInstanceIdentifier"]: each for each in rds.describe_db_instances()["DBInstances"]}
    assert there.keys() == {name, f"{name}-old"}
    assert there[name]["MasterUserSecret"]["SecretArn"] != old["MasterUserSecret"]["SecretArn"]


def test_a_cluster_takes_the_place_of_the_one_that_it_was_restored_from(endpoint: str, tmp_path: Path) -> None:
    restored = Restored(tmp_path, endpoint, "transactions", "aws_rds_cluster", "aws_rds_cluster_instance")
    rds, name = restored.rds, "transactions-dev-database"
    (old,) = rds.describe_db_clusters()["DBClusters"]
    servers = restored.address("aws_rds_cluster_instance")
    rds.restore_db_cluster_to_point_in_time(
        SourceDBClusterIdentifier=name,
        DBClusterIdentifier=f"{name}-restored",
        UseLatestRestorableTime=True,
        DBSubnetGroupName=old["DBSubnetGroup"],
        VpcSecurityGroupIds=[each["VpcSecurityGroupId"] for each in old["VpcSecurityGroups"]],
        DBClusterParameterGroupName=old["DBClusterParameterGroup"],
        KmsKeyId=old["KmsKeyId"],
    )
    for member in old["DBClusterMembers"]:
        server = member["DBInstanceIdentifier"]
        rds.modify_db_instance(
            DBInstanceIdentifier=server, NewDBInstanceIdentifier=f"{server}-old", ApplyImmediately=True
        )
    for now, then in ((name, f"{name}-old"), (f"{name}-restored", name)):
        rds.modify_db_cluster(DBClusterIdentifier=now, NewDBClusterIdentifier=then, ApplyImmediately=True)
    (address,) = restored.address("aws_rds_cluster")
    restored.succeeds("state", "rm", address, *servers)
    restored.succeeds("import", address, name)
    # The emulator names automated snapshots after the minute, and refuses a second one of that name.
    for snapshot in rds.describe_db_snapshots()["DBSnapshots"]:
        rds.delete_db_snapshot(DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"])
    assert restored.planned() == {address: ["update"], **{each: ["create"] for each in servers}}
    assert restored.apply().code == 0
    assert restored.plans_nothing()
