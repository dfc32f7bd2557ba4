"""Whole stacks for tests: a blueprint in a tier, or the default stack under other settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from cdktf import Testing

from lib.app import new_app
from lib.settings import Settings, load
from lib.tap_stack import TapStack
from tests.template import Template

BLUEPRINTS = ("catalog", "fleet", "lms", "payments", "transactions")
TIERS = ("dev", "staging", "prod")
ALL = [(blueprint, tier) for blueprint in BLUEPRINTS for tier in TIERS]


@cache
def synthesized(blueprint: str, tier: str) -> Template:
    """The template of a blueprint in a tier, as `make synth` writes it. Read only: it is shared between tests."""
    return Template.of_text(text_of(blueprint, tier))


@cache
def text_of(blueprint: str, tier: str) -> str:
    """The template's text; the state file lies where it does for `make synth`."""
    settings = load(tier, environ={"TAP_BLUEPRINT": blueprint})
    app = new_app(outdir=f"cdktf.out/{blueprint}-{tier}")
    stack = TapStack(app, f"TapStack{tier}", environment_suffix=tier, settings=settings)
    return str(Testing.synth(stack, True))


def template_of(
    overrides: Mapping[str, Any] | None = None,
    *,
    suffix: str = "dev",
    blueprint: str = "catalog",
    aws_region: str | None = None,
) -> Template:
    """The template of a blueprint under other settings."""
    environ = {"TAP_BLUEPRINT": blueprint}
    return stack_template(load(suffix, overrides=overrides, aws_region=aws_region, environ=environ))


def stack_template(settings: Settings) -> Template:
    stack = TapStack(new_app(), f"TapStack{settings.suffix}", environment_suffix=settings.suffix, settings=settings)
    return Template.of(stack)
