"""Automatic scaling: what is scaled, by which metric, and between which bounds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from botocore.loaders import Loader
from botocore.model import ServiceModel

from lib.evidence.documents.parts import like, number, single, tables, wrong
from lib.evidence.template import Block
from lib.evidence.values.literal import Literal
from lib.evidence.values.references import is_reference
from lib.evidence.values.rule import Rule, as_number, one_of

PAGE = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"
METRICS = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html"
GROUPS = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PredefinedMetricSpecification.html"
_ALB = "ALBRequestCountPerTarget"
_NAME = r"[A-Za-z0-9_.-]{1,255}"


class Dimension(NamedTuple):
    """Something that Application Auto Scaling can turn up and down."""

    service: str
    resource: str
    """A pattern of its id."""
    metrics: tuple[str, ...]
    """What it can be scaled by without a metric of one's own."""
    most: float
    """More is not possible."""


_SERVICE = Dimension(
    "ecs",
    f"service/{_NAME}/{_NAME}",
    (
        "ECSServiceAverageCPUUtilization",
        "ECSServiceAverageCPUUtilizationHighResolution",
        "ECSServiceAverageMemoryUtilization",
        "ECSServiceAverageMemoryUtilizationHighResolution",
        _ALB,
    ),
    5000,
)
_READERS = Dimension(
    "rds",
    f"cluster:{_NAME}",
    ("RDSReaderAverageCPUUtilization", "RDSReaderAverageDatabaseConnections"),
    15,
)
_READS, _WRITES = ("DynamoDBReadCapacityUtilization",), ("DynamoDBWriteCapacityUtilization",)
_TABLE, _INDEX = f"table/{_NAME}", f"table/{_NAME}/index/{_NAME}"
DIMENSIONS = {
    "ecs:service:DesiredCount": _SERVICE,
    "rds:cluster:ReadReplicaCount": _READERS,
    "dynamodb:table:ReadCapacityUnits": Dimension("dynamodb", _TABLE, _READS, math.inf),
    "dynamodb:table:WriteCapacityUnits": Dimension("dynamodb", _TABLE, _WRITES, math.inf),
    "dynamodb:index:ReadCapacityUnits": Dimension("dynamodb", _INDEX, _READS, math.inf),
    "dynamodb:index:WriteCapacityUnits": Dimension("dynamodb", _INDEX, _WRITES, math.inf),
}
"""What is scaled -> how. The tasks of a service are up to its quota, Aurora has up to 15 readers.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Integrating.AutoScaling.html"""

_LABEL = re.compile(
    r"(?:app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}|\$\{[^}]*\.arn_suffix\})"
    r"/(?:targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}|\$\{[^}]*\.arn_suffix\})"
)


@cache
def _any_metric(service: str) -> tuple[str, ...]:
    return tuple(ServiceModel(Loader().load_service_model(service, "service-2")).shape_for("MetricType").enum)


def scalable_target(block: Block) -> Iterator[Literal]:
    """What is scaled, and between which bounds."""
    dimension, service = block.get("scalable_dimension"), block.get("service_namespace")
    of = _known(dimension)
    most = of.most if of else math.inf
    least = as_number(block.get("min_capacity")) or 0
    judges = {
        "min_capacity": single(number(PAGE, 0, most, whole=True, spelled=True)),
        "max_capacity": single(number(PAGE, least, most, whole=True, spelled=True)),
    }
    if isinstance(service, str) and not is_reference(service):
        judges["scalable_dimension"] = single(like(f"{re.escape(service)}:.+", PAGE, f"one of {service}", "scaling"))
    if of:
        judges["resource_id"] = single(like(of.resource, PAGE, f"what {dimension} is of: {of.resource}", "scaling"))
    for name, judge in judges.items():
        yield from judge(block.get(name), name)


def _known(dimension: Any) -> Dimension | None:
    return DIMENSIONS.get(dimension) if isinstance(dimension, str) else None


def scaling_policy(block: Block) -> Iterator[Literal]:
    """What a target of Application Auto Scaling is scaled by."""
    of = _known(block.get("scalable_dimension"))
    names = of.metrics if of else _any_metric("application-autoscaling")
    path = "target_tracking_scaling_policy_configuration"
    for each in tables(block, path):
        for name in ("scale_in_cooldown", "scale_out_cooldown"):
            yield from single(number(METRICS, 0, whole=True, spelled=True))(each.get(name), f"{path}.{name}")
        yield from _predefined(each, path, names, METRICS)


def group_policy(block: Block) -> Iterator[Literal]:
    """What a group of instances is scaled by."""
    path = "target_tracking_configuration"
    for each in tables(block, path):
        yield from _predefined(each, path, _any_metric("autoscaling"), GROUPS)


def _predefined(configuration: Block, path: str, names: Sequence[str], source: str) -> Iterator[Literal]:
    """A metric that needs no definition, and the value of it that is aimed at."""
    most = math.inf
    for each in tables(configuration, "predefined_metric_specification"):
        below = f"{path}.predefined_metric_specification"
        kind, label = each.get("predefined_metric_type"), each.get("resource_label")
        most = 100 if "Utilization" in str(kind) else most
        yield from single(one_of(*names, source=source, check="scaling"))(kind, f"{below}.predefined_metric_type")
        if (kind == _ALB) != (label is not None):
            yield wrong(f"{below}.resource_label", label, f"a label with {_ALB}, and none without", source)
        yield from single(_label(source))(label, f"{below}.resource_label")
    target = Rule("scaling", "a value above 0", source, lambda value: as_number(value) != 0)
    bounds = number(source, 0, most, spelled=True)
    yield from single(bounds, target)(configuration.get("target_value"), f"{path}.target_value")


def _label(source: str) -> Rule:
    """Judged as it is written, since an expression in it has to be the last part of an ARN."""
    allowed = "app/<name>/<id>/targetgroup/<name>/<id>, or arn_suffix of these"
    fits = _LABEL.fullmatch
    return Rule("scaling", allowed, source, lambda value: isinstance(value, str) and fits(value) is not None)
