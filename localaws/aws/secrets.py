"""Secrets Manager: rotations that are set up and do not begin."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from moto.secretsmanager.models import SecretsManagerBackend

from localaws.aws.extending import Extension, Mended

_DAY_SECONDS = 24 * 3600


def _sets_up(original: Callable[..., str]) -> Callable[..., str]:
    """Moto rotates what has no value yet into an error; of what has one it keeps a version that was for a test, and the
    day as one of a rotation."""

    def rotate_secret(
        self: SecretsManagerBackend,
        *,
        secret_id: str,
        client_request_token: str | None = None,
        rotation_lambda_arn: str | None = None,
        rotation_rules: dict[str, Any] | None = None,
        rotate_immediately: bool = True,
    ) -> str:
        if rotate_immediately:
            return original(self, secret_id, client_request_token, rotation_lambda_arn, rotation_rules)
        secret: Any = self.secrets[secret_id]
        days = int((rotation_rules or {}).get("AutomaticallyAfterDays", secret.auto_rotate_after_days))
        secret.rotation_requested = secret.rotation_enabled = True
        secret.rotation_lambda_arn = rotation_lambda_arn or secret.rotation_lambda_arn
        secret.auto_rotate_after_days = days
        secret.next_rotation_date = int(time.time()) + days * _DAY_SECONDS
        return str(secret.to_short_dict())

    return rotate_secret


EXTENSIONS: Final[tuple[Extension, ...]] = (
    Mended(SecretsManagerBackend, "rotate_secret", _sets_up, "a secret without a value cannot be given a rotation"),
)
