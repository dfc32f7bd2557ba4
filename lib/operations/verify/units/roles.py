"""Roles: taken on by services of AWS alone, and with no rights but their own."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.deployment import Deployment
from lib.operations.verify.check import Unit
from lib.operations.verify.words import as_list, expect, expect_among, expect_true, expect_within, statements

UNIT = Unit("roles", "Roles")

AWS_POLICIES = {
    *("AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy"),
    *("AmazonRDSEnhancedMonitoringRole", "AWSLambdaVPCAccessExecutionRole"),
}
"""Of AWS's own policies those that the stack has use for: instances, the database's reports, a function in the VPC."""


@UNIT.check("Those that the outputs name are there")
def there(stack: Deployment) -> Iterator[str]:
    named = stack.all("task_role_arns") | stack.all("instance_role_arns")
    yield from expect_among("roles", named.values(), {role["Arn"] for role in stack.roles().values()})


@UNIT.check("Nobody but services of AWS takes one on")
def trusted(stack: Deployment) -> Iterator[str]:
    yield from expect_true(stack.roles(), "the stack has no role")
    for name, role in stack.roles().items():
        principals = [list(each["Principal"]) for each in statements(role["AssumeRolePolicyDocument"])]
        yield from expect(f"who takes on {name}", principals, [["Service"]])


@UNIT.check("None has a policy that was not meant for it")
def attached(stack: Deployment) -> Iterator[str]:
    for name in stack.roles():
        found = stack.ask("iam", "list_attached_role_policies", RoleName=name)["AttachedPolicies"]
        yield from expect_within(f"policies of {name}", {policy["PolicyName"] for policy in found}, AWS_POLICIES)


@UNIT.check("None may do all of anything")
def narrow(stack: Deployment) -> Iterator[str]:
    for name in stack.roles():
        for policy in stack.ask("iam", "list_role_policies", RoleName=name)["PolicyNames"]:
            document = stack.ask("iam", "get_role_policy", RoleName=name, PolicyName=policy)["PolicyDocument"]
            for statement in statements(document):
                allowed = as_list(statement.get("Action", "*")) if statement["Effect"] == "Allow" else []
                yield from expect(f"what {name} may do all of", [each for each in allowed if _is_all(each)], [])


def _is_all(action: str) -> bool:
    return action == "*" or action.endswith(":*")
