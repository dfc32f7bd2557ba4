"""What a service's tasks are: the container, its logs, and the two roles, of ECS and of the application."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.ecs_task_definition import (
    EcsTaskDefinition,
    EcsTaskDefinitionRuntimePlatform,
    EcsTaskDefinitionVolume,
    EcsTaskDefinitionVolumeEfsVolumeConfiguration,
    EcsTaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfig,
)
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from lib.components.account import Account
from lib.components.container import FILES_VOLUME, SCRATCH_VOLUME, container_definition, has_read_only_root
from lib.components.file_storage import FileStorage
from lib.components.policy import Statement, distinct, document, trust
from lib.naming import Kind, Names
from lib.settings.services import Service as ServiceSettings

_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/(?P<repository>[^:@]+)"
)


class TaskDefinition(Construct):
    """One container on Fargate. `execution_role` is what ECS may do to start it, `task_role` what it may do itself.

    execution_statements, task_statements: what the two roles may do besides logging and pulling the image.
    files: mounted where `settings.mounts` says.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        names: Names,
        settings: ServiceSettings,
        account: Account,
        log_key_arn: str,
        environment: Mapping[str, str],
        secrets: Mapping[str, str],
        execution_statements: Sequence[Statement],
        task_statements: Sequence[Statement],
        files: FileStorage | None,
    ) -> None:
        super().__init__(scope, id)
        self._name = name
        self._names = names
        self._settings = settings
        self._account = account
        self._files = files
        self._log_group = self._build_log_group("application", log_key_arn)
        self._proxy_log_group = self._build_log_group("proxy", log_key_arn)
        self._execution_role = self._build_role("execution", f"ECS starts the tasks of {name}")
        self._task_role = self._build_role("task", f"The application {name}")
        self._policies = [
            *self._build_policy(
                "execution", self._execution_role, [*self._starting_statements(), *execution_statements]
            ),
            *self._build_policy("task", self._task_role, task_statements),
        ]
        self._task_definition = self._build_task_definition(environment, secrets)

    @property
    def arn(self) -> str:
        return self._task_definition.arn

    @property
    def task_role_arn(self) -> str:
        return self._task_role.arn

    @property
    def log_group_name(self) -> str:
        return self._log_group.name

    @property
    def proxy_log_group_name(self) -> str:
        return self._proxy_log_group.name

    @property
    def prerequisites(self) -> list[ITerraformDependable]:
        """What a task needs and the task definition does not speak of: a task without it does not start."""
        return [*self._policies, *(self._files.mount_targets if self._files else ())]

    def _build_log_group(self, part: str, log_key_arn: str) -> CloudwatchLogGroup:
        return CloudwatchLogGroup(
            self,
            f"{part}_log_group",
            name=self._names.of(Kind.LOG_GROUP, self._name, part),
            retention_in_days=self._settings.log_retention_days,
            kms_key_id=log_key_arn,
        )

    def _build_role(self, part: str, description: str) -> IamRole:
        return IamRole(
            self,
            f"{part}_role",
            name=self._names.of(Kind.IAM_ROLE, self._name, part),
            description=description,
            assume_role_policy=trust("ecs-tasks.amazonaws.com", account_id=self._account.id),
        )

    def _build_policy(self, part: str, role: IamRole, statements: Sequence[Statement]) -> list[IamRolePolicy]:
        if not statements:
            return []  # IAM takes no policy without a statement.
        name = self._names.of(Kind.IAM_ROLE, self._name, part)
        policy = document(*distinct(statements))
        return [IamRolePolicy(self, f"{part}_policy", name=name, role=role.id, policy=policy)]

    def _starting_statements(self) -> list[Statement]:
        logs = Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[f"{group.arn}:*" for group in (self._log_group, self._proxy_log_group)],
        )
        return [logs, *pull_statements(self._settings.image, self._account.partition)]

    def _build_task_definition(self, environment: Mapping[str, str], secrets: Mapping[str, str]) -> EcsTaskDefinition:
        settings = self._settings
        container = container_definition(
            settings,
            name=self._name,
            environment=environment,
            secrets=secrets,
            region=self._account.region,
            log_group_name=self.log_group_name,
        )
        family = self._names.of(Kind.TASK_FAMILY, self._name)
        return EcsTaskDefinition(
            self,
            "task_definition",
            family=family,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(settings.cpu),
            memory=str(settings.memory_mib),
            runtime_platform=EcsTaskDefinitionRuntimePlatform(
                cpu_architecture=settings.architecture, operating_system_family="LINUX"
            ),
            execution_role_arn=self._execution_role.arn,
            task_role_arn=self.task_role_arn,
            container_definitions=json.dumps([container]),
            volume=self._volumes() or None,
            # A new revision replaces the old one, and ECS lets no service go back to one that is deregistered:
            # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
            skip_destroy=True,
            tags={"Name": family},
        )

    def _volumes(self) -> list[EcsTaskDefinitionVolume]:
        volumes = []
        if self._settings.mounts:
            volumes.append(self._files_volume())
        if has_read_only_root(self._settings):
            volumes.append(EcsTaskDefinitionVolume(name=SCRATCH_VOLUME))
        return volumes

    def _files_volume(self) -> EcsTaskDefinitionVolume:
        if self._files is None:
            raise ValueError(f"service {self._name} mounts files, and there are none")
        return EcsTaskDefinitionVolume(
            name=FILES_VOLUME,
            efs_volume_configuration=EcsTaskDefinitionVolumeEfsVolumeConfiguration(
                file_system_id=self._files.file_system_id,
                # Without root_directory: the access point says what the root is.
                # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSVolumeConfiguration.html
                transit_encryption="ENABLED",
                authorization_config=EcsTaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfig(
                    access_point_id=self._files.access_point_id, iam="ENABLED"
                ),
            ),
        )


def pull_statements(image: str | None, partition: str) -> list[Statement]:
    """What pulling the image takes: nothing for a public one, its own repository for one in ECR.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
    """
    match = _ECR_IMAGE.match(image or "")
    if match is None:
        return []
    account, region, repository = match["account"], match["region"], match["repository"]
    return [
        # AWS has no narrower resource for this one.
        Statement(sid="SignInToRegistry", actions=["ecr:GetAuthorizationToken"], resources=["*"]),
        Statement(
            sid="PullImage",
            actions=["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
            resources=[f"arn:{partition}:ecr:{region}:{account}:repository/{repository}"],
        ),
    ]
