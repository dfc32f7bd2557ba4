"""The entrance: an application load balancer that sends each request to the service that asked for it."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.lb import Lb, LbAccessLogs
from cdktf_cdktf_provider_aws.lb_listener import (
    LbListener,
    LbListenerDefaultAction,
    LbListenerDefaultActionFixedResponse,
    LbListenerDefaultActionRedirect,
)
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.connections import Peer
from lib.components.policy import Statement
from lib.naming import Kind, Names
from lib.settings.network import LoadBalancer as Settings

HTTP_PORT = 80
HTTPS_PORT = 443
ACCESS_LOG_PREFIX = "load-balancer"
"""Where in the log bucket the access logs lie; AWS puts `/AWSLogs/<account>/` behind it."""


def access_log_statements(account: Account, bucket_arn: str) -> list[Statement]:
    """What the policy of the log bucket must allow before a load balancer may name it.

    The service principal is the one for every region; an account for each region is AWS's old way. It has no condition
    on aws:SourceArn, which deliveries were seen to fail on: what bounds it is the path, where AWS puts the account that
    owns the load balancer.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    return [
        Statement(
            sid="LoadBalancerLogs",
            actions=["s3:PutObject"],
            resources=[f"{bucket_arn}/{ACCESS_LOG_PREFIX}/AWSLogs/{account.id}/*"],
            principal={"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        )
    ]


class LoadBalancer(Construct):
    """A load balancer, internet-facing or internal. Services attach to it by rules of `listener_arn`.

    With a certificate that listener speaks HTTPS and port 80 only redirects to it; without one it speaks HTTP.
    A request that no rule matches gets a 404.
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
        log_bucket: str,
        certificate_arn: str | None,
        deletion_protection: bool,
    ) -> None:
        """
        log_bucket: name of a bucket under SSE-S3 whose policy holds `access_log_statements` already: AWS writes a
            test object before it accepts the name.
        """
        super().__init__(scope, id)
        self._settings = settings
        self.peer = self._build_peer(names, vpc_id)
        self._load_balancer = self._build_load_balancer(names, subnet_ids, log_bucket, deletion_protection)
        if certificate_arn is None:
            self.url_scheme = "http"
            self.ports = [HTTP_PORT]
            self.listener_arn = self._build_http_listener(_not_found())
        else:
            self.url_scheme = "https"
            self.ports = [HTTP_PORT, HTTPS_PORT]
            self._build_http_listener(_to_https())
            self.listener_arn = self._build_https_listener(certificate_arn)

    @property
    def arn(self) -> str:
        return self._load_balancer.arn

    @property
    def listener_port(self) -> int:
        """Port of the listener that has the rules."""
        return self.ports[-1]

    @property
    def arn_suffix(self) -> str:
        """The part of the ARN that metrics go by."""
        return self._load_balancer.arn_suffix

    @property
    def dns_name(self) -> str:
        return self._load_balancer.dns_name

    @property
    def zone_id(self) -> str:
        """The hosted zone of `dns_name`, for alias records."""
        return self._load_balancer.zone_id

    def alarms(self) -> list[Alarm]:
        dimensions = {"LoadBalancer": self.arn_suffix}
        return [
            Alarm(
                unit="alb",
                role="5xx",
                namespace="AWS/ApplicationELB",
                metric="HTTPCode_ELB_5XX_Count",
                statistic="Sum",
                threshold=self._settings.alarm_5xx_count,
                dimensions=dimensions,
                why="The load balancer itself answers 5xx: no healthy target, or targets that close connections or"
                " do not answer in time. Look at the services' health and at the access logs.",
            ),
            Alarm(
                unit="alb",
                role="rejected",
                namespace="AWS/ApplicationELB",
                metric="RejectedConnectionCount",
                statistic="Sum",
                threshold=0,
                dimensions=dimensions,
                why="The load balancer has reached its maximum of connections and turns clients away: look for an"
                " attack, else reserve capacity (LCUs) for it.",
            ),
        ]

    def _build_peer(self, names: Names, vpc_id: str) -> Peer:
        group = SecurityGroup(
            self,
            "security_group",
            name=names.of(Kind.SECURITY_GROUP, "alb"),
            description="Load balancer",
            vpc_id=vpc_id,
            tags={"Name": names.of(Kind.SECURITY_GROUP, "alb")},
        )
        return Peer("alb", group.id)

    def _build_load_balancer(
        self, names: Names, subnet_ids: Sequence[str], log_bucket: str, deletion_protection: bool
    ) -> Lb:
        return Lb(
            self,
            "alb",
            name=names.of(Kind.LOAD_BALANCER, "alb"),
            load_balancer_type="application",
            internal=self._settings.internal,
            ip_address_type="ipv4",
            subnets=[*subnet_ids],
            security_groups=[self.peer.security_group_id],
            enable_deletion_protection=deletion_protection,
            enable_http2=True,
            idle_timeout=self._settings.idle_timeout_seconds,
            drop_invalid_header_fields=True,
            # Stops smuggled requests and still serves clients that only stretch the RFC, which `strictest` refuses.
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#desync-mitigation-mode
            desync_mitigation_mode="defensive",
            # The client's address is the last entry; what a client put before it is its own invention.
            xff_header_processing_mode="append",
            # Without an answer from WAF a request gets a 500: an attacker must not gain by WAF's being away.
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-waf
            enable_waf_fail_open=False,
            # They tell protocol and cipher of each request too. Connection logs would add failed handshakes and client
            # certificates, of which there are none.
            access_logs=LbAccessLogs(enabled=True, bucket=log_bucket, prefix=ACCESS_LOG_PREFIX),
            tags={"Name": names.of(Kind.LOAD_BALANCER, "alb")},
        )

    def _build_http_listener(self, action: LbListenerDefaultAction) -> str:
        return LbListener(
            self,
            "http_listener",
            load_balancer_arn=self.arn,
            port=HTTP_PORT,
            protocol="HTTP",
            default_action=[action],
        ).arn

    def _build_https_listener(self, certificate_arn: str) -> str:
        return LbListener(
            self,
            "https_listener",
            load_balancer_arn=self.arn,
            port=HTTPS_PORT,
            protocol="HTTPS",
            ssl_policy=self._settings.tls_policy,
            certificate_arn=certificate_arn,
            default_action=[_not_found()],
        ).arn


def _not_found() -> LbListenerDefaultAction:
    return LbListenerDefaultAction(
        type="fixed-response",
        fixed_response=LbListenerDefaultActionFixedResponse(
            status_code="404", content_type="text/plain", message_body="Not found"
        ),
    )


def _to_https() -> LbListenerDefaultAction:
    return LbListenerDefaultAction(
        type="redirect",
        redirect=LbListenerDefaultActionRedirect(protocol="HTTPS", port=str(HTTPS_PORT), status_code="HTTP_301"),
    )
