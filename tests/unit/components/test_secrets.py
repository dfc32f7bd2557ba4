"""Secrets: each test says what would leak or be lost if it failed."""

from __future__ import annotations

import pytest
from constructs import Construct

from lib.components.secrets import Secrets, read_statements
from lib.naming import Names
from lib.settings.data import Secret
from tests.template import Block, Template
from tests.unit.components.exposed import expose, exposed

KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/k"


DESCRIPTIONS = {"application": "Signs sessions", "webhook": "Signs webhooks", "spare": "Used by nobody"}


def build(recovery_days: int = 7) -> Template:
    def component(scope: Construct) -> None:
        secrets = Secrets(
            scope,
            "secrets",
            names=Names("shop", "dev-1"),
            secrets={
                name: Secret(description=description, length=64 if name == "webhook" else 32)
                for name, description in DESCRIPTIONS.items()
            },
            key_arn=KEY_ARN,
            recovery_days=recovery_days,
        )
        expose(
            scope,
            arns=secrets.arns,
            two=secrets.execution_statements(["webhook", "application", "webhook"]),
            none=secrets.execution_statements([]),
        )

    return Template.of_components(component)


def arn(template: Template, name: str) -> str:
    return template.reference("aws_secretsmanager_secret", "arn", name=f"shop/dev-1/{name}")


def first_value(template: Template, name: str) -> Block:
    secret = template.reference("aws_secretsmanager_secret", "id", name=f"shop/dev-1/{name}")
    return template.only("aws_secretsmanager_secret_version", secret_id=secret)


def generator(template: Template, name: str) -> Block:
    """The ephemeral resource that the first value refers to."""
    reference = first_value(template, name)["secret_string_wo"]
    kind, label, attribute = reference.removeprefix("${ephemeral.").removesuffix("}").split(".")
    assert (kind, attribute) == ("aws_secretsmanager_random_password", "random_password")
    found: Block = template.document["ephemeral"][kind][label]
    return found


@pytest.fixture(scope="module")
def built() -> Template:
    return build()


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_there_is_a_secret_an_entry_under_the_key(built: Template, name: str) -> None:
    secret = built.only("aws_secretsmanager_secret", name=f"shop/dev-1/{name}")
    assert secret["description"] == DESCRIPTIONS[name]
    assert secret["kms_key_id"] == KEY_ARN
    assert secret["recovery_window_in_days"] == 7
    assert len(built.all("aws_secretsmanager_secret")) == 3


def test_a_recovery_window_of_zero_frees_the_name_at_once() -> None:
    secrets = build(recovery_days=0).all("aws_secretsmanager_secret")
    assert [secret["recovery_window_in_days"] for secret in secrets] == [0, 0, 0]


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_the_first_value_is_written_once_and_only_through_the_write_only_argument(built: Template, name: str) -> None:
    value = first_value(built, name)
    assert value["secret_string_wo_version"] == 1
    assert "secret_string" not in value
    assert "secret_binary" not in value


def test_each_secret_has_a_value_of_its_own(built: Template) -> None:
    values = [each["secret_string_wo"] for each in built.all("aws_secretsmanager_secret_version")]
    assert len(set(values)) == 3
    assert len(built.document["ephemeral"]["aws_secretsmanager_random_password"]) == 3


@pytest.mark.parametrize(("name", "length"), [("application", 32), ("webhook", 64), ("spare", 32)])
def test_the_first_value_has_the_length_of_the_settings_and_no_punctuation(
    built: Template, name: str, length: int
) -> None:
    assert generator(built, name) == {
        "password_length": length,
        "exclude_punctuation": True,
        "require_each_included_type": True,
    }


def test_no_resource_or_data_source_that_would_put_a_value_into_the_state(built: Template) -> None:
    assert set(built.document["resource"]) == {"aws_secretsmanager_secret", "aws_secretsmanager_secret_version"}
    assert "data" not in built.document


def test_exposes_the_arn_by_name(built: Template) -> None:
    assert exposed(built, "arns") == {name: arn(built, name) for name in DESCRIPTIONS}


def test_execution_may_read_exactly_the_secrets_used_each_named_once(built: Template) -> None:
    assert exposed(built, "two")[0] == {
        "Sid": "ReadSecrets",
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue"],
        "Resource": [arn(built, "application"), arn(built, "webhook")],
    }


def test_execution_may_use_the_key_through_secrets_manager_only(built: Template) -> None:
    assert exposed(built, "two")[1:] == [
        {
            "Sid": "DecryptSecrets",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": [KEY_ARN],
            "Condition": {"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}},
        }
    ]


def test_who_uses_no_secret_gets_no_permission(built: Template) -> None:
    assert exposed(built, "none") == []


def test_statements_are_named_after_what_they_are_for() -> None:
    found = read_statements("DatabaseSecret", secret_arns=["arn:s"], key_arn=KEY_ARN)
    assert [statement.sid for statement in found] == ["ReadDatabaseSecret", "DecryptDatabaseSecret"]
