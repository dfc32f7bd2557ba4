"""Roles: taken on by services of AWS alone, and with no rights but their own."""

from __future__ import annotations

import re

import pytest

from tests.integration.deployment import Block, Deployment

AWS_POLICIES = {
    "AmazonSSMManagedInstanceCore",
    "CloudWatchAgentServerPolicy",
    "AmazonRDSEnhancedMonitoringRole",
}
"""Of AWS's own policies those that the stack has use for: instances, and the database's reports."""


@pytest.fixture(scope="module")
def roles(deployment: Deployment) -> dict[str, Block]:
    """Name -> role, of all that carry the stack's names and not those of a longer suffix."""
    beginning = re.escape(f"{deployment['project']}-{deployment['environment_suffix']}")
    name = re.compile(rf"{beginning}-[a-z0-9]+-[a-z0-9]+")
    pages = deployment.client("iam").get_paginator("list_roles").paginate()
    return {role["RoleName"]: role for page in pages for role in page["Roles"] if name.fullmatch(role["RoleName"])}


def test_those_of_the_outputs_are_there(deployment: Deployment, roles: dict[str, Block]) -> None:
    named = deployment.all("task_role_arns") | deployment.all("instance_role_arns")
    assert set(named.values()) <= {role["Arn"] for role in roles.values()}


def test_nobody_but_services_of_aws_takes_one_on(roles: dict[str, Block]) -> None:
    assert roles
    for name, role in roles.items():
        principals = [each["Principal"].keys() for each in role["AssumeRolePolicyDocument"]["Statement"]]
        assert principals == [{"Service"}], name


def test_none_has_a_policy_that_was_not_meant_for_it(deployment: Deployment, roles: dict[str, Block]) -> None:
    iam = deployment.client("iam")
    attached = {
        (name, policy["PolicyName"])
        for name in roles
        for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    }
    assert {each for each in attached if each[1] not in AWS_POLICIES} == set()


def test_none_may_do_all_of_anything(deployment: Deployment, roles: dict[str, Block]) -> None:
    iam = deployment.client("iam")
    policies = [
        iam.get_role_policy(RoleName=name, PolicyName=policy)
        for name in roles
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    assert policies
    for policy in policies:
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            wide = [action for action in actions if action == "*" or action.endswith(":*")]
            assert (statement["Effect"], wide) == ("Allow", []), policy["RoleName"]
