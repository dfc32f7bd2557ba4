"""Text of a user's own in a template."""

from __future__ import annotations


def literal(text: str) -> str:
    """The text as Terraform hands it on unchanged: `${PORT}` in a shell command is no expression of Terraform's.

    https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
    """
    return text.replace("${", "$${").replace("%{", "%%{")
