"""The template of a stack, or of a few components."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Self, cast

from cdktf import App, TerraformStack, Testing
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from lib.evidence import template
from lib.evidence.template import Block


class Template(template.Template):
    """A template that is synthesized for a test."""

    @classmethod
    def of(cls, stack: TerraformStack) -> Self:
        """The stack's template, after its validations ran."""
        return cls.of_text(Testing.synth(stack, True))

    @classmethod
    def of_components(cls, build: Callable[[Construct], object]) -> Self:
        """The template of a stack with a provider and what `build` puts into it."""
        stack = TerraformStack(Testing.app(context={"excludeStackIdFromLogicalIds": True}), "test")
        AwsProvider(stack, "aws", region="eu-west-1")
        build(stack)
        return cls.of(stack)


def statements(policy: str) -> list[Block]:
    """The statements of a policy document."""
    return cast(list[Block], json.loads(policy)["Statement"])


__all__ = ["App", "Block", "Template", "statements"]
