"""Service-linked roles: there, or to be made by the first call that needs them."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.aws import Refused
from lib.operations.preflight.prerequisites.prerequisite import DoesNotApply, Note, Registry, Situation
from lib.operations.preflight.site import Site
from lib.settings.edge import EDGE_REGION

ROLES = Registry()

LINKED = {
    "aws_apigatewayv2_vpc_link": "AWSServiceRoleForAPIGateway",
    "aws_appautoscaling_target": "AWSServiceRoleForApplicationAutoScaling_ECSService",
    "aws_autoscaling_group": "AWSServiceRoleForAutoScaling",
    "aws_db_instance": "AWSServiceRoleForRDS",
    "aws_ecs_cluster": "AWSServiceRoleForECS",
    "aws_efs_file_system": "AWSServiceRoleForAmazonElasticFileSystem",
    "aws_elasticache_replication_group": "AWSServiceRoleForElastiCache",
    "aws_elasticache_serverless_cache": "AWSServiceRoleForElastiCache",
    "aws_lb": "AWSServiceRoleForElasticLoadBalancing",
    "aws_nat_gateway": "AWSServiceRoleForNATGateway",
    "aws_rds_cluster": "AWSServiceRoleForRDS",
    "aws_wafv2_web_acl_logging_configuration": "AWSServiceRoleForWAFV2Logging",
}
"""Type -> the role that its service makes for itself at the first of that type in an account.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html"""
_PERMISSION = "iam:CreateServiceLinkedRole"


@ROLES.add("service_linked_roles", "Service-linked roles are there, or whoever deploys may have them made")
def service_linked_roles(situation: Situation) -> Iterator[str | Note]:
    site = situation.site.in_region(EDGE_REGION)
    wanted = {role for type, role in LINKED.items() if site.planned.all(type)}
    if not wanted:
        raise DoesNotApply("the stack needs none")
    listed = site.ask("iam", "list_roles", PathPrefix="/aws-service-role/")["Roles"]
    absent = sorted(wanted - {each["RoleName"] for each in listed})
    if not absent:
        return
    names = ", ".join(absent)
    may_make = _may_make(site)
    if may_make is None:
        yield Note(f"made by the first call that needs them, where {_PERMISSION} is allowed: {names}")
    elif may_make:
        yield Note(f"made by the first call that needs them: {names}")
    else:
        yield f"not there, and {_PERMISSION} is missing to have them made: {names}"


def _may_make(site: Site) -> bool | None:
    """None where AWS does not tell what the caller may do."""
    try:
        principal = _principal(site, site.home().ask("sts", "get_caller_identity")["Arn"])
        answer = site.ask("iam", "simulate_principal_policy", PolicySourceArn=principal, ActionNames=[_PERMISSION])
    except Refused:
        return None
    return all(each["EvalDecision"] == "allowed" for each in answer["EvaluationResults"])


def _principal(site: Site, caller: str) -> str:
    """A session's ARN leaves out the path of its role. Raises Refused."""
    kind, _, name = caller.partition(":assumed-role/")
    return str(site.ask("iam", "get_role", RoleName=name.split("/")[0])["Role"]["Arn"]) if name else kind
