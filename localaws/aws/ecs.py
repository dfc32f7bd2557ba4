"""ECS: what a service was told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from moto.core.utils import utcnow
from moto.ecs.responses import EC2ContainerServiceResponse as Ecs
from moto.moto_api._internal import mock_random

from localaws.aws.extending import Extension, Mended, keeping, thing_in

_SERVICE: Final = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
)


def _service_connect(original: Callable[..., Any]) -> Callable[..., Any]:
    """AWS shows how a service is found by others at its deployments."""

    def operation(self: Any) -> Any:
        answer = original(self)
        given = self._get_param("serviceConnectConfiguration")
        if given is not None:
            for deployment in thing_in(answer, "service").deployments:
                deployment["serviceConnectConfiguration"] = given
        return answer

    return operation


def _deployment(original: Callable[..., Any]) -> Callable[..., Any]:
    """Another task definition is another deployment, which is at once the one that counts."""

    def operation(self: Any) -> Any:
        answer = original(self)
        service = thing_in(answer, "service")
        for deployment in service.deployments:
            if deployment["taskDefinition"] != service.task_definition:
                now = utcnow()
                id = f"ecs-svc/{mock_random.randint(0, 10**18)}"
                reason = f"ECS deployment {id} in progress."
                deployment |= {"taskDefinition": service.task_definition, "id": id, "rolloutStateReason": reason}
                deployment |= {"createdAt": now, "updatedAt": now}
        return answer

    return operation


EXTENSIONS: Final[tuple[Extension, ...]] = (
    Mended(Ecs, "create_service", keeping("service", *_SERVICE), "members of a service are forgotten"),
    Mended(Ecs, "create_service", _service_connect, "Service Connect is forgotten"),
    Mended(Ecs, "update_service", _service_connect, "the same when it is changed"),
    Mended(Ecs, "update_service", _deployment, "the deployment stays at the old task definition"),
)
