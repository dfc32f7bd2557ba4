"""Secrets of the services: made at random in AWS, read by ECS when it starts a task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion
from constructs import Construct

from lib.components.policy import Statement
from lib.components.text import literal
from lib.naming import Kind, Names
from lib.settings.data import Secret

_RANDOM_PASSWORD = "aws_secretsmanager_random_password"


class Secrets(Construct):
    """A secret for each entry, with a first value that neither Python nor the state has ever seen.

    Secrets Manager makes the value in an ephemeral resource, a write-only argument passes it on, once: it is written
    again only when its version number changes, so what people or a rotation put there later stays.
    https://developer.hashicorp.com/terraform/language/resources/ephemeral/write-only (Terraform 1.11 and above)
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        secrets: Mapping[str, Secret],
        key_arn: str,
        recovery_days: int,
    ) -> None:
        """recovery_days: 0 or 7 to 30, in which a deletion can be taken back and the name is not free."""
        super().__init__(scope, id)
        self._names = names
        self._key_arn = key_arn
        self._recovery_days = recovery_days
        self.arns = {name: self._build_secret(name, secret) for name, secret in secrets.items()}

    def execution_statements(self, names: Iterable[str]) -> list[Statement]:
        """What ECS must be allowed to in order to inject these secrets."""
        arns = [self.arns[name] for name in sorted(set(names))]
        return read_statements("Secrets", secret_arns=arns, key_arn=self._key_arn)

    def _build_secret(self, name: str, settings: Secret) -> str:
        secret = SecretsmanagerSecret(
            self,
            name,
            name=self._names.of(Kind.SECRET, name),
            description=literal(settings.description),
            kms_key_id=self._key_arn,
            recovery_window_in_days=self._recovery_days,
        )
        SecretsmanagerSecretVersion(
            self,
            f"{name}_first_value",
            secret_id=secret.id,
            secret_string_wo=self._build_first_value(secret, settings.length),
            secret_string_wo_version=1,
        )
        return secret.arn

    def _build_first_value(self, secret: SecretsmanagerSecret, length: int) -> str:
        """Letters and digits only: nothing that a shell, a URL or a connection string would take for something else."""
        label = secret.friendly_unique_id
        # The bindings know no ephemeral resources.
        TerraformStack.of(self).add_override(
            f"ephemeral.{_RANDOM_PASSWORD}.{label}",
            {"password_length": length, "exclude_punctuation": True, "require_each_included_type": True},
        )
        return f"${{ephemeral.{_RANDOM_PASSWORD}.{label}.random_password}}"


def read_statements(what: str, *, secret_arns: Sequence[str], key_arn: str) -> list[Statement]:
    """Permission to read exactly these secrets, and to use their key through Secrets Manager alone."""
    if not secret_arns:
        return []
    return [
        Statement(sid=f"Read{what}", actions=["secretsmanager:GetSecretValue"], resources=secret_arns),
        Statement(
            sid=f"Decrypt{what}",
            actions=["kms:Decrypt"],
            resources=[key_arn],
            # In any region, as the key is in one only.
            condition={"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}},
        ),
    ]
