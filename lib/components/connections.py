"""Who may talk to whom: the only place that opens a port."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

INTERNET = "0.0.0.0/0"


@dataclass(frozen=True)
class Peer:
    """One end of a connection: a security group and what it is called."""

    name: str
    security_group_id: str


class Connections(Construct):
    """Opens one TCP port an edge, at both of its ends. What is not an edge is closed: no group has other rules."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)

    def allow(self, source: Peer, target: Peer, *, port: int, why: str) -> None:
        """Lets `source` open connections to `target`; answers need no rule."""
        edge = f"{source.name}_to_{target.name}_{port}"
        VpcSecurityGroupEgressRule(
            self,
            f"{edge}_out",
            security_group_id=source.security_group_id,
            referenced_security_group_id=target.security_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"to {target.name}: {why}",
        )
        VpcSecurityGroupIngressRule(
            self,
            f"{edge}_in",
            security_group_id=target.security_group_id,
            referenced_security_group_id=source.security_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"from {source.name}: {why}",
        )

    def allow_from_internet(self, target: Peer, *, port: int, why: str) -> None:
        VpcSecurityGroupIngressRule(
            self,
            f"internet_to_{target.name}_{port}_in",
            security_group_id=target.security_group_id,
            cidr_ipv4=INTERNET,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"from the internet: {why}",
        )

    def allow_to_internet(self, source: Peer, *, port: int, why: str) -> None:
        VpcSecurityGroupEgressRule(
            self,
            f"{source.name}_to_internet_{port}_out",
            security_group_id=source.security_group_id,
            cidr_ipv4=INTERNET,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"to the internet: {why}",
        )
