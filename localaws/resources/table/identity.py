"""IAM, KMS, ACM, Secrets Manager: who may what, keys, certificates, secrets."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry, Further, FurtherCode, Tagging
from localaws.resources.special import identity as special
from localaws.resources.special.common import asking

ENTRIES: Final = {
    "aws_iam_role": Entry(
        service="iam",
        create="create_role",
        key="role_name=name",
        read="get_role:Role",
        update="update_role",
        delete="delete_role",
        renames={"assume_role_policy": "AssumeRolePolicyDocument"},
        further=(
            Further(
                "update_assume_role_policy",
                {"RoleName": "{name}", "PolicyDocument": "{assume_role_policy}"},
                on_create=False,
            ),
            Further(
                "put_role_permissions_boundary",
                {"RoleName": "{name}", "PermissionsBoundary": "{permissions_boundary}"},
                on_create=False,
            ),
        ),
        shown_as={
            "PermissionsBoundary": "PermissionsBoundary.PermissionsBoundaryArn",
            "PolicyDocument": "AssumeRolePolicyDocument",
        },
        computed={"unique_id": "RoleId"},
        tagging=Tagging("tag_role", "untag_role", None, {"RoleName": "{name}"}),
    ),
    "aws_iam_role_policy": Entry(
        service="iam",
        create="put_role_policy",
        id="{role}:{name}",
        key="role_name=role policy_name=name",
        read="get_role_policy",
        update="put_role_policy",
        delete="delete_role_policy",
        renames={"role": "RoleName", "policy": "PolicyDocument"},
    ),
    "aws_iam_role_policy_attachment": Entry(
        service="iam",
        create="attach_role_policy",
        id="{role}/{policy_arn}",
        key="role_name=role policy_arn",
        read="list_attached_role_policies:AttachedPolicies[?PolicyArn=='$policy_arn'] | [0]",
        delete="detach_role_policy",
        renames={"role": "RoleName"},
    ),
    "aws_iam_policy": Entry(
        service="iam",
        create="create_policy",
        id="Policy.Arn",
        key="policy_arn=id",
        read="get_policy:Policy",
        also=(special.policy_document,),
        update=special.new_policy_version,
        delete=special.delete_policy,
        renames={"policy": "PolicyDocument"},
        tagging=Tagging("tag_policy", "untag_policy", None, {"PolicyArn": "{id}"}),
    ),
    "aws_iam_instance_profile": Entry(
        service="iam",
        create="create_instance_profile",
        key="instance_profile_name=name",
        read="get_instance_profile:InstanceProfile",
        delete=special.delete_instance_profile,
        renames={"role": None},
        further=(
            FurtherCode(special.empty_instance_profile, "role", on_create=False),
            Further("add_role_to_instance_profile", {"InstanceProfileName": "{name}", "RoleName": "{role}"}),
        ),
        shown_as={"RoleName": "Roles[0].RoleName"},
        computed={"unique_id": "InstanceProfileId"},
        tagging=Tagging("tag_instance_profile", "untag_instance_profile", None, {"InstanceProfileName": "{name}"}),
    ),
    "aws_kms_key": Entry(
        service="kms",
        create="create_key",
        id="KeyMetadata.KeyId",
        key="key_id=id",
        read="describe_key:KeyMetadata.KeyState != 'PendingDeletion' && KeyMetadata",
        also=(asking("get_key_policy", PolicyName="default"), "get_key_rotation_status"),
        delete=special.schedule_key_deletion,
        renames={"customer_master_key_spec": "KeySpec", "is_enabled": None, "enable_key_rotation": None},
        further=(
            FurtherCode(special.turn_rotation, "enable_key_rotation rotation_period_in_days"),
            Further(
                "put_key_policy", {"KeyId": "{id}", "PolicyName": "default", "Policy": "{policy}"}, on_create=False
            ),
            Further("update_key_description", {"KeyId": "{id}", "Description": "{description}"}, on_create=False),
        ),
        code_takes={"enable_key_rotation": "KeyRotationEnabled"},
    ),
    "aws_kms_alias": Entry(
        service="kms",
        create="create_alias",
        key="alias_name=name key_id=target_key_id",
        read="list_aliases:Aliases[?AliasName=='$name'] | [0]",
        update="update_alias",
        delete="delete_alias",
        renames={"name": "AliasName"},
        computed={"arn": "AliasArn", "target_key_arn": "arn:aws:kms:{region}:{account}:key/{target_key_id}"},
    ),
    "aws_acm_certificate": Entry(
        service="acm",
        create="request_certificate",
        id="CertificateArn",
        key="certificate_arn=id",
        read="describe_certificate:Certificate",
        delete="delete_certificate",
        shown_as={"ValidationMethod": "DomainValidationOptions[0].ValidationMethod"},
        computed={
            "arn": "CertificateArn",
            "domain_validation_options": special.validation_records,
            "validation_emails": "DomainValidationOptions[].ValidationEmails[]",
        },
    ),
    "aws_acm_certificate_validation": Entry(
        service="acm",
        create=special.await_validation,
        id="{certificate_arn}",
        key="certificate_arn",
        read="describe_certificate:Certificate.Status == 'ISSUED' && Certificate",
        code_takes={"certificate_arn": "CertificateArn", "validation_record_fqdns": ""},
    ),
    "aws_secretsmanager_secret": Entry(
        service="secretsmanager",
        create="create_secret",
        id="ARN",
        key="secret_id=id",
        read="describe_secret:!DeletedDate && @",
        update="update_secret",
        delete=special.delete_secret,
        computed={"arn": "ARN"},
    ),
    "aws_secretsmanager_secret_rotation": Entry(
        service="secretsmanager",
        create="rotate_secret",
        id="{secret_id}",
        key="secret_id",
        read="describe_secret:RotationEnabled && @",
        update="rotate_secret",
        delete="cancel_rotate_secret",
        shown_as={"SecretId": "ARN"},
        computed={"rotation_enabled": "RotationEnabled"},
    ),
    "aws_secretsmanager_secret_version": Entry(
        service="secretsmanager",
        create="put_secret_value",
        id="{secret_id}|{version_id}",
        key="secret_id version_id",
        read="get_secret_value",
        renames={"secret_string_wo": "SecretString"},
        computed={"arn": "ARN"},
    ),
}
