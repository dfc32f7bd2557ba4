"""`make state-bootstrap`: the bucket that Terraform keeps the states of stacks in, as it should be.

Which one it is TERRAFORM_STATE_BUCKET and TERRAFORM_STATE_BUCKET_REGION say. A part that is right is left alone, so it
can be run again at any time; what others have added to policy, lifecycle and tags stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from lib.operations.aws import Aws, Block, Refused
from lib.operations.chosen import ChosenStack, chosen_stack
from lib.operations.ending import FOUND, OK, UNUSABLE, Stop
from lib.operations.printing import put

OLD_VERSION_DAYS = 90
"""After that a state that was overwritten goes."""
INCOMPLETE_UPLOAD_DAYS = 7
TAGS = {"ManagedBy": "state-bootstrap", "Purpose": "terraform-state"}

_OUTSIDE_ALL_REGIONS = "us-east-1"
"""The one region that CreateBucket takes no LocationConstraint for.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_BEGINNINGS = ("xn--", "sthree-", "amzn-s3-demo-")
_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_RULE = (
    "3 to 63 lower-case letters, digits, hyphens and single dots, a letter or digit at either end, no IP address, not "
    f"beginning with {', '.join(_BEGINNINGS)} nor ending in {', '.join(_ENDS)}"
)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
_POLICY_ID = "OnlyTls"
_LIFECYCLE_ID = "old-versions"


@dataclass(frozen=True)
class Bucket:
    """One that is there, and ours."""

    name: str
    account: str
    arn: str


@dataclass(frozen=True)
class Part:
    """Something that has to be so of the bucket."""

    what: str
    get: str
    """The question for it."""
    absent: str
    """AWS's code where there is nothing of it; empty where there is always an answer."""
    right: Callable[[Block, Bucket], Block | None]
    """From the answer, and the bucket: what to send to have it right. None where it is."""
    put: str


def state_bootstrap(
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; end with 1 if something is not so.")] = False,
) -> int:
    """Make the bucket of Terraform's state, or bring an existing one to what it should be.

    Exit code: 0; 1 if --check finds something; 2 for a bucket that cannot be used; 3 when AWS cannot be asked or denies
    it.
    """
    stack = chosen_stack()
    return bootstrapped(stack, Aws(stack.state_bucket_region), check=check)


def bootstrapped(stack: ChosenStack, aws: Aws, *, check: bool) -> int:
    """The exit code, once it is so and said. Raises Stop and Refused."""
    name = named(stack)
    bucket = _bucket(aws, name)
    is_there = exists(aws, name)
    put(f"{name} in {aws.region}, account {bucket.account}\n")
    if not is_there:
        if check:
            put("  is not there: `make state-bootstrap` makes it\n")
            return FOUND
        _create(aws, name)
        put("  made\n")
    found = OK
    for part, to_send in _parts(aws, bucket):
        if to_send is None:
            put(f"  was so: {part.what}\n")
        elif check:
            put(f"  is not so: {part.what}\n")
            found = FOUND
        else:
            aws.call("s3", part.put, Bucket=name, ExpectedBucketOwner=bucket.account, **to_send)
            put(f"  made so: {part.what}\n")
    return found


def named(stack: ChosenStack) -> str:
    """The bucket that is asked for. Raises Stop for none, and for a name that no bucket can have."""
    bucket = stack.state_bucket
    if bucket is None:
        raise Stop(f"TERRAFORM_STATE_BUCKET names no bucket. A name: {_RULE}.", UNUSABLE)
    is_name = _NAME.fullmatch(bucket) and not _ADDRESS.fullmatch(bucket)
    if not is_name or bucket.startswith(_BEGINNINGS) or bucket.endswith(_ENDS):
        raise Stop(f"TERRAFORM_STATE_BUCKET is {bucket!r}, which no bucket can be called. A name: {_RULE}.", UNUSABLE)
    return bucket


def exists(aws: Aws, bucket: str) -> bool:
    """Whether the bucket is there, and ours. Raises Stop where it is somebody else's, or in another region."""
    try:
        answer = aws.call("s3", "head_bucket", Bucket=bucket)
    except Refused as error:
        if error.code in ("404", "NoSuchBucket"):
            return False
        if error.code in ("403", "AccessDenied"):
            raise _foreign(bucket) from None
        raise
    region = answer.get("BucketRegion", aws.region)
    if region != aws.region:
        raise Stop(
            f"the bucket {bucket} is in {region}, not in {aws.region}: set TERRAFORM_STATE_BUCKET_REGION={region}",
            UNUSABLE,
        )
    return True


def lacking(aws: Aws, name: str) -> list[str]:
    """What is not so of a bucket that is there, in words. Raises Refused."""
    return [part.what for part, to_send in _parts(aws, _bucket(aws, name)) if to_send is not None]


def _bucket(aws: Aws, name: str) -> Bucket:
    caller = aws.ask("sts", "get_caller_identity")
    partition = caller["Arn"].split(":")[1]
    return Bucket(name, caller["Account"], f"arn:{partition}:s3:::{name}")


def _create(aws: Aws, bucket: str) -> None:
    where = {"LocationConstraint": aws.region}
    options: Block = {} if aws.region == _OUTSIDE_ALL_REGIONS else {"CreateBucketConfiguration": where}
    try:
        aws.call("s3", "create_bucket", Bucket=bucket, **options)
    except Refused as error:
        if error.code == "BucketAlreadyExists":
            raise _foreign(bucket) from None
        # Two at once: the other one has made it.
        if error.code != "BucketAlreadyOwnedByYou":
            raise


def _foreign(bucket: str) -> Stop:
    return Stop(
        f"the bucket {bucket} is there and not to be looked at: it is another account's, as names of buckets are "
        "unique in the world, or the permission s3:ListBucket is missing. TERRAFORM_STATE_BUCKET names another one.",
        UNUSABLE,
    )


def _parts(aws: Aws, bucket: Bucket) -> Iterator[tuple[Part, Block | None]]:
    """Each part, and what to send for it if it is not right."""
    for part in PARTS:
        try:
            answer = aws.call("s3", part.get, Bucket=bucket.name, ExpectedBucketOwner=bucket.account)
        except Refused as error:
            if not part.absent or error.code != part.absent:
                raise
            answer = {}
        yield part, part.right(answer, bucket)


def _versioning(answer: Block, _: Bucket) -> Block | None:
    return None if answer.get("Status") == "Enabled" else {"VersioningConfiguration": {"Status": "Enabled"}}


def _encryption(answer: Block, _: Bucket) -> Block | None:
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    if any(rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm") for rule in rules):
        return None
    # With `encrypt` Terraform asks for this one itself, whatever the bucket's own is.
    # https://developer.hashicorp.com/terraform/language/backend/s3#encrypt
    return {
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        }
    }


def _public_access(answer: Block, _: Bucket) -> Block | None:
    wanted = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    is_so = answer.get("PublicAccessBlockConfiguration") == wanted
    return None if is_so else {"PublicAccessBlockConfiguration": wanted}


def _ownership(answer: Block, _: Bucket) -> Block | None:
    rules = [{"ObjectOwnership": "BucketOwnerEnforced"}]
    return (
        None if answer.get("OwnershipControls", {}).get("Rules") == rules else {"OwnershipControls": {"Rules": rules}}
    )


def _policy(answer: Block, bucket: Bucket) -> Block | None:
    document: dict[str, Any] = json.loads(answer.get("Policy", '{"Version": "2012-10-17", "Statement": []}'))
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    wanted = {
        "Sid": _POLICY_ID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket.arn, f"{bucket.arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    if wanted in statements:
        return None
    others = [each for each in statements if each.get("Sid") != _POLICY_ID]
    return {"Policy": json.dumps(document | {"Statement": [*others, wanted]})}


def _lifecycle(answer: Block, _: Bucket) -> Block | None:
    rules = answer.get("Rules", [])
    wanted = {
        "ID": _LIFECYCLE_ID,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        # Each lock that is given back leaves a marker.
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "NoncurrentVersionExpiration": {"NoncurrentDays": OLD_VERSION_DAYS},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": INCOMPLETE_UPLOAD_DAYS},
    }
    if wanted in rules:
        return None
    others = [each for each in rules if each.get("ID") != _LIFECYCLE_ID]
    return {"LifecycleConfiguration": {"Rules": [*others, wanted]}}


def _tags(answer: Block, _: Bucket) -> Block | None:
    found = {each["Key"]: each["Value"] for each in answer.get("TagSet", [])}
    if found == found | TAGS:
        return None
    return {"Tagging": {"TagSet": [{"Key": key, "Value": value} for key, value in (found | TAGS).items()]}}


PARTS = [
    Part("old versions are kept", "get_bucket_versioning", "", _versioning, "put_bucket_versioning"),
    Part(
        "objects are encrypted",
        "get_bucket_encryption",
        "ServerSideEncryptionConfigurationNotFoundError",
        _encryption,
        "put_bucket_encryption",
    ),
    Part(
        "ACLs are off: all objects are the bucket's owner's",
        "get_bucket_ownership_controls",
        "OwnershipControlsNotFoundError",
        _ownership,
        "put_bucket_ownership_controls",
    ),
    Part(
        "nothing is public",
        "get_public_access_block",
        "NoSuchPublicAccessBlockConfiguration",
        _public_access,
        "put_public_access_block",
    ),
    Part("only TLS is answered", "get_bucket_policy", "NoSuchBucketPolicy", _policy, "put_bucket_policy"),
    Part(
        f"old versions go after {OLD_VERSION_DAYS} days, uploads that were given up after {INCOMPLETE_UPLOAD_DAYS}",
        "get_bucket_lifecycle_configuration",
        "NoSuchLifecycleConfiguration",
        _lifecycle,
        "put_bucket_lifecycle_configuration",
    ),
    Part("tags say what it is for", "get_bucket_tagging", "NoSuchTagSet", _tags, "put_bucket_tagging"),
]
