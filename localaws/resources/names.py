"""How one thing is spelled by Terraform and by the AWS API: `load_balancer` and `LoadBalancers`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


def plain(name: str) -> str:
    """Without what the two spell differently: case, `_` and `-`."""
    return re.sub(r"[_\-]", "", name).lower()


def spellings(name: str) -> list[str]:
    """Singular and plural: Terraform names a repeated block in the singular, and a list argument as it likes."""
    bare = plain(name)
    plurals = [bare + "s", bare + "es", bare[:-1] + "ies" if bare.endswith("y") else bare]
    return [bare, *plurals, bare[:-1] if bare.endswith("s") else bare]


def endings(kind: str) -> list[str]:
    """The words a member may begin with that its argument leaves out: `name` of aws_iam_role is RoleName."""
    words = kind.removeprefix("aws_").split("_")
    return ["".join(words[start:]) for start in range(len(words))]


def beginnings(block: str) -> list[str]:
    """The same for an argument of a nested block: `name` of `attribute` is AttributeName."""
    words = block.split("_")
    return ["".join(words[:end]) for end in range(len(words), 0, -1)]


def find(names: Iterable[str], name: str, prefixes: Iterable[str] = ()) -> str | None:
    """The one among the API's `names` that is Terraform's `name`."""
    by_plain: Mapping[str, str] = {plain(each): each for each in names}
    wanted = spellings(name)
    for prefix in prefixes:
        wanted += spellings(prefix + plain(name))
    return next((by_plain[each] for each in wanted if each in by_plain), None)
