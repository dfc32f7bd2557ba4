"""The shared files: available, encrypted, where only tasks get at them, and mounted as they should be."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import DoesNotApply, Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.words import expect, expect_all, expect_in, expect_true, one, statements

UNIT = Unit("files", "Shared files", having("file_system_id", "shared files"))


@UNIT.check("They are available and encrypted under the stack's key")
def available(stack: Deployment) -> Iterator[str]:
    answer = stack.ask("efs", "describe_file_systems", FileSystemId=stack["file_system_id"])
    files = one(answer["FileSystems"], f"file system {stack['file_system_id']}")
    yield from expect_all("the file system", {"LifeCycleState": "available", "Encrypted": True}, files)
    yield from expect_key(stack, "files", files.get("KmsKeyId"), "the file system")


@UNIT.check("They have a mount target in every isolated subnet, behind their own group")
def mount_targets(stack: Deployment) -> Iterator[str]:
    targets = stack.ask("efs", "describe_mount_targets", FileSystemId=stack["file_system_id"])["MountTargets"]
    subnets = {target["SubnetId"] for target in targets}
    yield from expect("the set of subnets", subnets, set(stack["isolated_subnet_ids"]))
    for target in targets:
        id = target["MountTargetId"]
        yield from expect(f"the state of {id}", target["LifeCycleState"], "available")
        groups = stack.ask("efs", "describe_mount_target_security_groups", MountTargetId=id)["SecurityGroups"]
        yield from expect(f"the groups of {id}", groups, [stack["files_security_group_id"]])


@UNIT.check("They refuse whoever comes without TLS")
def tls(stack: Deployment) -> Iterator[str]:
    policy = stack.ask("efs", "describe_file_system_policy", FileSystemId=stack["file_system_id"])["Policy"]
    refused = [each.get("Condition") for each in statements(policy) if each["Effect"] == "Deny"]
    without_tls = {"Bool": {"aws:SecureTransport": "false"}}
    yield from expect_true(without_tls in refused, "the policy refuses nobody who comes without TLS")


@UNIT.check("The access point is theirs, available, and no root's")
def access_point(stack: Deployment) -> Iterator[str]:
    id = stack["access_point_id"]
    found = one(stack.ask("efs", "describe_access_points", AccessPointId=id)["AccessPoints"], f"access point {id}")
    expected = {"LifeCycleState": "available", "FileSystemId": stack["file_system_id"]}
    yield from expect_all("the access point", expected, found)
    yield from expect_true(found.get("PosixUser", {}).get("Uid"), "who comes through the access point is root")


@UNIT.check("Tasks mount them through the access point, with IAM and TLS")
def mounted(stack: Deployment) -> Iterator[str]:
    expected = {
        "fileSystemId": stack["file_system_id"],
        "transitEncryption": "ENABLED",
        "authorizationConfig": {"accessPointId": stack["access_point_id"], "iam": "ENABLED"},
    }
    for service, volume in mounts(stack).items():
        yield from expect_all(f"the volume of {service}", expected, volume["efsVolumeConfiguration"])


@UNIT.check("Containers see them where the application is told")
def seen(stack: Deployment) -> Iterator[str]:
    for service, volume in mounts(stack).items():
        points = stack.container(service).get("mountPoints", [])
        paths = [point["containerPath"] for point in points if point["sourceVolume"] == volume["name"]]
        yield from expect_in(f"FILES_PATH of {service}", stack.environment(service).get("FILES_PATH"), paths)


def mounts(stack: Deployment) -> dict[str, Block]:
    """Service -> the volume by which its tasks mount the files."""
    volumes = {
        service: volume
        for service in stack.all("service_names")
        for volume in stack.task_definition(service)["volumes"]
        if "efsVolumeConfiguration" in volume
    }
    if not volumes:
        raise DoesNotApply("no service mounts the files")
    return volumes
