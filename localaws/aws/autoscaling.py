"""EC2 Auto Scaling and application autoscaling: refreshes, metrics, tags of targets."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Targets
from moto.autoscaling.responses import AutoScalingResponse as Groups
from moto.core.responses import ActionResult, EmptyResult

from localaws.aws.extending import Added, Extension, Mended

# ---- groups


def _group(self: Any) -> Any:
    (found,) = self.autoscaling_backend.describe_auto_scaling_groups([self._get_param("AutoScalingGroupName")])
    return found


def _keeps_warmup(original: Callable[..., Any]) -> Callable[..., Any]:
    def operation(self: Any) -> Any:
        answer = original(self)
        if self._get_param("DefaultInstanceWarmup") is not None:
            _group(self).default_instance_warmup = self._get_int_param("DefaultInstanceWarmup")
        return answer

    return operation


def disable_metrics_collection(self: Any) -> ActionResult:
    group, given = _group(self), self._get_param("Metrics")
    group.metrics = [each for each in group.metrics if given and each not in given]
    return EmptyResult()


def _refreshes(self: Any) -> list[dict[str, Any]]:
    there: list[dict[str, Any]] = _group(self).__dict__.setdefault("_local_refreshes", [])
    return there


def start_instance_refresh(self: Any) -> ActionResult:
    """There are no instances to wait for: it is over when it begins."""
    given, now = self._get_params(), datetime.now(UTC)
    refresh = {
        "InstanceRefreshId": str(uuid4()),
        "AutoScalingGroupName": given["AutoScalingGroupName"],
        "Status": "Successful",
        "StartTime": now,
        "EndTime": now,
        "PercentageComplete": 100,
        "InstancesToUpdate": 0,
        "Preferences": given.get("Preferences", {}),
    }
    _refreshes(self).insert(0, refresh)
    return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})


def describe_instance_refreshes(self: Any) -> ActionResult:
    wanted = self._get_param("InstanceRefreshIds", [])
    found = [each for each in _refreshes(self) if not wanted or each["InstanceRefreshId"] in wanted]
    return ActionResult({"InstanceRefreshes": found})


# ---- scalable targets


def _tags(self: Any) -> dict[str, dict[str, str]]:
    there: dict[str, dict[str, str]] = self.applicationautoscaling_backend.__dict__.setdefault("_local_tags", {})
    return there


def _registered_with_tags(original: Callable[..., str]) -> Callable[..., str]:
    def register_scalable_target(self: Any) -> str:
        answer = original(self)
        if self._get_param("Tags"):
            _tags(self).setdefault(json.loads(answer)["ScalableTargetARN"], {}).update(self._get_param("Tags"))
        return answer

    return register_scalable_target


def tag_resource(self: Any) -> str:
    _tags(self).setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
    return "{}"


def untag_resource(self: Any) -> str:
    tags = _tags(self).get(self._get_param("ResourceARN"), {})
    for key in self._get_param("TagKeys"):
        tags.pop(key, None)
    return "{}"


def list_tags_for_resource(self: Any) -> str:
    return json.dumps({"Tags": _tags(self).get(self._get_param("ResourceARN"), {})})


_NONE = "no such operation"
EXTENSIONS: Final[tuple[Extension, ...]] = (
    Mended(Groups, "create_auto_scaling_group", _keeps_warmup, "the warm-up is forgotten"),
    Mended(Groups, "update_auto_scaling_group", _keeps_warmup, "the same when it is changed"),
    Added(Groups, disable_metrics_collection, _NONE),
    Added(Groups, start_instance_refresh, _NONE),
    Added(Groups, describe_instance_refreshes, _NONE),
    Mended(Targets, "register_scalable_target", _registered_with_tags, "a target's tags are forgotten"),
    Added(Targets, tag_resource, _NONE),
    Added(Targets, untag_resource, _NONE),
    Added(Targets, list_tags_for_resource, _NONE),
)
