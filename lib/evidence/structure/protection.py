"""Data is encrypted under keys of the stack's own, nothing is reachable that need not be, and no secret is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lib.evidence.reading import (
    arguments,
    at,
    blocks,
    containers,
    is_key,
    leaves,
    number,
    referred,
    resources,
    tables,
    text,
)
from lib.evidence.template import Block, Template

MUST_BE: dict[str, dict[str, Any]] = {
    "aws_db_instance": {"storage_encrypted": True, "publicly_accessible": False, "manage_master_user_password": True},
    "aws_rds_cluster": {"storage_encrypted": True, "manage_master_user_password": True},
    "aws_rds_cluster_instance": {"publicly_accessible": False},
    "aws_dynamodb_table": {
        "server_side_encryption.enabled": True,
        "point_in_time_recovery.enabled": True,
    },
    "aws_launch_template": {
        "metadata_options.http_tokens": "required",
        "metadata_options.http_put_response_hop_limit": 1,
        "block_device_mappings.ebs.encrypted": "true",
        "network_interfaces.associate_public_ip_address": "false",
    },
    "aws_cloudfront_distribution": {"default_cache_behavior.viewer_protocol_policy": "redirect-to-https"},
    "aws_cloudfront_origin_access_control": {"signing_behavior": "always"},
    "aws_ecs_service": {"network_configuration.assign_public_ip": False},
    "aws_ecs_cluster": {
        "configuration.execute_command_configuration.logging": "OVERRIDE",
        "configuration.execute_command_configuration.log_configuration.cloud_watch_encryption_enabled": True,
    },
    "aws_efs_file_system": {"encrypted": True},
    "aws_elasticache_replication_group": {
        "at_rest_encryption_enabled": "true",
        "transit_encryption_enabled": True,
        "transit_encryption_mode": "required",
    },
    "aws_kms_key": {"enable_key_rotation": True},
    "aws_lb": {"drop_invalid_header_fields": True, "access_logs.enabled": True},
    "aws_s3_bucket_ownership_controls": {"rule.object_ownership": "BucketOwnerEnforced"},
    "aws_s3_bucket_public_access_block": {
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    },
    "aws_subnet": {"map_public_ip_on_launch": False},
}
"""Kind -> argument -> the value that it must be told, also where AWS's default is the same."""

INNER_KEYS = {
    "aws_dynamodb_table": "server_side_encryption.kms_key_arn",
    "aws_ecs_cluster": "configuration.execute_command_configuration.kms_key_id",
    "aws_launch_template": "block_device_mappings.ebs.kms_key_id",
}
"""Where a kind takes its key, if not by an argument of its own."""

_KEY_ARGUMENT = re.compile(r"(\w+_)?kms_(\w+_)?(key|arn)(_id|_arn)?")
_PUBLIC = re.compile(r"publicly_accessible|assign_public_ip|associate_public_ip_address|map_public_ip_on_launch")
_BUCKET_PARTS = (
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_policy",
)
_TLS_1_2 = re.compile(r"ELBSecurityPolicy-TLS13-1-[23]-.+")

_SECRET_ARGUMENT = re.compile(
    r"(.*_)?(password|passwords|secret_string|secret_binary|auth_token|access_key|secret_key|private_key|api_key)(_wo)?"
)
_SECRET_VARIABLE = re.compile(r".*(PASSWORD|TOKEN|_SECRET|_KEY|CREDENTIALS)")
_SECRET_TEXT = re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----")


def everything_is_encrypted(template: Template) -> list[str]:
    """Whatever the provider takes a key for has one of the stack's own; what has no key is told to encrypt."""
    found = []
    for kind, address, block in resources(template):
        paths = [each for each in arguments(kind) if _KEY_ARGUMENT.fullmatch(each)]
        for path in sorted([*paths, *([INNER_KEYS[kind]] if kind in INNER_KEYS else [])]):
            if not is_key(template, at(block, path)):
                found.append(f"{address}: {path} is {at(block, path)}, no key of the stack's own")
    return [*found, *_unencrypted_buckets(template), *_unencrypted_ways(template)]


def _unencrypted_buckets(template: Template) -> Iterator[str]:
    log_buckets = {_log_bucket(template, balancer) for balancer in template.all("aws_lb")}
    for name, block in template.named("aws_s3_bucket_server_side_encryption_configuration").items():
        algorithm = at(block, "rule.apply_server_side_encryption_by_default.sse_algorithm")
        key = at(block, "rule.apply_server_side_encryption_by_default.kms_master_key_id")
        # Load balancers write under S3's own key only.
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
        is_log_bucket = referred(block.get("bucket")) in log_buckets
        right = algorithm == "AES256" if is_log_bucket else algorithm == "aws:kms" and is_key(template, key)
        if not right:
            yield f"aws_s3_bucket_server_side_encryption_configuration.{name}: encrypts by {algorithm} under {key}"


def _log_bucket(template: Template, balancer: Block) -> str | None:
    """The bucket of a load balancer's access logs, which it names by the bucket's policy."""
    named = referred(at(balancer, "access_logs.bucket"))
    policy = blocks(template).get(named or "")
    return referred(policy.get("bucket")) if policy and "bucket_policy" in str(named) else named


def _unencrypted_ways(template: Template) -> Iterator[str]:
    yield from _plain_listeners(template)
    yield from _plain_stores(template)
    yield from _plain_edges(template)


def _plain_listeners(template: Template) -> Iterator[str]:
    for name, listener in template.named("aws_lb_listener").items():
        is_answered = at(listener, "default_action.type") != "redirect"
        if listener.get("protocol") == "HTTP" and is_answered and len(template.named("aws_lb_listener")) > 1:
            yield f"aws_lb_listener.{name}: answers HTTP beside HTTPS"
        if listener.get("protocol") == "HTTPS" and not _TLS_1_2.fullmatch(text(listener, "ssl_policy")):
            yield f"aws_lb_listener.{name}: takes less than TLS 1.2"


def _plain_stores(template: Template) -> Iterator[str]:
    for kind in ("aws_db_parameter_group", "aws_rds_cluster_parameter_group"):
        for name, group in template.named(kind).items():
            switches = [each for each in tables(group, "parameter") if each.get("name") == "rds.force_ssl"]
            if not any(number(each, "value") == 1 for each in switches):
                yield f"{kind}.{name}: lets clients in without TLS"
    for name, task in template.named("aws_ecs_task_definition").items():
        for volume in tables(task, "volume"):
            if "efs_volume_configuration" in volume and at(volume, "efs_volume_configuration.transit_encryption") != (
                "ENABLED"
            ):
                yield f"aws_ecs_task_definition.{name}: mounts {text(volume, 'name')} without TLS"


def _plain_edges(template: Template) -> Iterator[str]:
    for name, integration in template.named("aws_apigatewayv2_integration").items():
        listener = blocks(template).get(referred(integration.get("integration_uri")) or "", {})
        if listener.get("protocol") == "HTTPS" and not at(integration, "tls_config.server_name_to_verify"):
            yield f"aws_apigatewayv2_integration.{name}: speaks HTTP to a listener of HTTPS"
    for name, distribution in template.named("aws_cloudfront_distribution").items():
        has_own = at(distribution, "viewer_certificate.acm_certificate_arn") is not None
        if has_own and not text(distribution, "viewer_certificate.minimum_protocol_version").startswith("TLSv1.2"):
            yield f"aws_cloudfront_distribution.{name}: takes less than TLS 1.2"


def nothing_is_exposed(template: Template) -> list[str]:
    """Nothing has a public address or lets the public in; logs are kept for a time, every bucket is closed."""
    found = []
    for kind, address, block in resources(template):
        for path, value in MUST_BE.get(kind, {}).items():
            if at(block, path) != value:
                found.append(f"{address}: {path} is {at(block, path)}, not {value}")
        for leaf in leaves(block):
            if _PUBLIC.fullmatch(leaf.path.rpartition(".")[2]) and leaf.value not in (False, "false"):
                found.append(f"{address}: {leaf.path} is {leaf.value}")
    for name, group in template.named("aws_cloudwatch_log_group").items():
        if not number(group, "retention_in_days"):
            found.append(f"aws_cloudwatch_log_group.{name}: is kept for ever")
    for name in template.named("aws_s3_bucket"):
        for part in _BUCKET_PARTS:
            if f"aws_s3_bucket.{name}" not in {referred(each.get("bucket")) for each in template.all(part)}:
                found.append(f"aws_s3_bucket.{name}: has no {part}")
    return found


def no_secret_is_written_down(template: Template) -> list[str]:
    """No argument or variable for a secret holds one: only what an ephemeral resource makes and nothing keeps."""
    found = []
    for address, block in blocks(template).items():
        for leaf in leaves(block):
            name = leaf.path.rpartition(".")[2].removesuffix("[]")
            # `manage_master_user_password` says yes or no.
            if isinstance(leaf.value, str) and _SECRET_ARGUMENT.fullmatch(name) and not _is_ephemeral(leaf.value):
                found.append(f"{address}: {leaf.path} is in the state")
            if isinstance(leaf.value, str) and _SECRET_TEXT.search(leaf.value):
                found.append(f"{address}: {leaf.path} holds a key")
    return [*found, *_secret_variables(template)]


def _is_ephemeral(value: str) -> bool:
    return re.fullmatch(r"\$\{ephemeral\.[\w.]+\}", value) is not None


def _secret_variables(template: Template) -> Iterator[str]:
    for name, task in template.named("aws_ecs_task_definition").items():
        for container in containers(task):
            for variable in tables(container, "environment"):
                if _SECRET_VARIABLE.fullmatch(text(variable, "name")):
                    yield f"aws_ecs_task_definition.{name}: {variable['name']} can be read by all who see the task"
