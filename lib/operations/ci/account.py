"""The roles of a pipeline in an account: what is missing is made, what differs is changed, the rest stays.

Each step can be done again. One that AWS refuses ends it, with what was done before in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lib.operations.aws import Aws, Refused
from lib.operations.ci.grants import Block
from lib.operations.ci.place import Place
from lib.operations.ci.policies import (
    AUDIENCE,
    ISSUER,
    PLANNING,
    boundary,
    deploy_policies,
    plan_policies,
    provider_arn,
    text,
    trust,
)

DEPLOY_SECONDS = 2 * 60 * 60
"""How long a deployment may take. A database or a distribution alone can take half an hour."""
PLAN_SECONDS = 60 * 60
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html"""
MOST_VERSIONS = 5
"""Of a managed policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html"""

_MISSING = "NoSuchEntity"
MADE, CHANGED, KEPT, LOOK = "made", "changed", "kept", "look at"


class Step(NamedTuple):
    done: str
    what: str


class Role(NamedTuple):
    """A role of a pipeline, whole."""

    name: str
    trust: Block
    policies: dict[str, Block]
    seconds: int
    description: str


Told = Callable[[Step], object]


def roles(place: Place, repository: str) -> list[Role]:
    environment = place.suffix
    return [
        Role(
            place.deploy_role,
            trust(place, repository, environment),
            deploy_policies(place),
            DEPLOY_SECONDS,
            f"GitHub deploys {place.name}",
        ),
        Role(
            place.plan_role,
            trust(place, repository, environment + PLANNING),
            plan_policies(place),
            PLAN_SECONDS,
            f"GitHub looks what would change in {place.name}",
        ),
    ]


def documents(place: Place, repository: str) -> Block:
    """All of it as one document, for people and programs."""
    chosen = roles(place, repository)
    return {
        "provider": {"Arn": provider_arn(place), "Url": f"https://{ISSUER}", "ClientIDList": [AUDIENCE]},
        "roles": {
            each.name: {
                "AssumeRolePolicyDocument": each.trust,
                "MaxSessionDuration": each.seconds,
                "Policies": list(each.policies),
            }
            for each in chosen
        },
        "policies": {name: policy for each in chosen for name, policy in each.policies.items()}
        | {place.boundary: boundary(place)},
    }


def set_up(aws: Aws, place: Place, repository: str, told: Told) -> None:
    """Sees to it that all of it is there. Raises Refused."""
    chosen = roles(place, repository)
    told(_provider(aws, place))
    policies = {name: policy for each in chosen for name, policy in each.policies.items()}
    for name, policy in {**policies, place.boundary: boundary(place)}.items():
        told(_policy(aws, place, name, policy))
    for role in chosen:
        told(_role(aws, place, role))
        for step in _attachments(aws, place, role):
            told(step)


def _provider(aws: Aws, place: Place) -> Step:
    """Without a thumbprint AWS takes GitHub's certificate authority by itself.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html"""
    arn, what = provider_arn(place), f"identity provider {ISSUER}"
    found = _found(aws, "get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
    if found is None:
        aws.call(
            "iam",
            "create_open_id_connect_provider",
            Url=f"https://{ISSUER}",
            ClientIDList=[AUDIENCE],
            Tags=_tags(place),
        )
        return Step(MADE, what)
    if AUDIENCE not in found["ClientIDList"]:
        # Others may use it for another audience: one more is added.
        aws.call("iam", "add_client_id_to_open_id_connect_provider", OpenIDConnectProviderArn=arn, ClientID=AUDIENCE)
        return Step(CHANGED, what)
    return Step(KEPT, what)


def _policy(aws: Aws, place: Place, name: str, wanted: Block) -> Step:
    arn, what = place.arn("iam", f"policy/{name}"), f"policy {name}"
    found = _found(aws, "get_policy", PolicyArn=arn)
    if found is None:
        aws.call("iam", "create_policy", PolicyName=name, PolicyDocument=text(wanted), Tags=_tags(place))
        return Step(MADE, what)
    default = found["Policy"]["DefaultVersionId"]
    now = aws.call("iam", "get_policy_version", PolicyArn=arn, VersionId=default)["PolicyVersion"]["Document"]
    if now == wanted:
        return Step(KEPT, what)
    versions = aws.call("iam", "list_policy_versions", PolicyArn=arn)["Versions"]
    if len(versions) >= MOST_VERSIONS:
        oldest = min((each for each in versions if not each["IsDefaultVersion"]), key=lambda each: each["CreateDate"])
        aws.call("iam", "delete_policy_version", PolicyArn=arn, VersionId=oldest["VersionId"])
    aws.call("iam", "create_policy_version", PolicyArn=arn, PolicyDocument=text(wanted), SetAsDefault=True)
    return Step(CHANGED, what)


def _role(aws: Aws, place: Place, role: Role) -> Step:
    what = f"role {role.name}"
    found = _found(aws, "get_role", RoleName=role.name)
    if found is None:
        aws.call(
            "iam",
            "create_role",
            RoleName=role.name,
            AssumeRolePolicyDocument=text(role.trust),
            MaxSessionDuration=role.seconds,
            Description=role.description,
            Tags=_tags(place),
        )
        return Step(MADE, what)
    now, done = found["Role"], KEPT
    if now["AssumeRolePolicyDocument"] != role.trust:
        aws.call("iam", "update_assume_role_policy", RoleName=role.name, PolicyDocument=text(role.trust))
        done = CHANGED
    if (now["MaxSessionDuration"], now.get("Description")) != (role.seconds, role.description):
        aws.call(
            "iam",
            "update_role",
            RoleName=role.name,
            MaxSessionDuration=role.seconds,
            Description=role.description,
        )
        done = CHANGED
    return Step(done, what)


def _attachments(aws: Aws, place: Place, role: Role) -> list[Step]:
    """Attaches what is missing. What somebody else gave the role stays: it may be meant, and may be too much."""
    attached = aws.call("iam", "list_attached_role_policies", RoleName=role.name)["AttachedPolicies"]
    inline = aws.call("iam", "list_role_policies", RoleName=role.name)["PolicyNames"]
    wanted = {name: place.arn("iam", f"policy/{name}") for name in role.policies}
    missing = [name for name, arn in wanted.items() if arn not in {each["PolicyArn"] for each in attached}]
    for name in missing:
        aws.call("iam", "attach_role_policy", RoleName=role.name, PolicyArn=wanted[name])
    others = [each["PolicyArn"] for each in attached if each["PolicyArn"] not in wanted.values()] + inline
    return [
        *(Step(MADE, f"attachment of {name} to {role.name}") for name in missing),
        *(Step(LOOK, f"{each}: {role.name} has it too, and not from here") for each in others),
    ]


def _found(aws: Aws, operation: str, **parameters: str) -> Block | None:
    try:
        return aws.call("iam", operation, **parameters)
    except Refused as error:
        if error.code == _MISSING:
            return None
        raise


def _tags(place: Place) -> list[dict[str, str]]:
    """Not those by which the stack's own objects are known: what has them, a pipeline may change."""
    return [{"Key": "ManagedBy", "Value": "make ci-role"}, {"Key": "Deploys", "Value": place.name}]
