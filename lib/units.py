"""How each unit of the stack is made: its slice of the settings, its key, its subnets, what it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lib.components.access import Access
from lib.components.bucket import Bucket
from lib.components.cache import NodeCache, ServerlessCache
from lib.components.certificate import AliasRecord, Certificate
from lib.components.cluster import Cluster
from lib.components.database import Database
from lib.components.file_storage import FileStorage
from lib.components.firewall import Firewall
from lib.components.keys import Key, for_logs, for_notifications
from lib.components.load_balancer import LoadBalancer, access_log_statements
from lib.components.network import Network
from lib.components.notifications import Notifications
from lib.components.policy import Statement
from lib.components.secrets import Secrets
from lib.components.service import Service
from lib.settings import data
from lib.settings.network import Firewall as FirewallSettings
from lib.settings.routing import rule_priority
from lib.settings.services import url_variable

if TYPE_CHECKING:
    from lib.tap_stack import TapStack


def log_key(stack: TapStack) -> Key:
    return _key(stack, "logs", "log groups and sessions", for_logs(stack.account))


def network(stack: TapStack) -> Network:
    return Network(
        stack,
        "network",
        names=stack.names,
        settings=stack.settings.network,
        account=stack.account,
        log_key_arn=stack.log_key.arn,
    )


def load_balancer(stack: TapStack) -> LoadBalancer:
    """With its log bucket, and with the certificate and the record of its domain where there is one."""
    settings = stack.settings.load_balancer
    balancer = LoadBalancer(
        stack,
        "load_balancer",
        names=stack.names,
        settings=settings,
        vpc_id=stack.network.vpc_id,
        subnet_ids=stack.network.public_subnet_ids,
        log_bucket=_log_bucket(stack).name,
        certificate_arn=settings.certificate_arn or _certificate_arn(stack),
        deletion_protection=stack.settings.removal.keep_data,
    )
    if settings.domain_name and settings.hosted_zone:
        AliasRecord(
            stack,
            "alias",
            hosted_zone=settings.hosted_zone,
            domain_name=settings.domain_name,
            target_dns_name=balancer.dns_name,
            target_zone_id=balancer.zone_id,
        )
    return balancer


def _log_bucket(stack: TapStack) -> Bucket:
    bucket = Bucket(
        stack,
        "log_bucket",
        names=stack.names,
        part="logs",
        account=stack.account,
        keep_data=stack.settings.removal.keep_data,
        expire_days=stack.settings.load_balancer.access_log_retention_days,
    )
    bucket.allow(*access_log_statements(stack.account, bucket.arn))
    return bucket


def _certificate_arn(stack: TapStack) -> str | None:
    settings = stack.settings.load_balancer
    if not (settings.domain_name and settings.hosted_zone):
        return None
    return Certificate(
        stack,
        "certificate",
        names=stack.names,
        domain_name=settings.domain_name,
        hosted_zone=settings.hosted_zone,
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
    )


def secrets(stack: TapStack) -> Secrets:
    return Secrets(
        stack,
        "secrets",
        names=stack.names,
        secrets=stack.settings.secrets,
        key_arn=_key(stack, "secrets", "application secrets").arn,
        recovery_days=stack.settings.removal.secret_recovery_days,
    )


def database(stack: TapStack, settings: data.Database) -> Database:
    return Database(
        stack,
        "database",
        names=stack.names,
        settings=settings,
        vpc_id=stack.network.vpc_id,
        subnet_ids=stack.network.isolated_subnet_ids,
        key_arn=_key(stack, "database", "database, its backups and its password").arn,
        log_key_arn=stack.log_key.arn,
        account=stack.account,
        keep_data=stack.settings.removal.keep_data,
    )


def cache(stack: TapStack, settings: data.ServerlessCache | data.NodeCache) -> ServerlessCache | NodeCache:
    key_arn = _key(stack, "cache", "cache and its snapshots").arn
    if isinstance(settings, data.ServerlessCache):
        return ServerlessCache(
            stack,
            "cache",
            names=stack.names,
            settings=settings,
            vpc_id=stack.network.vpc_id,
            subnet_ids=stack.network.isolated_subnet_ids,
            key_arn=key_arn,
        )
    return NodeCache(
        stack,
        "cache",
        names=stack.names,
        settings=settings,
        vpc_id=stack.network.vpc_id,
        subnet_ids=stack.network.isolated_subnet_ids,
        key_arn=key_arn,
        log_key_arn=stack.log_key.arn,
        keep_data=stack.settings.removal.keep_data,
    )


def files(stack: TapStack, settings: data.Files) -> FileStorage:
    return FileStorage(
        stack,
        "files",
        names=stack.names,
        settings=settings,
        vpc_id=stack.network.vpc_id,
        subnet_ids=stack.network.isolated_subnet_ids,
        key_arn=_key(stack, "files", "shared files").arn,
    )


def cluster(stack: TapStack) -> Cluster:
    return Cluster(stack, "cluster", names=stack.names, settings=stack.settings.cluster, log_key_arn=stack.log_key.arn)


def stores(stack: TapStack, service_name: str) -> list[Access]:
    """What a service needs in order to use the stores that it may reach."""
    units = {"cache": stack.cache, "database": stack.database}
    return [unit.access() for name in stack.settings.stores_of(service_name) if (unit := units[name])]


def service(stack: TapStack, name: str) -> Service:
    settings = stack.settings.services[name]
    # variable -> (name of the secret, JSON key in it or nothing)
    secrets = {variable: reference.partition(":")[::2] for variable, reference in settings.secrets.items()}
    arns = stack.secrets.arns if stack.secrets else {}
    return Service(
        stack,
        f"{name}_service",
        name=name,
        names=stack.names,
        settings=settings,
        account=stack.account,
        cluster=stack.cluster,
        vpc_id=stack.network.vpc_id,
        subnet_ids=stack.network.private_subnet_ids,
        listener_arn=stack.load_balancer.listener_arn,
        priority=rule_priority(name, settings),
        load_balancer_arn_suffix=stack.load_balancer.arn_suffix,
        log_key_arn=stack.log_key.arn,
        access=stores(stack, name),
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
        secrets={
            variable: f"{arns[secret]}:{json_key}::" if json_key else arns[secret]
            for variable, (secret, json_key) in secrets.items()
        },
        secret_statements=(
            stack.secrets.execution_statements(secret for secret, _ in secrets.values()) if stack.secrets else ()
        ),
        files=stack.files,
        calls={
            url_variable(callee): f"http://{callee}:{stack.settings.services[callee].port}" for callee in settings.calls
        },
    )


def notifications(stack: TapStack) -> Notifications:
    key = _key(stack, "notifications", "messages about alarms and deployments", for_notifications(stack.account))
    return Notifications(
        stack,
        "notifications",
        names=stack.names,
        emails=stack.settings.notifications.emails,
        key_arn=key.arn,
        account=stack.account,
    )


def _key(stack: TapStack, part: str, purpose: str, service_statements: Sequence[Statement] = ()) -> Key:
    return Key(
        stack,
        f"{part}_key",
        names=stack.names,
        part=part,
        purpose=purpose,
        account=stack.account,
        deletion_window_days=stack.settings.removal.key_deletion_window_days,
        service_statements=service_statements,
    )
