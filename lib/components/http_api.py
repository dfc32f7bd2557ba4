"""The HTTP API in front of the load balancer: throttled, logged, and the only way to one that is internal."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cdktf_cdktf_provider_aws.apigatewayv2_api import Apigatewayv2Api
from cdktf_cdktf_provider_aws.apigatewayv2_integration import (
    Apigatewayv2Integration,
    Apigatewayv2IntegrationTlsConfig,
)
from cdktf_cdktf_provider_aws.apigatewayv2_route import Apigatewayv2Route
from cdktf_cdktf_provider_aws.apigatewayv2_stage import (
    Apigatewayv2Stage,
    Apigatewayv2StageAccessLogSettings,
    Apigatewayv2StageDefaultRouteSettings,
)
from cdktf_cdktf_provider_aws.apigatewayv2_vpc_link import Apigatewayv2VpcLink
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from lib.components.alarms import Alarm
from lib.components.connections import Peer
from lib.naming import Kind, Names
from lib.settings.edge import CLIENT_HEADER
from lib.settings.edge import HttpApi as Settings

_PART = "gateway"
_LOGGED = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "client": "$context.identity.sourceIp",
    "userAgent": "$context.identity.userAgent",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "protocol": "$context.protocol",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "milliseconds": "$context.responseLatency",
    "platformStatus": "$context.integrationStatus",
    "platformMilliseconds": "$context.integrationLatency",
    "error": "$context.error.message",
    "platformError": "$context.integrationErrorMessage",
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html"""


class HttpApi(Construct):
    """An HTTP API whose one stage is named by the environment and sends every request on to a listener.

    API Gateway ends the client's TLS (1.2 and above) and speaks TLS to a listener that does.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        settings: Settings,
        vpc_id: str,
        subnet_ids: Sequence[str],
        listener_arn: str,
        tls_server_name: str | None,
        log_key_arn: str,
    ) -> None:
        """
        subnet_ids: where the VPC link has its network interfaces; the load balancer is reached from there.
        tls_server_name: the name that the listener's certificate is for; None for a listener that speaks HTTP.
        """
        super().__init__(scope, id)
        self._names = names
        self._settings = settings
        self.peer = self._build_peer(vpc_id)
        self._api = self._build_api()
        self._build_route(self._build_integration(self._build_link(subnet_ids), listener_arn, tls_server_name))
        self._log_group = self._build_log_group(log_key_arn)
        self._stage = self._build_stage()

    @property
    def id(self) -> str:
        return self._api.id

    @property
    def url(self) -> str:
        """Where clients reach the platform: the stage is part of the path, and is not handed on."""
        return self._stage.invoke_url

    @property
    def stage_name(self) -> str:
        return self._stage.name

    @property
    def log_group_name(self) -> str:
        return self._log_group.name

    def alarms(self) -> list[Alarm]:
        """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html"""
        dimensions = {"ApiId": self.id, "Stage": self.stage_name}
        return [
            Alarm(
                unit=_PART,
                role="5xx",
                namespace="AWS/ApiGateway",
                metric="5xx",
                statistic="Sum",
                threshold=self._settings.alarm_5xx_count,
                dimensions=dimensions,
                why="The HTTP API answers 5xx: its access log tells whether the platform did (platformStatus) or could"
                " not be reached (platformError). Look at the load balancer's and the services' alarms.",
            ),
            Alarm(
                unit=_PART,
                role="latency",
                namespace="AWS/ApiGateway",
                metric="Latency",
                statistic="Average",
                threshold=self._settings.alarm_latency_milliseconds,
                dimensions=dimensions,
                why="Requests take long on average, from the client's first byte to its last. Compare milliseconds with"
                " platformMilliseconds in the access log: the difference is API Gateway's own.",
            ),
        ]

    def _build_peer(self, vpc_id: str) -> Peer:
        name = self._names.of(Kind.SECURITY_GROUP, _PART)
        # No rules here: the stack opens the edges, so that the connection matrix reads in one place.
        group = SecurityGroup(
            self,
            "security_group",
            name=name,
            description="Network interfaces of the HTTP API",
            vpc_id=vpc_id,
            tags={"Name": name},
        )
        return Peer(_PART, group.id)

    def _build_api(self) -> Apigatewayv2Api:
        return Apigatewayv2Api(
            self,
            "api",
            name=self._names.of(Kind.HTTP_API, _PART),
            protocol_type="HTTP",
            description="The platform's API",
        )

    def _build_link(self, subnet_ids: Sequence[str]) -> Apigatewayv2VpcLink:
        return Apigatewayv2VpcLink(
            self,
            "vpc_link",
            name=self._names.of(Kind.VPC_LINK, _PART),
            subnet_ids=list(subnet_ids),
            security_group_ids=[self.peer.security_group_id],
        )

    def _build_integration(
        self, link: Apigatewayv2VpcLink, listener_arn: str, tls_server_name: str | None
    ) -> Apigatewayv2Integration:
        tls = Apigatewayv2IntegrationTlsConfig(server_name_to_verify=tls_server_name) if tls_server_name else None
        return Apigatewayv2Integration(
            self,
            "integration",
            api_id=self.id,
            description="The load balancer, through the VPC link",
            integration_type="HTTP_PROXY",
            integration_method="ANY",
            integration_uri=listener_arn,
            connection_type="VPC_LINK",
            connection_id=link.id,
            # The only one for private integrations.
            payload_format_version="1.0",
            timeout_milliseconds=self._settings.timeout_milliseconds,
            request_parameters={
                # Without it the stage's name comes first in the path, and no rule of the load balancer matches.
                # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
                "overwrite:path": "$request.path",
                f"overwrite:header.{CLIENT_HEADER}": "$context.identity.sourceIp",
            },
            tls_config=tls,
        )

    def _build_route(self, integration: Apigatewayv2Integration) -> None:
        Apigatewayv2Route(self, "route", api_id=self.id, route_key="$default", target=f"integrations/{integration.id}")

    def _build_log_group(self, log_key_arn: str) -> CloudwatchLogGroup:
        return CloudwatchLogGroup(
            self,
            "access_log",
            name=self._names.of(Kind.VENDED_LOG_GROUP, _PART, "access"),
            retention_in_days=self._settings.log_retention_days,
            kms_key_id=log_key_arn,
        )

    def _build_stage(self) -> Apigatewayv2Stage:
        return Apigatewayv2Stage(
            self,
            "stage",
            api_id=self.id,
            name=self._names.suffix,
            auto_deploy=True,
            access_log_settings=Apigatewayv2StageAccessLogSettings(
                destination_arn=self._log_group.arn, format=json.dumps(_LOGGED)
            ),
            default_route_settings=Apigatewayv2StageDefaultRouteSettings(
                # Both: the provider sends 0 for one that is left out, and a limit of 0 lets nothing through.
                throttling_rate_limit=self._settings.requests_per_second,
                throttling_burst_limit=self._settings.burst,
                # Metrics for each route, of which there is one.
                detailed_metrics_enabled=False,
            ),
            tags={"Name": self._names.of(Kind.HTTP_API, _PART)},
        )
