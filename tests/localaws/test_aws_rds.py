"""RDS: Performance Insights, parameters, windows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localaws.probing import Clients, Probe, asked

_CREDENTIALS = {"MasterUsername": "admin", "MasterUserPassword": "not-a-secret"}


def _instance(clients: Clients, name: str, **told: Any) -> Any:
    given = {"DBInstanceClass": "db.t3.micro", "Engine": "postgres", "AllocatedStorage": 20, **_CREDENTIALS, **told}
    clients("rds").create_db_instance(DBInstanceIdentifier=name, **given)
    return clients("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def _cluster(clients: Clients, name: str, **told: Any) -> Any:
    given = {"Engine": "aurora-postgresql", **_CREDENTIALS, **told}
    clients("rds").create_db_cluster(DBClusterIdentifier=name, **given)
    return clients("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


def _insights_of_an_instance(clients: Clients) -> Any:
    return _instance(clients, "insights", EnablePerformanceInsights=True)["PerformanceInsightsEnabled"]


def _changed_insights_of_an_instance(clients: Clients) -> Any:
    _instance(clients, "insights-later")
    changed = {"EnablePerformanceInsights": True, "DatabaseInsightsMode": "standard"}
    clients("rds").modify_db_instance(DBInstanceIdentifier="insights-later", **changed)
    found = clients("rds").describe_db_instances(DBInstanceIdentifier="insights-later")["DBInstances"][0]
    return found["PerformanceInsightsEnabled"], found["DatabaseInsightsMode"]


def _monitoring_of_a_cluster(clients: Clients) -> Any:
    found = _cluster(clients, "monitored", MonitoringInterval=60, PerformanceInsightsRetentionPeriod=7)
    return found["MonitoringInterval"], found["PerformanceInsightsRetentionPeriod"]


def _changed_insights_of_a_cluster(clients: Clients) -> Any:
    _cluster(clients, "insights-later")
    exports = {"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["postgresql"]}}
    changed = {"EnablePerformanceInsights": True, "EnableIAMDatabaseAuthentication": True}
    clients("rds").modify_db_cluster(DBClusterIdentifier="insights-later", **changed, **exports)
    found = clients("rds").describe_db_clusters(DBClusterIdentifier="insights-later")["DBClusters"][0]
    shown = ("PerformanceInsightsEnabled", "IAMDatabaseAuthenticationEnabled", "EnabledCloudwatchLogsExports")
    return tuple(found[each] for each in shown)


def _reset_parameter(clients: Clients) -> Any:
    rds = clients("rds")
    group = {"DBParameterGroupName": "reset"}
    rds.create_db_parameter_group(**group, DBParameterGroupFamily="postgres17", Description="probe")
    one = {"ParameterName": "a", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(**group, Parameters=[one])
    rds.reset_db_parameter_group(**group, Parameters=[{"ParameterName": "a", "ApplyMethod": "immediate"}])
    return rds.describe_db_parameters(**group)["Parameters"]


def _reset_cluster_parameter(clients: Clients) -> Any:
    rds = clients("rds")
    group = {"DBClusterParameterGroupName": "reset"}
    rds.create_db_cluster_parameter_group(**group, DBParameterGroupFamily="aurora-postgresql17", Description="probe")
    one = {"ParameterName": "a", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_cluster_parameter_group(**group, Parameters=[one])
    rds.reset_db_cluster_parameter_group(**group, Parameters=[{"ParameterName": "a", "ApplyMethod": "immediate"}])
    return rds.describe_db_cluster_parameters(**group)["Parameters"]


def _windows_that_touch(clients: Clients) -> Any:
    windows = {"PreferredBackupWindow": "03:30-04:30", "PreferredMaintenanceWindow": "sun:04:30-sun:05:30"}
    return _instance(clients, "windows", **windows)["PreferredBackupWindow"]


PROBES = (
    Probe("insights of an instance", ("RDSResponse.create_db_instance",), _insights_of_an_instance, True),
    Probe(
        "changed insights of an instance",
        ("RDSResponse.modify_db_instance",),
        _changed_insights_of_an_instance,
        (True, "standard"),
    ),
    Probe("monitoring of a cluster", ("RDSResponse.create_db_cluster",), _monitoring_of_a_cluster, (60, 7)),
    Probe(
        "changed insights of a cluster",
        ("RDSResponse.modify_db_cluster",),
        _changed_insights_of_a_cluster,
        (True, True, ["postgresql"]),
    ),
    Probe("a parameter taken out", ("RDSResponse.reset_db_parameter_group",), _reset_parameter, []),
    Probe(
        "a parameter taken out of a cluster",
        ("RDSResponse.reset_db_cluster_parameter_group",),
        _reset_cluster_parameter,
        [],
    ),
    Probe(
        "windows that touch",
        ("moto.rds.utils.get_overlap_between_two_date_ranges",),
        _windows_that_touch,
        "03:30-04:30",
    ),
)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer
