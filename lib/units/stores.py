"""What is kept: database, cache, files, secrets, tables, buckets; and what it takes to use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.components import cluster
from lib.components.access import Access
from lib.components.bucket import Bucket
from lib.components.cache import NodeCache, ServerlessCache
from lib.components.database import InstanceDatabase
from lib.components.file_storage import FileStorage
from lib.components.keys import Key, for_cdn
from lib.components.postgres import Postgres
from lib.components.rotation import PasswordRotation
from lib.components.secrets import Secrets
from lib.naming import Kind
from lib.settings import data
from lib.settings.model import ASSETS
from lib.units.base import key

if TYPE_CHECKING:
    from lib.components.aurora import AuroraDatabase
    from lib.components.table import Table
    from lib.tap_stack import TapStack


def secrets(stack: TapStack) -> Secrets:
    return Secrets(
        stack,
        "secrets",
        names=stack.names,
        secrets=stack.settings.secrets,
        key_arn=key(stack, "secrets", "application secrets").arn,
        recovery_days=stack.settings.removal.secret_recovery_days,
    )


def cache(stack: TapStack, settings: data.ServerlessCache | data.NodeCache) -> ServerlessCache | NodeCache:
    key_arn = key(stack, "cache", "cache and its snapshots").arn
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
        key_arn=key(stack, "files", "shared files").arn,
    )


def database(
    stack: TapStack, settings: data.InstanceDatabase | data.AuroraDatabase
) -> InstanceDatabase | AuroraDatabase:
    key_arn = key(stack, "database", "database, its backups and its passwords").arn
    if isinstance(settings, data.AuroraDatabase):
        from lib.components.aurora import AuroraDatabase

        return AuroraDatabase(
            stack,
            "database",
            names=stack.names,
            settings=settings,
            vpc_id=stack.network.vpc_id,
            subnet_ids=stack.network.isolated_subnet_ids,
            zones=stack.network.zones,
            key_arn=key_arn,
            log_key_arn=stack.log_key.arn,
            account=stack.account,
            keep_data=stack.settings.removal.keep_data,
        )
    return InstanceDatabase(
        stack,
        "database",
        names=stack.names,
        settings=settings,
        vpc_id=stack.network.vpc_id,
        subnet_ids=stack.network.isolated_subnet_ids,
        key_arn=key_arn,
        log_key_arn=stack.log_key.arn,
        account=stack.account,
        keep_data=stack.settings.removal.keep_data,
    )


def rotation(
    stack: TapStack, settings: data.InstanceDatabase | data.AuroraDatabase, database: Postgres, key: Key
) -> PasswordRotation:
    """key: that of functions."""
    names, services = stack.names, stack.settings.services
    service_names = [names.of(Kind.SERVICE, name) for name in stack.settings.users_of("database") if name in services]
    return PasswordRotation(
        stack,
        "rotation",
        names=names,
        days=settings.password_rotation_days,
        account=stack.account,
        database=database,
        vpc_id=stack.network.vpc_id,
        subnet_ids=stack.network.private_subnet_ids,
        # Not asked of the services and their cluster, which wait for the secret.
        cluster_name=names.of(Kind.CLUSTER, cluster.PART) if service_names else None,
        service_names=service_names,
        key_arn=key.arn,
        log_key_arn=stack.log_key.arn,
        log_retention_days=settings.log_retention_days,
        recovery_days=stack.settings.removal.secret_recovery_days,
    )


def tables(stack: TapStack) -> dict[str, Table]:
    if not stack.settings.tables:
        return {}
    from lib.components.table import Table

    key_arn = key(stack, "tables", "tables and their backups").arn
    return {
        name: Table(
            stack,
            f"{name}_table",
            name=name,
            names=stack.names,
            settings=settings,
            key_arn=key_arn,
            keep_data=stack.settings.removal.keep_data,
        )
        for name, settings in stack.settings.tables.items()
    }


def buckets(stack: TapStack) -> dict[str, Bucket]:
    """The buckets of the settings, and that of the assets where there is a CDN, which reads no other."""
    wanted, cdn = stack.settings.buckets, stack.settings.cdn
    own_key = key(stack, "buckets", "objects in buckets") if wanted else None
    buckets = {name: _bucket(stack, name, settings, own_key) for name, settings in wanted.items()}
    if cdn:
        assets_key = key(stack, "assets", "files that the CDN serves", for_cdn(stack.account))
        assets = data.Bucket(old_version_days=cdn.old_version_days)
        buckets[ASSETS] = _bucket(stack, ASSETS, assets, assets_key)
    return buckets


def _bucket(stack: TapStack, name: str, settings: data.Bucket, bucket_key: Key | None) -> Bucket:
    bucket = Bucket(
        stack,
        f"{name}_bucket",
        names=stack.names,
        part=name,
        settings=settings,
        account=stack.account,
        keep_data=stack.settings.removal.keep_data,
        key_arn=bucket_key.arn if bucket_key else None,
    )
    bucket.log_to(stack.log_bucket)
    return bucket


def access(stack: TapStack, user: str) -> list[Access]:
    """What a service, fleet or function needs in order to use the stores, buckets and tables that it may."""
    settings = stack.settings
    stores = {"cache": stack.cache, "database": stack.rotation}
    wanted = [stores[name] for name in settings.stores_of(user)] if user in settings.targets else []
    own = settings.functions[user] if user in settings.functions else settings.targets[user]
    return [
        *(store.access() for store in wanted if store),
        *(stack.buckets[name].access(name) for name in own.buckets),
        *(stack.tables[name].access() for name in own.tables),
    ]
