"""Keys: one for each kind of data, turned over every year, and nobody else's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.naming import Kind
from tests.integration.deployment import Block, Deployment


@pytest.fixture(scope="module")
def keys(deployment: Deployment) -> dict[str, Block]:
    """Part of the stack -> its key."""
    return {
        part: deployment.client("kms", region).describe_key(KeyId=deployment.names.of(Kind.KEY_ALIAS, part))[
            "KeyMetadata"
        ]
        for part, region in deployment.keys().items()
    }


def test_each_kind_of_data_has_a_key_of_its_own(keys: dict[str, Block]) -> None:
    assert len({key["Arn"] for key in keys.values()}) == len(keys)


def test_every_key_is_enabled_and_the_accounts_own(keys: dict[str, Block]) -> None:
    states = {part: (key["KeyState"], key["KeyManager"]) for part, key in keys.items()}
    assert states == dict.fromkeys(keys, ("Enabled", "CUSTOMER"))


def test_every_key_rotates(deployment: Deployment, keys: dict[str, Block]) -> None:
    rotates = {
        part: deployment.client("kms", region).get_key_rotation_status(KeyId=keys[part]["KeyId"])["KeyRotationEnabled"]
        for part, region in deployment.keys().items()
    }
    assert rotates == dict.fromkeys(keys, True)


def test_no_key_lets_in_another_account(deployment: Deployment, keys: dict[str, Block]) -> None:
    for part, region in deployment.keys().items():
        answer = deployment.client("kms", region).get_key_policy(KeyId=keys[part]["KeyId"], PolicyName="default")
        account = keys[part]["AWSAccountId"]
        strangers = [
            statement
            for statement in json.loads(answer["Policy"])["Statement"]
            if not (is_service(statement) or is_root_of(account, statement) or is_bound_to(account, statement))
        ]
        assert strangers == [], part


def is_service(statement: dict[str, Any]) -> bool:
    """A service of AWS, for whom the statement says more: which log groups, which topics."""
    principal = statement["Principal"]
    return isinstance(principal, dict) and principal.keys() == {"Service"} and bool(statement.get("Condition"))


def is_root_of(account: str, statement: dict[str, Any]) -> bool:
    principal = statement["Principal"]
    return isinstance(principal, dict) and str(principal.get("AWS", "")).endswith(f":iam::{account}:root")


def is_bound_to(account: str, statement: dict[str, Any]) -> bool:
    caller = statement.get("Condition", {}).get("StringEquals", {}).get("kms:CallerAccount")
    return bool(caller == account)
