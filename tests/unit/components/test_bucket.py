"""Bucket: each test says what would be lost, open or left behind in AWS if it failed."""

from typing import Any

import pytest
from cdktf import TerraformOutput
from constructs import Construct

from lib.components.account import Account
from lib.components.bucket import Bucket
from lib.components.policy import Statement
from lib.naming import Names
from lib.settings.data import Bucket as Settings
from tests.template import Template, statements
from tests.unit.components.exposed import expose, exposed

KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"
READ = Statement(
    sid="Read", actions=["s3:GetObject"], resources=["arn:aws:s3:::b/*"], principal={"AWS": "111122223333"}
)
WRITE = Statement(
    sid="Write", actions=["s3:PutObject"], resources=["arn:aws:s3:::b/*"], principal={"AWS": "111122223333"}
)


LOGS = Settings(versioned=False, expire_days=90)


def build(
    scope: Construct, settings: Settings = LOGS, *, keep_data: bool = False, key_arn: str | None = None
) -> Bucket:
    return Bucket(
        scope,
        "bucket",
        names=Names("shop", "dev-001"),
        part="logs",
        settings=settings,
        account=Account(scope, "account", region="sa-east-1"),
        keep_data=keep_data,
        key_arn=key_arn,
    )


@pytest.fixture(scope="module")
def template() -> Template:
    """As a load balancer needs it for its logs."""
    return Template.of_components(build)


@pytest.fixture(scope="module")
def kept() -> Template:
    settings = Settings(old_version_days=45, transition_to_ia_days=60)
    return Template.of_components(lambda scope: build(scope, settings, keep_data=True, key_arn=KEY))


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


def test_old_versions_stay_as_long_as_the_settings_say(kept: Template) -> None:
    (rule,) = kept.only("aws_s3_bucket_lifecycle_configuration")["rule"]
    assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 45}]


def test_objects_move_to_cheaper_storage_at_the_age_that_the_settings_say(kept: Template) -> None:
    (rule,) = kept.only("aws_s3_bucket_lifecycle_configuration")["rule"]
    assert rule["transition"] == [{"days": 60, "storage_class": "STANDARD_IA"}]


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


@pytest.fixture(scope="module")
def logged() -> Template:
    """A bucket whose requests another one takes the record of."""

    def build_both(scope: Construct) -> None:
        account = Account(scope, "account", region="sa-east-1")
        of_buckets: dict[str, Any] = {
            "names": Names("shop", "dev-001"),
            "account": account,
            "keep_data": False,
            "key_arn": None,
        }
        logs = Bucket(scope, "logs", part="logs", settings=LOGS, **of_buckets)
        Bucket(scope, "orders", part="orders", settings=Settings(), **of_buckets).log_to(logs)

    return Template.of_components(build_both)


def part_of(template: Template, kind: str, part: str) -> dict[str, Any]:
    (name,) = [name for name, each in template.named("aws_s3_bucket").items() if f"-{part}-" in each["bucket"]]
    return template.only(kind, bucket=f"${{aws_s3_bucket.{name}.id}}")


def test_requests_are_on_record_in_the_log_bucket_once_its_policy_is_in_force(logged: Template) -> None:
    logging = part_of(logged, "aws_s3_bucket_logging", "orders")
    policy = part_of(logged, "aws_s3_bucket_policy", "logs")
    assert logging["target_bucket"] == logged.reference("aws_s3_bucket_policy", "bucket", policy=policy["policy"])
    assert logging["target_prefix"] == "buckets/orders/"


def test_log_bucket_takes_the_record_from_that_bucket_of_this_account_alone(logged: Template) -> None:
    account = next(iter(logged.document["data"]["aws_caller_identity"]))
    logs, orders = (f"${{aws_s3_bucket.{name}.arn}}" for name in sorted(logged.named("aws_s3_bucket"), key=len))
    _, allowed = statements(part_of(logged, "aws_s3_bucket_policy", "logs")["policy"])
    assert allowed == {
        "Sid": "OrdersBucketLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": [f"{logs}/buckets/orders/*"],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": f"${{data.aws_caller_identity.{account}.account_id}}"},
            "ArnLike": {"aws:SourceArn": orders},
        },
    }


def test_requests_to_the_log_bucket_itself_are_not_recorded(logged: Template) -> None:
    assert len(logged.all("aws_s3_bucket_logging")) == 1


def access(key_arn: str | None) -> tuple[Template, dict[str, Any]]:
    template = Template.of_components(
        lambda scope: expose(scope, access=build(scope, key_arn=key_arn).access("orders"))
    )
    return template, exposed(template, "access")


def test_hands_out_its_name_by_a_variable_once_the_policy_is_in_force() -> None:
    template, given = access(KEY)
    assert given["environment"] == {"ORDERS_BUCKET": template.reference("aws_s3_bucket_policy", "bucket")}


def test_is_reached_as_a_service_of_aws_with_the_permissions_of_the_user() -> None:
    _, given = access(KEY)
    assert (given["peer"], given["ports"]) == (None, [])
    assert (given["secrets"], given["secret_references"], given["execution_statements"]) == ({}, {}, [])


def test_a_user_may_list_this_bucket_use_its_objects_and_through_s3_its_key() -> None:
    template, given = access(KEY)
    arn = template.reference("aws_s3_bucket", "arn")
    assert given["task_statements"] == [
        {"Sid": "ListOrdersBucket", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [arn]},
        {
            "Sid": "UseOrdersBucket",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
            "Resource": [f"{arn}/*"],
        },
        {
            "Sid": "UseOrdersBucketKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": [KEY],
            "Condition": {"StringEquals": {"kms:ViaService": "s3.sa-east-1.amazonaws.com"}},
        },
    ]


def test_without_a_key_of_its_own_there_is_none_to_use() -> None:
    _, given = access(None)
    assert [statement["Sid"] for statement in given["task_statements"]] == ["ListOrdersBucket", "UseOrdersBucket"]


def test_addresses_in_the_state_are_a_promise(template: Template) -> None:
    names = {name.rpartition("_")[0] for kind in template.document["resource"] for name in template.named(kind)}
    assert names == {
        "bucket",
        "bucket_encryption",
        "bucket_lifecycle",
        "bucket_ownership",
        "bucket_policy",
        "bucket_public_access_block",
        "bucket_versioning",
    }
