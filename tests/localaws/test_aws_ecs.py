"""ECS: what a service was told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localaws.probing import Clients, Probe, asked

_CONNECT = {"enabled": True, "namespace": "probe"}


def _service(clients: Clients, name: str, **told: Any) -> Any:
    ecs = clients("ecs")
    ecs.create_cluster(clusterName="probe")
    ecs.register_task_definition(family="probe", containerDefinitions=[{"name": "a", "image": "a", "memory": 1}])
    ecs.create_service(cluster="probe", serviceName=name, taskDefinition="probe", desiredCount=1, **told)
    return _shown(clients, name)


def _shown(clients: Clients, name: str) -> Any:
    return clients("ecs").describe_services(cluster="probe", services=[name])["services"][0]


def _members(clients: Clients) -> Any:
    return _service(clients, "members", enableExecuteCommand=True)["enableExecuteCommand"]


def _changed_service_connect(clients: Clients) -> Any:
    _service(clients, "changed")
    clients("ecs").update_service(cluster="probe", service="changed", serviceConnectConfiguration=_CONNECT)
    return _shown(clients, "changed")["deployments"][0]["serviceConnectConfiguration"]


def _deployment_of_change(clients: Clients) -> Any:
    _service(clients, "redeployed")
    newer = clients("ecs").register_task_definition(
        family="newer", containerDefinitions=[{"name": "c", "image": "i", "memory": 64}]
    )["taskDefinition"]["taskDefinitionArn"]
    clients("ecs").update_service(cluster="probe", service="redeployed", taskDefinition=newer)
    (deployment,) = _shown(clients, "redeployed")["deployments"]
    return deployment["taskDefinition"].rpartition("/")[2].partition(":")[0]


def _service_connect(clients: Clients) -> Any:
    found = _service(clients, "connect", serviceConnectConfiguration=_CONNECT)
    return found["deployments"][0]["serviceConnectConfiguration"]


PROBES = (
    Probe("members of a service", ("EC2ContainerServiceResponse.create_service",), _members, True),
    Probe(
        "changed Service Connect", ("EC2ContainerServiceResponse.update_service",), _changed_service_connect, _CONNECT
    ),
    Probe(
        "deployment of a changed service",
        ("EC2ContainerServiceResponse.update_service",),
        _deployment_of_change,
        "newer",
    ),
    Probe("Service Connect", ("EC2ContainerServiceResponse.create_service",), _service_connect, _CONNECT),
)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer
