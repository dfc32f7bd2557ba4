"""IAM, KMS, ACM, Secrets Manager: what an entry of the table cannot say."""

from __future__ import annotations

import pytest

from localaws.provider.backend import Refused
from tests.localaws.local import client, make

_ROTATING = "arn:aws:lambda:eu-west-1:123456789012:function:rotating"
_TRUST = '{"Version":"2012-10-17","Statement":[]}'
_RIGHTS = _TRUST.replace("[]", '[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]')


def test_a_key_is_scheduled_for_deletion_in_its_window() -> None:
    key = make("aws_kms_key", deletion_window_in_days=7)
    key.delete()
    assert client("kms").describe_key(KeyId=key["id"])["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_a_key_that_is_to_be_deleted_is_gone() -> None:
    key = make("aws_kms_key", deletion_window_in_days=7)
    key.delete()
    assert key.read() is None


def test_rotation_is_switched_on_and_off() -> None:
    key = make("aws_kms_key", enable_key_rotation=True)
    key.update(enable_key_rotation=False)
    assert client("kms").get_key_rotation_status(KeyId=key["id"])["KeyRotationEnabled"] is False


def test_rotation_that_somebody_switched_off_is_seen() -> None:
    key = make("aws_kms_key", enable_key_rotation=True)
    client("kms").disable_key_rotation(KeyId=key["id"])
    found = key.read()
    assert found
    assert found["enable_key_rotation"] is False


def test_a_profile_is_emptied_to_be_deleted() -> None:
    role = make("aws_iam_role", name="profiled", assume_role_policy=_TRUST)
    make("aws_iam_instance_profile", name="profiled", role=role["name"]).delete()
    assert client("iam").list_instance_profiles_for_role(RoleName="profiled")["InstanceProfiles"] == []


def test_a_changed_policy_is_the_only_version() -> None:
    policy = make("aws_iam_policy", name="one", policy=_RIGHTS)
    policy.update(policy=_RIGHTS.replace("Allow", "Deny"))
    assert len(client("iam").list_policy_versions(PolicyArn=policy["id"])["Versions"]) == 1


def test_a_secret_without_a_window_is_deleted_at_once() -> None:
    make("aws_secretsmanager_secret", name="now", recovery_window_in_days=0).delete()
    assert make("aws_secretsmanager_secret", name="now", recovery_window_in_days=0)["name"] == "now"


def test_a_rotation_is_set_up_changed_and_switched_off() -> None:
    secret = make("aws_secretsmanager_secret", name="rotated", recovery_window_in_days=0)
    told = {"secret_id": secret["id"], "rotation_lambda_arn": _ROTATING, "rotate_immediately": False}
    rotation = make("aws_secretsmanager_secret_rotation", **told, rotation_rules=[{"automatically_after_days": 30}])
    assert rotation["rotation_enabled"] is True
    rotation.update(rotation_rules=[{"automatically_after_days": 7}])
    shown = client("secretsmanager").describe_secret(SecretId=secret["id"])
    assert (shown["RotationEnabled"], shown["RotationRules"]) == (True, {"AutomaticallyAfterDays": 7})
    rotation.delete()
    assert rotation.read() is None


def test_a_secret_with_a_window_keeps_its_name() -> None:
    make("aws_secretsmanager_secret", name="later", recovery_window_in_days=7).delete()
    with pytest.raises(Refused, match="CreateSecret: ResourceExistsException"):
        make("aws_secretsmanager_secret", name="later")


def test_a_certificate_tells_the_records_that_validate_it() -> None:
    certificate = make("aws_acm_certificate", domain_name="a.example.com", validation_method="DNS")
    (record,) = certificate["domain_validation_options"]
    assert (record["domain_name"], record["resource_record_type"]) == ("a.example.com", "CNAME")


def test_a_certificate_is_validated_by_its_own_records_alone() -> None:
    certificate = make("aws_acm_certificate", domain_name="b.example.com", validation_method="DNS")
    with pytest.raises(Refused, match=r"the certificate is validated by .* and the records are \['other"):
        make(
            "aws_acm_certificate_validation",
            certificate_arn=certificate["arn"],
            validation_record_fqdns=["other.example.com"],
        )


def test_a_write_only_secret_reaches_aws() -> None:
    secret = make("aws_secretsmanager_secret", name="written")
    make("aws_secretsmanager_secret_version", secret_id=secret["id"], secret_string_wo="hidden")
    assert client("secretsmanager").get_secret_value(SecretId=secret["id"])["SecretString"] == "hidden"


def test_a_write_only_secret_is_in_no_state() -> None:
    secret = make("aws_secretsmanager_secret", name="unwritten")
    version = make("aws_secretsmanager_secret_version", secret_id=secret["id"], secret_string_wo="hidden")
    assert "hidden" not in str(version.state)
