"""A private S3 bucket."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
    S3BucketLifecycleConfigurationRuleTransition,
)
from cdktf_cdktf_provider_aws.s3_bucket_logging import S3BucketLoggingA
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import S3BucketVersioningA, S3BucketVersioningVersioningConfiguration
from constructs import Construct

from lib.components.access import Access
from lib.components.account import Account
from lib.components.policy import Statement, document
from lib.naming import Kind, Names
from lib.settings.data import Bucket as Settings
from lib.settings.targets import bucket_variable

INCOMPLETE_UPLOAD_DAYS = 7
REQUEST_LOG_PREFIX = "buckets"
"""Where in the log bucket the requests to other buckets lie, below it by what the bucket is for."""


class Bucket(Construct):
    """A bucket that nobody reaches but over TLS and with a permission; `allow` adds permissions to its policy."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        part: str,
        settings: Settings,
        account: Account,
        keep_data: bool,
        key_arn: str | None,
    ) -> None:
        """
        keep_data: False lets a destroy delete the objects with the bucket.
        key_arn: None encrypts with S3's own key (AES256), the only one that load balancers write their logs under.
        """
        super().__init__(scope, id)
        self._settings = settings
        self._key_arn = key_arn
        self._account = account
        self._part = part
        self._bucket = self._build_bucket(names, keep_data)
        self._build_ownership()
        self._build_encryption()
        self._build_lifecycle(self._build_versioning())
        self._statements = [self._only_tls()]
        self._policy = self._build_policy(self._build_public_access_block())

    @property
    def name(self) -> str:
        """The name, to be had only once the policy is in force: who uses it may rely on what `allow` was told."""
        return self._policy.get_string_attribute("bucket")

    @property
    def arn(self) -> str:
        return self._bucket.arn

    @property
    def bucket_domain(self) -> str:
        """`<name>.s3.<region>.amazonaws.com`"""
        return self._bucket.bucket_regional_domain_name

    def allow(self, *statements: Statement) -> None:
        """Adds to the bucket's one policy; statements name the bucket by `arn`."""
        self._statements += statements
        self._policy.policy = document(*self._statements)

    def log_to(self, log_bucket: Bucket) -> None:
        """Puts every request on record in another bucket of the region, one under SSE-S3.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
        """
        prefix = f"{REQUEST_LOG_PREFIX}/{self._part}/"
        log_bucket.allow(
            Statement(
                sid=f"{self._part.capitalize()}BucketLogs",
                actions=["s3:PutObject"],
                resources=[f"{log_bucket.arn}/{prefix}*"],
                principal={"Service": "logging.s3.amazonaws.com"},
                condition={
                    "StringEquals": {"aws:SourceAccount": self._account.id},
                    "ArnLike": {"aws:SourceArn": self.arn},
                },
            )
        )
        # By the name, which is to be had once the policy is in force.
        S3BucketLoggingA(self, "logging", bucket=self._bucket.id, target_bucket=log_bucket.name, target_prefix=prefix)

    def access(self, name: str) -> Access:
        """What it takes to list the bucket and to read, write and delete objects. name: what the user calls it."""
        label = name.capitalize()
        return Access(
            environment={bucket_variable(name): self.name},
            task_statements=[
                Statement(sid=f"List{label}Bucket", actions=["s3:ListBucket"], resources=[self.arn]),
                Statement(
                    sid=f"Use{label}Bucket",
                    # The last is for what is left of an upload in parts that failed.
                    actions=["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
                    resources=[f"{self.arn}/*"],
                ),
                *self._key_statements(label),
            ],
        )

    def _key_statements(self, label: str) -> list[Statement]:
        """https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"""
        if self._key_arn is None:
            return []
        return [
            Statement(
                sid=f"Use{label}BucketKey",
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[self._key_arn],
                condition={"StringEquals": {"kms:ViaService": f"s3.{self._account.region}.amazonaws.com"}},
            )
        ]

    def _build_bucket(self, names: Names, keep_data: bool) -> S3Bucket:
        # Names of buckets are unique in the world, hence the account and the region.
        name = f"{names.of(Kind.BUCKET, self._part)}-{self._account.id}-{self._account.region}"
        return S3Bucket(self, "bucket", bucket=name, force_destroy=not keep_data)

    def _build_ownership(self) -> None:
        S3BucketOwnershipControls(
            self,
            "ownership",
            bucket=self._bucket.id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )

    def _build_public_access_block(self) -> S3BucketPublicAccessBlock:
        return S3BucketPublicAccessBlock(
            self,
            "public_access_block",
            bucket=self._bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )

    def _build_encryption(self) -> None:
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            bucket=self._bucket.id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                        sse_algorithm="aws:kms" if self._key_arn else "AES256", kms_master_key_id=self._key_arn
                    ),
                    # One data key for many objects, in place of a call to KMS for each.
                    bucket_key_enabled=True if self._key_arn else None,
                )
            ],
        )

    def _build_versioning(self) -> S3BucketVersioningA:
        return S3BucketVersioningA(
            self,
            "versioning",
            bucket=self._bucket.id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(
                # A bucket that once had versions can only suspend them, so this is its "no" from the beginning.
                status="Enabled" if self._settings.versioned else "Suspended"
            ),
        )

    def _build_lifecycle(self, versioning: S3BucketVersioningA) -> None:
        settings = self._settings
        S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=self._bucket.id,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="expiry",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter()],
                    transition=(
                        [
                            S3BucketLifecycleConfigurationRuleTransition(
                                days=settings.transition_to_ia_days, storage_class="STANDARD_IA"
                            )
                        ]
                        if settings.transition_to_ia_days
                        else None
                    ),
                    expiration=[
                        # With days S3 clears away lone delete markers by itself, and takes not both.
                        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html
                        S3BucketLifecycleConfigurationRuleExpiration(days=settings.expire_days)
                        if settings.expire_days
                        else S3BucketLifecycleConfigurationRuleExpiration(expired_object_delete_marker=True)
                    ],
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                            noncurrent_days=settings.old_version_days
                        )
                    ],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=INCOMPLETE_UPLOAD_DAYS
                        )
                    ],
                )
            ],
            # Expiry of old versions needs to know whether there are any.
            depends_on=[versioning],
        )

    def _only_tls(self) -> Statement:
        return Statement(
            sid="OnlyTls",
            effect="Deny",
            actions=["s3:*"],
            resources=[self.arn, f"{self.arn}/*"],
            principal="*",
            condition={"Bool": {"aws:SecureTransport": "false"}},
        )

    def _build_policy(self, public_access_block: S3BucketPublicAccessBlock) -> S3BucketPolicy:
        return S3BucketPolicy(
            self,
            "policy",
            bucket=self._bucket.id,
            policy=document(*self._statements),
            # S3 refuses two changes to a bucket's access at once: "A conflicting conditional operation".
            depends_on=[public_access_block],
        )
