"""EFS: backup policies, changes, deletes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localaws.probing import Clients, Probe, asked


def _file_system(clients: Clients, token: str) -> str:
    return str(clients("efs").create_file_system(CreationToken=token)["FileSystemId"])


def _backup_switched_on(clients: Clients) -> Any:
    one = _file_system(clients, "on")
    clients("efs").put_backup_policy(FileSystemId=one, BackupPolicy={"Status": "ENABLED"})
    return clients("efs").describe_backup_policy(FileSystemId=one)["BackupPolicy"]["Status"]


def _backup_switched_off(clients: Clients) -> Any:
    one = _file_system(clients, "off")
    return clients("efs").describe_backup_policy(FileSystemId=one)["BackupPolicy"]["Status"]


def _policy_deleted(clients: Clients) -> Any:
    one = _file_system(clients, "policy")
    clients("efs").put_file_system_policy(FileSystemId=one, Policy="{}")
    return clients("efs").delete_file_system_policy(FileSystemId=one)["ResponseMetadata"]["HTTPStatusCode"]


def _throughput_changed(clients: Clients) -> Any:
    one = _file_system(clients, "throughput")
    clients("efs").update_file_system(FileSystemId=one, ThroughputMode="elastic")
    return clients("efs").describe_file_systems(FileSystemId=one)["FileSystems"][0]["ThroughputMode"]


PROBES = (
    Probe("backups switched on", ("EFSResponse.put_backup_policy",), _backup_switched_on, "ENABLED"),
    Probe("backups switched off", ("EFSResponse.describe_backup_policy",), _backup_switched_off, "DISABLED"),
    Probe("a policy deleted", ("EFSResponse.delete_file_system_policy",), _policy_deleted, 200),
    Probe("another throughput", ("EFSResponse.update_file_system",), _throughput_changed, "elastic"),
)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer
