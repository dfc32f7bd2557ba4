"""How requests come in: load balancer, firewall, HTTP API, CDN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.components.bucket import Bucket
from lib.components.certificate import AliasRecord, Certificate
from lib.components.firewall import Firewall
from lib.components.load_balancer import LoadBalancer, access_log_statements
from lib.settings import data, edge
from lib.settings.model import ASSETS
from lib.settings.network import Firewall as FirewallSettings

if TYPE_CHECKING:
    from lib.components.cdn import Cdn
    from lib.components.http_api import HttpApi
    from lib.tap_stack import TapStack


def log_bucket(stack: TapStack) -> Bucket:
    """Access logs of the load balancer, of the CDN and of the other buckets.

    With versions, though nothing overwrites a log: who covers tracks deletes, and what was deleted can be had back.
    """
    bucket = Bucket(
        stack,
        "log_bucket",
        names=stack.names,
        part="logs",
        settings=data.Bucket(expire_days=stack.settings.load_balancer.access_log_retention_days),
        account=stack.account,
        keep_data=stack.settings.removal.keep_data,
        key_arn=None,
    )
    bucket.allow(*access_log_statements(stack.account, bucket.arn))
    return bucket


def load_balancer(stack: TapStack) -> LoadBalancer:
    """With the certificate and the record of its domain where there is one."""
    settings, network = stack.settings.load_balancer, stack.network
    domain_name, hosted_zone = stack.settings.domain(settings.domain_name), stack.settings.domain(settings.hosted_zone)
    balancer = LoadBalancer(
        stack,
        "load_balancer",
        names=stack.names,
        settings=settings,
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids if settings.internal else network.public_subnet_ids,
        log_bucket=stack.log_bucket.name,
        certificate_arn=settings.certificate_arn or _certificate_arn(stack, domain_name, hosted_zone),
        deletion_protection=stack.settings.removal.keep_data,
    )
    if domain_name and hosted_zone:
        AliasRecord(
            stack,
            "alias",
            hosted_zone=hosted_zone,
            domain_name=domain_name,
            target_dns_name=balancer.dns_name,
            target_zone_id=balancer.zone_id,
        )
    return balancer


def _certificate_arn(stack: TapStack, domain_name: str | None, hosted_zone: str | None) -> str | None:
    if not (domain_name and hosted_zone):
        return None
    return Certificate(stack, "certificate", names=stack.names, domain_name=domain_name, hosted_zone=hosted_zone).arn


def _cdn_certificate_arn(stack: TapStack, domain_name: str | None, hosted_zone: str | None) -> str | None:
    if not (domain_name and hosted_zone):
        return None
    return Certificate(
        stack,
        "cdn_certificate",
        names=stack.names,
        domain_name=domain_name,
        hosted_zone=hosted_zone,
        part="cdn",
        region=edge.EDGE_REGION,
    ).arn


def firewall(stack: TapStack, settings: FirewallSettings) -> Firewall:
    return Firewall(
        stack,
        "firewall",
        names=stack.names,
        settings=settings,
        account=stack.account,
        resource_arn=stack.load_balancer.arn,
        log_key_arn=stack.log_key.arn,
        api_client_header=edge.CLIENT_HEADER if stack.settings.http_api else None,
        vpc_cidr=stack.settings.network.cidr,
        is_public=not stack.settings.load_balancer.internal,
    )


def http_api(stack: TapStack, settings: edge.HttpApi) -> HttpApi:
    from lib.components.http_api import HttpApi

    return HttpApi(
        stack,
        "http_api",
        names=stack.names,
        settings=settings,
        vpc_id=stack.network.vpc_id,
        subnet_ids=stack.network.private_subnet_ids,
        listener_arn=stack.load_balancer.listener_arn,
        tls_server_name=stack.settings.domain(stack.settings.load_balancer.domain_name),
        log_key_arn=stack.log_key.arn,
    )


def cdn(stack: TapStack, settings: edge.Cdn) -> Cdn:
    """With the certificate and the records of its domain where there is one, and its own firewall where it has one."""
    from lib.components.cdn import Cdn

    domain_name, hosted_zone = stack.settings.domain(settings.domain_name), stack.settings.domain(settings.hosted_zone)
    cdn = Cdn(
        stack,
        "cdn",
        names=stack.names,
        settings=settings,
        account=stack.account,
        assets=stack.buckets[ASSETS],
        log_bucket=stack.log_bucket,
        domain_name=domain_name,
        certificate_arn=settings.certificate_arn or _cdn_certificate_arn(stack, domain_name, hosted_zone),
        web_acl_arn=stack.cdn_firewall.arn if stack.cdn_firewall else None,
    )
    if domain_name and hosted_zone:
        AliasRecord(
            stack,
            "cdn_alias",
            hosted_zone=hosted_zone,
            domain_name=domain_name,
            target_dns_name=cdn.domain_name,
            target_zone_id=cdn.hosted_zone_id,
            ipv6=True,
        )
    return cdn


def cdn_firewall(stack: TapStack, settings: FirewallSettings) -> Firewall:
    return Firewall(
        stack,
        "cdn_firewall",
        names=stack.names,
        settings=settings,
        account=stack.account,
        resource_arn=None,
        log_key_arn=(stack.edge_key or stack.log_key).arn,
        unit="cdn",
    )
