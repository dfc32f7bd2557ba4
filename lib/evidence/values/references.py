"""Texts with Terraform's references in them, as they may read once these are known."""

from __future__ import annotations

import re

from lib.evidence.reading import expressions

_ATTRIBUTE = re.compile(r"\.([a-z_]+)\b(?![.(])")
_ACCOUNT, _REGION = "111122223333", "eu-west-1"
SAMPLES = {
    "account_id": _ACCOUNT,
    "partition": "aws",
    "region": _REGION,
    "dns_suffix": "amazonaws.com",
    "arn": f"arn:aws:service:{_REGION}:{_ACCOUNT}:kind/name",
    "domain_name": "name.example.com",
    "dns_name": "name.example.com",
}
"""How an attribute's name ends -> what AWS would put there. All else is an id or a name."""
_OTHER = "name-1a2b"


def is_reference(text: str) -> bool:
    """Whether a text is one expression and nothing else."""
    found = list(expressions(text))
    return len(found) == 1 and text == f"${{{found[0]}}}"


def filled(text: str) -> str:
    """A text with a sample in place of each expression, and `$${` as AWS will read it."""
    for expression in expressions(text):
        text = text.replace(f"${{{expression}}}", _sample(expression), 1)
    return text.replace("$${", "${")


def _sample(expression: str) -> str:
    attributes = _ATTRIBUTE.findall(expression)
    known = (sample for attribute in attributes for ending, sample in SAMPLES.items() if attribute.endswith(ending))
    return next(known, _OTHER)
