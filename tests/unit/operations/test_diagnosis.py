"""What Terraform's errors mean, in the words that it, its backend and AWS's provider have for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.evidence.terraform import Problem
from lib.operations.diagnosis import Failed, Lock, failed, told
from lib.operations.ending import FOUND, UNREACHABLE, UNUSABLE

_FOLDER = Path("cdktf.out/stacks/TapStackdev")
_LOCKED = Problem(
    "Error acquiring the state lock",
    """Error message: operation error S3: PutObject, https response error StatusCode: 412, RequestID: 1, HostID: 2, \
api error PreconditionFailed: At least one of the pre-conditions you specified did not hold
Lock Info:
  ID:        0b4ef33c-0de9-2c39-d1ea-8a1fd1d2a1a8
  Path:      states/catalog/dev/TapStackdev.tfstate
  Operation: OperationTypeApply
  Who:       ann@build-7
  Version:   1.11.4
  Created:   2026-11-24 17:33:13.816172 +0000 UTC
  Info:      \n\n
Terraform acquires a state lock to protect the state from being written
by multiple users at the same time.""",
)
_SAID = {
    "no bucket": (
        Problem('Failed to get existing workspaces: S3 bucket "states" does not exist.\n\nThe referenced'),
        "`make state-bootstrap` makes it",
        UNUSABLE,
    ),
    "bucket elsewhere": (
        Problem('requested bucket from "eu-west-1", actual location "sa-east-1"'),
        "set TERRAFORM_STATE_BUCKET_REGION=sa-east-1",
        UNUSABLE,
    ),
    "stale plan": (
        Problem("Saved plan is stale", "The given plan file can no longer be applied because the state was changed"),
        "Somebody else has changed the stack since the plan was shown",
        FOUND,
    ),
    "expired": (
        Problem("validating provider credentials", "api error ExpiredToken: The security token is expired"),
        "AWS does not take these credentials (ExpiredToken)",
        UNREACHABLE,
    ),
    "none": (Problem("No valid credential sources found", "Please see"), "There are no credentials", UNREACHABLE),
    "denied": (
        Problem("creating VPC", "UnauthorizedOperation: You are not authorized to perform: ec2:CreateVpc on"),
        "Missing permission: ec2:CreateVpc",
        UNREACHABLE,
    ),
    "denied without a word": (
        Problem("reading", "api error AccessDenied: Access Denied"),
        "AWS denies it.",
        UNREACHABLE,
    ),
    "denied without a body": (
        Problem("Error refreshing state", "StatusCode: 403, RequestID: , HostID: , api error Forbidden: Forbidden"),
        "AWS denies it.",
        UNREACHABLE,
    ),
    "nobody there": (Problem("dial tcp: lookup sts.amazonaws.com: no such host"), "cannot be reached", UNREACHABLE),
}


def failure(*problems: Problem) -> Failed:
    return failed("TapStackdev: terraform plan", problems, _FOLDER)


@pytest.mark.parametrize("name", _SAID)
def test_it_is_told_what_it_means_and_ends_with_that_code(name: str) -> None:
    problem, words, code = _SAID[name]
    assert words in str(failure(problem)).splitlines()[-1]
    assert failure(problem).code == code


def test_what_is_not_known_is_told_as_it_is() -> None:
    problem = Problem("InvalidParameterValue: no", address="aws_vpc.one")
    assert str(failure(problem)) == "TapStackdev: terraform plan failed:\naws_vpc.one: InvalidParameterValue: no"
    assert failure(problem).code == FOUND


def test_a_meaning_is_told_once() -> None:
    problem = _SAID["expired"][0]
    assert len(told([problem, problem])) == 1


def test_whose_lock_it_is_is_told_with_what_to_type() -> None:
    assert str(failure(_LOCKED)) == (
        "TapStackdev: terraform plan: not now.\n"
        "The state is locked by ann@build-7 since 2026-11-24 17:33:13.816172 +0000 UTC (OperationTypeApply), lock ID "
        "0b4ef33c-0de9-2c39-d1ea-8a1fd1d2a1a8.\n"
        "If that still runs, wait for its end and run this again. If it does not, and only then:\n"
        "  terraform -chdir=cdktf.out/stacks/TapStackdev force-unlock 0b4ef33c-0de9-2c39-d1ea-8a1fd1d2a1a8"
    )


def test_the_lock_is_to_be_had_from_the_failure() -> None:
    assert failure(_LOCKED).lock == Lock(
        "0b4ef33c-0de9-2c39-d1ea-8a1fd1d2a1a8",
        "ann@build-7",
        "2026-11-24 17:33:13.816172 +0000 UTC",
        "OperationTypeApply",
    )


def test_a_lock_that_could_not_be_had_for_another_reason_is_no_ones() -> None:
    problem = Problem("Error acquiring the state lock", "Error message: api error AccessDenied: Access Denied")
    assert failure(problem).lock is None
    assert failure(problem).code == UNREACHABLE
