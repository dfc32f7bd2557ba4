"""A user's text reaches the container as it was written."""

from __future__ import annotations

import json

import pytest

from lib.components.text import literal
from tests.synthesis import template_of


@pytest.mark.parametrize(
    ("text", "written"),
    [("plain $HOME 5 % {x}", "plain $HOME 5 % {x}"), ("${A}:${B}", "$${A}:$${B}"), ("%{ if true }", "%%{ if true }")],
)
def test_what_terraform_would_evaluate_is_escaped(text: str, written: str) -> None:
    assert literal(text) == written


def test_a_service_s_own_texts_are_escaped_wherever_they_stand() -> None:
    # GIVEN a shell's variables in all places where a user may write text
    service = {
        "image": "ghcr.io/a/b:1",
        "command": ["sh", "-c", "serve ${PORT}"],
        "container_health_check": {"command": "curl -f localhost:${PORT}"},
        "environment": {"TEMPLATE": "%{x} ${y}"},
    }
    template = template_of({"services": {"api": service}, "secrets": {"application": {"description": "${z}"}}})
    # THEN Terraform reads none of them as its own, and the endpoints beside them still are references
    (container,) = json.loads(template.only("aws_ecs_task_definition")["container_definitions"])
    environment = {each["name"]: each["value"] for each in container["environment"]}
    assert container["command"] == ["sh", "-c", "serve $${PORT}"]
    assert container["healthCheck"]["command"] == ["CMD-SHELL", "curl -f localhost:$${PORT}"]
    assert environment["TEMPLATE"] == "%%{x} $${y}"
    assert environment["DATABASE_HOST"].startswith("${aws_db_instance.")
    assert [each["description"] for each in template.all("aws_secretsmanager_secret")].count("$${z}") == 1
