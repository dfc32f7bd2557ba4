"""Nobody is allowed more than AWS lets be told apart, and everything that is allowed can be done.

What AWS lets be told apart is what its service authorization reference says (`authorization`): an action that has types
of resources can be allowed on named ones. Conditions do not make a wide statement a narrow one. Policies whose text
Terraform makes (`data.aws_iam_policy_document`) and those of AWS's own (`managed.POLICIES`) are not seen here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.evidence.policies import authorization
from lib.evidence.policies.arns import PARTS, UNKNOWN, fits, with_unknowns
from lib.evidence.policies.statements import Statement, arn_of, statements
from lib.evidence.structure.permissions import ANY_RESOURCE_KINDS, WIDE_ACTIONS
from lib.evidence.template import Template

_WILD = re.compile("[*?]+")
_NOTHING_BUT_WILD = re.compile("[*?/:]+")


def grants_are_as_narrow_as_aws_lets_them(template: Template) -> list[str]:
    """No statement allows all actions of a service, all but some, or on all resources what AWS can bound to some."""
    return [
        f"{statement.name} {problem}"
        for statement in statements(template)
        if statement.allows
        for problem in (*_wide_actions(statement), *_wide_resources(statement))
    ]


def _wide_actions(statement: Statement) -> Iterator[str]:
    for element in ("NotAction", "NotResource"):
        if element in statement.said:
            yield f"allows all but what {element} names"
    for action in statement.actions:
        is_reviewed = f"{statement.kind} {statement.said.get('Sid')} {action}" in WIDE_ACTIONS
        if _WILD.fullmatch(action.rpartition(":")[2]) and not is_reviewed:
            yield f"allows every action ({action})"


def _wide_resources(statement: Statement) -> Iterator[str]:
    if statement.kind in ANY_RESOURCE_KINDS:
        return
    for resource in statement.resources:
        bounded = sorted(
            action
            for pattern in statement.actions
            for action in authorization.actions(pattern)
            if any(_is_all_of(resource, each) for each in authorization.resource_types(action))
        )
        if bounded:
            yield f"allows {_listed(bounded)} on {resource}, and AWS can bound that to named ones"


def _listed(actions: list[str]) -> str:
    return ", ".join(actions[:3]) + (f" and {len(actions) - 3} more" if len(actions) > 3 else "")


def _is_all_of(resource: str, resource_type: str) -> bool:
    """Whether a resource names no single one of a type, in any account or region."""
    text = with_unknowns(resource)
    if _WILD.fullmatch(text):
        return True
    parts = text.split(":", PARTS - 1)
    if len(parts) < PARTS:
        return False
    return any(
        fits(text.replace(UNKNOWN, "*"), form) and _names_nothing(parts[-1], form)
        for form in authorization.formats(resource_type)
    )


def _names_nothing(last: str, form: str) -> bool:
    """Whether the last part of an ARN is the type at most, and wildcards."""
    fixed = re.split(r"\*|<name>", form.split(":", PARTS - 1)[-1])[0]
    return _NOTHING_BUT_WILD.fullmatch(last.removeprefix(fixed)) is not None


def grants_apply_to_what_they_name(template: Template) -> list[str]:
    """Every action of a statement is one on the resources that the statement names. Of one that is not, AWS takes the
    statement, and then denies the call, or lets pass what was to be denied."""
    return [
        f"{statement.name} says {action} of what it cannot be done to: {', '.join(statement.resources)}"
        for statement in statements(template)
        for action in statement.actions
        if statement.resources and not _applies(action, [arn_of(each) for each in statement.resources])
    ]


def _applies(pattern: str, arns: list[str | None]) -> bool:
    """Whether an action, or one of those that a pattern means, can be done to one of the resources. Yes where that
    cannot be known."""
    known = authorization.actions(pattern)
    if not known or None in arns or "*" in arns:
        return True
    forms = {
        form for each in known for kind in authorization.resource_types(each) for form in authorization.formats(kind)
    }
    return any(fits(arn, form) for arn in arns if arn for form in forms)
