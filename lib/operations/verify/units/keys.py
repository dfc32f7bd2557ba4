"""Keys: one for each kind of data, turned over every year, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.operations.deployment import Deployment
from lib.operations.verify.check import Unit
from lib.operations.verify.words import expect, expect_all, expect_true, statements

UNIT = Unit("keys", "Keys")


@UNIT.check("Each kind of data has a key of its own")
def one_each(stack: Deployment) -> Iterator[str]:
    users: dict[str, list[str]] = {}
    for part in stack.key_regions():
        users.setdefault(stack.key(part)["Arn"], []).append(part)
    for arn, parts in users.items():
        yield from expect_true(len(parts) == 1, f"{arn} is the key of {' and '.join(parts)}")


@UNIT.check("Every key is enabled and the account's own")
def enabled(stack: Deployment) -> Iterator[str]:
    for part in stack.key_regions():
        yield from expect_all(f"the key for {part}", {"KeyState": "Enabled", "KeyManager": "CUSTOMER"}, stack.key(part))


@UNIT.check("Every key is turned over by itself")
def rotates(stack: Deployment) -> Iterator[str]:
    for part, region in stack.key_regions().items():
        answer = stack.ask("kms", "get_key_rotation_status", region=region, KeyId=stack.key(part)["KeyId"])
        yield from expect(f"the rotation of the key for {part}", answer["KeyRotationEnabled"], True)


@UNIT.check("No key lets in another account")
def no_strangers(stack: Deployment) -> Iterator[str]:
    for part, region in stack.key_regions().items():
        id = stack.key(part)["KeyId"]
        policy = stack.ask("kms", "get_key_policy", region=region, KeyId=id, PolicyName="default")["Policy"]
        for statement in statements(policy):
            known = (
                is_service(statement) or is_root_of(stack.account, statement) or is_bound_to(stack.account, statement)
            )
            yield from expect_true(known, f"the key for {part} lets in {statement['Principal']}")


def is_service(statement: dict[str, Any]) -> bool:
    """A service of AWS, for whom the statement says more: which log groups, which topics."""
    principal = statement["Principal"]
    return isinstance(principal, dict) and principal.keys() == {"Service"} and bool(statement.get("Condition"))


def is_root_of(account: str, statement: dict[str, Any]) -> bool:
    principal = statement["Principal"]
    return isinstance(principal, dict) and str(principal.get("AWS", "")).endswith(f"::{account}:root")


def is_bound_to(account: str, statement: dict[str, Any]) -> bool:
    caller = statement.get("Condition", {}).get("StringEquals", {}).get("kms:CallerAccount")
    return bool(caller == account)
