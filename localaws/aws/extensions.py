"""All that is added to moto, applied once."""

from __future__ import annotations

from functools import cache
from typing import Final

from localaws.aws import (
    autoscaling,
    cloudfront,
    ec2,
    ecs,
    efs,
    elasticache,
    functions,
    logs,
    rds,
    s3,
    secrets,
    sqs,
)
from localaws.aws.extending import Extension

EXTENSIONS: Final[tuple[Extension, ...]] = (
    *autoscaling.EXTENSIONS,
    *cloudfront.EXTENSIONS,
    *ec2.EXTENSIONS,
    *ecs.EXTENSIONS,
    *efs.EXTENSIONS,
    *elasticache.EXTENSIONS,
    *functions.EXTENSIONS,
    *logs.EXTENSIONS,
    *rds.EXTENSIONS,
    *s3.EXTENSIONS,
    *secrets.EXTENSIONS,
    *sqs.EXTENSIONS,
)


@cache
def extend() -> None:
    for extension in EXTENSIONS:
        extension.apply()
