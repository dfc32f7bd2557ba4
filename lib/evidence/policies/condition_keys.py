"""Condition keys: which there are, what kind of value each has, and which operators can compare it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from lib.evidence.policies import authorization
from lib.evidence.policies.arns import UNKNOWN

STRING, ARN, BOOL, NUMERIC, DATE, ADDRESS, BINARY, PRESENCE = (
    "String",
    "Arn",
    "Bool",
    "Numeric",
    "Date",
    "IpAddress",
    "Binary",
    "Null",
)

_FAMILIES = {
    STRING: "Equals NotEquals EqualsIgnoreCase NotEqualsIgnoreCase Like NotLike",
    ARN: "Equals NotEquals Like NotLike",
    NUMERIC: "Equals NotEquals LessThan LessThanEquals GreaterThan GreaterThanEquals",
    DATE: "Equals NotEquals LessThan LessThanEquals GreaterThan GreaterThanEquals",
    BINARY: "Equals",
}
_SETS = ("", "ForAllValues:", "ForAnyValue:")

OPERATORS_PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
OPERATORS = {
    f"{several}{name}{suffix}": kind
    for kind, names in (
        *((kind, [f"{kind}{end}" for end in ends.split()]) for kind, ends in _FAMILIES.items()),
        (BOOL, ["Bool"]),
        (ADDRESS, ["IpAddress", "NotIpAddress"]),
        (PRESENCE, ["Null"]),
    )
    for name in names
    for several in _SETS
    for suffix in ("", *(["IfExists"] if kind != PRESENCE else []))
}
"""Operator -> the kind of values that it compares. OPERATORS_PAGE has them all."""

COMPARED_AS = {
    STRING: {STRING, ARN, BINARY, PRESENCE},
    ARN: {ARN, STRING, PRESENCE},
    BOOL: {BOOL, PRESENCE},
    NUMERIC: {NUMERIC, PRESENCE},
    DATE: {DATE, NUMERIC, PRESENCE},
    ADDRESS: {ADDRESS, PRESENCE},
}
"""Kind of key -> the kinds of operators that can be true of it. AWS itself compares an encryption context by ArnLike.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""


class Table(NamedTuple):
    """The keys of a prefix."""

    page: str
    keys: dict[str, str]
    """Kind -> the keys, without prefix; `*` stands for a name that the account chooses."""


_REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_{}.html"

TABLES = {
    "aws": Table(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
        {
            STRING: "CalledVia CalledViaFirst CalledViaLast Ec2InstanceSourceVpc FederatedProvider PrincipalAccount "
            "PrincipalOrgID PrincipalOrgPaths PrincipalServiceName PrincipalServiceNamesList PrincipalTag/* "
            "PrincipalType RequestTag/* RequestedRegion ResourceAccount ResourceOrgID ResourceOrgPaths ResourceTag/* "
            "SourceAccount SourceIdentity SourceOrgID SourceOrgPaths SourceOwner SourceVpc SourceVpce TagKeys "
            "UserAgent VpceAccount VpceOrgID VpceOrgPaths referer userid username",
            ARN: "ChatbotSourceArn PrincipalArn SourceArn SourceVpcArn",
            BOOL: "AssumedRoot MultiFactorAuthPresent PrincipalIsAWSService SecureTransport ViaAWSService",
            NUMERIC: "MultiFactorAuthAge",
            DATE: "CurrentTime EpochTime TokenIssueTime",
            ADDRESS: "Ec2InstanceSourcePrivateIPv4 SourceIp VpcSourceIp",
        },
    ),
    "dynamodb": Table(
        _REFERENCE.format("amazondynamodb"),
        {
            STRING: "Attributes EnclosingOperation LeadingKeys ReturnConsumedCapacity ReturnValues Select",
            BOOL: "FullTableScan",
        },
    ),
    "elasticfilesystem": Table(
        _REFERENCE.format("amazonelasticfilesystem"),
        {STRING: "CreateAction", ARN: "AccessPointArn", BOOL: "AccessedViaMountTarget Encrypted"},
    ),
    "iam": Table(
        _REFERENCE.format("awsidentityandaccessmanagementiam"),
        {
            STRING: "AWSServiceName FIDO-FIPS-140-2-certification FIDO-FIPS-140-3-certification FIDO-certification "
            "OrganizationsPolicyId PassedToService RegisterSecurityKey ResourceTag/*",
            ARN: "AssociatedResourceArn PermissionsBoundary PolicyARN",
        },
    ),
    "kms": Table(
        _REFERENCE.format("awskeymanagementservice"),
        {
            STRING: "CallerAccount CustomerMasterKeySpec CustomerMasterKeyUsage DataKeyPairSpec EncryptionAlgorithm "
            "EncryptionContext:* EncryptionContextKeys ExpirationModel GrantConstraintType GrantOperations "
            "GranteePrincipal KeyAgreementAlgorithm KeyOrigin KeySpec KeyUsage MacAlgorithm MessageType "
            "MultiRegionKeyType PrimaryRegion RecipientAttestation:* ReplicaRegion RequestAlias ResourceAliases "
            "RetiringPrincipal SigningAlgorithm ViaService WrappingAlgorithm WrappingKeySpec",
            BOOL: "BypassPolicyLockoutSafetyCheck GrantIsForAWSResource MultiRegion ReEncryptOnSameKey",
            NUMERIC: "RotationPeriodInDays ScheduleKeyDeletionPendingWindowInDays",
            DATE: "ValidTo",
        },
    ),
    "lambda": Table(
        _REFERENCE.format("awslambda"),
        {
            STRING: "EventSourceToken FunctionUrlAuthType InvokedViaFunctionUrl Layer Principal SecurityGroupIds "
            "SubnetIds VpcIds",
            ARN: "CodeSigningConfigArn FunctionArn SourceFunctionArn",
        },
    ),
    "s3": Table(
        _REFERENCE.format("amazons3"),
        {
            STRING: "AccessPointNetworkOrigin AccessPointTag/* BucketTag/* DataAccessPointAccount ExistingJobOperation "
            "ExistingObjectTag/* InventoryAccessibleOptionalFields JobSuspendedCause RequestJobOperation "
            "RequestObjectTag/* RequestObjectTagKeys ResourceAccount authType delimiter destinationRegion if-match "
            "if-none-match locationconstraint object-lock-legal-hold object-lock-mode prefix signatureversion "
            "versionid x-amz-acl x-amz-content-sha256 x-amz-copy-source x-amz-grant-full-control x-amz-grant-read "
            "x-amz-grant-read-acp x-amz-grant-write x-amz-grant-write-acp x-amz-metadata-directive "
            "x-amz-object-ownership x-amz-server-side-encryption x-amz-server-side-encryption-customer-algorithm "
            "x-amz-storage-class x-amz-website-redirect-location",
            ARN: "AccessGrantsInstanceArn DataAccessPointArn x-amz-server-side-encryption-aws-kms-key-id",
            BOOL: "ObjectCreationOperation isReplicationPauseRequest",
            NUMERIC: "ExistingJobPriority RequestJobPriority TlsVersion max-keys object-lock-remaining-retention-days "
            "signatureAge",
            DATE: "object-lock-retain-until-date",
        },
    ),
    "secretsmanager": Table(
        _REFERENCE.format("awssecretsmanager"),
        {
            STRING: "AddReplicaRegions Description KmsKeyArn KmsKeyId Name ResourceTag/* SecretPrimaryRegion "
            "VersionId VersionStage",
            ARN: "RotationLambdaARN SecretId resource/AllowRotationLambdaArn",
            BOOL: "BlockPublicPolicy ForceDeleteWithoutRecovery ForceOverwriteReplicaSecret ModifyRotationRules "
            "RotateImmediately",
            NUMERIC: "RecoveryWindowInDays",
        },
    ),
    "sns": Table(_REFERENCE.format("amazonsns"), {STRING: "Endpoint Protocol"}),
    "sts": Table(
        _REFERENCE.format("awssecuritytokenservice"),
        {
            STRING: "AWSServiceName ExternalId RequestContext/* RoleSessionName SourceIdentity TaskPolicyArn "
            "TransitiveTagKeys",
            ARN: "RequestContextProviders",
            NUMERIC: "DurationSeconds",
        },
    ),
}
"""Prefix -> its keys. Prefixes of services that are missing here are not judged.
`aws:SourceOwner` is SNS's alone: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html"""


@lru_cache(maxsize=4096)
def kind_of(key: str) -> str | None:
    """The kind of a key of the tables; None for one that is not in them."""
    prefix, _, name = key.lower().partition(":")
    table = TABLES.get(prefix)
    if table is None:
        return None
    return next(
        (kind for kind, keys in table.keys.items() for each in keys.lower().split() if _is_like(name, each)), None
    )


def _is_like(name: str, known: str) -> bool:
    return re.fullmatch(re.escape(known).replace(r"\*", ".+"), name) is not None


def is_known(key: str) -> bool | None:
    """Whether AWS has such a key; None where nothing here can tell."""
    prefix = key.lower().partition(":")[0]
    if kind_of(key) is not None:
        return True
    if prefix in TABLES:
        return any(
            _is_like(key.lower(), re.sub(r"\$\{[^}]*\}", "*", each)) for each in authorization.condition_keys(prefix)
        )
    # The provider's domain or, for SAML, its name: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    if authorization.is_service(prefix) or "." in prefix or UNKNOWN in prefix or prefix == "saml":
        return None
    return False


def source_of(key: str) -> str:
    """The page that lists the keys of the same prefix."""
    table = TABLES.get(key.lower().partition(":")[0])
    return table.page if table else TABLES["aws"].page
