"""The permissions boundary of roles: for accounts where who deploys may not make a role without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdktf_cdktf_provider_aws.iam_role import IamRole

if TYPE_CHECKING:
    from lib.tap_stack import TapStack


def bound_roles(stack: TapStack) -> None:
    """Gives every role of the stack the boundary that its settings name.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    name = stack.settings.permissions_boundary
    if name is None:
        return
    for each in stack.node.find_all():
        if isinstance(each, IamRole):
            each.permissions_boundary = stack.account.arn("iam", f"policy/{name}", region="")
