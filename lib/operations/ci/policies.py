"""The documents of a pipeline's roles: who may take them, what they allow, and what bounds the roles of the stack."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from lib.evidence.policies.managed import POLICIES
from lib.operations.ci.grants import ANY, BOUNDARY, READS, WRITES, Block, Grant, conditions
from lib.operations.ci.place import Place

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
"""https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws"""
PLANNING = "-plan"
"""What ends the name of the GitHub environment that may only ask: nobody has to approve what runs in it."""

LONGEST_DOCUMENT = 6144
"""Characters of a managed policy, white space left out.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
MOST_ATTACHED = 10
"""Managed policies of a role, as the quota is in an account that never raised it. The same page."""

_GLOBAL_BY_ZONE = "of_the_zones"


def trust(place: Place, repository: str, environment: str) -> Block:
    """A role's trust policy: the jobs of one repository that run in one of its environments.

    repository: as GitHub writes it in the subject of a token: `owner/name`, or `owner@1/name@2` with their numbers.
    """
    return _document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider_arn(place)},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {
                        f"{ISSUER}:aud": AUDIENCE,
                        f"{ISSUER}:sub": f"repo:{repository}:environment:{environment}",
                    }
                },
            }
        ]
    )


def provider_arn(place: Place) -> str:
    return place.arn("iam", f"oidc-provider/{ISSUER}")


def plan_policies(place: Place) -> dict[str, Block]:
    """Name -> document of what the role that only asks has attached."""
    return {place.policy(group): document(place, grants) for group, grants in READS.items()}


def deploy_policies(place: Place) -> dict[str, Block]:
    """The same of the role that deploys."""
    return plan_policies(place) | {place.policy(group): document(place, grants) for group, grants in WRITES.items()}


def boundary(place: Place) -> Block:
    """The permissions boundary of the stack's roles. Of AWS's own policies it lets all that they allow pass."""
    of_aws = [
        {**each, "Resource": each["Resource"].replace("arn:aws:", f"arn:{place.partition}:")}
        for known in POLICIES.values()
        for each in known.statements
    ]
    return _document([*_statements(place, BOUNDARY), *of_aws])


def document(place: Place, grants: Iterable[Grant]) -> Block:
    return _document(_statements(place, grants))


def text(policy: Block) -> str:
    """As IAM is given it."""
    return json.dumps(policy, separators=(",", ":"))


def _document(statements: Iterable[Block]) -> Block:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statements(place: Place, grants: Iterable[Grant]) -> Iterator[Block]:
    known, patterns = conditions(place), place.patterns()
    for grant in grants:
        if grant.when == _GLOBAL_BY_ZONE and not place.zones:
            continue
        service, _, names = grant.actions.partition(":")
        statement: Block = {
            "Effect": "Allow",
            "Action": [f"{service}:{name}" for name in names.split()],
            "Resource": [_arn(service, each, patterns) for each in grant.on.split()] if grant.on != ANY else ANY,
        }
        yield statement | ({"Condition": known[grant.when]} if grant.when else {})


def _arn(service: str, pattern: str, patterns: dict[str, str]) -> str:
    whole = pattern if pattern.startswith("arn:") else f"arn:{{partition}}:{service}:{{region}}:{{account}}:{pattern}"
    return re.sub(r"\{(\w+)\}", lambda found: patterns[found[1]], whole)
