"""The bucket of the state: what it is made to be, what is left alone, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lib.operations import state_bucket
from lib.operations.aws import Refused
from lib.operations.ending import FOUND, OK, UNUSABLE, Stop
from lib.operations.state_bucket import PARTS, TAGS, bootstrapped, lacking, named, state_bootstrap
from tests.unit.operations.fake_aws import FakeAws
from tests.unit.operations.fake_terraform import Small, small

_ACCOUNT = "111122223333"
_ABSENT: dict[str, Any] = {part.get: part.absent or {} for part in PARTS}
"""Of a bucket that was made by hand."""


def stack(folder: Path, bucket: str) -> Small:
    return small(folder, {}, backend={"s3": {"bucket": bucket}})


@pytest.fixture
def states(tmp_path: Path) -> Small:
    return stack(tmp_path, "states")


def account(region: str = "eu-west-1", partition: str = "aws", **answers: Any) -> FakeAws:
    aws = FakeAws(region)
    caller = {"Account": _ACCOUNT, "Arn": f"arn:{partition}:sts::{_ACCOUNT}:assumed-role/ann/1"}
    aws.says("sts get_caller_identity", caller)
    aws.says("s3 head_bucket", {"BucketRegion": region})
    aws.says("s3 create_bucket", {})
    for part in PARTS:
        aws.says(f"s3 {part.put}", {})
    for get, answer in (_ABSENT | answers).items():
        aws.says(f"s3 {get}", answer)
    return aws


def made(aws: FakeAws, part: str) -> dict[str, Any]:
    """What was sent for a part."""
    (sent,) = aws.of(f"s3 {part}")
    return sent


def right(states: Small) -> FakeAws:
    """With a bucket as it is made here."""
    new = account()
    bootstrapped(states, new, check=False)
    sent = {part.put: made(new, part.put) for part in PARTS}
    return account(
        get_bucket_versioning=sent["put_bucket_versioning"]["VersioningConfiguration"],
        get_bucket_encryption=sent["put_bucket_encryption"],
        get_bucket_ownership_controls=sent["put_bucket_ownership_controls"],
        get_public_access_block=sent["put_public_access_block"],
        get_bucket_policy=sent["put_bucket_policy"],
        get_bucket_lifecycle_configuration=sent["put_bucket_lifecycle_configuration"]["LifecycleConfiguration"],
        get_bucket_tagging=sent["put_bucket_tagging"]["Tagging"],
    )


def changes(aws: FakeAws) -> list[str]:
    return [asked for asked, _ in aws.asked if asked.startswith(("s3 put", "s3 create"))]


# ---- making


def test_a_new_bucket_is_made_in_its_region(states: Small) -> None:
    aws = account()
    aws.says("s3 head_bucket", "404")
    assert bootstrapped(states, aws, check=False) == OK
    assert made(aws, "create_bucket") == {
        "Bucket": "states",
        "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"},
    }


def test_in_us_east_1_it_is_made_without_saying_where(states: Small) -> None:
    aws = account("us-east-1")
    aws.says("s3 head_bucket", "404")
    bootstrapped(states, aws, check=False)
    assert made(aws, "create_bucket") == {"Bucket": "states"}


def test_each_part_is_set_in_our_account_alone_and_said(capsys: pytest.CaptureFixture[str], states: Small) -> None:
    aws = account()
    bootstrapped(states, aws, check=False)
    assert [made(aws, part.put)["ExpectedBucketOwner"] for part in PARTS] == [_ACCOUNT] * len(PARTS)
    assert capsys.readouterr().out.splitlines() == [
        "states in eu-west-1, account 111122223333",
        "  made so: old versions are kept",
        "  made so: objects are encrypted",
        "  made so: ACLs are off: all objects are the bucket's owner's",
        "  made so: nothing is public",
        "  made so: only TLS is answered",
        "  made so: old versions go after 90 days, uploads that were given up after 7",
        "  made so: tags say what it is for",
    ]


def test_old_versions_are_kept_and_go_at_last(states: Small) -> None:
    aws = account()
    bootstrapped(states, aws, check=False)
    assert made(aws, "put_bucket_versioning")["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = made(aws, "put_bucket_lifecycle_configuration")["LifecycleConfiguration"]["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_nothing_is_public_and_only_tls_is_answered(states: Small) -> None:
    aws = account(partition="aws-cn")
    bootstrapped(states, aws, check=False)
    assert set(made(aws, "put_public_access_block")["PublicAccessBlockConfiguration"].values()) == {True}
    (statement,) = json.loads(made(aws, "put_bucket_policy")["Policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == ["arn:aws-cn:s3:::states", "arn:aws-cn:s3:::states/*"]


def test_a_bucket_that_is_right_is_left_alone(capsys: pytest.CaptureFixture[str], states: Small) -> None:
    aws = right(states)
    capsys.readouterr()
    assert bootstrapped(states, aws, check=False) == OK
    assert changes(aws) == []
    assert capsys.readouterr().out.count("  was so: ") == len(PARTS)


def test_what_others_have_added_stays(states: Small) -> None:
    theirs = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"}
    rule = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "x"}, "Expiration": {"Days": 1}}
    aws = account(
        get_bucket_policy={"Policy": json.dumps({"Version": "2012-10-17", "Statement": theirs})},
        get_bucket_lifecycle_configuration={"Rules": [rule]},
        get_bucket_tagging={"TagSet": [{"Key": "Team", "Value": "platform"}]},
    )
    bootstrapped(states, aws, check=False)
    assert json.loads(made(aws, "put_bucket_policy")["Policy"])["Statement"][0] == theirs
    assert made(aws, "put_bucket_lifecycle_configuration")["LifecycleConfiguration"]["Rules"][0] == rule
    tags = {each["Key"]: each["Value"] for each in made(aws, "put_bucket_tagging")["Tagging"]["TagSet"]}
    assert tags == TAGS | {"Team": "platform"}


def test_what_was_weakened_is_put_right_once(states: Small) -> None:
    weak = {"Sid": "OnlyTls", "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    short = {"ID": "old-versions", "Status": "Disabled", "Filter": {"Prefix": ""}}
    aws = account(
        get_bucket_policy={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [weak]})},
        get_bucket_lifecycle_configuration={"Rules": [short]},
    )
    bootstrapped(states, aws, check=False)
    assert len(json.loads(made(aws, "put_bucket_policy")["Policy"])["Statement"]) == 1
    assert len(made(aws, "put_bucket_lifecycle_configuration")["LifecycleConfiguration"]["Rules"]) == 1


@pytest.mark.parametrize("algorithm", ["AES256", "aws:kms", "aws:kms:dsse"])
def test_whatever_it_is_encrypted_with_stays(algorithm: str, states: Small) -> None:
    rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]
    aws = account(get_bucket_encryption={"ServerSideEncryptionConfiguration": {"Rules": rules}})
    bootstrapped(states, aws, check=False)
    assert aws.of("s3 put_bucket_encryption") == []


# ---- only looking


def test_a_check_changes_nothing_and_says_what_is_not_so(capsys: pytest.CaptureFixture[str], states: Small) -> None:
    aws = account(get_bucket_versioning={"Status": "Enabled"})
    assert bootstrapped(states, aws, check=True) == FOUND
    assert changes(aws) == []
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "  was so: old versions are kept",
        "  is not so: objects are encrypted",
    ]


def test_a_check_of_a_bucket_that_is_right_finds_nothing(states: Small) -> None:
    assert bootstrapped(states, right(states), check=True) == OK


def test_a_check_of_a_bucket_that_is_not_there_says_so(capsys: pytest.CaptureFixture[str], states: Small) -> None:
    aws = account()
    aws.says("s3 head_bucket", "404")
    assert bootstrapped(states, aws, check=True) == FOUND
    assert changes(aws) == []
    assert capsys.readouterr().out.endswith("  is not there: `make state-bootstrap` makes it\n")


def test_what_is_lacking_is_to_be_had_as_words(states: Small) -> None:
    assert lacking(right(states), "states") == []
    assert lacking(account(get_bucket_versioning={"Status": "Enabled"}), "states")[0] == "objects are encrypted"


# ---- refusals


@pytest.mark.parametrize("code", ["403", "AccessDenied"])
def test_a_bucket_of_another_account_is_refused(code: str, states: Small) -> None:
    aws = account()
    aws.says("s3 head_bucket", code)
    with pytest.raises(Stop, match="another account's") as stop:
        bootstrapped(states, aws, check=False)
    assert (stop.value.code, changes(aws)) == (UNUSABLE, [])


def test_a_name_that_another_account_took_meanwhile_is_refused(states: Small) -> None:
    aws = account()
    aws.says("s3 head_bucket", "404")
    aws.says("s3 create_bucket", "BucketAlreadyExists")
    with pytest.raises(Stop, match="another account's"):
        bootstrapped(states, aws, check=False)


def test_a_bucket_that_we_made_meanwhile_is_ours(states: Small) -> None:
    aws = account()
    aws.says("s3 head_bucket", "404")
    aws.says("s3 create_bucket", "BucketAlreadyOwnedByYou")
    assert bootstrapped(states, aws, check=False) == OK


@pytest.mark.parametrize("question", ["head_bucket", "create_bucket", "get_bucket_tagging", "get_bucket_versioning"])
def test_any_other_refusal_is_told(question: str, states: Small) -> None:
    aws = account()
    aws.says("s3 head_bucket", "NoSuchBucket")
    aws.says(f"s3 {question}", "SlowDown")
    with pytest.raises(Refused, match="SlowDown"):
        bootstrapped(states, aws, check=False)


def test_a_bucket_in_another_region_is_refused_with_what_to_set(states: Small) -> None:
    aws = account()
    aws.says("s3 head_bucket", {"BucketRegion": "sa-east-1"})
    with pytest.raises(Stop, match=r"set TERRAFORM_STATE_BUCKET_REGION=sa-east-1$") as stop:
        bootstrapped(states, aws, check=False)
    assert stop.value.code == UNUSABLE


@pytest.mark.parametrize(
    "name",
    [
        *("ab", "a" * 64, "States", "my_states", "-states", "states-", "my..states", "10.0.0.1", "a/b"),
        *("xn--a", "sthree-a", "amzn-s3-demo-a", "a-s3alias", "a--ol-s3", "a.mrap", "a--x-s3", "a--table-s3"),
    ],
)
def test_a_name_that_no_bucket_can_have_is_refused_with_the_rule(name: str, tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"which no bucket can be called\. A name: 3 to 63 lower-case letters") as stop:
        named(stack(tmp_path, name))
    assert stop.value.code == UNUSABLE


@pytest.mark.parametrize("name", ["abc", "a" * 63, "my.states-1", "1.states"])
def test_any_other_name_is_taken(name: str, tmp_path: Path) -> None:
    assert named(stack(tmp_path, name)) == name


def test_without_a_name_it_is_said_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="TERRAFORM_STATE_BUCKET names no bucket"):
        named(small(tmp_path, {}))


# ---- the word


def test_the_word_takes_the_bucket_of_the_environment(monkeypatch: pytest.MonkeyPatch, states: Small) -> None:
    aws = right(states)
    monkeypatch.setattr(state_bucket, "chosen_stack", lambda: states)
    monkeypatch.setattr(state_bucket, "Aws", lambda region: aws if region == "eu-west-1" else None)
    assert state_bootstrap(check=True) == OK
