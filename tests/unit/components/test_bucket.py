"""Bucket: each test says what would be lost, open or left behind in AWS if it failed."""

from typing import Any

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components.account import Account
from lib.components.bucket import Bucket
from lib.components.policy import Statement
from lib.naming import Names
from tests.template import Template, statements

KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"
READ = Statement(
    sid="Read", actions=["s3:GetObject"], resources=["arn:aws:s3:::b/*"], principal={"AWS": "111122223333"}
)
WRITE = Statement(
    sid="Write", actions=["s3:PutObject"], resources=["arn:aws:s3:::b/*"], principal={"AWS": "111122223333"}
)


def build(scope: Construct, **properties: Any) -> Bucket:
    return Bucket(
        scope,
        "bucket",
        names=Names("shop", "dev-001"),
        part="logs",
        account=Account(scope, "account", region="sa-east-1"),
        **({"keep_data": False} | properties),
    )


@pytest.fixture(scope="module")
def template() -> Template:
    """As a load balancer needs it for its logs."""
    return Template.of_components(lambda scope: build(scope, expire_days=90))


@pytest.fixture(scope="module")
def kept() -> Template:
    return Template.of_components(lambda scope: build(scope, keep_data=True, key_arn=KEY, versioned=True))


def only_tls(template: Template) -> dict[str, Any]:
    arn = template.reference("aws_s3_bucket", "arn")
    return {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_name_is_unique_in_the_world(template: Template) -> None:
    (caller,) = template.document["data"]["aws_caller_identity"]
    assert (
        template.only("aws_s3_bucket")["bucket"]
        == f"shop-dev-001-logs-${{data.aws_caller_identity.{caller}.account_id}}-sa-east-1"
    )


def test_a_destroy_empties_the_bucket_unless_data_is_kept(template: Template, kept: Template) -> None:
    assert template.only("aws_s3_bucket")["force_destroy"] is True
    assert kept.only("aws_s3_bucket")["force_destroy"] is False


@pytest.mark.parametrize(
    "kind",
    [
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_policy",
    ],
)
def test_every_part_is_of_this_bucket(template: Template, kind: str) -> None:
    assert template.only(kind)["bucket"] == template.reference("aws_s3_bucket", "id")


def test_objects_belong_to_the_account_and_access_lists_are_off(template: Template) -> None:
    assert template.only("aws_s3_bucket_ownership_controls")["rule"] == {"object_ownership": "BucketOwnerEnforced"}


@pytest.mark.parametrize(
    "switch", ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]
)
def test_nothing_can_be_made_public(template: Template, switch: str) -> None:
    assert template.only("aws_s3_bucket_public_access_block")[switch] is True


def test_without_a_key_s3_encrypts_by_its_own(template: Template) -> None:
    assert template.only("aws_s3_bucket_server_side_encryption_configuration")["rule"] == [
        {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    ]


def test_with_a_key_s3_encrypts_under_it_with_one_data_key_for_many_objects(kept: Template) -> None:
    assert kept.only("aws_s3_bucket_server_side_encryption_configuration")["rule"] == [
        {
            "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": KEY},
            "bucket_key_enabled": True,
        }
    ]


def test_versions_are_kept_when_asked_for(template: Template, kept: Template) -> None:
    assert kept.only("aws_s3_bucket_versioning")["versioning_configuration"] == {"status": "Enabled"}
    assert template.only("aws_s3_bucket_versioning")["versioning_configuration"] == {"status": "Suspended"}


def test_objects_old_versions_and_incomplete_uploads_expire(template: Template) -> None:
    assert template.only("aws_s3_bucket_lifecycle_configuration")["rule"] == [
        {
            "id": "expiry",
            "status": "Enabled",
            "filter": [{}],
            "expiration": [{"days": 90}],
            "noncurrent_version_expiration": [{"noncurrent_days": 30}],
            "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
        }
    ]


def test_objects_stay_when_no_age_is_given_and_lone_delete_markers_go(kept: Template) -> None:
    (rule,) = kept.only("aws_s3_bucket_lifecycle_configuration")["rule"]
    assert rule["expiration"] == [{"expired_object_delete_marker": True}]
    assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 30}]


def test_lifecycle_waits_for_versioning(template: Template) -> None:
    (versioning,) = template.named("aws_s3_bucket_versioning")
    assert template.only("aws_s3_bucket_lifecycle_configuration")["depends_on"] == [
        f"aws_s3_bucket_versioning.{versioning}"
    ]


def test_policy_refuses_what_comes_without_tls(template: Template) -> None:
    assert statements(template.only("aws_s3_bucket_policy")["policy"]) == [only_tls(template)]


def test_policy_waits_for_the_public_access_block(template: Template) -> None:
    (block,) = template.named("aws_s3_bucket_public_access_block")
    assert template.only("aws_s3_bucket_policy")["depends_on"] == [f"aws_s3_bucket_public_access_block.{block}"]


def test_permissions_join_the_one_policy() -> None:
    def allow_twice(scope: Construct) -> None:
        bucket = build(scope)
        bucket.allow(READ)
        bucket.allow(WRITE)

    template = Template.of_components(allow_twice)
    assert statements(template.only("aws_s3_bucket_policy")["policy"]) == [
        only_tls(template),
        READ.as_dict(),
        WRITE.as_dict(),
    ]


def test_who_uses_the_name_waits_for_the_policy() -> None:
    template = Template.of_components(lambda scope: TerraformOutput(scope, "name", value=build(scope).name))
    assert template.outputs["name"]["value"] == template.reference("aws_s3_bucket_policy", "bucket")


def test_exposes_arn_and_regional_domain() -> None:
    def expose(scope: Construct) -> None:
        bucket = build(scope)
        TerraformOutput(scope, "arn", value=bucket.arn)
        TerraformOutput(scope, "domain", value=bucket.bucket_domain)

    template = Template.of_components(expose)
    assert template.outputs["arn"]["value"] == template.reference("aws_s3_bucket", "arn")
    assert template.outputs["domain"]["value"] == template.reference("aws_s3_bucket", "bucket_regional_domain_name")
