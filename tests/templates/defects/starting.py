"""Templates in which something starts before it can work."""

from __future__ import annotations

import re

from lib.evidence.structure import starting as checks
from tests.template import Block, Template
from tests.templates.defects.seeding import breaks, validator


def forgets(block: Block, *parts: str) -> None:
    """Takes what has all of these parts in its address from what a block waits for."""
    kept = [each for each in block["depends_on"] if not all(part in each for part in parts)]
    assert len(kept) < len(block["depends_on"])
    block["depends_on"] = kept


def forget_the_preparation(block: Block, argument: str, secret: str) -> None:
    """Names the secret itself where it was named as that of a user who is there."""
    block[argument] = re.sub(r"\$\{element\(\[aws_secretsmanager_secret[^}]*\}", lambda _: secret, block[argument])


@breaks(checks.nothing_starts_too_early, "does not wait for aws_lb_listener_rule.")
def ecs_is_told_of_a_target_group_that_no_load_balancer_knows(template: Template) -> None:
    forgets(template.only("aws_ecs_service"), "aws_lb_listener_rule")


@breaks(checks.nothing_starts_too_early, "does not wait for aws_iam_role_policy.")
def a_task_has_no_permissions_yet(template: Template) -> None:
    forgets(template.only("aws_ecs_service"), "aws_iam_role_policy", "execution")


@breaks(
    checks.nothing_starts_too_early, "does not wait for aws_vpc_security_group_egress_rule.api_connections_api_to_cache"
)
def a_task_cannot_reach_the_cache_yet(template: Template) -> None:
    forgets(template.only("aws_ecs_service"), "api_to_cache", "egress_rule")


@breaks(
    checks.nothing_starts_too_early, "does not wait for aws_vpc_security_group_ingress_rule.api_connections_api_to_data"
)
def the_database_does_not_let_a_task_in_yet(template: Template) -> None:
    forgets(template.only("aws_ecs_service"), "api_to_database", "ingress_rule")


@breaks(checks.nothing_starts_too_early, "does not wait for aws_secretsmanager_secret_version.")
def a_secret_has_no_value_yet(template: Template) -> None:
    forgets(template.only("aws_ecs_service"), "aws_secretsmanager_secret_version")


@breaks(checks.nothing_starts_too_early, "does not wait for aws_lambda_invocation.rotation_preparation")
def a_task_signs_in_before_its_user_is_there(template: Template) -> None:
    bare = template.reference("aws_secretsmanager_secret", "arn", name="catalog/prod/database/application")
    forget_the_preparation(template.only("aws_ecs_task_definition"), "container_definitions", bare)
    for policy in template.all("aws_iam_role_policy"):
        forget_the_preparation(policy, "policy", bare)


@breaks(
    checks.nothing_starts_too_early,
    "aws_lambda_invocation.rotation_preparation_9A2F3631: does not wait for aws_vpc_security_group_egress_rule.",
)
def the_rotation_cannot_reach_the_database_yet(template: Template) -> None:
    forgets(template.only("aws_lambda_invocation"), "rotation_to_database", "egress_rule")


@breaks(checks.nothing_starts_too_early, "does not wait for aws_lambda_permission.rotation_permission")
def secrets_manager_may_not_call_the_rotation_yet(template: Template) -> None:
    forgets(template.only("aws_secretsmanager_secret_rotation"), "aws_lambda_permission")


@breaks(checks.nothing_starts_too_early, "does not wait for aws_efs_mount_target.", "lms-prod")
def files_cannot_be_mounted_yet(template: Template) -> None:
    forgets(template.only("aws_ecs_service"), "aws_efs_mount_target")


@breaks(checks.nothing_starts_too_early, "does not wait for aws_route.network_private_route_")
def there_is_no_way_out_yet(template: Template) -> None:
    for association in template.all("aws_route_table_association"):
        association.pop("depends_on", None)


@breaks(
    checks.nothing_starts_too_early,
    "aws_autoscaling_group.web_fleet_group_FD8196BC: does not wait for aws_vpc_",
    "fleet-prod",
)
def an_instance_cannot_fetch_its_packages_yet(template: Template) -> None:
    forgets(template.only("aws_autoscaling_group"), "web_to_internet")


@breaks(checks.nothing_starts_too_early, "does not wait for aws_iam_role_policy_attachment.", "fleet-prod")
def an_instance_cannot_be_managed_yet(template: Template) -> None:
    forgets(template.only("aws_autoscaling_group"), "aws_iam_role_policy_attachment", "sessions")


@breaks(checks.nothing_starts_too_early, "does not wait for aws_cloudwatch_log_group.", "fleet-prod")
def the_agent_makes_a_log_group_of_its_own(template: Template) -> None:
    forgets(template.only("aws_autoscaling_group"), "aws_cloudwatch_log_group")


@breaks(checks.nothing_starts_too_early, "does not wait for aws_lb_listener_rule.", "fleet-prod")
def instances_are_counted_before_anybody_asks_them(template: Template) -> None:
    forgets(template.only("aws_autoscaling_group"), "aws_lb_listener_rule")


@breaks(
    checks.nothing_starts_too_early, "does not wait for aws_iam_role_policy.validator_function", "transactions-prod"
)
def a_function_has_no_permissions_yet(template: Template) -> None:
    forgets(validator(template), "aws_iam_role_policy")


@breaks(checks.nothing_starts_too_early, "does not wait for aws_lambda_permission.", "transactions-prod")
def a_load_balancer_is_told_of_a_function_that_it_may_not_call(template: Template) -> None:
    forgets(template.only("aws_lb_target_group_attachment"), "aws_lambda_permission")


@breaks(checks.nothing_starts_too_early, "aws_flow_log.network_flow_log_")
def nobody_may_write_down_connections_yet(template: Template) -> None:
    forgets(template.only("aws_flow_log"), "aws_iam_role_policy")


@breaks(checks.nothing_starts_too_early, "aws_db_instance.")
def the_database_makes_a_log_group_of_its_own(template: Template) -> None:
    forgets(template.only("aws_db_instance"), "aws_cloudwatch_log_group")


@breaks(checks.nothing_starts_too_early, "aws_rds_cluster.", "transactions-prod")
def a_cluster_may_not_be_looked_at_yet(template: Template) -> None:
    forgets(template.only("aws_rds_cluster"), "aws_iam_role_policy_attachment")


@breaks(checks.nothing_starts_too_early, "aws_ecs_service.admin_service", "three-services")
def one_of_several_services_starts_too_early(template: Template) -> None:
    (service,) = [each for each in template.all("aws_ecs_service") if each["name"].endswith("-admin")]
    forgets(service, "admin_to_shop")
