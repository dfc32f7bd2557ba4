"""What a component hands out, read back from the template: there a token has become the reference it stands for."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from cdktf import TerraformOutput
from constructs import Construct

from lib.components.policy import Statement
from tests.template import Template


def expose(scope: Construct, **values: object) -> None:
    """Puts each value into the template, under its name."""
    for name, value in values.items():
        TerraformOutput(scope, name, value=json.dumps(value, default=_plain))


def exposed(template: Template, name: str) -> Any:
    """The value of that name."""
    return json.loads(template.outputs[name]["value"])


def _plain(value: Any) -> Any:
    if isinstance(value, Statement):
        return value.as_dict()
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
