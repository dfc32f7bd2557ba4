"""EFS: backup policies, changes, deletes."""

from __future__ import annotations

import json
from typing import Any, Final

from moto.efs.responses import EFSResponse

from localaws.aws.extending import Added, Extension, Mended

_Answer = tuple[str, dict[str, Any]]
_JSON: Final[dict[str, Any]] = {"Content-Type": "application/json"}


def _file_system(self: Any) -> Any:
    (found,) = self.efs_backend.describe_file_systems(file_system_id=self._get_param("FileSystemId"))[1]
    return found


def put_backup_policy(self: Any) -> _Answer:
    status = self._get_param("BackupPolicy")["Status"]
    _file_system(self)._backup = status == "ENABLED"
    return json.dumps({"BackupPolicy": {"Status": status}}), _JSON


def _switched_off(original: Any) -> Any:
    def operation(self: Any) -> Any:
        if not _file_system(self)._backup:
            return json.dumps({"BackupPolicy": {"Status": "DISABLED"}}), _JSON
        return original(self)

    return operation


def delete_file_system_policy(self: Any) -> _Answer:
    _file_system(self).file_system_policy = None
    return "", {"status": 200}


def update_file_system(self: Any) -> _Answer:
    found = _file_system(self)
    if self._get_param("ThroughputMode"):
        found.throughput_mode = self._get_param("ThroughputMode")
    if self._get_param("ProvisionedThroughputInMibps"):
        found.provisioned_throughput_in_mibps = self._get_param("ProvisionedThroughputInMibps")
    return json.dumps(found.info_json()), {"status": 202, **_JSON}


EXTENSIONS: Final[tuple[Extension, ...]] = (
    Added(EFSResponse, put_backup_policy, "no such operation"),
    Mended(EFSResponse, "describe_backup_policy", _switched_off, "a policy that is off is told to be absent"),
    Added(EFSResponse, delete_file_system_policy, "no such operation"),
    Added(EFSResponse, update_file_system, "no such operation"),
)
