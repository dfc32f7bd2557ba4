"""Keys of the project's own: one for each kind of data, turned over every year.

The policy hands the key to the account, so that IAM policies decide who uses it. Only services that come in their own
name need a statement besides: CloudWatch Logs, CloudWatch alarms, EventBridge, CloudFront. None is needed for

- RDS, https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html,
- ElastiCache, https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html,
- EFS, https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html, and AWS Backup, which has keys of its own:
  they use a grant that they take at creation, with the permissions of whoever creates;
- Secrets Manager, https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html:
  it uses the permissions of whoever reads, here those of a service's execution role.
"""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs import Construct

from lib.components.account import Account
from lib.components.policy import Statement, document
from lib.naming import Kind, Names

_THIS_KEY = ("*",)
"""In the policy of a key `*` is that key."""
_OF_PUBLISHERS = ("kms:Decrypt", "kms:GenerateDataKey*")


class Key(Construct):
    """A symmetric key with an alias. `purpose` says what it protects, `part` is its place in the alias."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        part: str,
        purpose: str,
        account: Account,
        deletion_window_days: int,
        service_statements: Sequence[Statement] = (),
        region: str | None = None,
    ) -> None:
        """
        deletion_window_days: 7 to 30, in which a deletion can be taken back.
        region: where the key is, and all that it encrypts; None for the stack's.
        """
        super().__init__(scope, id)
        self._region = region
        self._alias = names.of(Kind.KEY_ALIAS, part)
        self._policy = document(_administration(account), *service_statements)
        key = self._build_key(purpose, deletion_window_days)
        self._build_alias(key)
        self.arn = key.arn

    def _build_key(self, purpose: str, deletion_window_days: int) -> KmsKey:
        return KmsKey(
            self,
            "key",
            region=self._region,
            description=purpose,
            enable_key_rotation=True,
            deletion_window_in_days=deletion_window_days,
            policy=self._policy,
            tags={"Name": self._alias},
        )

    def _build_alias(self, key: KmsKey) -> None:
        KmsAlias(self, "alias", region=self._region, name=self._alias, target_key_id=key.key_id)


def for_logs(account: Account, region: str | None = None) -> list[Statement]:
    """CloudWatch Logs, for the log groups of this account in one region. None: the stack's.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    return [
        Statement(
            sid="Logs",
            actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            resources=_THIS_KEY,
            principal={"Service": f"logs.{region or account.region}.amazonaws.com"},
            condition={
                "ArnLike": {"kms:EncryptionContext:aws:logs:arn": account.arn("logs", "log-group:*", region=region)}
            },
        )
    ]


def for_alarms(account: Account, region: str | None = None) -> list[Statement]:
    """Alarms, which publish to encrypted topics of their region. None: the stack's. SNS needs nothing to deliver.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    """
    return [
        Statement(
            sid="Alarms",
            actions=_OF_PUBLISHERS,
            resources=_THIS_KEY,
            principal={"Service": "cloudwatch.amazonaws.com"},
            condition={"StringEquals": {"aws:SourceAccount": account.id}, **_to_own_topics(account, region)},
        )
    ]


def for_notifications(account: Account) -> list[Statement]:
    """All that publishes to the encrypted topic of the stack's region: alarms and event rules."""
    return [
        *for_alarms(account),
        # Without aws:SourceAccount, on purpose: EventBridge does not send it to KMS, and no event would arrive.
        Statement(
            sid="Events",
            actions=_OF_PUBLISHERS,
            resources=_THIS_KEY,
            principal={"Service": "events.amazonaws.com"},
            condition=_to_own_topics(account),
        ),
    ]


def for_cdn(account: Account) -> list[Statement]:
    """CloudFront, which reads a bucket by origin access control: it decrypts, and never writes.

    For any distribution of the account: to name the one, the key would have to wait for a distribution whose bucket
    waits for the key. Which distribution reads which bucket is for the bucket's policy to say.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    return [
        Statement(
            sid="Cdn",
            actions=["kms:Decrypt"],
            resources=_THIS_KEY,
            principal={"Service": "cloudfront.amazonaws.com"},
            condition={"ArnLike": {"aws:SourceArn": account.arn("cloudfront", "distribution/*", region="")}},
        )
    ]


def _to_own_topics(account: Account, region: str | None = None) -> dict[str, dict[str, str]]:
    return {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": account.arn("sns", "*", region=region)}}


def _administration(account: Account) -> Statement:
    """All of KMS to the account, as in AWS's default policy: with less a key can become one that nobody can manage.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    return Statement(sid="Account", actions=["kms:*"], resources=_THIS_KEY, principal={"AWS": account.root_arn})
