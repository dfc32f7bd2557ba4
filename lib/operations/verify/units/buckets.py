"""The buckets: encrypted, closed, by TLS only, and keeping what is overwritten where they should."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.words import expect, expect_in, expect_true, one, statements

UNIT = Unit("buckets", "Buckets", having("bucket_names", "buckets"))

BUCKETS = "bucket_names"
WITHOUT_TLS = {"Bool": {"aws:SecureTransport": "false"}}


@UNIT.each(BUCKETS, what="It is in the stack's region")
def region(stack: Deployment, bucket: str) -> Iterator[str]:
    # us-east-1 is the one that S3 has no name for.
    location = stack.ask("s3", "get_bucket_location", Bucket=_name(stack, bucket)).get("LocationConstraint")
    yield from expect("its region", location or "us-east-1", stack.region)


@UNIT.each(BUCKETS, what="Its objects are encrypted under the stack's key")
def encrypted(stack: Deployment, bucket: str) -> Iterator[str]:
    rule = encryption(stack, _name(stack, bucket))
    default = rule["ApplyServerSideEncryptionByDefault"]
    yield from expect("its encryption", default["SSEAlgorithm"], "aws:kms")
    yield from expect_key(stack, stack.key_of_bucket(bucket), default.get("KMSMasterKeyID"), "its objects")
    yield from expect("BucketKeyEnabled", rule.get("BucketKeyEnabled"), True)


@UNIT.each(BUCKETS, what="What is overwritten can be had back, in production and for the CDN's assets")
def versioned(stack: Deployment, bucket: str) -> Iterator[str]:
    status = stack.ask("s3", "get_bucket_versioning", Bucket=_name(stack, bucket)).get("Status")
    must = stack.is_of_cdn(bucket) or stack.is_production
    yield from expect_in("its versioning", status, ("Enabled",) if must else ("Enabled", "Suspended"))


@UNIT.each(BUCKETS, what="Public access is blocked")
def closed(stack: Deployment, bucket: str) -> Iterator[str]:
    yield from expect_closed(stack, _name(stack, bucket))


@UNIT.each(BUCKETS, what="Objects belong to the bucket's owner")
def ownership(stack: Deployment, bucket: str) -> Iterator[str]:
    answer = stack.ask("s3", "get_bucket_ownership_controls", Bucket=_name(stack, bucket))
    rule = one(answer["OwnershipControls"]["Rules"], "rule of ownership")
    yield from expect("who owns objects", rule["ObjectOwnership"], "BucketOwnerEnforced")


@UNIT.each(BUCKETS, what="It is reached by TLS only")
def tls(stack: Deployment, bucket: str) -> Iterator[str]:
    name = _name(stack, bucket)
    refusals = [each for each in policy(stack, name) if each["Effect"] == "Deny"]
    for_all = [each for each in refusals if each.get("Condition") == WITHOUT_TLS and _is_anything(each)]
    resources = {resource.partition(":::")[2] for each in for_all for resource in each["Resource"]}
    yield from expect("what nobody gets without TLS", resources, {name, f"{name}/*"})


@UNIT.each(BUCKETS, what="Its policy lets in the CDN's distribution, and nobody else")
def policy_lets_in(stack: Deployment, bucket: str) -> Iterator[str]:
    found = policy(stack, _name(stack, bucket))
    allowed = [(each["Principal"], each.get("Condition")) for each in found if each["Effect"] == "Allow"]
    distribution = {"StringEquals": {"aws:SourceArn": stack.outputs.get("cdn_distribution_arn")}}
    expected = [({"Service": "cloudfront.amazonaws.com"}, distribution)] * 2 if stack.is_of_cdn(bucket) else []
    yield from expect("who is let in", allowed, expected)


@UNIT.each(BUCKETS, what="Leftovers are cleared away: old versions, and uploads that never ended")
def lifecycle(stack: Deployment, bucket: str) -> Iterator[str]:
    answer = stack.ask("s3", "get_bucket_lifecycle_configuration", Bucket=_name(stack, bucket))
    rule = one(answer["Rules"], "rule of clearing away")
    yield from expect("the state of the rule", rule["Status"], "Enabled")
    days = rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation", 0)
    yield from expect_true(days >= 1, "uploads that never ended stay")
    days = rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 0)
    yield from expect_true(days >= 1, "old versions stay")


@UNIT.check("All that use tables and buckets are told of the stack's own")
def told(stack: Deployment) -> Iterator[str]:
    own = {*stack.all("table_names").values(), *stack.all("bucket_names").values()}
    for target, variables in stack.environments():
        for variable, value in variables.items():
            if variable.endswith(("_TABLE", "_BUCKET")) and value not in own:
                yield f"{variable} of {target} is {value}, which is none of the stack's"


def encryption(stack: Deployment, name: str) -> Block:
    answer = stack.ask("s3", "get_bucket_encryption", Bucket=name)
    return one(answer["ServerSideEncryptionConfiguration"]["Rules"], "rule of encryption")


def expect_closed(stack: Deployment, name: str) -> Iterator[str]:
    block = stack.ask("s3", "get_public_access_block", Bucket=name)["PublicAccessBlockConfiguration"]
    yield from expect("the number of its barriers", len(block), 4)
    for barrier, is_up in block.items():
        yield from expect(barrier, is_up, True)


def policy(stack: Deployment, name: str) -> list[Block]:
    return statements(stack.ask("s3", "get_bucket_policy", Bucket=name)["Policy"])


def _is_anything(statement: Block) -> bool:
    asked = (statement["Principal"], statement["Action"])
    return asked in [("*", ["s3:*"]), ("*", "s3:*"), ({"AWS": "*"}, "s3:*")]


def _name(stack: Deployment, bucket: str) -> str:
    return str(stack["bucket_names"][bucket])
