"""IAM, KMS, ACM, Secrets Manager."""

from __future__ import annotations

import time
from typing import Any

from localaws.resources.resource import Resource

_KEY_DELETION_DAYS = 30
_SECRET_RECOVERY_DAYS = 30
_VALIDATION_SECONDS = 60
_VALIDATION_PAUSE_SECONDS = 0.5


def policy_document(resource: Resource) -> dict[str, Any]:
    policy = resource.call("get_policy", {"PolicyArn": resource.get("id")})["Policy"]
    version = {"PolicyArn": resource.get("id"), "VersionId": policy["DefaultVersionId"]}
    return {"PolicyDocument": resource.call("get_policy_version", version)["PolicyVersion"]["Document"]}


def new_policy_version(resource: Resource, _: set[str]) -> None:
    """IAM keeps five versions of a policy: the provider keeps one."""
    old = _versions(resource)
    told = {"PolicyArn": resource.get("id"), "PolicyDocument": resource.get("policy"), "SetAsDefault": True}
    resource.call("create_policy_version", told)
    for version in old:
        resource.call("delete_policy_version", {"PolicyArn": resource.get("id"), "VersionId": version["VersionId"]})


def delete_policy(resource: Resource) -> None:
    for version in _versions(resource):
        if not version["IsDefaultVersion"]:
            resource.call("delete_policy_version", {"PolicyArn": resource.get("id"), "VersionId": version["VersionId"]})
    resource.call("delete_policy", {"PolicyArn": resource.get("id")})


def _versions(resource: Resource) -> list[dict[str, Any]]:
    return list(resource.call("list_policy_versions", {"PolicyArn": resource.get("id")})["Versions"])


def empty_instance_profile(resource: Resource, _: set[str]) -> None:
    profile = {"InstanceProfileName": resource.get("name")}
    for role in resource.call("get_instance_profile", profile)["InstanceProfile"]["Roles"]:
        resource.call("remove_role_from_instance_profile", {**profile, "RoleName": role["RoleName"]})


def delete_instance_profile(resource: Resource) -> None:
    empty_instance_profile(resource, set())
    resource.call("delete_instance_profile", {"InstanceProfileName": resource.get("name")})


def schedule_key_deletion(resource: Resource) -> None:
    days = int(resource.get("deletion_window_in_days") or _KEY_DELETION_DAYS)
    resource.call("schedule_key_deletion", {"KeyId": resource.get("id"), "PendingWindowInDays": days})


def turn_rotation(resource: Resource, _: set[str]) -> None:
    if not resource.get("enable_key_rotation"):
        resource.call("disable_key_rotation", {"KeyId": resource.get("id")})
        return
    days = resource.get("rotation_period_in_days")
    period = {"RotationPeriodInDays": int(days)} if days else {}
    resource.call("enable_key_rotation", {"KeyId": resource.get("id"), **period})


def validation_records(_: Resource, found: dict[str, Any]) -> list[dict[str, Any]] | None:
    """One record for each name of the certificate, flat."""
    if "DomainValidationOptions" not in found:
        return None
    return [
        {"DomainName": each["DomainName"], **{f"ResourceRecord{name}": v for name, v in each["ResourceRecord"].items()}}
        for each in found["DomainValidationOptions"]
        if "ResourceRecord" in each
    ]


def await_validation(resource: Resource) -> dict[str, Any]:
    """Nothing is made: it waits until AWS has seen the records, which have to be those that it asked for."""
    arn = {"CertificateArn": resource.get("certificate_arn")}
    asked = resource.call("describe_certificate", arn)["Certificate"].get("DomainValidationOptions", [])
    wanted = {each["ResourceRecord"]["Name"].rstrip(".") for each in asked if "ResourceRecord" in each}
    given = {each.rstrip(".") for each in resource.get("validation_record_fqdns") or ()}
    if given and given != wanted:
        raise ValueError(f"the certificate is validated by {sorted(wanted)}, and the records are {sorted(given)}")
    deadline = time.monotonic() + _VALIDATION_SECONDS
    while (found := resource.call("describe_certificate", arn)["Certificate"])["Status"] == "PENDING_VALIDATION":
        if time.monotonic() > deadline:
            raise ValueError(f"the certificate is not issued after {_VALIDATION_SECONDS} s")
        time.sleep(_VALIDATION_PAUSE_SECONDS)
    if found["Status"] != "ISSUED":
        raise ValueError(f"the certificate is {found['Status']}")
    return {}


def delete_secret(resource: Resource) -> None:
    """A window of 0 days deletes at once; any other keeps the name taken until it is over."""
    days = resource.get("recovery_window_in_days")
    how: dict[str, Any] = {"RecoveryWindowInDays": int(_SECRET_RECOVERY_DAYS if days is None else days)}
    if days == 0:
        how = {"ForceDeleteWithoutRecovery": True}
    resource.call("delete_secret", {"SecretId": resource.get("id"), **how})
