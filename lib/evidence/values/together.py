"""What an argument has to be because of others of the same block, by pages of AWS's documentation.

No model of AWS says it: each member of an API is described by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import NamedTuple

from lib.evidence.documents.parts import number as within
from lib.evidence.documents.parts import wrong
from lib.evidence.reading import containers, every, is_known, is_set, number, tables, text, text_table, texts
from lib.evidence.template import Block
from lib.evidence.values import schemas
from lib.evidence.values.literal import Literal
from lib.evidence.values.rule import Rule, matching, one_of

_AWS = "https://docs.aws.amazon.com/"
_BALANCER = f"{_AWS}elasticloadbalancing/latest/APIReference/API_CreateListener.html"
_BEHAVIOR = f"{_AWS}cloudfront/latest/APIReference/API_CacheBehavior.html"
_CACHE = f"{_AWS}AmazonElastiCache/latest/dg/ParameterGroups.Engine.html"
_DISK = f"{_AWS}AWSEC2/latest/APIReference/API_EbsBlockDevice.html"
_ENDPOINT = f"{_AWS}vpc/latest/privatelink/"
_EXPORTS = f"{_AWS}AmazonRDS/latest/APIReference/API_CreateDBInstance.html"
_FIREWALL = f"{_AWS}waf/latest/developerguide/aws-managed-rule-groups-list.html"
_FLOWS = f"{_AWS}AWSEC2/latest/APIReference/API_CreateFlowLogs.html"
_LOGS = f"{_AWS}AmazonECS/latest/developerguide/specify-log-config.html"
_MOVES = f"{_AWS}AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"
_SERVICE = f"{_AWS}AmazonECS/latest/APIReference/API_CreateService.html"
_TABLE = f"{_AWS}amazondynamodb/latest/APIReference/API_CreateTable.html"
_VARIABLES = f"{_AWS}lambda/latest/dg/configuration-envvars.html"
_RUNTIMES = "AdditionalSpecs/LmbdRuntimeLifecycle.json"

_REGION = re.compile(r"(?:com|cn\.com)\.amazonaws\.(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d)\.")
_LEAST_DAYS_BEFORE_IA = 30

_METHODS = ({"GET", "HEAD"}, {"GET", "HEAD", "OPTIONS"})
_ALL_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}

_RULE_GROUPS = (
    *("ACFPRuleSet", "ATPRuleSet", "AdminProtectionRuleSet", "AmazonIpReputationList", "AnonymousIpList"),
    *("AntiDDoSRuleSet", "BotControlRuleSet", "CommonRuleSet", "KnownBadInputsRuleSet", "LinuxRuleSet"),
    *("PHPRuleSet", "SQLiRuleSet", "UnixRuleSet", "WindowsRuleSet", "WordPressRuleSet"),
)

# TZ is in the list of that page too, and Lambda takes it.
_RESERVED = frozenset(
    {
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"),
        *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
        *("AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
        *("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    }
)

_LOG_OPTIONS = (
    *("awslogs-create-group", "awslogs-datetime-format", "awslogs-endpoint", "awslogs-group"),
    *("awslogs-multiline-pattern", "awslogs-region", "awslogs-stream", "awslogs-stream-prefix"),
    *("max-buffer-size", "mode"),
)

_OF_MYSQL = ("audit", "error", "general", "iam-db-auth-error", "slowquery")
LOGS_OF_ENGINES: Mapping[str, tuple[str, ...]] = {
    "aurora-mysql": (*_OF_MYSQL, "instance"),
    "aurora-postgresql": ("iam-db-auth-error", "instance", "postgresql"),
    "mariadb": _OF_MYSQL,
    "mysql": _OF_MYSQL,
    "postgres": ("iam-db-auth-error", "postgresql", "upgrade"),
}
"""Engine -> the logs of it that go to CloudWatch."""


class Disk(NamedTuple):
    """What a type of EBS volume can be told."""

    operations: tuple[int, int]
    """A second, least and most."""
    operations_per_gib: int


DISKS = {"gp3": Disk((3_000, 80_000), 500), "io1": Disk((100, 64_000), 50), "io2": Disk((100, 256_000), 1_000)}
_THROUGHPUT = (125, 2_000)
_OPERATIONS_PER_MIB = 4
"""Of gp3: 0.25 MiB/s for each operation."""
_DISKS_OF = {
    "aws_ebs_volume": ("", "type", "size"),
    "aws_instance": ("root_block_device ebs_block_device", "volume_type", "volume_size"),
    "aws_launch_template": ("block_device_mappings.ebs", "volume_type", "volume_size"),
}
"""Type of resource -> where in it disks stand, and what type and size are called there."""


def literals(kind: str, block: Block, region: str | None) -> Iterator[Literal]:
    """Arguments of a block with what the others, or its region, ask of them."""
    if kind in _DISKS_OF:
        yield from _disks(kind, block)
    if kind in _JUDGES:
        yield from _JUDGES[kind](block)
    if kind == "aws_vpc_endpoint":
        yield from _endpoint(block, region)
    if kind == "aws_ecs_task_definition":
        yield from _log_options(block, region)


def _disks(kind: str, block: Block) -> Iterator[Literal]:
    places, of_type, of_size = _DISKS_OF[kind]
    for place in places.split() or [""]:
        for disk in tables(block, place) if place else [block]:
            path = f"{place}." if place else ""
            yield from _disk(disk, path, text(disk, of_type), number(disk, of_size))


def _disk(disk: Block, path: str, kind: str, gib: float | None) -> Iterator[Literal]:
    operations, throughput = number(disk, "iops"), number(disk, "throughput")
    known = DISKS.get(kind)
    if known is None:
        if operations and kind in ("gp2", "standard", "st1", "sc1"):
            yield wrong(f"{path}iops", disk["iops"], f"nothing for a disk of type {kind}", _DISK)
    elif operations is not None:
        least, most = known.operations
        of_size = most if gib is None else min(most, max(least, int(gib * known.operations_per_gib)))
        yield Literal(f"{path}iops", disk["iops"], (within(_DISK, least, of_size, whole=True, spelled=True),))
    elif kind != "gp3" and disk.get("iops") is None:
        yield wrong(f"{path}iops", None, f"a number: a disk of type {kind} needs one", _DISK)
    if throughput is None:
        return
    if kind == "gp3":
        least, most = _THROUGHPUT
        of_operations = min(most, max(least, int((operations or DISKS["gp3"].operations[0]) / _OPERATIONS_PER_MIB)))
        bounds = within(_DISK, least, of_operations, whole=True, spelled=True)
        yield Literal(f"{path}throughput", disk["throughput"], (bounds,))
    elif throughput and is_known(disk.get("volume_type", disk.get("type"))):
        yield wrong(f"{path}throughput", disk["throughput"], f"nothing for a disk of type {kind}", _DISK)


def _queue(block: Block) -> Iterator[Literal]:
    page = f"{_AWS}AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"
    yield from _first_in_first_out(block, "fifo_queue", page)


def _topic(block: Block) -> Iterator[Literal]:
    yield from _first_in_first_out(block, "fifo_topic", f"{_AWS}sns/latest/api/API_CreateTopic.html")


def _first_in_first_out(block: Block, argument: str, page: str) -> Iterator[Literal]:
    name, is_open = text(block, "name"), isinstance(block.get(argument), str) and not is_known(block[argument])
    if not name or is_open:
        return
    is_fifo = is_set(block, argument)
    if is_fifo != name.endswith(".fifo"):
        allowed = "a name that ends in .fifo" if is_fifo else f"a name that does not end in .fifo without {argument}"
        yield wrong("name", name, allowed, page)


def _listener(block: Block) -> Iterator[Literal]:
    protocol = text(block, "protocol")
    if protocol in ("HTTPS", "TLS") and block.get("certificate_arn") is None:
        yield wrong("protocol", protocol, "HTTP or TCP where there is no certificate_arn", _BALANCER)
    if protocol in ("HTTP", "TCP", "UDP", "TCP_UDP") and block.get("ssl_policy") is not None:
        yield wrong("ssl_policy", block["ssl_policy"], f"nothing for a listener of {protocol}", _BALANCER)
    if protocol and set(texts(block, "default_action.type")) - {"forward"}:
        # What only a load balancer of type application does.
        yield Literal("protocol", protocol, (one_of("HTTP", "HTTPS", source=_BALANCER),))


def _database(block: Block) -> Iterator[Literal]:
    engine = text(block, "engine")
    if engine in LOGS_OF_ENGINES:
        rule = one_of(*LOGS_OF_ENGINES[engine], source=_EXPORTS)
        for each in texts(block, "enabled_cloudwatch_logs_exports"):
            yield Literal("enabled_cloudwatch_logs_exports", each, (rule,))
    for argument in ("username", "master_username"):
        if "postgres" in engine and text(block, argument).lower() == "admin":
            page = f"{_AWS}AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Constraints"
            yield wrong(argument, text(block, argument), f"no word that {engine} keeps for itself", page)


def _table(block: Block) -> Iterator[Literal]:
    keys = [(path, key) for path in _KEYS for key in every(block, path)]
    declared = every(block, "attribute.name")
    if block.get("billing_mode") in (None, "PROVISIONED") and block.get("read_capacity") is None and keys:
        allowed = "PAY_PER_REQUEST where there is no read_capacity"
        yield wrong("billing_mode", block.get("billing_mode"), allowed, _TABLE)
    # A table that is made from a backup has them from there.
    if "dynamic" in block or not declared or not all(map(is_known, (*declared, *(key for _, key in keys)))):
        return
    for path, key in keys:
        yield Literal(path, key, (one_of(*declared, source=_TABLE),))
    for name in declared:
        yield Literal("attribute.name", name, (one_of(*(key for _, key in keys), source=_TABLE),))


_KEYS = (
    *("hash_key", "range_key", "local_secondary_index.range_key"),
    *("global_secondary_index.hash_key", "global_secondary_index.range_key"),
    "global_secondary_index.key_schema.attribute_name",
)


def _distribution(block: Block) -> Iterator[Literal]:
    origins = [*every(block, "origin.origin_id"), *every(block, "origin_group.origin_id")]
    for place in ("default_cache_behavior", "ordered_cache_behavior"):
        for behavior in tables(block, place):
            target = behavior.get("target_origin_id")
            if "dynamic" not in block and origins and all(map(is_known, origins)) and target is not None:
                yield Literal(f"{place}.target_origin_id", target, (one_of(*origins, source=_BEHAVIOR),))
            yield from _methods(behavior, f"{place}.allowed_methods", (*_METHODS, _ALL_METHODS))
            yield from _methods(behavior, f"{place}.cached_methods", _METHODS)


def _methods(behavior: Block, path: str, sets: tuple[set[str], ...]) -> Iterator[Literal]:
    said = every(behavior, path.rpartition(".")[2])
    if said and all(map(is_known, said)):
        words = "; ".join(", ".join(sorted(each)) for each in sets)
        yield Literal(
            path, said, (Rule("enumerations", f"one of the sets {words}", _BEHAVIOR, lambda it: _is_set(it, sets)),)
        )


def _is_set(value: object, sets: tuple[set[str], ...]) -> bool:
    return isinstance(value, list) and {str(each) for each in value} in sets


def _flow_log(block: Block) -> Iterator[Literal]:
    kind = block.get("log_destination_type")
    if kind in (None, "cloud-watch-logs") and block.get("iam_role_arn") is None:
        yield wrong("log_destination_type", kind, "s3 or kinesis-data-firehose where there is no iam_role_arn", _FLOWS)


def _lifecycle(block: Block) -> Iterator[Literal]:
    for place, argument in (("transition", "days"), ("noncurrent_version_transition", "noncurrent_days")):
        for move in tables(block, f"rule.{place}"):
            if move.get(argument) is not None and text(move, "storage_class") in ("STANDARD_IA", "ONEZONE_IA"):
                rule = within(_MOVES, _LEAST_DAYS_BEFORE_IA, whole=True, spelled=True)
                yield Literal(f"rule.{place}.{argument}", move[argument], (rule,))


def _service(block: Block) -> Iterator[Literal]:
    if block.get("launch_type") is not None and block.get("capacity_provider_strategy"):
        yield wrong("launch_type", block["launch_type"], "nothing beside a capacity_provider_strategy", _SERVICE)


def _function(block: Block) -> Iterator[Literal]:
    for name in text_table(block, "environment.variables"):
        if name in _RESERVED:
            yield wrong(f"environment.variables.{name}", name, "no name that Lambda sets itself", _VARIABLES)
    if (runtime := text(block, "runtime")) in (ended := _ended_runtimes(date.today().isoformat())):
        allowed = f"a runtime that functions are still made with; this one ended on {ended[runtime]}"
        yield wrong("runtime", runtime, allowed, f"cfn-lint {_RUNTIMES}")


@cache
def _ended_runtimes(today: str) -> dict[str, str]:
    """Runtime -> the day since which Lambda makes no function with it."""
    ends = {runtime: each.get("create-block") for runtime, each in schemas.read(_RUNTIMES).items()}
    return {runtime: end for runtime, end in ends.items() if end and end <= today}


def _cache_group(block: Block) -> Iterator[Literal]:
    group, engine = text(block, "parameter_group_name"), text(block, "engine")
    major = re.match(r"\d+", text(block, "engine_version"))
    if group and engine and major:
        own = r"(?!default\.)[A-Za-z][A-Za-z0-9.-]*"
        name = rf"default\.{re.escape(engine)}{major[0]}(?:\.x)?(?:\.cluster\.on)?|{own}"
        yield Literal("parameter_group_name", group, (matching(name, _CACHE),))


def _firewall(block: Block) -> Iterator[Literal]:
    rule = one_of(*(f"AWSManagedRules{each}" for each in _RULE_GROUPS), source=_FIREWALL)
    for group in tables(block, "rule.statement.managed_rule_group_statement"):
        if text(group, "vendor_name") == "AWS" and "name" in group:
            yield Literal("rule.statement.managed_rule_group_statement.name", group["name"], (rule,))


def _endpoint(block: Block, region: str | None) -> Iterator[Literal]:
    name = text(block, "service_name")
    named, expected = _REGION.match(name), block.get("service_region", region)
    if named and is_known(expected) and named["region"] != expected:
        yield wrong(
            "service_name", name, f"a service of {expected}", f"{_ENDPOINT}aws-services-privatelink-support.html"
        )
    if is_known(name) and block.get("vpc_endpoint_type") in (None, "Gateway"):
        page = f"{_ENDPOINT}gateway-endpoints.html"
        yield Literal(
            "service_name", name, (matching(r".*\.(?:s3|dynamodb|s3express)", page, allowed="S3 or DynamoDB"),)
        )


def _log_options(block: Block, region: str | None) -> Iterator[Literal]:
    path = "container_definitions.logConfiguration.options"
    for container in containers(block):
        if text(container, "logConfiguration.logDriver") != "awslogs":
            continue
        options = text_table(container, "logConfiguration.options")
        for name in options:
            if name not in _LOG_OPTIONS:
                yield wrong(f"{path}.{name}", name, f"one of {', '.join(_LOG_OPTIONS)}", _LOGS)
        if "awslogs-stream-prefix" not in options and "FARGATE" in texts(block, "requires_compatibilities"):
            yield wrong(f"{path}.awslogs-stream-prefix", None, "a prefix: Fargate needs one", _LOGS)
        at_region = options.get("awslogs-region", "")
        is_here = options.get("awslogs-group", "").startswith("${aws_cloudwatch_log_group.")
        if is_here and region and is_known(at_region) and at_region not in ("", region):
            yield wrong(f"{path}.awslogs-region", at_region, f"{region}, where the log group is", _LOGS)


_JUDGES: Mapping[str, Callable[[Block], Iterator[Literal]]] = {
    "aws_cloudfront_distribution": _distribution,
    "aws_db_instance": _database,
    "aws_dynamodb_table": _table,
    "aws_ecs_service": _service,
    "aws_elasticache_replication_group": _cache_group,
    "aws_flow_log": _flow_log,
    "aws_lambda_function": _function,
    "aws_lb_listener": _listener,
    "aws_rds_cluster": _database,
    "aws_s3_bucket_lifecycle_configuration": _lifecycle,
    "aws_sns_topic": _topic,
    "aws_sqs_queue": _queue,
    "aws_wafv2_web_acl": _firewall,
}
