"""CloudWatch Logs: keys of log groups, changes of deliveries."""

from __future__ import annotations

from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import camelcase_to_underscores
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse

from localaws.aws.extending import Added, Extension


def _log_group(self: Any) -> Any:
    name = self._get_param("logGroupName")
    if name not in self.logs_backend.groups:
        raise ResourceNotFoundException
    return self.logs_backend.groups[name]


def associate_kms_key(self: Any) -> ActionResult:
    _log_group(self).kms_key_id = self._get_param("kmsKeyId")
    return EmptyResult()


def disassociate_kms_key(self: Any) -> ActionResult:
    _log_group(self).kms_key_id = None
    return EmptyResult()


def update_delivery_configuration(self: Any) -> ActionResult:
    delivery = self.logs_backend.get_delivery(id=self._get_param("id"))
    for member in ("recordFields", "fieldDelimiter", "s3DeliveryConfiguration"):
        if self._get_param(member) is not None:
            setattr(delivery, camelcase_to_underscores(member), self._get_param(member))
    return EmptyResult()


EXTENSIONS: Final[tuple[Extension, ...]] = (
    Added(LogsResponse, associate_kms_key, "no such operation"),
    Added(LogsResponse, update_delivery_configuration, "no such operation"),
    Added(LogsResponse, disassociate_kms_key, "no such operation"),
)
