"""Engines, their versions, and classes of instances and nodes: what there is in a region, as cfn-lint's lists have it.

The lists are made from AWS's price lists and from what its APIs describe. A class or version that AWS has brought out
since is missing there: a newer cfn-lint in the lock file knows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from lib.evidence.template import Block
from lib.evidence.values import schemas
from lib.evidence.values.literal import Literal
from lib.evidence.values.rule import Rule, one_of

_LISTS = "schemas/extensions"
_INSTANCES = f"{_LISTS}/aws_ec2_instance/instancetype_enum.json"
_NODES = f"{_LISTS}/aws_elasticache_cachecluster/cachenodetype_enum.json"
_DATABASES = f"{_LISTS}/aws_rds_dbinstance/dbinstanceclass_enum.json"
_VERSIONS = {
    "aws_db_instance": f"{_LISTS}/aws_rds_dbinstance/engine_version.json",
    "aws_rds_cluster": f"{_LISTS}/aws_rds_dbcluster/engine_version.json",
    "aws_rds_cluster_instance": f"{_LISTS}/aws_rds_dbinstance/engine_version.json",
}
_PLAIN = {
    ("aws_launch_template", "instance_type"): _INSTANCES,
    ("aws_instance", "instance_type"): _INSTANCES,
    ("aws_elasticache_replication_group", "node_type"): _NODES,
    ("aws_elasticache_cluster", "node_type"): _NODES,
}
"""Argument -> the list of what there is for it in each region."""


def literals(kind: str, block: Block, region: str | None) -> Iterator[Literal]:
    """Classes, engines and versions of a block, with the lists that they have to be in; no classes without a region."""
    for (of_kind, argument), path in _PLAIN.items():
        if kind == of_kind and argument in block:
            yield Literal(argument, block[argument], _listed(path, region))
    if kind in _VERSIONS:
        yield from _engine(kind, block)
    if kind in ("aws_db_instance", "aws_rds_cluster_instance") and "instance_class" in block:
        engine = block.get("engine")
        # An instance of a cluster says by a reference which engine it has.
        engine = engine if isinstance(engine, str) and "${" not in engine else "aurora-"
        yield Literal("instance_class", block["instance_class"], _database_classes(engine, region))


def _engine(kind: str, block: Block) -> Iterator[Literal]:
    path, engine = _VERSIONS[kind], block.get("engine")
    if engine is None:
        return
    yield Literal("engine", engine, _allowed(path, "Engine", None))
    if "engine_version" in block and isinstance(engine, str):
        yield Literal("engine_version", block["engine_version"], _allowed(path, "EngineVersion", engine))


@cache
def _listed(path: str, region: str | None) -> tuple[Rule, ...]:
    lists: dict[str, Any] = schemas.read(path)
    found = lists.get(region or "", {}).get("enum")
    return (_one_of(found, f"cfn-lint {path}, {region}"),) if found else ()


@cache
def _allowed(path: str, name: str, engine: str | None) -> tuple[Rule, ...]:
    """What a schema of cases allows for a property, in the case of an engine."""
    words = {
        word
        for case in schemas.read(path)["allOf"]
        if case["if"]["properties"].get("Engine", {}).get("const") == engine
        for word in case["then"]["properties"].get(name, {}).get("enum", ())
    }
    return (_one_of(sorted(words), f"cfn-lint {path}", name == "EngineVersion"),) if words else ()


@cache
def _database_classes(engine: str, region: str | None) -> tuple[Rule, ...]:
    lists = schemas.read(_DATABASES).get(region or "", {"allOf": []})
    words = {
        word
        for case in lists["allOf"]
        if str(case["if"]["properties"]["Engine"].get("const", "")).startswith(engine)
        for word in case["then"]["properties"]["DBInstanceClass"]["enum"]
    }
    return (_one_of(sorted(words), f"cfn-lint {_DATABASES}, {engine}, {region}"),) if words else ()


def _one_of(words: list[str], source: str, are_versions: bool = False) -> Rule:
    # RDS takes the beginning of a version, and picks the newest that begins so: `8.0`, `8.0.mysql_aurora.3`.
    begun = {".".join(word.split(".")[:end]) for word in words for end in range(1, word.count(".") + 1)}
    rule = one_of(*words, *(begun if are_versions else ()), source=source, check="classes")
    allowed = f"one of the {len(words)} there are: {', '.join(words[:3])}, …"
    return Rule(rule.check, allowed, rule.source, rule.accepts)
