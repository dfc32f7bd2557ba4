"""The application's secrets: there, with a value, under the stack's key, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.deployment import Deployment
from lib.operations.verify.check import Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.words import expect_true

UNIT = Unit("secrets", "Secrets", having("secret_arns", "secrets"))


@UNIT.each("secret_arns", what="It is there, is not being deleted, and has a value")
def has_value(stack: Deployment, secret: str) -> Iterator[str]:
    found = stack.ask("secretsmanager", "describe_secret", SecretId=stack["secret_arns"][secret])
    yield from expect_true("DeletedDate" not in found, "it is being deleted")
    # A task that starts before there is a value fails.
    stages = found.get("VersionIdsToStages", {}).values()
    yield from expect_true(any("AWSCURRENT" in each for each in stages), "it has no value")


@UNIT.each("secret_arns", what="It is under the stack's key")
def encrypted(stack: Deployment, secret: str) -> Iterator[str]:
    found = stack.ask("secretsmanager", "describe_secret", SecretId=stack["secret_arns"][secret])
    yield from expect_key(stack, "secrets", found.get("KmsKeyId"), "it")


@UNIT.each("secret_arns", what="It has no policy of its own, which could let others in")
def no_policy(stack: Deployment, secret: str) -> Iterator[str]:
    answer = stack.ask("secretsmanager", "get_resource_policy", SecretId=stack["secret_arns"][secret])
    yield from expect_true(not answer.get("ResourcePolicy"), f"its policy is {answer.get('ResourcePolicy')}")
