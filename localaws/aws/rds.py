"""RDS: Performance Insights, parameters, windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.rds import utils
from moto.rds.exceptions import DBParameterGroupNotFoundError
from moto.rds.responses import RDSResponse

from localaws.aws.extending import Added, Extension, Mended, keeping

_INSIGHTS: Final = (
    "EnablePerformanceInsights=PerformanceInsightsEnabled",
    "PerformanceInsightsKMSKeyId=performance_insights_kms_key_id",
    "PerformanceInsightsRetentionPeriod",
    "DatabaseInsightsMode",
)
_MONITORING: Final = ("MonitoringInterval", "MonitoringRoleArn")


def _touching_windows(original: Callable[..., int]) -> Callable[..., int]:
    """Moto counts two windows as overlapping when one begins as the other ends."""

    def overlap(*windows: Any) -> int:
        return original(*windows) or -1

    return overlap


def _changed_cluster(original: Callable[..., Any]) -> Callable[..., Any]:
    """Moto answers with the cluster as it was."""

    def modify_db_cluster(self: Any) -> Any:
        name = self.params.get("NewDBClusterIdentifier") or self.params.get("DBClusterIdentifier")
        exports = self.params.get("CloudwatchLogsExportConfiguration") or {}
        answer = original(self)
        cluster = ActionResult({"DBCluster": self.backend.clusters[name]})
        sign_in = "EnableIAMDatabaseAuthentication=iam_auth"
        keeping("DBCluster", *_INSIGHTS, *_MONITORING, sign_in)(lambda _: cluster)(self)
        _change_log_exports(self.backend.clusters[name], exports)
        return answer

    return modify_db_cluster


def _change_log_exports(cluster: Any, told: Any) -> None:
    left_out = told.get("DisableLogTypes") or []
    kept = [each for each in cluster.enabled_cloudwatch_logs_exports if each not in left_out]
    new = [each for each in told.get("EnableLogTypes") or [] if each not in kept]
    cluster.enabled_cloudwatch_logs_exports = kept + new


def reset_db_parameter_group(self: Any) -> ActionResult:
    name = self.params.get("DBParameterGroupName")
    groups = self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})
    if not groups:
        raise DBParameterGroupNotFoundError(name)
    for parameter in self.params.get("Parameters", []):
        groups[0].parameters.pop(parameter["ParameterName"], None)
    return ActionResult({"DBParameterGroupName": name})


def reset_db_cluster_parameter_group(self: Any) -> ActionResult:
    name = self.params.get("DBClusterParameterGroupName")
    self.backend.describe_db_cluster_parameters(name)
    for parameter in self.params.get("Parameters", []):
        self.backend.db_cluster_parameter_groups[name].parameters.pop(parameter["ParameterName"], None)
    return ActionResult({"DBClusterParameterGroupName": name})


EXTENSIONS: Final[tuple[Extension, ...]] = (
    *(
        Mended(
            RDSResponse,
            operation,
            keeping(thing, *_INSIGHTS, *_MONITORING),
            "Performance Insights and a cluster's monitoring are forgotten",
        )
        for operation, thing in (
            ("create_db_instance", "DBInstance"),
            ("modify_db_instance", "DBInstance"),
            ("create_db_cluster", "DBCluster"),
        )
    ),
    Mended(RDSResponse, "modify_db_cluster", _changed_cluster, "the same when a cluster is changed"),
    Added(RDSResponse, reset_db_parameter_group, "a parameter that is taken out of a group"),
    Added(RDSResponse, reset_db_cluster_parameter_group, "the same for a cluster's group"),
    Mended(utils, "get_overlap_between_two_date_ranges", _touching_windows, "windows that only touch are refused"),
)
