"""Secrets Manager: a rotation that is set up and does not begin."""

from __future__ import annotations

import contextlib
import io
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.local import client
from tests.localaws.probing import Clients, Probe, asked

_RULES = {"AutomaticallyAfterDays": 30}


def _rotated(clients: Clients, name: str, **value: str) -> dict[str, Any]:
    """A secret whose rotation was set up, as it is shown."""
    trust = {"RoleName": "rotating", "AssumeRolePolicyDocument": "{}"}
    with contextlib.suppress(ClientError):
        clients("iam").create_role(**trust)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("handler.py", "")
    given = {"Code": {"ZipFile": file.getvalue()}, "Runtime": "python3.13", "Handler": "handler.handle"}
    role = "arn:aws:iam::123456789012:role/rotating"
    arn = clients("lambda").create_function(FunctionName=name, Role=role, **given)["FunctionArn"]
    secret = clients("secretsmanager").create_secret(Name=name, **value)["ARN"]
    rotation = {"RotationLambdaARN": arn, "RotationRules": _RULES, "RotateImmediately": False}
    clients("secretsmanager").rotate_secret(SecretId=secret, **rotation)
    return dict(clients("secretsmanager").describe_secret(SecretId=secret))


def _without_a_value(clients: Clients) -> Any:
    found = _rotated(clients, "without")
    return found["RotationEnabled"], found["RotationRules"], "LastRotatedDate" in found


def _labels_of_one_with_a_value(clients: Clients) -> Any:
    return list(_rotated(clients, "with", SecretString="first")["VersionIdsToStages"].values())


_SET_UP = ("SecretsManagerBackend.rotate_secret",)
PROBES = (
    Probe("a rotation of a secret without a value", _SET_UP, _without_a_value, (True, _RULES, False)),
    Probe("the labels of one with a value", _SET_UP, _labels_of_one_with_a_value, [["AWSCURRENT"]]),
)
probes = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)


@probes
def test_is_answered_as_aws_does(probe: Probe) -> None:
    assert asked(probe, plain=False) == probe.answer


@probes
def test_moto_still_lacks_it(probe: Probe) -> None:
    assert asked(probe, plain=True) != probe.answer


def test_one_that_begins_at_once_is_left_to_moto() -> None:
    secret = client("secretsmanager").create_secret(Name="at-once", SecretString="first")["ARN"]
    client("secretsmanager").rotate_secret(SecretId=secret, RotationRules=_RULES)
    assert len(client("secretsmanager").describe_secret(SecretId=secret)["VersionIdsToStages"]) == 2
