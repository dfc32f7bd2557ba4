"""The users that services and fleets sign in to the database as, and the rotation of their password.

Two users take turns: docs/adr/0036-rotation-of-the-database-password.md. What is done in the database itself, and when,
says lib/functions/rotation/handler.py.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from cdktf_cdktf_provider_aws.lambda_invocation import LambdaInvocation
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_rotation import (
    SecretsmanagerSecretRotation,
    SecretsmanagerSecretRotationRotationRules,
)
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from lib.components.access import Access
from lib.components.account import Account
from lib.components.alarms import Alarm
from lib.components.connections import Peer
from lib.components.function import Function
from lib.components.ordering import once_there, start_after
from lib.components.policy import Statement
from lib.components.postgres import PART as DATABASE
from lib.components.postgres import Postgres
from lib.components.secrets import read_statements
from lib.naming import Kind, Names
from lib.settings.base import LogRetentionDays
from lib.settings.compute import Function as FunctionSettings

PART = "rotation"
SOURCE = "lib/functions/rotation"
_SECRETS_MANAGER = "secretsmanager.amazonaws.com"
_TIMEOUT_SECONDS = 60
"""A start in the VPC, a few statements and a few calls take a tenth of it."""


class PasswordRotation(Construct):
    """A secret for the applications, and the function that makes its users and rotates their password.

    The function needs the way out of the network and its open ports before it is called first: see `prepare_after`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        names: Names,
        days: int,
        account: Account,
        database: Postgres,
        vpc_id: str,
        subnet_ids: Sequence[str],
        cluster_name: str | None,
        service_names: Sequence[str],
        key_arn: str,
        log_key_arn: str,
        log_retention_days: LogRetentionDays,
        recovery_days: int,
    ) -> None:
        """
        days: between two rotations.
        database: its key is that of the secret.
        subnet_ids: with a way out.
        cluster_name, service_names: the ECS services whose tasks are given the secret, replaced after each rotation.
        key_arn: of the function, as it wants it (lib/components/function.py).
        recovery_days: 0 or 7 to 30, in which a deletion of the secret can be taken back and its name is not free.
        """
        super().__init__(scope, id)
        self._names = names
        self._account = account
        self._database = database
        self._service_names = service_names
        self._cluster_name = cluster_name
        self._secret = self._build_secret(recovery_days)
        security_group = self._build_security_group(vpc_id)
        self.peer = Peer(PART, security_group.id)
        self._function = self._build_function(subnet_ids, key_arn, log_key_arn, log_retention_days)
        self._preparation = self._build_preparation()
        self.secret_arn = once_there(self._secret.arn, [self._preparation.id])
        """The secret with `username` and `password`; whoever uses it waits until they sign in."""
        self._build_rotation(days)

    @property
    def function_name(self) -> str:
        return self._function.name

    @property
    def function_arn(self) -> str:
        return self._function.arn

    @property
    def log_group_name(self) -> str:
        return self._function.log_group_name

    def access(self) -> Access:
        """To the database, as one of its users."""
        return self._database.access(self.secret_arn)

    def prepare_after(self, *constructs: Construct) -> None:
        """Nothing is done in the database before all that is in `constructs` is there."""
        start_after(self._preparation, constructs)

    def alarms(self) -> list[Alarm]:
        """A rotation fails with its function. One invocation is enough: there are four a rotation.

        https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
        """
        return [
            self._alarm(
                "errors",
                "Errors",
                "The database's password was not rotated; the one in use goes on to work, and AWS tries again. The log"
                f" group {self._names.of(Kind.LOG_GROUP, PART, 'application')} says why, at level ERROR. When that is"
                " mended: aws secretsmanager rotate-secret.",
            ),
            self._alarm(
                "throttles",
                "Throttles",
                "Lambda turns the rotation of the database's password away: the account's quota of concurrent"
                " invocations is used up. Raise it, or look for what uses it, then: aws secretsmanager rotate-secret.",
            ),
        ]

    def _alarm(self, role: str, metric: str, why: str) -> Alarm:
        return Alarm(
            unit=PART,
            role=role,
            namespace="AWS/Lambda",
            metric=metric,
            statistic="Sum",
            threshold=0,
            period_seconds=300,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            dimensions={"FunctionName": self.function_name},
            why=why,
        )

    def _build_secret(self, recovery_days: int) -> SecretsmanagerSecret:
        """Without a value: the function makes the first, too."""
        return SecretsmanagerSecret(
            self,
            "secret",
            name=self._names.of(Kind.DATABASE_SECRET, DATABASE, "application"),
            description="User and password by which applications sign in to the database",
            kms_key_id=self._database.key_arn,
            recovery_window_in_days=recovery_days,
        )

    def _build_security_group(self, vpc_id: str) -> SecurityGroup:
        # No rules here: the stack opens the edges, so that the connection matrix reads in one place.
        return SecurityGroup(
            self,
            "security_group",
            name=self._names.of(Kind.SECURITY_GROUP, PART),
            vpc_id=vpc_id,
            description="The function that rotates the password of the database",
        )

    def _build_function(
        self, subnet_ids: Sequence[str], key_arn: str, log_key_arn: str, log_retention_days: LogRetentionDays
    ) -> Function:
        """Secrets Manager waits for its answers: there is no event to keep.

        https://docs.aws.amazon.com/lambda/latest/dg/with-secrets-manager.html
        """
        database = self._database.access(self._secret.arn)
        told = {name: database.environment[name] for name in ("DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME")}
        services = {"CLUSTER": self._cluster_name, "SERVICES": " ".join(self._service_names)}
        return Function(
            self,
            "function",
            name=PART,
            names=self._names,
            settings=FunctionSettings(
                source=SOURCE, timeout_seconds=_TIMEOUT_SECONDS, log_retention_days=log_retention_days
            ),
            account=self._account,
            key_arn=key_arn,
            log_key_arn=log_key_arn,
            queue_key_arn=None,
            environment={
                **told,
                **database.secret_references,
                "DATABASE_MASTER_SECRET_ARN": self._database.master_secret_arn,
                **{name: value for name, value in services.items() if value},
            },
            statements=[*self._secret_statements(), *self._service_statements()],
            subnet_ids=subnet_ids,
            security_group_ids=[self.peer.security_group_id],
        )

    def _secret_statements(self) -> list[Statement]:
        """https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html"""
        both = [self._secret.arn, self._database.master_secret_arn]
        return [
            *read_statements("DatabaseSecrets", secret_arns=both, key_arn=self._database.key_arn),
            Statement(
                sid="RotateDatabaseSecret",
                actions=[
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:UpdateSecretVersionStage",
                ],
                resources=[self._secret.arn],
            ),
            Statement(
                sid="EncryptDatabaseSecret",
                actions=["kms:GenerateDataKey"],
                resources=[self._database.key_arn],
                condition={"StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}},
            ),
        ]

    def _service_statements(self) -> list[Statement]:
        """By their names: the services wait for the secret, and cannot be waited for."""
        if not self._service_names:
            return []
        return [
            Statement(
                sid="ReplaceTasks",
                actions=["ecs:DescribeServices", "ecs:UpdateService"],
                resources=[
                    self._account.arn("ecs", f"service/{self._cluster_name}/{name}") for name in self._service_names
                ],
            )
        ]

    def _build_preparation(self) -> LambdaInvocation:
        """Once, and again for another database or secret. What is there already stays as it is."""
        return LambdaInvocation(
            self,
            "preparation",
            function_name=self._function.deployed_name,
            input=json.dumps({"Step": "prepare"}),
            triggers={"database": self._database.resource_id, "secret": self._secret.arn},
        )

    def _build_rotation(self, days: int) -> None:
        permission = LambdaPermission(
            self,
            "permission",
            statement_id="SecretsManager",
            action="lambda:InvokeFunction",
            function_name=self._function.deployed_name,
            principal=_SECRETS_MANAGER,
            # https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
            source_arn=self._secret.arn,
            source_account=self._account.id,
        )
        SecretsmanagerSecretRotation(
            self,
            "rotation",
            # From the preparation: a rotation begins with a user that is there.
            secret_id=self.secret_arn,
            rotation_lambda_arn=self.function_arn,
            # The first in `days`: a deployment would otherwise begin one while tasks start.
            rotate_immediately=False,
            rotation_rules=SecretsmanagerSecretRotationRotationRules(automatically_after_days=days),
            depends_on=[permission],
        )
