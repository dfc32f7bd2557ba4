"""S3: a bucket, and what AWS keeps beside it under its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from localaws.resources.entry import Entry
from localaws.resources.special import s3 as special


def _part(
    put: str,
    read: str,
    delete: Any,
    *,
    into: str | None = None,
    renames: Mapping[str, str | None] | None = None,
    shown_as: Mapping[str, str] | None = None,
) -> Entry:
    """One thing of a bucket: the same call makes and changes it."""
    return Entry(
        service="s3",
        create=put,
        id="{bucket}",
        key="bucket",
        read=read,
        update=put,
        delete=delete,
        into=into,
        renames=renames or {},
        shown_as=shown_as or {},
    )


ENTRIES: Final = {
    "aws_s3_bucket": Entry(
        service="s3",
        create=special.create_bucket,
        id="{bucket}",
        key="bucket",
        read="head_bucket:@",
        also=(special.location,),
        delete=special.delete_bucket,
        code_takes={"bucket": "", "object_lock_enabled": ""},
        computed={
            "arn": "arn:aws:s3:::{bucket}",
            "bucket_domain_name": "{bucket}.s3.amazonaws.com",
            "bucket_regional_domain_name": "{bucket}.s3.{region}.amazonaws.com",
            "bucket_region": "{region}",
        },
    ),
    "aws_s3_bucket_policy": _part("put_bucket_policy", "get_bucket_policy", "delete_bucket_policy"),
    "aws_s3_bucket_versioning": _part(
        "put_bucket_versioning",
        "get_bucket_versioning:Status && @",
        special.suspend_versioning,
        shown_as={"VersioningConfiguration": "@"},
    ),
    "aws_s3_bucket_public_access_block": _part(
        "put_public_access_block",
        "get_public_access_block",
        "delete_public_access_block",
        into="PublicAccessBlockConfiguration",
    ),
    "aws_s3_bucket_server_side_encryption_configuration": _part(
        "put_bucket_encryption",
        "get_bucket_encryption",
        "delete_bucket_encryption",
        into="ServerSideEncryptionConfiguration",
        renames={"rule.apply_server_side_encryption_by_default.kms_master_key_id": "KMSMasterKeyID"},
    ),
    "aws_s3_bucket_lifecycle_configuration": _part(
        "put_bucket_lifecycle_configuration",
        "get_bucket_lifecycle_configuration",
        "delete_bucket_lifecycle",
        into="LifecycleConfiguration",
    ),
    "aws_s3_bucket_ownership_controls": _part(
        "put_bucket_ownership_controls",
        "get_bucket_ownership_controls",
        "delete_bucket_ownership_controls",
        into="OwnershipControls",
    ),
    "aws_s3_bucket_logging": _part(
        "put_bucket_logging",
        "get_bucket_logging:LoggingEnabled",
        special.stop_logging,
        renames={
            "target_bucket": "BucketLoggingStatus.LoggingEnabled.TargetBucket",
            "target_prefix": "BucketLoggingStatus.LoggingEnabled.TargetPrefix",
        },
        shown_as={"BucketLoggingStatus": "{LoggingEnabled: @}"},
    ),
    "aws_s3_bucket_cors_configuration": _part(
        "put_bucket_cors", "get_bucket_cors", "delete_bucket_cors", into="CORSConfiguration"
    ),
}
