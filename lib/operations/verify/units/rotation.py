"""The rotation of the database's password: set up, in time, and of use to every service that is given the secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import NO_TASKS, Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.words import expect, expect_all, expect_true, one, statements

UNIT = Unit(
    "rotation",
    "Rotation of the database's password",
    having("rotation_function_name", "services and fleets that sign in to a database"),
)

_LATE = timedelta(days=2)
"""Secrets Manager rotates within the day that is due, and tries again after a failure."""
_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"


@UNIT.check("The secret is there, is not being deleted, and is under the database's key")
def secret(stack: Deployment) -> Iterator[str]:
    found = described(stack)
    yield from expect_true("DeletedDate" not in found, "it is being deleted")
    yield from expect_key(stack, "database", found.get("KmsKeyId"), "it")


@UNIT.check("The secret has a value", needs_aws=NO_TASKS)
def has_value(stack: Deployment) -> Iterator[str]:
    """The function makes the first one."""
    yield from expect_true(_labelled(stack, _CURRENT), "it has none: the function was never called, or failed")


@UNIT.check("The secret has no policy of its own, which could let others in")
def no_policy(stack: Deployment) -> Iterator[str]:
    answer = stack.ask("secretsmanager", "get_resource_policy", SecretId=stack["database_secret_arn"])
    yield from expect_true(not answer.get("ResourcePolicy"), f"its policy is {answer.get('ResourcePolicy')}")


@UNIT.check("It is switched on, and the stack's function does it")
def switched_on(stack: Deployment) -> Iterator[str]:
    expected = {"RotationEnabled": True, "RotationLambdaARN": stack["rotation_function_arn"]}
    yield from expect_all("it", expected, described(stack))


@UNIT.check("It is not overdue, and none has begun that did not end")
def in_time(stack: Deployment) -> Iterator[str]:
    due = described(stack).get("NextRotationDate")
    is_late = due is not None and datetime.now(UTC) > due + _LATE
    yield from expect_true(not is_late, f"the password should have been another one by {due}")
    unfinished = _labelled(stack, _PENDING) - _labelled(stack, _CURRENT)
    yield from expect_true(not unfinished, f"a rotation began and did not end: {', '.join(sorted(unfinished))}")


@UNIT.check("The function is active, and its variables are under the key of functions")
def active(stack: Deployment) -> Iterator[str]:
    yield from expect_all("it", {"State": "Active", "LastUpdateStatus": "Successful"}, function(stack))
    yield from expect_key(stack, "functions", function(stack).get("KMSKeyArn"), "its variables")


@UNIT.check("The function is where it reaches the database: in the private subnets, behind its own security group")
def in_vpc(stack: Deployment) -> Iterator[str]:
    place = function(stack).get("VpcConfig", {})
    yield from expect("its subnets", set(place.get("SubnetIds", [])), set(stack["private_subnet_ids"]))
    yield from expect("its groups", place.get("SecurityGroupIds", []), [stack["rotation_security_group_id"]])


@UNIT.check("Secrets Manager may call the function for this secret, and nobody else")
def callers(stack: Deployment) -> Iterator[str]:
    answer = stack.ask("lambda", "get_policy", FunctionName=stack["rotation_function_name"])
    statement = one(statements(answer["Policy"]), "statement of its policy")
    yield from expect("who may call it", statement["Principal"], {"Service": "secretsmanager.amazonaws.com"})
    condition = json.dumps(statement.get("Condition", {}))
    yield from expect_true(stack["database_secret_arn"] in condition, f"it may for any secret: {condition}")


@UNIT.check("The function is told of the secret, of the one of RDS, and where the database is")
def told(stack: Deployment) -> Iterator[str]:
    expected = {
        "DATABASE_SECRET_ARN": stack["database_secret_arn"],
        "DATABASE_MASTER_SECRET_ARN": stack["database_master_secret_arn"],
        "DATABASE_HOST": stack["database_address"],
        "DATABASE_PORT": str(stack["database_port"]),
    }
    yield from expect_all("it", expected, variables(stack))


@UNIT.check("It replaces the tasks of exactly the services that are given the secret")
def reaches(stack: Deployment) -> Iterator[str]:
    given = {
        name
        for service, name in stack.all("service_names").items()
        if any(
            stack["database_secret_arn"] in each["valueFrom"] for each in stack.container(service).get("secrets", [])
        )
    }
    yield from expect("the set of services", set(variables(stack).get("SERVICES", "").split()), given)
    if given:
        yield from expect("their cluster", variables(stack).get("CLUSTER"), stack["cluster_name"])


@UNIT.check("The function logs to its group")
def logs(stack: Deployment) -> Iterator[str]:
    expected = {"LogGroup": stack["rotation_log_group_name"], "LogFormat": "JSON"}
    yield from expect_all("its log", expected, function(stack).get("LoggingConfig", {}))


def described(stack: Deployment) -> Block:
    return stack.ask("secretsmanager", "describe_secret", SecretId=stack["database_secret_arn"])


def function(stack: Deployment) -> Block:
    return stack.ask("lambda", "get_function_configuration", FunctionName=stack["rotation_function_name"])


def variables(stack: Deployment) -> dict[str, str]:
    return dict(function(stack).get("Environment", {}).get("Variables", {}))


def _labelled(stack: Deployment, label: str) -> set[str]:
    """The versions that carry a label."""
    return {version for version, labels in described(stack).get("VersionIdsToStages", {}).items() if label in labels}
