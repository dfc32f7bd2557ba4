"""No role can raise itself: what it is allowed does not add up to a way to what it is not allowed.

Checked with the published lists in `escalation_methods` (Rhino Security Labs, Datadog's pathfinding.cloud, Prowler),
per role, user and group: all its policies together, inline and attached, of the template and of AWS
(`managed.POLICIES`). A policy that is attached to nobody counts as somebody's. Where the target is a role or a function
of the template, what would be gained is told apart from what is allowed anyway; every other target counts as one that
gains. checkov has 22 of the ways, by cloudsplaining (CKV_AWS_286 to 290), but takes a policy for a table, where in
Terraform's JSON it is a text, and then passes over it without a word (3.3.30); so nothing here relies on it.

Not seen: policies whose text Terraform makes; permissions boundaries, service control policies, and conditions but
iam:PassedToService, all of which can only narrow; what roles outside of the template may do; ways over several roles,
but for their single steps; what may be written into a bucket or a repository that others run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lib.evidence.policies.arns import ACCOUNT, with_unknowns
from lib.evidence.policies.escalation_methods import (
    HANDOVERS,
    MAKES_CREDENTIALS,
    PAGE,
    TAKEOVERS,
    WRITES_PERMISSIONS,
)
from lib.evidence.policies.managed import POLICIES
from lib.evidence.policies.statements import said_in, statements, texts
from lib.evidence.reading import as_list, at, blocks, is_of_tapstack, referred
from lib.evidence.template import Block, Template

_HOLDERS = ("role", "user", "group")
_PASS, _ASSUME = "iam:PassRole", "sts:AssumeRole"
_PASSED_TO = "iam:passedtoservice"
_OWN_POLICY = re.compile(r":iam::aws:policy/(?:[\w-]+/)*(?P<name>[\w-]+)$")
_WILD = re.compile(r"[*?]")


@dataclass
class Holder:
    """Who is allowed something."""

    address: str
    said: list[Block] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Policies of AWS's that it has attached and that nobody has looked at."""

    def grants(self, action: str) -> list[Block]:
        """The statements that allow an action; none where one denies it on everything, whatever the case."""
        if any(_is_denied(each, action) for each in self.said):
            return []
        return [each for each in self.said if each.get("Effect") == "Allow" and _is_about(each, action)]

    def targets(self, action: str) -> list[str]:
        """The resources that an action is allowed on; `*` for all but some."""
        return [each for grant in self.grants(action) for each in _targets(grant)]

    def powers(self) -> set[tuple[str, str]]:
        """All pairs of an action and a resource that the statements spell out."""
        return {
            (action.lower(), resource)
            for each in self.said
            if each.get("Effect") == "Allow"
            for action in texts(each.get("Action", "*"))
            for resource in _targets(each)
        }


def no_role_can_raise_itself(template: Template) -> list[str]:
    """Nobody who is in the template can write permissions, make credentials, or act as a role that may do more."""
    holders = _holders(template)
    # Others have AWS's policies attached that nobody here has read; broad ones `policies_are_narrow` names.
    is_ours = is_of_tapstack(template)
    return [
        f"{holder.address}: {problem}"
        for holder in holders.values()
        for problem in (
            *(_unread(holder) if is_ours else ()),
            *_written(holder),
            *_passed_too_widely(holder),
            *_assumed(holder, holders),
            *_taken_over(holder, holders, template),
            *_handed_over(holder, holders),
        )
    ]


def _holders(template: Template) -> dict[str, Holder]:
    """Address, or name of one that is not in the template -> who is allowed something."""
    found: dict[str, Holder] = {}
    attached: set[str] = set()
    for kind in _HOLDERS:
        for name, block in template.named(f"aws_iam_{kind}").items():
            holder = found.setdefault(f"aws_iam_{kind}.{name}", Holder(f"aws_iam_{kind}.{name}"))
            for inline in as_list(block.get("inline_policy")):
                holder.said += said_in(at(inline, "policy"))
            for arn in texts(block.get("managed_policy_arns")):
                attached |= _attach(template, holder, arn)
        for policy in template.all(f"aws_iam_{kind}_policy"):
            _holder(found, policy.get(kind)).said += said_in(policy.get("policy"))
        for attachment in template.all(f"aws_iam_{kind}_policy_attachment"):
            attached |= _attach(template, _holder(found, attachment.get(kind)), str(attachment.get("policy_arn")))
        for attachment in template.all("aws_iam_policy_attachment"):
            for each in texts(attachment.get(f"{kind}s", [])):
                attached |= _attach(template, _holder(found, each), str(attachment.get("policy_arn")))
    for name, policy in template.named("aws_iam_policy").items():
        if f"aws_iam_policy.{name}" not in attached:
            found[f"aws_iam_policy.{name}"] = Holder(f"aws_iam_policy.{name}", said_in(policy.get("policy")))
    return found


def _holder(found: dict[str, Holder], named: Any) -> Holder:
    address = referred(named) or str(named)
    return found.setdefault(address, Holder(address))


def _attach(template: Template, holder: Holder, arn: str) -> set[str]:
    """The addresses of what was attached."""
    own = _OWN_POLICY.search(arn)
    if own is None:
        address = referred(arn) or ""
        holder.said += said_in(blocks(template).get(address, {}).get("policy"))
        return {address}
    if own["name"] in POLICIES:
        holder.said += POLICIES[own["name"]].statements
    else:
        holder.unread.append(own["name"])
    return set()


def _is_about(statement: Block, action: str) -> bool:
    if "NotAction" in statement:
        return not any(_matches(each, action) for each in texts(statement["NotAction"]))
    return any(_matches(each, action) for each in texts(statement.get("Action")))


def _is_denied(statement: Block, action: str) -> bool:
    is_everywhere = "*" in texts(statement.get("Resource")) and not statement.get("Condition")
    return statement.get("Effect") == "Deny" and is_everywhere and _is_about(statement, action)


@lru_cache(maxsize=65536)
def _matches(pattern: str, action: str) -> bool:
    like = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern.lower())
    return re.fullmatch(like, action.lower()) is not None


def _targets(statement: Block) -> list[str]:
    return ["*"] if "NotResource" in statement else texts(statement.get("Resource"))


def _unread(holder: Holder) -> Iterator[str]:
    for each in holder.unread:
        yield f"has {each} attached, of which nobody has looked at what it allows"


def _written(holder: Holder) -> Iterator[str]:
    for ways, what in ((WRITES_PERMISSIONS, "changes what it or others may do"), (MAKES_CREDENTIALS, "takes on users")):
        found = {action: page for action, page in ways.items() if holder.grants(action)}
        if found:
            yield f"{what} by {', '.join(found)} ({PAGE.format(next(iter(found.values())))})"


def _passed_too_widely(holder: Holder) -> Iterator[str]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""
    for grant in holder.grants(_PASS):
        if any(_WILD.search(with_unknowns(each)) for each in _targets(grant)):
            yield f"passes any role: {_PASS} on {', '.join(_targets(grant))}"
        if not _passed_to(grant):
            yield f"passes a role to any service: {_PASS} without iam:PassedToService"


def _passed_to(grant: Block) -> list[str]:
    """The services that a grant of iam:PassRole is bound to; none where it is not, or to a wildcard."""
    services = [each for key, values in _tests(grant) if key == _PASSED_TO for each in values]
    return [] if any(_WILD.search(each) for each in services) else services


def _assumed(holder: Holder, holders: dict[str, Holder]) -> Iterator[str]:
    for resource in holder.targets(_ASSUME):
        gain = _gain(holder, holders, referred(resource))
        if gain:
            yield f"by {_ASSUME} acts as {resource}, which {gain} ({PAGE.format('sts-001')})"


def _taken_over(holder: Holder, holders: dict[str, Holder], template: Template) -> Iterator[str]:
    for way in TAKEOVERS:
        if all(holder.grants(each) for each in way.needs):
            gains = {_gain(holder, holders, _runs_as(template, each)) for each in holder.targets(way.needs[0])}
            if gain := max(gains, default=""):
                yield f"by {' and '.join(way.needs)} takes over what runs as a role that {gain} ({way.source})"


def _runs_as(template: Template, resource: str) -> str | None:
    """The role of what is taken over, where that is of the template, as functions are."""
    return referred(blocks(template).get(referred(resource) or "", {}).get("role"))


def _handed_over(holder: Holder, holders: dict[str, Holder]) -> Iterator[str]:
    for way in HANDOVERS:
        grants = [each for each in holder.grants(_PASS) if way.to in (_passed_to(each) or [way.to])]
        if grants and all(holder.grants(each) for each in way.needs):
            gains = {_gain(holder, holders, referred(each)) for grant in grants for each in _targets(grant)}
            if gain := max(gains, default=""):
                yield f"by {' and '.join((_PASS, *way.needs))} runs its own work as a role that {gain} ({way.source})"


def _gain(holder: Holder, holders: dict[str, Holder], role: str | None) -> str:
    """What a role may do that a holder may not; nothing for itself or one that may do less."""
    other = holders.get(role or "")
    if other is None:
        return "may do what is not known here"
    more = sorted(other.powers() - holder.powers())
    if not more and not other.unread:
        return ""
    actions = list(dict.fromkeys(action for action, _ in more))
    return f"may also do {', '.join((*actions[:3], *(['more'] if len(actions) > 3 else []), *other.unread))}"


def nobody_else_is_let_in(template: Template) -> list[str]:
    """No role, bucket, topic, queue, key or function is open to another account; no role and no function to anybody, or
    to all whom an identity provider vouches for. Other things that anybody may use are `permissions`' to find."""
    providers = as_list(template.document.get("provider", {}).get("aws", []))
    own = {each for block in providers for each in texts(block.get("allowed_account_ids", []))}
    found = [
        f"{statement.name} lets in {who}"
        for statement in statements(template)
        if statement.allows
        for who in (
            *_others(statement.said.get("Principal"), own, is_trust=statement.argument == "assume_role_policy"),
            *_unbound_identities(statement.said),
        )
    ]
    return found + [
        f"aws_lambda_permission.{name}: lets in {who}"
        for name, permission in template.named("aws_lambda_permission").items()
        for who in _others({"AWS": permission.get("principal")}, own, is_trust=True)
    ]


def _others(principal: Any, own: set[str], *, is_trust: bool) -> Iterator[str]:
    """Other accounts and, where nothing else is looked at for it, everybody."""
    for each in texts(principal.get("AWS", []) if isinstance(principal, dict) else principal):
        account = re.search(rf"(?:^|::)({ACCOUNT})(?:$|:)", each)
        if account and account[1] not in own:
            yield f"account {account[1]}, which is not known to be this one"
        if each == "*" and is_trust:
            yield "anybody"


def _unbound_identities(statement: Block) -> Iterator[str]:
    """A provider vouches for all its users; those of GitHub are everybody's.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
    """
    principal = statement.get("Principal")
    for each in texts(principal.get("Federated", []) if isinstance(principal, dict) else []):
        asked = ":sub" if "oidc-provider/" in each or "openid_connect_provider." in each else ":aud"
        bound = [values for key, values in _tests(statement) if key.endswith(asked) and "*" not in values]
        if not bound:
            yield f"all whom {each} vouches for: {asked} is not asked for"


def _tests(statement: Block) -> Iterator[tuple[str, list[str]]]:
    """Keys, in lower case, with the texts that they have to be like."""
    conditions = statement.get("Condition")
    for operator, tests in conditions.items() if isinstance(conditions, dict) else ():
        if operator.rpartition(":")[2] in ("StringEquals", "StringLike") and isinstance(tests, dict):
            yield from ((key.lower(), texts(values)) for key, values in tests.items())
