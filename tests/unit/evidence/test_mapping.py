"""The table of types: every row and every exception of it says something that the models have."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from lib.evidence.values import mapping
from lib.evidence.values.mapping import below, models
from tests.unit.evidence.kinds import used_kinds

TABLE: dict[str, dict[str, Any]] = tomllib.loads(Path(mapping.__file__).with_name("mapping.toml").read_text())
EXCEPTIONS = [
    pytest.param(kind, language, argument, member, id=f"{kind}-{language}-{argument}")
    for kind, row in TABLE.items()
    for language in ("api_names", "cfn_names")
    for argument, member in row.get(language, {}).items()
]


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_every_row_names_operations_and_types_that_there_are(kind: str) -> None:
    row = TABLE[kind]
    assert len(models(kind)) == len(row.get("api", ())) + ("cfn" in row)


@pytest.mark.parametrize(("kind", "language", "argument", "member"), EXCEPTIONS)
def test_every_exception_names_a_member_that_there_is(kind: str, language: str, argument: str, member: str) -> None:
    origin = {"api_names": "botocore", "cfn_names": "cfn-lint"}[language]
    told = [model for model in models(kind) if model.root.source.startswith(origin)]
    assert any(below(model.root, member.strip(".")) for model in told), argument


@pytest.mark.parametrize(("kind", "language", "argument", "member"), EXCEPTIONS)
def test_no_exception_says_what_the_names_say_already(kind: str, language: str, argument: str, member: str) -> None:
    origin = {"api_names": "botocore", "cfn_names": "cfn-lint"}[language]
    for model in models(kind):
        node = model.root if model.root.source.startswith(origin) else None
        owner = kind
        for name in argument.split("."):
            node = node.member(name, owner) if node else None
            node = (node.item() or node) if node and name != argument.rpartition(".")[2] else node
            owner = name
        exact = below(model.root, member.strip("."))
        assert node is None or exact is None or node.source != exact.source


def test_every_type_of_the_templates_has_a_row() -> None:
    assert used_kinds() - TABLE.keys() == set()


def test_a_type_without_a_row_has_no_model() -> None:
    assert models("aws_no_such_thing") == ()


def test_a_list_of_aws_s_is_entered() -> None:
    (api, _) = models("aws_cloudwatch_event_target")
    assert below(api.root, "RetryPolicy.MaximumRetryAttempts") is not None


def test_a_member_that_is_not_there_is_none() -> None:
    (api, _) = models("aws_ecs_service")
    assert below(api.root, "nonsense.more") is None


def test_an_operation_without_the_member_that_is_to_take_the_arguments_is_an_error() -> None:
    with pytest.raises(KeyError, match="Nonsense"):
        mapping._operation("ecs.CreateService:Nonsense")


def test_a_row_with_an_unknown_word_is_an_error() -> None:
    with pytest.raises(ValueError, match="operations"):
        mapping.Entry.model_validate({"operations": []})
