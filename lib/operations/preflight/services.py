"""Which of AWS's services a stack is made of, and whether a region has them."""

from __future__ import annotations

from lib.operations.preflight.site import Site

SERVICES = {
    "aws_acm_": "acm",
    "aws_apigatewayv2_": "apigatewayv2",
    "aws_appautoscaling_": "application-autoscaling",
    "aws_autoscaling_": "autoscaling",
    "aws_cloudwatch_event_": "events",
    "aws_cloudwatch_log_": "logs",
    "aws_cloudwatch_metric_": "cloudwatch",
    "aws_db_": "rds",
    "aws_dynamodb_": "dynamodb",
    "aws_ecs_": "ecs",
    "aws_ecs_service": "fargate",
    "aws_efs_": "efs",
    "aws_elasticache_": "elasticache",
    "aws_kms_": "kms",
    "aws_lambda_": "lambda",
    "aws_launch_template": "ec2",
    "aws_lb": "elb",
    "aws_rds_cluster": "aurora",
    "aws_s3_": "s3",
    "aws_secretsmanager_": "secretsmanager",
    "aws_service_discovery_": "servicediscovery",
    "aws_sns_": "sns",
    "aws_sqs_": "sqs",
    "aws_vpc": "vpc",
    "aws_wafv2_": "waf-regional",
}
"""How a type begins -> what AWS calls its service in its list of regions.
https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-global-infrastructure.html"""
_AT_A_TIME = 10
_PATH = "/aws/service/global-infrastructure/regions"


def used(site: Site) -> list[str]:
    """Those that the stack needs in the site's region."""
    types = [kind for kind in site.planned.types if site.resources(kind)]
    return sorted({service for start, service in SERVICES.items() for kind in types if kind.startswith(start)})


def missing(site: Site) -> list[str]:
    """Those that the region does not have. Raises Refused."""
    paths = {f"{_PATH}/{site.region}/services/{service}": service for service in used(site)}
    names = list(paths)
    absent: list[str] = []
    for first in range(0, len(names), _AT_A_TIME):
        # Regions are asked from one place: those that lack services lack their lists, too.
        answer = site.home().ask("ssm", "get_parameters", Names=names[first : first + _AT_A_TIME])
        absent += [paths[each] for each in answer.get("InvalidParameters", [])]
    return absent
