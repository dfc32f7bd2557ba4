"""Parameters of PostgreSQL: which of them a group may set, and to what.

No model of AWS lists them; RDS tells only an account. These are the ones that the platform sets, as the documentation
has them. One that is not here counts as unchecked.
"""

from __future__ import annotations

from collections.abc import Iterator

from lib.evidence.reading import tables, text
from lib.evidence.template import Block
from lib.evidence.values.literal import Literal
from lib.evidence.values.rule import Rule, between, matching, one_of

_POSTGRES = "https://www.postgresql.org/docs/current/runtime-config-"
_RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"
_FAMILIES = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_WorkingWithParamGroups.html"

KNOWN: dict[str, Rule] = {
    "log_lock_waits": one_of("0", "1", source=f"{_POSTGRES}logging.html#GUC-LOG-LOCK-WAITS"),
    "log_min_duration_statement": between(-1, 2**31 - 1, f"{_POSTGRES}logging.html#GUC-LOG-MIN-DURATION-STATEMENT"),
    "log_statement": one_of("none", "ddl", "mod", "all", source=f"{_POSTGRES}logging.html#GUC-LOG-STATEMENT"),
    "max_connections": between(6, 262_143, f"{_RDS}CHAP_Limits.html#RDS_Limits.MaxConnections"),
    "rds.force_ssl": one_of("0", "1", source=f"{_RDS}PostgreSQL.Concepts.General.SSL.html"),
}
"""Parameter -> what it may be set to."""

_GROUPS = {
    "aws_db_parameter_group": r"(?:postgres\d+(?:\.\d+)?|mysql[58]\.\d|mariadb1\d\.\d+)",
    "aws_rds_cluster_parameter_group": r"(?:aurora-)?(?:postgresql\d+(?:\.\d+)?|mysql[58]\.\d|postgres\d+)",
}
"""Type -> the families that it may be of."""


def literals(kind: str, block: Block) -> Iterator[Literal]:
    """The family of a group of parameters, and what it sets."""
    if kind not in _GROUPS:
        return
    yield Literal("family", block.get("family"), (matching(_GROUPS[kind], _FAMILIES),))
    for parameter in tables(block, "parameter"):
        name, value = parameter.get("name"), parameter.get("value")
        rule = KNOWN.get(text(parameter, "name"))
        yield Literal("parameter.name", name, (matching(r"[a-z][a-z0-9_.]*", _FAMILIES),))
        yield Literal("parameter.value", value, (rule,) if rule else ())
