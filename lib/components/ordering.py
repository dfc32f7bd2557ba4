"""What must be there first where no argument says so: routes, open ports, whatever else is only used at run time."""

from __future__ import annotations

from collections.abc import Iterable

from cdktf import Fn, TerraformResource, Token
from constructs import Construct


def start_after(resource: TerraformResource, constructs: Iterable[Construct]) -> None:
    """`resource` is made after every resource in `constructs`, and goes before the first of them does."""
    addresses = [
        f"{child.terraform_resource_type}.{child.friendly_unique_id}"
        for construct in constructs
        for child in construct.node.find_all()
        if isinstance(child, TerraformResource)
    ]
    resource.depends_on = [*(resource.depends_on or ()), *addresses]


def once_there(value: str, ids: Iterable[str]) -> str:
    """The value, for which whoever uses it waits for the resources of these ids too.

    The function hands on the first argument; that the others are named is what makes Terraform wait.
    """
    return Token.as_string(Fn.element([value, *ids], 0))
